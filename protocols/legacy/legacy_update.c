/* One image over legacy DFU: start, init packet, image, validate, activate. */
#include "legacy_transfer.h"

enum {
	RESPONSE_MS = 10000,
	RECEIPT_MS = 10000,
	VALIDATE_MS = 30000,
	GONE_MS = 5000,
	ABORT_MS = 700,
	COPY_MS = 60000, /* section 8: what a new SoftDevice may take until it is in its place */
	PACKET_SAFE = 20,
	OLD_RECEIPTS = 10, /* section 5.2 */
};

static size_t min_size(size_t a, size_t b)
{
	return a < b ? a : b;
}

static size_t max_packet(struct otadfu_ctx *ctx)
{
	size_t room = ctx->gatt->max_write(ctx);

	return room < PACKET_SAFE ? PACKET_SAFE : room - room % 4;
}

static int prepare(struct update *u)
{
	struct otadfu_ctx *ctx = u->talk.ctx;
	size_t wanted = (size_t)ctx->host->option_int(ctx, "packet_size");
	struct otadfu_chr version;

	u->packet_size = min_size(wanted - wanted % 4, max_packet(ctx));
	u->old = ctx->gatt->find(ctx, &u->uuids.service, &u->uuids.version, &version) < 0;
	return legacy_check(u);
}

/* Section 7: for a bootloader that knows the short Start only, one. */
static uint16_t choose_receipts(const struct update *u)
{
	struct otadfu_ctx *ctx = u->talk.ctx;
	uint16_t wanted = (uint16_t)ctx->host->option_int(ctx, "receipts");

	if (u->memo->receipts != 0)
		return (uint16_t)u->memo->receipts;
	if (u->old && u->memo->short_start)
		return 1;
	return u->old && (wanted == 0 || wanted > OLD_RECEIPTS) ? OLD_RECEIPTS : wanted;
}

