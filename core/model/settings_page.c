#include "settings_page.h"

#include "bytes.h"

#include <openssl/evp.h>
#include <strings.h>
#include <zlib.h>

/* packages-and-init-packets.md 6. */
enum {
	CRC_AT = 0x00,
	CRC_BEGIN = 0x04,
	CRC_END = 0x5C,
	VALIDATION_CRC_AT = 0x25C,
	VALIDATION_BEGIN = 0x260,
	VALIDATION_LEN = 1 + SETTINGS_VALIDATION_MAX,
	VALIDATION_END = VALIDATION_BEGIN + 3 * VALIDATION_LEN,
	FILLER = 0xFF
};

#define WORD(offset, member)                                                                       \
	{                                                                                          \
		offset, offsetof(struct settings_page, member)                                     \
	}

static const struct {
	uint32_t at;
	size_t member; /* offset of a uint32_t */
} words[] = {
	WORD(0x04, version),          WORD(0x08, app_version),      WORD(0x0C, bl_version),
	WORD(0x10, bank_layout),      WORD(0x14, current_bank),     WORD(0x18, banks[0].size),
	WORD(0x1C, banks[0].crc),     WORD(0x20, banks[0].code),    WORD(0x24, banks[1].size),
	WORD(0x28, banks[1].crc),     WORD(0x2C, banks[1].code),    WORD(0x30, write_offset),
	WORD(0x34, sd_size),          WORD(0x38, command_size),     WORD(0x3C, command_offset),
	WORD(0x40, command_crc),      WORD(0x44, data_object_size), WORD(0x48, image_crc),
	WORD(0x4C, image_crc_last),   WORD(0x50, image_offset),     WORD(0x54, image_offset_last),
	WORD(0x58, enter_buttonless),
};

static const size_t validations[] = {
	offsetof(struct settings_page, softdevice),
	offsetof(struct settings_page, application),
	offsetof(struct settings_page, bootloader),
};

