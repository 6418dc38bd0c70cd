/* Simulated devices side by side, and a package for one of them. */
#ifndef OTADFU_E2E_CROWD_H
#define OTADFU_E2E_CROWD_H

#include "sim.h"

#define CROWD_BEFORE "C0:FF:EE:00:00:00"
#define CROWD_OURS   SIM_ADDRESS
#define CROWD_AFTER  "C0:FF:EE:00:00:02"

/* A device's lines of a scenario; "bootloader" and what else is particular follow. */
#define CROWD_DEVICE(address) "  - address: " address "\n    name: Thermo\n"
#define CROWD_SECURE          "    hardware: nrf52840\n    bootloader: secure\n    sdk: \"17.1\"\n"
/* Its bootloader advertises at the next address, or at its own. */
#define CROWD_LEGACY_NEXT "    hardware: nrf51822\n    bootloader: legacy\n    sdk: \"11\"\n"
#define CROWD_LEGACY_SAME "    hardware: nrf51822\n    bootloader: legacy\n    sdk: \"7\"\n"
#define CROWD_IN_DFU_MODE "    mode: bootloader\n"

enum { CROWD_MAX = 4 };

struct crowd {
	struct sim sim;
	char *package;
	uint8_t *image; /* of package */
	size_t image_len;
	char *folders[CROWD_MAX];    /* of the devices, in the scenario's order */
	uint8_t *flashes[CROWD_MAX]; /* as they were at first */
	size_t flash_lens[CROWD_MAX];
	size_t count;
};

/* devices: CROWD_DEVICE(...) and more lines, for each. protocol: "secure" or "legacy". */
struct crowd crowd_new(const char *devices, const char *protocol);
void crowd_remove(struct crowd *crowd);

/* `otadfu update` or another command with the package, on the crowd, with --json; more: words. */
struct run_result crowd_run(const struct crowd *crowd, const char *command,
			    const char *const *more);
#define crowd_update(crowd, ...)                                                                   \
	crowd_run(crowd, "update", (const char *const[]){ "-a", CROWD_OURS, __VA_ARGS__, NULL })

/* Each of these fails the test, with what run said, when it is not so. */
void assert_ended(const struct run_result *run, int status);
void assert_runs(const struct crowd *crowd, const char *address);
/* Not a byte of its flash has changed. */
void assert_unchanged(const struct crowd *crowd, const char *address);
void assert_all_unchanged(const struct crowd *crowd);

#endif
