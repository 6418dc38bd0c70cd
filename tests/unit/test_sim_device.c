#include "toy_bootloader.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

enum { BOOT_US = 100000, SECOND_US = 1000000 };

static uint8_t tell(struct toy *toy, char what)
{
	return device_write(toy->device, TOY_CONTROL, (const uint8_t *)&what, 1);
}

static void connect(struct toy *toy)
{
	device_settle(toy->device);
	assert_true(device_connect(toy->device));
}

static void a_device_appears_when_its_boot_is_over(void **state)
{
	struct toy toy = { .boot_spends_us = 5 * SECOND_US };
	struct device_advert advert;

	(void)state;
	toy_start(&toy);
	assert_int_equal(device_next_us(toy.device), BOOT_US + 5 * SECOND_US);
	device_advance(toy.device, BOOT_US + 5 * SECOND_US - 1);
	assert_int_equal(device_mode(toy.device), DEVICE_OFF);
	assert_false(device_advertises(toy.device, &advert));
	device_advance(toy.device, BOOT_US + 5 * SECOND_US);
	assert_int_equal(device_mode(toy.device), DEVICE_BOOTLOADER);
	assert_true(device_advertises(toy.device, &advert));
	assert_int_equal(toy.boot_events, 1);
	toy_stop(&toy);
}

static void the_next_address_does_not_carry(void **state)
{
	static const uint8_t next[] = { 0xD8, 0x76, 0x54, 0x32, 0x10, 0x00 };
	struct toy toy = { 0 };
	struct device_advert advert;

	(void)state;
	toy_start(&toy);
	device_settle(toy.device);
	assert_true(device_advertises(toy.device, &advert));
	assert_memory_equal(advert.addr.bytes, next, 6);
	toy_stop(&toy);
}

static void a_reset_waits_for_the_end_of_the_call(void **state)
{
	struct toy toy = { 0 };

	(void)state;
	toy_start(&toy);
	connect(&toy);
	assert_int_equal(tell(&toy, TOY_RESET), 0);
	assert_int_equal(toy.boots, 2);
	assert_int_equal(toy.ram_at_boot, 0);
	assert_int_equal(toy.reset_events, 1);
	assert_false(device_is_connected(toy.device));
	assert_int_equal(toy.reason, 0);
	toy_stop(&toy);
}

static void boot_may_reset_several_times(void **state)
{
	struct toy toy = { 0 };

	(void)state;
	toy_start(&toy);
	connect(&toy);
	toy.resets_at_boot = 2;
	tell(&toy, TOY_RESET);
	device_settle(toy.device);
	assert_int_equal(toy.boots, 4);
	assert_int_equal(toy.reset_events, 3);
	assert_int_equal(toy.boot_events, 2);
	assert_int_equal(device_mode(toy.device), DEVICE_BOOTLOADER);
	toy_stop(&toy);
}

static void a_device_that_resets_for_ever_stays_dark(void **state)
{
	struct toy toy = { .resets_at_boot = 1000 };

	(void)state;
	toy_start(&toy);
	device_settle(toy.device);
	assert_int_equal(device_mode(toy.device), DEVICE_OFF);
	assert_int_equal(device_next_us(toy.device), UINT64_MAX);
	toy_stop(&toy);
}

static void the_retention_register_survives_a_reset_but_not_power(void **state)
{
	struct toy toy = { 0 };

	(void)state;
	toy_start(&toy);
	device_enter_bootloader(toy.device);
	assert_int_equal(toy.gpregret_at_boot, FIRMWARE_GPREGRET_DFU);
	assert_int_equal(toy.reset_events, 0);
	firmware_set_gpregret(toy.device, 0x55);
	connect(&toy);
	tell(&toy, TOY_RESET);
	assert_int_equal(toy.gpregret_at_boot, 0x55);
	firmware_set_gpregret(toy.device, 0x55);
	device_power_cycle(toy.device);
	assert_int_equal(toy.gpregret_at_boot, 0);
	toy_stop(&toy);
}

