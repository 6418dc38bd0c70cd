/* Secure updates: what the client writes, at which pace, and what it makes of receipts. */
#include "secure_bench.h"
#include "uuid.h"

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

static void init_packet_and_objects_are_sent_checked_and_executed(void **state)
{
	struct bench *bench = bench_of(state);

	assert_int_equal(update(bench, WHOLE), OTADFU_OK);
	assert_application_expected(bench);
	assert_string_equal(bench->peer.phases, "IDVA");
	assert_int_equal(bench->peer.done, IMAGE_LEN);
	assert_int_equal(bench->peer.total, IMAGE_LEN);
	assert_string_equal(bench->peer.notes, "");
	assert_int_equal(bench->memo.under_way, 0);
}

static void without_receipts_only_objects_are_checked(void **state)
{
	struct bench *bench = bench_of(state);

	bench->setup.options = "receipts=0 page_erase_ms=0";
	assert_int_equal(update(bench,
				INIT "receipts 00; select 0; create 80; image 0 80 20; check 80; "
				     "execute; create 80; image 80 160 20; check 160; execute; "
				     "create 40; image 160 200 20; check 200; " END),
			 OTADFU_OK);
}

/* secure-dfu.md 13: "PRN 4, 1024-byte chunks": receipt and answer look the same. */
static void receipt_of_the_last_packet_is_not_taken_for_the_checksum(void **state)
{
	struct bench *bench = bench_of(state);

	bench->setup.options = "receipts=4 page_erase_ms=0";
	bench->image.data_len = 80;
	assert_int_equal(update(bench, INIT "receipts 04; select 0; create 80; image 0 80 20; "
					    "receipt 80; check 80; " END),
			 OTADFU_OK);
}

static void late_receipts_are_ignored_where_another_answer_is_due(void **state)
{
	struct bench *bench = bench_of(state);

	bench->image.data_len = 40;
	assert_int_equal(
		update(bench, INIT
		       "receipts 02; select 0; create 40; image 0 40 20; receipt 40; check 40; "
		       "receipt 40; cp 04; note 60 01 08; note 99 99; note 60 04 01; lost"),
		OTADFU_OK);
}

static void packet_size_follows_the_mtu_in_whole_words(void **state)
{
	struct bench *bench = bench_of(state);

	bench->setup.options = "receipts=0 page_erase_ms=0";
	bench->setup.max_write = 66;
	bench->image.data_len = 80;
	assert_int_equal(update(bench, "select-init 0; receipts 00; create-init; init 0 20 64; "
				       "init 20 21 64; check-init 21; execute; receipts 00; select "
				       "0; create 80; image 0 80 64; check 80; " END),
			 OTADFU_OK);
}

static void packet_size_never_exceeds_244(void **state)
{
	struct bench *bench = bench_of(state);

	bench->setup.options = "receipts=0 page_erase_ms=0";
	bench->setup.max_write = 512;
	bench->image.data_len = 400;
	assert_int_equal(update(bench, INIT "receipts 00; cp 06 02; note 60 06 01 u32:4096 u32:0 "
					    "u32:0; create 400; image 0 400 244; check 400; " END),
			 OTADFU_OK);
}

static void packet_size_is_an_option_rounded_to_words(void **state)
{
	struct bench *bench = bench_of(state);

	bench->setup.options = "receipts=0 packet_size=43 page_erase_ms=0";
	bench->setup.max_write = 244;
	bench->image.data_len = 80;
	assert_int_equal(update(bench, INIT
				"receipts 00; select 0; create 80; image 0 80 40; check 80; " END),
			 OTADFU_OK);
}

/* secure-dfu.md 8: 79 bytes, the last three of them alone. */
static void last_bytes_of_an_odd_image_go_alone(void **state)
{
	struct bench *bench = bench_of(state);

	bench->setup.options = "receipts=0 page_erase_ms=0";
	bench->image.data_len = 79;
	assert_int_equal(update(bench, INIT "receipts 00; select 0; create 79; image 0 60 20; "
					    "image 60 76 16; image 76 79 3; check 79; " END),
			 OTADFU_OK);
}

