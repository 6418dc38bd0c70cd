/* Secure updates that go on with what the device holds (secure-dfu.md 6), or begin anew. */
#include "secure_bench.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

/* cmocka wants setjmp, stdarg, stddef and stdint first. */
#include <cmocka.h>

#define DAMAGED_INIT "create-init; init 0 20 20; init 20 21 20; check-bad 21; "
#define ANEW         "select-init 21; receipts 00; create-init; " INIT_PACKET "execute; receipts 02; "

static void whole_init_packet_is_executed_not_sent(void **state)
{
	struct bench *bench = bench_of(state);

	bench->image.data_len = 80;
	assert_int_equal(update(bench, HELD_INIT "receipts 02; select 0; " OBJECT_1 END),
			 OTADFU_OK);
}

static void part_of_the_init_packet_is_completed_without_create(void **state)
{
	struct bench *bench = bench_of(state);

	bench->image.data_len = 80;
	assert_int_equal(update(bench,
				"select-init 8; receipts 00; init 8 20 12; init 20 21 1; "
				"check-init 21; execute; receipts 02; select 0; " OBJECT_1 END),
			 OTADFU_OK);
}

static void other_init_packet_is_replaced(void **state)
{
	struct bench *bench = bench_of(state);

	bench->image.data_len = 80;
	assert_int_equal(update(bench, "cp 06 01; note 60 06 01 u32:512 u32:21 de ad be ef; "
				       "receipts 00; create-init; " INIT_PACKET
				       "execute; receipts 02; select 0; " OBJECT_1 END),
			 OTADFU_OK);
}

static void completed_init_packet_that_is_damaged_is_sent_whole(void **state)
{
	struct bench *bench = bench_of(state);

	bench->image.data_len = 80;
	assert_int_equal(update(bench, "select-init 8; receipts 00; init 8 20 12; init 20 21 1; "
				       "check-bad 21; create-init; " INIT_PACKET
				       "execute; receipts 02; select 0; " OBJECT_1 END),
			 OTADFU_OK);
}

/* "Select, matches, Execute" could spin for ever: the whole packet is sent once. */
static void held_init_packet_that_is_refused_is_sent_whole_once(void **state)
{
	struct bench *bench = bench_of(state);

	assert_int_equal(update(bench, "select-init 21; receipts 00; cp 04; note 60 04 05; "
				       "create-init; " INIT_PACKET "cp 04; note 60 04 05; "),
			 OTADFU_E_REJECTED);
	assert_int_equal(bench->peer.failure.detail, 5);
	assert_said(bench, "signed with another key");
}

static void damaged_init_packet_is_created_again_three_times(void **state)
{
	struct bench *bench = bench_of(state);

	assert_int_equal(update(bench, "select-init 0; receipts 00; " DAMAGED_INIT DAMAGED_INIT
					       DAMAGED_INIT DAMAGED_INIT),
			 OTADFU_E_INTEGRITY);
	assert_said(bench, "the init packet arrived damaged 4 times");
}

static void init_packet_longer_than_its_object_is_not_sent(void **state)
{
	struct bench *bench = bench_of(state);

	assert_int_equal(update(bench, "cp 06 01; note 60 06 01 u32:20 u32:0 u32:0"),
			 OTADFU_E_REJECTED);
	assert_said(bench, "has 21 bytes, this bootloader takes 20");
}

static void open_object_is_continued_without_create(void **state)
{
	struct bench *bench = bench_of(state);

	assert_int_equal(update(bench, HELD_INIT "receipts 02; select 120; image 120 160 20; "
						 "receipt 160; check 160; execute; " OBJECT_3 END),
			 OTADFU_OK);
	assert_non_null(strstr(bench->peer.notes, "holds 120 of 200 bytes"));
}

static void continued_object_that_is_damaged_is_created_whole(void **state)
{
	struct bench *bench = bench_of(state);

	assert_int_equal(update(bench, HELD_INIT
				"receipts 02; select 120; image 120 160 20; receipt-bad 160; "
				"check-bad 160; receipts 02; create 80; check 80; " BYTES_2
				"execute; " OBJECT_3 END),
			 OTADFU_OK);
}

static void whole_object_is_executed_before_the_next(void **state)
{
	static const char *const answers[] = { "cp 04; note 60 04 01; ", "cp 04; note 60 04 08; " };

	for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
		struct bench *bench = bench_of(state);
		char script[2048];

		snprintf(script, sizeof(script), "%s%s%s", HELD_INIT "receipts 02; select 160; ",
			 answers[i], OBJECT_3 END);
		assert_int_equal(update(bench, script), OTADFU_OK);
	}
}

