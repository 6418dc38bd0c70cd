/* The firmware: object after object, from where the device stands (section 6.2). */
#include "secure_transfer.h"

enum {
	EXECUTE_MS = 10000,
	GONE_MS = 10000,
	OBJECT_RETRIES = 3,
	STUCK_LIMIT = 2,
	RESET_WAIT_MS = 1000,
	WORTH_TIMING = 3, /* objects to come */
};

void secure_set_pace(struct transfer *t)
{
	t->facts.caution = t->memo->caution;
	t->pace = secure_pace_of(&t->facts);
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
	secure_expect_reset(t);
	t->next->not_before_ms = RESET_WAIT_MS;
	return talk_fail(&t->talk, OTADFU_E_INTEGRITY, 0,
			 "the device took no data at all any more and was reset");
}

/* An object that arrived damaged has most likely left the flash queue full: no place for Create. */
static int step_down(struct transfer *t)
{
	int r;

	t->memo->caution = secure_step_down(&t->facts);
	secure_set_pace(t);
	secure_flash_fill(&t->flash, secure_now_ms(t));
	r = secure_wait_for_room(t, SECURE_FLASH_PLACES);
	return r == OTADFU_OK ? secure_do_set_receipts(t, t->pace.receipts) : r;
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
		r = secure_do_send(t, &rest, t->pace.receipts);
		if (r != SECURE_AGAIN)
			return r;
		stuck = t->held.offset == rest.from ? stuck + 1 : 0;
		if (stuck == STUCK_LIMIT)
			return reset_stuck(t);
		rest.from = start;
	}
	return SECURE_AGAIN;
}

/* Flash had nothing left to do; now come the settings, where progress is saved. */
static void flash_was_idle(struct transfer *t)
{
	uint32_t saving_ms = t->memo->timed ? t->memo->saving_ms : secure_settings_ms(&t->flash);

	secure_flash_empty(&t->flash);
	secure_flash_settings(&t->flash, secure_now_ms(t), saving_ms);
}

static int execute_object(struct transfer *t, bool maybe_executed)
{
	uint16_t result = 0;
	int r = secure_do_execute(t, EXECUTE_MS, &result);

	if (r < 0)
		return r;
	if (result == SECURE_SUCCESS) {
		flash_was_idle(t);
		return OTADFU_OK;
	}
	if (maybe_executed)
		return result == SECURE_NOT_PERMITTED ? OTADFU_OK : SECURE_AGAIN;
	if (result == SECURE_NOT_PERMITTED)
		return SECURE_AGAIN;
	return secure_refused(t, "a part of the firmware", result);
}

/*
 * Does this device save its progress (6.3)? Nothing says so but time: an Execute with nothing new
 * (section 9) is answered when the settings are in flash. Refused, it tells nothing.
 */
static int time_saving(struct transfer *t, uint32_t usual_ms)
{
	uint16_t result = 0;
	int r = secure_do_execute(t, EXECUTE_MS, &result);
	uint32_t longer_ms = t->answer_ms > usual_ms ? t->answer_ms - usual_ms : 0;

	if (r < 0)
		return r;
	t->memo->timed = 1;
	t->memo->saving_ms = result == SECURE_SUCCESS
				     ? secure_saving_ms(&t->facts, &t->flash, longer_ms)
				     : secure_settings_ms(&t->flash);
	if (result == SECURE_SUCCESS)
		flash_was_idle(t);
	return OTADFU_OK;
}

/* left: objects to come. */
static int finish_object(struct transfer *t, uint32_t left)
{
	uint32_t usual_ms = t->answer_ms; /* to Checksum */
	int r = execute_object(t, false);

	if (r == OTADFU_OK && !t->memo->timed && left >= WORTH_TIMING)
		r = time_saving(t, usual_ms);
	return r;
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
			r = finish_object(t, (total - end) / object_max);
		start = offset = end;
	}
	return r;
}

int secure_send_firmware(struct transfer *t)
{
	const struct otadfu_image *image = t->image;
	struct secure_answer selected;
	struct secure_plan plan;
	int r;

	secure_set_pace(t);
	r = secure_do_set_receipts(t, t->pace.receipts);
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
	/* The settings that hold the init packet are on their way to flash: Create needs room too.
	 */
	r = plan.way == SECURE_WAY_CREATE ? secure_wait_for_room(t, SECURE_FLASH_PLACES)
					  : OTADFU_OK;
	return r < 0 ? r : send_objects(t, &plan, selected.max_size);
}
