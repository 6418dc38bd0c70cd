#include "adbuild.h"

#include "le.h"

#include <ctype.h>
#include <stdlib.h>

enum { /* Bluetooth Assigned Numbers, 2.3 */
       AD_FLAGS = 0x01,
       AD_UUID16_SOME = 0x02,
       AD_UUID128_SOME = 0x06,
       AD_NAME = 0x09,
       AD_TX_POWER = 0x0A,
       AD_SERVICE_DATA16 = 0x16,
       AD_SERVICE_DATA128 = 0x21,
       AD_MANUFACTURER = 0xFF
};

enum { CONTENT_MAX = 254, UUID16_LEN = 2, UUID128_LEN = 16, UUID_TEXT_LEN = 36 };

static const struct otadfu_uuid base = { { 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x10, 0x00, 0x80,
					   0x00, 0x00, 0x80, 0x5f, 0x9b, 0x34, 0xfb } };

/* One structure: its content is an id, which may be empty, and data. */
static bool add(struct ad_part *part, uint8_t type, const uint8_t *id, size_t id_len,
		const uint8_t *data, size_t len)
{
	struct filler f = filler_over(part->bytes + part->len, sizeof(part->bytes) - part->len);

	if (len > CONTENT_MAX - id_len)
		return false;
	fill_u8(&f, (uint8_t)(1 + id_len + len));
	fill_u8(&f, type);
	fill_bytes(&f, id, id_len);
	fill_bytes(&f, data, len);
	if (f.failed)
		return false;
	part->len = (uint16_t)(part->len + f.len);
	return true;
}

static bool is_short(const struct otadfu_uuid *uuid)
{
	return memcmp(uuid->bytes, base.bytes, 2) == 0 &&
	       memcmp(uuid->bytes + 4, base.bytes + 4, sizeof(base.bytes) - 4) == 0;
}

/* As it stands on the air: little endian, and in 16 bits if it can be. Returns its length. */
static size_t put_uuid(const struct otadfu_uuid *uuid, uint8_t bytes[UUID128_LEN])
{
	if (is_short(uuid)) {
		bytes[0] = uuid->bytes[3];
		bytes[1] = uuid->bytes[2];
		return UUID16_LEN;
	}
	for (size_t i = 0; i < UUID128_LEN; i++)
		bytes[i] = uuid->bytes[UUID128_LEN - 1 - i];
	return UUID128_LEN;
}

bool ad_add_flags(struct ad_part *part, uint8_t flags)
{
	return add(part, AD_FLAGS, NULL, 0, &flags, 1);
}

bool ad_add_tx_power(struct ad_part *part, int16_t dbm)
{
	uint8_t byte = (uint8_t)dbm;

	return dbm >= -127 && dbm <= 127 && add(part, AD_TX_POWER, NULL, 0, &byte, 1);
}

bool ad_add_name(struct ad_part *part, const char *name)
{
	size_t len = strnlen(name, AD_NAME_MAX + 1);

	return len > 0 && len <= AD_NAME_MAX &&
	       add(part, AD_NAME, NULL, 0, (const uint8_t *)name, len);
}

bool ad_add_manufacturer(struct ad_part *part, uint16_t company, const uint8_t *data, size_t len)
{
	uint8_t id[2];

	put_le16(id, company);
	return add(part, AD_MANUFACTURER, id, sizeof(id), data, len);
}

bool ad_add_service_data(struct ad_part *part, const struct otadfu_uuid *uuid, const uint8_t *data,
			 size_t len)
{
	uint8_t id[UUID128_LEN];
	size_t id_len = put_uuid(uuid, id);

	return add(part, id_len == UUID16_LEN ? AD_SERVICE_DATA16 : AD_SERVICE_DATA128, id, id_len,
		   data, len);
}

/* Those of one length. */
static bool add_list(struct ad_part *part, uint8_t type, size_t width,
		     const struct otadfu_uuid *uuids, size_t count)
{
	uint8_t list[CONTENT_MAX];
	uint8_t bytes[UUID128_LEN];
	size_t room = sizeof(part->bytes) - part->len;
	struct filler f;
	bool all = true;

	room = room > 2 ? room - 2 : 0;
	f = filler_over(list, room < sizeof(list) ? room : sizeof(list));
	for (size_t i = 0; i < count; i++) {
		if (put_uuid(&uuids[i], bytes) != width)
			continue;
		all = all && f.cap - f.len >= width;
		if (all)
			fill_bytes(&f, bytes, width);
	}
	return (f.len == 0 || add(part, type, NULL, 0, list, f.len)) && all;
}

bool ad_add_services(struct ad_part *part, const struct otadfu_uuid *uuids, size_t count)
{
	bool shorts = add_list(part, AD_UUID16_SOME, UUID16_LEN, uuids, count);

	return add_list(part, AD_UUID128_SOME, UUID128_LEN, uuids, count) && shorts;
}

static bool is_hyphen_at(size_t i)
{
	return i == 8 || i == 13 || i == 18 || i == 23;
}

bool ad_parse_uuid(const char *text, struct otadfu_uuid *ret_uuid)
{
	struct otadfu_uuid uuid;
	size_t used = 0;

	if (strnlen(text, UUID_TEXT_LEN + 1) != UUID_TEXT_LEN)
		return false;
	for (size_t i = 0; i < UUID_TEXT_LEN;) {
		char pair[3] = { text[i], text[i + 1], '\0' };

		if (is_hyphen_at(i)) {
			if (text[i++] != '-')
				return false;
			continue;
		}
		if (!isxdigit((unsigned char)pair[0]) || !isxdigit((unsigned char)pair[1]))
			return false;
		uuid.bytes[used++] = (uint8_t)strtoul(pair, NULL, 16);
		i += 2;
	}
	*ret_uuid = uuid;
	return true;
}