static int request_receipts(struct update *u)
{
	uint8_t request[LEGACY_RECEIPTS_LEN];

	u->receipts = choose_receipts(u);
	if (u->receipts == 0)
		return OTADFU_OK;
	legacy_encode_receipts(u->receipts, request);
	return talk_write(&u->talk, legacy_op_text(LEGACY_RECEIPTS), request, sizeof(request));
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

static int await_receipt(struct update *u, size_t sent)
{
	struct talk_limit limit = talk_limit(&u->talk, "a receipt", RECEIPT_MS);
	struct legacy_note note;
	int r;

	for (;;) {
		r = talk_wait(&u->talk, &limit);
		if (r < 0)
			return talk_wait_failed(&u->talk, &limit, r);
		if (legacy_decode_note(u->talk.note, u->talk.note_len, &note)) {
			if (note.kind == LEGACY_RECEIPT)
				return note.bytes == sent ? OTADFU_OK
							  : out_of_step(u, note.bytes, sent);
			if (note.op == LEGACY_RECEIVE)
				return legacy_refused(u, LEGACY_RECEIVE, note.status);
		}
		talk_ignore(&u->talk);
	}
}

static int send_image(struct update *u)
{
	const struct otadfu_image *image = u->image;
	size_t total = image->data_len;
	size_t sent = 0;
	uint32_t unconfirmed = 0;
	int r = legacy_write_op(u, LEGACY_RECEIVE);

	while (r == OTADFU_OK && sent < total) {
		size_t len = min_size(u->packet_size, total - sent);

		r = talk_push(&u->talk, image->data + sent, len);
		sent += len;
		unconfirmed++;
		/* Section 7: the last packet gives no receipt; the final answer stands for it. */
		if (r != OTADFU_OK || unconfirmed != u->receipts || sent == total)
			continue;
		r = await_receipt(u, sent);
		if (r == OTADFU_OK)
			talk_progress(&u->talk, sent, total);
		unconfirmed = 0;
	}
	if (r == OTADFU_OK)
		r = legacy_expect_success(u, LEGACY_RECEIVE, "the answer to the last packet",
					  RESPONSE_MS);
	if (r == OTADFU_OK)
		talk_progress(&u->talk, total, total);
	return r;
}

static int validate(struct update *u)
{
	struct talk_limit limit;
	uint8_t status = 0;
	int r = legacy_write_op(u, LEGACY_VALIDATE);

	if (r < 0)
		return r;
	limit = talk_limit(&u->talk, "the answer to Validate", VALIDATE_MS);
	r = legacy_await(u, LEGACY_VALIDATE, &limit, &status);
	if (r < 0)
		return talk_wait_failed(&u->talk, &limit, r);
	if (status == LEGACY_SUCCESS)
		return OTADFU_OK;
	if (status == LEGACY_CRC_ERROR && u->memo->damaged++ > 0)
		return talk_fail(&u->talk, OTADFU_E_REJECTED, status,
				 "the device found a CRC error (10 04 05) twice, the second time "
				 "with every packet confirmed: the init packet does not belong to "
				 "this firmware, or is of a format this bootloader does not know");
	return legacy_refused(u, LEGACY_VALIDATE, status);
}

/*
 * Section 5.1: after a SoftDevice the bootloader comes back; a new bootloader alone starts the
 * application it has kept, where there were two banks.
 */
static void expect_return(const struct update *u)
{
	struct otadfu_next *next = u->next;

	legacy_expect_anywhere(next, 0, 0);
	if (u->image->kind == OTADFU_IMAGE_APPLICATION) {
		next->match = OTADFU_NEXT_SAME_ADDR | OTADFU_NEXT_ADDR_MINUS_ONE;
		next->mode = OTADFU_MODE_APPLICATION;
		return;
	}
	next->within_ms = COPY_MS;
	if (u->image->kind != OTADFU_IMAGE_BOOTLOADER) {
		next->match = OTADFU_NEXT_SAME_ADDR | OTADFU_NEXT_ADDR_PLUS_ONE;
		next->mode = OTADFU_MODE_BOOTLOADER;
	}
}

/* An error answer to 05, or none, is no failure: some chips reset first (section 10). */
static int activate(struct update *u)
{
	static const uint8_t request[] = { LEGACY_ACTIVATE };
	int written = talk_try_write(&u->talk, request, sizeof(request));
	int gone = written;

	if (written != OTADFU_E_CANCELLED)
		gone = talk_wait_gone(&u->talk, GONE_MS);
	if (gone == OTADFU_E_TIMEOUT && written < 0)
		return talk_fail(&u->talk, written, 0,
				 "the image is valid, but the device did not take Activate");
	if (gone == OTADFU_E_TIMEOUT)
		talk_tell(&u->talk, "the device took Activate, but keeps the link");
	else if (gone < 0)
		return gone;
	u->memo->under_way = 0;
	u->memo->damaged = 0;
	expect_return(u);
	return OTADFU_OK;
}

static int run(struct update *u)
{
	struct otadfu_ctx *ctx = u->talk.ctx;
	int r = legacy_read_uuids(ctx, &u->uuids);

	if (r == OTADFU_OK)
		r = talk_open(&u->talk, ctx, &u->uuids.service, &u->uuids.control,
			      &u->uuids.packet);
	if (r < 0)
		return r;

	talk_phase(&u->talk, OTADFU_PHASE_INIT);
	r = prepare(u);
	if (r == OTADFU_OK)
		r = legacy_start(u);
	if (r == OTADFU_OK)
		r = legacy_send_init(u);
	if (r < 0)
		return r;

	talk_phase(&u->talk, OTADFU_PHASE_DATA);
	r = request_receipts(u);
	if (r == OTADFU_OK)
		r = send_image(u);
	if (r < 0)
		return r;

	talk_phase(&u->talk, OTADFU_PHASE_VALIDATE);
	r = validate(u);
	if (r < 0)
		return r;

	talk_phase(&u->talk, OTADFU_PHASE_ACTIVATE);
	return activate(u);
}

int legacy_update(struct otadfu_ctx *ctx, const struct otadfu_image *image,
		  struct otadfu_next *ret_next)
{
	struct update u = {
		.talk = { .ctx = ctx },
		.memo = ctx->memo,
		.image = image,
		.next = ret_next,
	};
	int r = run(&u);

	/* A link lost while an answer is due resets the bootloader (section 9). */
	if (r == OTADFU_E_DISCONNECTED)
		legacy_expect_anywhere(ret_next, 0, OTADFU_NEXT_DIRECTED);
	return r;
}

int legacy_abort(struct otadfu_ctx *ctx)
{
	static const uint8_t reset[] = { LEGACY_RESET };
	struct legacy_memo *memo = ctx->memo;
	struct legacy_uuids uuids;
	struct otadfu_chr control;

	if (!memo->under_way)
		return OTADFU_OK;
	if (legacy_read_uuids(ctx, &uuids) < 0 ||
	    ctx->gatt->find(ctx, &uuids.service, &uuids.control, &control) < 0)
		return OTADFU_OK;
	memo->under_way = 0;
	return ctx->gatt->write(ctx, control.id, reset, sizeof(reset),
				ctx->host->now_ms(ctx) + ABORT_MS);
}
