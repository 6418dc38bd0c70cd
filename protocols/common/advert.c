#include "advert.h"

#include "uuid.h"

#include <string.h>

enum { /* types of AD structures */
       AD_UUID16_SOME = 0x02,
       AD_UUID16_ALL = 0x03,
       AD_UUID128_SOME = 0x06,
       AD_UUID128_ALL = 0x07,
       AD_NAME_SHORT = 0x08,
       AD_NAME = 0x09,
};

enum { SHORT_AT = 12, SHORT_LEN = 2 }; /* where a short UUID stands in its long form on the air */

/* One AD structure: a length octet that counts the type, the type, the content. */
struct field {
	uint8_t type;
	const uint8_t *data;
	size_t len;
};

static bool next_field(const struct otadfu_advert *advert, size_t *pos, struct field *ret_field)
{
	size_t left = *pos < advert->data_len ? advert->data_len - *pos : 0;
	const uint8_t *p;

	if (left < 2)
		return false;
	p = advert->data + *pos;
	/* A length of 0 ends the data early. */
	if (p[0] == 0 || (size_t)p[0] + 1 > left)
		return false;
	*ret_field = (struct field){ .type = p[1], .data = p + 2, .len = (size_t)p[0] - 1 };
	*pos += (size_t)p[0] + 1;
	return true;
}

static bool lists(const struct field *field, const uint8_t *uuid, size_t uuid_len)
{
	for (size_t i = 0; i + uuid_len <= field->len; i += uuid_len) {
		if (memcmp(field->data + i, uuid, uuid_len) == 0)
			return true;
	}
	return false;
}

static bool any_lists(const struct otadfu_advert *advert, uint8_t some, uint8_t all,
		      const uint8_t *uuid, size_t uuid_len)
{
	struct field field;

	for (size_t pos = 0; next_field(advert, &pos, &field);) {
		if ((field.type == some || field.type == all) && lists(&field, uuid, uuid_len))
			return true;
	}
	return false;
}

bool advert_has_service(const struct otadfu_advert *advert, const struct otadfu_uuid *service)
{
	uint8_t on_air[sizeof(service->bytes)];

	for (size_t i = 0; i < sizeof(on_air); i++)
		on_air[i] = service->bytes[sizeof(on_air) - 1 - i];
	if (any_lists(advert, AD_UUID128_SOME, AD_UUID128_ALL, on_air, sizeof(on_air)))
		return true;
	return uuid_is_short(service) &&
	       any_lists(advert, AD_UUID16_SOME, AD_UUID16_ALL, on_air + SHORT_AT, SHORT_LEN);
}

bool advert_has_name(const struct otadfu_advert *advert, const char *name)
{
	struct field field;

	for (size_t pos = 0; next_field(advert, &pos, &field);) {
		if ((field.type == AD_NAME || field.type == AD_NAME_SHORT) &&
		    field.len == strlen(name) && memcmp(field.data, name, field.len) == 0)
			return true;
	}
	return false;
}
