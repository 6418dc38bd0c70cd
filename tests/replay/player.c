#include "player.h"

#include "stage.h"

#include "cleanup.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PATH_LEN = 128 };

/* --- what the device does --- */

static void on_value(void *user, uint16_t handle, const uint8_t *data, size_t len, bool indication)
{
	struct stage *stage = user;
	AUTO_FREE char *hex = hex_from_bytes(data, len);
	uint16_t control = 0;
	bool usual = stage_find_control(stage, &control) && handle == control && !indication;

	stage_answer(stage, json_pack("{s:s, s:s}", "from", usual ? "cp" : "elsewhere", "hex",
				      hex ? hex : ""));
}

static void on_disconnected(void *user, uint8_t reason)
{
	char text[5];

	snprintf(text, sizeof(text), "0x%02x", reason);
	stage_answer(user, json_pack("{s:s, s:s}", "event", "device_disconnect", "reason", text));
}

static json_t *describe_boot(const struct stage *stage, const struct device_event *event)
{
	struct device_advert advert;
	AUTO_FREE char *data = NULL;
	const uint8_t *b;
	char address[18];

	if (event->mode == DEVICE_APPLICATION)
		return json_pack("{s:s, s:s}", "event", "boot", "into", "application");
	if (!device_advertises(stage->device, &advert))
		return json_pack("{s:s, s:s}", "event", "boot", "into", "silence");
	b = advert.addr.bytes;
	snprintf(address, sizeof(address), "%02x:%02x:%02x:%02x:%02x:%02x", b[0], b[1], b[2], b[3],
		 b[4], b[5]);
	data = hex_from_bytes(advert.data, advert.data_len);
	return json_pack("{s:s, s:s, s:s, s:s, s:i}", "event", "boot", "into", "bootloader",
			 "address", address, "adv_data", data ? data : "", "inactivity_timeout_s",
			 (int)event->number);
}

static json_t *describe_event(const struct stage *stage, const struct device_event *event)
{
	switch (event->kind) {
	case DEVICE_EVENT_BOOT:
		return describe_boot(stage, event);
	case DEVICE_EVENT_RESET:
		return json_pack("{s:s}", "event", "reset");
	case DEVICE_EVENT_MBR_COPY:
		return json_pack("{s:s, s:s, s:i}", "event", "mbr_copy", "image", event->text,
				 "length", (int)event->number);
	case DEVICE_EVENT_ERROR_CHECK:
		return json_pack("{s:s}", "event", "firmware_error_check");
	}
	return json_pack("{s:s}", "event", "unknown");
}

static void on_event(void *user, const struct device_event *event)
{
	stage_answer(user, describe_event(user, event));
}

/* --- comparison --- */

static bool say(struct difference *difference, size_t line, const json_t *expected, const char *got)
{
	difference->line = line;
	difference->expected = expected ? json_dumps(expected, JSON_COMPACT) : strdup("nothing");
	difference->got = strdup(got);
	return false;
}

static bool differ(struct difference *difference, size_t line, const json_t *expected,
		   const json_t *got)
{
	AUTO_FREE char *text = got ? json_dumps(got, JSON_COMPACT) : NULL;

	return say(difference, line, expected, text ? text : "nothing");
}

/* Which error it was is a number of the vendor's, which the device does not simulate. */
static bool is_same(const json_t *expected, const json_t *got)
{
	const char *name = json_text_or(expected, "event", "");

	if (strcmp(name, "firmware_error_check") == 0)
		return strcmp(json_text_or(got, "event", ""), name) == 0;
	return json_equal(expected, got);
}

static bool compare_answer(struct stage *stage, size_t line, const json_t *expected,
			   struct difference *difference)
{
	const json_t *got = json_array_get(stage->answers, 0);
	bool same =
		stage->undefined ? json_text_or(got, "from", NULL) != NULL : is_same(expected, got);

	stage->undefined = false;
	if (!same)
		return differ(difference, line, expected, got);
	json_array_remove(stage->answers, 0);
	return true;
}

/* Goes on to the first member that differs. False: none does, but *got may have more. */
static bool descend(json_t **expected, json_t **got, char path[PATH_LEN])
{
	size_t len = strlen(path);
	const char *key;
	json_t *value;

	json_object_foreach(*expected, key, value)
	{
		json_t *other = json_object_get(*got, key);

		if (json_equal(value, other))
			continue;
		snprintf(path + len, PATH_LEN - len, "%s%s", len > 0 ? "." : "", key);
		*expected = value;
		*got = other;
		return true;
	}
	return false;
}

static bool compare_end(struct stage *stage, size_t line, json_t *recorded,
			struct difference *difference)
{
	json_t *end = endstate_describe(stage->transcript, stage->device, recorded);
	bool same = json_equal(recorded, end);
	json_t *expected = recorded;
	json_t *got = end;
	char path[PATH_LEN] = "";

	if (!same) {
		while (json_is_object(expected) && descend(&expected, &got, path))
			continue;
		expected = json_pack("{s:O}", path, expected);
		got = json_pack("{s:O?}", path, got);
		differ(difference, line, expected, got);
		json_decref(expected);
		json_decref(got);
	}
	json_decref(end);
	return same;
}

/* A note may stand between a request and its answer; all else waits for the answers' turn. */
static bool is_note(const json_t *step)
{
	return strcmp(json_text_or(step, "event", ""), "note") == 0;
}

static bool play_line(struct stage *stage, size_t line, json_t *step, struct difference *difference)
{
	const char *problem;

	if (step_is_answer(step))
		return compare_answer(stage, line, step, difference);
	if (json_array_size(stage->answers) > 0 && !is_note(step))
		return differ(difference, line, NULL, json_array_get(stage->answers, 0));
	if (json_object_get(step, "end"))
		return compare_end(stage, line, json_object_get(step, "end"), difference);
	problem = step_run(stage, step);
	return !problem || say(difference, line, step, problem);
}

static bool play(struct stage *stage, struct difference *difference)
{
	size_t index;
	json_t *step;
	bool ended = false;

	json_array_foreach(stage->transcript->lines, index, step)
	{
		/* The header is line 1. */
		if (!play_line(stage, index + 2, step, difference))
			return false;
		ended = json_object_get(step, "end") != NULL;
	}
	return ended || say(difference, index + 1, NULL, "a transcript without its end");
}

bool player_run(const struct transcript *transcript, struct difference *ret_difference)
{
	struct stage stage = { .transcript = transcript, .answers = json_array() };
	struct device_observer observer = { .value = on_value,
					    .disconnected = on_disconnected,
					    .event = on_event,
					    .user = &stage };
	bool ok;

	*ret_difference = (struct difference){ 0 };
	stage.device = device_new(&transcript->config, &observer);
	if (stage.device && stage.answers)
		ok = play(&stage, ret_difference);
	else
		ok = say(ret_difference, 1, NULL, "no memory for a device");
	device_free(stage.device);
	json_decref(stage.answers);
	return ok;
}

void difference_free(struct difference *difference)
{
	free(difference->expected);
	free(difference->got);
}
