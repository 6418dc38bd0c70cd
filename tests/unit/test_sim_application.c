#include "toy_bootloader.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

enum { MS = 1000 };

/* The value handle of the characteristic that takes the jump: writable and with a CCCD. */
static uint16_t control_of(const struct toy *toy)
{
	size_t count;
	const struct device_attribute *list = device_attributes(toy->device, &count);

	for (size_t i = 0; i < count; i++) {
		if (list[i].props & OTADFU_PROP_WRITE)
			return list[i].handle;
	}
	return 0;
}

static void start(struct toy *toy, enum device_buttonless buttonless)
{
	toy->boots_application = true;
	toy->config.buttonless = buttonless;
	toy_start(toy);
	device_settle(toy->device);
	assert_int_equal(device_mode(toy->device), DEVICE_APPLICATION);
	assert_true(device_connect(toy->device));
}

static uint8_t ask(struct toy *toy, const void *data, size_t len)
{
	return device_write(toy->device, control_of(toy), data, len);
}

static void pass(struct toy *toy, uint64_t ms)
{
	device_advance(toy->device, device_now_us(toy->device) + ms * MS);
}

static void it_advertises_its_name_at_the_identity_address(void **state)
{
	static const uint8_t data[] = { 2, 1, 6, 7, 9, 'T', 'h', 'e', 'r', 'm', 'o' };
	struct toy toy = { .boots_application = true };
	struct device_advert advert;

	(void)state;
	toy_start(&toy);
	device_settle(toy.device);
	assert_true(device_advertises(toy.device, &advert));
	assert_true(advert.connectable);
	assert_false(advert.directed);
	assert_memory_equal(advert.addr.bytes, toy.config.address.bytes, 6);
	assert_int_equal(advert.data_len, sizeof(data));
	assert_memory_equal(advert.data, data, sizeof(data));
	toy_stop(&toy);
}

static void a_name_too_long_for_an_advertisement_is_shortened(void **state)
{
	struct toy toy = { .boots_application = true,
			   .config = { .name = "A thermometer with a very long name" } };
	struct device_advert advert;

	(void)state;
	toy_start(&toy);
	device_settle(toy.device);
	assert_true(device_advertises(toy.device, &advert));
	assert_int_equal(advert.data_len, DEVICE_ADV_MAX);
	assert_int_equal(advert.data[3], 27);
	assert_int_equal(advert.data[4], 0x08);
	assert_memory_equal(advert.data + 5, "A thermometer with a very l", 26);
	toy_stop(&toy);
}

static void every_way_in_needs_its_cccd(void **state)
{
	(void)state;
	for (int kind = BUTTONLESS_LEGACY; kind <= BUTTONLESS_UNBONDED; kind++) {
		struct toy toy = { 0 };

		start(&toy, (enum device_buttonless)kind);
		assert_int_equal(ask(&toy, "\x01\x04", 2), 0xFD);
		pass(&toy, 10000);
		assert_true(device_is_connected(toy.device));
		toy_stop(&toy);
	}
}

static void without_buttonless_there_is_no_way_in(void **state)
{
	struct toy toy = { 0 };

	(void)state;
	start(&toy, BUTTONLESS_NONE);
	assert_int_equal(control_of(&toy), 0);
	toy_stop(&toy);
}

static void legacy_version_says_application(void **state)
{
	struct toy toy = { 0 };
	uint8_t value[4];
	size_t count, len = 0;

	(void)state;
	start(&toy, BUTTONLESS_LEGACY);
	const struct device_attribute *list = device_attributes(toy.device, &count);

	assert_int_equal(list[count - 1].uuid128[3], 0x34);
	assert_int_equal(device_read(toy.device, list[count - 1].handle, value, sizeof(value),
				     &len),
			 0);
	assert_int_equal(len, 2);
	assert_memory_equal(value, "\x01\x00", 2);
	toy_stop(&toy);
}

