#include "att_client.h"

#include "att_discovery.h"
#include "failure.h"
#include "le.h"

#include <stdlib.h>

struct otadfu_link {
	struct att_channel channel;
	struct att_chr *chrs;
	size_t chr_count;
	bool discovered;
};

struct otadfu_link *att_client_new(const struct att_bearer_ops *ops, void *bearer)
{
	struct otadfu_link *link = calloc(1, sizeof(*link));
	struct notifyq *values = notifyq_new();

	if (!link || !values) {
		notifyq_free(values);
		free(link);
		return NULL;
	}
	link->channel = (struct att_channel){
		.ops = ops,
		.bearer = bearer,
		.values = values,
		.mtu = ATT_MTU_MIN,
		.own_mtu = ATT_MTU_MIN,
	};
	return link;
}

void *att_client_bearer(struct otadfu_link *link)
{
	return link->channel.bearer;
}

void att_client_disconnect(struct otadfu_ctx *ctx, struct otadfu_link *link)
{
	link->channel.ops->close(ctx, link->channel.bearer);
	notifyq_free(link->channel.values);
	free(link->chrs);
	free(link);
}

int att_client_mtu(struct otadfu_ctx *ctx, struct otadfu_link *link, uint16_t wanted,
		   uint16_t *ret_mtu, uint64_t deadline_ms)
{
	struct att_channel *channel = &link->channel;
	struct att_pdu request = { .opcode = ATT_MTU_REQ, .mtu = wanted };
	struct att_pdu answer;
	int r;

	if (wanted < ATT_MTU_MIN || wanted > ATT_MTU_MAX)
		return fail_with(ctx, OTADFU_E_INVALID, 0, "an ATT MTU is not %u", wanted);
	channel->own_mtu = wanted;
	r = att_channel_exchange(ctx, channel, &request, &answer, deadline_ms);
	if (r != OTADFU_OK)
		return r;
	/* One that knows no exchange has the smallest (Vol 3, Part F, 3.4.2). */
	if (answer.opcode == ATT_ERROR_RSP && answer.error != ATT_E_REQUEST_NOT_SUPPORTED)
		return att_channel_refused(ctx, &answer);
	channel->mtu = answer.mtu < wanted ? answer.mtu : wanted;
	if (channel->mtu < ATT_MTU_MIN)
		channel->mtu = ATT_MTU_MIN;
	*ret_mtu = channel->mtu;
	return OTADFU_OK;
}

static int check(struct otadfu_ctx *ctx, const struct otadfu_link *link)
{
	return link->channel.ops->check(ctx, link->channel.bearer);
}

int att_client_discover(struct otadfu_ctx *ctx, struct otadfu_link *link, struct otadfu_chr *buf,
			size_t cap, size_t *ret_count, uint64_t deadline_ms)
{
	int r = link->discovered ? check(ctx, link)
				 : att_discover(ctx, &link->channel, &link->chrs, &link->chr_count,
						deadline_ms);

	if (r != OTADFU_OK)
		return r;
	link->discovered = true;
	*ret_count = link->chr_count;
	if (link->chr_count > cap)
		return OTADFU_E_OVERFLOW;
	for (size_t i = 0; i < link->chr_count; i++)
		buf[i] = link->chrs[i].chr;
	return OTADFU_OK;
}

/* --- values --- */

static int fail_too_long(struct otadfu_ctx *ctx, size_t cap)
{
	return fail_with(ctx, OTADFU_E_OVERFLOW, 0, "the value is longer than %zu bytes", cap);
}

/* So answer some when the part before was the last and full. */
static bool means_the_end(const struct att_pdu *answer)
{
	return answer->opcode == ATT_ERROR_RSP && answer->request == ATT_READ_BLOB_REQ &&
	       (answer->error == ATT_E_NOT_LONG || answer->error == ATT_E_INVALID_OFFSET ||
		answer->error == ATT_E_REQUEST_NOT_SUPPORTED);
}

/* A part that fills its answer may not be the last (Vol 3, Part G, 4.8.3). */
int att_client_read(struct otadfu_ctx *ctx, struct otadfu_link *link, uint16_t id, uint8_t *buf,
		    size_t cap, size_t *ret_len, uint64_t deadline_ms)
{
	struct att_channel *channel = &link->channel;
	struct filler value = filler_over(buf, cap < ATT_VALUE_MAX ? cap : ATT_VALUE_MAX);
	struct att_pdu request = { .opcode = ATT_READ_REQ, .handle = id };
	struct att_pdu answer;

	do {
		int r = att_channel_exchange(ctx, channel, &request, &answer, deadline_ms);

		if (r != OTADFU_OK)
			return r;
		if (means_the_end(&answer))
			break;
		if (answer.opcode == ATT_ERROR_RSP)
			return att_channel_refused(ctx, &answer);
		fill_bytes(&value, answer.value, answer.len);
		if (value.failed)
			return fail_too_long(ctx, value.cap);
		request.opcode = ATT_READ_BLOB_REQ;
		request.offset = (uint16_t)value.len;
	} while (answer.len + 1 == channel->mtu);
	*ret_len = value.len;
	return OTADFU_OK;
}

