/* What the legacy bootloader does over disconnections, resets and activation: legacy-dfu.md 2, 9.
 */
#include "legacy_bench.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { HANDLE_PACKET = 0x000E, APP_START = 0x1B000, SETTINGS = 0x3FC00, LINK_LOST = 0x08 };

static const uint64_t second_us = 1000000;

static struct bench *in_bootloader(void **state)
{
	struct bench *bench = *state;

	bench_enter(bench);
	return bench;
}

static void advance(struct bench *bench, uint64_t seconds)
{
	device_advance(bench->device,
		       firmware_timeline(bench->device)->now_us + seconds * second_us);
}

static struct device_advert advert_of(struct bench *bench)
{
	struct device_advert advert;

	assert_true(device_advertises(bench->device, &advert));
	return advert;
}

static struct device_state describe(struct bench *bench)
{
	struct device_state described;

	device_describe(bench->device, &described);
	return described;
}

/* --- advertising --- */

static void advertises_at_the_next_address_modulo_256(void **state)
{
	static const uint8_t expected[] = { 0xD8, 0x76, 0x54, 0x32, 0x10, 0x00 };
	struct bench *bench = *state;

	device_enter_bootloader(bench->device);
	device_settle(bench->device);
	assert_memory_equal(advert_of(bench).addr.bytes, expected, sizeof(expected));
}

static void jump_with(struct bench *bench, bool peer_data)
{
	enum { APPLICATION_CONTROL = 0x0018 };

	bench->config.peer_data = peer_data;
	bench_renew(bench);
	assert_true(device_connect(bench->device));
	assert_int_equal(device_write_cccd(bench->device, APPLICATION_CONTROL, 1), 0);
	assert_int_equal(device_write(bench->device, APPLICATION_CONTROL, (uint8_t[]){ 0x01, 0x04 },
				      2),
			 0);
	bench_expect(bench, "disconnected 13; bootloader; ");
}

static void jump_without_peer_data_advertises_openly(void **state)
{
	struct bench *bench = *state;

	jump_with(bench, false);
	assert_false(advert_of(bench).directed);
	assert_int_equal(advert_of(bench).addr.bytes[5], 0x00);
}

static void jump_with_peer_data_advertises_directed_at_the_same_address(void **state)
{
	struct bench *bench = *state;

	jump_with(bench, true);
	assert_true(advert_of(bench).directed);
	assert_int_equal(advert_of(bench).data_len, 0);
	assert_int_equal(advert_of(bench).addr.bytes[5], 0xFF);
}

static void directed_advertising_ends_after_64_seconds(void **state)
{
	struct bench *bench = *state;

	jump_with(bench, true);
	advance(bench, 63);
	assert_string_equal(bench->log.text, "");
	advance(bench, 2);
	bench_expect(bench, "application; ");
}

static void directed_bootloader_waits_120_seconds_once_connected(void **state)
{
	struct bench *bench = *state;

	jump_with(bench, true);
	bench_connect(bench);
	advance(bench, 119);
	assert_string_equal(bench->log.text, "");
	advance(bench, 2);
	bench_expect(bench, "disconnected 13; application; ");
}

static void peer_data_is_lost_by_a_reset(void **state)
{
	struct bench *bench = *state;

	jump_with(bench, true);
	bench_connect(bench);
	bench_control(bench, "06");
	bench_expect(bench, "disconnected 13; application; ");
	device_enter_bootloader(bench->device);
	device_settle(bench->device);
	assert_false(advert_of(bench).directed);
}

/* --- link loss --- */

static void transfer_survives_a_link_loss(void **state)
{
	struct bench *bench = in_bootloader(state);

	bench_begin(bench);
	for (size_t from = 0; from < 400; from += 100) {
		bench_send(bench, from, from + 100);
		device_settle(bench->device);
	}
	device_disconnect(bench->device, LINK_LOST);
	bench_connect(bench);
	bench_control(bench, "07");
	bench_control(bench, "01 04");
	bench_packet(bench, "00000000 00000000 E8030000");
	bench_expect(bench, "10 07 01 90 01 00 00; 10 01 02; ");
}

