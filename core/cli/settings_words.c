#include "settings_words.h"

#include "json_line.h"
#include "line.h"

#include <string.h>

enum { DIGITS_MAX = 2 * SETTINGS_VALIDATION_MAX + 1 };

static const char *const copy_words[] = {
	[SETTINGS_COPY_ABSENT] = "none in this file",
	[SETTINGS_COPY_SAME] = "the same",
	[SETTINGS_COPY_DIFFERS] = "DIFFERS",
};

static const struct {
	uint32_t code;
	const char *name;
	const char *words;
} bank_codes[] = {
	{ SETTINGS_BANK_INVALID, "invalid", "nothing valid" },
	{ SETTINGS_BANK_APPLICATION, "application", "application" },
	{ SETTINGS_BANK_SOFTDEVICE, "softdevice", "SoftDevice" },
	{ SETTINGS_BANK_BOOTLOADER, "bootloader", "bootloader" },
	{ SETTINGS_BANK_SD_BL, "softdevice_bootloader", "SoftDevice and bootloader" },
	{ SETTINGS_BANK_EXTERNAL_APP, "external_application", "external application" },
};

/* How much of bytes belongs to each type. */
static const struct {
	const char *name;
	const char *words;
	size_t len;
} validations[] = {
	[VALIDATION_NONE] = { "none", "none", 0 },
	[VALIDATION_CRC] = { "crc", "CRC-32", 4 },
	[VALIDATION_SHA256] = { "sha256", "SHA-256", KEY_DIGEST_LEN },
	[VALIDATION_ECDSA_P256] = { "ecdsa", "ECDSA", KEY_SIGNATURE_LEN },
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

bool settings_view_is_good(const struct settings_view *view)
{
	return view->page.has_good_crc &&
	       (view->page.version == SETTINGS_VERSION_1 || view->page.has_good_validation_crc);
}

static const char *judge_crc(bool is_good)
{
	return is_good ? "right" : "WRONG";
}

static void write_bank(FILE *out, const char *label, const struct settings_bank *bank)
{
	for (size_t i = 0; i < COUNT(bank_codes); i++) {
		if (bank_codes[i].code != bank->code)
			continue;
		line_write(out, "  %-20s %s, %u bytes, CRC-32 0x%08X%s", label, bank_codes[i].words,
			   bank->size, bank->crc, bank->crc == 0 ? ", not checked" : "");
		return;
	}
	line_write(out, "  %-20s code 0x%02X, %u bytes, CRC-32 0x%08X", label, bank->code,
		   bank->size, bank->crc);
}

/* As in flash. */
static void format_digits(const struct settings_validation *validation, char text[DIGITS_MAX])
{
	size_t len = validation->type < COUNT(validations) ? validations[validation->type].len
							   : SETTINGS_VALIDATION_MAX;

	text[0] = '\0';
	for (size_t i = 0; i < len; i++)
		snprintf(text + 2 * i, 3, "%02x", validation->bytes[i]);
}

static void write_validation(FILE *out, const char *label,
			     const struct settings_validation *validation)
{
	const uint8_t *bytes = validation->bytes;
	char digits[DIGITS_MAX];

	format_digits(validation, digits);
	/* A number as the bank's own, which is to be the same. */
	if (validation->type == VALIDATION_CRC)
		line_write(out, "  %-20s CRC-32 0x%02X%02X%02X%02X", label, bytes[3], bytes[2],
			   bytes[1], bytes[0]);
	else if (validation->type < COUNT(validations))
		line_write(out, "  %-20s %s%s%s", label, validations[validation->type].words,
			   digits[0] != '\0' ? " " : "", digits);
	else
		line_write(out, "  %-20s of an unknown type %u: %s", label, validation->type,
			   digits);
}

static void write_progress(FILE *out, const struct settings_page *page)
{
	if (page->command_size != 0)
		line_write(out, "  %-20s %u of %u bytes, CRC-32 0x%08X", "init packet",
			   page->command_offset, page->command_size, page->command_crc);
	if (page->image_offset != 0 || page->data_object_size != 0)
		line_write(out, "  %-20s %u bytes, CRC-32 0x%08X, object of %u", "image under way",
			   page->image_offset, page->image_crc, page->data_object_size);
}

void settings_write_words(FILE *out, const struct settings_view *view)
{
	const struct settings_page *page = &view->page;

	line_write(out, "settings page of version %u, CRC %s", page->version,
		   judge_crc(page->has_good_crc));
	if (view->has_address) {
		line_write(out, "  %-20s 0x%X", "address", view->address);
		line_write(out, "  %-20s %s", "copy", copy_words[view->copy]);
	}
	line_write(out, "  %-20s %u", "application version", page->app_version);
	line_write(out, "  %-20s %u", "bootloader version", page->bl_version);
	line_write(out, "  %-20s %u, current %u", "bank layout", page->bank_layout,
		   page->current_bank);
	write_bank(out, "bank 0", &page->banks[0]);
	write_bank(out, "bank 1", &page->banks[1]);
	line_write(out, "  %-20s 0x%X", "write offset", page->write_offset);
	line_write(out, "  %-20s %u bytes", "SoftDevice", page->sd_size);
	write_progress(out, page);
	line_write(out, "  %-20s %u", "enter buttonless", page->enter_buttonless);
	if (page->version == SETTINGS_VERSION_1)
		return;
	line_write(out, "  %-20s CRC %s", "boot validation",
		   judge_crc(page->has_good_validation_crc));
	write_validation(out, "  SoftDevice", &page->softdevice);
	write_validation(out, "  application", &page->application);
	write_validation(out, "  bootloader", &page->bootloader);
}

static json_t *describe_bank(const struct settings_bank *bank)
{
	const char *name = NULL;

	for (size_t i = 0; i < COUNT(bank_codes); i++) {
		if (bank_codes[i].code == bank->code)
			name = bank_codes[i].name;
	}
	return json_pack("{s:I, s:s?, s:I, s:I}", "code", (json_int_t)bank->code, "holds", name,
			 "size", (json_int_t)bank->size, "crc32", (json_int_t)bank->crc);
}

static json_t *describe_validation(const struct settings_validation *validation)
{
	const char *name =
		validation->type < COUNT(validations) ? validations[validation->type].name : NULL;
	char digits[DIGITS_MAX];

	format_digits(validation, digits);
	return json_pack("{s:i, s:s?, s:s}", "type", validation->type, "name", name, "bytes",
			 digits);
}

static json_t *describe_progress(const struct settings_page *page)
{
	return json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I}", "command_size",
			 (json_int_t)page->command_size, "command_offset",
			 (json_int_t)page->command_offset, "command_crc32",
			 (json_int_t)page->command_crc, "data_object_size",
			 (json_int_t)page->data_object_size, "image_crc32",
			 (json_int_t)page->image_crc, "image_crc32_last",
			 (json_int_t)page->image_crc_last, "image_offset",
			 (json_int_t)page->image_offset, "image_offset_last",
			 (json_int_t)page->image_offset_last);
}

