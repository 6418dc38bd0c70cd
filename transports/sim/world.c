#include "world.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ADDRESS_UNKNOWN = 255, TEXT_MAX = SCENARIO_MESSAGE_MAX, MTU_AT_FIRST = 23 };

enum { ADVERTISING_MS = 25, SCAN_MS = 100 };

int world_fail(struct otadfu_ctx *ctx, int code, int32_t detail, const char *format, ...)
{
	char text[TEXT_MAX];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	return ctx->host->fail(ctx, code, detail, text);
}

static uint64_t now_us(struct otadfu_ctx *ctx)
{
	return ctx->host->now_ms(ctx) * 1000;
}

void world_run(struct otadfu_ctx *ctx, struct station *station, struct link *link)
{
	char text[TEXT_MAX];

	station_run(station, link, now_us(ctx));
	if (station_save(station) == 0)
		return;
	snprintf(text, sizeof(text), "%s: the device's state was not written: %s",
		 station->state.dir, strerror(errno));
	ctx->host->log(ctx, OTADFU_LOG_WARN, text);
}

/* --- open and close --- */

static void free_world(struct otadfu_adapter *world)
{
	for (size_t i = 0; i < world->station_count; i++)
		station_close(&world->stations[i]);
	pthread_mutex_destroy(&world->lock);
	scenario_free(world->scenario);
	free(world->stations);
	free(world);
}

static int fail_station(struct otadfu_ctx *ctx, const struct scenario *scenario, size_t place,
			int reason)
{
	char problem[STATION_PROBLEM_MAX];
	int code = station_explain(&scenario->devices[place], scenario->state_dir, reason, problem);

	return world_fail(ctx, code, reason, "%s", problem);
}

static int populate(struct otadfu_ctx *ctx, struct otadfu_adapter *world)
{
	const struct scenario *scenario = world->scenario;

	world->stations = calloc(scenario->device_count, sizeof(*world->stations));
	if (!world->stations)
		return OTADFU_E_NOMEM;
	for (size_t i = 0; i < scenario->device_count; i++) {
		world->station_count++;
		if (station_open(&world->stations[i], &scenario->devices[i], scenario->state_dir,
				 now_us(ctx)) < 0)
			return fail_station(ctx, scenario, i, errno);
	}
	return OTADFU_OK;
}

int world_open(struct otadfu_ctx *ctx, const char *path, struct otadfu_adapter **ret_world)
{
	char message[SCENARIO_MESSAGE_MAX] = "out of memory";
	struct otadfu_adapter *world;
	int result;

	if (!path || !*path)
		return world_fail(ctx, OTADFU_E_CONFIG, 0,
				  "sim needs a scenario: --adapter SCENARIO.yaml");
	world = calloc(1, sizeof(*world));
	if (!world)
		return OTADFU_E_NOMEM;
	pthread_mutex_init(&world->lock, NULL);
	result = scenario_read(path, &world->scenario, message);
	if (result != OTADFU_OK)
		world_fail(ctx, result, 0, "%s", message);
	else if (world->scenario->clock == SCENARIO_VIRTUAL)
		result = ctx->host->use_virtual_clock(ctx);
	if (result == OTADFU_OK)
		result = populate(ctx, world);
	if (result != OTADFU_OK) {
		free_world(world);
		return result;
	}
	*ret_world = world;
	return OTADFU_OK;
}

void world_close(struct otadfu_ctx *ctx, struct otadfu_adapter *world)
{
	for (size_t i = 0; i < world->station_count; i++) {
		world->stations[i].booted = true;
		world_run(ctx, &world->stations[i], NULL);
	}
	free_world(world);
}

/* --- connect --- */

static bool is_peer(const struct otadfu_addr *wanted, const struct otadfu_addr *seen)
{
	return memcmp(wanted->bytes, seen->bytes, sizeof(wanted->bytes)) == 0 &&
	       (wanted->type == ADDRESS_UNKNOWN || wanted->type == seen->type);
}

/* NULL: nobody advertises there now. Under lock. */
static struct station *find_station(struct otadfu_ctx *ctx, struct otadfu_adapter *world,
				    const struct otadfu_addr *peer)
{
	for (size_t i = 0; i < world->station_count; i++) {
		struct station *station = &world->stations[i];
		struct device_advert advert;

		world_run(ctx, station, NULL);
		if (station_advertises(station, now_us(ctx), &advert) && advert.connectable &&
		    is_peer(peer, &advert.addr))
			return station;
	}
	return NULL;
}