static void link_lost_while_start_erases_fails_the_error_check(void **state)
{
	struct bench *bench = in_bootloader(state);

	bench_control(bench, "01 04");
	device_write_cmd(bench->device, HANDLE_PACKET, (uint8_t[12]){ [8] = 0xE8, [9] = 3 }, 12);
	device_disconnect(bench->device, LINK_LOST);
	bench_expect(bench, "error check; reset; application; ");
}

static void link_lost_before_the_last_write_fails_the_error_check(void **state)
{
	struct bench *bench = in_bootloader(state);

	bench_begin(bench);
	for (size_t from = 0; from < 900; from += 100) {
		bench_send(bench, from, from + 100);
		device_settle(bench->device);
	}
	bench_send(bench, 900, 1000);
	device_disconnect(bench->device, LINK_LOST);
	bench_expect(bench, "error check; reset; application; ");
}

/* --- inactivity --- */

static void silence_of_120_seconds_ends_it(void **state)
{
	struct bench *bench = in_bootloader(state);

	bench_begin(bench);
	advance(bench, 119);
	bench_send(bench, 0, 20);
	advance(bench, 119);
	assert_string_equal(bench->log.text, "");
	advance(bench, 2);
	bench_expect(bench, "disconnected 13; application; ");
}

static void requests_that_bring_nothing_do_not_prolong_it(void **state)
{
	struct bench *bench = in_bootloader(state);

	bench_begin(bench);
	advance(bench, 119);
	bench_control(bench, "07");
	bench_expect(bench, "10 07 01 00 00 00 00; ");
	advance(bench, 2);
	bench_expect(bench, "disconnected 13; application; ");
}

/* --- activation --- */

static void activation_copies_the_image_over_the_application(void **state)
{
	struct bench *bench = in_bootloader(state);
	struct device_state described;

	bench_transfer(bench);
	bench_control(bench, "05");
	bench_expect(bench, "disconnected 13; application; ");
	described = describe(bench);
	assert_int_equal(described.application.addr, APP_START);
	assert_int_equal(described.application.len, BENCH_IMAGE_LEN);
	assert_memory_equal(flash_bytes(device_flash(bench->device)) + APP_START, bench->image,
			    BENCH_IMAGE_LEN);
}

static void activation_takes_the_time_of_erasing_and_writing(void **state)
{
	struct bench *bench = in_bootloader(state);
	const struct chip *chip = bench->config.chip;
	uint64_t now_us = firmware_timeline(bench->device)->now_us;
	uint64_t least_us = 2 * (uint64_t)chip->erase_page_us +
			    BENCH_IMAGE_LEN / 4 * (uint64_t)chip->write_word_us;
	struct device_advert advert;

	bench_transfer(bench);
	now_us = firmware_timeline(bench->device)->now_us;
	assert_int_equal(device_write(bench->device, 0x0010, (uint8_t[]){ 0x05 }, 1), 0);
	device_advance(bench->device, now_us + least_us);
	assert_string_equal(bench->log.text, "disconnected 13; ");
	assert_false(device_advertises(bench->device, &advert));
	bench_expect(bench, "disconnected 13; application; ");
}

static void power_cut_before_the_copy_is_finished_leaves_the_bootloader(void **state)
{
	struct bench *bench = in_bootloader(state);

	bench_transfer(bench);
	flash_hold(device_flash(bench->device));
	bench_control(bench, "05");
	flash_pump(device_flash(bench->device), 1);
	device_power_cycle(bench->device);
	bench_expect(bench, "disconnected 13; bootloader; ");
	assert_int_equal(describe(bench).application.len, 0);
}

static void version_of_the_application_is_the_one_last_activated(void **state)
{
	struct bench *bench = in_bootloader(state);

	assert_int_equal(describe(bench).app_version, 1);
	bench_transfer(bench);
	assert_int_equal(describe(bench).app_version, 1);
	bench_control(bench, "05");
	device_settle(bench->device);
	assert_int_equal(describe(bench).app_version, 7);
	assert_int_equal(describe(bench).bootloader_version, 3);
	assert_int_equal(describe(bench).softdevice_fwid, 0x0087);
}