/* nRF51 ends with SDK 12: no copy there, and no version 2. */
static const struct settings_place places[] = {
	{ "NRF52840", 0xFF000, true, SETTINGS_VERSION_2 },
	{ "NRF52832", 0x7F000, true, SETTINGS_VERSION_2 },
	{ "NRF52833", 0x7F000, true, SETTINGS_VERSION_2 },
	{ "NRF52", 0x7F000, true, SETTINGS_VERSION_2 },
	{ "NRF52820", 0x3F000, true, SETTINGS_VERSION_2 },
	{ "NRF52QFAB", 0x3F000, true, SETTINGS_VERSION_2 },
	{ "NRF52810", 0x2F000, true, SETTINGS_VERSION_2 },
	{ "NRF52811", 0x2F000, true, SETTINGS_VERSION_2 },
	{ "NRF51", 0x3FC00, false, SETTINGS_VERSION_1 },
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static uint32_t crc_of(const uint8_t *data, size_t len)
{
	return (uint32_t)crc32_z(0, data, len);
}

const struct settings_place *settings_get_place(size_t index)
{
	return index < COUNT(places) ? &places[index] : NULL;
}

int settings_find_place(const char *family, struct settings_place *ret_place, struct failure *why)
{
	char known[128] = "";
	size_t used = 0;

	for (size_t i = 0; i < COUNT(places); i++) {
		if (strcasecmp(places[i].family, family) == 0) {
			*ret_place = places[i];
			return OTADFU_OK;
		}
		used += (size_t)snprintf(known + used, sizeof(known) - used, "%s%s",
					 i > 0 ? ", " : "", places[i].family);
	}
	failure_hint(why, "one of %s", known);
	return failure_set(why, OTADFU_E_CONFIG, 0, "--family: no chip \"%s\" is known", family);
}

struct settings_bank settings_application_bank(const uint8_t *image, size_t len)
{
	return (struct settings_bank){ .size = (uint32_t)len,
				       .crc = crc_of(image, len),
				       .code = SETTINGS_BANK_APPLICATION };
}

int settings_validate(enum initpacket_validation_type type, const uint8_t *image, size_t len,
		      struct settings_validation *ret_validation, struct failure *why)
{
	struct settings_validation validation = { .type = (uint8_t)type };

	if (type == VALIDATION_CRC)
		put_le32(validation.bytes, crc_of(image, len));
	else if (type == VALIDATION_SHA256 &&
		 EVP_Digest(image, len, validation.bytes, NULL, EVP_sha256(), NULL) != 1)
		return failure_set(why, OTADFU_E_NOMEM, 0, "out of memory");
	*ret_validation = validation;
	return OTADFU_OK;
}

struct settings_validation settings_validate_signed(const uint8_t signature[KEY_SIGNATURE_LEN])
{
	struct settings_validation validation = { .type = VALIDATION_ECDSA_P256 };

	key_reverse_halves(signature, validation.bytes);
	return validation;
}

static void encode_validations(const struct settings_page *page, uint8_t *bytes)
{
	uint8_t *at = bytes + VALIDATION_BEGIN;

	for (size_t i = 0; i < COUNT(validations); i++, at += VALIDATION_LEN) {
		struct settings_validation validation;

		memcpy(&validation, (const char *)page + validations[i], sizeof(validation));
		at[0] = validation.type;
		memcpy(at + 1, validation.bytes, sizeof(validation.bytes));
	}
	put_le32(bytes + VALIDATION_CRC_AT,
		 crc_of(bytes + VALIDATION_BEGIN, VALIDATION_END - VALIDATION_BEGIN));
	memset(bytes + VALIDATION_END, FILLER, SETTINGS_LEN_2 - VALIDATION_END);
}

size_t settings_encode(const struct settings_page *page, uint8_t ret_bytes[SETTINGS_LEN_MAX])
{
	memset(ret_bytes, 0, SETTINGS_LEN_MAX);
	for (size_t i = 0; i < COUNT(words); i++) {
		uint32_t value;

		memcpy(&value, (const char *)page + words[i].member, sizeof(value));
		put_le32(ret_bytes + words[i].at, value);
	}
	put_le32(ret_bytes + CRC_AT, crc_of(ret_bytes + CRC_BEGIN, CRC_END - CRC_BEGIN));
	if (page->version != SETTINGS_VERSION_2)
		return SETTINGS_LEN_1;
	encode_validations(page, ret_bytes);
	return SETTINGS_LEN_2;
}

static void decode_validations(const uint8_t *bytes, struct settings_page *page)
{
	const uint8_t *at = bytes + VALIDATION_BEGIN;

	for (size_t i = 0; i < COUNT(validations); i++, at += VALIDATION_LEN) {
		struct settings_validation validation = { .type = at[0] };

		memcpy(validation.bytes, at + 1, sizeof(validation.bytes));
		memcpy((char *)page + validations[i], &validation, sizeof(validation));
	}
	page->has_good_validation_crc =
		get_le32(bytes + VALIDATION_CRC_AT) ==
		crc_of(bytes + VALIDATION_BEGIN, VALIDATION_END - VALIDATION_BEGIN);
}

static int check_form(uint32_t version, size_t len, struct failure *why)
{
	if (version == UINT32_MAX)
		return failure_set(why, OTADFU_E_PACKAGE, 0, "the settings page is erased");
	if (version != SETTINGS_VERSION_1 && version != SETTINGS_VERSION_2)
		return failure_set(why, OTADFU_E_PACKAGE, 0,
				   "not a settings page: of version %u, and 1 and 2 are known",
				   version);
	if (version == SETTINGS_VERSION_2 && len < VALIDATION_END)
		return failure_set(why, OTADFU_E_PACKAGE, 0,
				   "a settings page of version 2 with %zu bytes, and not %d", len,
				   VALIDATION_END);
	return OTADFU_OK;
}

int settings_decode(const uint8_t *data, size_t len, struct settings_page *ret_page,
		    struct failure *why)
{
	struct settings_page page = { 0 };
	int r;

	if (len < CRC_END)
		return failure_set(why, OTADFU_E_PACKAGE, 0,
				   "not a settings page: %zu bytes, and not %d", len, CRC_END);
	for (size_t i = 0; i < COUNT(words); i++) {
		uint32_t value = get_le32(data + words[i].at);

		memcpy((char *)&page + words[i].member, &value, sizeof(value));
	}
	r = check_form(page.version, len, why);
	if (r < 0)
		return r;
	page.has_good_crc =
		get_le32(data + CRC_AT) == crc_of(data + CRC_BEGIN, CRC_END - CRC_BEGIN);
	if (page.version == SETTINGS_VERSION_2)
		decode_validations(data, &page);
	*ret_page = page;
	return OTADFU_OK;
}
