/* The simulated InfiniTime: legacy-dfu.md 10.1, row by row. */
#include "legacy_bench.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

enum { CONTROL = 0x0018, PACKET = 0x0016, VERSION = 0x001B, LOCKED = 0x08 };

static const uint64_t second_us = 1000000;

static void renew(struct bench *bench)
{
	bench->config.chip = chip_find("nrf52832");
	bench->config.bootloader = &peer_infinitime;
	bench->config.sdk = "1";
	bench->config.buttonless = BUTTONLESS_NONE;
	bench->config.name = "InfiniTime";
	bench->log.control = CONTROL;
	bench_renew(bench);
	assert_true(device_connect(bench->device));
	assert_int_equal(device_write_cccd(bench->device, CONTROL, 1), 0);
}

static struct bench *bench_from(void **state)
{
	struct bench *bench = *state;

	renew(bench);
	return bench;
}

static uint8_t control(struct bench *bench, const char *hex)
{
	uint8_t bytes[BENCH_WRITE_MAX];

	return device_write(bench->device, CONTROL, bytes, bench_bytes(hex, bytes));
}

static void packet(struct bench *bench, const char *hex)
{
	uint8_t bytes[BENCH_WRITE_MAX];

	device_write_cmd(bench->device, PACKET, bytes, bench_bytes(hex, bytes));
}

static void advance(struct bench *bench, uint64_t us)
{
	device_advance(bench->device, device_now_us(bench->device) + us);
}

static void send(struct bench *bench, size_t from, size_t to, size_t size)
{
	for (; from < to; from += size)
		device_write_cmd(bench->device, PACKET, bench->image + from,
				 to - from < size ? to - from : size);
}

static void start(struct bench *bench)
{
	control(bench, "01 04");
	packet(bench, "00000000 00000000 E8030000");
	advance(bench, 10 * second_us);
	bench_log_expect(&bench->log, "10 01 01; ");
}

static void begin(struct bench *bench, const char *init)
{
	start(bench);
	control(bench, "02 00");
	packet(bench, init);
	control(bench, "02 01");
	advance(bench, second_us);
	bench_log_expect(&bench->log, "10 02 01; ");
	control(bench, "08 32 00");
	control(bench, "03");
}

static void transfer(struct bench *bench)
{
	begin(bench, BENCH_INIT);
	send(bench, 0, BENCH_IMAGE_LEN, 20);
	bench_log_expect(&bench->log, "10 03 01; ");
}

static void it_runs_its_application_all_the_time(void **state)
{
	struct bench *bench = bench_from(state);
	uint8_t version[2];
	size_t len;

	assert_int_equal(device_mode(bench->device), DEVICE_APPLICATION);
	assert_int_equal(device_read(bench->device, VERSION, version, sizeof(version), &len), 0);
	assert_memory_equal(version, ((uint8_t[]){ 0x08, 0x00 }), 2);
}

static void its_user_can_lock_it(void **state)
{
	struct bench *bench = *state;
	uint8_t version[2];
	size_t len;

	bench->config.locked = true;
	renew(bench);
	assert_int_equal(device_read(bench->device, VERSION, version, sizeof(version), &len),
			 LOCKED);
	assert_int_equal(control(bench, "01 04"), LOCKED);
}

static void start_erases_for_seconds(void **state)
{
	struct bench *bench = bench_from(state);

	control(bench, "01 04");
	packet(bench, "00000000 00000000 E8030000");
	advance(bench, 9 * second_us);
	bench_log_expect(&bench->log, "");
	advance(bench, second_us);
	bench_log_expect(&bench->log, "10 01 01; ");
}

static void start_for_anything_but_an_application_is_ignored(void **state)
{
	static const char *const modes[] = { "01 01", "01 02", "01 03", "01 05", "01" };
	struct bench *bench = bench_from(state);

	for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
		control(bench, modes[i]);
		packet(bench, "E8030000 00000000 00000000");
		advance(bench, 15 * second_us);
		bench_log_expect(&bench->log, "");
	}
}

static void what_comes_in_the_wrong_state_is_not_answered(void **state)
{
	static const char *const ops[] = { "02 01", "03", "04", "05" };
	struct bench *bench = bench_from(state);

	for (size_t i = 0; i < sizeof(ops) / sizeof(ops[0]); i++)
		control(bench, ops[i]);
	start(bench);
	control(bench, "01 04");
	control(bench, "04");
	control(bench, "05");
	advance(bench, 2 * second_us);
	bench_log_expect(&bench->log, "");
}

static void reset_and_report_size_are_not_known(void **state)
{
	struct bench *bench = bench_from(state);

	start(bench);
	control(bench, "06");
	control(bench, "07");
	advance(bench, 2 * second_us);
	bench_log_expect(&bench->log, "");
	assert_true(device_is_connected(bench->device));
}