static void a_device_told_to_start_in_its_bootloader_does(void **state)
{
	struct toy toy = { .config = { .mode = DEVICE_BOOTLOADER }, .boots_application = true };

	(void)state;
	toy_start(&toy);
	device_settle(toy.device);
	assert_int_equal(device_mode(toy.device), DEVICE_BOOTLOADER);
	device_power_cycle(toy.device);
	device_settle(toy.device);
	assert_int_equal(device_mode(toy.device), DEVICE_APPLICATION);
	toy_stop(&toy);
}

static void one_connection_at_a_time(void **state)
{
	struct toy toy = { 0 };
	struct device_advert advert;

	(void)state;
	toy_start(&toy);
	connect(&toy);
	assert_false(device_advertises(toy.device, &advert));
	assert_false(device_connect(toy.device));
	device_disconnect(toy.device, 0x13);
	assert_true(device_connect(toy.device));
	assert_int_equal(device_counters(toy.device)->connections, 2);
	toy_stop(&toy);
}

static void notifications_need_the_cccd_of_this_connection(void **state)
{
	struct toy toy = { 0 };

	(void)state;
	toy_start(&toy);
	connect(&toy);
	tell(&toy, TOY_ANSWER);
	assert_int_equal(toy.values, 0);
	assert_int_equal(device_write_cccd(toy.device, TOY_CONTROL, 1), 0);
	tell(&toy, TOY_ANSWER);
	assert_int_equal(toy.values, 1);
	assert_false(toy.indication);
	device_disconnect(toy.device, 0x13);
	connect(&toy);
	tell(&toy, TOY_ANSWER);
	assert_int_equal(toy.values, 1);
	toy_stop(&toy);
}

static void an_indication_is_confirmed_once(void **state)
{
	struct toy toy = { 0 };

	(void)state;
	toy_start(&toy);
	connect(&toy);
	assert_int_equal(device_write_cccd(toy.device, TOY_TALK, 2), 0);
	device_write(toy.device, TOY_TALK, (const uint8_t *)"a", 1);
	assert_true(toy.indication);
	device_confirm(toy.device, TOY_TALK);
	device_confirm(toy.device, TOY_TALK);
	assert_int_equal(toy.confirmations, 1);
	toy_stop(&toy);
}

static void refused_requests_get_their_att_error(void **state)
{
	static const uint8_t data[32] = { TOY_ANSWER };
	struct toy toy = { 0 };
	uint8_t buf[4];
	size_t len = 0;

	(void)state;
	toy_start(&toy);
	connect(&toy);
	assert_int_equal(device_write(toy.device, 0x0099, data, 1), 0x01);
	assert_int_equal(device_read(toy.device, 0x0099, buf, sizeof(buf), &len), 0x01);
	assert_int_equal(device_write_cccd(toy.device, TOY_TEXT, 1), 0x01);
	assert_int_equal(device_read(toy.device, TOY_CONTROL, buf, sizeof(buf), &len), 0x02);
	assert_int_equal(device_write(toy.device, TOY_TEXT, data, 1), 0x03);
	assert_int_equal(device_write(toy.device, TOY_PACKET, data, 1), 0x03);
	assert_int_equal(device_prepare_write(toy.device, TOY_CONTROL, data, 1), 0x06);
	assert_int_equal(device_write(toy.device, TOY_CONTROL, data, 21), 0x0D);
	assert_int_equal(device_write(toy.device, TOY_CONTROL, data, 20), 0);
	assert_int_equal(device_write_cccd(toy.device, TOY_CONTROL, 2), 0xFD);
	assert_int_equal(device_write(toy.device, TOY_CONTROL, (const uint8_t *)"?", 1), 0x80);
	toy_stop(&toy);
}

static void a_command_that_cannot_be_obeyed_vanishes(void **state)
{
	static const uint8_t data[32] = { TOY_RESET };
	struct toy toy = { 0 };

	(void)state;
	toy_start(&toy);
	connect(&toy);
	device_write_cmd(toy.device, TOY_CONTROL, data, 1);
	device_write_cmd(toy.device, 0x0099, data, 1);
	device_write_cmd(toy.device, TOY_PACKET, data, 21);
	assert_int_equal(toy.packets, 0);
	assert_int_equal(toy.boots, 1);
	device_write_cmd(toy.device, TOY_PACKET, data, 20);
	assert_int_equal(toy.packets, 1);
	toy_stop(&toy);
}

