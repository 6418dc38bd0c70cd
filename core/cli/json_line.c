#include "json_line.h"

#include "cleanup.h"
#include "device_words.h"

#include <string.h>

/* The length of the UTF-8 sequence that text begins with; 0: none begins here. */
static size_t utf8_length(const char *text)
{
	for (size_t len = 1; len <= 4 && text[len - 1] != '\0'; len++) {
		json_t *sequence = json_stringn(text, len);

		if (sequence) {
			json_decref(sequence);
			return len;
		}
	}
	return 0;
}

json_t *json_line_text(const char *text)
{
	AUTO_FREE char *clean = NULL;
	json_t *string;

	if (!text || *text == '\0')
		return json_null();
	string = json_string(text);
	if (string)
		return string;
	clean = strdup(text);
	for (char *c = clean; c && *c != '\0';) {
		size_t len = utf8_length(c);

		if (len == 0)
			*c = '?';
		c += len > 0 ? len : 1;
	}
	return clean ? json_string(clean) : NULL;
}

json_t *json_line_failure(const struct failure *failure)
{
	const char *text = failure->text[0] ? failure->text : error_text(failure->code);

	if (failure->code == OTADFU_OK)
		return json_null();
	return json_pack("{s:s, s:o, s:i, s:o, s:o}", "code", error_name(failure->code), "phase",
			 json_line_text(failure->phase), "detail", (int)failure->detail, "text",
			 json_line_text(text), "hint", json_line_text(failure->hint));
}

void json_line_write(FILE *out, json_t *object)
{
	if (!object)
		return;
	/* Fifteen digits is what a double can promise; more would show its rounding. */
	json_dumpf(object, out, JSON_COMPACT | JSON_REAL_PRECISION(15));
	fputc('\n', out);
	fflush(out);
	json_decref(object);
}

json_t *json_line_event(const struct session_event *event)
{
	switch (event->kind) {
	case SESSION_EVENT_PHASE:
		return json_pack("{s:s, s:o, s:o, s:s}", "event", "phase", "device",
				 json_line_text(event->device), "image",
				 json_line_text(event->image), "phase",
				 session_phase_name(event->phase));
	case SESSION_EVENT_PROGRESS:
		return json_pack("{s:s, s:o, s:o, s:I, s:I}", "event", "progress", "device",
				 json_line_text(event->device), "image",
				 json_line_text(event->image), "done", (json_int_t)event->done,
				 "total", (json_int_t)event->total);
	default:
		return NULL;
	}
}

static json_t *describe_image(const struct otadfu_image *image, bool skipped)
{
	json_t *object = json_pack("{s:s, s:I}", "kind", package_kind_name(image->kind), "bytes",
				   (json_int_t)image->data_len);

	if (object && skipped)
		json_object_set_new(object, "skipped", json_true());
	return object;
}

static json_t *describe_images(const struct package *package, const struct session_result *result)
{
	json_t *images = json_array();

	for (size_t i = 0; package && i < package->count; i++)
		json_array_append_new(images, describe_image(&package->images[i],
							     result->skipped & 1u << i));
	return images;
}

/* 0 for an update that did not send everything: the bytes count is of the whole package. */
static json_int_t bytes_per_second(const struct session_result *result)
{
	bool sent = result->status == SESSION_UPDATED || result->status == SESSION_UNPROVEN;

	if (!sent || result->duration_ms == 0)
		return 0;
	return (json_int_t)(result->bytes * 1000 / result->duration_ms);
}

json_t *json_line_result(const struct session_result *result, const struct package *package)
{
	double seconds = (double)result->duration_ms / 1000.0;

	return json_pack("{s:s, s:o, s:s, s:i, s:o, s:o, s:I, s:f, s:I, s:I, s:I, s:o, s:o, s:o, "
			 "s:o, s:o, s:o}",
			 "event", "result", "device", json_line_text(result->device), "status",
			 session_status_name(result->status), "exit", result->exit_status,
			 "transport", json_line_text(result->transport), "images",
			 describe_images(package, result), "bytes", (json_int_t)result->bytes,
			 "seconds", seconds, "bytes_per_second", bytes_per_second(result),
			 "connections", (json_int_t)result->connections, "resent_bytes",
			 (json_int_t)result->resent_bytes, "mode_before",
			 json_line_text(device_mode_name(result->mode_before)), "address_before",
			 json_line_text(result->address_before), "address_after",
			 json_line_text(result->address_after), "firmware_before",
			 json_line_text(result->firmware_before), "firmware_after",
			 json_line_text(result->firmware_after), "error",
			 json_line_failure(&result->failure));
}
