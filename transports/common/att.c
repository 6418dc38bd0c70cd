#include "att.h"

#include "le.h"

/*
 * members: what follows the opcode, in the order of the air. Letters of members[] are numbers,
 * those of rests[] are all that is left; u is a UUID of 2 or 16 bytes, s one of 2.
 */
struct layout {
	uint8_t opcode;
	uint8_t kind;
	uint8_t response;
	const char *members;
	const char *text;
};

static const struct layout layouts[] = {
	{ ATT_ERROR_RSP, ATT_KIND_RESPONSE, 0, "qhe", "Error Response" },
	{ ATT_MTU_REQ, ATT_KIND_REQUEST, ATT_MTU_RSP, "m", "Exchange MTU Request" },
	{ ATT_MTU_RSP, ATT_KIND_RESPONSE, 0, "m", "Exchange MTU Response" },
	{ ATT_FIND_INFO_REQ, ATT_KIND_REQUEST, ATT_FIND_INFO_RSP, "hx",
	  "Find Information Request" },
	{ ATT_FIND_INFO_RSP, ATT_KIND_RESPONSE, 0, "il", "Find Information Response" },
	{ ATT_FIND_BY_VALUE_REQ, ATT_KIND_REQUEST, ATT_FIND_BY_VALUE_RSP, "hxsv",
	  "Find By Type Value Request" },
	{ ATT_FIND_BY_VALUE_RSP, ATT_KIND_RESPONSE, 0, "p", "Find By Type Value Response" },
	{ ATT_READ_BY_TYPE_REQ, ATT_KIND_REQUEST, ATT_READ_BY_TYPE_RSP, "hxu",
	  "Read By Type Request" },
	{ ATT_READ_BY_TYPE_RSP, ATT_KIND_RESPONSE, 0, "il", "Read By Type Response" },
	{ ATT_READ_REQ, ATT_KIND_REQUEST, ATT_READ_RSP, "h", "Read Request" },
	{ ATT_READ_RSP, ATT_KIND_RESPONSE, 0, "v", "Read Response" },
	{ ATT_READ_BLOB_REQ, ATT_KIND_REQUEST, ATT_READ_BLOB_RSP, "ho", "Read Blob Request" },
	{ ATT_READ_BLOB_RSP, ATT_KIND_RESPONSE, 0, "v", "Read Blob Response" },
	{ ATT_READ_MULTIPLE_REQ, ATT_KIND_REQUEST, ATT_READ_MULTIPLE_RSP, "n",
	  "Read Multiple Request" },
	{ ATT_READ_MULTIPLE_RSP, ATT_KIND_RESPONSE, 0, "v", "Read Multiple Response" },
	{ ATT_READ_BY_GROUP_REQ, ATT_KIND_REQUEST, ATT_READ_BY_GROUP_RSP, "hxu",
	  "Read By Group Type Request" },
	{ ATT_READ_BY_GROUP_RSP, ATT_KIND_RESPONSE, 0, "ig", "Read By Group Type Response" },
	{ ATT_WRITE_REQ, ATT_KIND_REQUEST, ATT_WRITE_RSP, "hv", "Write Request" },
	{ ATT_WRITE_RSP, ATT_KIND_RESPONSE, 0, "", "Write Response" },
	{ ATT_PREPARE_WRITE_REQ, ATT_KIND_REQUEST, ATT_PREPARE_WRITE_RSP, "hov",
	  "Prepare Write Request" },
	{ ATT_PREPARE_WRITE_RSP, ATT_KIND_RESPONSE, 0, "hov", "Prepare Write Response" },
	{ ATT_EXECUTE_WRITE_REQ, ATT_KIND_REQUEST, ATT_EXECUTE_WRITE_RSP, "f",
	  "Execute Write Request" },
	{ ATT_EXECUTE_WRITE_RSP, ATT_KIND_RESPONSE, 0, "", "Execute Write Response" },
	{ ATT_NOTIFICATION, ATT_KIND_NOTIFICATION, 0, "hv", "Handle Value Notification" },
	{ ATT_INDICATION, ATT_KIND_INDICATION, 0, "hv", "Handle Value Indication" },
	{ ATT_CONFIRMATION, ATT_KIND_CONFIRMATION, 0, "", "Handle Value Confirmation" },
	{ ATT_WRITE_CMD, ATT_KIND_COMMAND, 0, "hv", "Write Command" },
	{ ATT_SIGNED_WRITE_CMD, ATT_KIND_COMMAND, 0, "ht", "Signed Write Command" },
};

static const struct {
	char letter;
	uint8_t size;
	uint8_t offset;
} members[] = {
	{ 'q', 1, offsetof(struct att_pdu, request) },
	{ 'e', 1, offsetof(struct att_pdu, error) },
	{ 'f', 1, offsetof(struct att_pdu, flags) },
	{ 'i', 1, offsetof(struct att_pdu, item_len) },
	{ 'm', 2, offsetof(struct att_pdu, mtu) },
	{ 'h', 2, offsetof(struct att_pdu, handle) },
	{ 'x', 2, offsetof(struct att_pdu, end) },
	{ 'o', 2, offsetof(struct att_pdu, offset) },
};

