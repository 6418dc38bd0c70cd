/* One image over legacy DFU: start, init packet, image, validate, activate. */
#include "legacy_transfer.h"

enum {
	VALIDATE_MS = 30000,
	GONE_MS = 5000,
	ABORT_MS = 700,
	RETURN_MS = 30000,
	COPY_MS = 60000, /* section 8: what a new SoftDevice may take until it is in its place */
};

static int prepare(struct update *u)
{
	struct otadfu_ctx *ctx = u->talk.ctx;
	struct otadfu_chr version;
	int r;

	u->old = ctx->gatt->find(ctx, &u->uuids.service, &u->uuids.version, &version) < 0;
	r = legacy_find_embedded(u, &u->embedded);
	u->packet_size = legacy_packet_size(u);
	return r == OTADFU_OK ? legacy_check(u) : r;
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
	if (r == OTADFU_E_TIMEOUT && u->embedded)
		return legacy_not_validated(u);
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
	next->within_ms = legacy_flash_ms(RETURN_MS, u->image->data_len);
	if (u->image->kind == OTADFU_IMAGE_APPLICATION) {
		next->match = OTADFU_NEXT_SAME_ADDR | OTADFU_NEXT_ADDR_MINUS_ONE;
		next->mode = OTADFU_MODE_APPLICATION;
		return;
	}
	next->within_ms = legacy_flash_ms(COPY_MS, u->image->data_len);
	if (u->image->kind != OTADFU_IMAGE_BOOTLOADER) {
		next->match = OTADFU_NEXT_SAME_ADDR | OTADFU_NEXT_ADDR_PLUS_ONE;
		next->mode = OTADFU_MODE_BOOTLOADER;
	}
}

/* An error answer to 05, or none, is no failure: some chips reset first (section 10). */
static int activate(struct update *u)
{
	static const uint8_t request[] = { LEGACY_ACTIVATE };
	int written;
	int gone;

	/* A link lost before Activate is no sign that it was obeyed: the old image may run. */
	if (talk_wait_gone(&u->talk, 0) == OTADFU_OK)
		return talk_fail(&u->talk, OTADFU_E_DISCONNECTED, 0,
				 "the link was lost while Activate was due");
	gone = written = talk_try_write(&u->talk, request, sizeof(request));
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
	u->memo->sent = 0;
	legacy_tell_pace(u);
	if (u->embedded)
		legacy_end_embedded(u);
	else
		expect_return(u);
	return OTADFU_OK;
}

static int begin(struct update *u)
{
	int r = legacy_start(u);

	return r == OTADFU_OK ? legacy_send_init(u) : r;
}

static int open_service(struct update *u)
{
	struct otadfu_ctx *ctx = u->talk.ctx;
	int r = legacy_read_uuids(ctx, &u->uuids);

	return r < 0 ? r
		     : talk_open(&u->talk, ctx, &u->uuids.service, &u->uuids.control,
				 &u->uuids.packet);
}

static int run(struct update *u)
{
	size_t held = 0;
	int r = open_service(u);

	if (r < 0)
		return r;
	talk_phase(&u->talk, OTADFU_PHASE_INIT);
	r = prepare(u);
	if (r == OTADFU_OK)
		r = legacy_find_held(u, &held);
	if (r == OTADFU_OK && held == 0)
		r = begin(u);
	if (r < 0)
		return r;

	talk_phase(&u->talk, OTADFU_PHASE_DATA);
	r = legacy_send_image(u, held);
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
	if (r < 0 && u.embedded)
		legacy_expect_embedded(ret_next);
	else if (r == OTADFU_E_DISCONNECTED)
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
