/*
 * What a peer sends over ATT: each PDU taken apart, and the client fed with all of them in turn.
 * The input is PDUs, each behind a byte with its length; a length of 0 is time that passes.
 */
#include "att_client.h"
#include "att_reply.h"
#include "fuzz.h"
#include "le.h"

#include <string.h>

enum { CHRS_MAX = 1024, MTU_WANTED = 247, CALL_MS = 1000 };

/* --- single PDUs --- */

static void judge_pdu(const uint8_t *data, size_t len)
{
	uint8_t again[256], reply[ATT_REPLY_MAX];
	struct att_pdu pdu, replied;
	size_t reply_len = att_reply(data, len, MTU_WANTED, reply);

	if (att_decode(data, len, &pdu)) {
		fuzz_require(att_encode(&pdu, again, sizeof(again)) == len &&
				     memcmp(again, data, len) == 0,
			     "what was taken apart is put together again");
		fuzz_require(att_kind(pdu.opcode) != ATT_KIND_UNKNOWN, "it is of a kind");
	}
	if (reply_len > 0)
		fuzz_require(att_decode(reply, reply_len, &replied), "a reply is well-formed");
	if (reply_len > 0 && replied.opcode == ATT_ERROR_RSP)
		fuzz_require(replied.request == data[0], "it refuses what was asked");
}

static void judge_pdus(struct cursor input)
{
	while (cursor_left(&input) > 0) {
		size_t len = cursor_u8(&input);
		const uint8_t *pdu;

		if (len > cursor_left(&input))
			len = cursor_left(&input);
		pdu = cursor_take(&input, len);
		if (len > 0)
			judge_pdu(pdu, len);
	}
}

/* --- the client --- */

struct peer {
	struct otadfu_ctx ctx; /* first: the peer is found by it */
	struct cursor input;
	uint64_t now_ms;
	int failure;
	bool said_why;
};

static struct peer *peer_of(struct otadfu_ctx *ctx)
{
	return (struct peer *)ctx;
}

static uint64_t now_ms(struct otadfu_ctx *ctx)
{
	return peer_of(ctx)->now_ms;
}

static int fail(struct otadfu_ctx *ctx, int code, int32_t detail, const char *text)
{
	struct peer *peer = peer_of(ctx);

	(void)detail;
	if (peer->failure == OTADFU_OK) {
		peer->failure = code;
		peer->said_why = text[0] != '\0';
	}
	return code;
}

static const struct otadfu_host host = { .size = sizeof(host), .fail = fail, .now_ms = now_ms };

static bool time_passes(const struct peer *peer)
{
	return cursor_left(&peer->input) > 0 && peer->input.data[peer->input.pos] == 0;
}

static int send_pdu(struct otadfu_ctx *ctx, void *user, const uint8_t *data, size_t len)
{
	struct att_pdu pdu;

	(void)ctx;
	(void)user;
	fuzz_require(len <= MTU_WANTED && att_decode(data, len, &pdu), "the client is honest");
	return OTADFU_OK;
}

static int receive_pdu(struct otadfu_ctx *ctx, void *user, uint8_t *buf, size_t cap,
		       size_t *ret_len)
{
	struct peer *peer = user;
	size_t len;

	if (time_passes(peer))
		return OTADFU_E_BUSY;
	if (cursor_left(&peer->input) < 2)
		return fail(ctx, OTADFU_E_DISCONNECTED, 0, "the link was lost");
	len = cursor_u8(&peer->input);
	if (len > cursor_left(&peer->input))
		len = cursor_left(&peer->input);
	*ret_len = len < cap ? len : cap;
	memcpy(buf, cursor_take(&peer->input, len), *ret_len);
	return OTADFU_OK;
}

static int wait_for_pdu(struct otadfu_ctx *ctx, void *user, bool for_room, uint64_t deadline_ms)
{
	struct peer *peer = user;

	(void)ctx;
	(void)for_room;
	if (!time_passes(peer))
		return OTADFU_OK;
	cursor_u8(&peer->input);
	peer->now_ms = deadline_ms;
	return OTADFU_E_TIMEOUT;
}

