#include "att_channel.h"

#include "failure.h"

#include <string.h>

/* --- what comes --- */

/* Sends what replies there is room for. OTADFU_E_BUSY: the others wait for the next occasion. */
static int flush_replies(struct otadfu_ctx *ctx, struct att_channel *channel)
{
	while (channel->reply_count > 0) {
		int r = channel->ops->send(ctx, channel->bearer, channel->replies[0].pdu,
					   channel->replies[0].len);

		/* Of a loss receive tells, after what came before it. */
		if (r != OTADFU_OK && r != OTADFU_E_DISCONNECTED)
			return r;
		channel->reply_count--;
		memmove(channel->replies, channel->replies + 1,
			channel->reply_count * sizeof(channel->replies[0]));
	}
	return OTADFU_OK;
}

static int reply(struct otadfu_ctx *ctx, struct att_channel *channel, const uint8_t *pdu,
		 size_t len)
{
	size_t places = sizeof(channel->replies) / sizeof(channel->replies[0]);
	uint8_t bytes[ATT_REPLY_MAX];
	size_t reply_len = att_reply(pdu, len, channel->own_mtu, bytes);

	if (reply_len > 0 && channel->reply_count < places) {
		memcpy(channel->replies[channel->reply_count].pdu, bytes, reply_len);
		channel->replies[channel->reply_count++].len = reply_len;
	}
	return flush_replies(ctx, channel);
}

static void keep_answer(struct att_channel *channel, const uint8_t *pdu, size_t len)
{
	if (channel->abandoned) {
		channel->request = 0;
		channel->abandoned = false;
	} else if (channel->request && channel->answer_len == 0) {
		memcpy(channel->answer, pdu, len);
		channel->answer_len = len;
	}
}

/* Takes one PDU. OTADFU_E_BUSY: there is none, or no room for the reply to it. */
static int take_pdu(struct otadfu_ctx *ctx, struct att_channel *channel)
{
	uint8_t bytes[ATT_MTU_MAX + 1];
	struct att_pdu pdu;
	size_t len;
	int r = channel->ops->receive(ctx, channel->bearer, bytes, sizeof(bytes), &len);

	if (r == OTADFU_E_OVERFLOW) {
		notifyq_lose(channel->values);
		return OTADFU_OK;
	}
	if (r != OTADFU_OK)
		return r;
	if (len > 0 && att_kind(bytes[0]) == ATT_KIND_RESPONSE) {
		keep_answer(channel, bytes, len);
		return OTADFU_OK;
	}
	if (len <= ATT_MTU_MAX && att_decode(bytes, len, &pdu) &&
	    (pdu.opcode == ATT_NOTIFICATION || pdu.opcode == ATT_INDICATION))
		notifyq_push(channel->values, pdu.handle, pdu.value, pdu.len);
	return reply(ctx, channel, bytes, len);
}

/* Takes in what has come, without waiting, as long as there is a place for one more value. */
static int serve(struct otadfu_ctx *ctx, struct att_channel *channel)
{
	int r = OTADFU_OK;

	for (size_t i = 0; i < NOTIFYQ_LEN && r == OTADFU_OK; i++)
		r = notifyq_is_full(channel->values) ? OTADFU_E_BUSY : take_pdu(ctx, channel);
	return r == OTADFU_E_BUSY ? OTADFU_OK : r;
}

int att_channel_await(struct otadfu_ctx *ctx, struct att_channel *channel, att_channel_fn *happened,
		      void *user, bool for_room, uint64_t deadline_ms)
{
	size_t late = 0;

	while (!happened(ctx, channel, user)) {
		int r = channel->ops->wait(ctx, channel->bearer,
					   for_room || channel->reply_count > 0, deadline_ms);

		if (r == OTADFU_OK)
			r = take_pdu(ctx, channel);
		if (r == OTADFU_E_BUSY)
			r = flush_replies(ctx, channel);
		if (r != OTADFU_OK && r != OTADFU_E_BUSY)
			return r;
		/* A peer who never ceases to send does not hold the caller for ever. */
		if (ctx->host->now_ms(ctx) >= deadline_ms && ++late > NOTIFYQ_LEN)
			return OTADFU_E_TIMEOUT;
	}
	return OTADFU_OK;
}

/* --- what goes --- */

struct outgoing {
	uint8_t bytes[ATT_MTU_MAX];
	size_t len;
	int result;
};

/* In turn: a reply that waits goes first. */
static bool is_sent(struct otadfu_ctx *ctx, struct att_channel *channel, void *user)
{
	struct outgoing *pdu = user;

	pdu->result = flush_replies(ctx, channel);
	if (pdu->result == OTADFU_OK)
		pdu->result = channel->ops->send(ctx, channel->bearer, pdu->bytes, pdu->len);
	return pdu->result != OTADFU_E_BUSY;
}

