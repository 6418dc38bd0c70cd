/* What the test does to the device: writes, and events. */
#include "stage.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { REASON_LINK_LOST = 0x08, CCCD_MAX = 3 };

void stage_answer(struct stage *stage, json_t *line)
{
	json_array_append_new(stage->answers, line);
}

static bool find_handle(const struct device *device, uint8_t props, uint16_t *ret_handle)
{
	size_t count;
	const struct device_attribute *attributes = device_attributes(device, &count);

	for (size_t i = 0; i < count; i++) {
		if ((attributes[i].props & props) == props) {
			*ret_handle = attributes[i].handle;
			return true;
		}
	}
	return false;
}

bool stage_find_control(const struct stage *stage, uint16_t *ret_handle)
{
	return find_handle(stage->device, OTADFU_PROP_WRITE | OTADFU_PROP_NOTIFY, ret_handle);
}

/* --- writes --- */

static const struct bytes *find_source(const struct transcript *transcript, const char *key)
{
	if (strcmp(key, "repeat_of_firmware") == 0)
		return &transcript->firmware;
	if (strcmp(key, "repeat_of_firmware2") == 0)
		return &transcript->firmware2;
	if (strcmp(key, "repeat_of_init") == 0)
		return &transcript->init;
	return strcmp(key, "repeat_of_init2") == 0 ? &transcript->init2 : NULL;
}

struct payload {
	struct bytes all;
	size_t chunk;
	uint8_t *owned;
};

static bool find_payload(const struct transcript *transcript, json_t *step,
			 struct payload *ret_payload)
{
	const char *hex = json_text_or(step, "hex", NULL);
	const char *key;
	const json_t *value;

	*ret_payload = (struct payload){ 0 };
	if (hex) {
		if (!bytes_from_hex(hex, &ret_payload->all))
			return false;
		ret_payload->owned = ret_payload->all.data;
		ret_payload->chunk = ret_payload->all.len;
		return true;
	}
	json_object_foreach(step, key, value)
	{
		const struct bytes *source = find_source(transcript, key);
		size_t offset = (size_t)json_integer_value(json_array_get(value, 0));
		size_t len = (size_t)json_integer_value(json_array_get(value, 1));

		if (!source)
			continue;
		if (offset > source->len || len > source->len - offset)
			return false;
		ret_payload->chunk = json_number_or(step, "chunk", 0);
		ret_payload->all = (struct bytes){ source->data + offset, len };
		return ret_payload->chunk > 0;
	}
	return false;
}

static void send_one(struct stage *stage, const json_t *step, uint16_t handle,
		     const struct bytes *packet)
{
	struct device *device = stage->device;
	uint8_t error = 0;
	char text[5];

	if (strcmp(json_text_or(step, "to", ""), "packet") == 0)
		device_write_cmd(device, handle, packet->data, packet->len);
	else if (strcmp(json_text_or(step, "att", ""), "prepare_write") == 0)
		error = device_prepare_write(device, handle, packet->data, packet->len);
	else
		error = device_write(device, handle, packet->data, packet->len);
	if (error) {
		snprintf(text, sizeof(text), "0x%02x", error);
		stage_answer(stage, json_pack("{s:s, s:s}", "att_error", text, "for", "cp"));
	}
	device_settle(device);
}

/* Nothing came from the device before the last packet of a step. */
static const char *send_all(struct stage *stage, const json_t *step, uint16_t handle,
			    const struct payload *payload)
{
	struct bytes left = payload->all;

	do {
		struct bytes packet = { left.data,
					left.len < payload->chunk ? left.len : payload->chunk };

		if (json_array_size(stage->answers) > 0)
			return "an answer before the last packet";
		send_one(stage, step, handle, &packet);
		left.data += packet.len;
		left.len -= packet.len;
	} while (left.len > 0);
	return NULL;
}

static const char *run_write(struct stage *stage, json_t *step)
{
	const char *to = json_text_or(step, "to", "");
	struct payload payload;
	const char *problem;
	uint16_t handle;
	bool found;

	if (strcmp(to, "cp") == 0)
		found = stage_find_control(stage, &handle);
	else
		found = strcmp(to, "packet") == 0 &&
			find_handle(stage->device, OTADFU_PROP_WRITE_CMD, &handle);
	if (!found)
		return "no such characteristic now";
	if (!find_payload(stage->transcript, step, &payload))
		return "bytes that are not understood";
	problem = send_all(stage, step, handle, &payload);
	free(payload.owned);
	return problem;
}

/* --- events --- */

static bool power_on(struct stage *stage, const json_t *step)
{
	(void)step;
	device_power_on(stage->device);
	return true;
}

