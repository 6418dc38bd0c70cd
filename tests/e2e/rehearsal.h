/* otadfu over hci against otadfu-peripheral: two processes, each with a virtual controller. */
#ifndef OTADFU_E2E_REHEARSAL_H
#define OTADFU_E2E_REHEARSAL_H

#include "sim.h"

struct rehearsal {
	const struct rehearsal_plan *plan;
	struct sim sim; /* the device's scenario, and where its state is */
	struct run *radio;
	struct run *peripheral;
	char *endpoint; /* of a controller, for --adapter and --hci */
};

/* Of a test that plans it: what of it was begun is ended, whether the test went well or not. device
 * as for sim_new. */
struct rehearsal_plan {
	void (*begin)(struct rehearsal *rehearsal, const char *device);
	const char *device;
	const char *protocol; /* "legacy" or "secure" */
	const char *address;  /* where the device is before the update */
};

/* Setup and teardown of a cmocka test whose initial state is the plan: *state is the rehearsal. */
int rehearsal_setup(void **state);
int rehearsal_teardown(void **state);

/* begin of a plan. On the virtual air of tests/air: each host gets a controller with extended
 * commands. On btvirt: its controllers know legacy commands alone; skips the test, and says why,
 * where it cannot be had. */
void rehearsal_on_air(struct rehearsal *rehearsal, const char *device);
void rehearsal_on_btvirt(struct rehearsal *rehearsal, const char *device);

/* NAME.zip with NAME.bin for an application; random "SIZE:SEED". Caller frees. */
char *rehearsal_package(const struct rehearsal *rehearsal, const char *random, const char *name);

/* The device is on the air from now on. */
void rehearsal_begin(struct rehearsal *rehearsal);

/* `otadfu update PACKAGE -a ADDRESS ...` over hci, under way. */
struct run *rehearsal_update(const struct rehearsal *rehearsal, const char *package,
			     const char *address);

/* The device runs the image of that name. Its state is written a moment later. */
void assert_rehearsal_runs(const struct rehearsal *rehearsal, const char *image);

#endif
