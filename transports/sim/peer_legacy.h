/*
 * What the files of the simulated legacy bootloader share; private to them. Facts and section
 * numbers: legacy-dfu.md. It imitates Nordic's bootloaders with their weaknesses, which a client
 * has to survive.
 */
#ifndef OTADFU_SIM_PEER_LEGACY_H
#define OTADFU_SIM_PEER_LEGACY_H

#include "firmware.h"

enum { /* value handles */
       LEGACY_HANDLE_NAME = 0x0003,
       LEGACY_HANDLE_SERVICE_CHANGED = 0x000A,
       LEGACY_HANDLE_PACKET = 0x000E,
       LEGACY_HANDLE_CONTROL = 0x0010,
       LEGACY_HANDLE_VERSION = 0x0013,
       LEGACY_HANDLE_MODEL = 0x0016
};

/* Section 4. */
enum legacy_op {
	LEGACY_OP_START = 0x01,
	LEGACY_OP_INIT = 0x02,
	LEGACY_OP_RECEIVE = 0x03,
	LEGACY_OP_VALIDATE = 0x04,
	LEGACY_OP_ACTIVATE = 0x05,
	LEGACY_OP_RESET = 0x06,
	LEGACY_OP_REPORT_SIZE = 0x07,
	LEGACY_OP_RECEIPTS = 0x08,
	LEGACY_OP_RESPONSE = 0x10,
	LEGACY_OP_RECEIPT = 0x11
};

enum legacy_status {
	LEGACY_SUCCESS = 1,
	LEGACY_INVALID_STATE = 2,
	LEGACY_NOT_SUPPORTED = 3,
	LEGACY_DATA_SIZE = 4,
	LEGACY_CRC_ERROR = 5,
	LEGACY_FAILED = 6
};

enum { /* bits of the mode byte */
       LEGACY_MODE_SOFTDEVICE = 0x01,
       LEGACY_MODE_BOOTLOADER = 0x02,
       LEGACY_MODE_APPLICATION = 0x04
};

/* What differs between the releases of Nordic's SDK (sections 5.2 and 10). */
struct legacy_generation {
	const char *sdk;
	uint16_t version;     /* value of 1534 (1.1); 0: there is none */
	bool next_address;    /* without peer data: address + 1 (2) */
	bool no_peer_data;    /* it knows of none */
	bool takes_old_start; /* op 01 without a mode, 4 bytes of size: an application */
	bool old_start_only;  /* it knows no mode, and no other image */
	bool takes_old_init;  /* none, or one packet with the CRC alone, answered at once */
	bool clears_early;    /* bank 1, when DFU begins; then Start need not */
	bool keeps_crc;       /* of an activated application, for the check at each boot */
	bool reports_early;   /* the last packet, before it is in flash */
	bool validates_once;  /* also when it was too early */
	bool single_is_for_applications; /* that build refuses SoftDevices and bootloaders */
	uint16_t init_capacity_dual;
	uint16_t init_capacity_single;
	uint32_t inactivity_s;                      /* 0: as usual */
	const struct legacy_derivative *derivative; /* NULL: Nordic's own */
};

/* What a maker changed who took Nordic's bootloader for his own. */
struct legacy_derivative {
	const char *name; /* it advertises by */
	unsigned rx_buffers;
	uint16_t packet_max;  /* within the MTU */
	uint16_t safe_packet; /* what a longer one holds beyond it arrives damaged (section 7) */
	uint16_t device_type; /* that every init packet must name (section 6) */
	uint16_t nrf52832_revision; /* the same of one for a SoftDevice or a bootloader */
	uint16_t nrf52840_revision;
};

const struct legacy_generation *legacy_generation(const struct device *device);

static inline uint32_t legacy_get_u32(const uint8_t *bytes)
{
	return (uint32_t)bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 |
	       (uint32_t)bytes[3] << 24;
}

static inline void legacy_put_u32(uint8_t *bytes, uint32_t value)
{
	for (int i = 0; i < 4; i++)
		bytes[i] = (uint8_t)(value >> 8 * i);
}

/* --- where things lie in flash --- */

struct legacy_layout {
	uint32_t app_start;  /* bank 0, and the end of the SoftDevice */
	uint32_t bank1;      /* dual bank: where applications and bootloaders are received */
	uint32_t full_max;   /* from app_start to the bootloader */
	uint32_t banked_max; /* half of it, in whole pages */
	uint32_t bootloader;
	uint32_t bootloader_max;
	uint32_t settings;
};

/* As the installed SoftDevice has it: a new one moves the application. */
struct legacy_layout legacy_layout(const struct device *device);

uint16_t legacy_softdevice_fwid(const struct device *device);

const uint8_t *legacy_flash_at(const struct device *device, uint32_t addr);

/* At least one: the flash driver erases a page even for nothing (section 9, sizes of 0). */
uint32_t legacy_pages(const struct device *device, uint32_t size);

uint16_t legacy_crc16(const uint8_t *data, size_t len);

/* --- the settings page --- */

enum legacy_bank {
	LEGACY_BANK_APPLICATION = 0x01,
	LEGACY_BANK_SOFTDEVICE = 0xA5,
	LEGACY_BANK_BOOTLOADER = 0xAA,
	LEGACY_BANK_ERASED = 0xFE,
	LEGACY_BANK_INVALID = 0xFF
};

