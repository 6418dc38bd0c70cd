/* Updates of bootloaders of SDK 6.1 and older (legacy-dfu.md 5.2): no DFU version, another init. */
#include "legacy_client_bench.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* cmocka wants the four above first. */
#include <cmocka.h>

#define OLD_START   "sleep 1000; " START "sleep 2000; "
#define SHORT_START "cp 01; packet u32:100; "
/* The last two of the 14 bytes. */
#define OLD_INIT   "cp 02; init 12 14 20; note 10 02 01; "
#define EACH_OF_20 "image 0 20 20; note 11 u32:20; image 20 40 20; note 11 u32:40; "
#define EACH_OF_REST                                                                               \
	"image 40 60 20; note 11 u32:60; image 60 80 20; note 11 u32:80; image 80 100 20; "        \
	"note 10 03 01; "
#define PACKET_BY_PACKET "cp 08 01 00; cp 03; " EACH_OF_20 EACH_OF_REST

static void whole_sizes_and_crc_of_the_init_packet_are_sent(void **state)
{
	struct bench *bench = old_bench_of(state);

	assert_int_equal(update(bench, OLD_START OLD_INIT DATA VALID ACTIVATION), OTADFU_OK);
	assert_int_equal(bench->next.match, OTADFU_NEXT_SAME_ADDR | OTADFU_NEXT_ADDR_MINUS_ONE);
	assert_int_equal(bench->next.mode, OTADFU_MODE_APPLICATION);
	assert_string_equal(bench->peer.phases, "IDVA");
	assert_int_equal(bench->memo.short_start, 0);
}

static void init_packet_that_is_a_crc_is_sent_as_it_is(void **state)
{
	struct bench *bench = old_bench_of(state);

	bench->image.init_len = 2;
	assert_int_equal(update(bench, OLD_START
				"cp 02; init 0 2 20; note 10 02 01; " DATA VALID ACTIVATION),
			 OTADFU_OK);
}

static void refused_sizes_are_followed_by_the_application_size_alone(void **state)
{
	struct bench *bench = old_bench_of(state);

	assert_int_equal(update(bench, "sleep 1000; " START_REQUEST "note 10 01 03; " SHORT_START
				       "note 10 01 01; sleep 2000; " OLD_INIT PACKET_BY_PACKET VALID
					       ACTIVATION),
			 OTADFU_OK);
	assert_int_equal(bench->memo.short_start, 1);
}

static void next_connection_begins_with_the_size_it_took(void **state)
{
	struct bench *bench = old_bench_of(state);

	bench->memo.short_start = 1;
	assert_int_equal(update(bench, "sleep 1000; " SHORT_START
				       "note 10 01 01; sleep 2000; " OLD_INIT PACKET_BY_PACKET VALID
					       ACTIVATION),
			 OTADFU_OK);
}

/* A bootloader of SDK 7 or later may have taken the place of the old one. */
static void newer_bootloader_gets_whole_sizes_again(void **state)
{
	struct bench *bench = bench_of(state);

	bench->memo.short_start = 1;
	assert_int_equal(update(bench, WHOLE), OTADFU_OK);
}

static void both_starts_refused_end_the_update(void **state)
{
	struct bench *bench = old_bench_of(state);

	bench->image.data_len = 99;
	assert_int_equal(update(bench, "sleep 1000; cp 01 04; packet u32:0 u32:0 u32:99; "
				       "note 10 01 03; cp 01; packet u32:99; note 10 01 03"),
			 OTADFU_E_REJECTED);
	assert_int_equal(bench->peer.failure.detail, 3);
	assert_said(bench, "multiple of 4; this image has 99 bytes");
}

static void softdevice_has_no_short_start(void **state)
{
	struct bench *bench = old_bench_of(state);

	bench->image.kind = OTADFU_IMAGE_SOFTDEVICE;
	assert_int_equal(update(bench,
				"sleep 1000; cp 01 01; packet u32:100 u32:0 u32:0; note 10 01 03"),
			 OTADFU_E_REJECTED);
	assert_said(bench, "none but an application");
}

