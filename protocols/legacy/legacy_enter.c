/* The jump of an application into its bootloader: legacy-dfu.md 3. */
#include "legacy.h"

#include "talk.h"

enum { JUMP_MS = 5000 };

/* The application may have handed its peer data over or not (section 3): the bootloader is at
 * the same address and shows itself to us alone, or at the next address and to all. */
static void expect_bootloader(struct otadfu_next *next)
{
	next->match = OTADFU_NEXT_SAME_ADDR | OTADFU_NEXT_ADDR_PLUS_ONE;
	next->mode = OTADFU_MODE_BOOTLOADER;
	next->flags = OTADFU_NEXT_DIRECTED;
	next->not_before_ms = 1000;
	next->within_ms = 15000;
}

static int explain_no_jump(struct talk *talk)
{
	struct talk_limit now = talk_limit(talk, "", 0);
	struct legacy_note note;

	if (talk_wait(talk, &now) == OTADFU_OK &&
	    legacy_decode_note(talk->note, talk->note_len, &note) && note.kind == LEGACY_RESPONSE)
		return talk_fail(talk, OTADFU_E_UNSUPPORTED, note.status,
				 "the application refused the jump into its bootloader: %s "
				 "(10 %02X %02X); start the bootloader by the device's button",
				 legacy_status_text(note.status), note.op, note.status);
	return talk_fail(talk, OTADFU_E_TIMEOUT, 0,
			 "the application was told to jump into its bootloader, but did not "
			 "disconnect within %u s",
			 JUMP_MS / 1000);
}

/* Section 3: an error answer, or none, is success all the same once the link is lost. */
static int jump(struct talk *talk)
{
	static const uint8_t request[] = { LEGACY_START, LEGACY_MODE_APPLICATION };
	int r = talk_try_write(talk, request, sizeof(request));

	if (r != OTADFU_E_CANCELLED)
		r = talk_wait_gone(talk, JUMP_MS);
	return r == OTADFU_E_TIMEOUT ? explain_no_jump(talk) : r;
}

/* What the product's own answers, if it does, is not known. */
static int pull(struct otadfu_ctx *ctx, const struct trigger *trigger)
{
	struct talk talk = { .ctx = ctx, .control = trigger->chr.id, .packet = trigger->chr.id };
	int written, r;

	if (trigger->chr.props & OTADFU_PROP_WRITE)
		written = talk_try_write(&talk, trigger->value, trigger->value_len);
	else
		written = talk_push(&talk, trigger->value, trigger->value_len);
	r = written;
	if (written != OTADFU_E_CANCELLED && written != OTADFU_E_SECURITY)
		r = talk_wait_gone(&talk, JUMP_MS);
	if (r == OTADFU_E_TIMEOUT && written < 0)
		r = written;
	if (r < 0 && r != OTADFU_E_CANCELLED)
		return talk_fail(&talk, r, ctx->host->detail(ctx),
				 "the bytes of legacy.trigger_value were written to the "
				 "application, but it did not disconnect within %u s%s%s",
				 JUMP_MS / 1000, r == OTADFU_E_SECURITY ? "; " : "",
				 r == OTADFU_E_SECURITY
					 ? talk_security_advice(ctx->host->detail(ctx))
					 : "");
	return r;
}

static int jump_by_service(struct otadfu_ctx *ctx)
{
	struct legacy_uuids uuids;
	struct talk talk;
	int r = legacy_read_uuids(ctx, &uuids);

	if (r == OTADFU_OK)
		r = talk_open(&talk, ctx, &uuids.service, &uuids.control, NULL);
	return r == OTADFU_OK ? jump(&talk) : r;
}

int legacy_enter_bootloader(struct otadfu_ctx *ctx, struct otadfu_next *ret_next)
{
	struct trigger trigger;
	int r = trigger_find(ctx, "legacy", &trigger);

	if (r == OTADFU_OK)
		r = pull(ctx, &trigger);
	else if (r == OTADFU_E_NOT_FOUND)
		r = jump_by_service(ctx);
	if (r == OTADFU_OK)
		expect_bootloader(ret_next);
	return r;
}
