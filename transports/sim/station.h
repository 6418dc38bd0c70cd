/* One device of a simulated world: with its place in time, its link, its faults and its folder. */
#ifndef OTADFU_SIM_STATION_H
#define OTADFU_SIM_STATION_H

#include "link.h"
#include "scenario.h"
#include "state.h"

#include <stdbool.h>
#include <stdint.h>

enum { STATION_APPLICATION_LEN = 4096, STATION_PROBLEM_MAX = 640 };

struct station {
	const struct scenario_device *plan;
	struct device *device;
	struct link *link; /* attached; borrowed; NULL: none */
	struct device_observer listener;
	uint64_t offset_us; /* of the world's clock against the device's */
	uint64_t born_us;   /* by the world's clock */
	struct faults faults;
	struct state state;
	bool booted; /* since its folder was written */
	bool parted; /* a link ended since then */
	uint8_t generated[STATION_APPLICATION_LEN];
};

/*
 * Makes the device, which was switched on before now and is up. state_dir NULL: in memory.
 * Negative with errno on failure; close it in any case.
 */
int station_open(struct station *station, const struct scenario_device *plan, const char *state_dir,
		 uint64_t now_us);
void station_close(struct station *station);

/* Why it failed, by its errno, in words for a person; returns OTADFU_E_*. */
int station_explain(const struct scenario_device *plan, const char *state_dir, int reason,
		    char problem[STATION_PROBLEM_MAX]);

/* What leaves the device goes there from now on, where no link of station_connect takes it. */
void station_listen(struct station *station, const struct device_observer *listener);

/* A connection that was no link of station_connect has ended: its folder is to be written. */
void station_part(struct station *station);

/* Lets its time pass, and that of a link which it may have lost already; link may be NULL. */
void station_run(struct station *station, struct link *link, uint64_t now_us);

/* When that is worth while again, as link_next_us for the link; link NULL: for the device alone. */
uint64_t station_next_us(const struct station *station, const struct link *link);

/* After station_run: writes what changed to its folder. Negative with errno on failure. */
int station_save(struct station *station);

bool station_advertises(const struct station *station, uint64_t now_us,
			struct device_advert *ret_advert);

/* NULL: out of memory, or it does not advertise. The caller closes it by station_disconnect. */
struct link *station_connect(struct station *station, const struct link_config *config);
void station_disconnect(struct station *station, struct link *link);

#endif
