/* Legacy bootloaders older than SDK 6.1, and Adafruit's: legacy-dfu.md 5.2, 6, 7 and 10. */
#include "legacy_bench.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

enum { S110_7_1 = 0x005A, S140_6_1 = 0x00B6, PACKET = 0x000E };

#define ADAFRUIT_INIT "5200 FFFF 07000000 0100 FEFF B7F9"

static const char *const oldest[] = { "4.4", "5.2", "6.0" };
static const uint64_t second_us = 1000000;

static void enter_old(struct bench *bench, const char *sdk)
{
	bench->config.sdk = sdk;
	bench->config.softdevice = S110_7_1;
	bench->config.buttonless = BUTTONLESS_NONE;
	bench_renew(bench);
	bench_enter(bench);
}

static void enter_adafruit(struct bench *bench)
{
	bench->config.chip = chip_find("nrf52840");
	bench->config.sdk = "11-adafruit";
	bench->config.softdevice = S140_6_1;
	bench->config.mtu = 247;
	bench_renew(bench);
	bench_enter(bench);
}

static void advance(struct bench *bench, uint64_t us)
{
	device_advance(bench->device, device_now_us(bench->device) + us);
}

static void send_all(struct bench *bench)
{
	for (size_t from = 0; from < BENCH_IMAGE_LEN; from += 100) {
		bench_send(bench, from, from + 100);
		device_settle(bench->device);
	}
}

/* --- SDK 4 to 6.0 --- */

static void the_application_s_size_is_all_that_start_takes(void **state)
{
	for (size_t i = 0; i < sizeof(oldest) / sizeof(oldest[0]); i++) {
		struct bench *bench = *state;

		enter_old(bench, oldest[i]);
		bench_control(bench, "01 04");
		bench_packet(bench, "00000000 00000000 E8030000");
		bench_expect(bench, "10 01 03; ");
		bench_control(bench, "01");
		bench_packet(bench, "E8030000");
		bench_expect(bench, "10 01 01; ");
	}
}

static void no_mode_makes_it_take_a_softdevice(void **state)
{
	static const char *const modes[] = { "01 01", "01 02", "01 03" };
	struct bench *bench = *state;

	enter_old(bench, "6.0");
	for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
		bench_control(bench, modes[i]);
		bench_packet(bench, "E8030000 00000000 00000000");
		bench_expect(bench, "10 01 03; ");
	}
}

static void an_application_is_activated_with_or_without_init(void **state)
{
	for (size_t i = 0; i < 2 * sizeof(oldest) / sizeof(oldest[0]); i++) {
		struct bench *bench = *state;

		enter_old(bench, oldest[i / 2]);
		bench_control(bench, "01");
		bench_packet(bench, "E8030000");
		if (i % 2 > 0) {
			bench_control(bench, "02");
			bench_packet(bench, "B7F9");
		}
		bench_control(bench, "03");
		send_all(bench);
		bench_control(bench, "04");
		bench_control(bench, "05");
		bench_expect(bench, i % 2 > 0 ? "10 01 01; 10 02 01; 10 03 01; 10 04 01; "
						"disconnected 13; application; "
					      : "10 01 01; 10 03 01; 10 04 01; disconnected 13; "
						"application; ");
	}
}

static void it_waits_60_seconds(void **state)
{
	struct bench *bench = *state;

	enter_old(bench, "6.0");
	advance(bench, 55 * second_us);
	bench_log_expect(&bench->log, "");
	advance(bench, 10 * second_us);
	bench_expect(bench, "disconnected 13; application; ");
}

/* --- Adafruit --- */

static void it_is_called_adadfu(void **state)
{
	static const uint8_t name[] = { 7, 0x09, 'A', 'd', 'a', 'D', 'F', 'U' };
	struct bench *bench = *state;
	struct device_advert advert;

	enter_adafruit(bench);
	device_disconnect(bench->device, 0x13);
	assert_true(device_advertises(bench->device, &advert));
	assert_memory_equal(advert.data + advert.data_len - sizeof(name), name, sizeof(name));
	/* ..:FF and one. */
	assert_int_equal(advert.addr.bytes[5], 0x00);
}

static void it_shows_device_information(void **state)
{
	struct bench *bench = *state;
	const struct device_attribute *list;
	size_t count;

	enter_adafruit(bench);
	list = device_attributes(bench->device, &count);
	assert_int_equal(list[count - 1].service, 0x180A);
}

static void start_adafruit(struct bench *bench, const char *init, const char *expected)
{
	enter_adafruit(bench);
	bench_control(bench, "01 04");
	bench_packet(bench, "00000000 00000000 E8030000");
	bench_control(bench, "02 00");
	bench_packet(bench, init);
	bench_control(bench, "02 01");
	bench_expect(bench, expected);
}

static void only_device_type_0052_is_taken(void **state)
{
	start_adafruit(*state, ADAFRUIT_INIT, "10 01 01; 10 02 01; ");
	start_adafruit(*state, BENCH_INIT, "10 01 01; 10 02 06; ");
}

static void a_bootloader_must_name_the_chip(void **state)
{
	static const struct {
		const char *init;
		const char *expected;
	} cases[] = {
		{ "5200 FFFF 07000000 0100 FEFF B7F9", "10 01 01; 10 02 06; " },
		{ "5200 AFAD 07000000 0100 FEFF B7F9", "10 01 01; 10 02 06; " },
		{ "5200 68CE 07000000 0100 FEFF B7F9", "10 01 01; 10 02 01; " }, /* 52840 */
	};
	struct bench *bench = *state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		enter_adafruit(bench);
		bench_control(bench, "01 02");
		bench_packet(bench, "00000000 E8030000 00000000");
		bench_control(bench, "02 00");
		bench_packet(bench, cases[i].init);
		bench_control(bench, "02 01");
		bench_expect(bench, cases[i].expected);
	}
}

/* It takes them, and what is behind the twentieth byte is not what was sent. */
static void packets_over_20_bytes_arrive_damaged(void **state)
{
	struct bench *bench = *state;

	start_adafruit(bench, ADAFRUIT_INIT, "10 01 01; 10 02 01; ");
	assert_int_equal(device_exchange_mtu(bench->device, 247), 247);
	bench_control(bench, "03");
	for (size_t from = 0; from < BENCH_IMAGE_LEN; from += 200) {
		device_write_cmd(bench->device, PACKET, bench->image + from, 200);
		device_settle(bench->device);
	}
	bench_control(bench, "04");
	bench_expect(bench, "10 03 01; 10 04 05; ");
}

static void ten_packets_wait_for_flash(void **state)
{
	struct bench *bench = *state;

	start_adafruit(bench, ADAFRUIT_INIT, "10 01 01; 10 02 01; ");
	bench_control(bench, "03");
	flash_hold(device_flash(bench->device));
	bench_send(bench, 0, 200);
	bench_log_expect(&bench->log, "");
	bench_send(bench, 200, 220);
	bench_log_expect(&bench->log, "10 03 06; ");
	flash_release(device_flash(bench->device));
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, bench_set_up, bench_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_application_s_size_is_all_that_start_takes),
		TEST(no_mode_makes_it_take_a_softdevice),
		TEST(an_application_is_activated_with_or_without_init),
		TEST(it_waits_60_seconds),
		TEST(it_is_called_adadfu),
		TEST(it_shows_device_information),
		TEST(only_device_type_0052_is_taken),
		TEST(a_bootloader_must_name_the_chip),
		TEST(packets_over_20_bytes_arrive_damaged),
		TEST(ten_packets_wait_for_flash),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
