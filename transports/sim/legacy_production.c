/* A legacy device as it leaves production, and what it holds later. */
#include "peer_legacy.h"

#include "softdevice.h"

#include <stdlib.h>

enum { BOOTLOADER_LEN = 0x3000 };

/* Without a SoftDevice, for want of memory, there is a device that refuses everything. */
static void program_generated_softdevice(struct device *device, const struct softdevice *softdevice)
{
	size_t len = softdevice->size - SOFTDEVICE_START;
	uint8_t *image = malloc(len);

	if (!image)
		return;
	softdevice_generate(softdevice, image, len);
	flash_program(device_flash(device), SOFTDEVICE_START, image, len);
	free(image);
}

static uint32_t program_softdevice(struct device *device)
{
	const struct device_config *config = device_config(device);
	struct softdevice softdevice = softdevice_find(config->softdevice, config->chip->name);
	uint32_t bootloader = legacy_layout(device).bootloader;

	if (config->softdevice_image && config->softdevice_len <= bootloader - SOFTDEVICE_START) {
		flash_program(device_flash(device), SOFTDEVICE_START, config->softdevice_image,
			      config->softdevice_len);
		return (uint32_t)config->softdevice_len;
	}
	if (config->softdevice_size_with_mbr > SOFTDEVICE_START &&
	    config->softdevice_size_with_mbr <= bootloader)
		softdevice.size = config->softdevice_size_with_mbr;
	program_generated_softdevice(device, &softdevice);
	return softdevice.size - SOFTDEVICE_START;
}

static uint32_t program_bootloader(struct device *device)
{
	const struct device_config *config = device_config(device);
	struct legacy_layout layout = legacy_layout(device);
	uint8_t image[BOOTLOADER_LEN];

	if (config->bootloader_image && config->bootloader_len <= layout.bootloader_max) {
		flash_program(device_flash(device), layout.bootloader, config->bootloader_image,
			      config->bootloader_len);
		return (uint32_t)config->bootloader_len;
	}
	for (size_t i = 0; i < sizeof(image); i++)
		image[i] = (uint8_t)(i * 2246822519u >> 24);
	flash_program(device_flash(device), layout.bootloader, image, sizeof(image));
	return sizeof(image);
}

/* One that does not fit is left out: the device then starts in its bootloader. */
static void program_application(struct device *device, struct legacy_settings *settings)
{
	const struct device_config *config = device_config(device);
	struct legacy_layout layout = legacy_layout(device);

	if (!config->application || config->application_len > layout.full_max)
		return;
	flash_program(device_flash(device), layout.app_start, config->application,
		      config->application_len);
	*settings = (struct legacy_settings){
		.bank0 = LEGACY_BANK_APPLICATION,
		.bank0_size = (uint32_t)config->application_len,
		.bank0_crc = legacy_crc16(config->application, config->application_len),
		.bank1 = LEGACY_BANK_INVALID,
	};
}

void legacy_provision(struct device *device)
{
	/* The settings page of a device without application is empty. */
	struct legacy_settings settings = { .bank0 = LEGACY_BANK_INVALID,
					    .bank1 = LEGACY_BANK_INVALID,
					    .bank0_crc = UINT16_MAX,
					    .bank0_size = UINT32_MAX,
					    .sd_size = UINT32_MAX,
					    .bl_size = UINT32_MAX,
					    .app_size = UINT32_MAX,
					    .sd_image_start = UINT32_MAX };
	struct legacy_record record = { .app_version = device_config(device)->app_version };
	uint8_t page[LEGACY_PAGE_USED];

	record.sd_len = program_softdevice(device);
	record.bl_len = program_bootloader(device);
	program_application(device, &settings);
	legacy_settings_encode(&settings, &record, page);
	flash_program(device_flash(device), legacy_layout(device).settings, page, sizeof(page));
}

void legacy_describe(const struct device *device, struct device_state *ret_state)
{
	struct legacy_layout layout = legacy_layout(device);
	struct legacy_settings settings = legacy_settings_read(device);
	struct legacy_record record = legacy_record_read(device);

	ret_state->softdevice = (struct device_image){ SOFTDEVICE_START, record.sd_len };
	ret_state->bootloader = (struct device_image){ layout.bootloader, record.bl_len };
	ret_state->application.addr = layout.app_start;
	if (legacy_application_is_valid(device))
		ret_state->application.len = settings.bank0_size;
	ret_state->bank1 = layout.bank1;
	ret_state->app_version = record.app_version;
	ret_state->bootloader_version = device_config(device)->bootloader_version;
	ret_state->softdevice_fwid = legacy_softdevice_fwid(device);
}
