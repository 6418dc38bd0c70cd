/* Legacy bootloaders before SDK 8: legacy-dfu.md 1.1, 2, 5.2 and 10. */
#include "legacy_bench.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { S110_7_1 = 0x005A, APP_START = 0x16000, BANK1 = 0x29000, BANK1_PAGES = 0x4C };

static const uint64_t second_us = 1000000;

static void renew(struct bench *bench, const char *sdk)
{
	bench->config.sdk = sdk;
	bench->config.softdevice = S110_7_1;
	bench_renew(bench);
}

static struct bench *in_bootloader(void **state)
{
	struct bench *bench = *state;

	renew(bench, "6.1");
	bench_enter(bench);
	return bench;
}

static void advance(struct bench *bench, uint64_t us)
{
	device_advance(bench->device, device_now_us(bench->device) + us);
}

static void send_all(struct bench *bench, size_t from)
{
	for (; from < BENCH_IMAGE_LEN; from += 100) {
		bench_send(bench, from, from + 100);
		device_settle(bench->device);
	}
}

static void start(struct bench *bench)
{
	bench_control(bench, "01");
	bench_packet(bench, "E8030000");
	bench_expect(bench, "10 01 01; ");
}

static void init(struct bench *bench, const char *packet)
{
	bench_control(bench, "02");
	bench_packet(bench, packet);
	bench_expect(bench, "10 02 01; ");
}

static void transfer(struct bench *bench, const char *packet, const char *expected)
{
	start(bench);
	if (packet)
		init(bench, packet);
	bench_control(bench, "03");
	send_all(bench, 0);
	bench_control(bench, "04");
	bench_expect(bench, expected);
}

/* --- what is seen --- */

static void it_has_no_version(void **state)
{
	struct bench *bench = in_bootloader(state);
	size_t count;
	const struct device_attribute *list = device_attributes(bench->device, &count);

	for (size_t i = 0; i < count; i++)
		assert_int_not_equal(list[i].uuid128[3], 0x34);
	assert_int_equal(count, 4);
}

static void it_keeps_the_address_of_the_application(void **state)
{
	static const char *const sdks[] = { "6.1", "7" };
	struct bench *bench = *state;
	struct device_advert advert;

	for (size_t i = 0; i < 2; i++) {
		renew(bench, sdks[i]);
		device_enter_bootloader(bench->device);
		device_settle(bench->device);
		assert_true(device_advertises(bench->device, &advert));
		assert_int_equal(advert.addr.bytes[5], 0xFF);
	}
}

static void it_knows_no_peer_data(void **state)
{
	enum { APPLICATION_CONTROL = 0x0018 };
	struct bench *bench = *state;
	struct device_advert advert;

	bench->config.peer_data = true;
	renew(bench, "6.1");
	assert_true(device_connect(bench->device));
	device_write_cccd(bench->device, APPLICATION_CONTROL, 1);
	device_write(bench->device, APPLICATION_CONTROL, (uint8_t[]){ 0x01 }, 1);
	bench_expect(bench, "disconnected 13; bootloader; ");
	assert_true(device_advertises(bench->device, &advert));
	assert_false(advert.directed);
}

static void it_waits_120_seconds(void **state)
{
	struct bench *bench = in_bootloader(state);

	advance(bench, 115 * second_us);
	bench_log_expect(&bench->log, "");
	advance(bench, 10 * second_us);
	bench_expect(bench, "disconnected 13; application; ");
}

/* --- Start --- */

static void start_alone_is_for_an_application(void **state)
{
	start(in_bootloader(state));
}

static void start_with_a_mode_takes_three_sizes(void **state)
{
	struct bench *bench = in_bootloader(state);

	bench_control(bench, "01 04");
	bench_packet(bench, "00000000 00000000 E8030000");
	bench_expect(bench, "10 01 01; ");
}

static void one_size_is_the_application_s_whatever_the_mode(void **state)
{
	struct bench *bench = in_bootloader(state);

	bench_control(bench, "01 04");
	bench_packet(bench, "E8030000");
	bench_expect(bench, "10 01 01; ");
}

static void other_lengths_of_sizes_are_not_supported(void **state)
{
	struct bench *bench = in_bootloader(state);

	bench_control(bench, "01");
	bench_packet(bench, "E8030000 00000000");
	bench_expect(bench, "10 01 03; ");
}

