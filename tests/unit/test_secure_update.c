/* Secure updates: what the client writes, and what it makes of the answers. */
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
	};

	return cmocka_run_group_tests_name("secure_update", tests, NULL, NULL);
}
