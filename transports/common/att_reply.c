#include "att_reply.h"

#include "att.h"

/* Every other request is one that we do not support. */
static const struct {
	uint8_t request;
	uint8_t error;
} refusals[] = {
	{ ATT_FIND_INFO_REQ, ATT_E_NOT_FOUND },
	{ ATT_FIND_BY_VALUE_REQ, ATT_E_NOT_FOUND },
	{ ATT_READ_BY_TYPE_REQ, ATT_E_NOT_FOUND },
	{ ATT_READ_BY_GROUP_REQ, ATT_E_NOT_FOUND },
	{ ATT_READ_REQ, ATT_E_INVALID_HANDLE },
	{ ATT_READ_BLOB_REQ, ATT_E_INVALID_HANDLE },
	{ ATT_READ_MULTIPLE_REQ, ATT_E_INVALID_HANDLE },
	{ ATT_WRITE_REQ, ATT_E_INVALID_HANDLE },
	{ ATT_PREPARE_WRITE_REQ, ATT_E_INVALID_HANDLE },
};

/* Vol 3, Part F, 3.3.1: of an opcode we do not know, bit 6 tells a command; responses are odd. */
static bool is_request(uint8_t opcode)
{
	enum { COMMAND = 0x40, RESPONSE = 0x01 };
	enum att_kind kind = att_kind(opcode);

	return kind == ATT_KIND_REQUEST ||
	       (kind == ATT_KIND_UNKNOWN && !(opcode & (COMMAND | RESPONSE)));
}

/* Vol 3, Part F, 3.4.3.1: a range begins with a handle and is not empty. */
static bool range_is_valid(const struct att_pdu *request)
{
	return request->handle > 0 && request->handle <= request->end;
}

static uint8_t refusal_of(const struct att_pdu *request, bool well_formed)
{
	if (!well_formed && att_kind(request->opcode) == ATT_KIND_REQUEST)
		return ATT_E_INVALID_PDU;
	for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++) {
		if (refusals[i].request != request->opcode)
			continue;
		if (refusals[i].error == ATT_E_NOT_FOUND && !range_is_valid(request))
			return ATT_E_INVALID_HANDLE;
		return refusals[i].error;
	}
	return ATT_E_REQUEST_NOT_SUPPORTED;
}

size_t att_reply(const uint8_t *pdu, size_t len, uint16_t own_mtu, uint8_t reply[ATT_REPLY_MAX])
{
	struct att_pdu request;
	struct att_pdu answer = { .opcode = ATT_ERROR_RSP };
	bool well_formed = att_decode(pdu, len, &request);

	if (len > 0 && is_request(request.opcode)) {
		if (well_formed && request.opcode == ATT_MTU_REQ) {
			answer.opcode = ATT_MTU_RSP;
			answer.mtu = own_mtu;
		} else {
			answer.request = request.opcode;
			answer.handle = request.handle;
			answer.error = refusal_of(&request, well_formed);
		}
	} else if (well_formed && request.opcode == ATT_INDICATION) {
		answer.opcode = ATT_CONFIRMATION;
	} else {
		return 0;
	}
	return att_encode(&answer, reply, ATT_REPLY_MAX);
}