static int send_pdu(struct otadfu_ctx *ctx, struct att_channel *channel, const struct att_pdu *pdu,
		    uint64_t deadline_ms)
{
	struct outgoing outgoing;
	int r;

	outgoing.len = att_encode(pdu, outgoing.bytes, channel->mtu);
	if (outgoing.len == 0)
		return fail_with(ctx, OTADFU_E_INVALID, 0, "a %s does not fit into an MTU of %u",
				 att_opcode_text(pdu->opcode), channel->mtu);
	r = att_channel_await(ctx, channel, is_sent, &outgoing, true, deadline_ms);
	if (r == OTADFU_OK)
		r = outgoing.result;
	if (r == OTADFU_E_TIMEOUT)
		return fail_with(ctx, r, 0, "the radio had no room for a %s in time",
				 att_opcode_text(pdu->opcode));
	return r == OTADFU_E_DISCONNECTED ? channel->ops->check(ctx, channel->bearer) : r;
}

int att_channel_command(struct otadfu_ctx *ctx, struct att_channel *channel,
			const struct att_pdu *command, uint64_t deadline_ms)
{
	int r = serve(ctx, channel);

	return r == OTADFU_OK ? send_pdu(ctx, channel, command, deadline_ms) : r;
}

static bool is_free(struct otadfu_ctx *ctx, struct att_channel *channel, void *user)
{
	(void)ctx;
	(void)user;
	return channel->request == 0;
}

static bool is_answered(struct otadfu_ctx *ctx, struct att_channel *channel, void *user)
{
	(void)ctx;
	(void)user;
	return channel->answer_len > 0;
}

/* Sends request and waits for what comes; what has no answer yet is abandoned. */
static int ask(struct otadfu_ctx *ctx, struct att_channel *channel, const struct att_pdu *request,
	       uint64_t deadline_ms)
{
	int r = send_pdu(ctx, channel, request, deadline_ms);

	if (r != OTADFU_OK)
		return r;
	channel->request = request->opcode;
	channel->answer_len = 0;
	r = att_channel_await(ctx, channel, is_answered, NULL, false, deadline_ms);
	if (r == OTADFU_OK)
		channel->request = 0;
	else
		channel->abandoned = true;
	if (r == OTADFU_E_TIMEOUT)
		return fail_with(ctx, r, 0, "the device did not answer the %s in time",
				 att_opcode_text(request->opcode));
	return r;
}

static bool is_answer_to(const struct att_pdu *answer, uint8_t request)
{
	if (answer->opcode == ATT_ERROR_RSP)
		return answer->request == request;
	return answer->opcode == att_response_of(request);
}

int att_channel_exchange(struct otadfu_ctx *ctx, struct att_channel *channel,
			 const struct att_pdu *request, struct att_pdu *ret_answer,
			 uint64_t deadline_ms)
{
	struct att_pdu answer;
	int r = att_channel_await(ctx, channel, is_free, NULL, false, deadline_ms);

	if (r == OTADFU_E_TIMEOUT)
		return fail_with(ctx, r, 0, "the device still owes the answer to an earlier %s",
				 att_opcode_text(channel->request));
	if (r == OTADFU_OK)
		r = ask(ctx, channel, request, deadline_ms);
	if (r != OTADFU_OK)
		return r;
	if (channel->answer_len > ATT_MTU_MAX ||
	    !att_decode(channel->answer, channel->answer_len, &answer) ||
	    !is_answer_to(&answer, request->opcode))
		return fail_with(ctx, OTADFU_E_PROTOCOL, channel->answer[0],
				 "the device answered the %s with a malformed or foreign %s of "
				 "%zu bytes",
				 att_opcode_text(request->opcode),
				 att_opcode_text(channel->answer[0]), channel->answer_len);
	*ret_answer = answer;
	return OTADFU_OK;
}

/* ATT errors that a bond or encryption would help against. */
static const uint8_t security_errors[] = { ATT_E_AUTHENTICATION, ATT_E_AUTHORIZATION,
					   ATT_E_KEY_SIZE, ATT_E_ENCRYPTION };

int att_channel_refused(struct otadfu_ctx *ctx, const struct att_pdu *answer)
{
	bool security = memchr(security_errors, answer->error, sizeof(security_errors)) != NULL;

	return fail_with(ctx, security ? OTADFU_E_SECURITY : OTADFU_E_ATT, answer->error,
			 "the device refused the %s: %s (ATT error %02X)",
			 att_opcode_text(answer->request), att_error_text(answer->error),
			 answer->error);
}

int att_channel_request(struct otadfu_ctx *ctx, struct att_channel *channel,
			const struct att_pdu *request, struct att_pdu *ret_answer,
			uint64_t deadline_ms)
{
	struct att_pdu answer;
	int r = att_channel_exchange(ctx, channel, request, &answer, deadline_ms);

	if (r != OTADFU_OK)
		return r;
	if (answer.opcode == ATT_ERROR_RSP)
		return att_channel_refused(ctx, &answer);
	*ret_answer = answer;
	return OTADFU_OK;
}
