/*
 * After a reset: an accepted image goes where it runs. Each step is noted in the settings, so that
 * a loss of power repeats little and damages nothing.
 */
#include "secure.h"

#include "softdevice.h"

#include <string.h>

struct source {
	struct secure_bank *bank;
	uint32_t addr;
};

/*
 * The address is noted, since the banks move with the end of the SoftDevice; but before SDK 15 not
 * that of an application. (SDK 12 to 14.0 note none, and never start again after a SoftDevice and
 * bootloader of another size. That is not imitated.)
 */
static struct source find_source(struct device *device)
{
	struct secure *ram = secure_ram(device);
	struct secure_settings *settings = &ram->settings;
	size_t current = ram->generation->receives_above || settings->bank_current ? 1 : 0;
	struct source source = { &settings->bank[current], settings->progress.update_start };

	if (!ram->generation->receives_above && source.bank->code == SECURE_BANK_APPLICATION)
		source.addr = current ? secure_bank1_addr(device) : secure_bank0_addr(device);
	return source;
}

/* Pages at once: never so many that the source of what is left would be erased. */
static uint32_t copy_step(const struct device *device, uint32_t dst, uint32_t src)
{
	uint32_t page_size = device_config(device)->chip->page_size;
	uint32_t gap = (src - dst) / page_size;
	uint32_t pages = secure_ram(device)->generation->copy_pages;

	return (pages < gap ? pages : gap) * page_size;
}

/*
 * The len bytes of an image from dst on; write_offset follows. A settings page that somebody else
 * made may claim anything.
 */
static void copy_image(struct device *device, uint32_t dst, uint32_t src, uint32_t len,
		       bool erases_source)
{
	struct secure *ram = secure_ram(device);
	struct flash *flash = device_flash(device);
	uint32_t page_size = device_config(device)->chip->page_size;

	if (src <= dst || dst % page_size != 0 || src % page_size != 0 ||
	    copy_step(device, dst, src) == 0 || !secure_flash_at(device, src, len))
		return;
	while (len > 0) {
		uint32_t step = copy_step(device, dst, src);
		uint32_t bytes = len < step ? len : step;

		firmware_spend(device,
			       flash_erase_now(flash, dst, (bytes + page_size - 1) / page_size));
		firmware_spend(device, flash_write_now(flash, dst, flash_bytes(flash) + src,
						       secure_align_word(bytes)));
		if (erases_source)
			firmware_spend(device, flash_erase_now(flash, src, 1));
		dst += bytes;
		src += bytes;
		len -= bytes;
		ram->settings.write_offset += bytes;
		secure_settings_store_now(device);
	}
}

static void activate_application(struct device *device, const struct source *source)
{
	struct secure_settings *settings = &secure_ram(device)->settings;
	uint32_t done = settings->write_offset;
	uint32_t size = source->bank->size;
	uint32_t dst = secure_bank0_addr(device);
	const uint8_t *image = secure_flash_at(device, dst, size);
	uint32_t crc = source->bank->crc;

	if (!image || done > size)
		return;
	copy_image(device, dst + done, source->addr + done, size - done,
		   secure_ram(device)->generation->erases_source);
	if (secure_crc32(0, image, size) == crc)
		settings->bank[0] = (struct secure_bank){ .size = size,
							  .crc = crc,
							  .code = SECURE_BANK_APPLICATION };
}

static void activate_softdevice(struct device *device, const struct source *source)
{
	const struct secure_settings *settings = &secure_ram(device)->settings;
	uint32_t done = settings->write_offset;

	if (done >= settings->softdevice_len)
		return;
	copy_image(device, SOFTDEVICE_START + done, source->addr + done,
		   secure_align_page(device, settings->softdevice_len - done), false);
}

/* False: it already is there. The MBR copies, then resets. */
static bool copy_bootloader(struct device *device, const struct source *source)
{
	struct secure *ram = secure_ram(device);
	bool after_softdevice = source->bank->code == SECURE_BANK_SOFTDEVICE_BOOTLOADER;
	uint32_t before = after_softdevice ? ram->settings.softdevice_len : 0;
	uint32_t len = source->bank->size - before;
	uint32_t room = ram->layout->bootloader_end - ram->layout->bootloader;
	struct flash *flash = device_flash(device);
	const uint8_t *image;

	if (before > source->bank->size || len > room)
		return false;
	image = secure_flash_at(device, source->addr + before, secure_align_word(len));
	if (!image)
		return false;
	ram->settings.bootloader_len = len;
	if (memcmp(flash_bytes(flash) + ram->layout->bootloader, image, len) == 0)
		return false;
	firmware_report(device, &(struct device_event){ .kind = DEVICE_EVENT_MBR_COPY,
							.text = "bootloader",
							.number = len });
	firmware_spend(device, flash_erase_now(flash, ram->layout->bootloader,
					       room / flash_chip(flash)->page_size));
	firmware_spend(device, flash_write_now(flash, ram->layout->bootloader, image,
					       secure_align_word(len)));
	return true;
}

/* The bank is done with, whatever came of it. */
static enum secure_activation finish(struct device *device, struct secure_bank *bank,
				     bool has_softdevice)
{
	struct secure *ram = secure_ram(device);
	bool has_application = ram->settings.bank[0].code == SECURE_BANK_APPLICATION;

	*bank = (struct secure_bank){ 0 };
	ram->settings.write_offset = 0;
	secure_settings_store_now(device);
	if (has_softdevice && (has_application || !ram->generation->restarts_activated))
		return SECURE_ACTIVATED_SOFTDEVICE;
	return SECURE_ACTIVATED;
}

enum secure_activation secure_activate(struct device *device)
{
	struct source source = find_source(device);
	uint32_t code = source.bank->code;
	bool has_softdevice =
		code == SECURE_BANK_SOFTDEVICE || code == SECURE_BANK_SOFTDEVICE_BOOTLOADER;
	bool has_bootloader =
		code == SECURE_BANK_BOOTLOADER || code == SECURE_BANK_SOFTDEVICE_BOOTLOADER;

	/* In bank 0 an application is where it belongs. */
	if (code == SECURE_BANK_APPLICATION && source.bank == &secure_ram(device)->settings.bank[1])
		activate_application(device, &source);
	else if (!has_softdevice && !has_bootloader)
		return SECURE_ACTIVATED_NOTHING;
	if (has_softdevice)
		activate_softdevice(device, &source);
	if (has_bootloader && copy_bootloader(device, &source))
		return SECURE_COPYING_BOOTLOADER;
	return finish(device, source.bank, has_softdevice);
}
