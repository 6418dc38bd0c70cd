#include "att_server.h"

#include "le.h"

enum { COMMAND_FLAG = 0x40, PRIMARY_SERVICE = 0x2800, SECONDARY_SERVICE = 0x2801 };

/* An answer in the making. list holds its items, or its value. */
struct answer {
	struct att_pdu pdu;
	struct filler list;
	uint16_t error_handle;
};

struct value {
	uint8_t bytes[ATT_VALUE_MAX];
	size_t len;
};

static size_t smaller(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* --- the database --- */

static bool find(const struct att_server *server, uint16_t handle,
		 struct att_attribute *ret_attribute)
{
	return server->database->next(server->user, handle, ret_attribute) &&
	       ret_attribute->handle == handle;
}

/* The next attribute from *from to end; *from, which may pass the last handle, moves behind it. */
static bool next_until(const struct att_server *server, uint32_t *from, uint16_t end,
		       struct att_attribute *ret_attribute)
{
	if (*from > end || !server->database->next(server->user, (uint16_t)*from, ret_attribute) ||
	    ret_attribute->handle > end)
		return false;
	*from = ret_attribute->handle + (uint32_t)1;
	return true;
}

static uint8_t read_value(const struct att_server *server, uint16_t handle, struct value *ret_value)
{
	ret_value->len = 0;
	return server->database->read(server->user, handle, ret_value->bytes,
				      sizeof(ret_value->bytes), &ret_value->len);
}

static uint8_t find_and_read(const struct att_server *server, uint16_t handle,
			     struct value *ret_value)
{
	struct att_attribute attribute;

	if (!find(server, handle, &attribute))
		return ATT_E_INVALID_HANDLE;
	return read_value(server, handle, ret_value);
}

static bool is_type(const struct att_attribute *attribute, const struct otadfu_uuid *type)
{
	return memcmp(&attribute->type, type, sizeof(*type)) == 0;
}

static bool is_range(const struct att_pdu *request)
{
	return request->handle != 0 && request->handle <= request->end;
}

/* --- lists: as many items of one length as the MTU has room for --- */

/* len: of the whole item. Whoever takes the first item says how long all are. */
static bool has_place(const struct att_server *server, const struct answer *answer, size_t len)
{
	bool alike = answer->list.len == 0 || answer->pdu.item_len == len;

	return alike && answer->list.len + len <= server->mtu - (size_t)2;
}

static uint8_t finish_list(const struct answer *answer)
{
	return answer->list.len > 0 ? 0 : ATT_E_NOT_FOUND;
}

static void fill_uuid(struct filler *list, const struct otadfu_uuid *uuid)
{
	uint16_t uuid16 = att_uuid16(uuid);

	if (uuid16) {
		fill_le16(list, uuid16);
		return;
	}
	for (size_t i = sizeof(uuid->bytes); i-- > 0;)
		fill_u8(list, uuid->bytes[i]);
}

static uint8_t find_info(struct att_server *server, const struct att_pdu *request,
			 struct answer *answer)
{
	enum { FORMAT_16 = 1, FORMAT_128 = 2 };
	struct att_attribute attribute;
	uint32_t from = request->handle;

	if (!is_range(request))
		return ATT_E_INVALID_HANDLE;
	while (next_until(server, &from, request->end, &attribute)) {
		bool is_short = att_uuid16(&attribute.type) != 0;
		uint8_t item_len = is_short ? 4 : 18;

		if (!has_place(server, answer, item_len))
			break;
		answer->pdu.item_len = item_len;
		fill_le16(&answer->list, attribute.handle);
		fill_uuid(&answer->list, &attribute.type);
	}
	/* This list says its item's format instead of its length. */
	answer->pdu.item_len = answer->pdu.item_len == 4 ? FORMAT_16 : FORMAT_128;
	return finish_list(answer);
}

static uint8_t find_by_value(struct att_server *server, const struct att_pdu *request,
			     struct answer *answer)
{
	struct att_attribute attribute;
	struct value value;
	uint32_t from = request->handle;

	if (!is_range(request))
		return ATT_E_INVALID_HANDLE;
	while (answer->list.len + 4 < server->mtu &&
	       next_until(server, &from, request->end, &attribute)) {
		if (!is_type(&attribute, &request->uuid) ||
		    read_value(server, attribute.handle, &value) != 0 ||
		    value.len != request->len ||
		    memcmp(value.bytes, request->value, request->len) != 0)
			continue;
		fill_le16(&answer->list, attribute.handle);
		fill_le16(&answer->list,
			  attribute.group_end ? attribute.group_end : attribute.handle);
	}
	return finish_list(answer);
}

/* Both lists of values by type: a handle, or a range, and as much of the value as fits. */
static uint8_t list_values(struct att_server *server, const struct att_pdu *request, bool groups,
			   struct answer *answer)
{
	size_t head = groups ? 4 : 2;
	size_t item_max = smaller(server->mtu - (size_t)2, UINT8_MAX);
	struct att_attribute attribute;
	struct value value;
	uint32_t from = request->handle;

	while (next_until(server, &from, request->end, &attribute)) {
		uint8_t error;
		size_t item_len;

		if (!is_type(&attribute, &request->uuid))
			continue;
		error = read_value(server, attribute.handle, &value);
		if (error && answer->list.len == 0)
			answer->error_handle = attribute.handle;
		if (error)
			return answer->list.len > 0 ? 0 : error;
		item_len = smaller(head + value.len, item_max);
		if (!has_place(server, answer, item_len))
			break;
		answer->pdu.item_len = (uint8_t)item_len;
		fill_le16(&answer->list, attribute.handle);
		if (groups)
			fill_le16(&answer->list, attribute.group_end);
		fill_bytes(&answer->list, value.bytes, item_len - head);
	}
	return finish_list(answer);
}

static uint8_t read_by_type(struct att_server *server, const struct att_pdu *request,
			    struct answer *answer)
{
	if (!is_range(request))
		return ATT_E_INVALID_HANDLE;
	return list_values(server, request, false, answer);
}

static uint8_t read_by_group(struct att_server *server, const struct att_pdu *request,
			     struct answer *answer)
{
	uint16_t type = att_uuid16(&request->uuid);

	if (!is_range(request))
		return ATT_E_INVALID_HANDLE;
	if (type != PRIMARY_SERVICE && type != SECONDARY_SERVICE)
		return ATT_E_UNSUPPORTED_GROUP;
	return list_values(server, request, true, answer);
}

/* --- reading --- */

static void fill_value(const struct att_server *server, const struct value *value, size_t offset,
		       struct answer *answer)
{
	size_t room = server->mtu - (size_t)1 - answer->list.len;

	fill_bytes(&answer->list, value->bytes + offset, smaller(value->len - offset, room));
}

static uint8_t read_one(struct att_server *server, const struct att_pdu *request,
			struct answer *answer)
{
	struct value value;
	uint8_t error = find_and_read(server, request->handle, &value);

	if (error)
		return error;
	/* The offset of a Read Request is 0. */
	if (request->offset > value.len)
		return ATT_E_INVALID_OFFSET;
	fill_value(server, &value, request->offset, answer);
	return 0;
}

static uint8_t read_multiple(struct att_server *server, const struct att_pdu *request,
			     struct answer *answer)
{
	for (size_t i = 0; i < request->len; i += 2) {
		uint16_t handle = get_le16(request->value + i);
		struct value value;
		uint8_t error = find_and_read(server, handle, &value);

		answer->error_handle = handle;
		if (error)
			return error;
		fill_value(server, &value, 0, answer);
	}
	return 0;
}

/* --- writing --- */

static uint8_t write_one(struct att_server *server, const struct att_pdu *request,
			 struct answer *answer)
{
	struct att_attribute attribute;

	(void)answer;
	if (!find(server, request->handle, &attribute))
		return ATT_E_INVALID_HANDLE;
	return server->database->write(server->user, request->handle, request->value, request->len);
}

static uint8_t prepare(struct att_server *server, const struct att_pdu *request,
		       struct answer *answer)
{
	struct att_attribute attribute;

	if (!server->database->prepare)
		return ATT_E_REQUEST_NOT_SUPPORTED;
	if (!find(server, request->handle, &attribute))
		return ATT_E_INVALID_HANDLE;
	answer->pdu.handle = request->handle;
	answer->pdu.offset = request->offset;
	fill_bytes(&answer->list, request->value, request->len);
	return server->database->prepare(server->user, request->handle, request->offset,
					 request->value, request->len);
}

static uint8_t execute(struct att_server *server, const struct att_pdu *request,
		       struct answer *answer)
{
	if (!server->database->execute)
		return ATT_E_REQUEST_NOT_SUPPORTED;
	if (request->flags > 1)
		return ATT_E_INVALID_PDU;
	return server->database->execute(server->user, request->flags == 1, &answer->error_handle);
}

static uint8_t exchange_mtu(struct att_server *server, const struct att_pdu *request,
			    struct answer *answer)
{
	size_t mtu;

	answer->pdu.mtu = server->database->mtu(server->user, request->mtu);
	mtu = smaller(smaller(answer->pdu.mtu, request->mtu), ATT_MTU_MAX);
	server->mtu = mtu < ATT_MTU_MIN ? ATT_MTU_MIN : (uint16_t)mtu;
	return 0;
}

/* --- one PDU --- */

typedef uint8_t responder_fn(struct att_server *server, const struct att_pdu *request,
			     struct answer *answer);

static responder_fn *const responders[] = {
	[ATT_MTU_REQ] = exchange_mtu,
	[ATT_FIND_INFO_REQ] = find_info,
	[ATT_FIND_BY_VALUE_REQ] = find_by_value,
	[ATT_READ_BY_TYPE_REQ] = read_by_type,
	[ATT_READ_REQ] = read_one,
	[ATT_READ_BLOB_REQ] = read_one,
	[ATT_READ_MULTIPLE_REQ] = read_multiple,
	[ATT_READ_BY_GROUP_REQ] = read_by_group,
	[ATT_WRITE_REQ] = write_one,
	[ATT_PREPARE_WRITE_REQ] = prepare,
	[ATT_EXECUTE_WRITE_REQ] = execute,
};

static size_t refuse(uint8_t opcode, uint16_t handle, uint8_t error, uint8_t buf[ATT_MTU_MAX])
{
	const struct att_pdu pdu = {
		.opcode = ATT_ERROR_RSP, .request = opcode, .handle = handle, .error = error
	};

	return att_encode(&pdu, buf, ATT_MTU_MAX);
}

static size_t respond(struct att_server *server, const struct att_pdu *request,
		      uint8_t buf[ATT_MTU_MAX])
{
	uint8_t items[ATT_MTU_MAX];
	struct answer answer = { .pdu = { .opcode = att_response_of(request->opcode) },
				 .list = filler_over(items, sizeof(items)),
				 .error_handle = request->handle };
	uint8_t error = responders[request->opcode](server, request, &answer);

	if (error)
		return refuse(request->opcode, answer.error_handle, error, buf);
	answer.pdu.value = items;
	answer.pdu.len = answer.list.len;
	return att_encode(&answer.pdu, buf, ATT_MTU_MAX);
}

/* What a client sends without waiting for an answer; what it cannot mean vanishes. */
static void take(struct att_server *server, const struct att_pdu *pdu)
{
	struct att_attribute attribute;

	if (pdu->opcode == ATT_CONFIRMATION && server->database->confirmed)
		server->database->confirmed(server->user);
	if (pdu->opcode == ATT_WRITE_CMD && find(server, pdu->handle, &attribute))
		server->database->command(server->user, pdu->handle, pdu->value, pdu->len);
}

size_t att_server_answer(struct att_server *server, const uint8_t *data, size_t len,
			 uint8_t buf[ATT_MTU_MAX])
{
	struct att_pdu pdu;
	bool whole = att_decode(data, len, &pdu) && len <= server->mtu;
	enum att_kind kind = att_kind(pdu.opcode);

	if (len == 0)
		return 0;
	if (kind == ATT_KIND_REQUEST)
		return whole ? respond(server, &pdu, buf)
			     : refuse(pdu.opcode, 0, ATT_E_INVALID_PDU, buf);
	/* Vol 3, Part F, 3.3: an opcode that nobody knows is a request unless its flag says no. */
	if (kind == ATT_KIND_UNKNOWN && !(pdu.opcode & COMMAND_FLAG))
		return refuse(pdu.opcode, 0, ATT_E_REQUEST_NOT_SUPPORTED, buf);
	if (whole)
		take(server, &pdu);
	return 0;
}
