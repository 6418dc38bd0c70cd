#include "plan.h"

#include "line.h"

#include "cleanup.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SECURE_PACKET = 244, LEGACY_PACKET = 20, SIZES_LEN = 12 };

/* --- what is sent --- */

static uint32_t find_kind(const json_t *header, const char *key)
{
	static const struct {
		const char *name;
		uint32_t kind;
	} kinds[] = {
		{ "softdevice", OTADFU_IMAGE_SOFTDEVICE },
		{ "bootloader", OTADFU_IMAGE_BOOTLOADER },
		{ "softdevice_bootloader", OTADFU_IMAGE_SD_BL },
	};
	const char *name = json_text_or(json_object_get(header, key), "kind", "");

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (strcmp(kinds[i].name, name) == 0)
			return kinds[i].kind;
	}
	return OTADFU_IMAGE_APPLICATION;
}

static struct otadfu_image make_image(const struct transcript *transcript, bool second)
{
	const struct bytes *init = second ? &transcript->init2 : &transcript->init;
	const struct bytes *data = second ? &transcript->firmware2 : &transcript->firmware;
	const json_t *parts = json_object_get(transcript->header, "image_parts");
	struct otadfu_image image = {
		.size = sizeof(image),
		.kind = find_kind(transcript->header, second ? "firmware2" : "firmware"),
		.init = init->data,
		.init_len = init->len,
		.data = data->data,
		.data_len = data->len,
	};

	if (image.kind == OTADFU_IMAGE_SD_BL) {
		image.sd_len = json_number_or(parts, "sd_size", 0);
		image.bl_len = json_number_or(parts, "bl_size", 0);
	}
	return image;
}

/* --- the options --- */

/* As the recorded client had them, from there on. */
static void copy_options(struct plan *plan)
{
	const char *op = transcript_is_secure(plan->transcript) ? "02" : "08";

	plan->receipts = 0;
	plan->packet_size = transcript_is_secure(plan->transcript) ? SECURE_PACKET : LEGACY_PACKET;
	for (size_t i = json_array_size(plan->lines); i-- > plan->first;) {
		const json_t *line = json_array_get(plan->lines, i);
		const char *hex = json_text_or(line, "hex", "");
		unsigned low = 0, high = 0;

		if (json_object_get(line, "repeat_of_firmware"))
			plan->packet_size = (long)json_number_or(line, "chunk", 0);
		if (line_is_request(line) && strlen(hex) == 6 && strncmp(hex, op, 2) == 0 &&
		    plan->receipts == 0 && sscanf(hex + 2, "%2x%2x", &low, &high) == 2)
			plan->receipts = (long)(high << 8 | low);
	}
}

/* --- the words --- */

static bool find_connect(const json_t *lines, unsigned long number, size_t *ret_line)
{
	for (size_t i = 0; i < json_array_size(lines); i++) {
		if (line_is_event(json_array_get(lines, i), "connect") && --number == 0) {
			*ret_line = i;
			return true;
		}
	}
	return false;
}

static bool take_from(struct plan *plan, const char *value)
{
	if (!find_connect(plan->lines, strtoul(value, NULL, 10), &plan->first))
		return false;
	copy_options(plan);
	return true;
}

static bool take_image(struct plan *plan, const char *value)
{
	struct otadfu_image second = make_image(plan->transcript, true);

	if (strcmp(value, "both") == 0)
		plan->images[plan->image_count++] = second;
	else
		plan->images[0] = second;
	return second.data != NULL;
}

static bool take_receipts(struct plan *plan, const char *value)
{
	plan->receipts = strtol(value, NULL, 10);
	return true;
}

static bool take_packet(struct plan *plan, const char *value)
{
	plan->packet_size = strtol(value, NULL, 10);
	return true;
}

static bool take_setting(struct plan *plan, const char *value)
{
	return snprintf(plan->setting, sizeof(plan->setting), "%s", value) <
	       (int)sizeof(plan->setting);
}

