#include "dbusscan.h"

#include "bluezadapter.h"
#include "bluezdev.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	/*
	 * A discovery is begun anew this often. The kernel has the controller report each device
	 * once for each time it scans, and a device that comes back as something else may be taken
	 * for the same; and it ends after 10.24 s, whereupon bluetoothd pauses for 5 s.
	 */
	ROUND_MS = 5000,
	STOP_MS = 250,
	DEVICES_MAX = 1024
};

static const char without_bluetoothd[] = "give the device by its address";

struct scan {
	struct bluezbus bus;
	otadfu_advert_fn *on_advert;
	void *user;
	char adapter[BLUEZDEV_PATH_MAX];
	struct bluezdev *devices;
	size_t device_count;
	uint64_t heard_count;
	bool listening;
	int result; /* of what made the bus stop */
};

static void end_scan(struct scan *scan, int result)
{
	if (!scan->listening)
		return;
	scan->bus.stop = true;
	scan->result = result;
}

static bool is_device_path(const struct scan *scan, const char *path)
{
	size_t len = strlen(scan->adapter);

	return strncmp(path, scan->adapter, len) == 0 && path[len] == '/' &&
	       strlen(path) < BLUEZDEV_PATH_MAX;
}

static struct bluezdev *find_device(struct scan *scan, const char *path)
{
	for (size_t i = 0; i < scan->device_count; i++) {
		if (strcmp(scan->devices[i].path, path) == 0)
			return &scan->devices[i];
	}
	return NULL;
}

static struct bluezdev *oldest_device(struct scan *scan)
{
	struct bluezdev *oldest = &scan->devices[0];

	for (size_t i = 1; i < scan->device_count; i++) {
		if (scan->devices[i].last_heard < oldest->last_heard)
			oldest = &scan->devices[i];
	}
	return oldest;
}

/* A new one, if need be instead of the one that was silent the longest. NULL: out of memory. */
static struct bluezdev *add_device(struct scan *scan, const char *path)
{
	struct bluezdev *device = find_device(scan, path);
	struct bluezdev *grown;

	if (!device && scan->device_count == DEVICES_MAX)
		device = oldest_device(scan);
	if (!device) {
		grown = reallocarray(scan->devices, scan->device_count + 1, sizeof(*grown));
		if (!grown)
			return NULL;
		scan->devices = grown;
		device = &grown[scan->device_count++];
	}
	bluezdev_init(device, path);
	return device;
}

static void remove_device(struct scan *scan, const char *path)
{
	struct bluezdev *device = find_device(scan, path);

	if (device)
		*device = scan->devices[--scan->device_count];
}

static void report(struct scan *scan, struct bluezdev *device)
{
	uint8_t data[BLUEZDEV_DATA_MAX];
	struct otadfu_advert advert;
	int r;

	device->last_heard = ++scan->heard_count;
	if (!scan->listening || !device->has_addr)
		return;
	bluezdev_advert(device, data, &advert);
	r = scan->on_advert(scan->user, &advert);
	if (r != 0)
		end_scan(scan, r);
}

static int take_device(void *user, const char *path, const char *interface, sd_bus_message *message)
{
	struct scan *scan = user;
	struct bluezdev *device;

	if (strcmp(interface, BLUEZ_DEVICE) != 0 || !is_device_path(scan, path))
		return sd_bus_message_skip(message, "a{sv}");
	device = add_device(scan, path);
	return device ? bluezdev_read(device, message) : -ENOMEM;
}

/* A message that is not what its name says is passed over, as if it had not come. */
static int on_interfaces_added(sd_bus_message *signal, void *user, sd_bus_error *error)
{
	struct scan *scan = user;
	struct bluezdev *device;
	const char *path;

	(void)error;
	if (sd_bus_message_read(signal, "o", &path) <= 0 ||
	    bluezobj_read_interfaces(signal, path, take_device, scan) < 0)
		return 0;
	device = find_device(scan, path);
	if (device && device->heard)
		report(scan, device);
	return 0;
}

static int on_interfaces_removed(sd_bus_message *signal, void *user, sd_bus_error *error)
{
	struct scan *scan = user;
	const char *path;
	const char *interface;

	(void)error;
	if (sd_bus_message_read(signal, "o", &path) <= 0 ||
	    sd_bus_message_enter_container(signal, SD_BUS_TYPE_ARRAY, "s") < 0)
		return 0;
	while (sd_bus_message_read(signal, "s", &interface) > 0) {
		if (strcmp(interface, BLUEZ_DEVICE) == 0)
			remove_device(scan, path);
		if (strcmp(interface, BLUEZ_ADAPTER) == 0 && strcmp(path, scan->adapter) == 0)
			end_scan(scan, bluezbus_fail(&scan->bus, OTADFU_E_IO, ENODEV,
						     "the adapter %s is gone; was it unplugged?",
						     bluezobj_name(path)));
	}
	return 0;
}

static int on_device_changed(sd_bus_message *signal, void *user, sd_bus_error *error)
{
	struct scan *scan = user;
	struct bluezdev *device = find_device(scan, sd_bus_message_get_path(signal));

	(void)error;
	if (!device || sd_bus_message_skip(signal, "s") < 0)
		return 0;
	device->heard = false;
	if (bluezdev_read(device, signal) >= 0 && bluezdev_read_lost(device, signal) >= 0 &&
	    device->heard)
		report(scan, device);
	return 0;
}

