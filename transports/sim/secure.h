/*
 * The simulated secure bootloader (nRF5 SDK 12 and later), private to peer_secure.c and
 * secure_*.c. Written from secure-dfu.md; it shares nothing with the client.
 */
#ifndef OTADFU_SIM_SECURE_H
#define OTADFU_SIM_SECURE_H

#include "firmware.h"

enum { /* op codes of the Control Point; packets are requests of their own */
       SECURE_OP_PROTOCOL_VERSION = 0x00,
       SECURE_OP_CREATE = 0x01,
       SECURE_OP_SET_RECEIPT = 0x02,
       SECURE_OP_CRC = 0x03,
       SECURE_OP_EXECUTE = 0x04,
       SECURE_OP_SELECT = 0x06,
       SECURE_OP_MTU = 0x07,
       SECURE_OP_WRITE = 0x08,
       SECURE_OP_PING = 0x09,
       SECURE_OP_HARDWARE_VERSION = 0x0A,
       SECURE_OP_FIRMWARE_VERSION = 0x0B,
       SECURE_OP_ABORT = 0x0C,
       SECURE_OP_RESPONSE = 0x60
};

enum { /* results; an extended error is 0B in the high byte, its code in the low one */
       SECURE_SUCCESS = 0x01,
       SECURE_NOT_SUPPORTED = 0x02,
       SECURE_INVALID_PARAMETER = 0x03,
       SECURE_NO_RESOURCES = 0x04,
       SECURE_INVALID_OBJECT = 0x05,
       SECURE_UNSUPPORTED_TYPE = 0x07,
       SECURE_NOT_PERMITTED = 0x08,
       SECURE_FAILED = 0x0A,
       SECURE_EXT_COMMAND = 0x0B03,
       SECURE_EXT_INIT_INVALID = 0x0B04,
       SECURE_EXT_VERSION = 0x0B05,
       SECURE_EXT_HARDWARE = 0x0B06,
       SECURE_EXT_SOFTDEVICE = 0x0B07,
       SECURE_EXT_UNSIGNED = 0x0B08,
       SECURE_EXT_HASH_TYPE = 0x0B09,
       SECURE_EXT_SIGNATURE_TYPE = 0x0B0B,
       SECURE_EXT_VERIFICATION = 0x0B0C
};

enum { SECURE_COMMAND = 0x01, SECURE_DATA = 0x02 }; /* object types */

enum { /* FwType of the init packet; a bit for each part of the system */
       SECURE_APPLICATION = 0,
       SECURE_SOFTDEVICE = 1,
       SECURE_BOOTLOADER = 2,
       SECURE_SOFTDEVICE_BOOTLOADER = 3,
       SECURE_EXTERNAL = 4 /* an application for another chip, kept for whoever fetches it */
};

enum { /* bank codes */
       SECURE_BANK_INVALID = 0x00,
       SECURE_BANK_APPLICATION = 0x01,
       SECURE_BANK_SOFTDEVICE = 0xA5,
       SECURE_BANK_BOOTLOADER = 0xAA,
       SECURE_BANK_SOFTDEVICE_BOOTLOADER = 0xAC,
       SECURE_BANK_EXTERNAL = 0xB1
};

enum { /* boot validation */
       SECURE_VALIDATE_NOTHING = 0,
       SECURE_VALIDATE_CRC = 1,
       SECURE_VALIDATE_SHA256 = 2,
       SECURE_VALIDATE_ECDSA = 3
};

enum {
	SECURE_OBJECT_MAX = 4096, /* one page of nRF52, four of nRF51 */
	SECURE_INIT_MAX = 512,
	SECURE_PACKET_MAX = 244,
	SECURE_BUFFERS = 17,
	SECURE_REQUESTS = 32,
	SECURE_CHUNKS = 4,
	SECURE_CHUNK_MAX = 256,
	SECURE_HASH_LEN = 32,
	SECURE_SIGNATURE_LEN = 64,
	SECURE_SD_REQ_MAX = 16,
	SECURE_VALIDATIONS = 3,    /* SoftDevice, application, bootloader */
	SECURE_SETTINGS_LEN = 808, /* the longer form, with what secure_settings.c adds */
	SECURE_HASH_SHA256 = 3,    /* HashType of the init packet */
	SECURE_WORD = 4
};

struct secure_init;
typedef uint16_t secure_check_fn(const struct device *device, const struct secure_init *init);

