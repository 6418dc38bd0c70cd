#include "station.h"

#include "address.h"
#include "flash.h"
#include "softdevice.h"

#include <errno.h>
#include <otadfu/error.h>
#include <stdio.h>
#include <string.h>

enum { REASON_LOCAL_HOST = 0x16 };

static void on_value(void *user, uint16_t handle, const uint8_t *data, size_t len, bool indication)
{
	struct station *station = user;

	if (station->link)
		link_on_value(station->link, handle, data, len, indication);
	else if (station->listener.value)
		station->listener.value(station->listener.user, handle, data, len, indication);
}

static void on_disconnected(void *user, uint8_t reason)
{
	struct station *station = user;

	if (station->link)
		link_on_closed(station->link, reason);
	else if (station->listener.disconnected)
		station->listener.disconnected(station->listener.user, reason);
}

static bool has_room(void *user)
{
	const struct station *station = user;

	if (station->link)
		return link_has_room(station->link);
	return !station->listener.has_room || station->listener.has_room(station->listener.user);
}

static void on_event(void *user, const struct device_event *event)
{
	struct station *station = user;

	if (event->kind == DEVICE_EVENT_BOOT)
		station->booted = true;
	if (station->listener.event)
		station->listener.event(station->listener.user, event);
}

/* The same for the same address, another for another (xorshift32). */
static void generate_application(struct station *station)
{
	const uint8_t *address = station->plan->config.address.bytes;
	uint32_t x = (uint32_t)address[2] << 24 | (uint32_t)address[3] << 16 |
		     (uint32_t)address[4] << 8 | address[5];

	x ^= 0x9E3779B9;
	for (size_t i = 0; i < sizeof(station->generated); i++) {
		x ^= x << 13;
		x ^= x >> 17;
		x ^= x << 5;
		station->generated[i] = (uint8_t)x;
	}
}

static void choose_images(const struct station *station, struct device_config *config)
{
	const struct state *state = &station->state;

	if (state->application.data) {
		config->application = state->application.data;
		config->application_len = state->application.len;
	} else if (!config->application && config->mode != DEVICE_CONFORMANCE) {
		config->application = station->generated;
		config->application_len = sizeof(station->generated);
	}
	config->softdevice_image = state->softdevice.data;
	config->softdevice_len = state->softdevice.len;
	config->bootloader_image = state->bootloader.data;
	config->bootloader_len = state->bootloader.len;
	config->flash_path = state->flash_path;
}

/* Of what was given; a bootloader leaves out what does not fit. */
static bool holds_images(const struct device *device, const struct device_config *config)
{
	struct device_state state;

	device_describe(device, &state);
	return state.application.len == config->application_len &&
	       (!config->softdevice_image || state.softdevice.len == config->softdevice_len) &&
	       (!config->bootloader_image || state.bootloader.len == config->bootloader_len);
}

/* Applications start where it says that it ends: behind itself. */
static bool softdevice_is_plausible(const struct device_config *config)
{
	struct softdevice softdevice;

	return !config->softdevice_image ||
	       (softdevice_read(config->softdevice_image, config->softdevice_len, &softdevice) &&
		softdevice.size >= SOFTDEVICE_START + config->softdevice_len);
}

int station_open(struct station *station, const struct scenario_device *plan, const char *state_dir,
		 uint64_t now_us)
{
	const struct device_observer observer = { .value = on_value,
						  .disconnected = on_disconnected,
						  .event = on_event,
						  .has_room = has_room,
						  .user = station };
	struct device_config config = plan->config;

	*station = (struct station){ .plan = plan, .born_us = now_us };
	station->faults.plan = plan->faults;
	if (state_dir && state_open(&station->state, state_dir, &config.address) < 0)
		return -1;
	generate_application(station);
	choose_images(station, &config);
	if (!softdevice_is_plausible(&config)) {
		errno = EBADMSG;
		return -1;
	}
	station->device = device_new(&config, &observer);
	if (!station->device)
		return -1;
	device_power_on(station->device);
	if (!station->state.known && !holds_images(station->device, &config)) {
		errno = E2BIG;
		return -1;
	}
	device_settle(station->device);
	station->offset_us = now_us - device_now_us(station->device);
	station->booted = true;
	return station_save(station);
}

void station_close(struct station *station)
{
	device_free(station->device);
	station->device = NULL;
	state_close(&station->state);
}

