/* Activation, the copying after a reset, and what then starts: legacy-dfu.md, section 9. */
#include "peer_legacy.h"

#include "softdevice.h"

#include <string.h>

enum { REASON_USER_TERMINATED = 0x13, DEBUGGER_DELAY_US = 100000, WORD = 4 };

/* --- end of the DFU mode --- */

static void close_link(struct device *device)
{
	firmware_stop_advertising(device);
	firmware_disconnect(device, REASON_USER_TERMINATED);
}

void legacy_leave(struct device *device)
{
	struct legacy_settings settings = legacy_settings_read(device);

	close_link(device);
	if (legacy_application_is_valid(device) && !legacy_swap_is_due(&settings))
		firmware_restart_without_reset(device);
	else
		firmware_reset(device);
}

static void settings_saved(void *user, bool ok)
{
	(void)ok;
	legacy_leave(user);
}

/* The CRC template leaves the stored CRC 0. */
static void activate_application(struct device *device)
{
	const struct legacy *legacy = legacy_of(device);
	const struct legacy_generation *generation = legacy_generation(device);
	struct legacy_settings settings = { .bank0 = LEGACY_BANK_APPLICATION,
					    .bank0_size = legacy->app_size,
					    .bank0_crc =
						    generation->keeps_crc ? legacy->image_crc : 0,
					    .bank1 = LEGACY_BANK_INVALID };
	struct legacy_record record = legacy_record_read(device);

	/* An init packet of the old form names no version. */
	if (!generation->takes_old_init)
		record.app_version = legacy->app_version;
	legacy_settings_save(device, &settings, &record, settings_saved);
}

static void application_copied(void *user, bool ok)
{
	if (ok)
		activate_application(user);
	else
		firmware_error_check(user);
}

/*
 * The flash driver refuses to write nothing, when the page has already gone (section 9). A size
 * beyond the bank comes from a Start whose sum of sizes overflowed.
 */
static void bank0_erased(void *user, bool ok)
{
	struct device *device = user;
	struct legacy_layout layout = legacy_layout(device);
	uint32_t size = legacy_of(device)->app_size;

	if (!ok || size == 0 || size > layout.banked_max ||
	    !flash_queue_write(device_flash(device), layout.app_start,
			       legacy_flash_at(device, layout.bank1), size, application_copied,
			       device))
		firmware_error_check(device);
}

static void copy_application(struct device *device)
{
	uint32_t pages = legacy_pages(device, legacy_of(device)->app_size);

	if (!flash_queue_erase(device_flash(device), legacy_layout(device).app_start, pages,
			       bank0_erased, device))
		firmware_error_check(device);
}

/* Bank 0 stays what it is; the image waits in the bank for the next start. */
static void activate_bootloader(struct device *device)
{
	const struct legacy *legacy = legacy_of(device);
	struct legacy_settings settings = legacy_settings_read(device);
	struct legacy_record record = legacy_record_read(device);

	settings.bank1 = LEGACY_BANK_BOOTLOADER;
	settings.sd_size = legacy->sd_size;
	settings.bl_size = legacy->bl_size;
	settings.app_size = legacy->app_size;
	settings.sd_image_start = 0;
	legacy_settings_save(device, &settings, &record, settings_saved);
}

static void activate_softdevice(struct device *device)
{
	const struct legacy *legacy = legacy_of(device);
	struct legacy_settings settings = { .bank0 = LEGACY_BANK_SOFTDEVICE,
					    .bank0_size = legacy->image_size,
					    .bank1 = LEGACY_BANK_INVALID,
					    .sd_size = legacy->sd_size,
					    .bl_size = legacy->bl_size,
					    .app_size = legacy->app_size,
					    .sd_image_start = legacy_layout(device).app_start };
	struct legacy_record record = legacy_record_read(device);

	legacy_settings_save(device, &settings, &record, settings_saved);
}

void legacy_activate(struct device *device)
{
	struct legacy *legacy = legacy_of(device);

	close_link(device);
	legacy->state = LEGACY_ACTIVATING;
	if (legacy->image == LEGACY_SOFTDEVICE)
		activate_softdevice(device);
	else if (legacy->image == LEGACY_BOOTLOADER)
		activate_bootloader(device);
	else if (device_config(device)->single_bank)
		activate_application(device);
	else
		copy_application(device);
}

/* --- the copying by the MBR --- */

struct move {
	const char *image;
	uint32_t from;
	uint32_t to;
	uint32_t len;
};

static struct move softdevice_move(const struct legacy_settings *settings)
{
	return (struct move){ .image = "softdevice",
			      .from = settings->sd_image_start,
			      .to = SOFTDEVICE_START,
			      .len = settings->sd_size };
}

