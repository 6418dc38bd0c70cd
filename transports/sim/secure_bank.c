/* Where a received image is put, and what must go for it. */
#include "secure.h"

#include "softdevice.h"

enum { LAYOUT_DUAL = 0, LAYOUT_SINGLE = 1, APP_DATA_PAGES = 3 };

uint32_t secure_align_page(const struct device *device, uint32_t addr)
{
	uint32_t page_size = device_config(device)->chip->page_size;

	return (addr + page_size - 1) / page_size * page_size;
}

bool secure_find_softdevice(const struct device *device, struct softdevice *ret_installed)
{
	const struct flash *flash = device_flash(device);

	return softdevice_read(flash_bytes(flash) + SOFTDEVICE_START,
			       flash_chip(flash)->flash_size - SOFTDEVICE_START, ret_installed);
}

uint32_t secure_bank0_addr(const struct device *device)
{
	struct softdevice installed;

	if (!secure_find_softdevice(device, &installed))
		return SOFTDEVICE_START;
	return secure_align_page(device, installed.size);
}

uint32_t secure_bank1_addr(const struct device *device)
{
	const struct secure_bank *bank0 = &secure_ram(device)->settings.bank[0];

	return secure_align_page(device, secure_bank0_addr(device) + bank0->size);
}

/* Room for images from there up to what the application keeps for itself. */
static uint32_t room_from(const struct device *device, uint32_t addr)
{
	uint32_t end = secure_ram(device)->layout->bootloader -
		       APP_DATA_PAGES * device_config(device)->chip->page_size;

	return addr < end ? end - addr : 0;
}

/* SDK 15 on: beside the old application where that fits, else in its place. */
static uint16_t make_room_above(struct device *device, const struct secure_init *init, uint32_t len,
				uint32_t *ret_addr)
{
	struct secure_settings *settings = &secure_ram(device)->settings;
	bool single = device_config(device)->single_bank && init->type <= SECURE_SOFTDEVICE;

	if (single || len > room_from(device, secure_bank1_addr(device))) {
		if (len > room_from(device, secure_bank0_addr(device)))
			return SECURE_NO_RESOURCES;
		settings->bank[0] = (struct secure_bank){ 0 };
		settings->write_offset = 0;
	}
	*ret_addr = secure_bank1_addr(device);
	return SECURE_SUCCESS;
}

/* SDK 12 to 14: into bank 0 unless a valid application lies there and bank 1 has room. */
static uint16_t make_room_either(struct device *device, uint32_t len, uint32_t *ret_addr)
{
	struct secure_settings *settings = &secure_ram(device)->settings;
	uint32_t bank0 = secure_bank0_addr(device);
	uint32_t above = secure_bank1_addr(device);
	bool has_app = settings->bank[0].code == SECURE_BANK_APPLICATION;

	if (len > room_from(device, bank0))
		return SECURE_NO_RESOURCES;
	settings->bank_current = has_app && len <= room_from(device, above) ? 1 : 0;
	settings->bank_layout =
		has_app && settings->bank_current == 0 ? LAYOUT_SINGLE : LAYOUT_DUAL;
	settings->bank[settings->bank_current] = (struct secure_bank){ .size = len };
	*ret_addr = settings->bank_current ? above : bank0;
	return SECURE_SUCCESS;
}

uint16_t secure_make_room(struct device *device, const struct secure_init *init, uint32_t len,
			  uint32_t *ret_addr)
{
	if (secure_ram(device)->generation->receives_above)
		return make_room_above(device, init, len, ret_addr);
	return make_room_either(device, len, ret_addr);
}

/* SDK 12 to 14 want every size that the type needs; later ones are content with their sum. */
static uint16_t check_sizes(const struct secure *ram, const struct secure_init *init)
{
	bool combined = init->type == SECURE_SOFTDEVICE_BOOTLOADER;

	if (ram->generation->receives_above)
		return SECURE_SUCCESS;
	if (!init->has_sizes)
		return SECURE_EXT_INIT_INVALID;
	return combined && (init->sd_size == 0 || init->bl_size == 0) ? ram->generation->no_size
								      : SECURE_SUCCESS;
}

uint16_t secure_image_len(const struct device *device, const struct secure_init *init,
			  uint32_t *ret_len)
{
	const struct secure *ram = secure_ram(device);
	uint32_t bootloader_room = ram->layout->bootloader_end - ram->layout->bootloader;
	uint16_t result = check_sizes(ram, init);
	uint32_t len = 0;

	if (result != SECURE_SUCCESS)
		return result;
	if (init->type == SECURE_APPLICATION || init->type == SECURE_EXTERNAL)
		len = init->app_size;
	if (init->type & SECURE_SOFTDEVICE)
		len = init->sd_size;
	/* The chip's sum could wrap around; no flash would hold such a part. */
	if (len > device_config(device)->chip->flash_size)
		return SECURE_NO_RESOURCES;
	if (init->type & SECURE_BOOTLOADER) {
		if (init->bl_size > bootloader_room)
			return SECURE_NO_RESOURCES;
		len += init->bl_size;
	}
	if (len == 0)
		return ram->generation->no_size;
	*ret_len = len;
	return SECURE_SUCCESS;
}
