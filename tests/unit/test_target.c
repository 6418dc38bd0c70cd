#include "target.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* cmocka wants the four above first. */
#include <cmocka.h>

static struct otadfu_advert advert_of(const uint8_t *data, size_t len)
{
	return (struct otadfu_advert){ .size = sizeof(struct otadfu_advert),
				       .data = data,
				       .data_len = (uint16_t)len };
}

static struct otadfu_addr addr_of(const char *text)
{
	struct otadfu_addr addr;

	assert_int_equal(target_parse_addr(text, &addr, NULL), OTADFU_OK);
	return addr;
}

static void addresses_are_read_and_written(void **state)
{
	static const struct {
		const char *text;
		uint8_t type;
	} cases[] = {
		{ "C0:FF:EE:00:00:01", TARGET_ADDR_UNKNOWN },
		{ "c0:ff:ee:00:00:01/random", TARGET_ADDR_RANDOM },
		{ "c0:Ff:eE:00:00:01/public", TARGET_ADDR_PUBLIC },
	};
	char text[TARGET_ADDR_TEXT];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct otadfu_addr addr = addr_of(cases[i].text);

		assert_int_equal(addr.type, cases[i].type);
		assert_int_equal(addr.bytes[0], 0xC0);
		target_format_addr(&addr, text);
		assert_string_equal(text, "C0:FF:EE:00:00:01");
	}
}

static void malformed_addresses_are_refused(void **state)
{
	static const char *const cases[] = { "",
					     "C0",
					     "C0:FF:EE:00:00",
					     "C0:FF:EE:00:00:0",
					     "C0:FF:EE:00:00:01:02",
					     "C0-FF-EE-00-00-01",
					     "C0:FF:EE:00:00:0G",
					     "C0:FF:EE:00:00:01/",
					     "C0:FF:EE:00:00:01/Random",
					     " C0:FF:EE:00:00:01",
					     "C0:FF:EE:00:00:01 " };
	struct otadfu_addr addr = { .bytes = { 7 } };

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct failure why = { 0 };

		assert_int_equal(target_parse_addr(cases[i], &addr, &why), OTADFU_E_CONFIG);
		assert_non_null(strstr(why.text, "is not an address"));
	}
	assert_int_equal(addr.bytes[0], 7);
}

static void unknown_address_type_agrees_with_any(void **state)
{
	struct otadfu_addr unknown = addr_of("C0:FF:EE:00:00:01");
	struct otadfu_addr random = addr_of("C0:FF:EE:00:00:01/random");
	struct otadfu_addr public = addr_of("C0:FF:EE:00:00:01/public");
	struct otadfu_addr other = addr_of("C0:FF:EE:00:00:02");

	(void)state;
	assert_true(target_same_addr(&unknown, &random));
	assert_true(target_same_addr(&public, &unknown));
	assert_false(target_same_addr(&public, &random));
	assert_false(target_same_addr(&unknown, &other));
}

static void neighbour_address_wraps_without_carry(void **state)
{
	struct otadfu_addr last = addr_of("C0:FF:EE:00:00:FF/random");
	struct otadfu_addr next = target_neighbour(&last, 1);
	struct otadfu_addr wanted = addr_of("C0:FF:EE:00:00:00/random");

	(void)state;
	assert_memory_equal(&next, &wanted, sizeof(next));
	next = target_neighbour(&next, -1);
	assert_memory_equal(&next, &last, sizeof(next));
}