static void legacy_refuses_as_the_sdk_does(void **state)
{
	struct toy toy = { 0 };

	(void)state;
	start(&toy, BUTTONLESS_LEGACY);
	device_write_cccd(toy.device, control_of(&toy), 1);
	assert_int_equal(ask(&toy, "\x01", 1), 0);
	assert_memory_equal(toy.value, "\x10\x01\x06", 3);
	assert_int_equal(ask(&toy, "\x07", 1), 0);
	assert_memory_equal(toy.value, "\x10\x07\x03", 3);
	assert_int_equal(toy.value_len, 3);
	toy_stop(&toy);
}

static void legacy_before_sdk_7_has_no_version_and_needs_no_mode(void **state)
{
	struct toy toy = { .config = { .sdk = "6.1" } };
	const struct device_attribute *list;
	size_t count;

	(void)state;
	start(&toy, BUTTONLESS_LEGACY);
	list = device_attributes(toy.device, &count);
	assert_int_equal(list[count - 1].uuid128[3], 0x31);
	device_write_cccd(toy.device, control_of(&toy), 1);
	assert_int_equal(ask(&toy, "\x07", 1), 0);
	assert_memory_equal(toy.value, "\x10\x01\x03", 3);
	assert_int_equal(ask(&toy, "\x01", 1), 0);
	pass(&toy, 1000);
	assert_int_equal(toy.reason, 0x13);
	assert_int_equal(device_mode(toy.device), DEVICE_BOOTLOADER);
	toy_stop(&toy);
}

static void legacy_jump_closes_the_link_and_starts_the_bootloader_without_reset(void **state)
{
	struct toy toy = { .config = { .peer_data = true } };
	struct device_advert advert;

	(void)state;
	start(&toy, BUTTONLESS_LEGACY);
	device_write_cccd(toy.device, control_of(&toy), 1);
	assert_int_equal(ask(&toy, "\x01\x04", 2), 0);
	pass(&toy, 100);
	assert_int_equal(toy.reason, 0x13);
	assert_int_equal(toy.values, 0);
	assert_int_equal(toy.boots, 1);
	assert_false(device_advertises(toy.device, &advert));
	pass(&toy, 1000);
	assert_int_equal(device_mode(toy.device), DEVICE_BOOTLOADER);
	assert_int_equal(toy.gpregret_at_boot, FIRMWARE_GPREGRET_DFU);
	assert_true(toy.peer_data_at_boot);
	assert_int_equal(toy.reset_events, 0);
	toy_stop(&toy);
}

static void experimental_answers_then_leaves_by_reset(void **state)
{
	struct toy toy = { .config = { .sdk = "12.2" } };

	(void)state;
	start(&toy, BUTTONLESS_EXPERIMENTAL);
	device_write_cccd(toy.device, control_of(&toy), 1);
	ask(&toy, "\x07", 1);
	assert_memory_equal(toy.value, "\x20\x07\x02", 3);
	ask(&toy, "\x01", 1);
	assert_memory_equal(toy.value, "\x20\x01\x01", 3);
	assert_false(toy.indication);
	pass(&toy, 1000);
	assert_int_equal(toy.reason, 0x13);
	assert_int_equal(toy.reset_events, 1);
	assert_int_equal(device_mode(toy.device), DEVICE_BOOTLOADER);
	toy_stop(&toy);
}

static void unbonded_leaves_only_after_the_confirmation(void **state)
{
	struct toy toy = { 0 };

	(void)state;
	start(&toy, BUTTONLESS_UNBONDED);
	device_write_cccd(toy.device, control_of(&toy), 2);
	assert_int_equal(ask(&toy, "\x01", 1), 0);
	assert_memory_equal(toy.value, "\x20\x01\x01", 3);
	assert_true(toy.indication);
	pass(&toy, 20000);
	assert_true(device_is_connected(toy.device));
	device_confirm(toy.device, control_of(&toy));
	pass(&toy, 1000);
	assert_int_equal(device_mode(toy.device), DEVICE_BOOTLOADER);
	assert_int_equal(toy.reset_events, 1);
	toy_stop(&toy);
}

static void set_name(struct toy *toy, const char *request, size_t len, uint8_t result)
{
	ask(toy, request, len);
	assert_memory_equal(toy->value, ((uint8_t[]){ 0x20, 0x02, result }), 3);
	device_confirm(toy->device, control_of(toy));
}

