/* Images in flash: the received one against its init packet, the installed ones at each boot. */
#include "secure.h"

#include "softdevice.h"

#include <string.h>

enum { VERSION_MAJOR = 1000000 };

/* By type of the image. */
static const uint8_t bank_codes[] = { SECURE_BANK_APPLICATION, SECURE_BANK_SOFTDEVICE,
				      SECURE_BANK_BOOTLOADER, SECURE_BANK_SOFTDEVICE_BOOTLOADER };

const uint8_t *secure_flash_at(const struct device *device, uint32_t addr, uint32_t len)
{
	const struct flash *flash = device_flash(device);
	uint32_t size = flash_chip(flash)->flash_size;

	return addr <= size && len <= size - addr ? flash_bytes(flash) + addr : NULL;
}

static bool ecdsa_ok(const struct device *device, const uint8_t *image, uint32_t len,
		     const uint8_t *signature)
{
	const struct device_config *config = device_config(device);
	uint8_t digest[SECURE_HASH_LEN];

	secure_sha256(image, len, digest);
	return !config->has_public_key ||
	       secure_signature_ok(config->public_key, digest, signature);
}

/* What CRC and SHA-256 validations hold is computed here, not taken from the packet. */
static bool fill_validation(uint8_t type, const uint8_t *image, uint32_t len,
			    struct secure_validation *validation)
{
	validation->type = type;
	if (type == SECURE_VALIDATE_ECDSA)
		return true;
	memset(validation->bytes, 0, sizeof(validation->bytes));
	if (type == SECURE_VALIDATE_CRC)
		secure_put32(validation->bytes, secure_crc32(0, image, len));
	if (type == SECURE_VALIDATE_SHA256)
		secure_sha256(image, len, validation->bytes);
	return type <= SECURE_VALIDATE_SHA256;
}

static bool image_is_valid(const struct device *device, const struct secure_validation *validation,
			   uint32_t addr, uint32_t len)
{
	const uint8_t *image = secure_flash_at(device, addr, len);
	struct secure_validation present;

	if (!image)
		return false;
	if (validation->type == SECURE_VALIDATE_ECDSA)
		return ecdsa_ok(device, image, len, validation->bytes);
	return fill_validation(validation->type, image, len, &present) &&
	       memcmp(present.bytes, validation->bytes, sizeof(present.bytes)) == 0;
}

/* How a part of the image is to be validated at each boot: as the packet asks, or by default. */
static bool extract_validation(const struct device *device, size_t index, uint8_t by_default,
			       uint32_t addr, uint32_t len,
			       struct secure_validation *ret_validation)
{
	const struct secure_init *init = &secure_ram(device)->init;
	const uint8_t *image = secure_flash_at(device, addr, len);
	uint8_t type = by_default;

	*ret_validation = (struct secure_validation){ 0 };
	if (index < init->validation_count) {
		*ret_validation = init->validation[index];
		type = ret_validation->type;
	}
	return image && fill_validation(type, image, len, ret_validation) &&
	       image_is_valid(device, ret_validation, addr, len);
}

static bool hash_ok(const struct device *device)
{
	const struct secure *ram = secure_ram(device);
	const uint8_t *image = secure_flash_at(device, ram->image_addr, ram->image_len);
	uint8_t digest[SECURE_HASH_LEN];
	bool same = true;

	/* Without an init packet the device compares with what lies at address 0
	 * (secure-dfu.md 9, marked): never the digest. */
	if (!image || !ram->init_decoded)
		return false;
	secure_sha256(image, ram->image_len, digest);
	for (size_t i = 0; i < SECURE_HASH_LEN; i++)
		same = same && digest[i] == ram->init.hash[SECURE_HASH_LEN - 1 - i];
	return same;
}

static bool accept_application(struct device *device)
{
	struct secure *ram = secure_ram(device);
	struct secure_validation validation;

	if (!extract_validation(device, 0, SECURE_VALIDATE_CRC, ram->image_addr, ram->image_len,
				&validation))
		return false;
	ram->settings.app_validation = validation;
	ram->settings.bank[1].code = SECURE_BANK_APPLICATION;
	ram->settings.bank[0].code = SECURE_BANK_INVALID;
	ram->settings.app_version = ram->init.fw_version;
	return true;
}

/* May it replace the installed one? *ret_major: then applications no longer fit. */
static bool softdevice_ok(const struct device *device, bool *ret_major)
{
	const struct secure *ram = secure_ram(device);
	uint32_t len = ram->init.sd_size;
	const uint8_t *image = secure_flash_at(device, ram->image_addr, len);
	struct softdevice old, new;

	if (!image || !softdevice_read(image, len, &new) ||
	    new.size < secure_align_page(device, len + SOFTDEVICE_START))
		return false;
	*ret_major = true;
	if (!secure_find_softdevice(device, &old))
		return true;
	*ret_major = old.version / VERSION_MAJOR != new.version / VERSION_MAJOR;
	return old.id == new.id;
}