static void uuids_of_all_lengths_are_read(void **state)
{
	static const struct {
		const char *text;
		const char *wanted;
	} cases[] = {
		{ "fe59", "0000fe59-0000-1000-8000-00805f9b34fb" },
		{ "FE59", "0000fe59-0000-1000-8000-00805f9b34fb" },
		{ "12345678", "12345678-0000-1000-8000-00805f9b34fb" },
		{ "8EC90001-F315-4F60-9FB8-838830DAEA50", "8ec90001-f315-4f60-9fb8-838830daea50" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct otadfu_uuid uuid;
		char text[TARGET_UUID_TEXT];

		assert_int_equal(target_parse_uuid(cases[i].text, &uuid, NULL), OTADFU_OK);
		target_format_uuid(&uuid, text);
		assert_string_equal(text, cases[i].wanted);
	}
}

static void malformed_uuids_are_refused(void **state)
{
	static const char *const cases[] = { "",
					     "fe5",
					     "fe59a",
					     "0xfe59",
					     "fe5g",
					     "8EC90001F3154F609FB8838830DAEA50",
					     "8EC90001-F315-4F60-9FB8+838830DAEA50",
					     "8EC90001-F315-4F60-9FB8-838830DAEA5-" };
	struct otadfu_uuid uuid = { { 7 } };

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(target_parse_uuid(cases[i], &uuid, NULL), OTADFU_E_CONFIG);
	assert_int_equal(uuid.bytes[0], 7);
}

static void complete_name_wins_over_shortened(void **state)
{
	static const uint8_t data[] = "\x02\x01\x06\x03\x08Th\x07\x09Thermo";
	struct otadfu_advert advert = advert_of(data, sizeof(data) - 1);
	char name[TARGET_NAME_MAX];

	(void)state;
	assert_true(target_advert_name(&advert, name, sizeof(name)));
	assert_string_equal(name, "Thermo");
	advert.data_len = 7;
	assert_true(target_advert_name(&advert, name, sizeof(name)));
	assert_string_equal(name, "Th");
	advert.data_len = 3;
	assert_false(target_advert_name(&advert, name, sizeof(name)));
}

static void names_from_the_air_are_printable_and_fit(void **state)
{
	static const struct {
		const char *sent;
		const char *shown;
	} cases[] = {
		{ "a\x1b[31mb", "a?[31mb" },
		{ "caf\xC3\xA9", "caf\xC3\xA9" },
		{ "\xC3", "?" },
		{ "\xC2\x9B", "??" },
		{ "\xFFx", "?x" },
		{ "\xE2\x82\xAC", "\xE2\x82\xAC" },
		{ "\xF0\x9F\x8C\xA1", "\xF0\x9F\x8C\xA1" },
		{ "\xED\xA0\x80", "???" },
		{ "1234567890", "1234567" },
		{ "123456\xC3\xA9", "123456" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		size_t len = strlen(cases[i].sent);
		uint8_t data[32] = { (uint8_t)(len + 1), 0x09 };
		struct otadfu_advert advert = advert_of(data, len + 2);
		char name[8];

		memcpy(data + 2, cases[i].sent, len);
		assert_true(target_advert_name(&advert, name, sizeof(name)));
		assert_string_equal(name, cases[i].shown);
	}
}

static void malformed_ad_structure_ends_the_search(void **state)
{
	static const uint8_t too_long[] = "\x03\x08Th\x09\x09Thermo";
	static const uint8_t zero[] = "\x00\x07\x09Thermo";
	static const uint8_t empty[] = "\x01\x09";
	struct otadfu_advert advert = advert_of(too_long, sizeof(too_long) - 1);
	char name[TARGET_NAME_MAX];

	(void)state;
	assert_true(target_advert_name(&advert, name, sizeof(name)));
	assert_string_equal(name, "Th");
	advert = advert_of(zero, sizeof(zero) - 1);
	assert_false(target_advert_name(&advert, name, sizeof(name)));
	advert = advert_of(empty, sizeof(empty) - 1);
	assert_false(target_advert_name(&advert, name, sizeof(name)));
	advert = advert_of(NULL, 0);
	assert_false(target_advert_name(&advert, name, sizeof(name)));
}

static void services_are_found_in_lists_of_each_width(void **state)
{
	static const struct {
		const char *data;
		size_t len;
		const char *service;
		bool found;
	} cases[] = {
		{ "\x05\x02\x0F\x18\x59\xFE", 6, "fe59", true },
		{ "\x03\x03\x59\xFE", 4, "fe59", true },
		{ "\x05\x04\x78\x56\x34\x12", 6, "12345678", true },
		{ "\x11\x07\x50\xEA\xDA\x30\x88\x83\xB8\x9F\x60\x4F\x15\xF3\x01\x00\xC9\x8E", 18,
		  "8ec90001-f315-4f60-9fb8-838830daea50", true },
		{ "\x03\x03\x0F\x18", 4, "fe59", false },
		{ "\x02\x03\x59", 3, "fe59", false },
		{ "\x04\x16\x59\xFE\x00", 5, "fe59", false },
		{ "\x07\x03\x59\xFE", 4, "fe59", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct otadfu_advert advert =
			advert_of((const uint8_t *)cases[i].data, cases[i].len);
		struct otadfu_uuid service;

		assert_int_equal(target_parse_uuid(cases[i].service, &service, NULL), OTADFU_OK);
		assert_int_equal(target_advert_has_service(&advert, &service), cases[i].found);
	}
}

static void target_matches_when_all_it_states_agrees(void **state)
{
	static const uint8_t data[] = "\x03\x03\x59\xFE\x07\x09Thermo";
	struct otadfu_advert advert = advert_of(data, sizeof(data) - 1);
	struct target target = { 0 };

	(void)state;
	advert.addr = addr_of("C0:FF:EE:00:00:01/random");
	assert_true(target_matches(&target, &advert));

	target.has_addr = true;
	target.addr = addr_of("C0:FF:EE:00:00:01");
	strcpy(target.name, "Thermo");
	target.has_service = true;
	assert_int_equal(target_parse_uuid("fe59", &target.service, NULL), OTADFU_OK);
	assert_true(target_matches(&target, &advert));

	target.addr.bytes[0] ^= 1;
	assert_false(target_matches(&target, &advert));
	target.addr.bytes[0] ^= 1;
	strcpy(target.name, "Therm");
	assert_false(target_matches(&target, &advert));
	target.name[0] = '\0';
	target.service.bytes[0] ^= 1;
	assert_false(target_matches(&target, &advert));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(addresses_are_read_and_written),
		cmocka_unit_test(malformed_addresses_are_refused),
		cmocka_unit_test(unknown_address_type_agrees_with_any),
		cmocka_unit_test(neighbour_address_wraps_without_carry),
		cmocka_unit_test(uuids_of_all_lengths_are_read),
		cmocka_unit_test(malformed_uuids_are_refused),
		cmocka_unit_test(complete_name_wins_over_shortened),
		cmocka_unit_test(names_from_the_air_are_printable_and_fit),
		cmocka_unit_test(malformed_ad_structure_ends_the_search),
		cmocka_unit_test(services_are_found_in_lists_of_each_width),
		cmocka_unit_test(target_matches_when_all_it_states_agrees),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