static void unbonded_name_is_for_one_start_of_the_bootloader(void **state)
{
	struct toy toy = { 0 };

	(void)state;
	start(&toy, BUTTONLESS_UNBONDED);
	device_write_cccd(toy.device, control_of(&toy), 2);
	set_name(&toy,
		 "\x02\x05"
		 "Dfu42",
		 7, 0x01);
	ask(&toy, "\x01", 1);
	device_confirm(toy.device, control_of(&toy));
	pass(&toy, 1000);
	assert_string_equal(toy.name_at_boot, "Dfu42");
	device_enter_bootloader(toy.device);
	assert_string_equal(toy.name_at_boot, "");
	toy_stop(&toy);
}

static void unbonded_name_has_its_rules(void **state)
{
	struct toy toy = { 0 };
	struct toy old = { .config = { .sdk = "13.1" } };

	(void)state;
	start(&toy, BUTTONLESS_UNBONDED);
	device_write_cccd(toy.device, control_of(&toy), 2);
	set_name(&toy, "\x02", 1, 0x05);
	set_name(&toy, "\x02\x00", 2, 0x05);
	set_name(&toy,
		 "\x02\x06"
		 "Dfu42",
		 7, 0x05);
	set_name(&toy,
		 "\x02\x01"
		 "A",
		 3, 0x01);
	device_exchange_mtu(toy.device, 247);
	set_name(&toy,
		 "\x02\x15"
		 "123456789012345678901",
		 23, 0x05);
	toy_stop(&toy);
	start(&old, BUTTONLESS_UNBONDED);
	device_write_cccd(old.device, control_of(&old), 2);
	set_name(&old,
		 "\x02\x05"
		 "Dfu42",
		 7, 0x02);
	toy_stop(&old);
}

static void an_unconfirmed_answer_blocks_the_next_request(void **state)
{
	struct toy toy = { 0 };

	(void)state;
	start(&toy, BUTTONLESS_UNBONDED);
	device_write_cccd(toy.device, control_of(&toy), 2);
	assert_int_equal(ask(&toy, "\x07", 1), 0);
	assert_int_equal(ask(&toy, "\x07", 1), 0xFE);
	device_confirm(toy.device, control_of(&toy));
	assert_int_equal(ask(&toy, "\x07", 1), 0);
	pass(&toy, 1000);
	assert_true(device_is_connected(toy.device));
	toy_stop(&toy);
}

static void firmware_revision_is_the_version_it_runs(void **state)
{
	struct toy toy = { .config = { .app_version = 42 } };
	uint8_t text[8];
	size_t count, len = 0;
	unsigned found = 0;

	(void)state;
	start(&toy, BUTTONLESS_NONE);
	const struct device_attribute *list = device_attributes(toy.device, &count);

	for (size_t i = 0; i < count; i++) {
		if (list[i].uuid != 0x2A26)
			continue;
		found++;
		assert_int_equal(device_read(toy.device, list[i].handle, text, sizeof(text), &len),
				 0);
		assert_int_equal(len, 2);
		assert_memory_equal(text, "42", 2);
	}
	assert_int_equal(found, 1);
	toy_stop(&toy);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_advertises_its_name_at_the_identity_address),
		cmocka_unit_test(a_name_too_long_for_an_advertisement_is_shortened),
		cmocka_unit_test(every_way_in_needs_its_cccd),
		cmocka_unit_test(without_buttonless_there_is_no_way_in),
		cmocka_unit_test(legacy_version_says_application),
		cmocka_unit_test(legacy_refuses_as_the_sdk_does),
		cmocka_unit_test(legacy_before_sdk_7_has_no_version_and_needs_no_mode),
		cmocka_unit_test(
			legacy_jump_closes_the_link_and_starts_the_bootloader_without_reset),
		cmocka_unit_test(experimental_answers_then_leaves_by_reset),
		cmocka_unit_test(unbonded_leaves_only_after_the_confirmation),
		cmocka_unit_test(unbonded_name_is_for_one_start_of_the_bootloader),
		cmocka_unit_test(unbonded_name_has_its_rules),
		cmocka_unit_test(an_unconfirmed_answer_blocks_the_next_request),
		cmocka_unit_test(firmware_revision_is_the_version_it_runs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
