/*
 * The end of the init packet, as the CRC template of Nordic's SDK reads it, or the templates that
 * products put in its place: legacy-dfu.md, section 6.
 */
#include "peer_legacy.h"
#include "secure.h"

#include <string.h>

enum { ID_LEN = 4, CRC_LEN = 2, LENGTH_LEN = 4, HALF = SECURE_SIGNATURE_LEN / 2 };

/* Where things stand behind the list of SoftDevices. */
enum {
	AT_LENGTH = ID_LEN,
	AT_HASH = AT_LENGTH + LENGTH_LEN,
	AT_SIGNATURE = AT_HASH + SECURE_HASH_LEN
};

static const struct format {
	uint32_t id;
	size_t len; /* of the extension */
	bool has_id, has_hash, is_signed;
} formats[] = {
	[DEVICE_INIT_05] = { .len = CRC_LEN },
	[DEVICE_INIT_06] = { .id = 0, .len = ID_LEN + CRC_LEN, .has_id = true },
	[DEVICE_INIT_07] = { .id = 1, .len = AT_SIGNATURE, .has_id = true, .has_hash = true },
	[DEVICE_INIT_08] = { .id = 2,
			     .len = AT_SIGNATURE + SECURE_SIGNATURE_LEN,
			     .has_id = true,
			     .has_hash = true,
			     .is_signed = true },
};

static uint32_t get_u32(const uint8_t *data)
{
	return (uint32_t)data[0] | (uint32_t)data[1] << 8 | (uint32_t)data[2] << 16 |
	       (uint32_t)data[3] << 24;
}

/* Over all bytes before it; r and s are big-endian here, other than in secure init packets. */
static bool signature_ok(const struct device *device, size_t covered)
{
	const struct device_config *config = device_config(device);
	const uint8_t *init = legacy_of(device)->init;
	const uint8_t *signature = init + covered;
	uint8_t halves[SECURE_SIGNATURE_LEN];
	uint8_t digest[SECURE_HASH_LEN];

	for (size_t i = 0; i < HALF; i++) {
		halves[i] = signature[HALF - 1 - i];
		halves[HALF + i] = signature[SECURE_SIGNATURE_LEN - 1 - i];
	}
	secure_sha256(init, covered, digest);
	return config->has_public_key && secure_signature_ok(config->public_key, digest, halves);
}

bool legacy_extension_ok(struct device *device, size_t at)
{
	const struct format *format = &formats[device_config(device)->init_format];
	struct legacy *legacy = legacy_of(device);
	const uint8_t *extension = legacy->init + at;
	const uint8_t *crc = extension + (format->has_id ? ID_LEN : 0);

	legacy->hash = NULL;
	if (at + format->len > legacy->init_len ||
	    (format->has_id && get_u32(extension) != format->id))
		return false;
	/* The template's way: whatever stands there is the CRC. */
	legacy->image_crc = (uint16_t)(crc[0] | crc[1] << 8);
	if (!format->has_hash)
		return true;
	legacy->hash = extension + AT_HASH;
	return get_u32(extension + AT_LENGTH) == legacy->image_size &&
	       (!format->is_signed || signature_ok(device, at + AT_SIGNATURE));
}

bool legacy_hash_ok(const struct device *device)
{
	const struct legacy *legacy = legacy_of(device);
	uint8_t digest[SECURE_HASH_LEN];

	if (!legacy->hash)
		return true;
	secure_sha256(legacy_flash_at(device, legacy->bank), legacy->image_size, digest);
	return memcmp(digest, legacy->hash, sizeof(digest)) == 0;
}
