#include "device.h"

#include "machine.h"

#include <stdlib.h>

struct device *device_new(const struct device_config *config,
			  const struct device_observer *observer)
{
	struct device *device = calloc(1, sizeof(*device));

	if (!device)
		return NULL;
	device->config = *config;
	device->observer = *observer;
	device->inactivity_us = UINT64_MAX;
	device->ram = calloc(1, config->bootloader->ram_size);
	if (device->ram)
		device->flash = flash_open(config->chip, config->flash_path, &device->timeline,
					   &device->fresh);
	if (!device->flash) {
		device_free(device);
		return NULL;
	}
	return device;
}

void device_free(struct device *device)
{
	if (!device)
		return;
	flash_close(device->flash);
	free(device->ram);
	free(device);
}

uint64_t device_now_us(const struct device *device)
{
	return device->timeline.now_us;
}

uint64_t device_next_us(const struct device *device)
{
	uint64_t next_us = timeline_next_us(&device->timeline);

	return next_us < device->inactivity_us ? next_us : device->inactivity_us;
}

static void fire_inactivity(struct device *device)
{
	const struct firmware_ops *running = device_running(device);

	device->inactivity_us = UINT64_MAX;
	if (running && running->inactivity)
		running->inactivity(device);
}

/* The earliest thing that is due by then; false: nothing is. */
static bool do_next(struct device *device, uint64_t then_us)
{
	uint64_t inactivity_us = device->inactivity_us;

	if (inactivity_us > then_us || inactivity_us >= timeline_next_us(&device->timeline))
		return timeline_fire_next(&device->timeline, then_us);
	timeline_advance(&device->timeline, inactivity_us);
	fire_inactivity(device);
	return true;
}

void device_advance(struct device *device, uint64_t now_us)
{
	device_begin(device);
	while (do_next(device, now_us))
		device_restart_if_due(device);
	timeline_advance(&device->timeline, now_us);
	device_end(device);
}

void device_settle(struct device *device)
{
	device_begin(device);
	device_restart_if_due(device);
	while (timeline_fire_next(&device->timeline, UINT64_MAX))
		device_restart_if_due(device);
	device_end(device);
}

void device_fire_inactivity(struct device *device)
{
	device_begin(device);
	fire_inactivity(device);
	device_end(device);
}

void device_hold_cpu(struct device *device, bool hold)
{
	const struct firmware_ops *running = device_running(device);
	bool released = device->cpu_held && !hold;

	device_begin(device);
	device->cpu_held = hold;
	if (released && running && running->cpu_released)
		running->cpu_released(device);
	device_end(device);
}

struct flash *device_flash(const struct device *device)
{
	return device->flash;
}

enum device_mode device_mode(const struct device *device)
{
	return device->mode;
}

const struct device_config *device_config(const struct device *device)
{
	return &device->config;
}

const struct device_counters *device_counters(const struct device *device)
{
	return &device->counters;
}

void device_describe(const struct device *device, struct device_state *ret_state)
{
	*ret_state = (struct device_state){ 0 };
	device->config.bootloader->describe(device, ret_state);
}

bool firmware_cpu_is_held(const struct device *device)
{
	return device->cpu_held;
}

struct timeline *firmware_timeline(struct device *device)
{
	return &device->timeline;
}

struct device_counters *firmware_counters(struct device *device)
{
	return &device->counters;
}

void firmware_report(struct device *device, const struct device_event *event)
{
	if (device->observer.event)
		device->observer.event(device->observer.user, event);
}

struct otadfu_addr firmware_next_address(const struct otadfu_addr *addr)
{
	struct otadfu_addr next = *addr;

	next.bytes[5]++;
	return next;
}
