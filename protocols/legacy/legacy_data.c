/* The image on its way: packets, receipts, and going on where a lost link has ended it. */
#include "legacy_transfer.h"

enum { RESPONSE_MS = 10000, RECEIPT_MS = 10000 };

static size_t min_size(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* Section 7: no checksum tells what is missing, so a number that differs ends this attempt. */
static int out_of_step(struct update *u, uint32_t counted, size_t sent)
{
	legacy_slow_down(u, LEGACY_PACE_SLOWER);
	if (legacy_reset(u, LEGACY_RESTART_WAIT_MS) < 0)
		return OTADFU_E_CANCELLED;
	return talk_fail(&u->talk, OTADFU_E_INTEGRITY, 0,
			 "the device counted %u bytes where %zu had been sent", counted, sent);
}

/* A packet that went missing is not counted: then the receipt does not come. */
static int no_answer(struct update *u, const struct talk_limit *limit, int code)
{
	if (code == OTADFU_E_TIMEOUT)
		legacy_slow_down(u, LEGACY_PACE_SLOWER);
	return talk_wait_failed(&u->talk, limit, code);
}

/* confirmed: the last receipt, which may come twice. */
static int await_receipt(struct update *u, size_t confirmed, size_t sent)
{
	struct talk_limit limit = talk_limit(&u->talk, "a receipt", RECEIPT_MS);
	struct legacy_note note;
	int r;

	for (;;) {
		r = talk_wait(&u->talk, &limit);
		if (r < 0)
			return no_answer(u, &limit, r);
		if (legacy_decode_note(u->talk.note, u->talk.note_len, &note)) {
			if (note.kind == LEGACY_RECEIPT && note.bytes == sent)
				return OTADFU_OK;
			if (note.kind == LEGACY_RECEIPT &&
			    (note.bytes != confirmed || confirmed == 0))
				return out_of_step(u, note.bytes, sent);
			if (note.kind == LEGACY_RESPONSE && note.op == LEGACY_RECEIVE)
				return legacy_refused(u, LEGACY_RECEIVE, note.status);
		}
		talk_ignore(&u->talk);
	}
}

/* Section 7: the last packet gives no receipt; this answer stands for it. */
static int await_end(struct update *u)
{
	struct talk_limit limit =
		talk_limit(&u->talk, "the answer to the last packet", RESPONSE_MS);
	uint8_t status = 0;
	int r = legacy_await(u, LEGACY_RECEIVE, &limit, &status);

	if (r < 0)
		return no_answer(u, &limit, r);
	return status == LEGACY_SUCCESS ? OTADFU_OK : legacy_refused(u, LEGACY_RECEIVE, status);
}

static int request_receipts(struct update *u)
{
	uint8_t request[LEGACY_RECEIPTS_LEN];

	u->receipts = legacy_receipts(u);
	if (u->receipts == 0)
		return OTADFU_OK;
	legacy_encode_receipts(u->receipts, request);
	return talk_write(&u->talk, legacy_op_text(LEGACY_RECEIPTS), request, sizeof(request));
}

static int send_packets(struct update *u, size_t from)
{
	const struct otadfu_image *image = u->image;
	size_t total = image->data_len;
	size_t confirmed = from;
	uint32_t unconfirmed = 0;
	int r = OTADFU_OK;

	for (size_t sent = from; r == OTADFU_OK && sent < total;) {
		size_t len = min_size(u->packet_size, total - sent);

		r = talk_push(&u->talk, image->data + sent, len);
		sent += len;
		u->memo->sent = (uint32_t)sent;
		if (r != OTADFU_OK || ++unconfirmed != u->receipts || sent == total)
			continue;
		r = await_receipt(u, confirmed, sent);
		if (r == OTADFU_OK)
			talk_progress(&u->talk, sent, total);
		confirmed = sent;
		unconfirmed = 0;
	}
	return r;
}

int legacy_send_image(struct update *u, size_t from)
{
	size_t total = u->image->data_len;
	int r = OTADFU_OK;

	u->memo->sent_kind = u->image->kind;
	if (from < total) {
		r = request_receipts(u);
		if (r == OTADFU_OK)
			r = legacy_write_op(u, LEGACY_RECEIVE);
		if (r == OTADFU_OK)
			r = send_packets(u, from);
		if (r == OTADFU_OK)
			r = await_end(u);
	}
	if (r == OTADFU_OK)
		talk_progress(&u->talk, total, total);
	return r;
}

/* What the device counts can be a part of what was sent, in whole words. */
static bool is_part(const struct update *u, uint32_t held)
{
	return held > 0 && held <= u->memo->sent && held % 4 == 0;
}

int legacy_find_held(struct update *u, size_t *ret_held)
{
	struct otadfu_ctx *ctx = u->talk.ctx;
	bool sent = u->memo->sent > 0 && u->memo->sent_kind == u->image->kind;
	struct talk_limit limit;
	struct legacy_note note;
	uint8_t status = 0;
	int r;

	*ret_held = 0;
	if (!sent || !ctx->host->option_int(ctx, "keeps_state"))
		return OTADFU_OK;
	r = legacy_write_op(u, LEGACY_REPORT_SIZE);
	if (r < 0)
		return r;
	limit = talk_limit(&u->talk, "the number of bytes that it holds", RESPONSE_MS);
	r = legacy_await(u, LEGACY_REPORT_SIZE, &limit, &status);
	/* It does not know the question: then all begins anew. */
	if (r == OTADFU_E_TIMEOUT)
		return OTADFU_OK;
	if (r < 0)
		return talk_wait_failed(&u->talk, &limit, r);
	legacy_decode_note(u->talk.note, u->talk.note_len, &note);
	if (status == LEGACY_SUCCESS && is_part(u, note.bytes))
		*ret_held = note.bytes;
	return OTADFU_OK;
}