/* OTADFU_E_NOT_FOUND: nobody there yet. */
static int try_connect(struct otadfu_ctx *ctx, struct otadfu_adapter *world,
		       const struct otadfu_addr *peer, struct otadfu_link *link)
{
	const struct link_config config = { .interval_us = world->scenario->interval_us,
					    .packets_per_event =
						    world->scenario->packets_per_event };
	int result = OTADFU_E_NOT_FOUND;

	pthread_mutex_lock(&world->lock);
	link->station = find_station(ctx, world, peer);
	if (link->station) {
		link->link = station_connect(link->station, &config);
		result = link->link ? OTADFU_OK : OTADFU_E_NOMEM;
	}
	pthread_mutex_unlock(&world->lock);
	return result;
}

static uint32_t at_most(uint64_t left_ms, uint32_t most_ms)
{
	return left_ms < most_ms ? (uint32_t)left_ms : most_ms;
}

static int await_device(struct otadfu_ctx *ctx, struct otadfu_adapter *world,
			const struct otadfu_addr *peer, struct otadfu_link *link,
			uint64_t deadline_ms)
{
	int result = OTADFU_E_NOT_FOUND;

	while (result == OTADFU_E_NOT_FOUND) {
		uint64_t now_ms = ctx->host->now_ms(ctx);

		if (now_ms >= deadline_ms)
			return world_fail(ctx, OTADFU_E_TIMEOUT, 0,
					  "%s does not advertise; otadfu scan shows what does",
					  link->peer);
		/* It is heard when it advertises next, not at once. */
		result = ctx->host->sleep_ms(ctx, at_most(deadline_ms - now_ms, ADVERTISING_MS));
		if (result == OTADFU_OK)
			result = try_connect(ctx, world, peer, link);
	}
	return result;
}

int world_connect(struct otadfu_ctx *ctx, struct otadfu_adapter *world,
		  const struct otadfu_addr *peer, struct otadfu_link **ret_link,
		  uint64_t deadline_ms)
{
	struct otadfu_link *link = calloc(1, sizeof(*link));
	int result;

	if (!link)
		return OTADFU_E_NOMEM;
	link->world = world;
	link->mtu = MTU_AT_FIRST;
	address_text(peer, link->peer);
	result = await_device(ctx, world, peer, link, deadline_ms);
	if (result != OTADFU_OK) {
		free(link);
		return result;
	}
	*ret_link = link;
	return OTADFU_OK;
}

/* --- scan --- */

static bool hear(struct otadfu_ctx *ctx, struct otadfu_adapter *world, struct station *station,
		 struct device_advert *ret_advert)
{
	bool heard;

	pthread_mutex_lock(&world->lock);
	world_run(ctx, station, NULL);
	heard = station_advertises(station, now_us(ctx), ret_advert);
	pthread_mutex_unlock(&world->lock);
	return heard;
}

static int report(const struct station *station, const struct device_advert *advert,
		  otadfu_advert_fn *on_advert, void *user)
{
	struct otadfu_advert seen = { .size = sizeof(seen),
				      .addr = advert->addr,
				      .rssi_dbm = station->plan->rssi_dbm,
				      .data = advert->data,
				      .data_len = (uint16_t)advert->data_len };

	if (advert->connectable)
		seen.flags |= OTADFU_ADV_CONNECTABLE;
	if (advert->directed)
		seen.flags |= OTADFU_ADV_DIRECTED;
	return on_advert(user, &seen);
}

int world_scan(struct otadfu_ctx *ctx, struct otadfu_adapter *world, otadfu_advert_fn *on_advert,
	       void *user, uint64_t deadline_ms)
{
	int result = OTADFU_OK;

	while (result == OTADFU_OK) {
		uint64_t now_ms = ctx->host->now_ms(ctx);

		if (now_ms >= deadline_ms)
			break;
		result = ctx->host->sleep_ms(ctx, at_most(deadline_ms - now_ms, SCAN_MS));
		for (size_t i = 0; i < world->station_count && result == OTADFU_OK; i++) {
			struct device_advert advert;

			if (hear(ctx, world, &world->stations[i], &advert))
				result = report(&world->stations[i], &advert, on_advert, user);
		}
	}
	return result;
}
