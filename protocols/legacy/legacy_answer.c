#include "legacy_transfer.h"

#include <stdio.h>

enum {
	GONE_MS = 5000,
	RETURN_MS = 30000,
	MORE_TEXT = LEGACY_INIT_TEXT + 32,
};

int legacy_write_op(struct update *u, uint8_t op)
{
	return talk_write(&u->talk, legacy_op_text(op), &op, sizeof(op));
}

/* In its bootloader at either address, or back in the application it had (sections 2 and 9). */
void legacy_expect_anywhere(struct otadfu_next *next, uint32_t not_before_ms, uint32_t flags)
{
	next->match =
		OTADFU_NEXT_SAME_ADDR | OTADFU_NEXT_ADDR_PLUS_ONE | OTADFU_NEXT_ADDR_MINUS_ONE;
	next->mode = 0;
	next->flags = flags;
	next->not_before_ms = not_before_ms;
	next->within_ms = RETURN_MS;
}

/* Section 9.1. The device resets before it can answer, so only cancellation counts here. */
int legacy_reset(struct update *u, uint32_t not_before_ms)
{
	static const uint8_t reset[] = { LEGACY_RESET };
	int r = talk_try_write(&u->talk, reset, sizeof(reset));

	if (r != OTADFU_E_CANCELLED)
		r = talk_wait_gone(&u->talk, GONE_MS);
	if (r == OTADFU_E_CANCELLED)
		return r;
	u->memo->under_way = 0;
	u->memo->sent = 0;
	legacy_expect_anywhere(u->next, not_before_ms, 0);
	return OTADFU_OK;
}

/* What of the package the refusal may be about. */
static void describe(const struct update *u, uint8_t op, uint8_t status, char more[MORE_TEXT])
{
	char asks[LEGACY_INIT_TEXT];

	more[0] = '\0';
	if (op == LEGACY_START && status == LEGACY_NOT_SUPPORTED)
		snprintf(more, MORE_TEXT, "; this image has %zu bytes", u->image->data_len);
	/* The CRC alone, which old bootloaders get, asks for nothing. */
	if (op == LEGACY_INIT && !u->old) {
		legacy_describe_init(u->image->init, u->image->init_len, asks);
		snprintf(more, MORE_TEXT, "; the package asks for %s", asks);
	}
}

/* Packets longer than usual are the profile's wish, which may be too much (section 7). */
static const struct legacy_verdict *judge(const struct update *u, uint8_t op, uint8_t status)
{
	static const struct legacy_verdict too_long = {
		.restart = true,
		.pace = LEGACY_PACE_SLOWER,
		.code = OTADFU_E_INTEGRITY,
		.advice = "it does not take packets of this length; the next attempt sends 20 "
			  "bytes in each",
	};

	if (op == LEGACY_RECEIVE && status == LEGACY_NOT_SUPPORTED &&
	    u->packet_size > LEGACY_PACKET_SAFE)
		return &too_long;
	return legacy_verdict(op, status);
}

int legacy_refused(struct update *u, uint8_t op, uint8_t status)
{
	const struct legacy_verdict *verdict = judge(u, op, status);
	char more[MORE_TEXT];

	legacy_slow_down(u, verdict->pace);
	if (verdict->restart && legacy_reset(u, LEGACY_RESTART_WAIT_MS) < 0)
		return OTADFU_E_CANCELLED;
	describe(u, op, status, more);
	return talk_fail(&u->talk, verdict->code, status,
			 "the device answered %s with \"%s\" (10 %02X %02X): %s%s",
			 legacy_op_text(op), legacy_status_text(status), op, status,
			 verdict->advice, more);
}

int legacy_await(struct update *u, uint8_t op, const struct talk_limit *limit, uint8_t *ret_status)
{
	struct legacy_note note;
	int r;

	for (;;) {
		r = talk_wait(&u->talk, limit);
		if (r < 0)
			return r;
		if (legacy_decode_note(u->talk.note, u->talk.note_len, &note) &&
		    note.kind == LEGACY_RESPONSE && note.op == op) {
			*ret_status = note.status;
			return OTADFU_OK;
		}
		talk_ignore(&u->talk);
	}
}

int legacy_expect_success(struct update *u, uint8_t op, const char *what, uint32_t limit_ms)
{
	struct talk_limit limit = talk_limit(&u->talk, what, limit_ms);
	uint8_t status = 0;
	int r = legacy_await(u, op, &limit, &status);

	if (r < 0)
		return talk_wait_failed(&u->talk, &limit, r);
	return status == LEGACY_SUCCESS ? OTADFU_OK : legacy_refused(u, op, status);
}
