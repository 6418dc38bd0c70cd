/*
 * The PDUs of the Attribute Protocol, both sides (Core Specification, Vol 3, Part F, 3.4): one
 * table says how each is laid out, and decoding and encoding follow it. Pure.
 */
#ifndef OTADFU_TRANSPORTS_ATT_H
#define OTADFU_TRANSPORTS_ATT_H

#include <otadfu/types.h>
#include <stdbool.h>

enum {
	ATT_MTU_MIN = 23,
	ATT_MTU_MAX = 517,
	ATT_VALUE_MAX = 512, /* longest attribute value, Vol 3, Part F, 3.2.9 */
	ATT_WRITE_OVERHEAD = 3
};

enum att_opcode {
	ATT_ERROR_RSP = 0x01,
	ATT_MTU_REQ = 0x02,
	ATT_MTU_RSP = 0x03,
	ATT_FIND_INFO_REQ = 0x04,
	ATT_FIND_INFO_RSP = 0x05,
	ATT_FIND_BY_VALUE_REQ = 0x06,
	ATT_FIND_BY_VALUE_RSP = 0x07,
	ATT_READ_BY_TYPE_REQ = 0x08,
	ATT_READ_BY_TYPE_RSP = 0x09,
	ATT_READ_REQ = 0x0A,
	ATT_READ_RSP = 0x0B,
	ATT_READ_BLOB_REQ = 0x0C,
	ATT_READ_BLOB_RSP = 0x0D,
	ATT_READ_MULTIPLE_REQ = 0x0E,
	ATT_READ_MULTIPLE_RSP = 0x0F,
	ATT_READ_BY_GROUP_REQ = 0x10,
	ATT_READ_BY_GROUP_RSP = 0x11,
	ATT_WRITE_REQ = 0x12,
	ATT_WRITE_RSP = 0x13,
	ATT_PREPARE_WRITE_REQ = 0x16,
	ATT_PREPARE_WRITE_RSP = 0x17,
	ATT_EXECUTE_WRITE_REQ = 0x18,
	ATT_EXECUTE_WRITE_RSP = 0x19,
	ATT_NOTIFICATION = 0x1B,
	ATT_INDICATION = 0x1D,
	ATT_CONFIRMATION = 0x1E,
	ATT_WRITE_CMD = 0x52,
	ATT_SIGNED_WRITE_CMD = 0xD2
};

enum att_kind { /* of a PDU, by its opcode (Vol 3, Part F, 3.3) */
		ATT_KIND_UNKNOWN = 0,
		ATT_KIND_REQUEST,
		ATT_KIND_RESPONSE, /* ATT_ERROR_RSP too */
		ATT_KIND_COMMAND,
		ATT_KIND_NOTIFICATION,
		ATT_KIND_INDICATION,
		ATT_KIND_CONFIRMATION
};

enum att_error { /* Vol 3, Part F, 3.4.1.1, and the Core Specification Supplement, Part B */
		 ATT_E_INVALID_HANDLE = 0x01,
		 ATT_E_READ_NOT_PERMITTED = 0x02,
		 ATT_E_WRITE_NOT_PERMITTED = 0x03,
		 ATT_E_INVALID_PDU = 0x04,
		 ATT_E_AUTHENTICATION = 0x05,
		 ATT_E_REQUEST_NOT_SUPPORTED = 0x06,
		 ATT_E_INVALID_OFFSET = 0x07,
		 ATT_E_AUTHORIZATION = 0x08,
		 ATT_E_PREPARE_QUEUE_FULL = 0x09,
		 ATT_E_NOT_FOUND = 0x0A,
		 ATT_E_NOT_LONG = 0x0B,
		 ATT_E_KEY_SIZE = 0x0C,
		 ATT_E_VALUE_LENGTH = 0x0D,
		 ATT_E_UNLIKELY = 0x0E,
		 ATT_E_ENCRYPTION = 0x0F,
		 ATT_E_UNSUPPORTED_GROUP = 0x10,
		 ATT_E_RESOURCES = 0x11
};

/* One PDU taken apart. Members that its opcode does not have are zero. */
struct att_pdu {
	uint8_t opcode;
	uint8_t request;  /* of an error: the opcode refused */
	uint8_t error;    /* ATT_E_* */
	uint8_t flags;    /* of EXECUTE_WRITE_REQ: 1 write, 0 cancel */
	uint8_t item_len; /* of a list: bytes in one item; of FIND_INFO_RSP: the format, 1 or 2 */
	uint8_t uuid_len; /* of a type: 2 or 16 as it was sent */
	uint16_t mtu;
	uint16_t handle; /* or the first of a range */
	uint16_t end;    /* the last of a range */
	uint16_t offset;
	struct otadfu_uuid uuid;
	const uint8_t *value; /* the rest: a value, or the items of a list; borrowed */
	size_t len;
};

/* False: unknown opcode, or not of its length. ret_pdu->opcode is set if there is one at all. */
bool att_decode(const uint8_t *data, size_t len, struct att_pdu *ret_pdu);

/* Its length; 0 when it does not fit or its opcode is unknown. A uuid of uuid_len 0 is sent as
 * short as it can be. */
size_t att_encode(const struct att_pdu *pdu, uint8_t *buf, size_t cap);

enum att_kind att_kind(uint8_t opcode);
/* What answers a request; 0 for what is not one. */
uint8_t att_response_of(uint8_t request);

/* "insufficient authentication"; for an unknown code a word for its range, never NULL. */
const char *att_error_text(uint8_t error);

/* "Read By Type Request"; "unknown" */
const char *att_opcode_text(uint8_t opcode);

/* A UUID as 16 bits, 0 when it is not in the Bluetooth base UUID; and the way back. */
uint16_t att_uuid16(const struct otadfu_uuid *uuid);
struct otadfu_uuid att_uuid_from16(uint16_t uuid16);

/* A UUID as it stands in a PDU: 2 or 16 bytes, little endian. */
struct otadfu_uuid att_uuid_from_air(const uint8_t *bytes, size_t len);

#endif
