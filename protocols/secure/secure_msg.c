#include "secure_msg.h"

#include "le.h"

#include <stdio.h>

enum { CHECKSUM_ANSWER_LEN = 11, SELECT_ANSWER_LEN = 15 };

struct secure_request secure_create(enum secure_object type, uint32_t size)
{
	struct secure_request request = { .bytes = { SECURE_CREATE, (uint8_t)type }, .len = 6 };

	put_le32(request.bytes + 2, size);
	return request;
}

struct secure_request secure_set_receipts(uint16_t every)
{
	struct secure_request request = { .bytes = { SECURE_SET_RECEIPTS }, .len = 3 };

	put_le16(request.bytes + 1, every);
	return request;
}

struct secure_request secure_select(enum secure_object type)
{
	return (struct secure_request){ .bytes = { SECURE_SELECT, (uint8_t)type }, .len = 2 };
}

struct secure_request secure_plain(enum secure_op op)
{
	return (struct secure_request){ .bytes = { (uint8_t)op }, .len = 1 };
}

bool secure_decode(const uint8_t *data, size_t len, struct secure_answer *ret_answer)
{
	struct secure_answer answer = { 0 };
	bool success;

	if (len < 3 || data[0] != SECURE_RESPONSE)
		return false;
	answer.op = data[1];
	answer.result = data[2];
	success = answer.result == SECURE_SUCCESS;
	if (answer.result == SECURE_EXTENDED)
		answer.result = (uint16_t)(SECURE_EXTENDED << 8 | (len > 3 ? data[3] : 0));
	if (success && answer.op == SECURE_CHECKSUM) {
		if (len < CHECKSUM_ANSWER_LEN)
			return false;
		answer.offset = get_le32(data + 3);
		answer.crc = get_le32(data + 7);
	}
	if (success && answer.op == SECURE_SELECT) {
		if (len < SELECT_ANSWER_LEN)
			return false;
		answer.max_size = get_le32(data + 3);
		answer.offset = get_le32(data + 7);
		answer.crc = get_le32(data + 11);
	}
	*ret_answer = answer;
	return true;
}

const char *secure_op_text(uint8_t op)
{
	static const char *const texts[] = {
		[SECURE_CREATE] = "Create",     [SECURE_SET_RECEIPTS] = "the request for receipts",
		[SECURE_CHECKSUM] = "Checksum", [SECURE_EXECUTE] = "Execute",
		[SECURE_SELECT] = "Select",     [SECURE_ABORT] = "Abort",
	};

	return op < sizeof(texts) / sizeof(texts[0]) && texts[op] ? texts[op] : "a request";
}

static const struct result {
	uint16_t code;
	const char *text;
	const char *advice;
} results[] = {
	{ 0x00, "invalid code", "" },
	{ 0x01, "success", "" },
	{ 0x02, "op code not supported", "" },
	{ 0x03, "invalid parameter", "" },
	{ 0x04, "insufficient resources", "the image or the init packet is larger than the room" },
	{ 0x05, "invalid object",
	  "most often the package is signed with another key than this device's bootloader knows" },
	{ 0x07, "unsupported object type", "" },
	{ 0x08, "operation not permitted", "" },
	{ 0x0a, "operation failed",
	  "a bootloader of SDK 12 refuses so whatever does not fit: signature, hardware, "
	  "SoftDevice "
	  "or version" },
	{ 0x0b00, "no error", "the device contradicts itself" },
	{ 0x0b01, "invalid error code", "the device contradicts itself" },
	{ 0x0b02, "wrong command format", "" },
	{ 0x0b03, "unknown command", "bootloaders of SDK 13 and 14 refuse an unsigned package so" },
	{ 0x0b04, "init command invalid", "a field is missing in it or contradicts another one" },
	{ 0x0b05, "FW version failure", "the device holds this version or a newer one" },
	{ 0x0b06, "HW version failure", "the package is for other hardware" },
	{ 0x0b07, "SD version failure", "the package needs another SoftDevice than the installed" },
	{ 0x0b08, "signature missing", "this device takes signed packages only" },
	{ 0x0b09, "wrong hash type", "the bootloader wants SHA-256" },
	{ 0x0b0a, "hash failed", "the device could not compute it" },
	{ 0x0b0b, "wrong signature type", "the bootloader wants ECDSA P-256 with SHA-256" },
	{ 0x0b0c, "verification failed", "the image is not the one the init packet was made for" },
	{ 0x0b0d, "insufficient space", "the image does not fit" },
};

static const struct result *find_result(uint16_t code)
{
	for (size_t i = 0; i < sizeof(results) / sizeof(results[0]); i++) {
		if (results[i].code == code)
			return &results[i];
	}
	return NULL;
}

const char *secure_result_text(uint16_t result)
{
	const struct result *found = find_result(result);

	return found ? found->text : "unknown result";
}

const char *secure_result_advice(uint16_t result)
{
	const struct result *found = find_result(result);

	return found ? found->advice : "";
}

void secure_format_code(uint16_t result, char text[SECURE_CODE_TEXT])
{
	if (result >> 8 == SECURE_EXTENDED)
		snprintf(text, SECURE_CODE_TEXT, "0B %02X", result & 0xffu);
	else
		snprintf(text, SECURE_CODE_TEXT, "%02X", result & 0xffu);
}

size_t secure_packet_len(size_t left, size_t payload)
{
	size_t len = left < payload ? left : payload;

	return len < 4 ? len : len - len % 4;
}
