/*
 * A whole update, session and legacy client, over the sim transport on the virtual clock: what the
 * device and its link saw of it.
 */
#ifndef OTADFU_TESTS_LEGACY_AIR_H
#define OTADFU_TESTS_LEGACY_AIR_H

#include "device.h"
#include "session.h"

#include <stdint.h>

enum { AIR_IMAGE_MAX = 0x60000, AIR_NOTES_MAX = 4096, AIR_OPTIONS_MAX = 6 };

enum air_package { AIR_APPLICATION = 0, AIR_SYSTEM, AIR_SYSTEM_AND_APPLICATION };

/* Members that are NULL or 0 stand for what is usual: SDK 11, nRF51, 12,000 bytes. */
struct air_plan {
	const char *sdk;
	const char *hardware;
	const char *bootloader;
	const char *device; /* more lines of the scenario's device: "    bank: single\n" */
	const char *link;   /* "{ interval_ms: 7.5, packets_per_event: 11 }" */
	const char *options[AIR_OPTIONS_MAX]; /* "legacy.receipts=4" */
	enum air_package package;
	size_t image_len;         /* of the application */
	uint16_t device_type;     /* of the init packet */
	uint16_t device_revision; /* likewise */
	unsigned format;          /* 5: of the init packet, 0.5 */
	bool wrong_crc;
};

struct air {
	struct session_result result;
	char notes[AIR_NOTES_MAX];
	/* Of the device. */
	struct device_counters counters;
	bool whole;             /* it holds the images byte for byte, activated */
	size_t application_len; /* that it could start; 0: it cannot */
	/* Of the link, over all connections. */
	unsigned writes; /* of any kind: requests, packets, subscriptions */
	unsigned starts, resets, questions, activations;
	unsigned receipts; /* that were asked for last: packets between two */
	size_t longest_packet;
	uint64_t data_bytes;
	uint64_t first_wait_ms; /* from the first Start to the first byte of the image */
	uint64_t settle_ms;     /* from the last connection to its Start */
};

/* state: the scratch directory of the test (scratch.h). */
void air_run(void *const *state, const struct air_plan *plan, struct air *ret_air);

/* The same, and it must have ended well. */
void air_update(void *const *state, const struct air_plan *plan, struct air *ret_air);

#endif
