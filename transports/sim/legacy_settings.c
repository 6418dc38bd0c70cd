/* The settings page of the legacy bootloader. */
#include "peer_legacy.h"

#include "softdevice.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

/* Offsets in the page. */
enum {
	BANK0 = 0,
	BANK0_CRC = 2,
	BANK1 = 4,
	BANK0_SIZE = 8,
	SD_SIZE = 12,
	BL_SIZE = 16,
	APP_SIZE = 20,
	SD_IMAGE_START = 24,
	RECORD_APP_VERSION = 32,
	RECORD_SD_LEN = 36,
	RECORD_BL_LEN = 40
};

enum { ERASED = 0xFF };

struct legacy_settings legacy_settings_read(const struct device *device)
{
	const uint8_t *page = legacy_flash_at(device, legacy_layout(device).settings);

	return (struct legacy_settings){
		.bank0 = page[BANK0],
		.bank1 = page[BANK1],
		.bank0_crc = (uint16_t)(page[BANK0_CRC] | page[BANK0_CRC + 1] << 8),
		.bank0_size = legacy_get_u32(page + BANK0_SIZE),
		.sd_size = legacy_get_u32(page + SD_SIZE),
		.bl_size = legacy_get_u32(page + BL_SIZE),
		.app_size = legacy_get_u32(page + APP_SIZE),
		.sd_image_start = legacy_get_u32(page + SD_IMAGE_START),
	};
}

/* Between the erase and the write of the page the record is lost. */
static struct legacy_record lost_record(const struct device *device)
{
	struct legacy_layout layout = legacy_layout(device);

	return (struct legacy_record){ .app_version = device_config(device)->app_version,
				       .sd_len = layout.app_start - SOFTDEVICE_START,
				       .bl_len = layout.bootloader_max };
}

struct legacy_record legacy_record_read(const struct device *device)
{
	struct legacy_layout layout = legacy_layout(device);
	const uint8_t *page = legacy_flash_at(device, layout.settings);
	struct legacy_record record = { .app_version = legacy_get_u32(page + RECORD_APP_VERSION),
					.sd_len = legacy_get_u32(page + RECORD_SD_LEN),
					.bl_len = legacy_get_u32(page + RECORD_BL_LEN) };

	if (record.sd_len > layout.bootloader - SOFTDEVICE_START ||
	    record.bl_len > layout.bootloader_max)
		return lost_record(device);
	return record;
}

void legacy_settings_encode(const struct legacy_settings *settings,
			    const struct legacy_record *record, uint8_t page[LEGACY_PAGE_USED])
{
	memset(page, ERASED, LEGACY_PAGE_USED);
	page[BANK0] = settings->bank0;
	page[BANK0_CRC] = (uint8_t)settings->bank0_crc;
	page[BANK0_CRC + 1] = (uint8_t)(settings->bank0_crc >> 8);
	page[BANK1] = settings->bank1;
	legacy_put_u32(page + BANK0_SIZE, settings->bank0_size);
	legacy_put_u32(page + SD_SIZE, settings->sd_size);
	legacy_put_u32(page + BL_SIZE, settings->bl_size);
	legacy_put_u32(page + APP_SIZE, settings->app_size);
	legacy_put_u32(page + SD_IMAGE_START, settings->sd_image_start);
	legacy_put_u32(page + RECORD_APP_VERSION, record->app_version);
	legacy_put_u32(page + RECORD_SD_LEN, record->sd_len);
	legacy_put_u32(page + RECORD_BL_LEN, record->bl_len);
}

void legacy_settings_save(struct device *device, const struct legacy_settings *settings,
			  const struct legacy_record *record, flash_done_fn *done)
{
	struct flash *flash = device_flash(device);
	uint32_t addr = legacy_layout(device).settings;
	uint8_t *page = legacy_of(device)->page;

	legacy_settings_encode(settings, record, page);
	if (!flash_queue_erase(flash, addr, 1, NULL, NULL) ||
	    !flash_queue_write(flash, addr, page, LEGACY_PAGE_USED, done, device))
		firmware_error_check(device);
}

/* A stored CRC of 0 is not checked: so it is after every update (legacy-dfu.md 9). */
bool legacy_application_is_valid(const struct device *device)
{
	static const uint8_t empty[4] = { ERASED, ERASED, ERASED, ERASED };
	struct legacy_layout layout = legacy_layout(device);
	const uint8_t *application = legacy_flash_at(device, layout.app_start);
	struct legacy_settings settings = legacy_settings_read(device);

	if (settings.bank0 != LEGACY_BANK_APPLICATION || settings.bank0_size > layout.full_max ||
	    memcmp(application, empty, sizeof(empty)) == 0)
		return false;
	return settings.bank0_crc == 0 ||
	       settings.bank0_crc == legacy_crc16(application, settings.bank0_size);
}

bool legacy_swap_is_due(const struct legacy_settings *settings)
{
	return settings->bank0 == LEGACY_BANK_SOFTDEVICE ||
	       settings->bank1 == LEGACY_BANK_BOOTLOADER;
}

char *legacy_settings_json(const struct device *device)
{
	struct legacy_settings settings = legacy_settings_read(device);
	char crc16[5];
	json_t *json;
	char *text;

	snprintf(crc16, sizeof(crc16), "%04x", settings.bank0_crc);
	json = json_pack("{s{sisIss}s{si}sIsIsIsI}", "bank0", "code", settings.bank0, "size",
			 (json_int_t)settings.bank0_size, "crc16", crc16, "bank1", "code",
			 settings.bank1, "sd_size", (json_int_t)settings.sd_size, "bl_size",
			 (json_int_t)settings.bl_size, "app_size", (json_int_t)settings.app_size,
			 "sd_image_start", (json_int_t)settings.sd_image_start);
	text = json ? json_dumps(json, JSON_COMPACT) : NULL;
	json_decref(json);
	return text;
}
