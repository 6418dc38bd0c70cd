#include "message.h"

#include <stdio.h>
#include <string.h>

enum { UUID_TEXT = 37, ADDRESS_TEXT = 18 };

bool message_send(json_t *message)
{
	bool sent = message && json_dumpf(message, stdout, JSON_COMPACT) == 0 &&
		    putchar('\n') != EOF && fflush(stdout) == 0;

	json_decref(message);
	return sent;
}

/* --- requests --- */

static const struct operation {
	const char *name;
	enum pdu_kind kind;
} operations[] = {
	{ "discover", PDU_DISCOVER }, { "read", PDU_READ },       { "subscribe", PDU_CCCD },
	{ "write", PDU_WRITE },       { "command", PDU_COMMAND },
};

static const struct operation *find_operation(const char *name)
{
	for (size_t i = 0; i < sizeof(operations) / sizeof(operations[0]); i++) {
		if (strcmp(operations[i].name, name) == 0)
			return &operations[i];
	}
	return NULL;
}

static bool read_bytes(const json_t *bytes, struct pdu *pdu)
{
	size_t index;
	const json_t *byte;

	if (json_array_size(bytes) > sizeof(pdu->data))
		return false;
	json_array_foreach(bytes, index, byte)
	{
		json_int_t value = json_is_integer(byte) ? json_integer_value(byte) : -1;

		if (value < 0 || value > UINT8_MAX)
			return false;
		pdu->data[pdu->len++] = (uint8_t)value;
	}
	return true;
}

bool message_to_pdu(const json_t *request, struct pdu *ret_pdu)
{
	const char *name = json_string_value(json_object_get(request, "op"));
	const struct operation *operation = name ? find_operation(name) : NULL;
	json_int_t handle = json_integer_value(json_object_get(request, "handle"));
	json_int_t value = json_integer_value(json_object_get(request, "value"));
	struct pdu pdu = { 0 };

	if (!operation || handle < 0 || handle > UINT16_MAX || value < 0 || value > UINT16_MAX ||
	    !read_bytes(json_object_get(request, "bytes"), &pdu))
		return false;
	pdu.kind = operation->kind;
	pdu.handle = (uint16_t)handle;
	pdu.number = (uint16_t)value;
	*ret_pdu = pdu;
	return true;
}

/* --- answers and events --- */

static json_t *array_of_bytes(const uint8_t *data, size_t len)
{
	json_t *array = json_array();

	for (size_t i = 0; i < len; i++)
		json_array_append_new(array, json_integer(data[i]));
	return array;
}

/* number 0: it is uuid128 */
static void print_uuid(uint16_t number, const uint8_t uuid128[16], char text[UUID_TEXT])
{
	const uint8_t *b = uuid128;

	if (number)
		snprintf(text, UUID_TEXT, "%08x-0000-1000-8000-00805f9b34fb", number);
	else
		snprintf(text, UUID_TEXT,
			 "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x",
			 b[0], b[1], b[2], b[3], b[4], b[5], b[6], b[7], b[8], b[9], b[10], b[11],
			 b[12], b[13], b[14], b[15]);
}

static json_t *describe_attribute(const struct device_attribute *attribute)
{
	char service[UUID_TEXT], uuid[UUID_TEXT];

	print_uuid(attribute->service, attribute->service128, service);
	print_uuid(attribute->uuid, attribute->uuid128, uuid);
	return json_pack("{s:s, s:s, s:i, s:i}", "service", service, "uuid", uuid, "handle",
			 attribute->handle, "properties", attribute->props);
}

json_t *message_of_answer(const struct pdu *pdu, const struct answer *answer)
{
	json_t *list;

	if (answer->att_error)
		return json_pack("{s:o}", "error",
				 json_sprintf("ATT error 0x%02x", answer->att_error));
	if (pdu->kind == PDU_READ)
		return json_pack("{s:o}", "bytes", array_of_bytes(answer->data, answer->len));
	if (pdu->kind != PDU_DISCOVER)
		return json_object();
	list = json_array();
	for (size_t i = 0; i < answer->attribute_count; i++)
		json_array_append_new(list, describe_attribute(&answer->attributes[i]));
	return json_pack("{s:o}", "characteristics", list);
}

json_t *message_of_value(uint16_t handle, const uint8_t *data, size_t len)
{
	return json_pack("{s:s, s:i, s:o}", "event", "value", "handle", handle, "bytes",
			 array_of_bytes(data, len));
}

json_t *message_of_advert(const struct device_advert *advert)
{
	const uint8_t *b = advert->addr.bytes;
	char address[ADDRESS_TEXT];

	snprintf(address, sizeof(address), "%02X:%02X:%02X:%02X:%02X:%02X", b[0], b[1], b[2], b[3],
		 b[4], b[5]);
	return json_pack("{s:s, s:o}", "address", address, "data",
			 array_of_bytes(advert->data, advert->data_len));
}
