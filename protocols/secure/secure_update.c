/* One image over secure DFU: init packet, firmware, last Execute. */
#include "secure_transfer.h"

#include <otadfu/transport.h>

enum {
	EXECUTE_MS = 30000,
	GONE_MS = 10000,
	ABORT_MS = 700,
	TUNE_MS = 1000,
	RETURN_MS = 60000,  /* an activated SoftDevice may be copied for long */
	HASH_PAGE_MS = 250, /* in software, on the slowest chip */
};

/* 0: the transport cannot tell. */
static uint32_t find_interval_ms(struct otadfu_ctx *ctx)
{
	struct otadfu_link_params params = { .size = sizeof(params) };
	int r = ctx->gatt->tune(ctx, NULL, &params, ctx->host->now_ms(ctx) + TUNE_MS);

	return r == OTADFU_OK ? (params.interval_us + 999) / 1000 : 0;
}

static int prepare(struct transfer *t)
{
	struct otadfu_ctx *ctx = t->talk.ctx;

	if (t->image->data_len == 0 || t->image->data_len > UINT32_MAX || t->image->init_len == 0 ||
	    t->image->init_len > UINT32_MAX)
		return talk_fail(&t->talk, OTADFU_E_PACKAGE, 0,
				 "the package has no firmware or no init packet");
	t->facts = (struct secure_facts){
		.max_write = ctx->gatt->max_write(ctx),
		.paced = ctx->gatt->caps(ctx) & OTADFU_TCAP_PACED_WRITE_CMD,
		.interval_ms = find_interval_ms(ctx),
		.receipts = ctx->host->option_int(ctx, "receipts"),
		.packet_size = secure_option(t, "packet_size"),
		.object_delay_ms = secure_option(t, "object_delay_ms"),
	};
	t->flash.erase_ms = secure_option(t, "page_erase_ms");
	secure_set_pace(t);
	return OTADFU_OK;
}

bool secure_is_system(const struct otadfu_image *image)
{
	return image->kind == OTADFU_IMAGE_SOFTDEVICE || image->kind == OTADFU_IMAGE_BOOTLOADER ||
	       image->kind == OTADFU_IMAGE_SD_BL;
}

void secure_expect_reset(struct transfer *t)
{
	uint32_t page_ms = t->flash.erase_ms + SECURE_PAGE_WRITE_MS;

	t->next->match = OTADFU_NEXT_SAME_ADDR | OTADFU_NEXT_ADDR_MINUS_ONE;
	t->next->within_ms = secure_limit_ms(RETURN_MS, t->image->data_len, page_ms);
}

/* Section 5: the device resets after a final Execute that failed as after one that did not. */
static int image_refused(struct transfer *t, uint16_t result)
{
	t->memo->under_way = 0;
	secure_expect_reset(t);
	if (result == SECURE_INVALID_OBJECT && secure_is_system(t->image) &&
	    t->memo->refused++ == 0)
		return talk_fail(&t->talk, OTADFU_E_BUSY, result,
				 "the device refused the SoftDevice (05); that may be because its "
				 "own was busy");
	return secure_refused(t, "the complete image", result);
}

/* Section 2.1; after a SoftDevice or a bootloader the bootloader comes back, or else starts the
 * application it has kept (5.1). */
static void expect_return(struct transfer *t)
{
	secure_expect_reset(t);
	if (secure_is_system(t->image))
		t->next->match |= OTADFU_NEXT_ADDR_PLUS_ONE;
	else
		t->next->mode = OTADFU_MODE_APPLICATION;
}

static int execute_final(struct transfer *t)
{
	struct secure_request request = secure_plain(SECURE_EXECUTE);
	struct secure_answer answer = { .result = SECURE_SUCCESS };
	struct talk_limit limit;
	int r;

	/* Until it is answered nobody knows whether the device has taken it. */
	t->memo->executing = 1;
	talk_drop_stale(&t->talk);
	r = talk_write(&t->talk, "the last Execute", request.bytes, request.len);
	if (r < 0)
		return r;
	limit = talk_limit(&t->talk, "the answer to the last Execute",
			   secure_limit_ms(EXECUTE_MS, t->image->data_len, HASH_PAGE_MS));
	r = secure_await(t, SECURE_EXECUTE, &limit, &answer);
	/* Section 5: bootloaders of SDK 12 may reset before the answer is out. */
	if (r == OTADFU_E_DISCONNECTED)
		talk_tell(&t->talk, "the device reset without an answer to the last Execute; "
				    "all it holds was checked before");
	else if (r < 0)
		return talk_wait_failed(&t->talk, &limit, r);
	t->memo->executing = 0;
	if (answer.result == SECURE_NOT_PERMITTED)
		return SECURE_AGAIN;
	return answer.result == SECURE_SUCCESS ? OTADFU_OK : image_refused(t, answer.result);
}

