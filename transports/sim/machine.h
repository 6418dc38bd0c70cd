/* What device.c, power.c, server.c and application.c share of one device; private to them. */
#ifndef OTADFU_SIM_MACHINE_H
#define OTADFU_SIM_MACHINE_H

#include "application.h"
#include "firmware.h"

enum { ATTRIBUTES_MAX = DEVICE_ATTRIBUTES_MAX, MTU_MIN = 23, MTU_OVERHEAD = 3 };

enum restart {
	RESTART_NONE = 0,
	RESTART_JUMP,  /* from one program to the other without a chip reset */
	RESTART_START, /* the chip starts: power, or a test wants it */
	RESTART_RESET  /* the chip resets itself */
};

struct connection {
	bool alive;
	uint16_t mtu;
	uint16_t cccd[ATTRIBUTES_MAX];
	uint16_t unconfirmed; /* handle of the indication under way; 0: none */
	uint64_t held_until_us;
	uint8_t drop_reason; /* when the timer drop fires */
};

struct device {
	struct device_config config;
	struct device_observer observer;
	struct timeline timeline;
	struct flash *flash;
	bool fresh; /* flash was never provisioned */
	struct device_counters counters;

	/* power.c */
	unsigned depth;       /* calls into the device in progress */
	enum restart restart; /* to be done when the outermost of them ends */
	uint8_t gpregret;
	bool peer_data;
	void *ram;
	uint64_t spent_us; /* by the boot in progress */
	struct timer boot;
	struct timer later;      /* of what runs */
	enum device_mode chosen; /* by boot: what runs when its time is over */
	enum device_mode mode;
	struct firmware_start program; /* what runs, or will */
	bool silent;                   /* it stopped advertising */
	uint64_t inactivity_us;        /* when that timer fires; UINT64_MAX: not armed */
	bool cpu_held;

	struct connection connection; /* server.c */
	struct timer drop;
	struct application application;
};

/* Every call from outside stands between these two: a restart waits for the second. */
void device_begin(struct device *device);
void device_end(struct device *device);

/* Between two things that happen in one call: the restart that the first asked for. */
void device_restart_if_due(struct device *device);

/* The connection is gone, whatever became of it. */
void device_forget_connection(struct device *device);

/* NULL: nothing runs yet. */
const struct firmware_ops *device_running(const struct device *device);

#endif
