/* The jump from the application into its bootloader (section 2). */
#include "secure_trigger.h"

#include "talk.h"

#include <stdio.h>
#include <string.h>
#include <sys/random.h>

enum {
	OP_ENTER = 0x01,
	OP_SET_NAME = 0x02,
	OP_RESPONSE = 0x20,
	STATUS_SUCCESS = 0x01,
	STATUS_BUSY = 0x06,
	ATT_IN_PROGRESS = 0xfe, /* the last indication is not confirmed yet */
	ANSWER_MS = 5000,
	GONE_MS = 5000,
	BUSY_PAUSE_MS = 300,
	BUSY_RETRIES = 10,
	NAME_MAX_LEN = 20,
};

/* Answers to the jump other than success. */
static const struct {
	uint8_t status;
	int code;
	const char *text;
} refusals[] = {
	{ 0x02, OTADFU_E_UNSUPPORTED, "op code not supported" },
	{ 0x04, OTADFU_E_REJECTED, "operation failed" },
	{ 0x05, OTADFU_E_REJECTED, "advertising name invalid" },
	{ STATUS_BUSY, OTADFU_E_BUSY, "busy with its flash" },
	{ 0x07, OTADFU_E_SECURITY, "not bonded with this computer" },
};

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

static int await_status(struct talk *talk, uint8_t op, uint8_t *ret_status)
{
	struct talk_limit limit = talk_limit(talk, "the application's answer", ANSWER_MS);
	int r;

	for (;;) {
		r = talk_wait(talk, &limit);
		if (r < 0)
			return r;
		if (talk->note_len >= 3 && talk->note[0] == OP_RESPONSE && talk->note[1] == op) {
			*ret_status = talk->note[2];
			return OTADFU_OK;
		}
		talk_ignore(talk);
	}
}

/* One request and its status; not recorded. */
static int ask_once(struct talk *talk, const uint8_t *request, size_t len, uint8_t *ret_status)
{
	int r;

	talk_drop_stale(talk);
	r = talk_try_write(talk, request, len);
	if (r == OTADFU_E_ATT && talk->ctx->host->detail(talk->ctx) == ATT_IN_PROGRESS) {
		*ret_status = STATUS_BUSY;
		return OTADFU_OK;
	}
	return r == OTADFU_OK ? await_status(talk, request[0], ret_status) : r;
}

/* A flash operation that goes on, of the name before for instance, passes. */
static int ask(struct talk *talk, const uint8_t *request, size_t len, uint8_t *ret_status)
{
	const struct otadfu_host *host = talk->ctx->host;
	int r = ask_once(talk, request, len, ret_status);

	for (int i = 0; r == OTADFU_OK && *ret_status == STATUS_BUSY && i < BUSY_RETRIES; i++) {
		r = host->sleep_ms(talk->ctx, BUSY_PAUSE_MS);
		if (r == OTADFU_OK)
			r = ask_once(talk, request, len, ret_status);
	}
	return r;
}

/* Another one in each run: no neighbour has it. */
static void make_name(const struct talk *talk, char *name, size_t size)
{
	uint32_t number;

	if (getrandom(&number, sizeof(number), GRND_NONBLOCK) != (ssize_t)sizeof(number))
		number = (uint32_t)talk->ctx->host->now_ms(talk->ctx);
	snprintf(name, size, "Dfu%08X", number);
}

/* The bootloader's name is a help in finding it and no more: refused or unanswered, the jump goes
 * on without. */
static int set_name(struct talk *talk, struct otadfu_next *next)
{
	char name[NAME_MAX_LEN + 1];
	uint8_t request[2 + NAME_MAX_LEN] = { OP_SET_NAME };
	uint8_t status = 0;
	size_t len;
	int r;

	make_name(talk, name, sizeof(name));
	len = strlen(name);
	request[1] = (uint8_t)len;
	memcpy(request + 2, name, len);
	r = ask(talk, request, 2 + len, &status);
	if (r == OTADFU_OK && status == STATUS_SUCCESS) {
		next->match |= OTADFU_NEXT_NAME;
		memcpy(next->name, name, len + 1);
	}
	return r == OTADFU_E_TIMEOUT || r == OTADFU_E_ATT ? OTADFU_OK : r;
}

