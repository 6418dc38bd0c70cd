/* Deadlines, cancellation, and answers that come after them. */
#include "blocking.h"
#include "cases.h"
#include "steps.h"

enum { ROUNDING_MS = 2 };

static bool expect_ending(struct trial *t, const struct blocking *blocking, int wanted)
{
	if (blocking->may_not_block && t->code == OTADFU_OK)
		return expect_prompt(t, 0) && note(t, "it never had to wait");
	if (blocking->may_give_up && t->code == OTADFU_E_TIMEOUT && t->ended_ms < t->due_ms)
		return note(t, "it gave up %u ms early", (unsigned)(t->due_ms - t->ended_ms));
	return expect_code(t, wanted, blocking->name) &&
	       expect(t, t->ended_ms + ROUNDING_MS >= t->due_ms, "it ended %u ms too early",
		      (unsigned)(t->due_ms - t->ended_ms)) &&
	       expect_prompt(t, 0);
}

bool case_deadline(struct trial *t)
{
	const struct blocking *blocking = t->subject->blocking;

	if (!blocking->prepare(t, 0))
		return false;
	t->due_ms = in_ms(t, BLOCK_MS);
	blocking->invoke(t, t->due_ms);
	return expect_ending(t, blocking, blocking->at_deadline);
}

bool case_cancel(struct trial *t)
{
	const struct blocking *blocking = t->subject->blocking;

	if (!blocking->prepare(t, 0))
		return false;
	t->due_ms = in_ms(t, BLOCK_MS);
	stopper_set(&t->rig->stopper, t->due_ms);
	blocking->invoke(t, in_ms(t, LAST_RESORT_MS));
	stopper_clear(&t->rig->stopper);
	return expect_ending(t, blocking, OTADFU_E_CANCELLED);
}

static bool ends_at_once(struct trial *t, const struct blocking *blocking)
{
	t->due_ms = now_ms(t);
	blocking->invoke(t, t->due_ms - 1);
	if (blocking->may_not_block && t->code == OTADFU_OK)
		t->code = OTADFU_E_TIMEOUT;
	t->due_ms = 0;
	return expect_code(t, OTADFU_E_TIMEOUT, blocking->name) && expect_prompt(t, 0);
}

bool case_past(struct trial *t)
{
	static const uint8_t data[3];
	struct value value;

	if (!ends_at_once(t, &blocking_connect) || !begin(t) || !subscribe_to(t, SERVICE_ECHO) ||
	    !subscribe_to(t, SERVICE_BURST))
		return false;
	try_write(t, SERVICE_ECHO, data, sizeof(data), in_ms(t, PATIENCE_MS));
	if (!expect_code(t, OTADFU_OK, "write"))
		return false;
	/* What is there already is had without waiting. */
	let_pass(t, BLOCK_MS + t->rig->job->slack_ms);
	try_wait(t, SERVICE_ECHO, sizeof(value.data), &value, now_ms(t) - 1);
	return expect_code(t, OTADFU_OK, "wait for a value that has come") &&
	       ends_at_once(t, &blocking_wait) && ends_at_once(t, &blocking_wait_gone) &&
	       control(t, service_hold(SERVICE_NOW, hold_ms(t))) &&
	       ends_at_once(t, &blocking_read) && ends_at_once(t, &blocking_write) &&
	       /* Last: a request would have to wait behind all these packets. */
	       ends_at_once(t, &blocking_write_cmd);
}

/* --- late answers --- */

typedef bool abandon_fn(struct trial *t, const struct blocking *blocking);

static bool abandon_by_timeout(struct trial *t, const struct blocking *blocking)
{
	blocking->invoke(t, in_ms(t, BLOCK_MS));
	return expect_code(t, OTADFU_E_TIMEOUT, blocking->name);
}

static bool abandon_by_cancel(struct trial *t, const struct blocking *blocking)
{
	stopper_set(&t->rig->stopper, in_ms(t, BLOCK_MS));
	blocking->invoke(t, in_ms(t, LAST_RESORT_MS));
	stopper_clear(&t->rig->stopper);
	return expect_code(t, OTADFU_E_CANCELLED, blocking->name);
}

/* While the answer is out, the next request keeps its own deadline; then it gets its own answer. */
static bool get_own_answer(struct trial *t, abandon_fn *abandon, const struct blocking *blocking)
{
	struct value value;

	if (!control(t, service_fill(10)) || !control(t, service_hold(SERVICE_NOW, hold_ms(t))) ||
	    !abandon(t, blocking))
		return false;
	t->due_ms = in_ms(t, BLOCK_MS);
	try_read(t, SERVICE_ECHO, sizeof(value.data), &value, t->due_ms);
	t->due_ms = 0;
	return expect_code(t, OTADFU_E_TIMEOUT, "the request behind an unanswered one") &&
	       expect_prompt(t, 0) && read_value(t, SERVICE_ECHO, &value) &&
	       expect(t, value.len == 10 && service_is_pattern(value.data, value.len),
		      "read of Echo gave %zu bytes that are not its own", value.len) &&
	       fill_and_read(t, 20);
}

static void invoke_refused_write(struct trial *t, uint64_t deadline_ms)
{
	static const uint8_t data[1];

	try_write(t, SERVICE_REFUSED, data, sizeof(data), deadline_ms);
}

bool case_late_timeout(struct trial *t)
{
	static const struct blocking refused_write = { .name = "write",
						       .invoke = invoke_refused_write };

	return begin(t) && get_own_answer(t, abandon_by_timeout, &blocking_read) &&
	       get_own_answer(t, abandon_by_timeout, &refused_write);
}

bool case_late_cancel(struct trial *t)
{
	return begin(t) && get_own_answer(t, abandon_by_cancel, &blocking_read);
}
