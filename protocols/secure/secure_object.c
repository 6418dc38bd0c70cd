#include "secure_transfer.h"

#include <stdio.h>
#include <zlib.h>

enum {
	ANSWER_MS = 5000,
	CREATE_MS = 10000,
	RECEIPT_MS = 5000,
};

uint32_t secure_option(const struct transfer *t, const char *key)
{
	return (uint32_t)t->talk.ctx->host->option_int(t->talk.ctx, key);
}

uint64_t secure_now_ms(const struct transfer *t)
{
	return t->talk.ctx->host->now_ms(t->talk.ctx);
}

int secure_await(struct transfer *t, uint8_t op, const struct talk_limit *limit,
		 struct secure_answer *ret_answer)
{
	struct secure_answer answer;
	int r;

	for (;;) {
		r = talk_wait(&t->talk, limit);
		if (r < 0)
			return r;
		/* Section 7: by op code; what else comes is a receipt of before, or stale. */
		if (secure_decode(t->talk.note, t->talk.note_len, &answer) && answer.op == op) {
			*ret_answer = answer;
			return OTADFU_OK;
		}
		talk_ignore(&t->talk);
	}
}

static int ask(struct transfer *t, struct secure_request request, uint32_t limit_ms,
	       struct secure_answer *ret_answer)
{
	uint8_t op = request.bytes[0];
	char what[48];
	struct talk_limit limit;
	uint64_t began_ms = secure_now_ms(t);
	int r;

	talk_drop_stale(&t->talk);
	r = talk_write(&t->talk, secure_op_text(op), request.bytes, request.len);
	if (r < 0)
		return r;
	snprintf(what, sizeof(what), "the answer to %s", secure_op_text(op));
	limit = talk_limit(&t->talk, what, limit_ms);
	r = secure_await(t, op, &limit, ret_answer);
	t->answer_ms = (uint32_t)(secure_now_ms(t) - began_ms);
	return r < 0 ? talk_wait_failed(&t->talk, &limit, r) : OTADFU_OK;
}

int secure_refused(struct transfer *t, const char *what, uint16_t result)
{
	char code[SECURE_CODE_TEXT];

	secure_format_code(result, code);
	return talk_fail(&t->talk, OTADFU_E_REJECTED, result, "the device refused %s: %s (%s)",
			 what, secure_result_text(result), code);
}

/* For requests that have no reason to be refused. */
static int ask_for_success(struct transfer *t, struct secure_request request,
			   struct secure_answer *ret_answer)
{
	int r = ask(t, request, ANSWER_MS, ret_answer);

	if (r < 0 || ret_answer->result == SECURE_SUCCESS)
		return r;
	return secure_refused(t, secure_op_text(request.bytes[0]), ret_answer->result);
}

int secure_do_select(struct transfer *t, enum secure_object type, struct secure_answer *ret_answer)
{
	return ask_for_success(t, secure_select(type), ret_answer);
}

int secure_do_set_receipts(struct transfer *t, uint16_t every)
{
	struct secure_answer answer;

	return ask_for_success(t, secure_set_receipts(every), &answer);
}

int secure_wait_for_room(struct transfer *t, size_t places)
{
	struct otadfu_ctx *ctx = t->talk.ctx;
	uint32_t wait_ms = secure_flash_wait_ms(&t->flash, secure_now_ms(t), places);

	return wait_ms > 0 ? ctx->host->sleep_ms(ctx, wait_ms) : OTADFU_OK;
}

int secure_do_create(struct transfer *t, enum secure_object type, uint32_t size,
		     uint16_t *ret_result)
{
	const struct otadfu_host *host = t->talk.ctx->host;
	struct secure_answer answer;
	int r;

	t->memo->under_way = 1;
	r = ask(t, secure_create(type, size), CREATE_MS, &answer);
	if (r < 0)
		return r;
	*ret_result = answer.result;
	if (type != SECURE_DATA || answer.result != SECURE_SUCCESS)
		return OTADFU_OK;
	secure_flash_erase(&t->flash, secure_now_ms(t));
	return t->pace.delay_ms > 0 ? host->sleep_ms(t->talk.ctx, t->pace.delay_ms) : OTADFU_OK;
}