static struct move bootloader_move(const struct device *device,
				   const struct legacy_settings *settings)
{
	struct legacy_layout layout = legacy_layout(device);
	uint32_t bank = device_config(device)->single_bank ? layout.app_start : layout.bank1;

	return (struct move){ .image = "bootloader",
			      .from = settings->sd_size
					      ? settings->sd_image_start + settings->sd_size
					      : bank,
			      .to = layout.bootloader,
			      .len = settings->bl_size };
}

static uint32_t distance(const struct move *move)
{
	return move->from > move->to ? move->from - move->to : move->to - move->from;
}

/* Sizes whose sum overflows pass Start, and a stored flash may hold anything. */
static bool is_possible(const struct device *device, const struct move *move)
{
	const struct chip *chip = device_config(device)->chip;

	return move->len == 0 ||
	       (move->len <= chip->flash_size && move->from <= chip->flash_size - move->len &&
		move->to <= chip->flash_size - move->len && distance(move) >= chip->page_size &&
		move->from % WORD == 0 && move->len % WORD == 0);
}

/* A SoftDevice larger than the gap overwrites its own source, by whole pages. */
static bool is_done(const struct device *device, const struct move *move)
{
	uint32_t page_size = device_config(device)->chip->page_size;
	uint32_t end = (move->to + move->len + page_size - 1) / page_size * page_size;
	uint32_t gone = move->to < move->from && end > move->from ? end - move->from : 0;
	uint32_t first = gone < move->len ? gone : move->len;

	return move->len == 0 ||
	       memcmp(legacy_flash_at(device, move->from + first),
		      legacy_flash_at(device, move->to + first), move->len - first) == 0;
}

static void copy(struct device *device, const struct move *move)
{
	struct flash *flash = device_flash(device);
	uint32_t page_size = device_config(device)->chip->page_size;

	if (move->len == 0)
		return;
	for (uint32_t done = 0; done < move->len; done += page_size) {
		uint32_t left = move->len - done;

		firmware_spend(device, flash_erase_now(flash, move->to + done, 1));
		firmware_spend(device, flash_write_now(flash, move->to + done,
						       legacy_flash_at(device, move->from + done),
						       left < page_size ? left : page_size));
	}
	firmware_report(device, &(struct device_event){ .kind = DEVICE_EVENT_MBR_COPY,
							.text = move->image,
							.number = move->len });
}

/* False: the chip resets and comes back here. */
static bool swap_images(struct device *device, const struct legacy_settings *settings)
{
	struct move softdevice = softdevice_move(settings);
	struct move bootloader = bootloader_move(device, settings);

	if (!is_possible(device, &softdevice) || !is_possible(device, &bootloader)) {
		firmware_error_check(device);
		return false;
	}
	if (is_done(device, &softdevice) && is_done(device, &bootloader))
		return true;
	firmware_spend(device, DEBUGGER_DELAY_US);
	copy(device, &softdevice);
	copy(device, &bootloader);
	/* The MBR does not return from copying the bootloader. */
	if (bootloader.len > 0)
		firmware_reset(device);
	return bootloader.len == 0;
}

static void finish_swap(struct device *device, const struct legacy_settings *settings)
{
	struct legacy_settings after = { .bank0 = LEGACY_BANK_INVALID,
					 .bank1 = LEGACY_BANK_INVALID };
	struct legacy_record record = legacy_record_read(device);
	struct flash *flash = device_flash(device);
	uint32_t addr = legacy_layout(device).settings;
	uint8_t page[LEGACY_PAGE_USED];

	if (settings->bank0 != LEGACY_BANK_SOFTDEVICE) {
		after.bank0 = settings->bank0;
		after.bank0_crc = settings->bank0_crc;
		after.bank0_size = settings->bank0_size;
	}
	if (settings->sd_size > 0)
		record.sd_len = settings->sd_size;
	if (settings->bl_size > 0)
		record.bl_len = settings->bl_size;
	legacy_settings_encode(&after, &record, page);
	firmware_spend(device, flash_erase_now(flash, addr, 1));
	firmware_spend(device, flash_write_now(flash, addr, page, sizeof(page)));
}

void legacy_boot(struct device *device)
{
	bool asked = firmware_gpregret(device) == FIRMWARE_GPREGRET_DFU;
	struct legacy_settings settings = legacy_settings_read(device);
	bool swap = legacy_swap_is_due(&settings);

	firmware_set_gpregret(device, 0);
	if (swap && !swap_images(device, &settings))
		return;
	if (swap)
		finish_swap(device, &settings);
	/* Behind a swap the real one finds its work done and resets instead of starting DFU. */
	if (legacy_application_is_valid(device) && (swap || !asked))
		firmware_run_application(device);
	else if (swap)
		firmware_reset(device);
	else
		legacy_run(device);
}
