/* Secure DFU as bytes and words: requests, answers, results. Pure. */
#ifndef OTADFU_SECURE_MSG_H
#define OTADFU_SECURE_MSG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum secure_op {
	SECURE_CREATE = 0x01,
	SECURE_SET_RECEIPTS = 0x02,
	SECURE_CHECKSUM = 0x03,
	SECURE_EXECUTE = 0x04,
	SECURE_SELECT = 0x06,
	SECURE_ABORT = 0x0c,
	SECURE_RESPONSE = 0x60,
};

enum secure_object { SECURE_COMMAND = 1, SECURE_DATA = 2 };

/* Section 3.1; an extended error (0B xx) is 0x0Bxx. */
enum secure_result {
	SECURE_SUCCESS = 0x01,
	SECURE_INVALID_PARAMETER = 0x03,
	SECURE_TOO_LARGE = 0x04,
	SECURE_INVALID_OBJECT = 0x05,
	SECURE_NOT_PERMITTED = 0x08,
	SECURE_FAILED = 0x0a,
	SECURE_EXTENDED = 0x0b,
	SECURE_VERSION_FAILURE = 0x0b05,
	SECURE_HARDWARE_FAILURE = 0x0b06,
	SECURE_SOFTDEVICE_FAILURE = 0x0b07,
};

enum { SECURE_REQUEST_MAX = 6 };

struct secure_request {
	uint8_t bytes[SECURE_REQUEST_MAX];
	uint8_t len;
};

struct secure_request secure_create(enum secure_object type, uint32_t size);
struct secure_request secure_set_receipts(uint16_t every);
struct secure_request secure_select(enum secure_object type);
/* CHECKSUM, EXECUTE and ABORT: the op code alone. */
struct secure_request secure_plain(enum secure_op op);

/* An answer, or a receipt, which is an answer to CHECKSUM that nobody asked for. */
struct secure_answer {
	uint8_t op;
	uint16_t result;   /* enum secure_result */
	uint32_t max_size; /* of SELECT */
	uint32_t offset;   /* of SELECT and CHECKSUM */
	uint32_t crc;
};

/* False for anything that is not a whole answer. */
bool secure_decode(const uint8_t *data, size_t len, struct secure_answer *ret_answer);

const char *secure_op_text(uint8_t op);
/* "HW version failure"; "unknown result" for what the document does not list. */
const char *secure_result_text(uint16_t result);
/* What to look at; "" where the result says it all. */
const char *secure_result_advice(uint16_t result);

enum { SECURE_CODE_TEXT = 8 };

/* "05", or "0B 06". */
void secure_format_code(uint16_t result, char text[SECURE_CODE_TEXT]);

/*
 * How much of what is left of an object goes into one packet (section 8): the device loses the
 * end of a packet that is not whole words, unless it is 3 bytes or less.
 */
size_t secure_packet_len(size_t left, size_t payload);

#endif
