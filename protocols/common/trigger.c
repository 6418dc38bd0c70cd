#include "trigger.h"

#include "hex.h"

#include <stdio.h>
#include <string.h>

static const struct otadfu_uuid nothing;

static bool is_named(const struct otadfu_uuid *uuid)
{
	return memcmp(uuid, &nothing, sizeof(nothing)) != 0;
}

static int bad_option(struct otadfu_ctx *ctx, const char *plugin, const char *problem)
{
	char text[192];

	snprintf(text, sizeof(text),
		 "the options %s.trigger_service, trigger_characteristic and trigger_value %s",
		 plugin, problem);
	return ctx->host->fail(ctx, OTADFU_E_CONFIG, 0, text);
}

int trigger_find(struct otadfu_ctx *ctx, const char *plugin, struct trigger *ret_trigger)
{
	const char *value = ctx->host->option_str(ctx, "trigger_value");
	struct otadfu_uuid service, uuid;
	struct trigger trigger = { 0 };
	int named;
	int r = uuid_option(ctx, plugin, "trigger_service", &nothing, &service);

	if (r == OTADFU_OK)
		r = uuid_option(ctx, plugin, "trigger_characteristic", &nothing, &uuid);
	if (r < 0)
		return r;
	named = is_named(&service) + is_named(&uuid) + (value[0] != '\0');
	if (named == 0)
		return OTADFU_E_NOT_FOUND;
	if (named < 3)
		return bad_option(ctx, plugin, "go together: name all three");
	if (!hex_parse(value, trigger.value, sizeof(trigger.value), &trigger.value_len))
		return bad_option(ctx, plugin,
				  "want a value of 1 to 20 bytes in hexadecimal, like 01ff");
	r = ctx->gatt->find(ctx, &service, &uuid, &trigger.chr);
	if (r == OTADFU_OK)
		*ret_trigger = trigger;
	return r;
}