/* A list is never empty, and its items are whole. */
static const struct rest {
	char letter;
	uint8_t item_min;
	uint8_t item_len; /* 0: as the PDU says */
	uint8_t items_min;
} rests[] = {
	{ 'v', 0, 1, 0 },  /* a value */
	{ 't', 1, 1, 12 }, /* a value that ends with a signature of 12 bytes */
	{ 'l', 2, 0, 1 },  /* of handles and what belongs to each */
	{ 'g', 4, 0, 1 },  /* of ranges and what belongs to each */
	{ 'p', 4, 4, 1 },  /* of ranges */
	{ 'n', 2, 2, 2 },  /* of handles */
};

static const struct otadfu_uuid base_uuid = { { 0, 0, 0, 0, 0, 0, 0x10, 0, 0x80, 0, 0, 0x80, 0x5F,
						0x9B, 0x34, 0xFB } };

static const struct layout *layout_of(uint8_t opcode)
{
	for (size_t i = 0; i < sizeof(layouts) / sizeof(layouts[0]); i++) {
		if (layouts[i].opcode == opcode)
			return &layouts[i];
	}
	return NULL;
}

/* A member of fixed size; *ret_size 0: the letter means another. */
static size_t member_offset(char letter, size_t *ret_size)
{
	for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
		if (members[i].letter == letter) {
			*ret_size = members[i].size;
			return members[i].offset;
		}
	}
	*ret_size = 0;
	return 0;
}

static const struct rest *rest_of(char letter)
{
	for (size_t i = 0; i < sizeof(rests) / sizeof(rests[0]); i++) {
		if (rests[i].letter == letter)
			return &rests[i];
	}
	return NULL;
}

/* Vol 3, Part F, 3.4.3.2: format 1 is a handle and 2 bytes, format 2 a handle and 16. */
static size_t told_item_len(const struct att_pdu *pdu)
{
	if (pdu->opcode != ATT_FIND_INFO_RSP)
		return pdu->item_len;
	return pdu->item_len == 1 ? 4 : pdu->item_len == 2 ? 18 : 0;
}

static bool rest_fits(const struct rest *rest, const struct att_pdu *pdu)
{
	size_t item_len = rest->item_len ? rest->item_len : told_item_len(pdu);

	return item_len >= rest->item_min && item_len > 0 && pdu->len % item_len == 0 &&
	       pdu->len / item_len >= rest->items_min;
}

static void take_uuid(struct cursor *from, size_t len, struct att_pdu *pdu)
{
	const uint8_t *p = cursor_take(from, len);

	pdu->uuid_len = (uint8_t)len;
	if (p)
		pdu->uuid = att_uuid_from_air(p, len);
}

static void take_member(struct cursor *from, char letter, struct att_pdu *pdu)
{
	size_t size;
	uint8_t *member = (uint8_t *)pdu + member_offset(letter, &size);
	uint16_t word;

	if (size == 1) {
		*member = cursor_u8(from);
	} else if (size == 2) {
		word = cursor_le16(from);
		memcpy(member, &word, sizeof(word));
	} else if (letter == 's') {
		take_uuid(from, 2, pdu);
	} else if (letter == 'u') {
		take_uuid(from, cursor_left(from) == 2 ? 2 : 16, pdu);
	} else {
		pdu->len = cursor_left(from);
		pdu->value = cursor_take(from, pdu->len);
		from->failed |= !rest_fits(rest_of(letter), pdu);
	}
}

bool att_decode(const uint8_t *data, size_t len, struct att_pdu *ret_pdu)
{
	struct cursor from = cursor_over(data, len);
	const struct layout *layout;

	*ret_pdu = (struct att_pdu){ .opcode = cursor_u8(&from) };
	layout = from.failed ? NULL : layout_of(ret_pdu->opcode);
	if (!layout)
		return false;
	for (const char *letter = layout->members; *letter != '\0'; letter++)
		take_member(&from, *letter, ret_pdu);
	return !from.failed && cursor_left(&from) == 0;
}

static void fill_uuid(struct filler *to, char letter, const struct att_pdu *pdu)
{
	uint16_t uuid16 = att_uuid16(&pdu->uuid);
	bool is_short = letter == 's' || pdu->uuid_len == 2 || (pdu->uuid_len == 0 && uuid16 != 0);
	struct otadfu_uuid back = att_uuid_from16(uuid16);

	if (!is_short) {
		for (size_t i = 16; i-- > 0;)
			fill_u8(to, pdu->uuid.bytes[i]);
		return;
	}
	if (memcmp(&back, &pdu->uuid, sizeof(back)) != 0)
		to->failed = true;
	fill_le16(to, uuid16);
}

static void fill_member(struct filler *to, char letter, const struct att_pdu *pdu)
{
	size_t size;
	const uint8_t *member = (const uint8_t *)pdu + member_offset(letter, &size);
	uint16_t word;

	if (size == 1) {
		fill_u8(to, *member);
	} else if (size == 2) {
		memcpy(&word, member, sizeof(word));
		fill_le16(to, word);
	} else if (letter == 's' || letter == 'u') {
		fill_uuid(to, letter, pdu);
	} else {
		fill_bytes(to, pdu->value, pdu->len);
		to->failed |= !rest_fits(rest_of(letter), pdu);
	}
}