static void add_place(json_t *object, const struct settings_view *view)
{
	static const char *const names[] = {
		[SETTINGS_COPY_ABSENT] = "absent",
		[SETTINGS_COPY_SAME] = "same",
		[SETTINGS_COPY_DIFFERS] = "differs",
	};

	json_object_set_new(object, "address",
			    view->has_address ? json_integer(view->address) : json_null());
	json_object_set_new(object, "copy",
			    view->has_address ? json_string(names[view->copy]) : json_null());
}

static void add_validations(json_t *object, const struct settings_page *page)
{
	json_object_set_new(object, "validation_crc_good",
			    json_boolean(page->has_good_validation_crc));
	json_object_set_new(object, "boot_validation",
			    json_pack("{s:o, s:o, s:o}", "softdevice",
				      describe_validation(&page->softdevice), "application",
				      describe_validation(&page->application), "bootloader",
				      describe_validation(&page->bootloader)));
}

json_t *settings_json_failure(const char *path, const struct failure *failure)
{
	return json_pack("{s:s, s:o, s:o}", "event", "settings", "file", json_line_text(path),
			 "error", json_line_failure(failure));
}

json_t *settings_json(const struct settings_view *view)
{
	const struct settings_page *page = &view->page;
	json_t *object = json_pack(
		"{s:s, s:o, s:n, s:I, s:b, s:I, s:I, s:I, s:I, s:[o, o], s:I, s:I, s:o, s:I}",
		"event", "settings", "file", json_line_text(view->path), "error", "version",
		(json_int_t)page->version, "crc_good", page->has_good_crc, "application_version",
		(json_int_t)page->app_version, "bootloader_version", (json_int_t)page->bl_version,
		"bank_layout", (json_int_t)page->bank_layout, "current_bank",
		(json_int_t)page->current_bank, "banks", describe_bank(&page->banks[0]),
		describe_bank(&page->banks[1]), "write_offset", (json_int_t)page->write_offset,
		"softdevice_size", (json_int_t)page->sd_size, "progress", describe_progress(page),
		"enter_buttonless", (json_int_t)page->enter_buttonless);

	if (!object)
		return NULL;
	add_place(object, view);
	if (page->version == SETTINGS_VERSION_2)
		add_validations(object, page);
	return object;
}
