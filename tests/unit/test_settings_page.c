/* The bootloader's settings page, and the HEX file it is written to. */
#include "ihex.h"
#include "ihex_write.h"
#include "settings_page.h"
#include "settings_table.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* cmocka wants the four above first. */
#include <cmocka.h>

enum { LEN_1 = 92, LEN_2 = 804, USED_2 = 803 };

/* Every number another. */
static struct settings_page make_page(uint32_t version)
{
	struct settings_page page = {
		.version = version,
		.app_version = 0x11223344,
		.bl_version = 2,
		.bank_layout = 1,
		.current_bank = 3,
		.banks = { { 0x10000, 0xAABBCCDD, 0x01 }, { 0x20000, 0xDDCCBBAA, 0xAC } },
		.write_offset = 4,
		.sd_size = 0x25000,
		.command_size = 5,
		.command_offset = 6,
		.command_crc = 7,
		.data_object_size = 8,
		.image_crc = 9,
		.image_crc_last = 10,
		.image_offset = 11,
		.image_offset_last = 12,
		.enter_buttonless = 13,
	};

	if (version == SETTINGS_VERSION_1)
		return page;
	page.softdevice.type = VALIDATION_CRC;
	page.application.type = VALIDATION_SHA256;
	page.bootloader.type = VALIDATION_ECDSA_P256;
	for (size_t i = 0; i < SETTINGS_VALIDATION_MAX; i++) {
		page.softdevice.bytes[i] = (uint8_t)(0x40 + i);
		page.application.bytes[i] = (uint8_t)(0x80 + i);
		page.bootloader.bytes[i] = (uint8_t)(0xC0 + i);
	}
	return page;
}

static void each_field_stands_where_the_table_has_it(void **state)
{
	const struct settings_page page = make_page(2);
	const struct {
		const char *name;
		uint32_t value;
	} expected[] = {
		{ "settings version", 2 },    { "application version", 0x11223344 },
		{ "bootloader version", 2 },  { "bank layout", 1 },
		{ "current bank", 3 },        { "bank 0 size", 0x10000 },
		{ "bank 0 crc", 0xAABBCCDD }, { "bank 0 code", 0x01 },
		{ "bank 1 size", 0x20000 },   { "bank 1 crc", 0xDDCCBBAA },
		{ "bank 1 code", 0xAC },      { "write offset", 4 },
		{ "sd size", 0x25000 },       { "command size", 5 },
		{ "command offset", 6 },      { "command crc", 7 },
		{ "data object size", 8 },    { "image crc", 9 },
		{ "image crc last", 10 },     { "image offset", 11 },
		{ "image offset last", 12 },  { "enter buttonless", 13 },
		{ "sd validation", 1 },       { "app validation", 2 },
		{ "bl validation", 3 },
	};
	uint8_t bytes[SETTINGS_LEN_MAX];

	(void)state;
	assert_int_equal(settings_encode(&page, bytes), LEN_2);
	for (size_t i = 0; i < sizeof(expected) / sizeof(expected[0]); i++) {
		uint32_t value = settings_table_number(bytes, expected[i].name);

		if (value != expected[i].value)
			fail_msg("%s is 0x%X, not 0x%X", expected[i].name, value,
				 expected[i].value);
	}
	assert_memory_equal(settings_table_bytes(bytes, "sd validation bytes"),
			    page.softdevice.bytes, 64);
	assert_memory_equal(settings_table_bytes(bytes, "app validation bytes"),
			    page.application.bytes, 64);
	assert_memory_equal(settings_table_bytes(bytes, "bl validation bytes"),
			    page.bootloader.bytes, 64);
}

static void each_crc_is_over_what_the_table_says(void **state)
{
	const struct settings_page page = make_page(2);
	uint8_t bytes[SETTINGS_LEN_MAX];

	(void)state;
	settings_encode(&page, bytes);
	assert_int_equal(settings_table_number(bytes, "crc"),
			 settings_table_crc(bytes, 0x04, 0x5B));
	assert_int_equal(settings_table_number(bytes, "validation crc"),
			 settings_table_crc(bytes, 0x260, 0x322));
}

static void version_1_ends_before_the_init_command(void **state)
{
	const struct settings_page page = make_page(1);
	uint8_t bytes[SETTINGS_LEN_MAX];

	(void)state;
	assert_int_equal(settings_encode(&page, bytes), LEN_1);
	assert_int_equal(settings_table_number(bytes, "settings version"), 1);
	assert_int_equal(settings_table_number(bytes, "enter buttonless"), 13);
	assert_int_equal(settings_table_number(bytes, "crc"),
			 settings_table_crc(bytes, 0x04, 0x5B));
}

static void version_2_is_filled_to_a_word(void **state)
{
	const struct settings_page page = make_page(2);
	uint8_t bytes[SETTINGS_LEN_MAX];

	(void)state;
	settings_encode(&page, bytes);
	assert_int_equal(bytes[USED_2], 0xFF);
	for (size_t i = 0; i < 512; i++)
		assert_int_equal(settings_table_bytes(bytes, "init command")[i], 0);
}

