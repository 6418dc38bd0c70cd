/* The radio of a simulated world: its devices, one lock around them, and the time they share. */
#ifndef OTADFU_SIM_WORLD_H
#define OTADFU_SIM_WORLD_H

#include "address.h"
#include "scenario.h"
#include "station.h"

#include <otadfu/transport.h>
#include <pthread.h>

struct otadfu_adapter {
	struct scenario *scenario;
	/* Held for memory, and for the state folders that must show one instant; never asleep. */
	pthread_mutex_t lock;
	struct station *stations;
	size_t station_count;
};

struct otadfu_link {
	struct otadfu_adapter *world;
	struct station *station;
	struct link *link;
	uint16_t mtu;                                /* in force */
	struct otadfu_chr list[LINK_ATTRIBUTES_MAX]; /* found by discover */
	size_t list_len;
	uint32_t subscribed; /* a bit for each of list */
	char peer[ADDRESS_TEXT_SIZE];
};

/* Records why and returns code. */
int world_fail(struct otadfu_ctx *ctx, int code, int32_t detail, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

/* Under lock: lets the time of one station pass up to now and keeps its folder up to date. */
void world_run(struct otadfu_ctx *ctx, struct station *station, struct link *link);

int world_open(struct otadfu_ctx *ctx, const char *path, struct otadfu_adapter **ret_world);
void world_close(struct otadfu_ctx *ctx, struct otadfu_adapter *world);
int world_connect(struct otadfu_ctx *ctx, struct otadfu_adapter *world,
		  const struct otadfu_addr *peer, struct otadfu_link **ret_link,
		  uint64_t deadline_ms);
int world_scan(struct otadfu_ctx *ctx, struct otadfu_adapter *world, otadfu_advert_fn *on_advert,
	       void *user, uint64_t deadline_ms);

#endif
