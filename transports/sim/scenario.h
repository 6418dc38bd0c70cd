/* What a scenario file says: the simulated world before anything happens. Keys: README.md. */
#ifndef OTADFU_SIM_SCENARIO_H
#define OTADFU_SIM_SCENARIO_H

#include "device.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { SCENARIO_MESSAGE_MAX = 640, SCENARIO_DEVICES_MAX = 1000, PACKETS_PER_EVENT_MAX = 64 };

/* Each happens once; 0: never. Writes and packets are counted from 1 over all connections. */
struct scenario_faults {
	uint32_t cut_after_writes;       /* the link drops at that write of any kind */
	uint32_t power_cut_after_writes; /* the device loses power for a moment there */
	uint32_t lose_packet;            /* that write command never arrives */
	uint32_t corrupt_packet;         /* that write command arrives with a bit changed */
	uint32_t ignore_requests_after;  /* from then on no request is answered: for ever */
};

struct scenario_device {
	/* Points into the members below. */
	struct device_config config;
	char *name;
	char *sdk;
	char *firmware;
	uint8_t *application;
	int16_t rssi_dbm;
	uint32_t visible_after_ms;
	struct scenario_faults faults;
};

enum scenario_clock { SCENARIO_VIRTUAL = 0, SCENARIO_REAL };

struct scenario {
	int clock;       /* enum scenario_clock */
	char *state_dir; /* NULL: nothing is kept */
	uint32_t interval_us;
	uint32_t packets_per_event;
	struct scenario_device *devices;
	size_t device_count;
};

/*
 * OTADFU_E_CONFIG and one line in message ("file:line:column: what was expected"), or
 * OTADFU_E_NOMEM. Files that it names are read relative to it. Caller frees *ret_scenario.
 */
int scenario_read(const char *path, struct scenario **ret_scenario,
		  char message[SCENARIO_MESSAGE_MAX]);
/* One device with the test service of CONFORMANCE.md, all else as in a scenario that says no more.
 * OTADFU_E_NOMEM. */
int scenario_conformance(const struct otadfu_addr *address, struct scenario **ret_scenario);

void scenario_free(struct scenario *scenario);

#endif
