#include "target.h"

#include "bytes.h"
#include "hex.h"
#include "text.h"

#include <stdio.h>
#include <string.h>

enum { AD_NAME_SHORT = 0x08, AD_NAME_COMPLETE = 0x09, UUID_DIGITS = 32 };

/* One AD structure: Core Specification, Vol 3, Part C, 11. */
struct ad {
	uint8_t type;
	const uint8_t *value;
	size_t len;
};

/* What the short forms of a UUID stand in for: 00000000-0000-1000-8000-00805F9B34FB. */
static const struct otadfu_uuid base_uuid = { { 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x10, 0x00,
						0x80, 0x00, 0x00, 0x80, 0x5F, 0x9B, 0x34, 0xFB } };

static bool parse_octets(const char *text, uint8_t octets[6])
{
	for (size_t i = 0; i < 6; i++, text += 3) {
		int octet = hex_octet(text);

		if (octet < 0 || (i < 5 && text[2] != ':'))
			return false;
		octets[i] = (uint8_t)octet;
	}
	return true;
}

static bool parse_addr_type(const char *text, uint8_t *ret_type)
{
	static const struct {
		const char *text;
		uint8_t type;
	} suffixes[] = {
		{ "", TARGET_ADDR_UNKNOWN },
		{ "/public", TARGET_ADDR_PUBLIC },
		{ "/random", TARGET_ADDR_RANDOM },
	};

	for (size_t i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++) {
		if (strcmp(text, suffixes[i].text) == 0) {
			*ret_type = suffixes[i].type;
			return true;
		}
	}
	return false;
}

int target_parse_addr(const char *text, struct otadfu_addr *ret_addr, struct failure *why)
{
	struct otadfu_addr addr = { 0 };

	if (!parse_octets(text, addr.bytes) ||
	    !parse_addr_type(text + TARGET_ADDR_TEXT - 1, &addr.type))
		return failure_set(why, OTADFU_E_CONFIG, 0,
				   "'%s' is not an address like C0:FF:EE:00:00:01, with /public or "
				   "/random behind it or without",
				   text);
	*ret_addr = addr;
	return OTADFU_OK;
}

void target_format_addr(const struct otadfu_addr *addr, char *text)
{
	const uint8_t *b = addr->bytes;

	snprintf(text, TARGET_ADDR_TEXT, "%02X:%02X:%02X:%02X:%02X:%02X", b[0], b[1], b[2], b[3],
		 b[4], b[5]);
}

bool target_same_addr(const struct otadfu_addr *a, const struct otadfu_addr *b)
{
	if (memcmp(a->bytes, b->bytes, sizeof(a->bytes)) != 0)
		return false;
	return a->type == b->type || a->type == TARGET_ADDR_UNKNOWN ||
	       b->type == TARGET_ADDR_UNKNOWN;
}

struct otadfu_addr target_neighbour(const struct otadfu_addr *addr, int delta)
{
	struct otadfu_addr next = *addr;

	next.bytes[5] = (uint8_t)(next.bytes[5] + delta);
	return next;
}

/* 4 or 8 digits, or 32 with the dashes of 8-4-4-4-12; other lengths are refused by the caller. */
static bool parse_uuid_digits(const char *text, uint8_t *octets, size_t digits)
{
	for (size_t i = 0; i < digits; i += 2, text += 2) {
		int octet;

		if (i == 8 || i == 12 || i == 16 || i == 20) {
			if (*text++ != '-')
				return false;
		}
		octet = hex_octet(text);
		if (octet < 0)
			return false;
		octets[i / 2] = (uint8_t)octet;
	}
	return *text == '\0';
}

int target_parse_uuid(const char *text, struct otadfu_uuid *ret_uuid, struct failure *why)
{
	struct otadfu_uuid uuid = base_uuid;
	size_t len = strlen(text);
	bool good = false;

	if (len == 4)
		good = parse_uuid_digits(text, uuid.bytes + 2, 4);
	else if (len == 8)
		good = parse_uuid_digits(text, uuid.bytes, 8);
	else if (len == TARGET_UUID_TEXT - 1)
		good = parse_uuid_digits(text, uuid.bytes, UUID_DIGITS);
	if (!good)
		return failure_set(why, OTADFU_E_CONFIG, 0,
				   "'%s' is not a UUID like fe59 or "
				   "8ec90001-f315-4f60-9fb8-838830daea50",
				   text);
	*ret_uuid = uuid;
	return OTADFU_OK;
}

void target_format_uuid(const struct otadfu_uuid *uuid, char *text)
{
	for (size_t i = 0; i < sizeof(uuid->bytes); i++) {
		if (i == 4 || i == 6 || i == 8 || i == 10)
			*text++ = '-';
		text += snprintf(text, 3, "%02x", uuid->bytes[i]);
	}
}

/* A length of zero ends the data early: the rest is padding. */
static bool next_ad(struct cursor *c, struct ad *ret_ad)
{
	size_t len = cursor_u8(c);
	const uint8_t *body = len > 0 ? cursor_take(c, len) : NULL;

	if (!body)
		return false;
	*ret_ad = (struct ad){ .type = body[0], .value = body + 1, .len = len - 1 };
	return true;
}

