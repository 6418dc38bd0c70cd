/*
 * The page in which a secure bootloader keeps what it knows of the images
 * (packages-and-init-packets.md 6). Only a debugger writes it from outside: no update carries it.
 */
#ifndef OTADFU_MODEL_SETTINGS_PAGE_H
#define OTADFU_MODEL_SETTINGS_PAGE_H

#include "initpacket.h"
#include "key.h"

enum { SETTINGS_LEN_1 = 92, SETTINGS_LEN_2 = 804, SETTINGS_LEN_MAX = SETTINGS_LEN_2 };
enum { SETTINGS_VERSION_1 = 1, SETTINGS_VERSION_2 = 2 };
enum { SETTINGS_VALIDATION_MAX = 64 };

enum settings_bank_code {
	SETTINGS_BANK_INVALID = 0x00,
	SETTINGS_BANK_APPLICATION = 0x01,
	SETTINGS_BANK_SOFTDEVICE = 0xA5,
	SETTINGS_BANK_BOOTLOADER = 0xAA,
	SETTINGS_BANK_SD_BL = 0xAC,
	SETTINGS_BANK_EXTERNAL_APP = 0xB1
};

struct settings_bank {
	uint32_t size;
	uint32_t crc; /* 0: not checked */
	uint32_t code;
};

/* What an image is held against at each start. */
struct settings_validation {
	uint8_t type;                           /* enum initpacket_validation_type */
	uint8_t bytes[SETTINGS_VALIDATION_MAX]; /* as in flash */
};

struct settings_page {
	uint32_t version; /* 1: SDK 12 to 15.2; 2: SDK 15.3 and later */
	uint32_t app_version, bl_version;
	uint32_t bank_layout; /* 0 dual, 1 single */
	uint32_t current_bank;
	struct settings_bank banks[2];
	uint32_t write_offset;
	uint32_t sd_size;
	/* An update under way; all zero where there is none. */
	uint32_t command_size, command_offset, command_crc, data_object_size;
	uint32_t image_crc, image_crc_last, image_offset, image_offset_last;
	uint32_t enter_buttonless;
	/* From here on: version 2 alone. */
	struct settings_validation softdevice, application, bootloader;
	/* From decoding alone: does each CRC-32 agree with what it stands over? */
	bool has_good_crc, has_good_validation_crc;
};

/* Where a chip has its page, by the name Nordic's tool knows it by ("NRF52840"), any case. */
struct settings_place {
	const char *family;
	uint32_t address;
	bool has_backup;  /* a copy in the MBR's page before it, from SDK 15 on */
	uint32_t version; /* the newest that its bootloaders read */
};

enum { SETTINGS_BACKUP_DISTANCE = 0x1000 };

/* OTADFU_E_CONFIG, naming those there are, for another name. */
int settings_find_place(const char *family, struct settings_place *ret_place, struct failure *why);

/* All places, for a search; NULL behind the last. Some have the same address. */
const struct settings_place *settings_get_place(size_t index);

/* The bank that holds this application, length a multiple of 4. */
struct settings_bank settings_application_bank(const uint8_t *image, size_t len);

/* The validation of an image that needs no key: by nothing, CRC or SHA-256. */
int settings_validate(enum initpacket_validation_type type, const uint8_t *image, size_t len,
		      struct settings_validation *ret_validation, struct failure *why);

/* ECDSA: signature, over the SHA-256 of the image, is r and s, both big-endian. */
struct settings_validation settings_validate_signed(const uint8_t signature[KEY_SIGNATURE_LEN]);

/* With both CRCs. Returns the length: SETTINGS_LEN_1 or SETTINGS_LEN_2. */
size_t settings_encode(const struct settings_page *page, uint8_t ret_bytes[SETTINGS_LEN_MAX]);

/*
 * A wrong CRC is told in *ret_page. OTADFU_E_PACKAGE when data[0..len) is erased, too short, or of
 * an unknown version.
 */
int settings_decode(const uint8_t *data, size_t len, struct settings_page *ret_page,
		    struct failure *why);

#endif
