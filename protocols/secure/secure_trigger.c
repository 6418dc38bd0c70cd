#include "secure_trigger.h"

#include <string.h>

struct known {
	enum secure_trigger_kind kind;
	struct otadfu_uuid service;
	struct otadfu_uuid uuid;
};

static const struct otadfu_uuid unbonded = { { 0x8e, 0xc9, 0x00, 0x03, SECURE_BASE } };
static const struct otadfu_uuid bonded = { { 0x8e, 0xc9, 0x00, 0x04, SECURE_BASE } };
/* The service has the same UUID. */
static const struct otadfu_uuid experimental = { { 0x8e, 0x40, 0x00, 0x01, SECURE_BASE } };

static bool is_same(const struct otadfu_uuid *a, const struct otadfu_uuid *b)
{
	return memcmp(a->bytes, b->bytes, sizeof(a->bytes)) == 0;
}

static int find_custom(struct otadfu_ctx *ctx, struct secure_trigger *ret_trigger)
{
	struct trigger trigger;
	int r = trigger_find(ctx, "secure", &trigger);

	if (r < 0)
		return r;
	*ret_trigger = (struct secure_trigger){ .kind = SECURE_TRIGGER_CUSTOM,
						.chr = trigger.chr,
						.value_len = trigger.value_len };
	memcpy(ret_trigger->value, trigger.value, trigger.value_len);
	return OTADFU_OK;
}

/* Nordic's, or the same under other UUIDs. */
static int find_known(struct otadfu_ctx *ctx, const struct known *known,
		      struct secure_trigger *ret_trigger)
{
	struct secure_trigger trigger = { .kind = known->kind };
	struct otadfu_uuid service, uuid;
	int r = uuid_option(ctx, "secure", "buttonless_service_uuid", &known->service, &service);

	if (r == OTADFU_OK)
		r = uuid_option(ctx, "secure", "buttonless_uuid", &known->uuid, &uuid);
	if (r == OTADFU_OK)
		r = ctx->gatt->find(ctx, &service, &uuid, &trigger.chr);
	if (r < 0)
		return r;
	trigger.takes_name = is_same(&uuid, &unbonded);
	*ret_trigger = trigger;
	return OTADFU_OK;
}

int secure_find_trigger(struct otadfu_ctx *ctx, const struct secure_uuids *uuids,
			struct secure_trigger *ret_trigger)
{
	const struct known all[] = {
		{ SECURE_TRIGGER_UNBONDED, uuids->service, unbonded },
		{ SECURE_TRIGGER_EXPERIMENTAL, experimental, experimental },
		{ SECURE_TRIGGER_BONDED, uuids->service, bonded },
	};
	int r = find_custom(ctx, ret_trigger);

	for (size_t i = 0; r == OTADFU_E_NOT_FOUND && i < sizeof(all) / sizeof(all[0]); i++)
		r = find_known(ctx, &all[i], ret_trigger);
	return r;
}
