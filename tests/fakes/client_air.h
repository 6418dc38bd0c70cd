/*
 * A whole update, session and client, over the sim transport on the virtual clock: what the device
 * and its link saw of it. The client is that of the air linked in: legacy_air or secure_air.
 */
#ifndef OTADFU_TESTS_CLIENT_AIR_H
#define OTADFU_TESTS_CLIENT_AIR_H

#include "device.h"
#include "init_encode.h"
#include "session.h"

#include <otadfu/plugin.h>
#include <stdint.h>

enum { AIR_IMAGE_MAX = 0x60000, AIR_NOTES_MAX = 4096, AIR_OPTIONS_MAX = 6, AIR_NEVER = 1000000 };

/* A system is a SoftDevice with a bootloader, in one image. */
enum air_package { AIR_APPLICATION = 0, AIR_SYSTEM, AIR_SYSTEM_AND_APPLICATION };

/* What a SoftDevice's information structure says (packages-and-init-packets.md 4). */
struct air_softdevice {
	uint16_t fwid;
	uint32_t id;
	uint32_t version; /* major * 1000000 + minor * 1000 + patch */
	uint32_t end;     /* where applications start */
};

/* Members that are NULL or 0 stand for what is usual: 12,000 bytes of application. */
struct air_plan {
	const char *sdk;
	const char *hardware;
	const char *bootloader;
	const char *device; /* more lines of the scenario's device: "    mtu: 23\n" */
	const char *link;   /* "{ interval_ms: 7.5, packets_per_event: 11 }" */
	const char *options[AIR_OPTIONS_MAX]; /* "secure.receipts=4" */
	enum air_package package;
	size_t image_len;                        /* of the application */
	const struct air_softdevice *softdevice; /* the one sent */
	bool forgets_subscriptions;              /* the device, the first one of each connection */
	bool unpaced; /* the transport does not say that it holds packets back */

	/* Of a legacy init packet. */
	uint16_t device_type;
	uint16_t device_revision;
	unsigned format; /* 5: 0.5 */
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
	uint64_t data_bytes;
	uint64_t first_data_bytes; /* when the first connection to carry any had ended */
	uint64_t connected_ms;     /* since when the last one stands */
	uint8_t packets;           /* what they are: the object, or the op, that was begun last */

	/* Of a legacy client. */
	unsigned starts, resets, questions, activations;
	unsigned receipts; /* that were asked for last: packets between two */
	size_t longest_packet;
	uint64_t started_ms;
	uint64_t first_wait_ms; /* from the first Start to the first byte of the image */
	uint64_t settle_ms;     /* from the last connection to its Start */

	/* Of a secure client. */
	unsigned init_creates, data_creates, executes, aborts, names_set;
	uint64_t init_bytes;
	char name[32]; /* that was set */
};

/* What the two kinds of air bring; air_client is the one linked in. */
struct air_client {
	const struct otadfu_plugin *plugin;
	enum initpacket_kind kind;
	const char *sdk, *hardware, *bootloader; /* usual */
	const char *device;                      /* lines of every scenario's device */
	struct air_softdevice softdevice;        /* usually sent */
	void (*encode_init)(const struct air_plan *plan, const struct otadfu_image *image,
			    struct init_bytes *ret_init);
	/* A write request that is about to go out, and a packet that the link has taken. */
	void (*note_request)(struct air *air, uint64_t now_ms, const uint8_t *data, size_t len);
	void (*note_packet)(struct air *air, uint64_t now_ms, size_t len);
};

extern const struct air_client air_client;

/* state: the scratch directory of the test (scratch.h). */
void air_run(void *const *state, const struct air_plan *plan, struct air *ret_air);

/* The same, and it must have ended well. */
void air_update(void *const *state, const struct air_plan *plan, struct air *ret_air);

/* The same with one more fault: after so many writes, or AIR_NEVER; "cut_after_writes". */
void air_update_with(void *const *state, const struct air_plan *plan, const char *fault,
		     unsigned writes, struct air *ret_air);

#endif
