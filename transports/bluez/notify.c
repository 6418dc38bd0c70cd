#include "notify.h"

static int call(struct otadfu_ctx *ctx, struct otadfu_link *link,
		const struct remote_characteristic *of, const char *member, uint64_t deadline_ms)
{
	return conn_request(ctx, link, conn_characteristic_call(link, of, member), NULL,
			    deadline_ms);
}

/*
 * bluetoothd writes the descriptor for the first who wants to hear, and again when the last has
 * gone. What is in the queue stays there meanwhile.
 */
static int subscribe_again(struct otadfu_ctx *ctx, struct otadfu_link *link,
			   const struct remote_characteristic *of, uint64_t deadline_ms)
{
	int r = call(ctx, link, of, "StopNotify", deadline_ms);

	return r == OTADFU_OK ? call(ctx, link, of, "StartNotify", deadline_ms) : r;
}

int notify_subscribe(struct otadfu_ctx *ctx, struct otadfu_link *link, uint16_t id,
		     uint64_t deadline_ms)
{
	const struct remote_characteristic *of = remote_find(&link->remote, id);
	int r;

	bluezbus_lend(&link->bus, ctx);
	if (!of)
		return bluezbus_fail(&link->bus, OTADFU_E_INVALID, 0,
				     "%s: characteristic %u was not discovered", link->peer, id);
	if (!(of->chr.props & (OTADFU_PROP_NOTIFY | OTADFU_PROP_INDICATE)))
		return bluezbus_fail(&link->bus, OTADFU_E_UNSUPPORTED, 0,
				     "%s: characteristic %u offers neither notifications nor "
				     "indications",
				     link->peer, id);
	if (notifyq_is_open(link->values, id))
		return subscribe_again(ctx, link, of, deadline_ms);
	/* The first value may come before the answer. */
	notifyq_open(link->values, id);
	r = call(ctx, link, of, "StartNotify", deadline_ms);
	if (r != OTADFU_OK)
		notifyq_shut(link->values, id);
	return r;
}

static bool has_value(struct otadfu_link *link, void *awaited)
{
	(void)link;
	return notifyq_has(awaited);
}

int notify_wait(struct otadfu_ctx *ctx, struct otadfu_link *link, uint16_t id, uint8_t *buf,
		size_t cap, size_t *ret_len, uint64_t deadline_ms)
{
	struct notifyq_awaited expected = {
		.from = link->values, .handle = id, .buf = buf, .cap = cap
	};
	int r;

	bluezbus_lend(&link->bus, ctx);
	if (!notifyq_is_open(link->values, id))
		return bluezbus_fail(&link->bus, OTADFU_E_INVALID, 0,
				     "%s: characteristic %u was not subscribed", link->peer, id);
	r = conn_await(ctx, link, has_value, &expected, deadline_ms);
	if (r != OTADFU_OK)
		return conn_late(link, r, "notification");
	if (expected.result != NOTIFYQ_TAKEN)
		return bluezbus_fail(&link->bus, OTADFU_E_OVERFLOW, 0, "%s: a notification was %s",
				     link->peer,
				     expected.result == NOTIFYQ_LOST ? "lost"
								     : "longer than expected");
	*ret_len = expected.len;
	return OTADFU_OK;
}