struct legacy_settings {
	uint8_t bank0; /* enum legacy_bank */
	uint8_t bank1;
	uint16_t bank0_crc;
	uint32_t bank0_size;
	uint32_t sd_size;
	uint32_t bl_size;
	uint32_t app_size;
	uint32_t sd_image_start;
};

/*
 * What the real bootloader does not know of itself, but people ask a simulated device for. It is
 * kept behind the settings, in bytes of that page which the real one leaves erased: a legacy
 * bootloader stores no version, so until an application update is activated the application has
 * the version that the scenario says, then the one of its init packet.
 */
struct legacy_record {
	uint32_t app_version;
	uint32_t sd_len;
	uint32_t bl_len;
};

enum { LEGACY_PAGE_USED = 48 };

struct legacy_settings legacy_settings_read(const struct device *device);
struct legacy_record legacy_record_read(const struct device *device);

void legacy_settings_encode(const struct legacy_settings *settings,
			    const struct legacy_record *record, uint8_t page[LEGACY_PAGE_USED]);

/* Through the flash queue, from the running bootloader's RAM; done may be NULL. */
void legacy_settings_save(struct device *device, const struct legacy_settings *settings,
			  const struct legacy_record *record, flash_done_fn *done);

bool legacy_application_is_valid(const struct device *device);

/* A SoftDevice or bootloader waits to be copied. */
bool legacy_swap_is_due(const struct legacy_settings *settings);

char *legacy_settings_json(const struct device *device);

/* --- RAM of the running bootloader; it survives a disconnection, but no reset --- */

/* Section 9. */
enum legacy_state {
	LEGACY_IDLE = 0,
	LEGACY_PREPARING,
	LEGACY_READY,
	LEGACY_RX_INIT,
	LEGACY_RX_DATA,
	LEGACY_VALIDATE,
	LEGACY_WAIT_ACTIVATE,
	LEGACY_ACTIVATING
};

/* What a write to 1532 is taken for: the last op on the Control Point says it. */
enum legacy_packet {
	LEGACY_PACKET_UNKNOWN = 0,
	LEGACY_PACKET_SIZES,
	LEGACY_PACKET_INIT,
	LEGACY_PACKET_DATA
};

enum legacy_image { LEGACY_APPLICATION = 0, LEGACY_BOOTLOADER, LEGACY_SOFTDEVICE };

enum {
	LEGACY_PACKET_MAX = 20,
	LEGACY_RX_BUFFERS = 8,
	LEGACY_RX_BUFFERS_MAX = 16, /* of a derivative */
	LEGACY_RX_BUFFER_SIZE = 244,
	LEGACY_INIT_MAX = 128
};

struct legacy_rx_buffer {
	struct device *device;
	bool busy;
	uint8_t bytes[LEGACY_RX_BUFFER_SIZE];
};

struct legacy {
	bool directed; /* it advertises to one central only */
	enum legacy_state state;
	enum legacy_packet packet;
	uint8_t mode; /* of the last Start op */

	/* Of the last sizes packet, accepted or not (section 9). */
	uint32_t sd_size;
	uint32_t bl_size;
	uint32_t app_size;
	uint32_t image_size;
	enum legacy_image image;

	uint32_t bank; /* where the image is received */
	uint8_t init[LEGACY_INIT_MAX];
	size_t init_len;
	uint16_t image_crc;   /* that the init packet promises */
	const uint8_t *hash;  /* likewise, in init; NULL: its format has none */
	uint32_t app_version; /* likewise */

	uint32_t received; /* all ones: too much was sent, nothing more is taken */
	uint32_t reported; /* what op 07 and receipts tell; never goes back */
	uint16_t receipt_every;
	uint16_t receipt_left;

	struct legacy_rx_buffer buffers[LEGACY_RX_BUFFERS_MAX];
	unsigned next_buffer;
	unsigned buffers_taken;
	const struct legacy_rx_buffer *last_buffer; /* of a complete image */

	uint8_t page[LEGACY_PAGE_USED]; /* settings on their way to flash */
};

static inline struct legacy *legacy_of(const struct device *device)
{
	return firmware_ram(device);
}

/* --- talk --- */

/* A notification that cannot be sent fails the bootloader's error check (section 9). */
void legacy_notify(struct device *device, const uint8_t *data, size_t len);
void legacy_respond(struct device *device, enum legacy_op op, enum legacy_status status);

void legacy_control_write(struct device *device, const uint8_t *data, size_t len);

void legacy_sizes_packet(struct device *device, const uint8_t *data, size_t len);
void legacy_data_packet(struct device *device, const uint8_t *data, size_t len);
enum legacy_status legacy_validate(struct device *device);

/* The bank in which applications and bootloaders are received, where this generation does it. */
void legacy_clear_early(struct device *device);

void legacy_init_packet(struct device *device, const uint8_t *data, size_t len);
enum legacy_status legacy_init_complete(struct device *device);

/* What follows the list of SoftDevices, from at on: is it of the device's format, and signed? */
bool legacy_extension_ok(struct device *device, size_t at);

/* Is the image in flash the one whose hash the init packet states? True where it states none. */
bool legacy_hash_ok(const struct device *device);

/* --- start and end --- */

void legacy_provision(struct device *device);
void legacy_describe(const struct device *device, struct device_state *ret_state);

void legacy_boot(struct device *device);

/* Runs the bootloader in DFU mode. */
void legacy_run(struct device *device);

/* Both close the link. Leaving goes into the application without a chip reset if there is one. */
void legacy_activate(struct device *device);
void legacy_leave(struct device *device);

#endif
