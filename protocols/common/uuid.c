#include "uuid.h"

#include "hex.h"

#include <stdio.h>
#include <string.h>

enum { SHORT_AT = 2, BASE_AT = 4, TEXT_MAX = 192 };

static const struct otadfu_uuid base = { { 0x00, 0x00, 0x00, 0x00, BLUETOOTH_BASE } };

/* Reads the pairs of hexadecimal digits that pattern marks by "xx"; all else must be equal. */
static bool parse_as(const char *pattern, const char *text, uint8_t *ret_bytes)
{
	if (strlen(text) != strlen(pattern))
		return false;
	for (; *pattern != '\0'; pattern++, text++) {
		int high = hex_digit(text[0]);
		int low = hex_digit(text[1]);

		if (*pattern == '-' && *text == '-')
			continue;
		if (*pattern == '-' || high < 0 || low < 0)
			return false;
		*ret_bytes++ = (uint8_t)(high << 4 | low);
		pattern++;
		text++;
	}
	return true;
}

bool uuid_parse(const char *text, struct otadfu_uuid *ret_uuid)
{
	struct otadfu_uuid uuid = base;

	if (!parse_as("xxxx", text, uuid.bytes + SHORT_AT) &&
	    !parse_as("xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx", text, uuid.bytes))
		return false;
	*ret_uuid = uuid;
	return true;
}

bool uuid_is_short(const struct otadfu_uuid *uuid)
{
	return memcmp(uuid->bytes, base.bytes, SHORT_AT) == 0 &&
	       memcmp(uuid->bytes + BASE_AT, base.bytes + BASE_AT, sizeof(base.bytes) - BASE_AT) ==
		       0;
}

int uuid_option(struct otadfu_ctx *ctx, const char *plugin, const char *key,
		const struct otadfu_uuid *fallback, struct otadfu_uuid *ret_uuid)
{
	const char *value = ctx->host->option_str(ctx, key);
	char text[TEXT_MAX];

	if (value[0] == '\0') {
		*ret_uuid = *fallback;
		return OTADFU_OK;
	}
	if (uuid_parse(value, ret_uuid))
		return OTADFU_OK;
	snprintf(text, sizeof(text),
		 "the option %s.%s is '%.64s', which is no UUID like fe59 or "
		 "8ec90001-f315-4f60-9fb8-838830daea50",
		 plugin, key, value);
	return ctx->host->fail(ctx, OTADFU_E_CONFIG, 0, text);
}
