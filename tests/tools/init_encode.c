#include "init_encode.h"

#include <assert.h>
#include <string.h>

enum { WIRE_VARINT = 0, WIRE_BYTES = 2, HASH_SHA256 = 3, VALIDATE_GENERATED_CRC = 1 };

void init_append(struct init_bytes *bytes, const void *data, size_t len)
{
	assert(len <= sizeof(bytes->data) - bytes->len);
	memcpy(bytes->data + bytes->len, data, len);
	bytes->len += len;
}

static void put_varint(struct init_bytes *bytes, uint32_t value)
{
	do {
		uint8_t octet = (uint8_t)((value & 0x7F) | (value > 0x7F ? 0x80 : 0));

		init_append(bytes, &octet, 1);
		value >>= 7;
	} while (value != 0);
}

static void put_number(struct init_bytes *bytes, unsigned field, uint32_t value)
{
	put_varint(bytes, field << 3 | WIRE_VARINT);
	put_varint(bytes, value);
}

static void put_bytes(struct init_bytes *bytes, unsigned field, const void *data, size_t len)
{
	put_varint(bytes, field << 3 | WIRE_BYTES);
	put_varint(bytes, (uint32_t)len);
	init_append(bytes, data, len);
}

static void put_little_endian(struct init_bytes *bytes, uint32_t value, size_t width)
{
	for (size_t i = 0; i < width; i++, value >>= 8)
		init_append(bytes, &(uint8_t){ (uint8_t)value }, 1);
}

static void copy_reversed(uint8_t *to, const uint8_t *from, size_t len)
{
	for (size_t i = 0; i < len; i++)
		to[i] = from[len - 1 - i];
}

void init_encode_command(const struct init_image *image, const struct init_target *target,
			 struct init_bytes *ret_command)
{
	struct init_bytes sd_req = { .len = 0 };
	struct init_bytes hash = { .len = 0 };
	struct init_bytes validation = { .len = 0 };
	uint8_t reversed[INIT_HASH_LEN];

	for (size_t i = 0; i < target->sd_req_count; i++)
		put_varint(&sd_req, target->sd_req[i]);
	copy_reversed(reversed, image->sha256, sizeof(reversed));
	put_number(&hash, 1, HASH_SHA256);
	put_bytes(&hash, 2, reversed, sizeof(reversed));
	put_number(&validation, 1, VALIDATE_GENERATED_CRC);
	put_bytes(&validation, 2, "", 0);

	ret_command->len = 0;
	put_number(ret_command, 1, target->version);
	put_number(ret_command, 2, target->hw_version);
	put_bytes(ret_command, 3, sd_req.data, sd_req.len);
	put_number(ret_command, 4, image->type);
	put_number(ret_command, 5, image->sd_size);
	put_number(ret_command, 6, image->bl_size);
	put_number(ret_command, 7, image->app_size);
	put_bytes(ret_command, 8, hash.data, hash.len);
	put_number(ret_command, 9, target->is_debug);
	put_bytes(ret_command, 10, validation.data, validation.len);
	if (image->sd_size > 0 && image->bl_size > 0)
		put_bytes(ret_command, 10, validation.data, validation.len);
}

void init_encode_packet(const struct init_bytes *command, const uint8_t *signature,
			struct init_bytes *ret_packet)
{
	struct init_bytes outer = { .len = 0 };
	struct init_bytes signed_command = { .len = 0 };
	uint8_t wire[INIT_SIGNATURE_LEN];

	put_number(&outer, 1, 1);
	put_bytes(&outer, 2, command->data, command->len);
	ret_packet->len = 0;
	if (!signature) {
		put_bytes(ret_packet, 1, outer.data, outer.len);
		return;
	}
	copy_reversed(wire, signature, INIT_SIGNATURE_LEN / 2);
	copy_reversed(wire + INIT_SIGNATURE_LEN / 2, signature + INIT_SIGNATURE_LEN / 2,
		      INIT_SIGNATURE_LEN / 2);
	put_bytes(&signed_command, 1, outer.data, outer.len);
	put_number(&signed_command, 2, 0);
	put_bytes(&signed_command, 3, wire, sizeof(wire));
	put_bytes(ret_packet, 2, signed_command.data, signed_command.len);
}

void init_encode_legacy(const struct init_image *image, const struct init_target *target,
			unsigned format, struct init_bytes *ret_packet)
{
	ret_packet->len = 0;
	put_little_endian(ret_packet, target->device_type, 2);
	put_little_endian(ret_packet, target->device_revision, 2);
	put_little_endian(ret_packet, target->version, 4);
	put_little_endian(ret_packet, (uint32_t)target->sd_req_count, 2);
	for (size_t i = 0; i < target->sd_req_count; i++)
		put_little_endian(ret_packet, target->sd_req[i], 2);
	if (format > 5)
		put_little_endian(ret_packet, format - 6, 4);
	if (format < 7) {
		put_little_endian(ret_packet, image->crc16, 2);
		return;
	}
	put_little_endian(ret_packet, image->sd_size + image->bl_size + image->app_size, 4);
	init_append(ret_packet, image->sha256, INIT_HASH_LEN);
}

uint16_t init_crc16(const uint8_t *data, size_t len)
{
	uint32_t crc = 0xFFFF;

	for (size_t i = 0; i < len; i++) {
		crc = (crc >> 8 | crc << 8) & 0xFFFF;
		crc ^= data[i];
		crc ^= (crc & 0xFF) >> 4;
		crc ^= crc << 12 & 0xFFFF;
		crc ^= (crc & 0xFF) << 5;
	}
	return (uint16_t)crc;
}