static bool take_deaf(struct plan *plan, const char *value)
{
	(void)value;
	return plan->deaf = true;
}

static bool take_interrupt(struct plan *plan, const char *value)
{
	(void)value;
	return plan->interrupt = true;
}

static bool take_damaged(struct plan *plan, const char *value)
{
	(void)value;
	return plan->damaged_air = true;
}

static const struct word {
	const char *name;
	bool (*take)(struct plan *plan, const char *value);
} words[] = {
	{ "from=", take_from },         { "image=", take_image },
	{ "receipts=", take_receipts }, { "packet=", take_packet },
	{ "deaf", take_deaf },          { "set:", take_setting },
	{ "damaged", take_damaged },    { "interrupt", take_interrupt },
};

static bool take_word(struct plan *plan, const char *word)
{
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		size_t len = strlen(words[i].name);

		if (strncmp(words[i].name, word, len) == 0)
			return words[i].take(plan, word + len);
	}
	return false;
}

static const char *make(const struct transcript *transcript, const json_t *lines, const char *setup,
			struct plan *ret_plan)
{
	AUTO_FREE char *copy = strdup(setup);
	char *rest = copy;

	*ret_plan = (struct plan){ .transcript = transcript, .lines = lines, .image_count = 1 };
	if (!find_connect(lines, 1, &ret_plan->first))
		return "nobody connects";
	ret_plan->images[0] = make_image(transcript, false);
	copy_options(ret_plan);
	for (char *word; (word = strtok_r(rest, " ", &rest));) {
		if (strcmp(word, "each=init") == 0 || strcmp(word, "each=start") == 0)
			continue;
		if (!take_word(ret_plan, word))
			return "a setup that is not understood";
	}
	return NULL;
}

const char *plan_make(const struct transcript *transcript, const char *setup, struct plan *ret_plan)
{
	return make(transcript, transcript->lines, setup, ret_plan);
}

/* --- attempts --- */

bool plan_is_of_attempts(const char *setup)
{
	return strstr(setup, "each=") != NULL;
}

/* How an attempt begins, what asks for its answer, and how that begins. */
struct manner {
	const char *begin;
	const char *ask;
	const char *answer;
};

static struct manner find_manner(const struct transcript *transcript, const char *setup)
{
	if (strstr(setup, "each=start"))
		return (struct manner){ "01", "01", "1001" };
	if (transcript_is_secure(transcript))
		return (struct manner){ "0101", "04", "6004" };
	return (struct manner){ "0200", "0201", "1002" };
}

static bool asks(const json_t *line, const char *prefix)
{
	return line_is_request(line) &&
	       strncmp(json_text_or(line, "hex", ""), prefix, strlen(prefix)) == 0;
}

/* All packets between the request at begin and what comes next. Caller frees. */
static struct bytes collect_packets(const struct transcript *transcript, const json_t *lines,
				    size_t begin)
{
	enum { ALL_MAX = 1024 };
	struct bytes all = { malloc(ALL_MAX), 0 };

	for (size_t i = begin + 1; all.data && i < json_array_size(lines); i++) {
		const json_t *line = json_array_get(lines, i);
		AUTO_FREE uint8_t *owned = NULL;
		struct bytes part;

		if (line_is_request(line) ||
		    (all.len > 0 && strcmp(json_text_or(line, "from", ""), "cp") == 0))
			break;
		if (!line_find_packets(transcript, line, &part, &owned) ||
		    part.len > ALL_MAX - all.len)
			continue;
		memcpy(all.data + all.len, part.data, part.len);
		all.len += part.len;
	}
	return all;
}

