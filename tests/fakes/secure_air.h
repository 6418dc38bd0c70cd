/*
 * A whole update, session and secure client, over the sim transport on the virtual clock: what the
 * device and its link saw of it.
 */
#ifndef OTADFU_TESTS_SECURE_AIR_H
#define OTADFU_TESTS_SECURE_AIR_H

#include "device.h"
#include "session.h"

#include <stdint.h>

enum { AIR_IMAGE_MAX = 0x20000, AIR_NOTES_MAX = 2048, AIR_OPTIONS_MAX = 4 };

/* Members that are NULL or 0 stand for what is usual. */
struct air_plan {
	const char *sdk;
	const char *hardware;
	const char *device; /* more lines of the scenario's device: "    mtu: 23\n" */
	const char *link;   /* "{ interval_ms: 7.5, packets_per_event: 11 }" */
	const char *options[AIR_OPTIONS_MAX]; /* "secure.receipts=4" */
	uint32_t kind;                        /* OTADFU_IMAGE_* */
	size_t image_len;
	bool unpaced; /* the transport does not say that it holds packets back */
};

struct air {
	struct session_result result;
	char notes[AIR_NOTES_MAX];
	/* Of the device. */
	struct device_counters counters;
	bool whole; /* it holds the image byte for byte, activated */
	/* Of the link, over all connections. */
	unsigned writes; /* of any kind: requests, packets, subscriptions */
	unsigned init_creates, data_creates, executes, aborts, names_set;
	uint64_t init_bytes, data_bytes;
	/* Data bytes when the first connection to the bootloader ended. */
	uint64_t first_data_bytes;
	char name[32]; /* that was set */
};

/* state: the scratch directory of the test (scratch.h). */
void air_run(void *const *state, const struct air_plan *plan, struct air *ret_air);

/* The same, and it must have ended well. */
void air_update(void *const *state, const struct air_plan *plan, struct air *ret_air);

#endif
