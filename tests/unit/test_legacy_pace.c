/* Receipts and the pace of legacy updates against scripts (legacy-dfu.md 7). */
#include "legacy_client_bench.h"
#include "legacy_transfer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* cmocka wants setjmp, stdarg, stddef and stdint first. */
#include <cmocka.h>

#define FIRST  "image 0 40 20; note 11 u32:40; "
#define SECOND "image 40 80 20; note 11 u32:80; "
#define LAST   "image 80 100 20; note 10 03 01; "
#define FOURS  "cp 08 04 00; cp 03; image 0 80 20; note 11 u32:80; image 80 100 20; "

static void receipt_that_comes_twice_is_taken_once(void **state)
{
	struct bench *bench = bench_of(state);

	assert_int_equal(update(bench, START INIT RECEIVE
				"image 0 40 20; note 11 u32:40; note 11 u32:40; "
				"image 40 80 20; note 11 u32:80; note 11 u32:80; " LAST VALID
					ACTIVATION),
			 OTADFU_OK);
	assert_string_equal(bench->peer.notes, "");
}

static void receipt_counts_bytes_and_not_packets(void **state)
{
	struct bench *bench = bench_of(state);

	assert_int_equal(update(bench, START INIT RECEIVE "image 0 40 20; note 11 u32:2; " RESET),
			 OTADFU_E_INTEGRITY);
	assert_said(bench, "counted 2 bytes where 40 had been sent");
}

static void receipt_that_does_not_come_slows_down(void **state)
{
	struct bench *bench = bench_of(state);

	bench->setup.options = "receipts=8";
	assert_int_equal(update(bench, START INIT "cp 08 08 00; cp 03; image 0 100 20; silence"),
			 OTADFU_E_TIMEOUT);
	assert_int_equal(bench->memo.receipts, 4);
	assert_int_equal(update(bench, START INIT "cp 08 04 00; cp 03; image 0 80 20; silence"),
			 OTADFU_E_TIMEOUT);
	assert_int_equal(bench->memo.receipts, 1);
	assert_int_equal(update(bench, START INIT "cp 08 01 00; cp 03; image 0 20 20; silence"),
			 OTADFU_E_TIMEOUT);
	assert_int_equal(bench->memo.receipts, 1);
}

static void what_worked_is_told_as_lines_of_a_profile(void **state)
{
	struct bench *bench = bench_of(state);

	bench->memo.receipts = 4;
	assert_int_equal(update(bench, START INIT FOURS "note 10 03 01; " VALID ACTIVATION),
			 OTADFU_OK);
	assert_string_equal(bench->peer.notes, "keep in the profile: legacy: { receipts: 4 }\n");
}

static void nothing_is_told_where_nothing_was_slowed_down(void **state)
{
	struct bench *bench = bench_of(state);

	assert_int_equal(update(bench, WHOLE), OTADFU_OK);
	assert_string_equal(bench->peer.notes, "");
}

static void error_is_heard_while_a_receipt_is_waited_for(void **state)
{
	struct bench *bench = bench_of(state);

	assert_int_equal(update(bench,
				START INIT RECEIVE FIRST "image 40 80 20; note 10 03 06; " RESET),
			 OTADFU_E_INTEGRITY);
	assert_int_equal(bench->peer.failure.detail, 6);
}

static void long_packets_are_given_up_before_receipts_are(void **state)
{
	struct bench *bench = bench_of(state);

	bench->setup.options = "receipts=8 packet_size=100";
	bench->setup.max_write = 244;
	assert_int_equal(update(bench, START INIT "cp 08 08 00; cp 03; image 0 100 100; silence"),
			 OTADFU_E_TIMEOUT);
	assert_int_equal(bench->memo.packet_size, 20);
	assert_int_equal(bench->memo.receipts, 0);
	assert_int_equal(
		update(bench, START INIT
		       "cp 08 08 00; cp 03; image 0 100 20; note 10 03 01; " VALID ACTIVATION),
		OTADFU_OK);
	assert_string_equal(bench->peer.notes,
			    "keep in the profile: legacy: { packet_size: 20 }\n");
}

static void long_packets_that_are_refused_are_sent_short(void **state)
{
	struct bench *bench = bench_of(state);

	bench->setup.options = "receipts=1 packet_size=48";
	bench->setup.max_write = 244;
	assert_int_equal(update(bench, START INIT
				"cp 08 01 00; cp 03; image 0 48 48; note 10 03 03; " RESET),
			 OTADFU_E_INTEGRITY);
	assert_restart_expected(bench, 1000);
	assert_said(bench, "the next attempt sends 20 bytes in each");
	assert_int_equal(bench->memo.packet_size, 20);
}

/* A late answer of an earlier connection, for instance. */
static void stale_answers_are_dropped_before_start(void **state)
{
	struct bench *bench = bench_of(state);

	assert_int_equal(update(bench, "note 10 01 02; note 11 u32:400; " WHOLE), OTADFU_OK);
}

static void receipts_and_answers_to_other_requests_are_ignored_at_the_end(void **state)
{
	struct bench *bench = bench_of(state);

	assert_int_equal(update(bench, START INIT RECEIVE FIRST SECOND
				"image 80 100 20; note 11 u32:100; note 10 03 01; cp 04; "
				"note 10 03 01; note 10 04 01; " ACTIVATION),
			 OTADFU_OK);
}

static void return_of_a_large_application_is_given_time_to_copy(void **state)
{
	(void)state;
	assert_int_equal(legacy_flash_ms(30000, 142 * 1024), 30000);
	assert_int_equal(legacy_flash_ms(30000, 800 * 1024), 96000);
	assert_int_equal(legacy_flash_ms(60000, 800 * 1024), 96000);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(receipt_that_comes_twice_is_taken_once),
		cmocka_unit_test(receipt_counts_bytes_and_not_packets),
		cmocka_unit_test(receipt_that_does_not_come_slows_down),
		cmocka_unit_test(what_worked_is_told_as_lines_of_a_profile),
		cmocka_unit_test(nothing_is_told_where_nothing_was_slowed_down),
		cmocka_unit_test(error_is_heard_while_a_receipt_is_waited_for),
		cmocka_unit_test(long_packets_are_given_up_before_receipts_are),
		cmocka_unit_test(long_packets_that_are_refused_are_sent_short),
		cmocka_unit_test(stale_answers_are_dropped_before_start),
		cmocka_unit_test(receipts_and_answers_to_other_requests_are_ignored_at_the_end),
		cmocka_unit_test(return_of_a_large_application_is_given_time_to_copy),
	};

	return cmocka_run_group_tests_name("legacy_pace", tests, NULL, NULL);
}