static int on_adapter_changed(sd_bus_message *signal, void *user, sd_bus_error *error)
{
	struct scan *scan = user;
	struct bluezadapter adapter = { .powered = true };

	(void)error;
	if (strcmp(sd_bus_message_get_path(signal), scan->adapter) != 0 ||
	    sd_bus_message_skip(signal, "s") < 0 || bluezadapter_read(&adapter, signal) < 0 ||
	    adapter.powered)
		return 0;
	strcpy(adapter.path, scan->adapter);
	end_scan(scan, bluezadapter_fail_off(&scan->bus, &adapter));
	return 0;
}

static int read_known(struct scan *scan, const char *wanted, sd_bus_message *objects)
{
	struct bluezadapter adapter;
	int r = bluezadapter_choose(&scan->bus, wanted, objects, &adapter);

	if (r != OTADFU_OK)
		return r;
	strcpy(scan->adapter, adapter.path);
	r = bluezobj_read(objects, take_device, scan);
	return r < 0 ? bluezobj_fail(&scan->bus, r) : OTADFU_OK;
}

/* Watches first, and asks then: so nothing is missed in between. */
static int get_to_know(struct scan *scan, const char *wanted, uint64_t deadline_ms)
{
	static const struct {
		const char *rule;
		sd_bus_message_handler_t handler;
	} signals[] = {
		{ "interface='" BLUEZ_OBJECT_MANAGER "',member='InterfacesAdded'",
		  on_interfaces_added },
		{ "interface='" BLUEZ_OBJECT_MANAGER "',member='InterfacesRemoved'",
		  on_interfaces_removed },
		{ "interface='" BLUEZ_PROPERTIES "',member='PropertiesChanged',arg0='" BLUEZ_DEVICE
		  "'",
		  on_device_changed },
		{ "interface='" BLUEZ_PROPERTIES "',member='PropertiesChanged',arg0='" BLUEZ_ADAPTER
		  "'",
		  on_adapter_changed },
	};
	sd_bus_message *objects = NULL;
	int r = OTADFU_OK;

	for (size_t i = 0; r == OTADFU_OK && i < sizeof(signals) / sizeof(signals[0]); i++)
		r = bluezbus_watch(&scan->bus, signals[i].rule, signals[i].handler, scan);
	if (r == OTADFU_OK)
		r = bluezobj_get(&scan->bus, deadline_ms, &objects);
	if (r == OTADFU_OK)
		r = read_known(scan, wanted, objects);
	sd_bus_message_unref(objects);
	return r;
}

static sd_bus_message *new_call(struct scan *scan, const char *member)
{
	return bluezbus_new_call(&scan->bus, scan->adapter, BLUEZ_ADAPTER, member);
}

static int set_filter(struct scan *scan, uint64_t deadline_ms)
{
	sd_bus_message *call = new_call(scan, "SetDiscoveryFilter");

	/* A filter of any kind makes bluetoothd tell of each advertisement heard, and not only of
	 * those that are stronger or weaker by 8 dB. One by RSSI would too, but the kernel then
	 * drops those of unknown RSSI. */
	if (call && sd_bus_message_append(call, "a{sv}", 2, "Transport", "s", "le", "DuplicateData",
					  "b", 1) < 0)
		call = sd_bus_message_unref(call);
	return bluezbus_call(&scan->bus, call, deadline_ms, NULL);
}

/* OTADFU_E_TIMEOUT when it is over; any other result ends the scan. */
static int run_round(struct scan *scan, uint64_t deadline_ms)
{
	struct otadfu_ctx *ctx = scan->bus.ctx;
	uint64_t until_ms;
	int r;

	scan->listening = true;
	r = bluezbus_call(&scan->bus, new_call(scan, "StartDiscovery"), deadline_ms, NULL);
	until_ms = ctx->host->now_ms(ctx) + ROUND_MS;
	if (until_ms > deadline_ms)
		until_ms = deadline_ms;
	while (r == OTADFU_OK)
		r = bluezbus_step(&scan->bus, until_ms);
	scan->listening = false;
	/* Also what was begun and is not confirmed: the radio is wanted for a connection next. */
	if (r == OTADFU_E_TIMEOUT || scan->bus.stop)
		bluezbus_undo(&scan->bus, new_call(scan, "StopDiscovery"), STOP_MS);
	return r;
}

static int run_rounds(struct scan *scan, uint64_t deadline_ms)
{
	struct otadfu_ctx *ctx = scan->bus.ctx;
	int r = OTADFU_E_TIMEOUT;

	/* The time may have gone by with questions before: nothing is begun then. */
	while (r == OTADFU_E_TIMEOUT && ctx->host->now_ms(ctx) < deadline_ms)
		r = run_round(scan, deadline_ms);
	return r;
}

int dbusscan_run(struct otadfu_ctx *ctx, const char *adapter, otadfu_advert_fn *on_advert,
		 void *user, uint64_t deadline_ms)
{
	struct scan scan = { .on_advert = on_advert, .user = user };
	int r = bluezbus_open(&scan.bus, ctx, without_bluetoothd, deadline_ms);

	if (r == OTADFU_OK)
		r = get_to_know(&scan, adapter, deadline_ms);
	if (r == OTADFU_OK)
		r = set_filter(&scan, deadline_ms);
	if (r == OTADFU_OK)
		r = run_rounds(&scan, deadline_ms);
	bluezbus_close(&scan.bus);
	free(scan.devices);
	if (scan.bus.stop)
		return scan.result;
	return r == OTADFU_E_TIMEOUT ? OTADFU_OK : r;
}