static void what_is_written_is_read(void **state)
{
	(void)state;
	for (uint32_t version = 1; version <= 2; version++) {
		const struct settings_page page = make_page(version);
		struct settings_page read = { 0 };
		uint8_t bytes[SETTINGS_LEN_MAX];
		size_t len = settings_encode(&page, bytes);

		assert_int_equal(settings_decode(bytes, len, &read, NULL), OTADFU_OK);
		assert_true(read.has_good_crc);
		assert_int_equal(read.has_good_validation_crc, version == 2);
		assert_memory_equal(&read, &page, offsetof(struct settings_page, has_good_crc));
	}
}

/* Version 1 of a page of version 2 leaves out what follows. */
static bool is_covered(size_t at)
{
	return at < 0x5C || (at >= 0x25C && at < USED_2);
}

static void no_damage_looks_right(void **state)
{
	const struct settings_page page = make_page(2);
	uint8_t bytes[SETTINGS_LEN_MAX];

	(void)state;
	settings_encode(&page, bytes);
	for (size_t i = 0; i < LEN_2 * 8; i++) {
		struct settings_page read = { 0 };
		struct failure why = { 0 };
		int r;

		bytes[i / 8] ^= (uint8_t)(1 << i % 8);
		r = settings_decode(bytes, LEN_2, &read, &why);
		if (r == OTADFU_OK)
			assert_int_equal(read.has_good_crc && read.has_good_validation_crc,
					 !is_covered(i / 8));
		else
			assert_string_not_equal(why.text, "");
		bytes[i / 8] ^= (uint8_t)(1 << i % 8);
	}
}

static void a_page_that_is_cut_is_refused(void **state)
{
	uint8_t bytes[SETTINGS_LEN_MAX];
	struct settings_page read;

	(void)state;
	for (uint32_t version = 1; version <= 2; version++) {
		const struct settings_page page = make_page(version);
		size_t needed = version == 1 ? LEN_1 : USED_2;

		settings_encode(&page, bytes);
		for (size_t len = 0; len <= needed; len++) {
			/* Not a byte more, so that AddressSanitizer sees who reads behind. */
			uint8_t *cut = malloc(len + (len == 0));

			assert_non_null(cut);
			memcpy(cut, bytes, len);
			assert_int_equal(settings_decode(cut, len, &read, NULL),
					 len < needed ? OTADFU_E_PACKAGE : OTADFU_OK);
			free(cut);
		}
	}
}

static void what_is_no_page_is_refused(void **state)
{
	uint8_t bytes[SETTINGS_LEN_MAX] = { 0 };
	struct settings_page read;
	struct failure why = { 0 };

	(void)state;
	assert_int_equal(settings_decode(bytes, LEN_2, &read, &why), OTADFU_E_PACKAGE);
	assert_non_null(strstr(why.text, "of version 0"));
	failure_clear(&why);
	memset(bytes, 0xFF, sizeof(bytes));
	assert_int_equal(settings_decode(bytes, LEN_2, &read, &why), OTADFU_E_PACKAGE);
	assert_non_null(strstr(why.text, "erased"));
}

static void an_image_is_validated_in_each_way(void **state)
{
	/* CRC-32 of "123456789" is CBF43926, SHA-256 of "abc" BA7816BF...: section 7. */
	static const uint8_t crc[] = { 0x26, 0x39, 0xF4, 0xCB, 0x00 };
	static const uint8_t hash[] = { 0xBA, 0x78, 0x16, 0xBF };
	static const uint8_t signature[KEY_SIGNATURE_LEN] = {
		[0] = 1, [31] = 2, [32] = 3, [63] = 4
	};
	struct settings_validation validation;
	struct settings_bank bank = settings_application_bank((const uint8_t *)"123456789", 9);

	(void)state;
	assert_int_equal(bank.size, 9);
	assert_int_equal(bank.crc, 0xCBF43926);
	assert_int_equal(bank.code, 1);
	settings_validate(VALIDATION_NONE, (const uint8_t *)"abc", 3, &validation, NULL);
	assert_int_equal(validation.type, 0);
	assert_int_equal(validation.bytes[0], 0);
	settings_validate(VALIDATION_CRC, (const uint8_t *)"123456789", 9, &validation, NULL);
	assert_int_equal(validation.type, 1);
	assert_memory_equal(validation.bytes, crc, sizeof(crc));
	settings_validate(VALIDATION_SHA256, (const uint8_t *)"abc", 3, &validation, NULL);
	assert_int_equal(validation.type, 2);
	assert_memory_equal(validation.bytes, hash, sizeof(hash));
	assert_int_equal(validation.bytes[31], 0xAD);
	validation = settings_validate_signed(signature);
	assert_int_equal(validation.type, 3);
	assert_int_equal(validation.bytes[31], 1);
	assert_int_equal(validation.bytes[0], 2);
	assert_int_equal(validation.bytes[63], 3);
	assert_int_equal(validation.bytes[32], 4);
}

