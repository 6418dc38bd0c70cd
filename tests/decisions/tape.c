#include "tape.h"

#include "line.h"

#include "cleanup.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PACKET_MAX = 512 };

static void leave(struct tape *tape, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* A stall that was recorded ends by itself, as it does on a chip. */
static void leave(struct tape *tape, const char *format, ...)
{
	va_list args;

	if (tape->left[0] != '\0')
		return;
	va_start(args, format);
	vsnprintf(tape->left, sizeof(tape->left), format, args);
	va_end(args);
	flash_release(device_flash(tape->stage.device));
	device_hold_cpu(tape->stage.device, false);
	device_settle(tape->stage.device);
}

static bool is_left(const struct tape *tape)
{
	return tape->left[0] != '\0';
}

/* --- lines --- */

static const json_t *line_at(const struct tape *tape, size_t at)
{
	return json_array_get(tape->lines, at);
}

static const json_t *next_line(struct tape *tape)
{
	while (line_is_passive(line_at(tape, tape->at)))
		tape->at++;
	return line_at(tape, tape->at);
}

static bool asks_only(const struct tape *tape, const char *hex)
{
	bool secure = transcript_is_secure(tape->stage.transcript);
	static const char *const secure_ops[] = { "02", "03", "06", NULL };
	static const char *const legacy_ops[] = { "07", "08", NULL };

	for (const char *const *op = secure ? secure_ops : legacy_ops; *op; op++) {
		if (strncmp(hex, *op, 2) == 0)
			return true;
	}
	return false;
}

/* Did it leave the device as it was? */
static bool is_harmless(const struct tape *tape, size_t at)
{
	const json_t *line = line_at(tape, at);

	return line_is_request(line) && (asks_only(tape, json_text_or(line, "hex", "")) ||
					 json_object_get(line_at(tape, at + 1), "att_error"));
}

static size_t after_exchange(const struct tape *tape, size_t at)
{
	do
		at++;
	while (step_is_answer(line_at(tape, at)) || line_is_passive(line_at(tape, at)));
	return at;
}

/* --- what the device says --- */

static void on_value(void *user, uint16_t handle, const uint8_t *data, size_t len, bool indication)
{
	struct tape *tape = user;
	AUTO_FREE char *hex = hex_from_bytes(data, len);

	tape->confirm = indication;
	tape->confirm_handle = handle;
	stage_answer(&tape->stage, json_pack("{s:s, s:s}", "from", "cp", "hex", hex ? hex : ""));
}

static void on_disconnected(void *user, uint8_t reason)
{
	(void)user;
	(void)reason;
}

static void on_event(void *user, const struct device_event *event)
{
	(void)user;
	(void)event;
}

static void hand_over(struct tape *tape, bool recorded)
{
	json_t *said = json_array_get(tape->stage.answers, 0);

	json_array_append_new(tape->heard,
			      json_pack("{s:O, s:b}", "hex", json_object_get(said, "hex"),
					"recorded", recorded));
	json_array_remove(tape->stage.answers, 0);
}

static void hand_over_all(struct tape *tape)
{
	while (json_array_size(tape->stage.answers) > 0)
		hand_over(tape, false);
	if (tape->confirm) {
		tape->confirm = false;
		device_confirm(tape->stage.device, tape->confirm_handle);
		device_settle(tape->stage.device);
	}
}

/* What it did of itself is for tests/replay to compare. */
static void take_answers(struct tape *tape, uint8_t att_error)
{
	const json_t *said;

	for (;; tape->at++) {
		const json_t *line = next_line(tape);
		const char *error = json_text_or(line, "att_error", NULL);

		if (!step_is_answer(line))
			break;
		said = json_array_get(tape->stage.answers, 0);
		if (error && att_error != strtoul(error, NULL, 16))
			leave(tape, "the device gives another ATT error than was recorded");
		if (json_object_get(line, "from") && !json_equal(line, said))
			leave(tape, "the device answers %s, recorded was %s",
			      json_text_or(said, "hex", "nothing"), json_text_or(line, "hex", ""));
		if (is_left(tape))
			return;
		if (json_object_get(line, "from"))
			hand_over(tape, true);
	}
	said = json_array_get(tape->stage.answers, 0);
	if (said)
		leave(tape, "the device answers %s, recorded was nothing",
		      json_text_or(said, "hex", ""));
}

/* --- what happens to it --- */

void tape_pass(struct tape *tape)
{
	while (!is_left(tape)) {
		const json_t *line = next_line(tape);
		const char *problem;

		if (!line || json_object_get(line, "end") || line_is_clients(line))
			break;
		if (!step_is_answer(line)) {
			problem = step_run(&tape->stage, (json_t *)line);
			if (problem)
				leave(tape, "%s", problem);
			tape->at++;
		}
		take_answers(tape, 0);
	}
	hand_over_all(tape);
}

/* Queries of the recorded client that this one does not make, up to what is no request. */
static void skip_queries(struct tape *tape)
{
	size_t at;

	next_line(tape);
	for (at = tape->at; is_harmless(tape, at);)
		at = after_exchange(tape, at);
	if (!line_is_request(line_at(tape, at)))
		tape->at = at;
}

bool tape_stall(struct tape *tape)
{
	size_t before = tape->at;

	if (is_left(tape))
		return false;
	skip_queries(tape);
	tape_pass(tape);
	return tape->at != before;
}

bool tape_wait(struct tape *tape)
{
	if (is_left(tape))
		return false;
	if (!tape_stall(tape))
		leave(tape, "it waits where the recorded client went on");
	hand_over_all(tape);
	return true;
}

bool tape_is_at_abort(struct tape *tape)
{
	return !is_left(tape) && strcmp(json_text_or(next_line(tape), "hex", ""), "0c") == 0;
}

bool tape_connect(struct tape *tape)
{
	bool bootloader = device_mode(tape->stage.device) == DEVICE_BOOTLOADER;

	tape_pass(tape);
	if (!device_connect(tape->stage.device))
		return false;
	device_settle(tape->stage.device);
	if (!bootloader || is_left(tape))
		return true;
	/* It has jumped, or was switched on, by the client's own doing. */
	for (;; tape->at++) {
		const json_t *line = next_line(tape);

		if (!step_is_answer(line) && !line_is_event(line, "enter_bootloader") &&
		    !line_is_event(line, "power_on"))
			break;
	}
	if (line_is_event(next_line(tape), "connect"))
		tape->at++;
	else
		leave(tape, "it connects where the recorded client did not");
	return true;
}

/* --- what the client sends --- */

static bool find_request(struct tape *tape, const char *hex)
{
	size_t at;

	next_line(tape);
	for (at = tape->at; line_is_request(line_at(tape, at)); at = after_exchange(tape, at)) {
		if (strcmp(json_text_or(line_at(tape, at), "hex", ""), hex) == 0) {
			tape->at = at + 1;
			return true;
		}
		if (!is_harmless(tape, at))
			break;
	}
	return false;
}

static void leave_by(struct tape *tape, const char *what)
{
	AUTO_FREE char *recorded = json_dumps(next_line(tape), JSON_COMPACT);

	leave(tape, "it sends %.24s, recorded was %s", what, recorded ? recorded : "the end");
}

uint8_t tape_request(struct tape *tape, uint16_t handle, const uint8_t *data, size_t len)
{
	bool in_dfu = device_mode(tape->stage.device) == DEVICE_BOOTLOADER;
	AUTO_FREE char *hex = hex_from_bytes(data, len);
	bool recorded = in_dfu && hex && !is_left(tape) && find_request(tape, hex);
	uint8_t error;

	if (in_dfu && hex && !recorded && !asks_only(tape, hex) &&
	    !(tape->executed && strcmp(hex, "04") == 0))
		leave_by(tape, hex);
	error = device_write(tape->stage.device, handle, data, len);
	device_settle(tape->stage.device);
	tape->executed = hex && strcmp(hex, "04") == 0 &&
			 strcmp(json_text_or(json_array_get(tape->stage.answers, 0), "hex", ""),
				"600401") == 0;
	if (recorded)
		take_answers(tape, error);
	hand_over_all(tape);
	return error;
}

/* bytes become what arrives. False: something else was recorded. */
static bool match_packet(struct tape *tape, uint8_t *bytes, size_t len, bool *ret_lost)
{
	size_t lost = 0;

	for (size_t done = 0; done < len;) {
		const json_t *line = next_line(tape);
		AUTO_FREE uint8_t *owned = NULL;
		struct bytes all;
		size_t part;

		if (!line_find_packets(tape->stage.transcript, line, &all, &owned))
			return false;
		part = all.len - tape->sent < len - done ? all.len - tape->sent : len - done;
		if (memcmp(bytes + done, all.data + tape->sent, part) != 0 && !tape->damaged_air)
			return false;
		memcpy(bytes + done, all.data + tape->sent, part);
		if (line_is_event(line, "packet_lost"))
			lost += part;
		done += part;
		tape->sent += part;
		if (tape->sent == all.len) {
			tape->sent = 0;
			tape->at++;
		}
	}
	*ret_lost = lost == len;
	return lost == 0 || lost == len;
}

void tape_packet(struct tape *tape, uint16_t handle, const uint8_t *data, size_t len)
{
	uint8_t bytes[PACKET_MAX];
	bool lost = false;

	if (len > sizeof(bytes)) {
		leave(tape, "a packet of %zu bytes", len);
		return;
	}
	memcpy(bytes, data, len);
	tape_stall(tape);
	if (!is_left(tape) && !match_packet(tape, bytes, len, &lost)) {
		AUTO_FREE char *hex = hex_from_bytes(data, len);

		leave_by(tape, hex ? hex : "");
		memcpy(bytes, data, len);
		lost = false;
	}
	if (!lost)
		device_write_cmd(tape->stage.device, handle, bytes, len);
	device_settle(tape->stage.device);
	if (!is_left(tape) && tape->sent == 0)
		take_answers(tape, 0);
	else if (json_array_size(tape->stage.answers) > 0)
		leave(tape, "the device answers in the middle of what was recorded");
	hand_over_all(tape);
}

/* --- from the beginning to the end --- */

const char *tape_open(struct tape *tape, const struct transcript *transcript, const json_t *lines,
		      size_t first)
{
	struct device_observer observer = {
		.value = on_value, .disconnected = on_disconnected, .event = on_event, .user = tape
	};
	const char *problem = NULL;

	*tape = (struct tape){ .lines = lines, .heard = json_array() };
	tape->stage = (struct stage){ .transcript = transcript, .answers = json_array() };
	tape->stage.device = device_new(&transcript->config, &observer);
	if (!tape->stage.device)
		return "no memory for a device";
	for (; !problem && tape->at < first; tape->at++) {
		json_t *line = json_array_get(lines, tape->at);

		if (!step_is_answer(line))
			problem = step_run(&tape->stage, line);
		json_array_clear(tape->stage.answers);
	}
	return problem;
}

void tape_close(struct tape *tape)
{
	device_free(tape->stage.device);
	json_decref(tape->stage.answers);
	json_decref(tape->heard);
}

bool tape_is_over(struct tape *tape)
{
	while (!is_left(tape) && is_harmless(tape, tape->at))
		tape->at = after_exchange(tape, tape->at);
	return !is_left(tape) && json_object_get(next_line(tape), "end");
}