static void start_is_answered_at_once(void **state)
{
	struct bench *bench = in_bootloader(state);
	static const uint8_t size[] = { 0xE8, 0x03, 0x00, 0x00 };

	bench_control(bench, "01");
	device_write_cmd(bench->device, 0x000E, size, sizeof(size));
	bench_log_expect(&bench->log, "10 01 01; ");
}

static void the_bank_is_cleared_when_dfu_begins(void **state)
{
	struct bench *bench = *state;
	uint64_t erases;

	renew(bench, "6.1");
	device_enter_bootloader(bench->device);
	erases = flash_erases(device_flash(bench->device));
	advance(bench, second_us / 2);
	assert_int_equal(device_mode(bench->device), DEVICE_BOOTLOADER);
	assert_false(flash_is_idle(device_flash(bench->device)));
	device_settle(bench->device);
	/* And the settings that say so. */
	assert_int_equal(flash_erases(device_flash(bench->device)) - erases, BANK1_PAGES + 1);
	bench_connect(bench);
	bench->log.text[0] = '\0';
	erases = flash_erases(device_flash(bench->device));
	start(bench);
	assert_int_equal(flash_erases(device_flash(bench->device)), erases);
}

/* The reason why such a device wants to be left alone for some seconds. */
static void what_is_sent_while_the_bank_is_cleared_overruns_the_buffers(void **state)
{
	struct bench *bench = *state;
	static const uint8_t size[] = { 0xE8, 0x03, 0x00, 0x00 };

	renew(bench, "6.1");
	device_enter_bootloader(bench->device);
	advance(bench, second_us / 5);
	bench->log.text[0] = '\0';
	assert_true(device_connect(bench->device));
	device_write_cccd(bench->device, 0x0010, 1);
	device_write(bench->device, 0x0010, (uint8_t[]){ 0x01 }, 1);
	device_write_cmd(bench->device, 0x000E, size, sizeof(size));
	device_write(bench->device, 0x0010, (uint8_t[]){ 0x03 }, 1);
	bench_log_expect(&bench->log, "10 01 01; ");
	bench_send(bench, 0, 160);
	bench_log_expect(&bench->log, "");
	bench_send(bench, 160, 180);
	bench_log_expect(&bench->log, "10 03 06; ");
}

/* --- init packet --- */

static void init_is_the_crc_answered_at_once(void **state)
{
	transfer(in_bootloader(state), "B7F9", "10 03 01; 10 04 01; ");
}

static void init_may_be_left_out(void **state)
{
	transfer(in_bootloader(state), NULL, "10 03 01; 10 04 01; ");
}

static void a_wrong_crc_is_found_at_validate(void **state)
{
	transfer(in_bootloader(state), "B8F9", "10 03 01; 10 04 05; ");
}

/* It is taken, and its first two bytes for the CRC. */
static void a_newer_init_packet_fails_at_validate(void **state)
{
	transfer(in_bootloader(state), BENCH_INIT, "10 03 01; 10 04 05; ");
}

static void init_after_data_is_invalid(void **state)
{
	struct bench *bench = in_bootloader(state);

	start(bench);
	bench_control(bench, "03");
	bench_send(bench, 0, 20);
	bench_control(bench, "02");
	bench_packet(bench, "B7F9");
	bench_expect(bench, "10 02 02; ");
}

/* --- data --- */

static void the_last_packet_is_reported_before_it_is_in_flash(void **state)
{
	static const char *const sdks[] = { "6.1", "7", "8" };
	struct bench *bench = *state;

	for (size_t i = 0; i < 3; i++) {
		renew(bench, sdks[i]);
		bench_enter(bench);
		if (i == 0)
			start(bench);
		else
			bench_begin(bench);
		bench_control(bench, "03");
		for (size_t from = 0; from < BENCH_IMAGE_LEN - 100; from += 100) {
			bench_send(bench, from, from + 100);
			device_settle(bench->device);
		}
		flash_hold(device_flash(bench->device));
		bench_send(bench, BENCH_IMAGE_LEN - 100, BENCH_IMAGE_LEN);
		bench_log_expect(&bench->log, i < 2 ? "10 03 01; " : "");
		flash_release(device_flash(bench->device));
		bench_expect(bench, i < 2 ? "" : "10 03 01; ");
	}
}