static void interrupted_run_is_forgotten_after_ten_seconds(void **state)
{
	struct bench *bench = bench_from(state);

	begin(bench, BENCH_INIT);
	send(bench, 0, 400, 20);
	device_disconnect(bench->device, 0x08);
	advance(bench, 9 * second_us);
	assert_true(device_connect(bench->device));
	device_write_cccd(bench->device, CONTROL, 1);
	control(bench, "01 04");
	device_disconnect(bench->device, 0x13);
	advance(bench, 2 * second_us);
	assert_true(device_connect(bench->device));
	device_write_cccd(bench->device, CONTROL, 1);
	start(bench);
}

static void init_is_answered_after_a_second(void **state)
{
	struct bench *bench = bench_from(state);

	start(bench);
	control(bench, "02 00");
	packet(bench, BENCH_INIT);
	control(bench, "02 01");
	advance(bench, second_us - 1);
	bench_log_expect(&bench->log, "");
	advance(bench, 1);
	bench_log_expect(&bench->log, "10 02 01; ");
}

static void receipts_count_by_one_byte(void **state)
{
	struct bench *bench = bench_from(state);

	begin(bench, BENCH_INIT);
	control(bench, "08 02 01");
	send(bench, 0, 80, 20);
	bench_log_expect(&bench->log, "11 28 00 00 00; 11 50 00 00 00; ");
}

static void receipts_after_no_packets_are_its_end(void **state)
{
	struct bench *bench = bench_from(state);

	begin(bench, BENCH_INIT);
	control(bench, "08 00 01");
	send(bench, 0, 20, 20);
	bench_expect(bench, "error check; reset; application; ");
}

static void packets_over_20_bytes_are_its_end(void **state)
{
	struct bench *bench = *state;

	bench->config.mtu = 247;
	renew(bench);
	device_exchange_mtu(bench->device, 247);
	begin(bench, BENCH_INIT);
	send(bench, 0, 40, 40);
	bench_expect(bench, "error check; reset; application; ");
}

/* 200 bytes are not a whole number of them. */
static void packets_of_16_bytes_damage_the_image(void **state)
{
	struct bench *bench = bench_from(state);

	begin(bench, BENCH_INIT);
	send(bench, 0, BENCH_IMAGE_LEN, 16);
	control(bench, "04");
	advance(bench, 2 * second_us);
	bench_log_expect(&bench->log, "11 20 03 00 00; 10 03 01; ");
}

static void good_image_is_answered_after_a_second(void **state)
{
	struct bench *bench = bench_from(state);

	transfer(bench);
	control(bench, "04");
	bench_log_expect(&bench->log, "");
	advance(bench, second_us);
	bench_log_expect(&bench->log, "10 04 01; ");
}

static void damaged_image_is_not_answered_and_all_is_forgotten(void **state)
{
	struct bench *bench = bench_from(state);

	begin(bench, "FFFF FFFF 07000000 0100 FEFF B8F9");
	send(bench, 0, BENCH_IMAGE_LEN, 20);
	control(bench, "04");
	advance(bench, 2 * second_us);
	bench_log_expect(&bench->log, "10 03 01; ");
	start(bench);
}

static void activation_exchanges_the_images_for_a_minute(void **state)
{
	struct bench *bench = bench_from(state);
	struct device_state described;

	transfer(bench);
	control(bench, "04");
	advance(bench, second_us);
	bench->log.text[0] = '\0';
	control(bench, "05");
	advance(bench, 60 * second_us);
	bench_log_expect(&bench->log, "reset; ");
	bench_expect(bench, "application; ");
	device_describe(bench->device, &described);
	assert_int_equal(described.app_version, 7);
	assert_int_equal(described.application.len, BENCH_IMAGE_LEN);
	assert_memory_equal(flash_bytes(device_flash(bench->device)) + described.application.addr,
			    bench->image, BENCH_IMAGE_LEN);
}

/* A timer that fires into memory that the reset has cleared would be seen by the sanitizers. */
static void power_loss_ends_what_was_to_come(void **state)
{
	struct bench *bench = bench_from(state);

	control(bench, "01 04");
	packet(bench, "00000000 00000000 E8030000");
	device_power_cycle(bench->device);
	advance(bench, 20 * second_us);
	bench_expect(bench, "application; ");
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, bench_set_up, bench_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(it_runs_its_application_all_the_time),
		TEST(its_user_can_lock_it),
		TEST(start_erases_for_seconds),
		TEST(start_for_anything_but_an_application_is_ignored),
		TEST(what_comes_in_the_wrong_state_is_not_answered),
		TEST(reset_and_report_size_are_not_known),
		TEST(interrupted_run_is_forgotten_after_ten_seconds),
		TEST(init_is_answered_after_a_second),
		TEST(receipts_count_by_one_byte),
		TEST(receipts_after_no_packets_are_its_end),
		TEST(packets_over_20_bytes_are_its_end),
		TEST(packets_of_16_bytes_damage_the_image),
		TEST(good_image_is_answered_after_a_second),
		TEST(damaged_image_is_not_answered_and_all_is_forgotten),
		TEST(activation_exchanges_the_images_for_a_minute),
		TEST(power_loss_ends_what_was_to_come),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
