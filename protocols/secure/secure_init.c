#include "secure_init.h"

#include "secure_msg.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>

enum { /* field numbers (packages-and-init-packets: the messages of an init packet) */
       PACKET_COMMAND = 1,
       PACKET_SIGNED_COMMAND = 2,
       SIGNED_COMMAND_COMMAND = 1,
       COMMAND_INIT = 2,
       INIT_FW_VERSION = 1,
       INIT_HW_VERSION = 2,
       INIT_SD_REQ = 3,
};

enum { WIRE_VARINT = 0, WIRE_FIXED64 = 1, WIRE_BYTES = 2, WIRE_FIXED32 = 5 };

struct span {
	const uint8_t *data;
	size_t len;
};

/* One protobuf field: a number, or bytes. */
struct field {
	uint64_t tag;
	uint64_t number;
	struct span bytes;
};

static bool take_varint(struct span *from, uint64_t *ret_value)
{
	uint64_t value = 0;

	for (unsigned int shift = 0; shift < 64 && from->len > 0; shift += 7) {
		uint8_t byte = *from->data;

		from->data++;
		from->len--;
		value |= (uint64_t)(byte & 0x7f) << shift;
		if (byte < 0x80) {
			*ret_value = value;
			return true;
		}
	}
	return false;
}

static bool take_bytes(struct span *from, uint64_t len, struct span *ret_bytes)
{
	if (len > from->len)
		return false;
	*ret_bytes = (struct span){ from->data, (size_t)len };
	from->data += len;
	from->len -= (size_t)len;
	return true;
}

static bool next_field(struct span *message, struct field *ret_field)
{
	struct field field = { 0 };
	uint64_t key;
	uint64_t len;

	if (!take_varint(message, &key))
		return false;
	field.tag = key >> 3;
	*ret_field = field;
	switch (key & 7) {
	case WIRE_VARINT:
		return take_varint(message, &ret_field->number);
	case WIRE_BYTES:
		return take_varint(message, &len) && take_bytes(message, len, &ret_field->bytes);
	case WIRE_FIXED64:
		return take_bytes(message, 8, &ret_field->bytes);
	case WIRE_FIXED32:
		return take_bytes(message, 4, &ret_field->bytes);
	default:
		return false;
	}
}

/* The bytes of the first field with that tag; empty when there is none. */
static struct span open_field(struct span message, uint64_t tag)
{
	struct field field;

	while (next_field(&message, &field)) {
		if (field.tag == tag)
			return field.bytes;
	}
	return (struct span){ NULL, 0 };
}

static void add_softdevice(struct secure_init *init, uint64_t id)
{
	if (init->softdevice_count < SECURE_INIT_SOFTDEVICES)
		init->softdevices[init->softdevice_count++] = (uint32_t)id;
}

/* The list is packed as a rule, but an encoder may send it as one number after the other. */
static void read_softdevices(struct secure_init *init, const struct field *field)
{
	struct span list = field->bytes;
	uint64_t id;

	if (!list.data)
		add_softdevice(init, field->number);
	while (take_varint(&list, &id))
		add_softdevice(init, id);
}

struct secure_init secure_init_read(const uint8_t *dat, size_t len)
{
	struct secure_init init = { .fw_version = -1, .hw_version = -1 };
	struct span packet = { dat, len };
	struct span wrapped = open_field(packet, PACKET_SIGNED_COMMAND);
	struct span command = wrapped.data ? open_field(wrapped, SIGNED_COMMAND_COMMAND)
					   : open_field(packet, PACKET_COMMAND);
	struct span message = open_field(command, COMMAND_INIT);
	struct field field;

	while (next_field(&message, &field)) {
		if (field.tag == INIT_FW_VERSION)
			init.fw_version = (uint32_t)field.number;
		if (field.tag == INIT_HW_VERSION)
			init.hw_version = (uint32_t)field.number;
		if (field.tag == INIT_SD_REQ)
			read_softdevices(&init, &field);
	}
	return init;
}

static size_t append_version(char *text, size_t used, const char *name, int64_t version)
{
	int len;

	if (version < 0)
		len = snprintf(text + used, SECURE_INIT_TEXT - used, "%s no %s",
			       used > 0 ? "," : "", name);
	else
		len = snprintf(text + used, SECURE_INIT_TEXT - used, "%s %s %" PRId64,
			       used > 0 ? "," : "", name, version);
	return used + (size_t)len;
}

static size_t append_softdevices(char *text, size_t used, const struct secure_init *init)
{
	used += (size_t)snprintf(text + used, SECURE_INIT_TEXT - used, "%s SoftDevice",
				 used > 0 ? "," : "");
	if (init->softdevice_count == 0)
		used += (size_t)snprintf(text + used, SECURE_INIT_TEXT - used, " none");
	for (size_t i = 0; i < init->softdevice_count && used + 12 < SECURE_INIT_TEXT; i++)
		used += (size_t)snprintf(text + used, SECURE_INIT_TEXT - used, "%s %04" PRIX32,
					 i > 0 ? " or" : "", init->softdevices[i]);
	return used;
}

void secure_init_describe(const struct secure_init *init, uint16_t result,
			  char text[SECURE_INIT_TEXT])
{
	bool all = result != SECURE_HARDWARE_FAILURE && result != SECURE_VERSION_FAILURE &&
		   result != SECURE_SOFTDEVICE_FAILURE;
	size_t used = 0;

	text[0] = '\0';
	if (all || result == SECURE_HARDWARE_FAILURE)
		used = append_version(text, used, "hw_version", init->hw_version);
	if (all || result == SECURE_VERSION_FAILURE)
		used = append_version(text, used, "fw_version", init->fw_version);
	if (all || result == SECURE_SOFTDEVICE_FAILURE)
		append_softdevices(text, used, init);
}