static void whole_image_needs_only_the_last_execute(void **state)
{
	struct bench *bench = bench_of(state);

	assert_int_equal(update(bench, HELD_INIT "receipts 02; select 200; " END), OTADFU_OK);
	assert_int_equal(bench->peer.done, IMAGE_LEN);
}

static void damaged_open_object_is_rolled_back_and_checked(void **state)
{
	struct bench *bench = bench_of(state);

	assert_int_equal(update(bench, HELD_INIT
				"receipts 02; select-bad 120; create 80; check 80; " BYTES_2
				"execute; " OBJECT_3 END),
			 OTADFU_OK);
}

static void damaged_whole_object_is_rolled_back_and_checked(void **state)
{
	struct bench *bench = bench_of(state);

	assert_int_equal(update(bench, HELD_INIT
				"receipts 02; select-bad 160; create 80; check 80; " BYTES_2
				"execute; " OBJECT_3 END),
			 OTADFU_OK);
}

/* What makes the client create the command object, and everything after it, anew: once. */
static void lost_place_restarts_from_the_init_packet(void **state)
{
	static const char *const lost[] = {
		/* more than the image */
		"cp 06 02; note 60 06 01 u32:80 u32:201 u32:0; ",
		/* rolled back to another place than expected */
		"select-bad 160; create 80; cp 03; note 60 03 01 u32:160 de ad be ef; ",
		/* roll back refused */
		"select-bad 160; cp 01 02 u32:80; note 60 01 08; ",
		"select-bad 160; cp 01 02 u32:80; note 60 01 03; ",
		/* page not erased */
		"select 0; cp 01 02 u32:80; note 60 01 05; ",
		/* init packet lost */
		"select 0; cp 01 02 u32:80; note 60 01 08; ",
		/* boundary neither executed nor to be executed */
		"select 160; cp 04; note 60 04 05; ",
		/* all there, but not permitted to end */
		"select 200; cp 04; note 60 04 08; ",
	};

	for (size_t i = 0; i < sizeof(lost) / sizeof(lost[0]); i++) {
		struct bench *bench = bench_of(state);
		char script[4096];

		snprintf(script, sizeof(script), "%s%s%s", HELD_INIT "receipts 02; ", lost[i],
			 ANEW "select 0; " OBJECT_1 "execute; " OBJECT_2 "execute; " OBJECT_3 END);
		assert_int_equal(update(bench, script), OTADFU_OK);
		snprintf(script, sizeof(script), "%s%s%s%s", HELD_INIT "receipts 02; ", lost[i],
			 ANEW, lost[i]);
		assert_int_equal(update(bench, script), OTADFU_E_INTEGRITY);
		assert_int_equal(bench->memo.restarted, 1);
	}
}

static void place_lost_again_on_the_next_connection_does_not_restart_again(void **state)
{
	struct bench *bench = bench_of(state);

	bench->memo.restarted = 1;
	assert_int_equal(update(bench, HELD_INIT
				"receipts 02; select 0; cp 01 02 u32:80; note 60 01 08; "),
			 OTADFU_E_INTEGRITY);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(whole_init_packet_is_executed_not_sent),
		cmocka_unit_test(part_of_the_init_packet_is_completed_without_create),
		cmocka_unit_test(other_init_packet_is_replaced),
		cmocka_unit_test(completed_init_packet_that_is_damaged_is_sent_whole),
		cmocka_unit_test(held_init_packet_that_is_refused_is_sent_whole_once),
		cmocka_unit_test(damaged_init_packet_is_created_again_three_times),
		cmocka_unit_test(init_packet_longer_than_its_object_is_not_sent),
		cmocka_unit_test(open_object_is_continued_without_create),
		cmocka_unit_test(continued_object_that_is_damaged_is_created_whole),
		cmocka_unit_test(whole_object_is_executed_before_the_next),
		cmocka_unit_test(whole_image_needs_only_the_last_execute),
		cmocka_unit_test(damaged_open_object_is_rolled_back_and_checked),
		cmocka_unit_test(damaged_whole_object_is_rolled_back_and_checked),
		cmocka_unit_test(lost_place_restarts_from_the_init_packet),
		cmocka_unit_test(place_lost_again_on_the_next_connection_does_not_restart_again),
	};

	return cmocka_run_group_tests_name("secure_restart", tests, NULL, NULL);
}
