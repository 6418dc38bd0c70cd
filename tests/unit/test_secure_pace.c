/* Secure updates: the pace of the data, and what the client makes of receipts (secure-dfu.md 7, 8).
 */
#include "secure_bench.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

/* cmocka wants setjmp, stdarg, stddef and stdint first. */
#include <cmocka.h>

#define DAMAGED_AGAIN                                                                              \
	"receipts 01; create 80; sleep 400; check 0; image 0 20 20; receipt-bad 20; check-bad "    \
	"20; "
#define FOUR_DAMAGED                                                                               \
	"create 80; image 0 80 20; check-bad 80; "                                                 \
	"receipts 04; create 80; check 0; image 0 80 20; receipt-bad 80; check-bad 80; "           \
	"receipts 04; create 80; sleep 400; check 0; image 0 80 20; receipt-bad 80; check-bad "    \
	"80; " DAMAGED_AGAIN
#define FOUR_MORE_DAMAGED                                                                          \
	"create 80; sleep 400; image 0 20 20; receipt-bad 20; check-bad 20; " DAMAGED_AGAIN        \
		DAMAGED_AGAIN DAMAGED_AGAIN

/* After the init packet the settings and their backup are erased and written, 282 ms at the most.
 */
static void first_object_waits_until_the_settings_are_written(void **state)
{
	struct bench *bench = bench_of(state);

	bench->setup.options = NULL;
	bench->image.data_len = 240;
	assert_int_equal(update(bench, INIT "receipts 0b; pass 60; select-page 0; sleep 222; "
					    "create 240; image 0 220 20; receipt 220; "
					    "image 220 240 20; check 240; " END),
			 OTADFU_OK);
}

/* 17 packets of 20: 11 surely find room while the page is erased, 6 wait for its end. */
static void first_burst_is_bounded_until_the_page_is_erased(void **state)
{
	struct bench *bench = bench_of(state);

	bench->setup.options = NULL;
	bench->image.data_len = 340;
	assert_int_equal(update(bench, INIT "receipts 0b; pass 300; select-page 0; create 340; "
					    "image 0 220 20; pass 30; receipt 220; sleep 71; "
					    "image 220 340 20; check 340; " END),
			 OTADFU_OK);
}

static void burst_is_bounded_where_receipts_are_rarer(void **state)
{
	struct bench *bench = bench_of(state);

	bench->setup.options = "receipts=20";
	bench->image.data_len = 340;
	assert_int_equal(update(bench, INIT
				"receipts 14; pass 300; select-page 0; create 340; "
				"image 0 220 20; sleep 101; image 220 340 20; check 340; " END),
			 OTADFU_OK);
}

static void page_erased_meanwhile_needs_no_pause(void **state)
{
	struct bench *bench = bench_of(state);

	bench->setup.options = NULL;
	bench->image.data_len = 340;
	assert_int_equal(update(bench,
				INIT "receipts 0b; pass 300; select-page 0; create 340; "
				     "image 0 220 20; pass 150; receipt 220; image 220 340 20; "
				     "check 340; " END),
			 OTADFU_OK);
}

#define OBJECTS_OF_300 "cp 06 02; note 60 06 01 u32:300 u32:0 u32:0; "
#define FIRST_OF_300                                                                               \
	"create 300; image 0 220 20; receipt 220; image 220 300 20; check 300; execute; "

/* Section 6.3: progress may be saved with each object, before the next page is erased. */
static void settings_saved_with_each_object_take_their_time(void **state)
{
	struct bench *bench = bench_of(state);

	bench->setup.options = NULL;
	bench->image.data_len = 600;
	assert_int_equal(update(bench, INIT "receipts 0b; pass 300; " OBJECTS_OF_300 FIRST_OF_300
					    "create 300; image 300 520 20; receipt 520; sleep 282; "
					    "image 520 600 20; check 600; " END),
			 OTADFU_OK);
}