static void softdevice_comes_back_in_the_bootloader_or_the_application(void **state)
{
	struct bench *bench = bench_of(state);

	bench->image.kind = OTADFU_IMAGE_SD_BL;
	assert_int_equal(update(bench, WHOLE), OTADFU_OK);
	assert_true(bench->next.match & OTADFU_NEXT_SAME_ADDR);
	assert_true(bench->next.match & OTADFU_NEXT_ADDR_MINUS_ONE);
	assert_int_equal(bench->next.mode, 0);
}

/* secure-dfu.md 5.1: it waits 10 s for the next image, so it is looked for at once. */
static void system_part_is_looked_for_at_once_and_for_a_minute(void **state)
{
	static const uint32_t kinds[] = { OTADFU_IMAGE_SOFTDEVICE, OTADFU_IMAGE_BOOTLOADER,
					  OTADFU_IMAGE_SD_BL };

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		struct bench *bench = bench_of(state);

		bench->image.kind = kinds[i];
		assert_int_equal(update(bench, WHOLE), OTADFU_OK);
		assert_int_equal(bench->next.match, OTADFU_NEXT_SAME_ADDR |
							    OTADFU_NEXT_ADDR_PLUS_ONE |
							    OTADFU_NEXT_ADDR_MINUS_ONE);
		assert_int_equal(bench->next.mode, 0);
		assert_int_equal(bench->next.not_before_ms, 0);
		assert_int_equal(bench->next.within_ms, 60000);
	}
}

static void external_application_comes_back_as_the_application(void **state)
{
	struct bench *bench = bench_of(state);

	bench->image.kind = OTADFU_IMAGE_EXTERNAL_APP;
	assert_int_equal(update(bench, WHOLE), OTADFU_OK);
	assert_application_expected(bench);
}

static void custom_uuids_are_found(void **state)
{
	static const struct otadfu_chr custom[] = {
		{ .service = { { 0x00, 0x00, 0xab, 0x00, BLUETOOTH_BASE } },
		  .uuid = { { 0x00, 0x00, 0xab, 0x01, BLUETOOTH_BASE } },
		  .id = SCRIPT_CONTROL },
		{ .service = { { 0x00, 0x00, 0xab, 0x00, BLUETOOTH_BASE } },
		  .uuid = { { 0x00, 0x00, 0xab, 0x02, BLUETOOTH_BASE } },
		  .id = SCRIPT_PACKET },
	};
	struct bench *bench = bench_of(state);

	bench->setup.chrs = custom;
	bench->setup.options = "receipts=2 page_erase_ms=0 service_uuid=ab00 control_uuid=AB01 "
			       "packet_uuid=0000ab02-0000-1000-8000-00805f9b34fb";
	assert_int_equal(update(bench, WHOLE), OTADFU_OK);
	bench->setup.options = "receipts=2 service_uuid=ab00";
	assert_int_equal(update(bench, ""), OTADFU_E_NOT_FOUND);
}

static void notifications_off_cost_one_more_subscription(void **state)
{
	struct bench *bench = bench_of(state);

	assert_int_equal(update(bench, "cp 06 01 -> att fd; " WHOLE), OTADFU_OK);
}

/* After the init packet the settings and their backup are erased too, before the first page. */
static void first_object_waits_until_the_settings_are_written(void **state)
{
	struct bench *bench = bench_of(state);

	bench->setup.options = NULL;
	bench->image.data_len = 240;
	assert_int_equal(update(bench,
				INIT "receipts 0c; pass 60; select-page 0; sleep 140; create 240; "
				     "image 0 240 20; receipt 240; check 240; " END),
			 OTADFU_OK);
}

/* 17 packets of 20: 12 find room while the page is erased, 5 wait for its end. */
static void first_burst_is_bounded_until_the_page_is_erased(void **state)
{
	struct bench *bench = bench_of(state);

	bench->setup.options = NULL;
	bench->image.data_len = 340;
	assert_int_equal(update(bench, INIT "receipts 0c; pass 200; select-page 0; create 340; "
					    "image 0 240 20; pass 30; receipt 240; sleep 70; "
					    "image 240 340 20; check 340; " END),
			 OTADFU_OK);
}

static void burst_is_bounded_where_receipts_are_rarer(void **state)
{
	struct bench *bench = bench_of(state);

	bench->setup.options = "receipts=20";
	bench->image.data_len = 340;
	assert_int_equal(update(bench, INIT
				"receipts 14; pass 200; select-page 0; create 340; "
				"image 0 240 20; sleep 100; image 240 340 20; check 340; " END),
			 OTADFU_OK);
}