/* How one SDK release differs from another (secure-dfu.md 11). */
struct secure_generation {
	uint16_t mtu_max;
	uint16_t packet_max;
	uint16_t init_max;
	uint16_t chunk_len; /* packets are gathered to that before flash; 0: they are not */
	uint16_t settings_version;
	uint16_t inactivity_s;   /* 0: it waits for ever */
	uint16_t continuation_s; /* after a SoftDevice, with a valid application beside it */
	struct flash_driver flash;
	bool extended_errors;      /* else every one of them is 0A */
	bool checks_lengths;       /* of Control Point requests; else missing bytes are read */
	bool receipt_shows_result; /* else a receipt always says success */
	bool has_abort;            /* 0C, and the info op codes of the full protocol */
	bool has_info;             /* those in every build */
	bool takes_unsigned;       /* where no signature is required */
	bool knows_external;       /* applications for another chip, where it is built for them */
	bool versions_softdevice;  /* fw_version of a SoftDevice counts, if present */
	bool compares_major;       /* of SoftDevices: another one is refused without bootloader */
	bool compares_family;      /* and another family always */
	bool reads_own_validation; /* of the bootloader beside a SoftDevice; else it is the first */
	bool saves_each_object;    /* settings written at each Execute */
	bool forgets_at_disconnect; /* settings read again from flash */
	bool has_backup;            /* of the settings page */
	bool drops_refused_init;    /* Select no longer shows it */
	bool receives_above;        /* always into bank 1 */
	bool forgets_old;           /* the application, before its successor is copied over it */
	bool erases_source;         /* of an application, each page as soon as it is copied */
	bool restarts_activated;    /* a reset between activation and what runs then */
	uint8_t copy_pages;         /* between two notes of how far activation got */
	uint16_t unknown_op, unknown_type, no_size, hash_differs; /* results */
	secure_check_fn *const *checks; /* of an init packet, in order; NULL-terminated */
};

/* Where things lie in flash on one chip. */
struct secure_layout {
	const char *chip;
	uint32_t bootloader, bootloader_end;
	uint32_t backup; /* copy of the settings page; 0: none */
	uint32_t settings;
};

struct secure_bank {
	uint32_t size, crc, code;
};

struct secure_progress {
	uint32_t command_size, command_offset, command_crc;
	uint32_t object_size;
	union { /* one place in the page: an address is left where the CRC was */
		uint32_t crc;
		uint32_t update_start;
	};
	uint32_t crc_last, offset, offset_last;
};

struct secure_validation {
	uint8_t type;
	uint8_t bytes[SECURE_SIGNATURE_LEN];
};

/* The settings page (packages-and-init-packets.md 6). */
struct secure_settings {
	uint32_t version, app_version, bootloader_version;
	uint32_t bank_layout, bank_current;
	struct secure_bank bank[2];
	uint32_t write_offset, softdevice_len;
	struct secure_progress progress;
	uint32_t enter_dfu;
	uint8_t init_command[SECURE_INIT_MAX];
	struct secure_validation softdevice_validation, app_validation, bootloader_validation;
	uint32_t bootloader_len; /* what the chip does not know of itself, but people ask for */
};

/* A decoded init packet. An absent number is 0 and its has_ false. */
struct secure_init {
	bool is_signed;
	uint32_t signature_type;
	size_t signature_len;
	uint8_t signature[SECURE_SIGNATURE_LEN];
	uint8_t signed_digest[SECURE_HASH_LEN]; /* of the received bytes of Command.init */
	bool has_fw_version, has_hw_version, has_type, is_debug;
	bool has_sizes; /* those that its type needs */
	uint32_t fw_version, hw_version, type;
	uint32_t sd_req[SECURE_SD_REQ_MAX];
	size_t sd_req_count;
	uint32_t sd_size, bl_size, app_size;
	uint32_t hash_type;
	uint8_t hash[SECURE_HASH_LEN]; /* last byte of the digest first */
	struct secure_validation validation[SECURE_VALIDATIONS];
	size_t validation_count;
};

struct secure_buffer {
	struct device *device;
	bool taken;
	size_t len;
	uint8_t data[SECURE_PACKET_MAX];
};

struct secure_request {
	uint8_t op;
	uint8_t type;                 /* Create, Select */
	uint32_t size;                /* Create */
	uint16_t result;              /* refused before it got here; 0: not */
	struct secure_buffer *packet; /* Write */
};

struct secure_response {
	uint8_t op;
	bool deferred; /* the answer follows when flash is idle */
	uint16_t result;
	uint32_t max_size, offset, crc;
};

/* Everything in the bootloader's RAM. */
struct secure {
	const struct secure_generation *generation;
	const struct secure_layout *layout;
	struct secure_settings settings;
	uint8_t page[SECURE_SETTINGS_LEN], backup[SECURE_SETTINGS_LEN]; /* on their way to flash */
	bool resetting;

	/* secure_requests.c */
	uint8_t object_type; /* of the last Select or Create; survives connections */
	bool init_valid;     /* executed; survives a reset */
	bool init_decoded;
	struct secure_init init;
	uint32_t image_addr, image_len;
	bool execute_pending;

	/* secure_chunks.c */
	uint8_t chunk[SECURE_CHUNKS][SECURE_CHUNK_MAX];
	unsigned chunk_index;
	uint32_t chunk_len;