static void expect_bootloader(struct otadfu_next *next)
{
	next->match |= OTADFU_NEXT_ADDR_PLUS_ONE | OTADFU_NEXT_SAME_ADDR;
	next->mode = OTADFU_MODE_BOOTLOADER;
	next->not_before_ms = 500;
	next->within_ms = 15000;
}

static int told_nothing(struct talk *talk, int code)
{
	return talk_fail(talk, code, talk->ctx->host->detail(talk->ctx),
			 "the application could not be told to start its bootloader");
}

/*
 * The answer may be lost when the device resets first, so the lost link is success. No answer and
 * no reset either: the host looks for the bootloader all the same.
 */
static int jump(struct talk *talk, const struct secure_trigger *trigger, struct otadfu_next *next)
{
	static const uint8_t enter[] = { OP_ENTER };
	struct otadfu_next named = *next;
	uint8_t status = STATUS_SUCCESS;
	bool takes_name =
		trigger->takes_name && talk->ctx->host->option_int(talk->ctx, "unique_name") != 0;
	int r = takes_name ? set_name(talk, &named) : OTADFU_OK;

	if (r < 0)
		return told_nothing(talk, r);
	r = ask(talk, enter, sizeof(enter), &status);
	if (r == OTADFU_OK && status != STATUS_SUCCESS)
		return refused(talk, status);
	if (r == OTADFU_OK || r == OTADFU_E_TIMEOUT)
		r = talk_wait_gone(talk, GONE_MS);
	if (r < 0 && r != OTADFU_E_DISCONNECTED && r != OTADFU_E_TIMEOUT)
		return told_nothing(talk, r);
	*next = named;
	return OTADFU_OK;
}

/* The product's own: what it answers, if it does, is not known. */
static int jump_custom(struct talk *talk, const struct secure_trigger *trigger)
{
	int r;

	if (trigger->chr.props & OTADFU_PROP_WRITE)
		r = talk_try_write(talk, trigger->value, trigger->value_len);
	else
		r = talk_push(talk, trigger->value, trigger->value_len);
	if (r == OTADFU_OK || r == OTADFU_E_TIMEOUT)
		r = talk_wait_gone(talk, GONE_MS);
	if (r < 0 && r != OTADFU_E_DISCONNECTED && r != OTADFU_E_TIMEOUT)
		return told_nothing(talk, r);
	return OTADFU_OK;
}

static int refuse_bonded(struct otadfu_ctx *ctx)
{
	return ctx->host->fail(ctx, OTADFU_E_UNSUPPORTED, 0,
			       "this application takes the jump into its bootloader from a bonded "
			       "peer only; start the bootloader by the device's button");
}

int secure_enter_bootloader(struct otadfu_ctx *ctx, struct otadfu_next *ret_next)
{
	struct secure_trigger trigger;
	struct secure_uuids uuids;
	struct talk talk = { .ctx = ctx };
	int r = secure_read_uuids(ctx, &uuids);

	if (r == OTADFU_OK)
		r = secure_find_trigger(ctx, &uuids, &trigger);
	if (r == OTADFU_E_NOT_FOUND || (r == OTADFU_OK && trigger.kind == SECURE_TRIGGER_BONDED))
		return refuse_bonded(ctx);
	if (r < 0)
		return r;
	if (trigger.kind == SECURE_TRIGGER_CUSTOM) {
		talk.control = talk.packet = trigger.chr.id;
		r = jump_custom(&talk, &trigger);
	} else {
		r = talk_open(&talk, ctx, &trigger.chr.service, &trigger.chr.uuid, NULL);
		if (r == OTADFU_OK)
			r = jump(&talk, &trigger, ret_next);
	}
	if (r == OTADFU_OK)
		expect_bootloader(ret_next);
	return r;
}