static void settings_that_are_not_saved_are_not_waited_for(void **state)
{
	struct bench *bench = bench_of(state);

	bench->memo.timed = 1;
	bench->setup.options = NULL;
	bench->image.data_len = 600;
	assert_int_equal(update(bench, INIT "receipts 0b; pass 300; " OBJECTS_OF_300 FIRST_OF_300
					    "create 300; image 300 520 20; receipt 520; "
					    "image 520 600 20; check 600; " END),
			 OTADFU_OK);
	/* The bootloader that comes back may be another one. */
	assert_int_equal(bench->memo.timed, 0);
}

#define SMALL_OBJECTS                                                                              \
	OBJECT_2 "execute; create 80; image 160 200 20; receipt 200; image 200 240 20; "           \
		 "receipt 240; check 240; execute; create 80; image 240 280 20; receipt 280; "     \
		 "image 280 320 20; receipt 320; check 320; cp 04 -> lost"

/* An Execute with nothing new is answered when the settings are in flash. */
static void one_more_execute_tells_how_long_progress_is_saved(void **state)
{
	static const struct {
		const char *answer;
		uint32_t saving_ms;
	} cases[] = {
		{ "cp 04; pass 45; note 60 04 01; ", 0 },
		{ "cp 04; pass 200; note 60 04 01; ", 250 },
		/* Refused it tells nothing: the longest is assumed. */
		{ "cp 04; pass 45; note 60 04 08; ", 282 },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct bench *bench = bench_of(state);
		char script[4096];

		bench->setup.options = "receipts=2";
		bench->image.data_len = 320;
		snprintf(script, sizeof(script), "%s%s%s",
			 INIT "receipts 02; pass 300; select 0; " OBJECT_1 "execute; ",
			 cases[i].answer, SMALL_OBJECTS);
		/* The last Execute is not answered: then nothing is forgotten. */
		assert_int_equal(attempt(bench, script), OTADFU_E_DISCONNECTED);
		assert_int_equal(bench->memo.timed, 1);
		assert_int_equal(bench->memo.saving_ms, cases[i].saving_ms);
	}
}

/* Create finds no place in a flash queue that the lost packets have left full. */
static void damaged_object_is_created_again_when_the_flash_is_free(void **state)
{
	struct bench *bench = bench_of(state);

	bench->setup.options = NULL;
	bench->image.data_len = 80;
	assert_int_equal(update(bench, INIT
				"receipts 0b; pass 300; select-page 0; create 80; "
				"image 0 80 20; check-bad 80; sleep 312; receipts 04; "
				"create 80; check 0; image 0 80 20; receipt 80; check 80; " END),
			 OTADFU_OK);
}

static void delay_after_create_is_an_option(void **state)
{
	struct bench *bench = bench_of(state);

	bench->setup.options = "receipts=0 object_delay_ms=400 page_erase_ms=0";
	bench->image.data_len = 80;
	assert_int_equal(update(bench, INIT "receipts 00; select 0; create 80; sleep 400; image 0 "
					    "80 20; check 80; " END),
			 OTADFU_OK);
}

static void damaged_object_is_created_again_more_carefully_each_time(void **state)
{
	struct bench *bench = bench_of(state);

	bench->setup.options = "receipts=0 page_erase_ms=0";
	bench->image.data_len = 80;
	assert_int_equal(
		update(bench,
		       INIT "receipts 00; select 0; create 80; image 0 80 20; check-bad 80; "
			    "receipts 04; create 80; check 0; image 0 80 20; receipt-bad 60; "
			    "check-bad 60; receipts 04; create 80; sleep 400; check 0; image 0 80 "
			    "20; receipt-bad 80; check-bad 80; receipts 01; create 80; sleep 400; "
			    "check 0; image 0 20 20; receipt 20; image 20 40 20; receipt 40; image "
			    "40 60 20; receipt 60; image 60 80 20; receipt 80; check 80; " END),
		OTADFU_OK);
	assert_int_equal(bench->memo.caution, 4);
	assert_non_null(strstr(bench->peer.notes, "receipts: 1, object_delay_ms: 400"));
}

