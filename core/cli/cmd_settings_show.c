#include "cleanup.h"
#include "command.h"
#include "context.h"
#include "exit_status.h"
#include "file.h"
#include "firmware.h"
#include "json_line.h"
#include "report.h"
#include "settings_words.h"

#include <string.h>

/* A page that a HEX file holds at an address, as long as one of either version is. */
static bool get_bytes(const struct ihex *hex, uint32_t address, uint8_t bytes[SETTINGS_LEN_MAX],
		      size_t *ret_len)
{
	/* The last byte of version 2 is filling. */
	static const size_t lengths[] = { SETTINGS_LEN_2, SETTINGS_LEN_2 - 1, SETTINGS_LEN_1 };

	for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		if (!ihex_get(hex, address, bytes, lengths[i]))
			continue;
		*ret_len = lengths[i];
		return true;
	}
	return false;
}

static enum settings_copy compare_backup(const struct ihex *hex, const struct settings_place *place,
					 const uint8_t *bytes, size_t len)
{
	uint8_t copy[SETTINGS_LEN_MAX];

	if (!place->has_backup ||
	    !ihex_get(hex, place->address - SETTINGS_BACKUP_DISTANCE, copy, len))
		return SETTINGS_COPY_ABSENT;
	return memcmp(copy, bytes, len) == 0 ? SETTINGS_COPY_SAME : SETTINGS_COPY_DIFFERS;
}

static int look_at(const struct ihex *hex, const struct settings_place *place,
		   struct settings_view *ret_view, struct failure *why)
{
	uint8_t bytes[SETTINGS_LEN_MAX];
	size_t len;
	int r;

	if (!get_bytes(hex, place->address, bytes, &len))
		return failure_set(why, OTADFU_E_PACKAGE, 0, "nothing at 0x%X", place->address);
	r = settings_decode(bytes, len, &ret_view->page, why);
	if (r < 0)
		return r;
	ret_view->has_address = true;
	ret_view->address = place->address;
	ret_view->copy = compare_backup(hex, place, bytes, len);
	return OTADFU_OK;
}

/* One whose CRC is wrong may be code of another chip: taken only where there is no other. */
static int search(const struct ihex *hex, struct settings_view *ret_view, struct failure *why)
{
	const struct settings_place *place;
	struct settings_view view = *ret_view;
	bool is_found = false;

	for (size_t i = 0; (place = settings_get_place(i)); i++) {
		if (look_at(hex, place, &view, NULL) < 0)
			continue;
		if (!is_found || view.page.has_good_crc)
			*ret_view = view;
		is_found = true;
		if (view.page.has_good_crc)
			break;
	}
	if (is_found)
		return OTADFU_OK;
	return failure_set(why, OTADFU_E_PACKAGE, 0,
			   "no settings page where one of the known chips has it");
}

static int look_into_hex(const char *text, size_t len, const char *family,
			 struct settings_view *ret_view, struct failure *why)
{
	struct settings_place place;
	struct ihex *hex;
	int r = family ? settings_find_place(family, &place, why) : OTADFU_OK;

	if (r == OTADFU_OK)
		r = ihex_parse(text, len, &hex, why);
	if (r < 0)
		return r;
	r = family ? look_at(hex, &place, ret_view, why) : search(hex, ret_view, why);
	ihex_free(hex);
	return r;
}

static int look(const struct args *args, struct settings_view *ret_view, struct failure *why)
{
	const char *path = args_text(args, ARG_OPERAND);
	const char *family = args_text(args, ARG_FAMILY);
	struct failure reason = { 0 };
	AUTO_FREE uint8_t *data = NULL;
	size_t len;
	int r = file_read(path, FIRMWARE_HEX_TEXT_MAX, OTADFU_E_PACKAGE, &data, &len, why);

	if (r < 0)
		return r;
	if (firmware_is_hex(path, data, len))
		r = look_into_hex((const char *)data, len, family, ret_view, &reason);
	else
		r = settings_decode(data, len, &ret_view->page, &reason);
	if (r == OTADFU_OK)
		return r;
	failure_hint(why, "%s", reason.hint);
	return failure_set(why, r, 0, "%s: %s", path, reason.text);
}

static int show(const struct args *args, struct failure *why)
{
	struct settings_view view = { .path = args_text(args, ARG_OPERAND) };
	bool as_json = args_count(args, ARG_JSON) > 0;
	int r = look(args, &view, why);

	if (r < 0 && as_json)
		json_line_write(stdout, settings_json_failure(view.path, why));
	if (r < 0)
		return r;
	if (as_json)
		json_line_write(stdout, settings_json(&view));
	else
		settings_write_words(stdout, &view);
	if (settings_view_is_good(&view))
		return OTADFU_OK;
	return failure_set(why, OTADFU_E_PACKAGE, 0,
			   "%s: a CRC of the page is wrong: a bootloader takes it for none",
			   view.path);
}

int cmd_settings_show(struct context *context)
{
	struct failure why = { 0 };
	int r;

	if (args_count(&context->args, ARG_OPERAND) != 1) {
		failure_set(&why, OTADFU_E_CONFIG, 0, "no file was named");
		return usage_error(context->command, &why);
	}
	r = show(&context->args, &why);
	if (r < 0)
		report_failure(stderr, &why);
	return exit_status_of(r);
}
