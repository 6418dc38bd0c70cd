/* A transport and a protocol that play what a test says, on virtual time. */
#ifndef OTADFU_TESTS_FAKE_WORLD_H
#define OTADFU_TESTS_FAKE_WORLD_H

#include <otadfu/plugin.h>
#include <otadfu/protocol.h>
#include <otadfu/transport.h>

enum { WORLD_DEVICES = 4, WORLD_STEPS = 12 };

/* One thing that advertises, from and until a time after open; until 0: for ever. */
struct world_device {
	struct otadfu_addr addr;
	const char *name;
	uint32_t mode;  /* what probe finds there; 0: the protocol does not know it */
	uint32_t tells; /* the mode its advertising tells; 0: none */
	uint32_t from_ms;
	uint32_t until_ms;
	int not_connectable;
	const char *firmware; /* its firmware revision; NULL: it has no such characteristic */
	uint8_t battery;      /* its battery level; 0: it has no such characteristic */
};

/* What one call of update or enter_bootloader does. */
struct world_step {
	int result;
	struct otadfu_next next;
	size_t push_bytes; /* in the data phase, before it ends */
	const char *says;  /* recorded with fail; NULL: nothing */
	int lose_link;
	int cancels;              /* the operator presses Ctrl-C in the middle of it */
	struct world_device then; /* what advertises from now on, alone; name NULL: as before */
	int beside;               /* not alone: in the place of the first device */
};

struct world {
	struct world_device devices[WORLD_DEVICES];
	size_t device_count;
	struct world_step enters[WORLD_STEPS];
	struct world_step updates[WORLD_STEPS];
	int connect_results[WORLD_STEPS]; /* of the first connections; then OTADFU_OK */
	int cancel_fd;                    /* written to by a step that cancels */
	int no_scan;                      /* this machine lacks what a scan takes */
	/* A scan lists what an address ever had: once told to be a bootloader, always. Filled
	 * beforehand where the low octet of an address was one yesterday. */
	int remembers;
	uint8_t was_bootloader[256];
	int read_result; /* of firmware revision and battery level */

	/* what happened */
	uint64_t open_ms;
	unsigned connects, races, enter_calls, update_calls, abort_calls, closes, disconnects;
	struct otadfu_addr last_connect;
	int abort_saw_cancel;
};

extern struct world world;
extern const struct otadfu_plugin world_plugin;        /* transport "world", protocol "fake" */
extern const struct otadfu_plugin world_blind_plugin;  /* the same, but it cannot scan */
extern const struct otadfu_plugin world_racing_plugin; /* nor can this, but it can race */

struct otadfu_addr world_addr(uint8_t low);

#endif