/* What an errno of station_open means to the operator. */
static const struct trouble {
	int reason;
	int code;
	const char *hint; /* NULL: what the system says */
} troubles[] = {
	{ ENOMEM, OTADFU_E_NOMEM, NULL },
	{ EACCES, OTADFU_E_PERMISSION, NULL },
	{ EPERM, OTADFU_E_PERMISSION, NULL },
	{ EROFS, OTADFU_E_PERMISSION, NULL },
	{ EWOULDBLOCK, OTADFU_E_BUSY, "another process simulates this device; wait for its end" },
	{ EINVAL, OTADFU_E_CONFIG,
	  "flash.bin is of another chip; remove it, or correct \"hardware\"" },
	{ ENOENT, OTADFU_E_CONFIG, "the directory above it does not exist" },
	{ ENODATA, OTADFU_E_CONFIG, "an image file in it is empty; remove it" },
	{ ENOTDIR, OTADFU_E_CONFIG, "a file stands where a folder must be" },
	{ EISDIR, OTADFU_E_CONFIG, "a folder stands where a file must be" },
	{ ENOSPC, OTADFU_E_IO, "the disk is full" },
	{ EDQUOT, OTADFU_E_IO, "the disk quota is used up" },
	{ EFBIG, OTADFU_E_IO,
	  "one of its files, as flash.bin, would be larger than any may be here" },
	{ EBADMSG, OTADFU_E_CONFIG,
	  "softdevice.bin has no information structure that fits to it; it must begin at 0x1000, "
	  "without the MBR" },
	{ E2BIG, OTADFU_E_CONFIG,
	  "an image does not fit into the chip beside the others; they are the application, "
	  "softdevice.bin and bootloader.bin" },
};

int station_explain(const struct scenario_device *plan, const char *state_dir, int reason,
		    char problem[STATION_PROBLEM_MAX])
{
	struct trouble trouble = { reason, OTADFU_E_IO, NULL };
	char address[ADDRESS_TEXT_SIZE];

	for (size_t i = 0; i < sizeof(troubles) / sizeof(troubles[0]); i++) {
		if (troubles[i].reason == reason)
			trouble = troubles[i];
	}
	address_text(&plan->config.address, address);
	snprintf(problem, STATION_PROBLEM_MAX, "%s cannot start with its state in %s: %s", address,
		 state_dir ? state_dir : "memory", trouble.hint ? trouble.hint : strerror(reason));
	return trouble.code;
}

void station_listen(struct station *station, const struct device_observer *listener)
{
	station->listener = *listener;
}

void station_part(struct station *station)
{
	station->parted = true;
}

void station_run(struct station *station, struct link *link, uint64_t now_us)
{
	uint64_t device_us = now_us - station->offset_us;

	if (station->link) {
		link_run(station->link, device_us);
		if (!link_is_attached(station->link)) {
			station->link = NULL;
			station->parted = true;
		}
	}
	device_advance(station->device, device_us);
	if (link && !link_is_attached(link))
		link_run(link, device_us);
}

uint64_t station_next_us(const struct station *station, const struct link *link)
{
	uint64_t device_us = link ? link_next_us(link) : device_next_us(station->device);

	return device_us == UINT64_MAX ? UINT64_MAX : device_us + station->offset_us;
}

int station_save(struct station *station)
{
	bool whole = station->booted;
	bool facts = station->parted;

	station->booted = false;
	station->parted = false;
	if (whole)
		return state_save(&station->state, station->device);
	return facts ? state_save_facts(&station->state, station->device) : 0;
}

bool station_advertises(const struct station *station, uint64_t now_us,
			struct device_advert *ret_advert)
{
	uint64_t hidden_us = (uint64_t)station->plan->visible_after_ms * 1000;

	return now_us - station->born_us >= hidden_us &&
	       device_advertises(station->device, ret_advert);
}

struct link *station_connect(struct station *station, const struct link_config *config)
{
	struct link *link;

	if (!device_connect(station->device))
		return NULL;
	link = link_new(station->device, &station->faults, config);
	if (!link)
		device_disconnect(station->device, REASON_LOCAL_HOST);
	station->link = link;
	return link;
}

void station_disconnect(struct station *station, struct link *link)
{
	link_close(link);
	if (station->link == link) {
		station->link = NULL;
		station->parted = true;
	}
	link_free(link);
}
