/* What an init packet must fulfil, one rule a function (secure-dfu.md 10). */
#include "secure.h"

#include "softdevice.h"

enum { SIGNATURE_ECDSA_P256 = 0, SD_REQ_NONE = 0 };

static uint16_t check_signature(const struct device *device, const struct secure_init *init)
{
	const struct device_config *config = device_config(device);
	bool required = config->has_public_key || !secure_ram(device)->generation->takes_unsigned;

	if (!required)
		return SECURE_SUCCESS;
	if (!init->is_signed)
		return SECURE_EXT_UNSIGNED;
	if (!config->has_public_key)
		return SECURE_SUCCESS;
	if (init->signature_type != SIGNATURE_ECDSA_P256)
		return SECURE_EXT_SIGNATURE_TYPE;
	if (init->signature_len != SECURE_SIGNATURE_LEN)
		return SECURE_FAILED;
	return secure_signature_ok(config->public_key, init->signed_digest, init->signature)
		       ? SECURE_SUCCESS
		       : SECURE_INVALID_OBJECT;
}

static uint16_t check_type(const struct device *device, const struct secure_init *init)
{
	(void)device;
	return init->has_type && init->type <= SECURE_SOFTDEVICE_BOOTLOADER
		       ? SECURE_SUCCESS
		       : SECURE_EXT_INIT_INVALID;
}

static uint16_t check_hash_type(const struct device *device, const struct secure_init *init)
{
	(void)device;
	return init->hash_type == SECURE_HASH_SHA256 ? SECURE_SUCCESS : SECURE_EXT_HASH_TYPE;
}

static uint16_t check_debug(const struct device *device, const struct secure_init *init)
{
	(void)device;
	return init->is_debug ? SECURE_FAILED : SECURE_SUCCESS;
}

static uint16_t check_hardware(const struct device *device, const struct secure_init *init)
{
	if (!init->has_hw_version)
		return SECURE_EXT_INIT_INVALID;
	return init->hw_version == device_config(device)->hw_version ? SECURE_SUCCESS
								     : SECURE_EXT_HARDWARE;
}

static bool lists_installed(const struct device *device, const struct secure_init *init)
{
	struct softdevice installed;

	if (!secure_find_softdevice(device, &installed))
		return false;
	for (size_t i = 0; i < init->sd_req_count; i++) {
		if (init->sd_req[i] == installed.fwid)
			return true;
	}
	return false;
}

/* "No SoftDevice needed": of the parts that use one, the bootloader itself takes it on trust. */
static bool may_need_none(const struct secure_init *init)
{
	if (init->type == SECURE_APPLICATION)
		return init->sd_req_count == 1;
	return init->type != SECURE_SOFTDEVICE;
}

static uint16_t check_softdevice(const struct device *device, const struct secure_init *init)
{
	bool needs_none = init->sd_req_count > 0 && init->sd_req[0] == SD_REQ_NONE &&
			  secure_ram(device)->generation->takes_no_softdevice;
	bool ok = needs_none ? may_need_none(init) : lists_installed(device, init);

	return ok ? SECURE_SUCCESS : SECURE_EXT_SOFTDEVICE;
}

static uint16_t check_version(const struct device *device, const struct secure_init *init)
{
	const struct secure *ram = secure_ram(device);
	bool lower;

	if (init->type == SECURE_SOFTDEVICE &&
	    !(init->has_fw_version && ram->generation->versions_softdevice))
		return SECURE_SUCCESS;
	if (!init->has_fw_version)
		return SECURE_EXT_INIT_INVALID;
	if (init->type & SECURE_BOOTLOADER)
		lower = init->fw_version <= ram->settings.bootloader_version;
	else
		lower = init->fw_version < ram->settings.app_version;
	return lower ? SECURE_EXT_VERSION : SECURE_SUCCESS;
}

secure_check_fn *const secure_checks_12[] = { check_debug, check_hardware, check_softdevice,
					      check_type,  check_version,  check_signature,
					      NULL };

secure_check_fn *const secure_checks_15[] = {
	check_signature, check_type, check_hash_type, check_hardware, check_softdevice,
	check_version,   NULL
};

uint16_t secure_check_init(const struct device *device, const struct secure_init *init)
{
	secure_check_fn *const *check = secure_ram(device)->generation->checks;
	uint16_t result = SECURE_SUCCESS;

	for (; *check && result == SECURE_SUCCESS; check++)
		result = (*check)(device, init);
	return result;
}