static void validate_too_early_is_final(void **state)
{
	struct bench *bench = in_bootloader(state);

	start(bench);
	bench_control(bench, "03");
	bench_send(bench, 0, 100);
	bench_control(bench, "04");
	bench_send(bench, 100, 120);
	bench_expect(bench, "10 04 02; 10 03 02; ");
}

/* --- activation --- */

static void an_application_is_activated(void **state)
{
	struct bench *bench = in_bootloader(state);
	const uint8_t *flash = flash_bytes(device_flash(bench->device));

	transfer(bench, "B7F9", "10 03 01; 10 04 01; ");
	assert_memory_equal(flash + BANK1, bench->image, BENCH_IMAGE_LEN);
	bench_control(bench, "05");
	bench_expect(bench, "disconnected 13; application; ");
	assert_memory_equal(flash + APP_START, bench->image, BENCH_IMAGE_LEN);
}

static void its_crc_is_kept_for_every_boot(void **state)
{
	struct bench *bench = in_bootloader(state);
	char *settings;

	transfer(bench, NULL, "10 03 01; 10 04 01; ");
	bench_control(bench, "05");
	bench_expect(bench, "disconnected 13; application; ");
	settings = peer_legacy.settings_json(bench->device);
	assert_non_null(strstr(settings, "\"crc16\":\"f9b7\""));
	free(settings);
	flash_program(device_flash(bench->device), APP_START + 500, "damaged", 7);
	device_power_cycle(bench->device);
	bench_expect(bench, "bootloader; ");
}

static void a_single_bank_takes_applications_alone(void **state)
{
	static const char *const modes[] = { "01 01", "01 02", "01 03" };
	struct bench *bench = *state;

	bench->config.single_bank = true;
	renew(bench, "6.1");
	bench_enter(bench);
	for (size_t i = 0; i < 3; i++) {
		bench_control(bench, modes[i]);
		bench_packet(bench, "00100000 00100000 00000000");
		bench_expect(bench, "10 01 03; ");
	}
	transfer(bench, "B7F9", "10 03 01; 10 04 01; ");
	bench_control(bench, "05");
	bench_expect(bench, "disconnected 13; application; ");
}

static void a_bootloader_is_copied_and_the_application_kept(void **state)
{
	struct bench *bench = in_bootloader(state);
	struct device_state described;

	bench_control(bench, "01 02");
	bench_packet(bench, "00000000 E8030000 00000000");
	bench_expect(bench, "10 01 01; ");
	init(bench, "B7F9");
	bench_control(bench, "03");
	send_all(bench, 0);
	bench_control(bench, "04");
	bench_control(bench, "05");
	bench_expect(bench, "10 03 01; 10 04 01; disconnected 13; reset; bootloader copied; reset; "
			    "application; ");
	device_describe(bench->device, &described);
	assert_int_equal(described.bootloader.len, BENCH_IMAGE_LEN);
	assert_memory_equal(flash_bytes(device_flash(bench->device)) + described.bootloader.addr,
			    bench->image, BENCH_IMAGE_LEN);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, bench_set_up, bench_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(it_has_no_version),
		TEST(it_keeps_the_address_of_the_application),
		TEST(it_knows_no_peer_data),
		TEST(it_waits_120_seconds),
		TEST(start_alone_is_for_an_application),
		TEST(start_with_a_mode_takes_three_sizes),
		TEST(one_size_is_the_application_s_whatever_the_mode),
		TEST(other_lengths_of_sizes_are_not_supported),
		TEST(start_is_answered_at_once),
		TEST(the_bank_is_cleared_when_dfu_begins),
		TEST(what_is_sent_while_the_bank_is_cleared_overruns_the_buffers),
		TEST(init_is_the_crc_answered_at_once),
		TEST(init_may_be_left_out),
		TEST(a_wrong_crc_is_found_at_validate),
		TEST(a_newer_init_packet_fails_at_validate),
		TEST(init_after_data_is_invalid),
		TEST(the_last_packet_is_reported_before_it_is_in_flash),
		TEST(validate_too_early_is_final),
		TEST(an_application_is_activated),
		TEST(its_crc_is_kept_for_every_boot),
		TEST(a_single_bank_takes_applications_alone),
		TEST(a_bootloader_is_copied_and_the_application_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