static void page_erased_meanwhile_needs_no_pause(void **state)
{
	struct bench *bench = bench_of(state);

	bench->setup.options = NULL;
	bench->image.data_len = 340;
	assert_int_equal(update(bench,
				INIT "receipts 0c; pass 200; select-page 0; create 340; "
				     "image 0 240 20; pass 150; receipt 240; image 240 340 20; "
				     "check 340; " END),
			 OTADFU_OK);
}

/* Up to SDK 14 the settings are saved with each object, before the next page is erased. */
static void settings_saved_with_each_object_take_their_time(void **state)
{
	struct bench *bench = bench_of(state);

	bench->setup.options = "receipts=0";
	bench->image.data_len = 4436;
	assert_int_equal(update(bench,
				INIT "receipts 00; pass 200; select-page 0; create 4096; "
				     "image 0 240 20; sleep 100; image 240 4096 20; check 4096; "
				     "execute; create 340; image 4096 4336 20; sleep 200; "
				     "image 4336 4436 20; check 4436; " END),
			 OTADFU_OK);
}

/* Create finds no place in a flash queue that the lost packets have left full. */
static void damaged_object_is_created_again_when_the_flash_is_free(void **state)
{
	struct bench *bench = bench_of(state);

	bench->setup.options = NULL;
	bench->image.data_len = 80;
	assert_int_equal(update(bench, INIT
				"receipts 0c; pass 200; select-page 0; create 80; "
				"image 0 80 20; check-bad 80; sleep 400; receipts 04; "
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
	assert_int_equal(bench->memo.caution, 3);
	assert_non_null(strstr(bench->peer.notes, "receipts: 1, object_delay_ms: 400"));
}

static void care_is_kept_for_the_next_connection(void **state)
{
	struct bench *bench = bench_of(state);

	bench->memo.caution = 2;
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
		cmocka_unit_test(init_packet_and_objects_are_sent_checked_and_executed),
		cmocka_unit_test(without_receipts_only_objects_are_checked),
		cmocka_unit_test(receipt_of_the_last_packet_is_not_taken_for_the_checksum),
		cmocka_unit_test(late_receipts_are_ignored_where_another_answer_is_due),
		cmocka_unit_test(packet_size_follows_the_mtu_in_whole_words),
		cmocka_unit_test(packet_size_never_exceeds_244),
		cmocka_unit_test(packet_size_is_an_option_rounded_to_words),
		cmocka_unit_test(last_bytes_of_an_odd_image_go_alone),
		cmocka_unit_test(softdevice_comes_back_in_the_bootloader_or_the_application),
		cmocka_unit_test(system_part_is_looked_for_at_once_and_for_a_minute),
		cmocka_unit_test(external_application_comes_back_as_the_application),
		cmocka_unit_test(custom_uuids_are_found),
		cmocka_unit_test(notifications_off_cost_one_more_subscription),
		cmocka_unit_test(first_object_waits_until_the_settings_are_written),
		cmocka_unit_test(first_burst_is_bounded_until_the_page_is_erased),
		cmocka_unit_test(burst_is_bounded_where_receipts_are_rarer),
		cmocka_unit_test(page_erased_meanwhile_needs_no_pause),
		cmocka_unit_test(settings_saved_with_each_object_take_their_time),
		cmocka_unit_test(damaged_object_is_created_again_when_the_flash_is_free),
		cmocka_unit_test(delay_after_create_is_an_option),
		cmocka_unit_test(damaged_object_is_created_again_more_carefully_each_time),
		cmocka_unit_test(care_is_kept_for_the_next_connection),
		cmocka_unit_test(after_four_damaged_objects_all_begins_anew_and_then_fails),
		cmocka_unit_test(receipt_of_zero_is_checked_against_the_truth),
		cmocka_unit_test(lost_receipt_is_asked_for),
		cmocka_unit_test(refused_packet_costs_the_object),
		cmocka_unit_test(device_that_takes_nothing_twice_is_reset),
	};

	return cmocka_run_group_tests_name("secure_update", tests, NULL, NULL);
}
