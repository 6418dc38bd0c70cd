#include "scan.h"

#include "bluezdev.h"
#include "dbusscan.h"
#include "remote.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_MS = 5000, CONNECTED_MAX = 64 };

struct survey {
	char prefix[BLUEZADAPTER_PATH_MAX]; /* "/org/bluez/hci0/" */
	struct bluezdev devices[CONNECTED_MAX];
	struct remote remotes[CONNECTED_MAX]; /* the same ones */
	size_t count;
	otadfu_advert_fn *on_advert;
	void *user;
};

static int take_device(void *user, const char *path, const char *interface, sd_bus_message *message)
{
	struct survey *survey = user;
	struct bluezdev *device = &survey->devices[survey->count];

	if (survey->count == CONNECTED_MAX || strcmp(interface, BLUEZ_DEVICE) != 0 ||
	    strncmp(path, survey->prefix, strlen(survey->prefix)) != 0 ||
	    strlen(path) >= BLUEZDEV_PATH_MAX)
		return sd_bus_message_skip(message, "a{sv}");
	bluezdev_init(device, path);
	snprintf(survey->remotes[survey->count++].path, REMOTE_PATH_MAX, "%s", path);
	return bluezdev_read(device, message);
}

static int report(const struct survey *survey, size_t index)
{
	const struct bluezdev *device = &survey->devices[index];
	const struct remote *remote = &survey->remotes[index];
	uint8_t data[BLUEZDEV_DATA_MAX];
	struct otadfu_advert advert;

	if (!remote->connected || !device->has_addr)
		return 0;
	bluezdev_advert(device, data, &advert);
	if (!remote_is_idle(remote)) {
		advert.data = NULL;
		advert.data_len = 0;
	}
	return survey->on_advert(survey->user, &advert);
}

static int read_all(struct survey *survey, sd_bus_message *objects)
{
	int r = bluezobj_read(objects, take_device, survey);

	for (size_t i = 0; i < survey->count && r >= 0; i++)
		r = remote_read(&survey->remotes[i], objects);
	return r;
}

static int report_all(struct survey *survey, struct bluezbus *bus, uint64_t deadline_ms)
{
	sd_bus_message *objects = NULL;
	int r = bluezobj_get(bus, deadline_ms, &objects);
	int error;

	if (r != OTADFU_OK)
		return r == OTADFU_E_TIMEOUT ? OTADFU_OK : r;
	error = read_all(survey, objects);
	if (error < 0)
		r = bluezobj_fail(bus, error);
	for (size_t i = 0; i < survey->count && r == OTADFU_OK; i++)
		r = report(survey, i);
	for (size_t i = 0; i < survey->count; i++)
		remote_clear(&survey->remotes[i]);
	sd_bus_message_unref(objects);
	return r;
}

static int report_connected(struct otadfu_ctx *ctx, const struct otadfu_adapter *adapter,
			    otadfu_advert_fn *on_advert, void *user, uint64_t deadline_ms)
{
	struct survey *survey = calloc(1, sizeof(*survey));
	struct bluezbus bus;
	int r;

	if (!survey)
		return OTADFU_E_NOMEM;
	survey->on_advert = on_advert;
	survey->user = user;
	snprintf(survey->prefix, sizeof(survey->prefix), "/org/bluez/%.48s/", adapter->name);
	r = bluezbus_open(&bus, ctx, adapter_instead, deadline_ms);
	if (r == OTADFU_OK)
		r = report_all(survey, &bus, deadline_ms);
	else if (r == OTADFU_E_TIMEOUT)
		r = OTADFU_OK;
	bluezbus_close(&bus);
	free(survey);
	return r;
}

int scan_run(struct otadfu_ctx *ctx, struct otadfu_adapter *adapter, otadfu_advert_fn *on_advert,
	     void *user, uint64_t deadline_ms)
{
	uint64_t first_ms = ctx->host->now_ms(ctx) + FIRST_MS;
	int r = adapter_await(ctx, adapter, deadline_ms);

	if (r != OTADFU_OK)
		return r;
	if (deadline_ms <= first_ms)
		return dbusscan_run(ctx, adapter->name, on_advert, user, deadline_ms);
	r = dbusscan_run(ctx, adapter->name, on_advert, user, first_ms);
	if (r == OTADFU_OK)
		r = report_connected(ctx, adapter, on_advert, user, deadline_ms);
	if (r == OTADFU_OK)
		r = dbusscan_run(ctx, adapter->name, on_advert, user, deadline_ms);
	return r;
}
