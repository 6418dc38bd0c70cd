/* One image over legacy DFU: start, init packet, image, validate, activate. */
#include "legacy.h"

#include "talk.h"

enum {
	RESPONSE_MS = 10000,
	RECEIPT_MS = 10000,
	VALIDATE_MS = 30000,
	GONE_MS = 5000,
	ABORT_MS = 700,
	/* Start erases before it answers: some bootloaders a whole bank, all of them the image.
	 * Seen: 47 ms for each KiB of it, so 120 are allowed, and a minute at the least. */
	START_MIN_MS = 60000,
	START_MS_PER_KIB = 120,
	PACKET_SAFE = 20, /* fits every link; of the init packet all but the last must be mod 4 */
	SLOWER_RECEIPTS = 4,
	RESTART_WAIT_MS = 1000,
	SILENT_WAIT_MS = 12000, /* section 10.1: a device that answers nothing in a wrong state */
	RETURN_MS = 30000,
};

struct update {
	struct talk talk;
	struct legacy_memo *memo;
	const struct otadfu_image *image;
	struct otadfu_next *next;
	uint16_t receipts;
	size_t packet_size;
};

static size_t min_size(size_t a, size_t b)
{
	return a < b ? a : b;
}

static int write_op(struct update *u, uint8_t op)
{
	return talk_write(&u->talk, legacy_op_text(op), &op, sizeof(op));
}

/* Where the device is after a reset, or after a link that it may not have survived: in its
 * bootloader at either address, or back in the application it had (sections 2 and 9). */
static void expect_anywhere(struct otadfu_next *next, uint32_t not_before_ms, uint32_t flags)
{
	next->match =
		OTADFU_NEXT_SAME_ADDR | OTADFU_NEXT_ADDR_PLUS_ONE | OTADFU_NEXT_ADDR_MINUS_ONE;
	next->mode = 0;
	next->flags = flags;
	next->not_before_ms = not_before_ms;
	next->within_ms = RETURN_MS;
}

/* Section 9.1. The device resets before it can answer, so only cancellation counts here. */
static int reset_device(struct update *u, uint32_t not_before_ms)
{
	static const uint8_t reset[] = { LEGACY_RESET };
	int r = talk_try_write(&u->talk, reset, sizeof(reset));

	if (r != OTADFU_E_CANCELLED)
		r = talk_wait_gone(&u->talk, GONE_MS);
	if (r == OTADFU_E_CANCELLED)
		return r;
	u->memo->under_way = 0;
	expect_anywhere(u->next, not_before_ms, 0);
	return OTADFU_OK;
}

static void slow_down(struct update *u, enum legacy_pace pace)
{
	if (pace == LEGACY_PACE_ONE)
		u->memo->receipts = 1;
	if (pace == LEGACY_PACE_SLOWER)
		u->memo->receipts =
			u->receipts == 0 || u->receipts > SLOWER_RECEIPTS ? SLOWER_RECEIPTS : 1;
}

/* The device answered op with something else than success. */
static int refused(struct update *u, uint8_t op, uint8_t status)
{
	const struct legacy_verdict *verdict = legacy_verdict(op, status);
	char asks[LEGACY_INIT_TEXT] = "";

	slow_down(u, verdict->pace);
	if (verdict->restart && reset_device(u, RESTART_WAIT_MS) < 0)
		return OTADFU_E_CANCELLED;
	if (op == LEGACY_INIT)
		legacy_describe_init(u->image->init, u->image->init_len, asks);
	return talk_fail(&u->talk, verdict->code, status,
			 "the device answered %s with \"%s\" (10 %02X %02X): %s%s%s",
			 legacy_op_text(op), legacy_status_text(status), op, status,
			 verdict->advice, asks[0] != '\0' ? "; the package asks for " : "", asks);
}

static int await_response(struct update *u, uint8_t op, const struct talk_limit *limit,
			  uint8_t *ret_status)
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

/* The answer to op, which must be success. */
static int expect_success(struct update *u, uint8_t op, const char *what, uint32_t limit_ms)
{
	struct talk_limit limit = talk_limit(&u->talk, what, limit_ms);
	uint8_t status = 0;
	int r = await_response(u, op, &limit, &status);

	if (r < 0)
		return talk_wait_failed(&u->talk, &limit, r);
	return status == LEGACY_SUCCESS ? OTADFU_OK : refused(u, op, status);
}

static size_t max_packet(struct otadfu_ctx *ctx)
{
	size_t room = ctx->gatt->max_write(ctx);

	return room < PACKET_SAFE ? PACKET_SAFE : room - room % 4;
}

static int prepare(struct update *u)
{
	const struct otadfu_host *host = u->talk.ctx->host;
	const struct otadfu_image *image = u->image;
	size_t wanted = (size_t)host->option_int(u->talk.ctx, "packet_size");

	/* Section 9: a Start of nothing is accepted and costs the application. */
	if (image->data_len == 0 || image->data_len > UINT32_MAX || image->init_len == 0)
		return talk_fail(&u->talk, OTADFU_E_PACKAGE, 0,
				 "the package has no firmware or no init packet");
	u->packet_size = min_size(wanted - wanted % 4, max_packet(u->talk.ctx));
	u->receipts = u->memo->receipts != 0 ? (uint16_t)u->memo->receipts
					     : (uint16_t)host->option_int(u->talk.ctx, "receipts");
	return OTADFU_OK;
}

static uint32_t start_limit_ms(size_t image_len)
{
	uint64_t erase_ms = (uint64_t)image_len * START_MS_PER_KIB / 1024;

	return erase_ms < START_MIN_MS ? START_MIN_MS : (uint32_t)erase_ms;
}

