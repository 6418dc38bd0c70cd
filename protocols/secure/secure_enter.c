/* Which secure device is this, in which mode, and the jump into its bootloader. */
#include "secure.h"

#include "advert.h"
#include "talk.h"
#include "uuid.h"

#include <stdbool.h>

enum {
	OP_ENTER = 0x01,
	OP_RESPONSE = 0x20,
	ENTER_SUCCESS = 0x01,
	ANSWER_MS = 5000,
	GONE_MS = 5000,
};

enum { CERTAIN = 100, LIKELY = 80, NAME_ONLY = 30 };

/* A characteristic that takes the jump (section 2). */
struct trigger {
	struct otadfu_uuid service;
	struct otadfu_uuid uuid;
	bool bonded;
};

static const struct otadfu_uuid unbonded = { { 0x8e, 0xc9, 0x00, 0x03, SECURE_BASE } };
static const struct otadfu_uuid bonded = { { 0x8e, 0xc9, 0x00, 0x04, SECURE_BASE } };
/* The service has the same UUID. */
static const struct otadfu_uuid experimental = { { 0x8e, 0x40, 0x00, 0x01, SECURE_BASE } };

/* Answers to the jump other than success. */
static const struct {
	uint8_t status;
	int code;
	const char *text;
} refusals[] = {
	{ 0x02, OTADFU_E_UNSUPPORTED, "op code not supported" },
	{ 0x04, OTADFU_E_REJECTED, "operation failed" },
	{ 0x05, OTADFU_E_REJECTED, "advertising name invalid" },
	{ 0x06, OTADFU_E_BUSY, "busy with its flash" },
	{ 0x07, OTADFU_E_SECURITY, "not bonded with this computer" },
};

/* NOT_FOUND is not recorded. */
static int find_trigger(struct otadfu_ctx *ctx, const struct secure_uuids *uuids,
			struct trigger *ret_trigger)
{
	const struct trigger known[] = {
		{ uuids->service, unbonded, false },
		{ experimental, experimental, false },
		{ uuids->service, bonded, true },
	};
	struct otadfu_chr chr;

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		struct trigger trigger = known[i];
		int r = uuid_option(ctx, "secure", "buttonless_service_uuid", &known[i].service,
				    &trigger.service);

		if (r == OTADFU_OK)
			r = uuid_option(ctx, "secure", "buttonless_uuid", &known[i].uuid,
					&trigger.uuid);
		if (r < 0)
			return r;
		if (ctx->gatt->find(ctx, &trigger.service, &trigger.uuid, &chr) == OTADFU_OK) {
			*ret_trigger = trigger;
			return OTADFU_OK;
		}
	}
	return OTADFU_E_NOT_FOUND;
}

int secure_probe(struct otadfu_ctx *ctx, struct otadfu_probe *ret_probe)
{
	const struct otadfu_gatt *gatt = ctx->gatt;
	struct secure_uuids uuids;
	struct trigger trigger;
	struct otadfu_chr chr;
	int found;
	int r = secure_read_uuids(ctx, &uuids);

	if (r < 0)
		return r;
	found = find_trigger(ctx, &uuids, &trigger);
	if (found < 0 && found != OTADFU_E_NOT_FOUND)
		return found;
	ret_probe->score = CERTAIN;
	if (gatt->find(ctx, &uuids.service, &uuids.control, &chr) == OTADFU_OK &&
	    gatt->find(ctx, &uuids.service, &uuids.packet, &chr) == OTADFU_OK)
		ret_probe->mode = OTADFU_MODE_BOOTLOADER;
	else if (found == OTADFU_OK)
		ret_probe->mode = OTADFU_MODE_APPLICATION;
	else
		ret_probe->score = 0;
	return OTADFU_OK;
}

/* Legacy bootloaders have the same name, so a name alone tells the mode, not the protocol. */
int secure_recognise(struct otadfu_ctx *ctx, const struct otadfu_advert *advert,
		     struct otadfu_probe *ret_probe)
{
	struct secure_uuids uuids;
	bool ours;
	int r = secure_read_uuids(ctx, &uuids);

	if (r < 0)
		return r;
	ours = advert_has_service(advert, &uuids.service);
	ret_probe->score = ours ? LIKELY : advert_has_name(advert, "DfuTarg") ? NAME_ONLY : 0;
	ret_probe->mode = ret_probe->score > 0 ? OTADFU_MODE_BOOTLOADER : 0;
	return OTADFU_OK;
}

static int refused(struct talk *talk, uint8_t status)
{
	for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++) {
		if (refusals[i].status == status)
			return talk_fail(talk, refusals[i].code, status,
					 "the application refused to start its bootloader: %s "
					 "(20 01 %02X)",
					 refusals[i].text, status);
	}
	return talk_fail(talk, OTADFU_E_PROTOCOL, status,
			 "the application answered the jump with an unknown status (20 01 %02X)",
			 status);
}

static int await_status(struct talk *talk, uint8_t *ret_status)
{
	struct talk_limit limit = talk_limit(talk, "the answer to the jump", ANSWER_MS);
	int r;

	for (;;) {
		r = talk_wait(talk, &limit);
		if (r < 0)
			return r;
		if (talk->note_len >= 3 && talk->note[0] == OP_RESPONSE &&
		    talk->note[1] == OP_ENTER) {
			*ret_status = talk->note[2];
			return OTADFU_OK;
		}
		talk_ignore(talk);
	}
}

static void expect_bootloader(struct otadfu_next *next)
{
	next->match = OTADFU_NEXT_ADDR_PLUS_ONE | OTADFU_NEXT_SAME_ADDR;
	next->mode = OTADFU_MODE_BOOTLOADER;
	next->not_before_ms = 500;
	next->within_ms = 15000;
}

/*
 * Section 2: the answer may be lost when the device resets first, so the lost link is success.
 * No answer and no reset either: the host looks for the bootloader all the same.
 */
int secure_enter_bootloader(struct otadfu_ctx *ctx, struct otadfu_next *ret_next)
{
	static const uint8_t enter[] = { OP_ENTER };
	uint8_t status = ENTER_SUCCESS;
	struct secure_uuids uuids;
	struct trigger trigger;
	struct talk talk;
	int r = secure_read_uuids(ctx, &uuids);

	if (r == OTADFU_OK)
		r = find_trigger(ctx, &uuids, &trigger);
	if (r < 0 && r != OTADFU_E_NOT_FOUND)
		return r;
	if (r < 0 || trigger.bonded)
		return ctx->host->fail(ctx, OTADFU_E_UNSUPPORTED, 0,
				       "this application takes the jump into its bootloader from a "
				       "bonded peer only; start the bootloader by the device's "
				       "button");
	r = talk_open(&talk, ctx, &trigger.service, &trigger.uuid, NULL);
	if (r < 0)
		return r;
	r = talk_try_write(&talk, enter, sizeof(enter));
	if (r == OTADFU_OK)
		r = await_status(&talk, &status);
	if (r == OTADFU_OK && status != ENTER_SUCCESS)
		return refused(&talk, status);
	if (r == OTADFU_OK || r == OTADFU_E_TIMEOUT)
		r = talk_wait_gone(&talk, GONE_MS);
	if (r < 0 && r != OTADFU_E_DISCONNECTED && r != OTADFU_E_TIMEOUT)
		return talk_fail(&talk, r, ctx->host->detail(ctx),
				 "the application could not be told to start its bootloader");
	expect_bootloader(ret_next);
	return OTADFU_OK;
}