/* Printable UTF-8: Unicode 15, table 3-7, without the control characters. */
static const struct utf8_form {
	uint8_t first_low, first_high, second_low, second_high;
	uint8_t len;
} utf8_forms[] = {
	{ 0x20, 0x7E, 0x00, 0x00, 1 }, { 0xC2, 0xC2, 0xA0, 0xBF, 2 }, { 0xC3, 0xDF, 0x80, 0xBF, 2 },
	{ 0xE0, 0xE0, 0xA0, 0xBF, 3 }, { 0xE1, 0xEC, 0x80, 0xBF, 3 }, { 0xED, 0xED, 0x80, 0x9F, 3 },
	{ 0xEE, 0xEF, 0x80, 0xBF, 3 }, { 0xF0, 0xF0, 0x90, 0xBF, 4 }, { 0xF1, 0xF3, 0x80, 0xBF, 4 },
	{ 0xF4, 0xF4, 0x80, 0x8F, 4 },
};

static bool has_utf8_form(const struct utf8_form *form, const uint8_t *text, size_t left)
{
	if (text[0] < form->first_low || text[0] > form->first_high || form->len > left)
		return false;
	if (form->len > 1 && (text[1] < form->second_low || text[1] > form->second_high))
		return false;
	for (size_t i = 2; i < form->len; i++) {
		if (text[i] < 0x80 || text[i] > 0xBF)
			return false;
	}
	return true;
}

/* Bytes of the printable character at text, 0 when there is none. */
static size_t utf8_length(const uint8_t *text, size_t left)
{
	for (size_t i = 0; i < sizeof(utf8_forms) / sizeof(utf8_forms[0]); i++) {
		if (has_utf8_form(&utf8_forms[i], text, left))
			return utf8_forms[i].len;
	}
	return 0;
}

/* What cannot be shown becomes '?': the name goes to terminals and into JSON. */
static void copy_name(const struct ad *ad, char *name, size_t size)
{
	size_t from = 0;
	size_t to = 0;

	while (from < ad->len && ad->value[from] != '\0') {
		size_t len = utf8_length(ad->value + from, ad->len - from);
		size_t width = len > 0 ? len : 1;

		if (to + width >= size)
			break;
		if (len > 0)
			memcpy(name + to, ad->value + from, len);
		else
			name[to] = '?';
		from += width;
		to += width;
	}
	name[to] = '\0';
}

static struct ad find_name(const struct otadfu_advert *advert)
{
	struct cursor c = cursor_over(advert->data, advert->data_len);
	struct ad best = { 0 };
	struct ad ad;

	while (best.type != AD_NAME_COMPLETE && next_ad(&c, &ad)) {
		bool is_name = ad.type == AD_NAME_COMPLETE || ad.type == AD_NAME_SHORT;

		if (is_name && ad.len > 0 && ad.value[0] != '\0')
			best = ad;
	}
	return best;
}

bool target_advert_name_is_complete(const struct otadfu_advert *advert)
{
	return find_name(advert).type == AD_NAME_COMPLETE;
}

bool target_advert_name(const struct otadfu_advert *advert, char *name, size_t size)
{
	const struct ad best = find_name(advert);

	if (best.len == 0)
		return false;
	copy_name(&best, name, size);
	return true;
}

/* Bytes of each UUID in a list of services of that AD type, 0 for other types. */
static size_t service_width(uint8_t type)
{
	static const uint8_t widths[] = {
		[0x02] = 2, [0x03] = 2, [0x04] = 4, [0x05] = 4, [0x06] = 16, [0x07] = 16
	};

	return type < sizeof(widths) ? widths[type] : 0;
}

static struct otadfu_uuid uuid_from_air(const uint8_t *le, size_t width)
{
	struct otadfu_uuid uuid = base_uuid;
	size_t last = width == 16 ? 15 : 3;

	for (size_t i = 0; i < width; i++)
		uuid.bytes[last - i] = le[i];
	return uuid;
}

bool target_advert_has_service(const struct otadfu_advert *advert,
			       const struct otadfu_uuid *service)
{
	struct cursor c = cursor_over(advert->data, advert->data_len);
	struct ad ad;

	while (next_ad(&c, &ad)) {
		size_t width = service_width(ad.type);

		for (size_t i = 0; width > 0 && i + width <= ad.len; i += width) {
			struct otadfu_uuid listed = uuid_from_air(ad.value + i, width);

			if (memcmp(&listed, service, sizeof(listed)) == 0)
				return true;
		}
	}
	return false;
}

bool target_matches(const struct target *target, const struct otadfu_advert *advert)
{
	char name[TARGET_NAME_MAX];

	if (target->has_addr && !target_same_addr(&target->addr, &advert->addr))
		return false;
	if (target->name[0] != '\0' &&
	    (!target_advert_name(advert, name, sizeof(name)) || strcmp(name, target->name) != 0))
		return false;
	return !target->has_service || target_advert_has_service(advert, &target->service);
}
