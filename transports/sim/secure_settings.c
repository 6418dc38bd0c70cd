/*
 * The settings page and its backup (packages-and-init-packets.md 6). Behind what a chip writes
 * there stands the length of the bootloader.
 */
#include "secure.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

enum {
	WORDS = 22, /* from settings version to enter_dfu */
	AT_WORDS = 0x04,
	AT_ENTER_DFU = 0x58,
	AT_INIT = 0x5C,
	AT_VALIDATION_CRC = 0x25C, /* version 2 only, as what follows */
	AT_VALIDATION = 0x260,
	VALIDATION_LEN = 1 + SECURE_SIGNATURE_LEN,
	INIT_LEN_V1 = 256,
	RECORD_LEN = 4
};

/* The numbers in the order of the page, for both directions. */
static void list_words(struct secure_settings *s, uint32_t *ret_words[WORDS])
{
	uint32_t *const words[WORDS] = {
		&s->version,
		&s->app_version,
		&s->bootloader_version,
		&s->bank_layout,
		&s->bank_current,
		&s->bank[0].size,
		&s->bank[0].crc,
		&s->bank[0].code,
		&s->bank[1].size,
		&s->bank[1].crc,
		&s->bank[1].code,
		&s->write_offset,
		&s->softdevice_len,
		&s->progress.command_size,
		&s->progress.command_offset,
		&s->progress.command_crc,
		&s->progress.object_size,
		&s->progress.crc,
		&s->progress.crc_last,
		&s->progress.offset,
		&s->progress.offset_last,
		&s->enter_dfu,
	};

	memcpy(ret_words, words, sizeof(words));
}

static size_t page_len(const struct secure_generation *generation)
{
	return generation->settings_version == 1 ? AT_INIT + INIT_LEN_V1 + RECORD_LEN
						 : SECURE_SETTINGS_LEN;
}

static uint32_t words_crc(const uint8_t *page)
{
	return secure_crc32(0, page + AT_WORDS, AT_INIT - AT_WORDS);
}

static uint32_t validations_crc(const uint8_t *page)
{
	return secure_crc32(0, page + AT_VALIDATION, SECURE_VALIDATIONS * VALIDATION_LEN);
}

static struct secure_validation *validation_of(struct secure_settings *settings, size_t index)
{
	struct secure_validation *const validations[SECURE_VALIDATIONS] = {
		&settings->softdevice_validation, &settings->app_validation,
		&settings->bootloader_validation
	};

	return validations[index];
}

static void encode(const struct secure *ram, uint8_t page[SECURE_SETTINGS_LEN])
{
	struct secure_settings settings = ram->settings;
	uint32_t *words[WORDS];

	memset(page, 0xFF, SECURE_SETTINGS_LEN);
	list_words(&settings, words);
	for (size_t i = 0; i < WORDS; i++)
		secure_put32(page + AT_WORDS + SECURE_WORD * i, *words[i]);
	secure_put32(page, words_crc(page));
	memcpy(page + AT_INIT, settings.init_command, ram->generation->init_max);
	secure_put32(page + page_len(ram->generation) - RECORD_LEN, settings.bootloader_len);
	if (ram->generation->settings_version == 1)
		return;
	for (size_t i = 0; i < SECURE_VALIDATIONS; i++) {
		uint8_t *at = page + AT_VALIDATION + i * VALIDATION_LEN;

		at[0] = validation_of(&settings, i)->type;
		memcpy(at + 1, validation_of(&settings, i)->bytes, SECURE_SIGNATURE_LEN);
	}
	secure_put32(page + AT_VALIDATION_CRC, validations_crc(page));
}

static void decode(const struct secure_generation *generation, const uint8_t *page,
		   struct secure_settings *ret_settings)
{
	uint32_t *words[WORDS];

	list_words(ret_settings, words);
	for (size_t i = 0; i < WORDS; i++)
		*words[i] = secure_get32(page + AT_WORDS + SECURE_WORD * i);
	memcpy(ret_settings->init_command, page + AT_INIT, generation->init_max);
	ret_settings->bootloader_len = secure_get32(page + page_len(generation) - RECORD_LEN);
	if (generation->settings_version == 1)
		return;
	for (size_t i = 0; i < SECURE_VALIDATIONS; i++) {
		const uint8_t *at = page + AT_VALIDATION + i * VALIDATION_LEN;
		struct secure_validation *validation = validation_of(ret_settings, i);

		validation->type = at[0];
		memcpy(validation->bytes, at + 1, SECURE_SIGNATURE_LEN);
	}
}

/* An erased page has FFFFFFFF for its CRC, which counts as none. */
static bool page_ok(const uint8_t *page)
{
	return secure_get32(page) != UINT32_MAX && secure_get32(page) == words_crc(page);
}

static bool backup_ok(const struct secure_generation *generation, const uint8_t *page)
{
	return page_ok(page) && (generation->settings_version == 1 ||
				 secure_get32(page + AT_VALIDATION_CRC) == validations_crc(page));
}

/* 0: there is none. */
static uint32_t backup_addr(const struct secure_generation *generation,
			    const struct secure_layout *layout)
{
	return generation->has_backup ? layout->backup : 0;
}

