/* Init packets of both worlds, decoded from untrusted bytes. */
#ifndef OTADFU_MODEL_INITPACKET_H
#define OTADFU_MODEL_INITPACKET_H

#include "error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { INITPACKET_SD_MAX = 64, INITPACKET_HASH_LEN = 32, INITPACKET_SIGNATURE_LEN = 64 };
/* packages-and-init-packets.md 2: what the decoder of a bootloader has room for. */
enum { INITPACKET_SECURE_SD_MAX = 16, INITPACKET_VALIDATIONS_MAX = 3 };

enum initpacket_kind { INITPACKET_SECURE = 1, INITPACKET_LEGACY };

/* packages-and-init-packets.md 2: InitCommand.type as on the wire. */
enum initpacket_fw_type {
	FW_TYPE_APPLICATION = 0,
	FW_TYPE_SOFTDEVICE = 1,
	FW_TYPE_BOOTLOADER = 2,
	FW_TYPE_SD_BL = 3,
	FW_TYPE_EXTERNAL_APP = 4
};

enum initpacket_validation_type {
	VALIDATION_NONE = 0,
	VALIDATION_CRC = 1,
	VALIDATION_SHA256 = 2,
	VALIDATION_ECDSA_P256 = 3
};

/* How the bootloader looks at a part of the image again at each boot. */
struct initpacket_validation {
	uint32_t type;
	uint8_t bytes[INITPACKET_SIGNATURE_LEN]; /* as on the wire */
	size_t len;
};

struct initpacket_secure {
	bool is_signed;
	uint32_t signature_type;
	uint8_t signature[INITPACKET_SIGNATURE_LEN]; /* as on the wire */
	size_t signature_len;
	/* The bytes of Command.init as received: what was signed. Points into the input. */
	const uint8_t *init_command;
	size_t init_command_len;
	bool has_fw_version, has_hw_version, has_type, has_hash;
	uint32_t fw_version, hw_version, type;
	uint32_t sd_size, bl_size, app_size;
	uint32_t hash_type;
	uint8_t hash[INITPACKET_HASH_LEN]; /* natural digest order */
	size_t hash_len;
	bool is_debug;
	size_t boot_validations; /* may be more than are kept */
	struct initpacket_validation boot_validation[INITPACKET_VALIDATIONS_MAX];
};

/* legacy-dfu.md 6. */
enum initpacket_format {
	INITPACKET_FORMAT_CRC_ONLY = 1, /* 2 bytes, SDK 6.1 and older */
	INITPACKET_FORMAT_05,
	INITPACKET_FORMAT_06,
	INITPACKET_FORMAT_07,
	INITPACKET_FORMAT_08,
	INITPACKET_FORMAT_UNKNOWN /* an extension of another length */
};

struct initpacket_legacy {
	enum initpacket_format format;
	uint16_t device_type, device_revision;
	uint32_t app_version;
	bool has_crc;
	uint16_t crc16;
	bool has_hash;
	uint32_t image_len;
	uint8_t hash[INITPACKET_HASH_LEN];
	bool has_signature;
	uint8_t signature[INITPACKET_SIGNATURE_LEN]; /* over all bytes before it */
};

struct initpacket {
	enum initpacket_kind kind;
	uint16_t sd_req[INITPACKET_SD_MAX];
	size_t sd_req_count;
	union {
		struct initpacket_secure secure;
		struct initpacket_legacy legacy;
	};
};

/*
 * Decodes data[0..len): secure when it decodes as Packet, else legacy when its layout fits, else
 * OTADFU_E_PACKAGE with the reason. data must outlive *ret_init (init_command points into it).
 */
int initpacket_decode(const uint8_t *data, size_t len, struct initpacket *ret_init,
		      struct failure *why);

/* The same where only a legacy one will do: the package's manifest says so. */
int initpacket_decode_legacy(const uint8_t *data, size_t len, struct initpacket *ret_init,
			     struct failure *why);

/* CRC-16/CCITT-FALSE over data (legacy-dfu.md 6). */
uint16_t initpacket_crc16(const uint8_t *data, size_t len);

/*
 * Does the image agree with what its init packet says of it: length, CRC-16 or SHA-256?
 * kind is OTADFU_IMAGE_*. OTADFU_E_PACKAGE with the reason when not.
 */
int initpacket_check_image(const struct initpacket *init, uint32_t kind, const uint8_t *image,
			   size_t len, struct failure *why);

#endif