static void each_chip_has_its_page_where_the_table_has_it(void **state)
{
	static const struct settings_place places[] = {
		{ "NRF51", 0x3FC00, false, 1 },   { "nrf52832", 0x7F000, true, 2 },
		{ "nRF52833", 0x7F000, true, 2 }, { "NRF52QFAB", 0x3F000, true, 2 },
		{ "nRF52820", 0x3F000, true, 2 }, { "nRF52810", 0x2F000, true, 2 },
		{ "nRF52811", 0x2F000, true, 2 }, { "NRF52840", 0xFF000, true, 2 },
	};
	struct settings_place place;
	struct failure why = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		assert_int_equal(settings_find_place(places[i].family, &place, NULL), OTADFU_OK);
		assert_int_equal(place.address, places[i].address);
		assert_int_equal(place.has_backup, places[i].has_backup);
		assert_int_equal(place.version, places[i].version);
	}
	assert_int_equal(settings_find_place("NRF54L15", &place, &why), OTADFU_E_CONFIG);
	assert_non_null(strstr(why.text, "no chip \"NRF54L15\""));
	assert_non_null(strstr(why.hint, "NRF52840"));
}

/* --- the HEX file --- */

static void assert_read_back(const struct ihex_block *blocks, size_t count)
{
	char *text = NULL;
	struct failure why = { 0 };
	struct ihex *hex = NULL;
	size_t len = 0;

	assert_int_equal(ihex_write(blocks, count, &text, &len, NULL), OTADFU_OK);
	assert_int_equal(strlen(text), len);
	if (ihex_parse(text, len, &hex, &why) < 0)
		fail_msg("%s", why.text);
	for (size_t i = 0; i < count; i++) {
		uint8_t *bytes = malloc(blocks[i].len);
		uint8_t behind;

		assert_non_null(bytes);
		assert_true(ihex_get(hex, blocks[i].addr, bytes, blocks[i].len));
		assert_memory_equal(bytes, blocks[i].data, blocks[i].len);
		assert_false(ihex_get(hex, blocks[i].addr - 1, &behind, 1));
		assert_false(ihex_get(hex, blocks[i].addr + (uint32_t)blocks[i].len, &behind, 1));
		free(bytes);
	}
	ihex_free(hex);
	free(text);
}

static void a_hex_file_is_read_as_it_was_written(void **state)
{
	static const uint32_t addresses[] = { 0x1000, 0xFF000, 0x1FFF8, 0xFFFF, 0x10000 };
	static const size_t lengths[] = { 1, 15, 16, 17, 804, 70000 };
	uint8_t *data = malloc(70000);

	(void)state;
	assert_non_null(data);
	for (size_t i = 0; i < 70000; i++)
		data[i] = (uint8_t)(i * 31 + (i >> 8));
	for (size_t a = 0; a < sizeof(addresses) / sizeof(addresses[0]); a++) {
		for (size_t l = 0; l < sizeof(lengths) / sizeof(lengths[0]); l++)
			assert_read_back(&(struct ihex_block){ addresses[a], data, lengths[l] }, 1);
	}
	assert_read_back((const struct ihex_block[]){ { 0xFE000, data, 804 },
						      { 0xFF000, data, 804 },
						      { 0x3FC00, data, 92 } },
			 3);
	free(data);
}

static void a_hex_file_is_what_every_tool_writes(void **state)
{
	static const uint8_t data[] = { 0x01, 0x02, 0x03 };
	const struct ihex_block block = { 0x0007F000, data, sizeof(data) };
	char *text = NULL;
	size_t len;

	(void)state;
	assert_int_equal(ihex_write(&block, 1, &text, &len, NULL), OTADFU_OK);
	assert_string_equal(text, ":020000040007F3\n:03F0000001020307\n:00000001FF\n");
	free(text);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_field_stands_where_the_table_has_it),
		cmocka_unit_test(each_crc_is_over_what_the_table_says),
		cmocka_unit_test(version_1_ends_before_the_init_command),
		cmocka_unit_test(version_2_is_filled_to_a_word),
		cmocka_unit_test(what_is_written_is_read),
		cmocka_unit_test(no_damage_looks_right),
		cmocka_unit_test(a_page_that_is_cut_is_refused),
		cmocka_unit_test(what_is_no_page_is_refused),
		cmocka_unit_test(an_image_is_validated_in_each_way),
		cmocka_unit_test(each_chip_has_its_page_where_the_table_has_it),
		cmocka_unit_test(a_hex_file_is_read_as_it_was_written),
		cmocka_unit_test(a_hex_file_is_what_every_tool_writes),
	};

	return cmocka_run_group_tests_name("settings_page", tests, NULL, NULL);
}
