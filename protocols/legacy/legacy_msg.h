/* Legacy DFU as bytes and words: what is sent, what comes back, what an answer means for us. */
#ifndef OTADFU_LEGACY_MSG_H
#define OTADFU_LEGACY_MSG_H

#include <otadfu/protocol.h>
#include <stdbool.h>

enum legacy_op {
	LEGACY_START = 0x01,
	LEGACY_INIT = 0x02,
	LEGACY_RECEIVE = 0x03,
	LEGACY_VALIDATE = 0x04,
	LEGACY_ACTIVATE = 0x05,
	LEGACY_RESET = 0x06,
	LEGACY_REPORT_SIZE = 0x07,
	LEGACY_RECEIPTS = 0x08,
	LEGACY_RESPONSE = 0x10,
	LEGACY_RECEIPT = 0x11,
};

enum legacy_status {
	LEGACY_SUCCESS = 1,
	LEGACY_INVALID_STATE,
	LEGACY_NOT_SUPPORTED,
	LEGACY_TOO_LARGE,
	LEGACY_CRC_ERROR,
	LEGACY_FAILED,
};

enum { /* bits of the mode byte of Start */
       LEGACY_MODE_SOFTDEVICE = 1u << 0,
       LEGACY_MODE_BOOTLOADER = 1u << 1,
       LEGACY_MODE_APPLICATION = 1u << 2,
};

enum { LEGACY_INIT_BEGIN = 0, LEGACY_INIT_COMPLETE = 1 }; /* second byte of LEGACY_INIT */

enum { LEGACY_SIZES_LEN = 12, LEGACY_RECEIPTS_LEN = 3, LEGACY_CRC_LEN = 2, LEGACY_INIT_TEXT = 256 };

/* The last of the sizes is the application's: the only one that SDK 6.0 and older know. */
enum { LEGACY_SHORT_SIZES_AT = 8, LEGACY_SHORT_SIZES_LEN = 4 };

/* Section 5.1: mode byte and size packet for one image; false for a kind legacy DFU has not. */
bool legacy_encode_start(const struct otadfu_image *image, uint8_t *ret_mode,
			 uint8_t ret_sizes[LEGACY_SIZES_LEN]);

/*
 * Section 5.2: the CRC-16 in an init packet, LEGACY_CRC_LEN bytes, which is all that bootloaders of
 * SDK 6.1 and older take. NULL when it holds none: a hash instead, or what is no init packet.
 */
const uint8_t *legacy_init_crc(const uint8_t *dat, size_t len);

/* Section 6: it is of the oldest format, where the CRC follows the list of SoftDevices. */
bool legacy_init_is_plain(const uint8_t *dat, size_t len);

void legacy_encode_receipts(uint16_t every, uint8_t ret_request[LEGACY_RECEIPTS_LEN]);

/* A notification of the control point. */
struct legacy_note {
	uint8_t kind; /* LEGACY_RESPONSE: op, status. LEGACY_RECEIPT: bytes. REPORT_SIZE: all */
	uint8_t op;
	uint8_t status;
	uint32_t bytes;
};

/* False for anything else or too short. */
bool legacy_decode_note(const uint8_t *data, size_t len, struct legacy_note *ret_note);

const char *legacy_op_text(uint8_t op);
const char *legacy_status_text(uint8_t status);

/* How the next attempt is paced. */
enum legacy_pace { LEGACY_PACE_SAME, LEGACY_PACE_SLOWER, LEGACY_PACE_ONE };

/* What an answer other than success means for the update (section 11). */
struct legacy_verdict {
	uint8_t op;
	uint8_t status;
	bool restart; /* only a reset and a new start can help */
	enum legacy_pace pace;
	int code; /* OTADFU_E_* */
	const char *advice;
};

/* Never NULL: what is not in the table is a refusal. */
const struct legacy_verdict *legacy_verdict(uint8_t op, uint8_t status);

/*
 * What an init packet asks of the device, for a person: "device type FFFF, revision FFFF,
 * SoftDevice 0064, 0067". Any bytes are taken.
 */
void legacy_describe_init(const uint8_t *dat, size_t len, char text[LEGACY_INIT_TEXT]);

#endif