/* Longer values than the link carries are a bug of the caller; nothing is ever cut. */
static int check_len(struct otadfu_ctx *ctx, const struct otadfu_link *link, size_t len)
{
	size_t most = link->channel.mtu - (size_t)ATT_WRITE_OVERHEAD;

	if (len <= most)
		return OTADFU_OK;
	return fail_with(ctx, OTADFU_E_INVALID, 0,
			 "%zu bytes in one write, but the link carries %zu", len, most);
}

int att_client_write(struct otadfu_ctx *ctx, struct otadfu_link *link, uint16_t id,
		     const uint8_t *data, size_t len, uint64_t deadline_ms)
{
	struct att_pdu request = {
		.opcode = ATT_WRITE_REQ, .handle = id, .value = data, .len = len
	};
	struct att_pdu answer;
	int r = check_len(ctx, link, len);

	if (r != OTADFU_OK)
		return r;
	return att_channel_request(ctx, &link->channel, &request, &answer, deadline_ms);
}

int att_client_write_cmd(struct otadfu_ctx *ctx, struct otadfu_link *link, uint16_t id,
			 const uint8_t *data, size_t len, uint64_t deadline_ms)
{
	struct att_pdu command = {
		.opcode = ATT_WRITE_CMD, .handle = id, .value = data, .len = len
	};
	int r = check_len(ctx, link, len);

	return r == OTADFU_OK ? att_channel_command(ctx, &link->channel, &command, deadline_ms) : r;
}

/* --- what the peer sends --- */

static struct att_chr *find_chr(const struct otadfu_link *link, uint16_t id)
{
	for (size_t i = 0; i < link->chr_count; i++) {
		if (link->chrs[i].chr.id == id)
			return &link->chrs[i];
	}
	return NULL;
}

static int fail_id(struct otadfu_ctx *ctx, uint16_t id, const char *problem)
{
	return fail_with(ctx, OTADFU_E_INVALID, 0, "characteristic %u was not %s", id, problem);
}

/* Vol 3, Part G, 3.3.3.3 */
static uint8_t cccd_value(const struct att_chr *chr)
{
	enum { CCCD_NOTIFY = 1, CCCD_INDICATE = 2 };

	if (chr->chr.props & OTADFU_PROP_NOTIFY)
		return CCCD_NOTIFY;
	return chr->chr.props & OTADFU_PROP_INDICATE ? CCCD_INDICATE : 0;
}

int att_client_subscribe(struct otadfu_ctx *ctx, struct otadfu_link *link, uint16_t id,
			 uint64_t deadline_ms)
{
	struct notifyq *values = link->channel.values;
	struct att_chr *chr = find_chr(link, id);
	uint8_t value[2] = { chr ? cccd_value(chr) : 0 };
	bool was_open = notifyq_is_open(values, id);
	int r = OTADFU_OK;

	if (!chr)
		return fail_id(ctx, id, "discovered");
	if (value[0] == 0)
		return fail_with(ctx, OTADFU_E_UNSUPPORTED, 0,
				 "characteristic %u offers neither notifications nor indications",
				 id);
	if (chr->cccd == 0)
		r = att_find_cccd(ctx, &link->channel, chr, deadline_ms);
	if (r != OTADFU_OK)
		return r;
	/* The first value may come before the response. */
	notifyq_open(values, id);
	r = att_client_write(ctx, link, chr->cccd, value, sizeof(value), deadline_ms);
	if (r != OTADFU_OK && !was_open)
		notifyq_shut(values, id);
	return r;
}

static bool has_value(struct otadfu_ctx *ctx, struct att_channel *channel, void *awaited)
{
	(void)ctx;
	(void)channel;
	return notifyq_has(awaited);
}

int att_client_wait(struct otadfu_ctx *ctx, struct otadfu_link *link, uint16_t id, uint8_t *buf,
		    size_t cap, size_t *ret_len, uint64_t deadline_ms)
{
	struct notifyq_awaited expected = {
		.from = link->channel.values, .handle = id, .buf = buf, .cap = cap
	};
	int r;

	if (!notifyq_is_open(link->channel.values, id))
		return fail_id(ctx, id, "subscribed");
	r = att_channel_await(ctx, &link->channel, has_value, &expected, false, deadline_ms);
	if (r == OTADFU_E_TIMEOUT)
		return fail_with(ctx, r, 0, "the device notified nothing in time");
	if (r != OTADFU_OK)
		return r;
	if (expected.result == NOTIFYQ_TOO_LONG)
		return fail_too_long(ctx, cap);
	if (expected.result == NOTIFYQ_LOST)
		return fail_with(ctx, OTADFU_E_OVERFLOW, 0,
				 "notifications were lost: more came than were taken");
	*ret_len = expected.len;
	return OTADFU_OK;
}

static bool never(struct otadfu_ctx *ctx, struct att_channel *channel, void *user)
{
	(void)ctx;
	(void)channel;
	(void)user;
	return false;
}

int att_client_wait_gone(struct otadfu_ctx *ctx, struct otadfu_link *link, uint64_t deadline_ms)
{
	int r = att_channel_await(ctx, &link->channel, never, NULL, false, deadline_ms);

	if (r == OTADFU_E_TIMEOUT)
		return fail_with(ctx, r, 0, "the link was not lost in time");
	return r == OTADFU_E_DISCONNECTED ? OTADFU_OK : r;
}
