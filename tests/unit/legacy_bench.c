#include "legacy_bench.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

enum { HANDLE_PACKET = 0x000E, HANDLE_CONTROL = 0x0010 };

void bench_renew(struct bench *bench)
{
	const struct device_observer observer = bench_log_observer(&bench->log);

	device_free(bench->device);
	bench->device = device_new(&bench->config, &observer);
	assert_non_null(bench->device);
	device_power_on(bench->device);
	device_settle(bench->device);
	bench->log.text[0] = '\0';
}

int bench_set_up(void **state)
{
	struct bench *bench = test_calloc(1, sizeof(*bench));

	for (size_t i = 0; i < BENCH_APPLICATION_LEN; i++)
		bench->application[i] = (uint8_t)(i * 5 + (i >> 8));
	for (size_t i = 0; i < BENCH_IMAGE_LEN; i++)
		bench->image[i] = (uint8_t)(i * 7 + (i >> 8) + 3);
	bench->config = (struct device_config){
		.address = { .bytes = { 0xD8, 0x76, 0x54, 0x32, 0x10, 0xFF }, .type = 1 },
		.name = "Thermo",
		.chip = chip_find("nrf51822"),
		.bootloader = &peer_legacy,
		.sdk = "11",
		.mode = DEVICE_APPLICATION,
		.buttonless = BUTTONLESS_LEGACY,
		.softdevice = 0x0087,
		.app_version = 1,
		.bootloader_version = 3,
		.uicr_device_type = 0xFFFF,
		.uicr_device_revision = 0xFFFF,
		.mtu = 23,
		.application = bench->application,
		.application_len = BENCH_APPLICATION_LEN,
	};
	bench->log.control = HANDLE_CONTROL;
	bench_renew(bench);
	*state = bench;
	return 0;
}

int bench_tear_down(void **state)
{
	struct bench *bench = *state;

	device_free(bench->device);
	test_free(bench);
	return 0;
}

void bench_connect(struct bench *bench)
{
	assert_true(device_connect(bench->device));
	assert_int_equal(device_write_cccd(bench->device, HANDLE_CONTROL, 1), 0);
}

void bench_enter(struct bench *bench)
{
	device_enter_bootloader(bench->device);
	bench_expect(bench, "bootloader; ");
	bench_connect(bench);
}

uint8_t bench_control(struct bench *bench, const char *hex)
{
	uint8_t bytes[BENCH_WRITE_MAX];
	uint8_t error = device_write(bench->device, HANDLE_CONTROL, bytes, bench_bytes(hex, bytes));

	device_settle(bench->device);
	return error;
}

void bench_packet(struct bench *bench, const char *hex)
{
	uint8_t bytes[BENCH_WRITE_MAX];

	device_write_cmd(bench->device, HANDLE_PACKET, bytes, bench_bytes(hex, bytes));
	device_settle(bench->device);
}

void bench_send(struct bench *bench, size_t from, size_t to)
{
	for (; from < to; from += 20)
		device_write_cmd(bench->device, HANDLE_PACKET, bench->image + from,
				 to - from < 20 ? to - from : 20);
}

void bench_begin(struct bench *bench)
{
	bench_control(bench, "01 04");
	bench_packet(bench, "00000000 00000000 E8030000");
	bench_expect(bench, "10 01 01; ");
	bench_control(bench, "02 00");
	bench_packet(bench, BENCH_INIT);
	bench_control(bench, "02 01");
	bench_expect(bench, "10 02 01; ");
	bench_control(bench, "03");
}

void bench_transfer(struct bench *bench)
{
	bench_begin(bench);
	for (size_t from = 0; from < BENCH_IMAGE_LEN; from += 100) {
		bench_send(bench, from, from + 100);
		device_settle(bench->device);
	}
	bench_control(bench, "04");
	bench_expect(bench, "10 03 01; 10 04 01; ");
}

void bench_expect(struct bench *bench, const char *expected)
{
	device_settle(bench->device);
	bench_log_expect(&bench->log, expected);
}
