#include "adbuild.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* cmocka wants the four above first. */
#include <cmocka.h>

static const char fe59[] = "0000fe59-0000-1000-8000-00805f9b34fb";
static const char legacy[] = "00001530-1212-EFDE-1523-785FEABCD123";

static struct otadfu_uuid uuid_of(const char *text)
{
	struct otadfu_uuid uuid;

	assert_true(ad_parse_uuid(text, &uuid));
	return uuid;
}

#define assert_part(part, ...)                                                                     \
	do {                                                                                       \
		const uint8_t expected[] = { __VA_ARGS__ };                                        \
		assert_int_equal((part)->len, sizeof(expected));                                   \
		assert_memory_equal((part)->bytes, expected, sizeof(expected));                    \
	} while (0)

static void flags_and_power_are_one_byte_each(void **state)
{
	struct ad_part part = { 0 };

	(void)state;
	assert_true(ad_add_flags(&part, 0x06));
	assert_true(ad_add_tx_power(&part, -4));
	assert_part(&part, 0x02, 0x01, 0x06, 0x02, 0x0a, 0xfc);
}

static void power_beyond_one_byte_is_refused(void **state)
{
	struct ad_part part = { 0 };

	(void)state;
	assert_false(ad_add_tx_power(&part, 128));
	assert_false(ad_add_tx_power(&part, -128));
	assert_int_equal(part.len, 0);
}

static void a_name_is_complete(void **state)
{
	struct ad_part part = { 0 };

	(void)state;
	assert_true(ad_add_name(&part, "Dfu"));
	assert_part(&part, 0x04, 0x09, 'D', 'f', 'u');
}

static void names_of_no_length_and_too_long_are_refused(void **state)
{
	char name[AD_NAME_MAX + 2];
	struct ad_part part = { 0 };

	(void)state;
	memset(name, 'n', sizeof(name));
	name[AD_NAME_MAX + 1] = '\0';
	assert_false(ad_add_name(&part, ""));
	assert_false(ad_add_name(&part, name));
	assert_int_equal(part.len, 0);
	name[AD_NAME_MAX] = '\0';
	assert_true(ad_add_name(&part, name));
	assert_int_equal(part.len, AD_NAME_MAX + 2);
}

static void services_are_listed_short_where_they_can_be(void **state)
{
	const struct otadfu_uuid uuids[] = {
		uuid_of(fe59),
		uuid_of(legacy),
		uuid_of("0000180f-0000-1000-8000-00805f9b34fb"),
	};
	struct ad_part part = { 0 };

	(void)state;
	assert_true(ad_add_services(&part, uuids, 3));
	assert_part(&part, 0x05, 0x02, 0x59, 0xfe, 0x0f, 0x18, 0x11, 0x06, 0x23, 0xd1, 0xbc, 0xea,
		    0x5f, 0x78, 0x23, 0x15, 0xde, 0xef, 0x12, 0x12, 0x30, 0x15, 0x00, 0x00);
}

/* 12345678-0000-1000-8000-00805f9b34fb is of the base UUID, but not of 16 bits. */
static void a_service_of_32_bits_is_listed_long(void **state)
{
	const struct otadfu_uuid uuid = uuid_of("12345678-0000-1000-8000-00805f9b34fb");
	struct ad_part part = { 0 };

	(void)state;
	assert_true(ad_add_services(&part, &uuid, 1));
	assert_int_equal(part.len, 18);
	assert_int_equal(part.bytes[1], 0x06);
}

static void no_services_are_no_list(void **state)
{
	struct ad_part part = { 0 };

	(void)state;
	assert_true(ad_add_services(&part, NULL, 0));
	assert_int_equal(part.len, 0);
}

static void as_many_services_are_listed_as_fit_in_one_structure(void **state)
{
	struct otadfu_uuid uuids[20];
	struct ad_part part = { 0 };

	(void)state;
	for (size_t i = 0; i < 20; i++)
		uuids[i] = uuid_of(legacy);
	assert_false(ad_add_services(&part, uuids, 20));
	assert_int_equal(part.len, 2 + 15 * 16);
	assert_int_equal(part.bytes[0], 1 + 15 * 16);
}

