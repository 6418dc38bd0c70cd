/* The wire examples of legacy-dfu.md 12, and the facts of sections 4 to 9 about one connection. */
#include "legacy_bench.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static struct bench *in_bootloader(void **state)
{
	struct bench *bench = *state;

	bench_enter(bench);
	return bench;
}

static void start(struct bench *bench, const char *mode, const char *sizes)
{
	bench_control(bench, mode);
	bench_packet(bench, sizes);
}

static void init(struct bench *bench, const char *packet)
{
	bench_control(bench, "02 00");
	bench_packet(bench, packet);
	bench_control(bench, "02 01");
}

/* --- Control Point --- */

static void writes_are_refused_while_notifications_are_off(void **state)
{
	struct bench *bench = *state;

	device_enter_bootloader(bench->device);
	device_settle(bench->device);
	assert_true(device_connect(bench->device));
	assert_int_equal(bench_control(bench, "07"), 0xFD);
	bench_expect(bench, "bootloader; ");
}

static void prepared_writes_are_refused(void **state)
{
	struct bench *bench = in_bootloader(state);

	assert_int_equal(device_prepare_write(bench->device, 0x0010, (uint8_t[]){ 7 }, 1), 0x82);
}

static void start_without_mode_fails(void **state)
{
	struct bench *bench = in_bootloader(state);

	bench_control(bench, "01");
	bench_expect(bench, "10 01 06; ");
}

static void unknown_op_is_not_supported(void **state)
{
	struct bench *bench = in_bootloader(state);

	bench_control(bench, "0C");
	bench_expect(bench, "10 0C 03; ");
}

static void short_receipt_request_is_not_supported(void **state)
{
	struct bench *bench = in_bootloader(state);

	bench_control(bench, "08 01");
	bench_expect(bench, "10 08 03; ");
}

static void init_op_with_another_second_byte_is_not_answered(void **state)
{
	struct bench *bench = in_bootloader(state);

	bench_control(bench, "02 07");
	bench_expect(bench, "");
}

/* --- Start --- */

static void four_byte_size_is_not_supported(void **state)
{
	struct bench *bench = in_bootloader(state);

	start(bench, "01 04", "E8030000");
	bench_expect(bench, "10 01 03; ");
}

static void odd_size_is_not_supported(void **state)
{
	struct bench *bench = in_bootloader(state);

	start(bench, "01 04", "00000000 00000000 EA030000");
	bench_expect(bench, "10 01 03; ");
}

static void application_with_softdevice_is_not_supported(void **state)
{
	struct bench *bench = in_bootloader(state);

	start(bench, "01 05", "E8030000 00000000 E8030000");
	bench_expect(bench, "10 01 03; ");
}

static void largest_application_fills_half_of_the_room(void **state)
{
	struct bench *bench = in_bootloader(state);

	start(bench, "01 04", "00000000 00000000 04080100");
	bench_expect(bench, "10 01 04; ");
	start(bench, "01 04", "00000000 00000000 00080100");
	bench_expect(bench, "10 01 01; ");
}

static void single_bank_takes_the_whole_room(void **state)
{
	struct bench *bench = *state;

	bench->config.single_bank = true;
	bench_renew(bench);
	bench_enter(bench);
	start(bench, "01 04", "00000000 00000000 04100200");
	bench_expect(bench, "10 01 04; ");
	start(bench, "01 04", "00000000 00000000 00100200");
	bench_expect(bench, "10 01 01; ");
}

static void start_is_answered_when_the_whole_bank_is_erased(void **state)
{
	struct bench *bench = in_bootloader(state);
	const uint64_t erase_us = 66 * (uint64_t)bench->config.chip->erase_page_us;
	uint64_t now_us = firmware_timeline(bench->device)->now_us;

	bench_control(bench, "01 04");
	device_write_cmd(bench->device, 0x000E, (uint8_t[12]){ [8] = 0xE8, [9] = 0x03 }, 12);
	device_advance(bench->device, now_us + erase_us - 1);
	assert_string_equal(bench->log.text, "");
	device_advance(bench->device, now_us + erase_us);
	assert_string_equal(bench->log.text, "10 01 01; ");
}

static void second_start_is_refused_while_the_first_erases(void **state)
{
	struct bench *bench = in_bootloader(state);

	flash_hold(device_flash(bench->device));
	start(bench, "01 04", "00000000 00000000 E8030000");
	start(bench, "01 04", "00000000 00000000 E8030000");
	bench_expect(bench, "10 01 02; ");
	flash_release(device_flash(bench->device));
	bench_expect(bench, "10 01 01; ");
}

static void sizes_of_zero_are_accepted(void **state)
{
	struct bench *bench = in_bootloader(state);

	start(bench, "01 04", "00000000 00000000 00000000");
	bench_expect(bench, "10 01 01; ");
}

/* --- init packet --- */