static bool accept_softdevice(struct device *device)
{
	struct secure *ram = secure_ram(device);
	struct secure_validation validation;
	bool major;

	/* The bootloader itself could not run with another major version. */
	if (!softdevice_ok(device, &major) || (major && !(ram->init.type & SECURE_BOOTLOADER)))
		return false;
	if (!extract_validation(device, 0, SECURE_VALIDATE_CRC, ram->image_addr, ram->init.sd_size,
				&validation))
		return false;
	if (major)
		ram->settings.bank[0] = (struct secure_bank){ 0 };
	ram->settings.softdevice_validation = validation;
	ram->settings.softdevice_len = ram->init.sd_size;
	return true;
}

static bool accept_bootloader(struct device *device)
{
	struct secure *ram = secure_ram(device);
	uint32_t before = ram->init.type & SECURE_SOFTDEVICE ? ram->init.sd_size : 0;

	if (!extract_validation(device, before ? 1 : 0, SECURE_VALIDATE_NOTHING,
				ram->image_addr + before, ram->image_len - before,
				&ram->settings.bootloader_validation))
		return false;
	ram->settings.bootloader_version = ram->init.fw_version;
	return true;
}

static bool accept_parts(struct device *device)
{
	struct secure *ram = secure_ram(device);

	if (ram->init.type == SECURE_APPLICATION)
		return accept_application(device);
	if (ram->init.type & SECURE_SOFTDEVICE && !accept_softdevice(device))
		return false;
	if (ram->init.type & SECURE_BOOTLOADER && !accept_bootloader(device))
		return false;
	ram->settings.bank[1].code = bank_codes[ram->init.type];
	return true;
}

/* SDK 15 on. */
static uint16_t accept_above(struct device *device)
{
	struct secure *ram = secure_ram(device);
	struct secure_bank *bank = &ram->settings.bank[1];
	uint16_t result = SECURE_SUCCESS;

	if (!hash_ok(device)) {
		result = ram->generation->hash_differs;
	} else if (!accept_parts(device)) {
		result = SECURE_INVALID_OBJECT;
	} else {
		bank->size = ram->image_len;
		bank->crc = secure_crc32(0, secure_flash_at(device, ram->image_addr, bank->size),
					 bank->size);
	}
	if (result != SECURE_SUCCESS)
		*bank = (struct secure_bank){ 0 };
	secure_progress_reset(&ram->settings);
	ram->settings.progress.update_start = ram->image_addr;
	return result;
}

/* SDK 12 to 14. */
static uint16_t accept_current(struct device *device)
{
	struct secure *ram = secure_ram(device);
	struct secure_settings *settings = &ram->settings;
	struct secure_bank *bank = &settings->bank[settings->bank_current ? 1 : 0];
	uint16_t result = SECURE_SUCCESS;

	*bank = (struct secure_bank){ 0 };
	if (ram->init.hash_type != SECURE_HASH_SHA256) {
		result = SECURE_FAILED;
	} else if (!hash_ok(device)) {
		result = ram->generation->hash_differs;
	} else {
		*bank = (struct secure_bank){ .size = ram->image_len,
					      .crc = settings->progress.crc,
					      .code = bank_codes[ram->init.type] };
		if (ram->init.type == SECURE_APPLICATION)
			settings->app_version = ram->init.fw_version;
		if (ram->init.type & SECURE_BOOTLOADER)
			settings->bootloader_version = ram->init.fw_version;
		if (ram->init.type & SECURE_SOFTDEVICE)
			settings->softdevice_len = ram->init.sd_size;
	}
	secure_progress_reset(settings);
	return result;
}

uint16_t secure_accept_image(struct device *device)
{
	if (secure_ram(device)->generation->receives_above)
		return accept_above(device);
	return accept_current(device);
}

/* Before boot validation existed: the CRC in the bank, where it is not 0. */
static bool bank_crc_ok(const struct device *device, const struct secure_bank *bank)
{
	const uint8_t *image = secure_flash_at(device, secure_bank0_addr(device), bank->size);

	return image && (bank->crc == 0 || bank->crc == secure_crc32(0, image, bank->size));
}

bool secure_application_is_valid(const struct device *device)
{
	const struct secure *ram = secure_ram(device);
	const struct secure_settings *settings = &ram->settings;

	if (settings->bank[0].code != SECURE_BANK_APPLICATION)
		return false;
	if (ram->generation->settings_version == 1)
		return bank_crc_ok(device, &settings->bank[0]);
	return image_is_valid(device, &settings->softdevice_validation, SOFTDEVICE_START,
			      settings->softdevice_len) &&
	       image_is_valid(device, &settings->app_validation, secure_bank0_addr(device),
			      settings->bank[0].size);
}
