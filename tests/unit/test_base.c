#include "bytes.h"
#include "clock.h"
#include "error.h"
#include "text.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

/* cmocka wants the four above first. */
#include <cmocka.h>

static void cursor_never_passes_its_end(void **state)
{
	static const uint8_t data[] = { 1, 2, 3, 4, 5 };
	struct cursor c = cursor_over(data, sizeof(data));

	(void)state;
	assert_int_equal(cursor_le32(&c), 0x04030201);
	assert_int_equal(cursor_le16(&c), 0);
	assert_true(c.failed);
	assert_int_equal(cursor_u8(&c), 0);
	assert_null(cursor_take(&c, 0));
}

static void first_failure_is_kept(void **state)
{
	struct failure why = { 0 };

	(void)state;
	assert_int_equal(failure_set(&why, OTADFU_E_TIMEOUT, 7, "first %d", 1), OTADFU_E_TIMEOUT);
	assert_int_equal(failure_set(&why, OTADFU_E_IO, 8, "second"), OTADFU_E_IO);
	assert_int_equal(why.code, OTADFU_E_TIMEOUT);
	assert_int_equal(why.detail, 7);
	assert_string_equal(why.text, "first 1");
	assert_int_equal(failure_set(NULL, OTADFU_E_IO, 0, "nobody listens"), OTADFU_E_IO);
}

static void every_code_has_a_name(void **state)
{
	(void)state;
	for (int code = OTADFU_E_ATT; code <= OTADFU_OK; code++)
		assert_string_not_equal(error_name(code), "unknown");
	assert_string_equal(error_name(1), "unknown");
	assert_string_equal(error_name(-1000), "unknown");
	assert_true(error_is_retryable(OTADFU_E_DISCONNECTED));
	assert_false(error_is_retryable(OTADFU_E_REJECTED));
}

static void integers_are_whole_words(void **state)
{
	static const char *const bad[] = { "",     " 1",  "1 ",   "0x", "--1",
					   "0x-1", "1.5", "12ab", "+",  "99999999999999999999",
					   "0xG" };
	int64_t value = 42;

	(void)state;
	assert_true(text_to_int("-0x10", &value));
	assert_int_equal(value, -16);
	assert_true(text_to_int("010", &value));
	assert_int_equal(value, 10);
	value = 42;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(text_to_int(bad[i], &value));
	assert_int_equal(value, 42);
}

static void choices_match_whole_words(void **state)
{
	(void)state;
	assert_true(text_is_choice("b", "a|b|c"));
	assert_true(text_is_choice("c", "a|b|c"));
	assert_false(text_is_choice("a|b", "a|b|c"));
	assert_false(text_is_choice("", "a|b|c"));
	assert_false(text_is_choice("d", "a|b|c"));
}

static void control_characters_are_masked(void **state)
{
	char text[] = "a\x1b[2Jb\nc";

	(void)state;
	text_make_printable(text);
	assert_string_equal(text, "a?[2Jb?c");
}

static void virtual_time_jumps_when_the_only_task_waits(void **state)
{
	struct clock *clock = clock_new();
	uint64_t begin;

	(void)state;
	assert_int_equal(clock_make_virtual(clock), OTADFU_OK);
	begin = clock_now_ms(clock);
	assert_int_equal(clock_wait(clock, begin + 3600000, -1), OTADFU_OK);
	assert_int_equal(clock_now_ms(clock), begin + 3600000);
	assert_int_equal(clock_wait(clock, begin, -1), OTADFU_OK);
	clock_free(clock);
}

static void real_time_and_virtual_time_exclude_each_other(void **state)
{
	struct clock *clock = clock_new();

	(void)state;
	assert_int_equal(clock_hold_real(clock), OTADFU_OK);
	assert_int_equal(clock_make_virtual(clock), OTADFU_E_UNSUPPORTED);
	clock_release_real(clock);
	assert_int_equal(clock_make_virtual(clock), OTADFU_OK);
	assert_int_equal(clock_hold_real(clock), OTADFU_E_UNSUPPORTED);
	clock_free(clock);
}

struct walker {
	struct clock *clock;
	uint64_t step_ms;
	uint64_t begin_ms;
	int laps;
};

static void *walk(void *user)
{
	struct walker *walker = user;

	bool passed = false;

	for (int i = 1; i <= walker->laps && !passed; i++) {
		uint64_t deadline = walker->begin_ms + (uint64_t)i * walker->step_ms;

		clock_wait(walker->clock, deadline, -1);
		/* Nobody may have pushed time past a deadline that was still waited for. */
		passed = clock_now_ms(walker->clock) != deadline;
	}
	clock_leave(walker->clock);
	return passed ? walker : NULL;
}

static void time_never_passes_a_waiting_task(void **state)
{
	struct clock *clock = clock_new();
	struct walker walkers[4];
	pthread_t threads[4];

	(void)state;
	clock_make_virtual(clock);
	for (size_t i = 0; i < 4; i++) {
		walkers[i] = (struct walker){ clock, 3 + i, clock_now_ms(clock), 500 };
		clock_join(clock);
	}
	for (size_t i = 0; i < 4; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, walk, &walkers[i]), 0);
	clock_leave(clock);
	for (size_t i = 0; i < 4; i++) {
		void *lost;

		pthread_join(threads[i], &lost);
		assert_null(lost);
	}
	clock_free(clock);
}

static void cancel_ends_a_wait(void **state)
{
	struct clock *clock = clock_new();
	int fd = eventfd(0, EFD_CLOEXEC);

	(void)state;
	assert_int_equal(clock_wait(clock, clock_now_ms(clock) + 1, fd), OTADFU_OK);
	assert_int_equal(eventfd_write(fd, 1), 0);
	assert_int_equal(clock_wait(clock, clock_now_ms(clock) + 60000, fd), OTADFU_E_CANCELLED);
	clock_make_virtual(clock);
	assert_int_equal(clock_wait(clock, clock_now_ms(clock) + 60000, fd), OTADFU_E_CANCELLED);
	close(fd);
	clock_free(clock);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(cursor_never_passes_its_end),
		cmocka_unit_test(first_failure_is_kept),
		cmocka_unit_test(every_code_has_a_name),
		cmocka_unit_test(integers_are_whole_words),
		cmocka_unit_test(choices_match_whole_words),
		cmocka_unit_test(control_characters_are_masked),
		cmocka_unit_test(virtual_time_jumps_when_the_only_task_waits),
		cmocka_unit_test(real_time_and_virtual_time_exclude_each_other),
		cmocka_unit_test(time_never_passes_a_waiting_task),
		cmocka_unit_test(cancel_ends_a_wait),
	};

	return cmocka_run_group_tests_name("base", tests, NULL, NULL);
}