static void activate_before_validate_keeps_the_application(void **state)
{
	struct bench *bench = in_bootloader(state);

	bench_begin(bench);
	bench_control(bench, "05");
	bench_expect(bench, "disconnected 13; application; ");
	assert_int_equal(describe(bench).application.len, BENCH_APPLICATION_LEN);
}

static void single_bank_has_no_application_from_start_on(void **state)
{
	struct bench *bench = *state;

	bench->config.single_bank = true;
	bench_renew(bench);
	bench_enter(bench);
	bench_begin(bench);
	assert_int_equal(describe(bench).application.len, 0);
	bench_control(bench, "06");
	bench_expect(bench, "disconnected 13; reset; bootloader; ");
}

static void settings_after_an_update_hold_no_crc(void **state)
{
	struct bench *bench = in_bootloader(state);
	char *json;

	bench_transfer(bench);
	bench_control(bench, "05");
	device_settle(bench->device);
	json = peer_legacy.settings_json(bench->device);
	assert_string_equal(json, "{\"bank0\":{\"code\":1,\"size\":1000,\"crc16\":\"0000\"},"
				  "\"bank1\":{\"code\":255},\"sd_size\":0,\"bl_size\":0,"
				  "\"app_size\":0,\"sd_image_start\":0}");
	free(json);
}

/* --- what starts --- */

static void damaged_application_is_not_started(void **state)
{
	struct bench *bench = *state;

	flash_program(device_flash(bench->device), APP_START + 100, (uint8_t[]){ 0, 0 }, 2);
	device_power_cycle(bench->device);
	bench_expect(bench, "bootloader; ");
}

static void device_without_application_starts_its_bootloader(void **state)
{
	struct bench *bench = *state;

	bench->config.application = NULL;
	bench_renew(bench);
	assert_int_equal(device_mode(bench->device), DEVICE_BOOTLOADER);
}

static void application_that_does_not_fit_is_not_installed(void **state)
{
	struct bench *bench = *state;

	bench->config.application_len = SIZE_MAX;
	bench_renew(bench);
	assert_int_equal(device_mode(bench->device), DEVICE_BOOTLOADER);
}

/* A stored flash may hold anything: nothing of it may lead out of the flash. */
static void settings_of_any_content_do_no_harm(void **state)
{
	static const uint8_t banks[] = { 0x01, 0xA5, 0xAA, 0xFF };
	struct bench *bench = *state;
	uint32_t random = 1;

	for (size_t round = 0; round < 256; round++) {
		uint8_t page[48];

		for (size_t i = 0; i < sizeof(page); i++) {
			random = random * 1664525 + 1013904223;
			page[i] = (uint8_t)(random >> 24);
			/* Sizes that may be possible, too. */
			if (i % 4 >= 2 && round & 16)
				page[i] &= i % 4 == 2 ? 0x03 : 0;
			if (i % 4 == 0 && round & 32)
				page[i] &= 0xFC;
		}
		page[0] = banks[round % 4];
		page[4] = banks[round / 4 % 4];
		bench_renew(bench);
		flash_program(device_flash(bench->device), SETTINGS, page, sizeof(page));
		device_power_cycle(bench->device);
		device_settle(bench->device);
		assert_in_range(describe(bench).bootloader.len, 0, 0x3C00);
		assert_in_range(describe(bench).softdevice.len, 0, 0x3B000);
	}
}

static void send_all(struct bench *bench)
{
	for (size_t from = 0; from < BENCH_IMAGE_LEN; from += 100) {
		bench_send(bench, from, from + 100);
		device_settle(bench->device);
	}
}

