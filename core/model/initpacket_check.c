#include "initpacket.h"

#include <openssl/evp.h>
#include <otadfu/protocol.h>
#include <string.h>

enum { HASH_TYPE_SHA256 = 3 };

/* packages-and-init-packets.md 2: what each InitCommand.type transfers. */
struct fw_type {
	const char *name;
	uint32_t kind; /* OTADFU_IMAGE_* */
	bool has_sd, has_bl, has_app;
};

static const struct fw_type fw_types[] = {
	[FW_TYPE_APPLICATION] = { "an application", OTADFU_IMAGE_APPLICATION, .has_app = true },
	[FW_TYPE_SOFTDEVICE] = { "a SoftDevice", OTADFU_IMAGE_SOFTDEVICE, .has_sd = true },
	[FW_TYPE_BOOTLOADER] = { "a bootloader", OTADFU_IMAGE_BOOTLOADER, .has_bl = true },
	[FW_TYPE_SD_BL] = { "a SoftDevice with bootloader", OTADFU_IMAGE_SD_BL, .has_sd = true,
			    .has_bl = true },
	[FW_TYPE_EXTERNAL_APP] = { "an external application", OTADFU_IMAGE_EXTERNAL_APP,
				   .has_app = true },
};

static int check_length(uint64_t stated, size_t len, struct failure *why)
{
	if (stated != len)
		return failure_set(why, OTADFU_E_PACKAGE, 0,
				   "it has %zu bytes, its init packet says %llu", len,
				   (unsigned long long)stated);
	return OTADFU_OK;
}

static int check_crc16(uint16_t stated, const uint8_t *image, size_t len, struct failure *why)
{
	uint16_t crc = initpacket_crc16(image, len);

	if (crc != stated)
		return failure_set(why, OTADFU_E_PACKAGE, 0,
				   "its CRC-16 is %04X, its init packet says %04X", crc, stated);
	return OTADFU_OK;
}

static int check_sha256(const uint8_t *stated, const uint8_t *image, size_t len,
			struct failure *why)
{
	uint8_t digest[INITPACKET_HASH_LEN];

	if (!EVP_Q_digest(NULL, "SHA256", NULL, image, len, digest, NULL))
		return failure_set(why, OTADFU_E_NOMEM, 0, "SHA-256 cannot be computed");
	if (memcmp(digest, stated, sizeof(digest)) != 0)
		return failure_set(why, OTADFU_E_PACKAGE, 0,
				   "its SHA-256 begins %02X%02X%02X%02X, its init packet says "
				   "%02X%02X%02X%02X",
				   digest[0], digest[1], digest[2], digest[3], stated[0], stated[1],
				   stated[2], stated[3]);
	return OTADFU_OK;
}

static int check_secure(const struct initpacket_secure *secure, uint32_t kind, const uint8_t *image,
			size_t len, struct failure *why)
{
	const struct fw_type *type;
	uint64_t stated = 0;
	int r;

	if (!secure->has_type || secure->type >= sizeof(fw_types) / sizeof(fw_types[0]))
		return failure_set(why, OTADFU_E_PACKAGE, 0,
				   "its init packet does not say what kind of image it is");
	type = &fw_types[secure->type];
	if (type->kind != kind)
		return failure_set(why, OTADFU_E_PACKAGE, 0, "its init packet is that of %s",
				   type->name);
	stated += type->has_sd ? secure->sd_size : 0;
	stated += type->has_bl ? secure->bl_size : 0;
	stated += type->has_app ? secure->app_size : 0;
	r = check_length(stated, len, why);
	if (r < 0)
		return r;
	/* The only hash that any bootloader takes: 2. */
	if (secure->hash_type != HASH_TYPE_SHA256 || secure->hash_len != INITPACKET_HASH_LEN)
		return failure_set(why, OTADFU_E_PACKAGE, 0,
				   "its init packet states no SHA-256 of it");
	return check_sha256(secure->hash, image, len, why);
}

static int check_legacy(const struct initpacket_legacy *legacy, const uint8_t *image, size_t len,
			struct failure *why)
{
	int r;

	if (legacy->has_crc)
		return check_crc16(legacy->crc16, image, len, why);
	if (!legacy->has_hash)
		return OTADFU_OK;
	r = check_length(legacy->image_len, len, why);
	return r < 0 ? r : check_sha256(legacy->hash, image, len, why);
}

int initpacket_check_image(const struct initpacket *init, uint32_t kind, const uint8_t *image,
			   size_t len, struct failure *why)
{
	if (len == 0)
		return failure_set(why, OTADFU_E_PACKAGE, 0, "it is empty");
	if (init->kind == INITPACKET_SECURE)
		return check_secure(&init->secure, kind, image, len, why);
	return check_legacy(&init->legacy, image, len, why);
}