static int start(struct update *u)
{
	uint8_t request[2] = { LEGACY_START, 0 };
	uint8_t sizes[LEGACY_SIZES_LEN];
	uint8_t status = 0;
	struct talk_limit limit;
	int r;

	if (!legacy_encode_start(u->image, &request[1], sizes))
		return talk_fail(&u->talk, OTADFU_E_PACKAGE, 0,
				 "legacy DFU has no image of this kind");
	u->memo->under_way = 1;
	r = talk_write(&u->talk, legacy_op_text(LEGACY_START), request, sizeof(request));
	if (r == OTADFU_OK)
		r = talk_push(&u->talk, sizes, sizeof(sizes));
	if (r < 0)
		return r;
	limit = talk_limit(&u->talk, "the answer to Start", start_limit_ms(u->image->data_len));
	r = await_response(u, LEGACY_START, &limit, &status);
	if (r == OTADFU_OK)
		return status == LEGACY_SUCCESS ? OTADFU_OK : refused(u, LEGACY_START, status);
	/* Section 10.1: some devices answer nothing in a wrong state and leave it by a timer. */
	if (r == OTADFU_E_TIMEOUT && reset_device(u, SILENT_WAIT_MS) < 0)
		return OTADFU_E_CANCELLED;
	return talk_wait_failed(&u->talk, &limit, r);
}

static int send_init(struct update *u)
{
	static const uint8_t begin[] = { LEGACY_INIT, LEGACY_INIT_BEGIN };
	static const uint8_t complete[] = { LEGACY_INIT, LEGACY_INIT_COMPLETE };
	const struct otadfu_image *image = u->image;
	int r = talk_write(&u->talk, legacy_op_text(LEGACY_INIT), begin, sizeof(begin));

	for (size_t sent = 0; r == OTADFU_OK && sent < image->init_len; sent += PACKET_SAFE)
		r = talk_push(&u->talk, image->init + sent,
			      min_size(PACKET_SAFE, image->init_len - sent));
	if (r == OTADFU_OK)
		r = talk_write(&u->talk, legacy_op_text(LEGACY_INIT), complete, sizeof(complete));
	if (r < 0)
		return r;
	return expect_success(u, LEGACY_INIT, "the answer to the init packet", RESPONSE_MS);
}

static int request_receipts(struct update *u)
{
	uint8_t request[LEGACY_RECEIPTS_LEN];

	if (u->receipts == 0)
		return OTADFU_OK;
	legacy_encode_receipts(u->receipts, request);
	return talk_write(&u->talk, legacy_op_text(LEGACY_RECEIPTS), request, sizeof(request));
}

/* Section 7: no checksum tells what is missing, so a number that differs ends this attempt. */
static int out_of_step(struct update *u, uint32_t counted, size_t sent)
{
	slow_down(u, LEGACY_PACE_SLOWER);
	if (reset_device(u, RESTART_WAIT_MS) < 0)
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
				return refused(u, LEGACY_RECEIVE, note.status);
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
	int r = write_op(u, LEGACY_RECEIVE);

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
		r = expect_success(u, LEGACY_RECEIVE, "the answer to the last packet", RESPONSE_MS);
	if (r == OTADFU_OK)
		talk_progress(&u->talk, total, total);
	return r;
}

static int validate(struct update *u)
{
	struct talk_limit limit;
	uint8_t status = 0;
	int r = write_op(u, LEGACY_VALIDATE);

	if (r < 0)
		return r;
	limit = talk_limit(&u->talk, "the answer to Validate", VALIDATE_MS);
	r = await_response(u, LEGACY_VALIDATE, &limit, &status);
	if (r < 0)
		return talk_wait_failed(&u->talk, &limit, r);
	if (status == LEGACY_SUCCESS)
		return OTADFU_OK;
	if (status == LEGACY_CRC_ERROR && u->memo->damaged++ > 0)
		return talk_fail(&u->talk, OTADFU_E_REJECTED, status,
				 "the device found a CRC error (10 04 05) twice, the second time "
				 "with every packet confirmed: the init packet does not belong to "
				 "this firmware, or is of a format this bootloader does not know");
	return refused(u, LEGACY_VALIDATE, status);
}

/* Section 5.1: after a SoftDevice the bootloader comes back; a new bootloader alone starts the
 * application it has kept. */
static void expect_return(const struct update *u)
{
	struct otadfu_next *next = u->next;

	expect_anywhere(next, 0, 0);
	if (u->image->kind == OTADFU_IMAGE_APPLICATION) {
		next->match = OTADFU_NEXT_SAME_ADDR | OTADFU_NEXT_ADDR_MINUS_ONE;
		next->mode = OTADFU_MODE_APPLICATION;
	} else if (u->image->kind != OTADFU_IMAGE_BOOTLOADER) {
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
	int r = talk_open(&u->talk, u->talk.ctx, &legacy_service, &legacy_control, &legacy_packet);

	if (r == OTADFU_OK)
		r = prepare(u);
	if (r < 0)
		return r;

	talk_phase(&u->talk, OTADFU_PHASE_INIT);
	r = start(u);
	if (r == OTADFU_OK)
		r = send_init(u);
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
		expect_anywhere(ret_next, 0, OTADFU_NEXT_DIRECTED);
	return r;
}

int legacy_abort(struct otadfu_ctx *ctx)
{
	static const uint8_t reset[] = { LEGACY_RESET };
	struct legacy_memo *memo = ctx->memo;
	struct otadfu_chr control;

	if (!memo->under_way)
		return OTADFU_OK;
	if (ctx->gatt->find(ctx, &legacy_service, &legacy_control, &control) < 0)
		return OTADFU_OK;
	memo->under_way = 0;
	return ctx->gatt->write(ctx, control.id, reset, sizeof(reset),
				ctx->host->now_ms(ctx) + ABORT_MS);
}