static void data_before_init_is_invalid(void **state)
{
	struct bench *bench = in_bootloader(state);

	start(bench, "01 04", "00000000 00000000 E8030000");
	bench_expect(bench, "10 01 01; ");
	bench_control(bench, "03");
	bench_send(bench, 0, 20);
	bench_expect(bench, "10 03 02; ");
}

static void init_without_data_is_invalid(void **state)
{
	struct bench *bench = in_bootloader(state);

	start(bench, "01 04", "00000000 00000000 E8030000");
	bench_control(bench, "02 01");
	bench_expect(bench, "10 01 01; 10 02 02; ");
}

static void init_answer(void **state, const char *packet, const char *expected)
{
	struct bench *bench = in_bootloader(state);

	start(bench, "01 04", "00000000 00000000 E8030000");
	bench_expect(bench, "10 01 01; ");
	init(bench, packet);
	bench_expect(bench, expected);
}

static void init_for_any_softdevice_is_accepted(void **state)
{
	init_answer(state, BENCH_INIT, "10 02 01; ");
}

static void init_for_the_installed_softdevice_is_accepted(void **state)
{
	init_answer(state, "FFFF FFFF FFFFFFFF 0200 6400 8700 B7F9", "10 02 01; ");
}

static void init_for_another_softdevice_fails(void **state)
{
	init_answer(state, "FFFF FFFF FFFFFFFF 0100 6400 B7F9", "10 02 06; ");
}

static void init_with_empty_list_fails(void **state)
{
	init_answer(state, "FFFF FFFF FFFFFFFF 0000 B7F9", "10 02 06; ");
}

static void init_with_a_list_longer_than_the_packet_fails(void **state)
{
	init_answer(state, "FFFF FFFF FFFFFFFF FFFF FEFF B7F9", "10 02 06; ");
}

static void init_of_eight_bytes_fails(void **state)
{
	init_answer(state, "FFFF FFFF FFFFFFFF", "10 02 06; ");
}

static void init_wildcard_does_not_match_a_programmed_type(void **state)
{
	struct bench *bench = *state;

	bench->config.uicr_device_type = 0x0051;
	bench_renew(bench);
	init_answer(state, BENCH_INIT, "10 02 06; ");
	init(bench, "5100 FFFF FFFFFFFF 0100 FEFF B7F9");
	bench_expect(bench, "10 02 01; ");
}

static void init_longer_than_the_buffer_fails_at_each_chunk(void **state)
{
	struct bench *bench = *state;

	bench->config.sdk = "8";
	bench_renew(bench);
	bench_enter(bench);
	start(bench, "01 04", "00000000 00000000 E8030000");
	bench_expect(bench, "10 01 01; ");
	bench_control(bench, "02 00");
	bench_send(bench, 0, 60);
	bench_expect(bench, "");
	bench_send(bench, 60, 100);
	bench_expect(bench, "10 02 06; 10 02 06; ");
}

static void init_buffer_of_sdk_11_dual_bank_is_twice_as_large(void **state)
{
	struct bench *bench = in_bootloader(state);

	start(bench, "01 04", "00000000 00000000 E8030000");
	bench_expect(bench, "10 01 01; ");
	bench_control(bench, "02 00");
	bench_send(bench, 0, 128);
	bench_expect(bench, "");
	bench_send(bench, 128, 132);
	bench_expect(bench, "10 02 06; ");
}

/* --- data --- */

static void receipts_come_as_requested_but_not_for_the_last_packet(void **state)
{
	struct bench *bench = in_bootloader(state);

	bench_begin(bench);
	bench_control(bench, "08 19 00");
	for (size_t from = 0; from < BENCH_IMAGE_LEN; from += 100) {
		bench_send(bench, from, from + 100);
		device_settle(bench->device);
	}
	bench_expect(bench, "11 F4 01 00 00; 10 03 01; ");
	bench_control(bench, "07");
	bench_expect(bench, "10 07 01 E8 03 00 00; ");
}

static void whole_image_with_the_right_crc_is_valid(void **state)
{
	bench_transfer(in_bootloader(state));
}

static void wrong_crc_fails_and_stays_failed(void **state)
{
	struct bench *bench = in_bootloader(state);

	bench_begin(bench);
	bench->image[500] ^= 1;
	for (size_t from = 0; from < BENCH_IMAGE_LEN; from += 100) {
		bench_send(bench, from, from + 100);
		device_settle(bench->device);
	}
	bench_control(bench, "04");
	bench_control(bench, "04");
	bench_expect(bench, "10 03 01; 10 04 05; 10 04 02; ");
}

static void validate_too_early_changes_nothing(void **state)
{
	struct bench *bench = in_bootloader(state);

	bench_begin(bench);
	bench_send(bench, 0, 100);
	bench_control(bench, "04");
	bench_expect(bench, "10 04 02; ");
	for (size_t from = 100; from < BENCH_IMAGE_LEN; from += 100) {
		bench_send(bench, from, from + 100);
		device_settle(bench->device);
	}
	bench_control(bench, "04");
	bench_expect(bench, "10 03 01; 10 04 01; ");
}

