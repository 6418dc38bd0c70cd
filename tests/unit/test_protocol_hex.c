#include "hex.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

/* cmocka wants the four above first. */
#include <cmocka.h>

static void assert_parsed(const char *text, const uint8_t *expected, size_t expected_len)
{
	uint8_t bytes[4];
	size_t len;

	assert_true(hex_parse(text, bytes, sizeof(bytes), &len));
	assert_int_equal(len, expected_len);
	assert_memory_equal(bytes, expected, len);
}

static void pairs_of_digits_are_bytes(void **state)
{
	static const uint8_t two[] = { 0x01, 0xff };
	static const uint8_t four[] = { 0xde, 0xad, 0xbe, 0xef };

	(void)state;
	assert_parsed("01ff", two, sizeof(two));
	assert_parsed("01 fF", two, sizeof(two));
	assert_parsed("DEadBEef", four, sizeof(four));
}

static void all_else_is_refused_and_writes_nothing(void **state)
{
	static const char *const texts[] = { "",    "0",      "012", "0x01",  " 01",
					     "01 ", "01  02", "0 1", "01-02", "0102030405" };

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		uint8_t bytes[4] = { 0x55, 0x55, 0x55, 0x55 };
		size_t len = 99;

		assert_false(hex_parse(texts[i], bytes, sizeof(bytes), &len));
		assert_int_equal(len, 99);
		assert_int_equal(bytes[0], 0x55);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(pairs_of_digits_are_bytes),
		cmocka_unit_test(all_else_is_refused_and_writes_nothing),
	};

	return cmocka_run_group_tests_name("protocol_hex", tests, NULL, NULL);
}
