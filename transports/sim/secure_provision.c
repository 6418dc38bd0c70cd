/* What production puts into the flash of a new device. */
#include "secure.h"

#include "softdevice.h"

#include <stdlib.h>

enum { BOOTLOADER_LEN = 0x4000 };

/* A given image of a part, where it fits. */
static bool program_given(struct device *device, uint32_t addr, uint32_t end, const uint8_t *image,
			  size_t len)
{
	if (!image || addr > end || len > end - addr)
		return false;
	flash_program(device_flash(device), addr, image, len);
	return true;
}

static void program_softdevice(struct device *device)
{
	const struct device_config *config = device_config(device);
	struct secure *ram = secure_ram(device);
	struct softdevice softdevice = softdevice_find(config->softdevice, config->chip->name);
	uint32_t end = ram->layout->bootloader;
	uint8_t *image;

	if (program_given(device, SOFTDEVICE_START, end, config->softdevice_image,
			  config->softdevice_len)) {
		ram->settings.softdevice_len = (uint32_t)config->softdevice_len;
		return;
	}
	if (config->softdevice_size_with_mbr > SOFTDEVICE_START &&
	    config->softdevice_size_with_mbr < end)
		softdevice.size = config->softdevice_size_with_mbr;
	image = malloc(softdevice.size - SOFTDEVICE_START);
	if (!image)
		abort();
	softdevice_generate(&softdevice, image, softdevice.size - SOFTDEVICE_START);
	flash_program(device_flash(device), SOFTDEVICE_START, image,
		      softdevice.size - SOFTDEVICE_START);
	free(image);
}

static void program_bootloader(struct device *device)
{
	const struct device_config *config = device_config(device);
	struct secure *ram = secure_ram(device);
	const struct secure_layout *layout = ram->layout;
	uint8_t image[BOOTLOADER_LEN];

	if (program_given(device, layout->bootloader, layout->bootloader_end,
			  config->bootloader_image, config->bootloader_len)) {
		ram->settings.bootloader_len = (uint32_t)config->bootloader_len;
		return;
	}
	for (size_t i = 0; i < sizeof(image); i++)
		image[i] = (uint8_t)((i * 2246822519u) >> 23);
	flash_program(device_flash(device), layout->bootloader, image, sizeof(image));
	ram->settings.bootloader_len = sizeof(image);
}

static void program_application(struct device *device)
{
	const struct device_config *config = device_config(device);
	struct secure *ram = secure_ram(device);
	struct secure_settings *settings = &ram->settings;
	uint32_t crc;

	if (!program_given(device, secure_bank0_addr(device), ram->layout->bootloader,
			   config->application, config->application_len))
		return;
	crc = secure_crc32(0, config->application, config->application_len);
	settings->bank[0] = (struct secure_bank){ .size = (uint32_t)config->application_len,
						  .crc = crc,
						  .code = SECURE_BANK_APPLICATION };
	settings->app_validation.type = SECURE_VALIDATE_CRC;
	secure_put32(settings->app_validation.bytes, crc);
}

void secure_provision(struct device *device)
{
	const struct device_config *config = device_config(device);
	struct secure *ram = secure_ram(device);

	ram->generation = secure_find_generation(config->sdk);
	ram->layout = secure_find_layout(config->chip->name);
	ram->settings =
		(struct secure_settings){ .version = ram->generation->settings_version,
					  .app_version = config->app_version,
					  .bootloader_version = config->bootloader_version };
	program_softdevice(device);
	program_bootloader(device);
	program_application(device);
	secure_settings_store_now(device);
}