/* What was answered to the attempt that begins there; NULL: it is none. */
static const char *find_answer(const json_t *lines, size_t begin, const struct manner *manner)
{
	bool asked = strcmp(manner->begin, manner->ask) == 0;

	for (size_t i = begin + 1; i < json_array_size(lines); i++) {
		const json_t *line = json_array_get(lines, i);
		const char *hex = json_text_or(line, "hex", "");

		if (asks(line, manner->begin) && !asked)
			return NULL;
		if (asks(line, manner->ask))
			asked = true;
		else if (asked && json_object_get(line, "from") &&
			 strncmp(hex, manner->answer, strlen(manner->answer)) == 0)
			return hex;
		else if (asked && line_is_request(line))
			return NULL;
	}
	return NULL;
}

static uint32_t get_u32(const uint8_t *bytes)
{
	return (uint32_t)bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 |
	       (uint32_t)bytes[3] << 24;
}

/* An image that makes a client send that Start; false: there is none. */
static bool make_started(const char *hex, const struct bytes *sizes, struct otadfu_image *image,
			 uint8_t **ret_owned)
{
	static const uint32_t kinds[] = { 0, OTADFU_IMAGE_SOFTDEVICE, OTADFU_IMAGE_BOOTLOADER,
					  OTADFU_IMAGE_SD_BL, OTADFU_IMAGE_APPLICATION };
	static const uint8_t any[] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
				       0xff, 0x01, 0x00, 0xfe, 0xff, 0x00, 0x00 };
	unsigned mode = 0;

	if (strlen(hex) != 4 || sscanf(hex + 2, "%2x", &mode) != 1 || mode < 1 || mode > 4 ||
	    sizes->len != SIZES_LEN)
		return false;
	image->kind = kinds[mode];
	image->init = any;
	image->init_len = sizeof(any);
	image->sd_len = get_u32(sizes->data);
	image->bl_len = get_u32(sizes->data + 4);
	image->data_len = image->sd_len + image->bl_len + get_u32(sizes->data + 8);
	if (mode != 3)
		image->sd_len = image->bl_len = 0;
	*ret_owned = calloc(1, image->data_len);
	image->data = *ret_owned;
	return image->data_len > 0 && image->data;
}

/* The lines up to before the first attempt, then those from begin on. */
static json_t *splice(const json_t *lines, size_t first, size_t begin)
{
	json_t *spliced = json_array();

	for (size_t i = 0; i < json_array_size(lines); i++) {
		if (i < first || i >= begin)
			json_array_append(spliced, json_array_get(lines, i));
	}
	return spliced;
}

static bool fill(const struct transcript *transcript, const char *setup, size_t begin,
		 struct attempt *attempt)
{
	const char *hex = json_text_or(json_array_get(transcript->lines, begin), "hex", "");
	struct bytes packets = collect_packets(transcript, transcript->lines, begin);
	struct otadfu_image *image = &attempt->plan.images[0];
	bool ok = true;

	if (make(transcript, attempt->lines, setup, &attempt->plan)) {
		free(packets.data);
		return false;
	}
	if (strstr(setup, "each=start")) {
		ok = make_started(hex, &packets, image, &attempt->owned);
		free(packets.data);
	} else {
		image->init = attempt->owned = packets.data;
		image->init_len = packets.len;
	}
	return ok;
}

bool attempt_make(const struct transcript *transcript, const char *setup, size_t index,
		  struct attempt *ret_attempt)
{
	const struct manner manner = find_manner(transcript, setup);
	size_t first = 0;

	*ret_attempt = (struct attempt){ 0 };
	for (size_t i = 0; i < json_array_size(transcript->lines); i++) {
		if (!asks(json_array_get(transcript->lines, i), manner.begin))
			continue;
		if (first == 0)
			first = i;
		ret_attempt->answer = find_answer(transcript->lines, i, &manner);
		if (!ret_attempt->answer)
			continue;
		ret_attempt->lines = splice(transcript->lines, first, i);
		if (fill(transcript, setup, i, ret_attempt) && index-- == 0)
			return true;
		attempt_free(ret_attempt);
	}
	return false;
}

void attempt_free(struct attempt *attempt)
{
	json_decref(attempt->lines);
	free(attempt->owned);
	*attempt = (struct attempt){ 0 };
}