	/* secure_transport.c */
	uint16_t receipt_interval, receipt_left;
	struct secure_buffer buffers[SECURE_BUFFERS];
	struct secure_request requests[SECURE_REQUESTS];
	unsigned request_head, request_count;
};

static inline struct secure *secure_ram(const struct device *device)
{
	return firmware_ram(device);
}

/* Up to a whole number of words, as flash is written. */
static inline uint32_t secure_align_word(uint32_t len)
{
	return (len + SECURE_WORD - 1) / SECURE_WORD * SECURE_WORD;
}

static inline uint32_t secure_get32(const uint8_t *p)
{
	return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static inline void secure_put32(uint8_t *p, uint32_t value)
{
	for (int i = 0; i < SECURE_WORD; i++)
		p[i] = (uint8_t)(value >> 8 * i);
}

/* secure_facts.c */
extern const char *const secure_sdks[];
const struct secure_generation *secure_find_generation(const char *sdk);
const struct secure_layout *secure_find_layout(const char *chip);

/* secure_settings.c */
void secure_settings_read(const struct device *device, struct secure_settings *ret_settings);
/* Those in RAM while the bootloader runs. */
void secure_settings_now(const struct device *device, struct secure_settings *ret_settings);
/* At once, as boot does. */
void secure_settings_store_now(struct device *device);
/* Through the flash queue, where the page would change. done is called at the end, or before this
 * returns when there is nothing to write. False: the queue is full. */
bool secure_settings_store(struct device *device, flash_done_fn *done);
void secure_progress_reset(struct secure_settings *settings);
char *secure_settings_json(const struct device *device);

/* secure_crypto.c */
uint32_t secure_crc32(uint32_t crc, const uint8_t *data, size_t len);
void secure_sha256(const uint8_t *data, size_t len, uint8_t ret_digest[SECURE_HASH_LEN]);
/* signature as in a packet: r and s, each last byte first. Key: X and Y, big endian. */
bool secure_signature_ok(const uint8_t key[SECURE_SIGNATURE_LEN],
			 const uint8_t digest[SECURE_HASH_LEN],
			 const uint8_t signature[SECURE_SIGNATURE_LEN]);

/* secure_init.c: false, and *ret_init undefined, where the device's decoder gives up. */
bool secure_init_decode(const uint8_t *packet, size_t len, struct secure_init *ret_init);

/* secure_checks.c */
extern secure_check_fn *const secure_checks_12[], *const secure_checks_14_1[];
extern secure_check_fn *const secure_checks_15_0[], *const secure_checks_15_2[];
extern secure_check_fn *const secure_checks_15_3[];
uint16_t secure_check_init(const struct device *device, const struct secure_init *init);

/* secure_bank.c */
struct softdevice;
bool secure_find_softdevice(const struct device *device, struct softdevice *ret_installed);
uint32_t secure_align_page(const struct device *device, uint32_t addr);
uint32_t secure_bank0_addr(const struct device *device);
uint32_t secure_bank1_addr(const struct device *device);
/* Finds a place for an image and deletes the old application where it must. A result. */
uint16_t secure_make_room(struct device *device, const struct secure_init *init, uint32_t len,
			  uint32_t *ret_addr);
/* Length of the image that init announces, 0 where it is missing or too large. A result. */
uint16_t secure_image_len(const struct device *device, const struct secure_init *init,
			  uint32_t *ret_len);

/* secure_image.c */
/* NULL: not all of it is inside of the chip. */
const uint8_t *secure_flash_at(const struct device *device, uint32_t addr, uint32_t len);
/* The received image against its init packet; on success its bank is marked for activation. */
uint16_t secure_accept_image(struct device *device);
bool secure_application_is_valid(const struct device *device);

/* secure_activation.c: what a bank waits for, done before anything else runs. */
enum secure_activation {
	SECURE_ACTIVATED_NOTHING = 0,
	SECURE_ACTIVATED,            /* the device starts again */
	SECURE_ACTIVATED_SOFTDEVICE, /* it waits for the application that will follow */
	SECURE_COPYING_BOOTLOADER    /* the MBR copies and starts again */
};
enum secure_activation secure_activate(struct device *device);

/* secure_chunks.c: the data path of SDK 12-14. */
void secure_chunks_begin(struct secure *ram);
bool secure_chunks_append(struct device *device, const uint8_t *data, size_t len);

/* secure_requests.c */
void secure_requests_start(struct device *device);
void secure_handle_request(struct device *device, const struct secure_request *request);
/* Answers an Execute that waited for flash. */
void secure_finish_execute(struct device *device);
/* Closes the link, if any, and starts again. */
void secure_leave(struct device *device);

/* secure_transport.c */
extern const struct firmware_ops secure_firmware;
void secure_respond(struct device *device, struct secure_response *response);
void secure_buffer_free(struct secure_buffer *buffer);
/* The main loop, until there is nothing left to do. */
void secure_run(struct device *device);

/* secure_provision.c */
void secure_provision(struct device *device);

#endif