size_t att_encode(const struct att_pdu *pdu, uint8_t *buf, size_t cap)
{
	const struct layout *layout = layout_of(pdu->opcode);
	struct filler to = filler_over(buf, cap);

	if (!layout)
		return 0;
	fill_u8(&to, pdu->opcode);
	for (const char *letter = layout->members; *letter != '\0'; letter++)
		fill_member(&to, *letter, pdu);
	return to.failed ? 0 : to.len;
}

enum att_kind att_kind(uint8_t opcode)
{
	const struct layout *layout = layout_of(opcode);

	return layout ? (enum att_kind)layout->kind : ATT_KIND_UNKNOWN;
}

uint8_t att_response_of(uint8_t request)
{
	const struct layout *layout = layout_of(request);

	return layout ? layout->response : 0;
}

const char *att_opcode_text(uint8_t opcode)
{
	const struct layout *layout = layout_of(opcode);

	return layout ? layout->text : "unknown";
}

static const struct {
	uint8_t first;
	uint8_t last;
	const char *text;
} errors[] = {
	{ ATT_E_INVALID_HANDLE, ATT_E_INVALID_HANDLE, "invalid handle" },
	{ ATT_E_READ_NOT_PERMITTED, ATT_E_READ_NOT_PERMITTED, "read not permitted" },
	{ ATT_E_WRITE_NOT_PERMITTED, ATT_E_WRITE_NOT_PERMITTED, "write not permitted" },
	{ ATT_E_INVALID_PDU, ATT_E_INVALID_PDU, "invalid PDU" },
	{ ATT_E_AUTHENTICATION, ATT_E_AUTHENTICATION, "insufficient authentication" },
	{ ATT_E_REQUEST_NOT_SUPPORTED, ATT_E_REQUEST_NOT_SUPPORTED, "request not supported" },
	{ ATT_E_INVALID_OFFSET, ATT_E_INVALID_OFFSET, "invalid offset" },
	{ ATT_E_AUTHORIZATION, ATT_E_AUTHORIZATION, "insufficient authorization" },
	{ ATT_E_PREPARE_QUEUE_FULL, ATT_E_PREPARE_QUEUE_FULL, "prepare queue full" },
	{ ATT_E_NOT_FOUND, ATT_E_NOT_FOUND, "attribute not found" },
	{ ATT_E_NOT_LONG, ATT_E_NOT_LONG, "attribute not long" },
	{ ATT_E_KEY_SIZE, ATT_E_KEY_SIZE, "encryption key too short" },
	{ ATT_E_VALUE_LENGTH, ATT_E_VALUE_LENGTH, "invalid length of the value" },
	{ ATT_E_UNLIKELY, ATT_E_UNLIKELY, "unlikely error" },
	{ ATT_E_ENCRYPTION, ATT_E_ENCRYPTION, "insufficient encryption" },
	{ ATT_E_UNSUPPORTED_GROUP, ATT_E_UNSUPPORTED_GROUP, "unsupported group type" },
	{ ATT_E_RESOURCES, ATT_E_RESOURCES, "insufficient resources" },
	{ 0x12, 0x12, "database out of sync" },
	{ 0x13, 0x13, "value not allowed" },
	{ 0x80, 0x9F, "an error of the application" },
	{ 0xFC, 0xFC, "write request rejected" },
	{ 0xFD, 0xFD, "client characteristic configuration improper" },
	{ 0xFE, 0xFE, "procedure already in progress" },
	{ 0xFF, 0xFF, "out of range" },
	{ 0xE0, 0xFF, "an error of profiles, without a name" },
	{ 0x00, 0xFF, "a reserved error" },
};

const char *att_error_text(uint8_t error)
{
	size_t i = 0;

	while (error < errors[i].first || error > errors[i].last)
		i++;
	return errors[i].text;
}

uint16_t att_uuid16(const struct otadfu_uuid *uuid)
{
	struct otadfu_uuid base = *uuid;

	base.bytes[2] = 0;
	base.bytes[3] = 0;
	if (memcmp(&base, &base_uuid, sizeof(base)) != 0)
		return 0;
	return (uint16_t)(uuid->bytes[2] << 8 | uuid->bytes[3]);
}

struct otadfu_uuid att_uuid_from16(uint16_t uuid16)
{
	struct otadfu_uuid uuid = base_uuid;

	uuid.bytes[2] = (uint8_t)(uuid16 >> 8);
	uuid.bytes[3] = (uint8_t)uuid16;
	return uuid;
}

struct otadfu_uuid att_uuid_from_air(const uint8_t *bytes, size_t len)
{
	struct otadfu_uuid uuid;

	if (len == 2)
		return att_uuid_from16(get_le16(bytes));
	for (size_t i = 0; i < sizeof(uuid.bytes); i++)
		uuid.bytes[i] = bytes[sizeof(uuid.bytes) - 1 - i];
	return uuid;
}