static bool power_cycle(struct stage *stage, const json_t *step)
{
	(void)step;
	device_power_cycle(stage->device);
	return true;
}

/* A recording that starts so found the application running: bring it up unseen. */
static bool enter_bootloader(struct stage *stage, const json_t *step)
{
	(void)step;
	if (device_mode(stage->device) == DEVICE_OFF) {
		device_power_on(stage->device);
		device_settle(stage->device);
		json_array_clear(stage->answers);
	}
	device_enter_bootloader(stage->device);
	return true;
}

static bool connect_link(struct stage *stage, const json_t *step)
{
	(void)step;
	return device_connect(stage->device);
}

static bool lose_link(struct stage *stage, const json_t *step)
{
	(void)step;
	device_disconnect(stage->device, REASON_LINK_LOST);
	return true;
}

static bool write_cccd(struct stage *stage, const json_t *step)
{
	uint32_t value = json_number_or(step, "value", CCCD_MAX + 1);
	uint16_t handle;

	return value <= CCCD_MAX && stage_find_control(stage, &handle) &&
	       device_write_cccd(stage->device, handle, (uint16_t)value) == 0;
}

static bool request_mtu(struct stage *stage, const json_t *step)
{
	uint16_t wanted = (uint16_t)json_number_or(step, "client_rx_mtu", 0);
	int offered = device_exchange_mtu(stage->device, wanted);

	stage_answer(stage,
		     json_pack("{s:s, s:i}", "event", "mtu_response", "server_rx_mtu", offered));
	return true;
}

static bool inactivity_timeout(struct stage *stage, const json_t *step)
{
	(void)step;
	device_fire_inactivity(stage->device);
	return true;
}

static bool hold_flash(struct stage *stage, const json_t *step)
{
	(void)step;
	flash_hold(device_flash(stage->device));
	return true;
}

static bool pump_flash(struct stage *stage, const json_t *step)
{
	flash_pump(device_flash(stage->device), json_number_or(step, "operations", 0));
	return true;
}

static bool release_flash(struct stage *stage, const json_t *step)
{
	(void)step;
	flash_release(device_flash(stage->device));
	return true;
}

static bool hold_cpu(struct stage *stage, const json_t *step)
{
	(void)step;
	device_hold_cpu(stage->device, true);
	return true;
}

static bool release_cpu(struct stage *stage, const json_t *step)
{
	(void)step;
	device_hold_cpu(stage->device, false);
	return true;
}

static bool do_nothing(struct stage *stage, const json_t *step)
{
	(void)stage;
	(void)step;
	return true;
}

static bool read_note(struct stage *stage, const json_t *step)
{
	stage->undefined = strncmp(json_text_or(step, "text", ""), "undefined", 9) == 0;
	return true;
}

static const struct event {
	const char *name;
	bool (*run)(struct stage *stage, const json_t *step); /* NULL: the device's own */
} events[] = {
	{ "power_on", power_on },
	{ "power_cycle", power_cycle },
	{ "enter_bootloader", enter_bootloader },
	{ "connect", connect_link },
	{ "disconnect", lose_link },
	{ "cccd", write_cccd },
	{ "mtu_request", request_mtu },
	{ "inactivity_timeout", inactivity_timeout },
	{ "flash_hold", hold_flash },
	{ "flash_pump", pump_flash },
	{ "flash_release", release_flash },
	{ "cpu_hold", hold_cpu },
	{ "cpu_release", release_cpu },
	{ "packet_lost", do_nothing },
	{ "note", read_note },
	{ "boot", NULL },
	{ "reset", NULL },
	{ "mbr_copy", NULL },
	{ "mtu_response", NULL },
	{ "device_disconnect", NULL },
	{ "firmware_error_check", NULL },
};

static const struct event *find_event(const json_t *step)
{
	const char *name = json_text_or(step, "event", "");

	for (size_t i = 0; i < sizeof(events) / sizeof(events[0]); i++) {
		if (strcmp(events[i].name, name) == 0)
			return &events[i];
	}
	return NULL;
}

bool step_is_answer(const json_t *step)
{
	const struct event *event = find_event(step);

	return json_object_get(step, "from") || json_object_get(step, "att_error") ||
	       (event && !event->run);
}

const char *step_run(struct stage *stage, json_t *step)
{
	const struct event *event = find_event(step);

	if (json_object_get(step, "to"))
		return run_write(stage, step);
	if (!event || !event->run)
		return "a step that is not understood";
	if (!event->run(stage, step))
		return "what the device does not allow now";
	device_settle(stage->device);
	return NULL;
}