static void softdevice_is_sent_where_it_is_taken(void **state)
{
	struct bench *bench = old_bench_of(state);

	bench->image.kind = OTADFU_IMAGE_SOFTDEVICE;
	assert_int_equal(update(bench, "sleep 1000; cp 01 01; packet u32:100 u32:0 u32:0; note 10 "
				       "01 01; sleep 2000; " OLD_INIT DATA VALID ACTIVATION),
			 OTADFU_OK);
	assert_int_equal(bench->next.mode, OTADFU_MODE_BOOTLOADER);
}

static void interrupted_transfer_is_reset_and_begun_again(void **state)
{
	struct bench *bench = old_bench_of(state);

	assert_int_equal(update(bench, "sleep 1000; " START_REQUEST "note 10 01 02; " RESET),
			 OTADFU_E_BUSY);
	assert_restart_expected(bench, 1000);
	assert_int_equal(bench->memo.short_start, 0);
}

static void more_than_ten_packets_never_go_without_a_receipt(void **state)
{
	static const char *const options[] = { "receipts=11", "receipts=0" };

	for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
		struct bench *bench = old_bench_of(state);

		bench->setup.options = options[i];
		assert_int_equal(update(bench, OLD_START OLD_INIT
					"cp 08 0a 00; cp 03; image 0 100 20; note 10 03 01; " VALID
						ACTIVATION),
				 OTADFU_OK);
	}
}

static void overrun_asks_for_a_receipt_of_each_packet(void **state)
{
	struct bench *bench = old_bench_of(state);

	bench->setup.options = "receipts=8";
	assert_int_equal(update(bench, OLD_START OLD_INIT
				"cp 08 08 00; cp 03; image 0 100 20; note 10 03 06; " RESET),
			 OTADFU_E_INTEGRITY);
	assert_int_equal(update(bench, OLD_START OLD_INIT PACKET_BY_PACKET VALID ACTIVATION),
			 OTADFU_OK);
}

static void init_packet_without_a_crc_never_reaches_the_device(void **state)
{
	struct bench *bench = old_bench_of(state);

	bench->image.init_len = LONG_INIT_LEN;
	assert_int_equal(update(bench, ""), OTADFU_E_PACKAGE);
	assert_said(bench, "(40 bytes) has none");
	assert_int_equal(bench->memo.under_way, 0);
}

static void refused_crc_is_told_without_what_it_does_not_ask_for(void **state)
{
	struct bench *bench = old_bench_of(state);

	assert_int_equal(update(bench, OLD_START "cp 02; init 12 14 20; note 10 02 03"),
			 OTADFU_E_REJECTED);
	assert_said(bench, "(10 02 03)");
	assert_null(strstr(bench->peer.failure.text, "asks for"));
}

static void cancellation_ends_it_at_any_step(void **state)
{
	struct bench *bench = old_bench_of(state);
	int operations;

	assert_int_equal(update(bench, OLD_START OLD_INIT DATA VALID ACTIVATION), OTADFU_OK);
	operations = bench->peer.operations;
	for (int i = 0; i < operations; i++) {
		bench->setup.cancel_at = i;
		assert_int_equal(attempt(bench, OLD_START OLD_INIT DATA VALID ACTIVATION),
				 OTADFU_E_CANCELLED);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(whole_sizes_and_crc_of_the_init_packet_are_sent),
		cmocka_unit_test(init_packet_that_is_a_crc_is_sent_as_it_is),
		cmocka_unit_test(refused_sizes_are_followed_by_the_application_size_alone),
		cmocka_unit_test(next_connection_begins_with_the_size_it_took),
		cmocka_unit_test(newer_bootloader_gets_whole_sizes_again),
		cmocka_unit_test(both_starts_refused_end_the_update),
		cmocka_unit_test(softdevice_has_no_short_start),
		cmocka_unit_test(softdevice_is_sent_where_it_is_taken),
		cmocka_unit_test(interrupted_transfer_is_reset_and_begun_again),
		cmocka_unit_test(more_than_ten_packets_never_go_without_a_receipt),
		cmocka_unit_test(overrun_asks_for_a_receipt_of_each_packet),
		cmocka_unit_test(init_packet_without_a_crc_never_reaches_the_device),
		cmocka_unit_test(refused_crc_is_told_without_what_it_does_not_ask_for),
		cmocka_unit_test(cancellation_ends_it_at_any_step),
	};

	return cmocka_run_group_tests_name("legacy_old", tests, NULL, NULL);
}
