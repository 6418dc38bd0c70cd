/* The init packet: sent, resumed or only executed (section 6.1), and judged by the device. */
#include "secure_init.h"
#include "secure_transfer.h"

enum {
	EXECUTE_MS = 20000,
	RETRIES = 3,
};

/* Sends what is missing of the init packet and has it executed; *ret_result says how. */
static int complete(struct transfer *t, uint32_t from, uint16_t *ret_result)
{
	struct stretch rest = { t->image->init, from, (uint32_t)t->image->init_len };
	/* Where two images do not fit, the old one is erased before the answer. */
	uint32_t limit_ms = secure_limit_ms(EXECUTE_MS, t->image->data_len, t->flash.erase_ms);
	int r = from < rest.end ? secure_do_send(t, &rest, 0) : OTADFU_OK;

	return r == OTADFU_OK ? secure_do_execute(t, limit_ms, ret_result) : r;
}

static int refused(struct transfer *t, uint16_t result)
{
	const char *advice = secure_result_advice(result);
	struct secure_init init = secure_init_read(t->image->init, t->image->init_len);
	char asks[SECURE_INIT_TEXT];
	char code[SECURE_CODE_TEXT];

	secure_init_describe(&init, result, asks);
	secure_format_code(result, code);
	return talk_fail(&t->talk, OTADFU_E_REJECTED, result,
			 "the device refused the init packet: %s (%s)%s%s; the package states%s",
			 secure_result_text(result), code, advice[0] != '\0' ? ": " : "", advice,
			 asks);
}

static int create(struct transfer *t)
{
	uint16_t result = 0;
	int r = secure_do_create(t, SECURE_COMMAND, (uint32_t)t->image->init_len, &result);

	if (r < 0 || result == SECURE_SUCCESS)
		return r;
	return secure_refused(t, "to take the init packet", result);
}

static int send_whole(struct transfer *t, uint16_t *ret_result)
{
	int r = SECURE_AGAIN;

	for (int i = 0; r == SECURE_AGAIN && i <= RETRIES; i++) {
		r = create(t);
		if (r == OTADFU_OK)
			r = complete(t, 0, ret_result);
	}
	if (r == SECURE_AGAIN)
		return talk_fail(&t->talk, OTADFU_E_INTEGRITY, 0,
				 "the init packet arrived damaged %d times", RETRIES + 1);
	return r;
}

static int send_init(struct transfer *t, bool anew, uint16_t *ret_result)
{
	uint32_t len = (uint32_t)t->image->init_len;
	struct secure_answer selected;
	struct secure_plan plan;
	int r = secure_do_select(t, SECURE_COMMAND, &selected);

	if (r < 0)
		return r;
	if (len > selected.max_size)
		return talk_fail(&t->talk, OTADFU_E_REJECTED, SECURE_TOO_LARGE,
				 "the init packet has %u bytes, this bootloader takes %u", len,
				 selected.max_size);
	r = secure_do_set_receipts(t, 0);
	if (r < 0)
		return r;
	t->facts.command_max = selected.max_size;
	t->held = (struct secure_held){ selected.offset, selected.crc };
	plan = secure_plan_command(&t->held, t->image->init, len);
	if (!anew && plan.way != SECURE_WAY_CREATE) {
		r = complete(t, plan.offset, ret_result);
		if (r < 0 || (r == OTADFU_OK && *ret_result == SECURE_SUCCESS))
			return r;
	}
	return send_whole(t, ret_result);
}

/* A refusal of a SoftDevice or bootloader may mean that it is there already (5.1). */
static int judge(struct transfer *t, uint16_t result)
{
	bool same = result == SECURE_VERSION_FAILURE || result == SECURE_SOFTDEVICE_FAILURE ||
		    result == SECURE_FAILED;

	if (result == SECURE_SUCCESS) {
		/* They hold the init packet. */
		secure_flash_settings(&t->flash, secure_now_ms(t), secure_settings_ms(&t->flash));
		return OTADFU_OK;
	}
	if (same && secure_is_system(t->image)) {
		if (t->memo->executing)
			return SECURE_THERE;
		t->next->flags = OTADFU_NEXT_INSTALLED;
		t->memo->under_way = 0;
	}
	return refused(t, result);
}

int secure_send_init(struct transfer *t, bool anew)
{
	uint16_t result = 0;
	int r = send_init(t, anew, &result);

	return r == OTADFU_OK ? judge(t, result) : r;
}