int secure_do_execute(struct transfer *t, uint32_t limit_ms, uint16_t *ret_result)
{
	struct secure_answer answer;
	int r = ask(t, secure_plain(SECURE_EXECUTE), limit_ms, &answer);

	if (r == OTADFU_OK)
		*ret_result = answer.result;
	return r;
}

static int compare(struct transfer *t, uint32_t offset, uint32_t crc)
{
	return t->held.offset == offset && t->held.crc == crc ? OTADFU_OK : SECURE_AGAIN;
}

static int check(struct transfer *t, uint32_t offset, uint32_t crc)
{
	struct secure_answer answer;
	int r = ask_for_success(t, secure_plain(SECURE_CHECKSUM), &answer);

	if (r < 0)
		return r;
	t->held = (struct secure_held){ answer.offset, answer.crc };
	return compare(t, offset, crc);
}

int secure_do_check(struct transfer *t, const uint8_t *data, uint32_t offset)
{
	return check(t, offset, secure_crc(data, offset));
}

/* Section 7: a receipt may be late, lost, or 0 by mistake; only Checksum tells the truth. */
static int check_receipt(struct transfer *t, uint32_t offset, uint32_t crc)
{
	struct talk_limit limit = talk_limit(&t->talk, "a receipt", RECEIPT_MS);
	struct secure_answer answer;
	int r = secure_await(t, SECURE_CHECKSUM, &limit, &answer);

	if (r < 0 && r != OTADFU_E_TIMEOUT)
		return talk_wait_failed(&t->talk, &limit, r);
	if (r == OTADFU_OK && answer.result == SECURE_SUCCESS) {
		t->held = (struct secure_held){ answer.offset, answer.crc };
		if (compare(t, offset, crc) == OTADFU_OK)
			return OTADFU_OK;
	}
	return check(t, offset, crc);
}

static void tell_progress(struct transfer *t, const struct stretch *stretch, uint32_t offset)
{
	if (stretch->data == t->image->data)
		talk_progress(&t->talk, offset, t->image->data_len);
}

/* The next packets for which room is waited for; an odd end takes one more. */
static size_t next_burst(const struct transfer *t, uint32_t left)
{
	size_t packets = (left + t->pace.payload - 1) / t->pace.payload + (left % 4 != 0);

	return packets < t->pace.burst ? packets : t->pace.burst;
}

int secure_do_send(struct transfer *t, const struct stretch *stretch, uint16_t receipts)
{
	bool to_flash = stretch->data == t->image->data;
	uint32_t crc = secure_crc(stretch->data, stretch->from);
	uint32_t at = stretch->from;
	uint32_t packets = 0;
	int r = OTADFU_OK;

	while (at < stretch->end) {
		const uint8_t *packet = stretch->data + at;
		uint32_t left = stretch->end - at;
		uint32_t len = (uint32_t)secure_packet_len(left, t->pace.payload);

		if (receipts > 0 && packets % receipts == 0)
			talk_drop_stale(&t->talk);
		if (to_flash && packets % t->pace.burst == 0)
			r = secure_wait_for_room(t, next_burst(t, left));
		if (r == OTADFU_OK)
			r = talk_push(&t->talk, packet, len);
		if (to_flash)
			secure_flash_packet(&t->flash, secure_now_ms(t) + t->facts.interval_ms,
					    len);
		crc = (uint32_t)crc32_z(crc, packet, len);
		at += len;
		packets++;
		/* A receipt that is due is taken even after the last packet: it would be
		 * mistaken for the answer to Checksum. */
		if (r == OTADFU_OK && receipts > 0 && packets % receipts == 0) {
			r = check_receipt(t, at, crc);
			if (r == OTADFU_OK)
				tell_progress(t, stretch, at);
		}
		if (r != OTADFU_OK)
			return r;
	}
	r = check(t, at, crc);
	if (r == OTADFU_OK)
		tell_progress(t, stretch, at);
	return r;
}
