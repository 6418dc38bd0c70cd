/* Link loss and recovery of legacy updates against scripts (legacy-dfu.md 9.1). */
#include "legacy_client_bench.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* cmocka wants setjmp, stdarg, stddef and stdint first. */
#include <cmocka.h>

#define FIRST "image 0 40 20; note 11 u32:40; "
/* 80 bytes are sent, 40 confirmed. */
#define BROKEN   START INIT RECEIVE FIRST "image 40 80 20; lost; "
#define HOLDS_60 "cp 07; note 10 07 01 u32:60; "
#define REST     RECEIVE "image 60 100 20; note 10 03 01; "

static struct bench *broken_bench(void **state, const char *options)
{
	struct bench *bench = bench_of(state);

	bench->setup.options = options;
	assert_int_equal(update(bench, BROKEN), OTADFU_E_DISCONNECTED);
	return bench;
}

static void lost_link_is_taken_up_at_either_address_even_if_directed(void **state)
{
	struct bench *bench = broken_bench(state, "receipts=2");

	assert_restart_expected(bench, 0);
	assert_int_equal(bench->next.flags, OTADFU_NEXT_DIRECTED);
}

static void bootloader_that_was_reset_meanwhile_is_begun_with_anew(void **state)
{
	struct bench *bench = broken_bench(state, "receipts=2");

	assert_int_equal(update(bench, WHOLE), OTADFU_OK);
}

static void bootloader_that_was_not_is_reset_and_begun_with_anew(void **state)
{
	struct bench *bench = broken_bench(state, "receipts=2");

	assert_int_equal(update(bench, START_REQUEST "note 10 01 02; " RESET), OTADFU_E_BUSY);
	assert_restart_expected(bench, 1000);
	assert_int_equal(bench->next.flags, 0);
	assert_int_equal(update(bench, WHOLE), OTADFU_OK);
}

/* The device does not forget the sizes of a refused Start: nothing can go on after it. */
static void refused_start_is_never_gone_on_from(void **state)
{
	struct bench *bench = broken_bench(state, "receipts=2 keeps_state=1");

	bench->memo.sent_kind = OTADFU_IMAGE_SOFTDEVICE;
	assert_int_equal(update(bench, START_REQUEST "note 10 01 02; cp 06; stays"), OTADFU_E_BUSY);
	assert_int_equal(bench->memo.sent, 0);
}

static void held_part_is_gone_on_with_where_the_profile_says_so(void **state)
{
	struct bench *bench = broken_bench(state, "receipts=2 keeps_state=1");

	assert_int_equal(update(bench, HOLDS_60 REST VALID ACTIVATION), OTADFU_OK);
	assert_int_equal(bench->peer.done, SHORT_LEN);
}

static void held_part_is_not_asked_for_otherwise(void **state)
{
	struct bench *bench = broken_bench(state, "receipts=2");

	assert_int_equal(attempt(bench, WHOLE), OTADFU_OK);
	bench = bench_of(state);
	bench->setup.options = "receipts=2 keeps_state=1";
	assert_int_equal(update(bench, WHOLE), OTADFU_OK);
}

static void receipts_after_going_on_count_the_whole(void **state)
{
	struct bench *bench = broken_bench(state, "receipts=2 keeps_state=1");

	bench->setup.options = "receipts=1 keeps_state=1";
	assert_int_equal(update(bench,
				HOLDS_60 "cp 08 01 00; cp 03; image 60 80 20; note 11 u32:80; "
					 "image 80 100 20; note 10 03 01; " VALID ACTIVATION),
			 OTADFU_OK);
}

static void whole_image_that_is_held_is_only_validated(void **state)
{
	struct bench *bench = bench_of(state);

	bench->setup.options = "receipts=2 keeps_state=1";
	assert_int_equal(update(bench, START INIT RECEIVE FIRST
				"image 40 80 20; note 11 u32:80; image 80 100 20; lost"),
			 OTADFU_E_DISCONNECTED);
	assert_int_equal(update(bench, "cp 07; note 10 07 01 u32:100; " VALID ACTIVATION),
			 OTADFU_OK);
}

static void held_part_that_cannot_be_right_is_not_gone_on_with(void **state)
{
	static const char *const answers[] = {
		"cp 07; note 10 07 01 u32:0; ",  "cp 07; note 10 07 01 u32:100; ",
		"cp 07; note 10 07 01 u32:50; ", "cp 07; note 10 07 01; ",
		"cp 07; note 10 07 03 u32:60; ", "cp 07; silence; ",
	};

	for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
		struct bench *bench = broken_bench(state, "receipts=2 keeps_state=1");
		char script[512] = "";

		strcat(script, answers[i]);
		strcat(script, WHOLE);
		assert_int_equal(update(bench, script), OTADFU_OK);
	}
}

/* Validate is the only proof there is. */
static void part_that_was_wrong_costs_a_reset_and_all_anew(void **state)
{
	struct bench *bench = broken_bench(state, "receipts=2 keeps_state=1");

	assert_int_equal(update(bench, HOLDS_60 REST "cp 04; note 10 04 05; " RESET),
			 OTADFU_E_INTEGRITY);
	assert_restart_expected(bench, 1000);
	assert_int_equal(bench->memo.sent, 0);
	assert_int_equal(attempt(bench, START INIT "cp 08 01 00; cp 03; image 0 20 20; lost"),
			 OTADFU_E_DISCONNECTED);
}

static void unanswered_start_is_tried_once_more_after_twelve_seconds(void **state)
{
	struct bench *bench = bench_of(state);

	assert_int_equal(update(bench, START_REQUEST "silence; cp 06; stays"), OTADFU_E_TIMEOUT);
	assert_restart_expected(bench, 12000);
	assert_int_equal(update(bench, START_REQUEST "silence"), OTADFU_E_UNSUPPORTED);
	assert_said(bench, "did not answer Start within 60 s");
}

static void start_that_is_answered_after_that_forgets_the_silence(void **state)
{
	struct bench *bench = bench_of(state);

	assert_int_equal(update(bench, START_REQUEST "silence; cp 06; lost"), OTADFU_E_TIMEOUT);
	assert_int_equal(update(bench, WHOLE), OTADFU_OK);
	assert_int_equal(bench->memo.silent, 0);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(lost_link_is_taken_up_at_either_address_even_if_directed),
		cmocka_unit_test(bootloader_that_was_reset_meanwhile_is_begun_with_anew),
		cmocka_unit_test(bootloader_that_was_not_is_reset_and_begun_with_anew),
		cmocka_unit_test(refused_start_is_never_gone_on_from),
		cmocka_unit_test(held_part_is_gone_on_with_where_the_profile_says_so),
		cmocka_unit_test(held_part_is_not_asked_for_otherwise),
		cmocka_unit_test(receipts_after_going_on_count_the_whole),
		cmocka_unit_test(whole_image_that_is_held_is_only_validated),
		cmocka_unit_test(held_part_that_cannot_be_right_is_not_gone_on_with),
		cmocka_unit_test(part_that_was_wrong_costs_a_reset_and_all_anew),
		cmocka_unit_test(unanswered_start_is_tried_once_more_after_twelve_seconds),
		cmocka_unit_test(start_that_is_answered_after_that_forgets_the_silence),
	};

	return cmocka_run_group_tests_name("legacy_resume", tests, NULL, NULL);
}
