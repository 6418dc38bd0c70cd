#include "timeline.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

struct note {
	struct timeline *timeline;
	struct timer timer;
	char *log; /* one letter for each that fired */
	char letter;
	struct note *arms; /* armed for the same instant when this fires */
};

static void fire(void *user)
{
	struct note *note = user;
	size_t len = strlen(note->log);

	note->log[len] = note->letter;
	if (note->arms)
		timeline_arm(note->timeline, &note->arms->timer, note->timeline->now_us, fire,
			     note->arms);
}

static void arm(struct note *note, uint64_t due_us)
{
	timeline_arm(note->timeline, &note->timer, due_us, fire, note);
}

static void timers_fire_by_time_then_by_order_of_arming(void **state)
{
	struct timeline timeline = { 0 };
	char log[8] = "";
	struct note a = { &timeline, { 0 }, log, 'a', NULL };
	struct note b = { &timeline, { 0 }, log, 'b', NULL };
	struct note c = { &timeline, { 0 }, log, 'c', NULL };

	(void)state;
	arm(&b, 20);
	arm(&c, 20);
	arm(&a, 10);
	timeline_advance(&timeline, 20);
	assert_string_equal(log, "abc");
	assert_int_equal(timeline.now_us, 20);
}

static void nothing_fires_before_its_time(void **state)
{
	struct timeline timeline = { 0 };
	char log[8] = "";
	struct note a = { &timeline, { 0 }, log, 'a', NULL };

	(void)state;
	arm(&a, 10);
	timeline_advance(&timeline, 9);
	assert_string_equal(log, "");
	assert_int_equal(timeline_next_us(&timeline), 10);
}

static void arming_again_moves_a_timer(void **state)
{
	struct timeline timeline = { 0 };
	char log[8] = "";
	struct note a = { &timeline, { 0 }, log, 'a', NULL };

	(void)state;
	arm(&a, 10);
	arm(&a, 30);
	timeline_advance(&timeline, 20);
	assert_string_equal(log, "");
	timeline_advance(&timeline, 30);
	assert_string_equal(log, "a");
}

static void a_disarmed_timer_is_gone(void **state)
{
	struct timeline timeline = { 0 };
	char log[8] = "";
	struct note a = { &timeline, { 0 }, log, 'a', NULL };
	struct note b = { &timeline, { 0 }, log, 'b', NULL };

	(void)state;
	arm(&a, 10);
	arm(&b, 10);
	timeline_disarm(&timeline, &a.timer);
	timeline_disarm(&timeline, &a.timer);
	timeline_advance(&timeline, 10);
	assert_string_equal(log, "b");
	assert_int_equal(timeline_next_us(&timeline), UINT64_MAX);
}

static void what_fires_may_arm_for_the_same_instant(void **state)
{
	struct timeline timeline = { 0 };
	char log[8] = "";
	struct note b = { &timeline, { 0 }, log, 'b', NULL };
	struct note a = { &timeline, { 0 }, log, 'a', &b };

	(void)state;
	arm(&a, 10);
	timeline_advance(&timeline, 10);
	assert_string_equal(log, "ab");
}

static void fire_next_stops_after_one(void **state)
{
	struct timeline timeline = { 0 };
	char log[8] = "";
	struct note a = { &timeline, { 0 }, log, 'a', NULL };
	struct note b = { &timeline, { 0 }, log, 'b', NULL };

	(void)state;
	arm(&a, 10);
	arm(&b, 10);
	assert_true(timeline_fire_next(&timeline, 10));
	assert_string_equal(log, "a");
	assert_true(timeline_fire_next(&timeline, 10));
	assert_false(timeline_fire_next(&timeline, 10));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(timers_fire_by_time_then_by_order_of_arming),
		cmocka_unit_test(nothing_fires_before_its_time),
		cmocka_unit_test(arming_again_moves_a_timer),
		cmocka_unit_test(a_disarmed_timer_is_gone),
		cmocka_unit_test(what_fires_may_arm_for_the_same_instant),
		cmocka_unit_test(fire_next_stops_after_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