static void care_is_kept_for_the_next_connection(void **state)
{
	struct bench *bench = bench_of(state);

	bench->memo.caution = 3;
	bench->setup.options = "page_erase_ms=0";
	bench->image.data_len = 80;
	assert_int_equal(update(bench, INIT "receipts 04; select 0; create 80; sleep 400; image 0 "
					    "80 20; receipt 80; check 80; " END),
			 OTADFU_OK);
}

static void after_four_damaged_objects_all_begins_anew_and_then_fails(void **state)
{
	struct bench *bench = bench_of(state);

	bench->setup.options = "receipts=0 page_erase_ms=0";
	bench->image.data_len = 80;
	assert_int_equal(update(bench, INIT "receipts 00; select 0; " FOUR_DAMAGED
					    "select-init 21; receipts 00; create-init; " INIT_PACKET
					    "execute; receipts 01; select 0; " FOUR_MORE_DAMAGED),
			 OTADFU_E_INTEGRITY);
	assert_said(bench, "keeps arriving damaged");
	assert_int_equal(bench->memo.restarted, 1);
}

/* "PRN 2, one write lost in the flash queue when due": 0 by mistake, nothing is missing. */
static void receipt_of_zero_is_checked_against_the_truth(void **state)
{
	struct bench *bench = bench_of(state);

	bench->image.data_len = 40;
	assert_int_equal(update(bench, INIT "receipts 02; select 0; create 40; image 0 40 20; note "
					    "60 03 01 u32:0 u32:0; check 40; check 40; " END),
			 OTADFU_OK);
	assert_int_equal(bench->memo.caution, 0);
}

/* Some stacks hand out a notification twice. */
static void receipt_that_comes_twice_is_taken_once(void **state)
{
	struct bench *bench = bench_of(state);

	bench->image.data_len = 80;
	assert_int_equal(update(bench, INIT "receipts 02; select 0; create 80; image 0 40 20; "
					    "receipt 40; receipt 40; image 40 80 20; receipt 80; "
					    "receipt 80; check 80; " END),
			 OTADFU_OK);
	assert_int_equal(bench->memo.caution, 0);
}

/* An answer that this connection did not ask for: the last one has lost its link over it. */
static void stale_answers_are_dropped_before_each_request(void **state)
{
	struct bench *bench = bench_of(state);

	bench->image.data_len = 40;
	assert_int_equal(
		update(bench,
		       "note 60 06 01 u32:512 u32:21 de ad be ef; select-init 0; "
		       "note 60 02 0a; receipts 00; note 60 01 08; create-init; " INIT_PACKET
		       "execute; receipts 02; select 0; create 40; image 0 40 20; receipt 40; "
		       "check 40; note 60 04 05; " END),
		OTADFU_OK);
}

/* secure-dfu.md 8: burst, then packet size, then the pause after Create. */
static void large_packets_are_given_up_before_there_are_pauses(void **state)
{
	struct bench *bench = bench_of(state);

	bench->setup.options = "receipts=0 page_erase_ms=0";
	bench->setup.max_write = 244;
	bench->image.data_len = 80;
	assert_int_equal(
		update(bench,
		       "select-init 0; receipts 00; create-init; init 0 20 244; init 20 21 244; "
		       "check-init 21; execute; receipts 00; select 0; create 80; image 0 80 244; "
		       "check-bad 40; receipts 04; create 80; check 0; image 0 80 244; check-bad "
		       "40; receipts 04; create 80; check 0; image 0 80 20; receipt-bad 40; "
		       "check-bad 40; receipts 04; create 80; sleep 400; check 0; image 0 80 20; "
		       "receipt 80; check 80; " END),
		OTADFU_OK);
	assert_non_null(strstr(bench->peer.notes, "keep in the profile: secure: { receipts: 4, "
						  "packet_size: 20, object_delay_ms: 400 }"));
}

