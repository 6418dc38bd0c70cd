#include "line.h"

#include "firmware.h"

#include <string.h>

bool transcript_is_secure(const struct transcript *transcript)
{
	return transcript->config.bootloader == &peer_secure;
}

bool line_is_event(const json_t *line, const char *name)
{
	return strcmp(json_text_or(line, "event", ""), name) == 0;
}

bool line_is_request(const json_t *line)
{
	return strcmp(json_text_or(line, "to", ""), "cp") == 0;
}

bool line_is_passive(const json_t *line)
{
	return line_is_event(line, "note") || line_is_event(line, "mtu_request") ||
	       line_is_event(line, "mtu_response") ||
	       (line_is_event(line, "cccd") && json_number_or(line, "value", 0) == 1);
}

bool line_is_clients(const json_t *line)
{
	return json_object_get(line, "to") || line_is_event(line, "connect") ||
	       line_is_event(line, "enter_bootloader") || line_is_event(line, "power_on") ||
	       line_is_event(line, "packet_lost");
}

static const struct bytes *find_source(const struct transcript *transcript, const char *key)
{
	const struct {
		const char *key;
		const struct bytes *bytes;
	} sources[] = {
		{ "repeat_of_firmware", &transcript->firmware },
		{ "repeat_of_firmware2", &transcript->firmware2 },
		{ "repeat_of_init", &transcript->init },
		{ "repeat_of_init2", &transcript->init2 },
		{ "firmware", &transcript->firmware }, /* of packet_lost */
	};

	for (size_t i = 0; i < sizeof(sources) / sizeof(sources[0]); i++) {
		if (strcmp(sources[i].key, key) == 0)
			return sources[i].bytes;
	}
	return NULL;
}

bool line_find_packets(const struct transcript *transcript, const json_t *line,
		       struct bytes *ret_bytes, uint8_t **ret_owned)
{
	const char *hex = json_text_or(line, "hex", NULL);
	const char *key;
	json_t *range;

	*ret_owned = NULL;
	if (strcmp(json_text_or(line, "to", ""), "packet") != 0 &&
	    !line_is_event(line, "packet_lost"))
		return false;
	if (hex) {
		if (!bytes_from_hex(hex, ret_bytes))
			return false;
		*ret_owned = ret_bytes->data;
		return true;
	}
	json_object_foreach((json_t *)line, key, range)
	{
		const struct bytes *source = find_source(transcript, key);
		size_t from = (size_t)json_integer_value(json_array_get(range, 0));
		size_t len = (size_t)json_integer_value(json_array_get(range, 1));

		if (!source || from > source->len || len > source->len - from)
			continue;
		*ret_bytes = (struct bytes){ source->data + from, len };
		return true;
	}
	return false;
}