static void the_mtu_is_the_smaller_one_until_the_link_ends(void **state)
{
	struct toy toy = { .config = { .mtu = 100 } };

	(void)state;
	toy_start(&toy);
	connect(&toy);
	assert_int_equal(device_mtu(toy.device), 23);
	assert_int_equal(device_exchange_mtu(toy.device, 247), 100);
	assert_int_equal(device_mtu(toy.device), 100);
	assert_int_equal(device_exchange_mtu(toy.device, 50), 100);
	assert_int_equal(device_mtu(toy.device), 50);
	device_disconnect(toy.device, 0x13);
	connect(&toy);
	assert_int_equal(device_mtu(toy.device), 23);
	toy_stop(&toy);
}

static void a_reset_drops_waiting_flash_operations(void **state)
{
	struct toy toy = { 0 };

	(void)state;
	toy_start(&toy);
	connect(&toy);
	tell(&toy, TOY_ERASE);
	tell(&toy, TOY_RESET);
	device_settle(toy.device);
	assert_memory_equal(flash_bytes(device_flash(toy.device)), "toy!", 4);
	toy_stop(&toy);
}

static void inactivity_fires_by_time_but_not_by_settling(void **state)
{
	struct toy toy = { .inactivity_s = 120 };

	(void)state;
	toy_start(&toy);
	device_settle(toy.device);
	assert_int_equal(toy.inactivities, 0);
	device_advance(toy.device, BOOT_US + 120ULL * SECOND_US - 1);
	assert_int_equal(toy.inactivities, 0);
	device_advance(toy.device, BOOT_US + 120ULL * SECOND_US);
	assert_int_equal(toy.inactivities, 1);
	device_advance(toy.device, 1000ULL * SECOND_US);
	assert_int_equal(toy.inactivities, 1);
	toy_stop(&toy);
}

static void feeding_puts_inactivity_off(void **state)
{
	struct toy toy = { .inactivity_s = 120 };

	(void)state;
	toy_start(&toy);
	device_advance(toy.device, 100ULL * SECOND_US);
	firmware_feed_inactivity(toy.device);
	device_advance(toy.device, 219ULL * SECOND_US);
	assert_int_equal(toy.inactivities, 0);
	device_advance(toy.device, 220ULL * SECOND_US);
	assert_int_equal(toy.inactivities, 1);
	toy_stop(&toy);
}

static void nobody_is_served_while_the_device_boots(void **state)
{
	struct toy toy = { 0 };
	size_t count = 1;

	(void)state;
	toy_start(&toy);
	assert_int_equal(tell(&toy, TOY_RESET), 0x01);
	device_write_cmd(toy.device, TOY_PACKET, (const uint8_t *)"x", 1);
	device_confirm(toy.device, TOY_TALK);
	device_fire_inactivity(toy.device);
	assert_null(device_attributes(toy.device, &count));
	assert_int_equal(count, 0);
	assert_int_equal(device_exchange_mtu(toy.device, 247), 23);
	toy_stop(&toy);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_device_appears_when_its_boot_is_over),
		cmocka_unit_test(the_next_address_does_not_carry),
		cmocka_unit_test(a_reset_waits_for_the_end_of_the_call),
		cmocka_unit_test(boot_may_reset_several_times),
		cmocka_unit_test(a_device_that_resets_for_ever_stays_dark),
		cmocka_unit_test(the_retention_register_survives_a_reset_but_not_power),
		cmocka_unit_test(a_device_told_to_start_in_its_bootloader_does),
		cmocka_unit_test(one_connection_at_a_time),
		cmocka_unit_test(notifications_need_the_cccd_of_this_connection),
		cmocka_unit_test(an_indication_is_confirmed_once),
		cmocka_unit_test(refused_requests_get_their_att_error),
		cmocka_unit_test(a_command_that_cannot_be_obeyed_vanishes),
		cmocka_unit_test(the_mtu_is_the_smaller_one_until_the_link_ends),
		cmocka_unit_test(a_reset_drops_waiting_flash_operations),
		cmocka_unit_test(inactivity_fires_by_time_but_not_by_settling),
		cmocka_unit_test(feeding_puts_inactivity_off),
		cmocka_unit_test(nobody_is_served_while_the_device_boots),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