static int check_peer(struct otadfu_ctx *ctx, void *user)
{
	const struct peer *peer = user;

	if (cursor_left(&peer->input) > 0)
		return OTADFU_OK;
	return fail(ctx, OTADFU_E_DISCONNECTED, 0, "the link was lost");
}

static void close_peer(struct otadfu_ctx *ctx, void *user)
{
	(void)ctx;
	(void)user;
}

static const struct att_bearer_ops bearer_ops = {
	.send = send_pdu,
	.receive = receive_pdu,
	.wait = wait_for_pdu,
	.check = check_peer,
	.close = close_peer,
};

static void judge_result(struct peer *peer, int result)
{
	fuzz_require(result <= OTADFU_OK && result != OTADFU_E_INVALID && result != OTADFU_E_BUSY,
		     "a call ends with a code that it may have");
	if (result < OTADFU_OK)
		fuzz_require(peer->failure == result && peer->said_why, "a failure says why");
	peer->failure = OTADFU_OK;
}

static void judge_chrs(const struct otadfu_chr *chrs, size_t count)
{
	for (size_t i = 0; i < count; i++)
		fuzz_require(chrs[i].id > (i > 0 ? chrs[i - 1].id : 0), "ids are unique");
}

static void use_characteristic(struct peer *peer, struct otadfu_link *link,
			       const struct otadfu_chr *chr)
{
	struct otadfu_ctx *ctx = &peer->ctx;
	uint8_t buf[64];
	size_t len = 0;
	int r;

	judge_result(peer, att_client_read(ctx, link, chr->id, buf, sizeof(buf), &len,
					   peer->now_ms + CALL_MS));
	fuzz_require(len <= sizeof(buf), "a value fits into its buffer");
	judge_result(peer, att_client_write(ctx, link, chr->id, buf, 20, peer->now_ms + CALL_MS));
	judge_result(peer,
		     att_client_write_cmd(ctx, link, chr->id, buf, 20, peer->now_ms + CALL_MS));
	r = att_client_subscribe(ctx, link, chr->id, peer->now_ms + CALL_MS);
	judge_result(peer, r);
	if (r != OTADFU_OK)
		return;
	judge_result(peer, att_client_wait(ctx, link, chr->id, buf, sizeof(buf), &len,
					   peer->now_ms + CALL_MS));
	fuzz_require(len <= sizeof(buf), "a notification fits into its buffer");
}

static void use_link(struct peer *peer, struct otadfu_link *link)
{
	static struct otadfu_chr chrs[CHRS_MAX];
	struct otadfu_ctx *ctx = &peer->ctx;
	uint16_t mtu = ATT_MTU_MIN;
	size_t count = 0;

	judge_result(peer, att_client_mtu(ctx, link, MTU_WANTED, &mtu, peer->now_ms + CALL_MS));
	fuzz_require(mtu >= ATT_MTU_MIN && mtu <= MTU_WANTED, "the MTU is one that may be");
	judge_result(peer, att_client_discover(ctx, link, chrs, CHRS_MAX, &count,
					       peer->now_ms + CALL_MS));
	fuzz_require(count <= CHRS_MAX, "the characteristics are counted");
	judge_chrs(chrs, count);
	for (size_t i = 0; i < count && i < 4; i++)
		use_characteristic(peer, link, &chrs[i]);
	judge_result(peer, att_client_wait_gone(ctx, link, peer->now_ms + CALL_MS));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct peer peer = { .ctx = { .size = sizeof(peer.ctx), .host = &host },
			     .input = cursor_over(data, size) };
	struct otadfu_link *link = att_client_new(&bearer_ops, &peer);

	judge_pdus(cursor_over(data, size));
	fuzz_require(link != NULL, "there is memory");
	use_link(&peer, link);
	att_client_disconnect(&peer.ctx, link);
	return 0;
}