static int activate(struct transfer *t)
{
	char pace[SECURE_PROFILE_TEXT];
	int r = talk_wait_gone(&t->talk, GONE_MS);

	if (r == OTADFU_E_TIMEOUT)
		talk_tell(&t->talk, "the device has validated the image, but keeps the link");
	else if (r < 0)
		return r;
	if (secure_pace_describe(&t->facts, pace))
		talk_tell(&t->talk,
			  "the device lost packets until it got them more slowly; keep in the "
			  "profile: secure: { %s }",
			  pace);
	t->memo->under_way = 0;
	t->memo->restarted = 0;
	t->memo->refused = 0;
	t->memo->executing = 0;
	/* Another bootloader may have another way. */
	t->memo->timed = 0;
	expect_return(t);
	return OTADFU_OK;
}

/* The whole of it up to the answer to the last Execute. */
static int send_all(struct transfer *t, bool anew)
{
	int r;

	talk_phase(&t->talk, OTADFU_PHASE_INIT);
	r = secure_send_init(t, anew);
	if (r != OTADFU_OK)
		return r;

	talk_phase(&t->talk, OTADFU_PHASE_DATA);
	r = secure_send_firmware(t);
	if (r != OTADFU_OK)
		return r;

	talk_phase(&t->talk, OTADFU_PHASE_VALIDATE);
	return execute_final(t);
}

/* The image has been activated before; the bootloader that waits for another one is reset. */
static int leave_there(struct transfer *t)
{
	struct secure_request request = secure_plain(SECURE_ABORT);
	int r;

	talk_tell(&t->talk,
		  "the device runs this %s already: only the answer to the last Execute "
		  "was lost",
		  t->image->kind == OTADFU_IMAGE_SOFTDEVICE ? "SoftDevice" : "bootloader");
	r = talk_try_write(&t->talk, request.bytes, request.len);
	return r == OTADFU_E_CANCELLED ? r : OTADFU_OK;
}

static int run(struct transfer *t)
{
	struct otadfu_ctx *ctx = t->talk.ctx;
	struct secure_uuids uuids;
	int r = secure_read_uuids(ctx, &uuids);

	if (r == OTADFU_OK)
		r = talk_open(&t->talk, ctx, &uuids.service, &uuids.control, &uuids.packet);
	if (r == OTADFU_OK)
		r = prepare(t);
	if (r == OTADFU_OK)
		r = send_all(t, false);
	if (r == SECURE_AGAIN && !t->memo->restarted) {
		t->memo->restarted = 1;
		talk_tell(&t->talk, "the device lost its place; the transfer begins anew");
		r = send_all(t, true);
	}
	if (r == SECURE_AGAIN)
		return talk_fail(
			&t->talk, OTADFU_E_INTEGRITY, 0,
			"the firmware keeps arriving damaged: the device holds %u bytes of "
			"it, and not the right ones",
			t->held.offset);
	if (r == SECURE_THERE)
		r = leave_there(t);
	if (r < 0)
		return r;

	talk_phase(&t->talk, OTADFU_PHASE_ACTIVATE);
	return activate(t);
}

int secure_update(struct otadfu_ctx *ctx, const struct otadfu_image *image,
		  struct otadfu_next *ret_next)
{
	struct transfer t = {
		.talk = { .ctx = ctx },
		.memo = ctx->memo,
		.image = image,
		.next = ret_next,
	};
	int r = run(&t);

	/* It may have lost its power with the link, and then starts the application it has. */
	if (r == OTADFU_E_DISCONNECTED)
		secure_expect_reset(&t);
	return r;
}

int secure_abort(struct otadfu_ctx *ctx)
{
	struct secure_request request = secure_plain(SECURE_ABORT);
	struct secure_memo *memo = ctx->memo;
	struct secure_uuids uuids;
	struct otadfu_chr control;

	if (!memo->under_way)
		return OTADFU_OK;
	if (secure_read_uuids(ctx, &uuids) < 0 ||
	    ctx->gatt->find(ctx, &uuids.service, &uuids.control, &control) < 0)
		return OTADFU_OK;
	memo->under_way = 0;
	return ctx->gatt->write(ctx, control.id, request.bytes, request.len,
				ctx->host->now_ms(ctx) + ABORT_MS);
}