/* The sum of the sizes is 1000, but the application's alone is larger than its bank. */
static void sizes_whose_sum_overflows_fail_at_activation(void **state)
{
	struct bench *bench = in_bootloader(state);

	bench_control(bench, "01 04");
	bench_packet(bench, "E8E3FDFF 00000000 00200200");
	bench_control(bench, "02 00");
	bench_packet(bench, BENCH_INIT);
	bench_control(bench, "02 01");
	bench_control(bench, "03");
	bench_expect(bench, "10 01 01; 10 02 01; ");
	send_all(bench);
	bench_control(bench, "04");
	bench_control(bench, "05");
	bench_expect(bench,
		     "10 03 01; 10 04 01; disconnected 13; error check; reset; bootloader; ");
}

/* A refused Start for a SoftDevice makes the image longer than what lies behind bank 1. */
static void image_beyond_the_end_of_flash_is_not_read(void **state)
{
	struct bench *bench = in_bootloader(state);
	const size_t beyond = 0x40000 - 0x2B800 + 20;

	bench_begin(bench);
	bench_control(bench, "01 01");
	bench_packet(bench, "14480100 00000000 00000000");
	bench_expect(bench, "10 01 02; ");
	bench_control(bench, "03");
	for (size_t sent = 0; sent + 28 < beyond; sent += 20) {
		bench_send(bench, 0, 20);
		device_settle(bench->device);
	}
	flash_hold(device_flash(bench->device));
	bench_send(bench, 0, 28);
	bench_expect(bench, "");
	bench_control(bench, "04");
	bench_expect(bench, "10 04 05; ");
}

static void nrf52_has_its_own_layout(void **state)
{
	struct bench *bench = *state;

	bench->config.chip = chip_find("nrf52832");
	bench->config.softdevice = 0x0088;
	bench_renew(bench);
	bench_enter(bench);
	bench_transfer(bench);
	bench_control(bench, "05");
	bench_expect(bench, "disconnected 13; application; ");
	assert_int_equal(describe(bench).application.addr, 0x1C000);
	assert_int_equal(describe(bench).bootloader.addr, 0x7A000);
	assert_memory_equal(flash_bytes(device_flash(bench->device)) + 0x1C000, bench->image,
			    BENCH_IMAGE_LEN);
}

static void device_without_softdevice_refuses_every_image(void **state)
{
	struct bench *bench = *state;

	flash_program(device_flash(bench->device), 0x3000, (uint8_t[16]){ 0 }, 16);
	bench_enter(bench);
	bench_control(bench, "01 04");
	bench_packet(bench, "00000000 00000000 E8030000");
	bench_expect(bench, "10 01 04; ");
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, bench_set_up, bench_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(advertises_at_the_next_address_modulo_256),
		TEST(jump_without_peer_data_advertises_openly),
		TEST(jump_with_peer_data_advertises_directed_at_the_same_address),
		TEST(directed_advertising_ends_after_64_seconds),
		TEST(directed_bootloader_waits_120_seconds_once_connected),
		TEST(peer_data_is_lost_by_a_reset),
		TEST(transfer_survives_a_link_loss),
		TEST(link_lost_while_start_erases_fails_the_error_check),
		TEST(link_lost_before_the_last_write_fails_the_error_check),
		TEST(silence_of_120_seconds_ends_it),
		TEST(requests_that_bring_nothing_do_not_prolong_it),
		TEST(activation_copies_the_image_over_the_application),
		TEST(activation_takes_the_time_of_erasing_and_writing),
		TEST(power_cut_before_the_copy_is_finished_leaves_the_bootloader),
		TEST(version_of_the_application_is_the_one_last_activated),
		TEST(activate_before_validate_keeps_the_application),
		TEST(single_bank_has_no_application_from_start_on),
		TEST(settings_after_an_update_hold_no_crc),
		TEST(damaged_application_is_not_started),
		TEST(device_without_application_starts_its_bootloader),
		TEST(application_that_does_not_fit_is_not_installed),
		TEST(settings_of_any_content_do_no_harm),
		TEST(sizes_whose_sum_overflows_fail_at_activation),
		TEST(image_beyond_the_end_of_flash_is_not_read),
		TEST(nrf52_has_its_own_layout),
		TEST(device_without_softdevice_refuses_every_image),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