static void packet_of_odd_length_is_not_supported(void **state)
{
	struct bench *bench = in_bootloader(state);

	bench_begin(bench);
	bench_packet(bench, "000102030405060708090A0B0C0D0E0F1011");
	bench_expect(bench, "10 03 03; ");
}

static void surplus_packet_poisons_the_counter(void **state)
{
	struct bench *bench = in_bootloader(state);

	bench_begin(bench);
	for (size_t from = 0; from < BENCH_IMAGE_LEN; from += 100) {
		bench_send(bench, from, from + 100);
		device_settle(bench->device);
	}
	bench_expect(bench, "10 03 01; ");
	bench_send(bench, 0, 20);
	bench_send(bench, 0, 20);
	bench_control(bench, "04");
	bench_expect(bench, "10 03 04; 10 03 06; 10 04 02; ");
}

static void ninth_packet_is_dropped_while_flash_stalls(void **state)
{
	struct bench *bench = in_bootloader(state);

	bench_begin(bench);
	flash_hold(device_flash(bench->device));
	bench_send(bench, 0, 200);
	bench_expect(bench, "10 03 06; 10 03 06; ");
	assert_int_equal(device_counters(bench->device)->packets_dropped, 2);
	bench_control(bench, "07");
	bench_expect(bench, "10 07 01 A0 00 00 00; ");
	flash_pump(device_flash(bench->device), 1);
	bench_send(bench, 160, 180);
	bench_expect(bench, "");
}

static void data_goes_to_the_second_bank(void **state)
{
	struct bench *bench = in_bootloader(state);
	const uint8_t *flash = flash_bytes(device_flash(bench->device));

	bench_transfer(bench);
	assert_memory_equal(flash + 0x1B000 + 0x10800, bench->image, BENCH_IMAGE_LEN);
	assert_memory_equal(flash + 0x1B000, bench->application, BENCH_APPLICATION_LEN);
}

/* --- generations --- */

static void version_tells_the_generation(void **state)
{
	static const struct {
		const char *sdk;
		uint8_t low_byte;
	} cases[] = { { "7", 0x05 }, { "8", 0x06 }, { "9", 0x08 }, { "10", 0x08 }, { "11", 0x08 } };
	struct bench *bench = *state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		uint8_t value[4];
		size_t len;

		bench->config.sdk = cases[i].sdk;
		bench_renew(bench);
		bench_enter(bench);
		assert_int_equal(device_read(bench->device, 0x0013, value, sizeof(value), &len), 0);
		assert_int_equal(len, 2);
		assert_int_equal(value[0], cases[i].low_byte);
		assert_int_equal(value[1], 0);
	}
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, bench_set_up, bench_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(writes_are_refused_while_notifications_are_off),
		TEST(prepared_writes_are_refused),
		TEST(start_without_mode_fails),
		TEST(unknown_op_is_not_supported),
		TEST(short_receipt_request_is_not_supported),
		TEST(init_op_with_another_second_byte_is_not_answered),
		TEST(four_byte_size_is_not_supported),
		TEST(odd_size_is_not_supported),
		TEST(application_with_softdevice_is_not_supported),
		TEST(largest_application_fills_half_of_the_room),
		TEST(single_bank_takes_the_whole_room),
		TEST(start_is_answered_when_the_whole_bank_is_erased),
		TEST(second_start_is_refused_while_the_first_erases),
		TEST(sizes_of_zero_are_accepted),
		TEST(data_before_init_is_invalid),
		TEST(init_without_data_is_invalid),
		TEST(init_for_any_softdevice_is_accepted),
		TEST(init_for_the_installed_softdevice_is_accepted),
		TEST(init_for_another_softdevice_fails),
		TEST(init_with_empty_list_fails),
		TEST(init_with_a_list_longer_than_the_packet_fails),
		TEST(init_of_eight_bytes_fails),
		TEST(init_wildcard_does_not_match_a_programmed_type),
		TEST(init_longer_than_the_buffer_fails_at_each_chunk),
		TEST(init_buffer_of_sdk_11_dual_bank_is_twice_as_large),
		TEST(receipts_come_as_requested_but_not_for_the_last_packet),
		TEST(whole_image_with_the_right_crc_is_valid),
		TEST(wrong_crc_fails_and_stays_failed),
		TEST(validate_too_early_changes_nothing),
		TEST(packet_of_odd_length_is_not_supported),
		TEST(surplus_packet_poisons_the_counter),
		TEST(ninth_packet_is_dropped_while_flash_stalls),
		TEST(data_goes_to_the_second_bank),
		TEST(version_tells_the_generation),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