/* The application may write the page: of what it wrote, only the flag to enter DFU counts. */
void secure_settings_read(const struct device *device, struct secure_settings *ret_settings)
{
	const struct device_config *config = device_config(device);
	const struct secure_generation *generation = secure_find_generation(config->sdk);
	const struct secure_layout *layout = secure_find_layout(config->chip->name);
	const uint8_t *flash = flash_bytes(device_flash(device));
	const uint8_t *page = flash + layout->settings;
	const uint8_t *backup = flash + backup_addr(generation, layout);
	bool use_backup = backup != flash && backup_ok(generation, backup);

	*ret_settings = (struct secure_settings){ .version = generation->settings_version };
	if (use_backup)
		decode(generation, backup, ret_settings);
	else if (page_ok(page))
		decode(generation, page, ret_settings);
	if (use_backup && page_ok(page))
		ret_settings->enter_dfu = secure_get32(page + AT_ENTER_DFU);
	/* A flash file that somebody else made may claim anything. */
	if (ret_settings->progress.command_size > generation->init_max)
		secure_progress_reset(ret_settings);
}

/* A page that the settings go to, and the RAM they wait in until flash has taken them. */
struct place {
	uint32_t addr;
	uint8_t *copy;
};

/* The pages that would change; *ret_page is what would be in them. */
static size_t list_places(struct device *device, uint8_t ret_page[SECURE_SETTINGS_LEN],
			  struct place ret_places[2])
{
	struct secure *ram = secure_ram(device);
	const struct place all[2] = { { ram->layout->settings, ram->page },
				      { ram->layout->backup, ram->backup } };
	const uint8_t *flash = flash_bytes(device_flash(device));
	size_t len = page_len(ram->generation);
	size_t most = backup_addr(ram->generation, ram->layout) ? 2 : 1;
	size_t count = 0;

	encode(ram, ret_page);
	for (size_t i = 0; i < most; i++) {
		if (memcmp(flash + all[i].addr, ret_page, len) != 0)
			ret_places[count++] = all[i];
	}
	return count;
}

void secure_settings_store_now(struct device *device)
{
	struct flash *flash = device_flash(device);
	size_t len = page_len(secure_ram(device)->generation);
	uint8_t page[SECURE_SETTINGS_LEN];
	struct place places[2];
	size_t count = list_places(device, page, places);

	for (size_t i = 0; i < count; i++) {
		firmware_spend(device, flash_erase_now(flash, places[i].addr, 1));
		firmware_spend(device, flash_write_now(flash, places[i].addr, page, len));
	}
}

bool secure_settings_store(struct device *device, flash_done_fn *done)
{
	struct flash *flash = device_flash(device);
	size_t len = page_len(secure_ram(device)->generation);
	uint8_t page[SECURE_SETTINGS_LEN];
	struct place places[2];
	size_t count = list_places(device, page, places);

	for (size_t i = 0; i < count; i++) {
		memcpy(places[i].copy, page, len);
		if (!flash_queue_erase(flash, places[i].addr, 1, NULL, NULL) ||
		    !flash_queue_write(flash, places[i].addr, places[i].copy, len,
				       i + 1 == count ? done : NULL, device))
			return false;
	}
	if (count == 0 && done)
		done(device, true);
	return true;
}

void secure_settings_now(const struct device *device, struct secure_settings *ret_settings)
{
	if (device_mode(device) == DEVICE_BOOTLOADER)
		*ret_settings = secure_ram(device)->settings;
	else
		secure_settings_read(device, ret_settings);
}

void secure_progress_reset(struct secure_settings *settings)
{
	memset(settings->init_command, 0xFF, sizeof(settings->init_command));
	settings->progress = (struct secure_progress){ 0 };
	settings->write_offset = 0;
}

static json_t *json_crc(uint32_t crc)
{
	char text[9];

	snprintf(text, sizeof(text), "%08x", crc);
	return json_string(text);
}

static json_t *json_bank(const struct secure_bank *bank)
{
	return json_pack("{s:I, s:I, s:o}", "code", (json_int_t)bank->code, "size",
			 (json_int_t)bank->size, "crc32", json_crc(bank->crc));
}

static json_t *json_progress(const struct secure_progress *progress)
{
	return json_pack("{s:I, s:I, s:I, s:I, s:I, s:o, s:o}", "command_size",
			 (json_int_t)progress->command_size, "command_offset",
			 (json_int_t)progress->command_offset, "data_object_size",
			 (json_int_t)progress->object_size, "offset", (json_int_t)progress->offset,
			 "offset_last", (json_int_t)progress->offset_last, "crc32",
			 json_crc(progress->crc), "crc32_last", json_crc(progress->crc_last));
}

char *secure_settings_json(const struct device *device)
{
	struct secure_settings settings;
	json_t *root;
	char *text = NULL;

	secure_settings_now(device, &settings);
	root = json_pack("{s:o, s:o, s:I, s:I}", "bank0", json_bank(&settings.bank[0]), "bank1",
			 json_bank(&settings.bank[1]), "app_version",
			 (json_int_t)settings.app_version, "bl_version",
			 (json_int_t)settings.bootloader_version);
	if (device_mode(device) == DEVICE_BOOTLOADER)
		json_object_set_new(root, "progress", json_progress(&settings.progress));
	if (root)
		text = json_dumps(root, 0);
	json_decref(root);
	return text;
}
