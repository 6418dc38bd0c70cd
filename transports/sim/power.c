/* Reset, boot, and what survives them. */
#include "machine.h"

#include <string.h>

enum {
	BOOT_US = 100000, /* the bootloader's decision, then the SoftDevice and the program start */
	RESETS_MAX = 8    /* in a row: more, and the device never comes up */
};

const struct firmware_ops *device_running(const struct device *device)
{
	return device->mode == DEVICE_OFF ? NULL : device->program.ops;
}

static void report_simple(struct device *device, enum device_event_kind kind)
{
	firmware_report(device, &(struct device_event){ .kind = kind, .mode = device->mode });
}

static void stop_running(struct device *device)
{
	device->mode = DEVICE_OFF;
	device->chosen = DEVICE_OFF;
	device->silent = false;
	device->inactivity_us = UINT64_MAX;
	device_forget_connection(device);
	timeline_disarm(&device->timeline, &device->boot);
	timeline_disarm(&device->timeline, &device->later);
	application_stop(device);
	flash_reset(device->flash, &device->config.bootloader->flash);
}

static void start_program(void *user)
{
	struct device *device = user;

	device->mode = device->chosen;
	firmware_feed_inactivity(device);
	firmware_report(device, &(struct device_event){ .kind = DEVICE_EVENT_BOOT,
							.mode = device->mode,
							.number = device->program.inactivity_s });
}

static void restart_once(struct device *device)
{
	enum restart kind = device->restart;

	stop_running(device);
	device->restart = RESTART_NONE;
	device->spent_us += BOOT_US;
	if (kind == RESTART_RESET)
		report_simple(device, DEVICE_EVENT_RESET);
	if (kind != RESTART_JUMP)
		memset(device->ram, 0, device->config.bootloader->ram_size);
	device->config.bootloader->boot(device);
}

void device_restart_if_due(struct device *device)
{
	if (device->restart == RESTART_NONE)
		return;
	device->spent_us = 0;
	for (int i = 0; i < RESETS_MAX && device->restart != RESTART_NONE; i++)
		restart_once(device);
	if (device->restart != RESTART_NONE) {
		device->restart = RESTART_NONE;
		stop_running(device);
	}
	if (device->chosen != DEVICE_OFF)
		timeline_arm(&device->timeline, &device->boot,
			     device->timeline.now_us + device->spent_us, start_program, device);
}

void device_begin(struct device *device)
{
	device->depth++;
}

void device_end(struct device *device)
{
	if (device->depth == 1)
		device_restart_if_due(device);
	device->depth--;
}

void device_power_on(struct device *device)
{
	device_begin(device);
	if (device->fresh && device->config.bootloader->provision)
		device->config.bootloader->provision(device);
	device->fresh = false;
	/* Somebody holds the button of a device that shall start in its bootloader. */
	if (device->config.mode == DEVICE_BOOTLOADER)
		device->gpregret = FIRMWARE_GPREGRET_DFU;
	device->restart = RESTART_START;
	device_end(device);
}

void device_power_cycle(struct device *device)
{
	device_begin(device);
	device->gpregret = 0;
	device->peer_data = false;
	device->restart = RESTART_START;
	device_end(device);
}

void device_enter_bootloader(struct device *device)
{
	device_begin(device);
	device->gpregret = FIRMWARE_GPREGRET_DFU;
	device->restart = RESTART_START;
	device_end(device);
}

uint8_t firmware_gpregret(const struct device *device)
{
	return device->gpregret;
}

void firmware_set_gpregret(struct device *device, uint8_t value)
{
	device->gpregret = value;
}

bool firmware_take_peer_data(struct device *device)
{
	bool had = device->peer_data;

	device->peer_data = false;
	return had;
}

void *firmware_ram(const struct device *device)
{
	return device->ram;
}

void firmware_spend(struct device *device, uint64_t us)
{
	device->spent_us += us;
}

void firmware_run_application(struct device *device)
{
	/* It uses the same RAM. */
	memset(device->ram, 0, device->config.bootloader->ram_size);
	application_describe(device, &device->program);
	device->chosen = DEVICE_APPLICATION;
}

void firmware_run(struct device *device, const struct firmware_start *start)
{
	device->program = *start;
	device->chosen = start->mode ? start->mode : DEVICE_BOOTLOADER;
}

void firmware_reset(struct device *device)
{
	device->restart = RESTART_RESET;
}

void firmware_error_check(struct device *device)
{
	report_simple(device, DEVICE_EVENT_ERROR_CHECK);
	firmware_reset(device);
}

void firmware_restart_without_reset(struct device *device)
{
	device->restart = RESTART_JUMP;
}

void firmware_do_later(struct device *device, uint64_t delay_us, timeline_fn *do_it)
{
	timeline_disarm(&device->timeline, &device->later);
	if (do_it)
		timeline_arm(&device->timeline, &device->later, device->timeline.now_us + delay_us,
			     do_it, device);
}

void firmware_feed_inactivity(struct device *device)
{
	uint32_t seconds = device->program.inactivity_s;

	device->inactivity_us =
		seconds ? device->timeline.now_us + (uint64_t)seconds * 1000000 : UINT64_MAX;
}

void firmware_set_inactivity(struct device *device, uint32_t seconds)
{
	device->program.inactivity_s = seconds;
	firmware_feed_inactivity(device);
}
