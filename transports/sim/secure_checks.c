/* What an init packet must fulfil, one rule a function (secure-dfu.md 10). */
#include "secure.h"

#include "softdevice.h"

enum { SIGNATURE_ECDSA_P256 = 0, SD_REQ_NONE = 0, SD_REQ_ANY = 0xFFFE };

/* Only applications may come unsigned, and only where the bootloader was built so. */
static bool needs_signature(const struct device *device, const struct secure_init *init)
{
	return device_config(device)->has_public_key || init->type != SECURE_APPLICATION ||
	       !secure_ram(device)->generation->takes_unsigned;
}

/* A device without a key cannot tell a good signature from a bad one. */
static uint16_t check_signature(const struct device *device, const struct secure_init *init)
{
	const struct device_config *config = device_config(device);

	if (!needs_signature(device, init))
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

/* To SDK 12 to 14 an unsigned packet is no command they know. */
static uint16_t check_is_signed(const struct device *device, const struct secure_init *init)
{
	(void)device;
	return init->is_signed ? SECURE_SUCCESS : SECURE_EXT_COMMAND;
}

/* One without a type is an application's. */
static uint16_t check_type_if_any(const struct device *device, const struct secure_init *init)
{
	(void)device;
	return init->type <= SECURE_SOFTDEVICE_BOOTLOADER ? SECURE_SUCCESS
							  : SECURE_EXT_INIT_INVALID;
}

static uint16_t check_type(const struct device *device, const struct secure_init *init)
{
	bool knows_external = secure_ram(device)->generation->knows_external &&
			      device_config(device)->takes_external;
	uint32_t last = knows_external ? SECURE_EXTERNAL : SECURE_SOFTDEVICE_BOOTLOADER;

	return init->has_type && init->type <= last ? SECURE_SUCCESS : SECURE_EXT_INIT_INVALID;
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

/* --- the SoftDevice that a packet wants --- */

static bool lists(const struct secure_init *init, uint32_t fwid)
{
	for (size_t i = 0; i < init->sd_req_count; i++) {
		if (init->sd_req[i] == fwid)
			return true;
	}
	return false;
}

static bool lists_installed(const struct device *device, const struct secure_init *init)
{
	struct softdevice installed;

	return secure_find_softdevice(device, &installed) && lists(init, installed.fwid);
}

static uint16_t check_softdevice(const struct device *device, const struct secure_init *init)
{
	return lists_installed(device, init) ? SECURE_SUCCESS : SECURE_EXT_SOFTDEVICE;
}

/* What brings its own bootloader may replace any. */
static uint16_t check_softdevice_14_1(const struct device *device, const struct secure_init *init)
{
	if (init->type == SECURE_SOFTDEVICE_BOOTLOADER)
		return SECURE_SUCCESS;
	return check_softdevice(device, init);
}

/*
 * From SDK 15 on a list may begin with 0, for "none needed". Of the parts that do use one, the
 * bootloader is taken on trust. *ret_ok is the answer to a list of that kind.
 */
static bool wants_none(const struct secure_init *init, bool *ret_ok)
{
	*ret_ok = init->type == SECURE_APPLICATION || init->type == SECURE_BOOTLOADER ||
		  init->type == SECURE_SOFTDEVICE_BOOTLOADER;
	return init->sd_req_count == 0 || init->sd_req[0] == SD_REQ_NONE;
}

/* A list that is empty means the same; after the 0 of an application the installed one stands. */
static uint16_t check_softdevice_15_0(const struct device *device, const struct secure_init *init)
{
	bool ok;

	if (!wants_none(init, &ok) || (init->type == SECURE_APPLICATION && init->sd_req_count > 1))
		ok = lists_installed(device, init);
	return ok ? SECURE_SUCCESS : SECURE_EXT_SOFTDEVICE;
}

/* After the 0 of an application nothing may stand. */
static uint16_t check_softdevice_15_2(const struct device *device, const struct secure_init *init)
{
	bool ok;

	if (!wants_none(init, &ok))
		ok = lists_installed(device, init);
	else if (init->type == SECURE_APPLICATION)
		ok = init->sd_req_count <= 1;
	return ok ? SECURE_SUCCESS : SECURE_EXT_SOFTDEVICE;
}

/* Then no list may be empty, either. "Any" is for applications of other chips. */
static uint16_t check_softdevice_15_3(const struct device *device, const struct secure_init *init)
{
	if (init->sd_req_count == 0)
		return SECURE_EXT_SOFTDEVICE;
	if (init->type == SECURE_EXTERNAL && init->sd_req[0] != SD_REQ_NONE &&
	    lists(init, SD_REQ_ANY))
		return SECURE_SUCCESS;
	return check_softdevice_15_2(device, init);
}

/* --- versions --- */

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

/* --- their order: versions before the signature, and after it --- */

#define CHECKS_12(softdevice)                                                                      \
	{                                                                                          \
		check_is_signed, check_debug, check_hardware, softdevice, check_type_if_any,       \
			check_version, check_signature, NULL                                       \
	}
#define CHECKS_15(softdevice)                                                                      \
	{                                                                                          \
		check_signature, check_type, check_hash_type, check_hardware, softdevice,          \
			check_version, NULL                                                        \
	}

secure_check_fn *const secure_checks_12[] = CHECKS_12(check_softdevice);
secure_check_fn *const secure_checks_14_1[] = CHECKS_12(check_softdevice_14_1);
secure_check_fn *const secure_checks_15_0[] = CHECKS_15(check_softdevice_15_0);
secure_check_fn *const secure_checks_15_2[] = CHECKS_15(check_softdevice_15_2);
secure_check_fn *const secure_checks_15_3[] = CHECKS_15(check_softdevice_15_3);

uint16_t secure_check_init(const struct device *device, const struct secure_init *init)
{
	secure_check_fn *const *check = secure_ram(device)->generation->checks;
	uint16_t result = SECURE_SUCCESS;

	for (; *check && result == SECURE_SUCCESS; check++)
		result = (*check)(device, init);
	return result;
}
