/* Images in flash: the received one against its init packet, the installed ones at each boot. */
#include "secure.h"

#include "softdevice.h"

#include <string.h>

enum { VERSION_MAJOR = 1000000 };

/* By type of the image. */
static const uint8_t bank_codes[] = { SECURE_BANK_APPLICATION, SECURE_BANK_SOFTDEVICE,
				      SECURE_BANK_BOOTLOADER, SECURE_BANK_SOFTDEVICE_BOOTLOADER,
				      SECURE_BANK_EXTERNAL };

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
	ram->settings.bank[0].code = SECURE_BANK_INVALID;
	ram->settings.app_version = ram->init.fw_version;
	return true;
}

/* Is the received SoftDevice what its information structure says? Applications start behind it. */
static bool softdevice_is_plausible(const struct device *device)
{
	const struct secure *ram = secure_ram(device);
	uint32_t len = ram->init.sd_size;
	const uint8_t *image = secure_flash_at(device, ram->image_addr, len);
	struct softdevice new;

	return image && softdevice_read(image, len, &new) &&
	       new.size >= secure_align_page(device, len + SOFTDEVICE_START);
}

/* May it replace the installed one? *ret_major: then applications no longer fit. */
static bool softdevice_ok(const struct device *device, bool *ret_major)
{
	const struct secure *ram = secure_ram(device);
	const uint8_t *image = secure_flash_at(device, ram->image_addr, ram->init.sd_size);
	struct softdevice old = { 0 }, new = { 0 };
	bool had_one = secure_find_softdevice(device, &old);

	if (image)
		softdevice_read(image, ram->init.sd_size, &new);
	*ret_major = !had_one || old.version / VERSION_MAJOR != new.version / VERSION_MAJOR;
	if (ram->generation->compares_family && had_one && old.id != new.id)
		return false;
	/* The bootloader itself could not run with another major version. */
	return !*ret_major || !ram->generation->compares_major ||
	       ram->init.type & SECURE_BOOTLOADER;
}

/* What a received SoftDevice and bootloader bring, while nothing is decided yet. */
struct system {
	struct secure_validation softdevice, bootloader;
	bool major;
};

static bool check_softdevice_part(struct device *device, struct system *system)
{
	const struct secure *ram = secure_ram(device);

	return softdevice_is_plausible(device) && softdevice_ok(device, &system->major) &&
	       extract_validation(device, 0, SECURE_VALIDATE_CRC, ram->image_addr,
				  ram->init.sd_size, &system->softdevice);
}

static bool check_bootloader_part(struct device *device, struct system *system)
{
	const struct secure *ram = secure_ram(device);
	uint32_t before = ram->init.type & SECURE_SOFTDEVICE ? ram->init.sd_size : 0;
	size_t index = before && ram->generation->reads_own_validation ? 1 : 0;

	return extract_validation(device, index, SECURE_VALIDATE_NOTHING, ram->image_addr + before,
				  ram->image_len - before, &system->bootloader);
}

static bool accept_system(struct device *device)
{
	struct secure *ram = secure_ram(device);
	struct secure_settings *settings = &ram->settings;
	bool with_softdevice = ram->init.type & SECURE_SOFTDEVICE;
	bool with_bootloader = ram->init.type & SECURE_BOOTLOADER;
	struct system system = { .major = false };

	if ((with_softdevice && !check_softdevice_part(device, &system)) ||
	    (with_bootloader && !check_bootloader_part(device, &system)))
		return false;
	if (system.major)
		settings->bank[0] = (struct secure_bank){ 0 };
	if (with_softdevice) {
		settings->softdevice_validation = system.softdevice;
		settings->softdevice_len = ram->init.sd_size;
	}
	if (with_bootloader) {
		settings->bootloader_validation = system.bootloader;
		settings->bootloader_version = ram->init.fw_version;
	}
	return true;
}

static bool accept_parts(struct device *device)
{
	struct secure *ram = secure_ram(device);
	bool ok = true;

	if (ram->init.type == SECURE_APPLICATION)
		ok = accept_application(device);
	else if (ram->init.type != SECURE_EXTERNAL)
		ok = accept_system(device);
	if (ok)
		ram->settings.bank[1].code = bank_codes[ram->init.type];
	return ok;
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

static uint16_t check_current(const struct device *device, bool *ret_major)
{
	const struct secure *ram = secure_ram(device);

	*ret_major = false;
	if (ram->init.hash_type != SECURE_HASH_SHA256)
		return SECURE_EXT_HASH_TYPE;
	if (!hash_ok(device))
		return ram->generation->hash_differs;
	if (ram->init.type & SECURE_SOFTDEVICE && !softdevice_ok(device, ret_major))
		return SECURE_INVALID_OBJECT;
	return SECURE_SUCCESS;
}

/* In bank 1 the image waits beside the old application. */
static void note_current(struct secure *ram, struct secure_bank *bank, bool major)
{
	struct secure_settings *settings = &ram->settings;
	bool is_application = ram->init.type == SECURE_APPLICATION;

	*bank = (struct secure_bank){ .size = ram->image_len,
				      .crc = settings->progress.crc,
				      .code = bank_codes[ram->init.type] };
	if (settings->bank_current && ram->generation->forgets_old && (is_application || major))
		settings->bank[0].code = SECURE_BANK_INVALID;
	if (is_application)
		settings->app_version = ram->init.fw_version;
	if (ram->init.type & SECURE_BOOTLOADER)
		settings->bootloader_version = ram->init.fw_version;
	if (ram->init.type & SECURE_SOFTDEVICE)
		settings->softdevice_len = ram->init.sd_size;
}

/* SDK 12 to 14. */
static uint16_t accept_current(struct device *device)
{
	struct secure *ram = secure_ram(device);
	struct secure_settings *settings = &ram->settings;
	struct secure_bank *bank = &settings->bank[settings->bank_current ? 1 : 0];
	bool major;
	uint16_t result = check_current(device, &major);

	*bank = (struct secure_bank){ 0 };
	if (result == SECURE_SUCCESS)
		note_current(ram, bank, major);
	secure_progress_reset(settings);
	/* A SoftDevice moves the place where applications start, and its own image with it. */
	if (bank->code != SECURE_BANK_APPLICATION && result == SECURE_SUCCESS)
		settings->progress.update_start = ram->image_addr;
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