/* secure-dfu.md 11: a receipt of SDK 12 says success whatever became of the packet. */
static void receipt_is_judged_by_its_offset(void **state)
{
	struct bench *bench = bench_of(state);

	bench->image.data_len = 40;
	assert_int_equal(update(bench, INIT "receipts 02; select 0; create 40; image 0 40 20; "
					    "receipt 20; check 20; receipts 02; create 40; check "
					    "0; image 0 40 20; receipt 40; check 40; " END),
			 OTADFU_OK);
}

static void lost_receipt_is_asked_for(void **state)
{
	struct bench *bench = bench_of(state);

	bench->image.data_len = 40;
	assert_int_equal(update(bench, INIT "receipts 02; select 0; create 40; image 0 40 20; "
					    "silence; check 40; check 40; " END),
			 OTADFU_OK);
}

static void refused_packet_costs_the_object(void **state)
{
	struct bench *bench = bench_of(state);

	bench->image.data_len = 40;
	assert_int_equal(update(bench, INIT "receipts 02; select 0; create 40; image 0 40 20; note "
					    "60 03 03; check 20; receipts 02; create 40; check 0; "
					    "image 0 40 20; receipt 40; check 40; " END),
			 OTADFU_OK);
	assert_int_equal(bench->memo.caution, 1);
}

static void device_that_takes_nothing_twice_is_reset(void **state)
{
	struct bench *bench = bench_of(state);

	bench->image.data_len = 40;
	assert_int_equal(
		update(bench,
		       INIT "receipts 02; select 0; create 40; image 0 40 20; silence; check 0; "
			    "receipts 02; create 40; image 0 40 20; silence; check 0; cp 0c; lost"),
		OTADFU_E_INTEGRITY);
	assert_int_equal(bench->next.match, OTADFU_NEXT_SAME_ADDR | OTADFU_NEXT_ADDR_MINUS_ONE);
	assert_int_equal(bench->next.not_before_ms, 1000);
	assert_said(bench, "took no data at all");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(first_object_waits_until_the_settings_are_written),
		cmocka_unit_test(first_burst_is_bounded_until_the_page_is_erased),
		cmocka_unit_test(burst_is_bounded_where_receipts_are_rarer),
		cmocka_unit_test(page_erased_meanwhile_needs_no_pause),
		cmocka_unit_test(settings_saved_with_each_object_take_their_time),
		cmocka_unit_test(settings_that_are_not_saved_are_not_waited_for),
		cmocka_unit_test(one_more_execute_tells_how_long_progress_is_saved),
		cmocka_unit_test(damaged_object_is_created_again_when_the_flash_is_free),
		cmocka_unit_test(delay_after_create_is_an_option),
		cmocka_unit_test(damaged_object_is_created_again_more_carefully_each_time),
		cmocka_unit_test(care_is_kept_for_the_next_connection),
		cmocka_unit_test(after_four_damaged_objects_all_begins_anew_and_then_fails),
		cmocka_unit_test(receipt_of_zero_is_checked_against_the_truth),
		cmocka_unit_test(receipt_that_comes_twice_is_taken_once),
		cmocka_unit_test(stale_answers_are_dropped_before_each_request),
		cmocka_unit_test(large_packets_are_given_up_before_there_are_pauses),
		cmocka_unit_test(receipt_is_judged_by_its_offset),
		cmocka_unit_test(lost_receipt_is_asked_for),
		cmocka_unit_test(refused_packet_costs_the_object),
		cmocka_unit_test(device_that_takes_nothing_twice_is_reset),
	};

	return cmocka_run_group_tests_name("secure_pace", tests, NULL, NULL);
}
