/* The firmware: object after object, from where the device stands (section 6.2). */
#include "secure_transfer.h"

enum {
	EXECUTE_MS = 10000,
	GONE_MS = 10000,
	OBJECT_RETRIES = 3,
	STUCK_LIMIT = 2,
	RESET_WAIT_MS = 1000,
	PAYLOAD_SDK_14 = 20,
	QUEUE_PAGES = 3, /* a full flash queue takes about as long as it takes to erase so many */
};

/* Section 8: how carefully objects are sent; each object that arrives damaged costs a step. */
static const struct pace {
	uint16_t window; /* packets between two receipts at the most; 0: as configured */
	uint16_t delay_ms;
} paces[] = { { 0, 0 }, { 4, 0 }, { 4, 400 }, { 1, 400 } };

enum { PACE_LAST = sizeof(paces) / sizeof(paces[0]) - 1 };

void secure_set_pace(struct transfer *t)
{
	const struct pace *pace = &paces[t->memo->caution];

	t->window = (uint16_t)secure_option(t, "receipts");
	t->delay_ms = secure_option(t, "object_delay_ms");
	if (pace->window != 0 && (t->window == 0 || t->window > pace->window))
		t->window = pace->window;
	if (t->delay_ms < pace->delay_ms)
		t->delay_ms = pace->delay_ms;
}

/* Section 7: a device whose receive buffers have leaked away takes nothing until it is reset. */
static int reset_stuck(struct transfer *t)
{
	struct secure_request request = secure_plain(SECURE_ABORT);
	int r = talk_try_write(&t->talk, request.bytes, request.len);

	if (r != OTADFU_E_CANCELLED)
		r = talk_wait_gone(&t->talk, GONE_MS);
	if (r == OTADFU_E_CANCELLED)
		return r;
	t->memo->under_way = 0;
	secure_expect_reset(t->next);
	t->next->not_before_ms = RESET_WAIT_MS;
	return talk_fail(&t->talk, OTADFU_E_INTEGRITY, 0,
			 "the device took no data at all any more and was reset");
}

/* An object that arrived damaged has most likely left the flash queue full: no place for Create. */
static int step_down(struct transfer *t)
{
	int r;

	if (t->memo->caution < PACE_LAST)
		t->memo->caution++;
	secure_set_pace(t);
	secure_flash_busy(t, QUEUE_PAGES * t->erase_ms);
	r = secure_wait_for_flash(t);
	return r == OTADFU_OK ? secure_do_set_receipts(t, t->window) : r;
}

static int create_object(struct transfer *t, uint32_t start, uint32_t end)
{
	uint16_t result = 0;
	int r = secure_do_create(t, SECURE_DATA, end - start, &result);

	if (r < 0)
		return r;
	/* Section 12: the device has another idea of where it stands, has lost the init packet,
	 * or could not erase. */
	if (result == SECURE_NOT_PERMITTED || result == SECURE_INVALID_PARAMETER ||
	    result == SECURE_INVALID_OBJECT)
		return SECURE_AGAIN;
	if (result != SECURE_SUCCESS)
		return secure_refused(t, "room for the firmware", result);
	/* After a roll back: is the boundary where we take it to be? */
	return t->held.offset == start ? OTADFU_OK : secure_do_check(t, t->image->data, start);
}

/* Sends one object from offset on; as often as the device asks for it by what it then holds. */
static int send_object(struct transfer *t, uint32_t start, uint32_t offset, uint32_t end)
{
	struct stretch rest = { t->image->data, offset, end };
	int stuck = 0;
	int r;

	for (int i = 0; i <= OBJECT_RETRIES; i++) {
		r = i > 0 ? step_down(t) : OTADFU_OK;
		if (r == OTADFU_OK && rest.from == start)
			r = create_object(t, start, end);
		if (r != OTADFU_OK)
			return r;
		r = secure_do_send(t, &rest, t->window);
		if (r != SECURE_AGAIN)
			return r;
		stuck = t->held.offset == rest.from ? stuck + 1 : 0;
		if (stuck == STUCK_LIMIT)
			return reset_stuck(t);
		rest.from = start;
	}
	return SECURE_AGAIN;
}

static int execute_object(struct transfer *t, bool maybe_executed)
{
	uint16_t result = 0;
	int r = secure_do_execute(t, EXECUTE_MS, &result);

	if (r < 0)
		return r;
	/* Section 6.3: up to SDK 14, whose MTU is 23, the settings are saved with each object. */
	if (t->payload <= PAYLOAD_SDK_14)
		secure_flash_busy(t, t->erase_ms);
	if (result == SECURE_SUCCESS)
		return OTADFU_OK;
	if (maybe_executed)
		return result == SECURE_NOT_PERMITTED ? OTADFU_OK : SECURE_AGAIN;
	if (result == SECURE_NOT_PERMITTED)
		return SECURE_AGAIN;
	return secure_refused(t, "a part of the firmware", result);
}

/* All objects from plan on; the last one is not executed. */
static int send_objects(struct transfer *t, const struct secure_plan *plan, uint32_t object_max)
{
	uint32_t total = (uint32_t)t->image->data_len;
	uint32_t start = plan->start;
	uint32_t offset = plan->offset;
	int r = OTADFU_OK;

	if (plan->way == SECURE_WAY_EXECUTE && offset < total)
		r = execute_object(t, true);
	while (r == OTADFU_OK && offset < total) {
		uint32_t end = total - start < object_max ? total : start + object_max;

		r = send_object(t, start, offset, end);
		if (r == OTADFU_OK && end < total)
			r = execute_object(t, false);
		start = offset = end;
	}
	return r;
}

int secure_send_firmware(struct transfer *t)
{
	const struct otadfu_image *image = t->image;
	struct secure_answer selected;
	struct secure_plan plan;
	int r = secure_do_set_receipts(t, t->window);

	if (r == OTADFU_OK)
		r = secure_do_select(t, SECURE_DATA, &selected);
	if (r < 0)
		return r;
	if (selected.max_size == 0)
		return talk_fail(&t->talk, OTADFU_E_PROTOCOL, 0,
				 "the device takes no data objects");
	t->held = (struct secure_held){ selected.offset, selected.crc };
	plan = secure_plan_data(&t->held, selected.max_size, image->data,
				(uint32_t)image->data_len);
	if (plan.way == SECURE_WAY_RESTART)
		return SECURE_AGAIN;
	if (plan.offset > 0)
		talk_tell(&t->talk, "the device holds %u of %zu bytes already", plan.offset,
			  image->data_len);
	talk_progress(&t->talk, plan.offset, image->data_len);
	/* The settings that hold the init packet fill the flash queue too. */
	r = plan.way == SECURE_WAY_CREATE ? secure_wait_for_flash(t) : OTADFU_OK;
	return r < 0 ? r : send_objects(t, &plan, selected.max_size);
}