static void manufacturer_data_begins_with_its_company(void **state)
{
	struct ad_part part = { 0 };

	(void)state;
	assert_true(ad_add_manufacturer(&part, 0x0059, (const uint8_t[]){ 1, 2 }, 2));
	assert_true(ad_add_manufacturer(&part, 0x1234, NULL, 0));
	assert_part(&part, 0x05, 0xff, 0x59, 0x00, 1, 2, 0x03, 0xff, 0x34, 0x12);
}

static void service_data_begins_with_its_service(void **state)
{
	const struct otadfu_uuid short_one = uuid_of(fe59);
	const struct otadfu_uuid long_one = uuid_of(legacy);
	struct ad_part part = { 0 };

	(void)state;
	assert_true(ad_add_service_data(&part, &short_one, (const uint8_t[]){ 7 }, 1));
	assert_part(&part, 0x04, 0x16, 0x59, 0xfe, 7);
	part.len = 0;
	assert_true(ad_add_service_data(&part, &long_one, (const uint8_t[]){ 7 }, 1));
	assert_int_equal(part.len, 19);
	assert_int_equal(part.bytes[1], 0x21);
	assert_int_equal(part.bytes[18], 7);
}

/* 254 bytes are what a structure has room for beside its type. */
static void what_does_not_fit_in_a_structure_is_refused(void **state)
{
	static const uint8_t data[253];
	struct ad_part part = { 0 };

	(void)state;
	assert_false(ad_add_manufacturer(&part, 1, data, 253));
	assert_int_equal(part.len, 0);
	assert_true(ad_add_manufacturer(&part, 1, data, 252));
	assert_int_equal(part.bytes[0], 255);
}

static void what_does_not_fit_in_a_part_leaves_it_as_it_was(void **state)
{
	static const uint8_t data[200];
	struct ad_part part = { 0 };

	(void)state;
	assert_true(ad_add_manufacturer(&part, 1, data, sizeof(data)));
	assert_false(ad_add_manufacturer(&part, 2, data, sizeof(data)));
	assert_int_equal(part.len, 204);
}

static void only_whole_uuids_are_read(void **state)
{
	static const char *const wrong[] = {
		"",
		"fe59",
		"0000fe59-0000-1000-8000-00805f9b34f",
		"0000fe59-0000-1000-8000-00805f9b34fb0",
		"0000fe5900000-1000-8000-00805f9b34fb",
		"0000fe59-0000-1000-8000-00805f9b34fg",
		"0000fe59-0000-1000-8000-00805f9b34 b",
		"-000fe59-0000-1000-8000-00805f9b34fb",
	};
	struct otadfu_uuid uuid;

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_false(ad_parse_uuid(wrong[i], &uuid));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(flags_and_power_are_one_byte_each),
		cmocka_unit_test(power_beyond_one_byte_is_refused),
		cmocka_unit_test(a_name_is_complete),
		cmocka_unit_test(names_of_no_length_and_too_long_are_refused),
		cmocka_unit_test(services_are_listed_short_where_they_can_be),
		cmocka_unit_test(a_service_of_32_bits_is_listed_long),
		cmocka_unit_test(no_services_are_no_list),
		cmocka_unit_test(as_many_services_are_listed_as_fit_in_one_structure),
		cmocka_unit_test(manufacturer_data_begins_with_its_company),
		cmocka_unit_test(service_data_begins_with_its_service),
		cmocka_unit_test(what_does_not_fit_in_a_structure_is_refused),
		cmocka_unit_test(what_does_not_fit_in_a_part_leaves_it_as_it_was),
		cmocka_unit_test(only_whole_uuids_are_read),
	};

	return cmocka_run_group_tests_name("adbuild", tests, NULL, NULL);
}
