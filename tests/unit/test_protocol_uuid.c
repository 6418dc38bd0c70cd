#include "uuid.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

/* cmocka wants the four above first. */
#include <cmocka.h>

static const struct otadfu_uuid fe59 = { { 0x00, 0x00, 0xfe, 0x59, BLUETOOTH_BASE } };
static const struct otadfu_uuid control = { { 0x8e, 0xc9, 0x00, 0x01, 0xf3, 0x15, 0x4f, 0x60, 0x9f,
					      0xb8, 0x83, 0x88, 0x30, 0xda, 0xea, 0x50 } };

static void assert_parsed(const char *text, const struct otadfu_uuid *expected)
{
	struct otadfu_uuid uuid = { { 0 } };

	assert_true(uuid_parse(text, &uuid));
	assert_memory_equal(uuid.bytes, expected->bytes, sizeof(uuid.bytes));
}

static void both_forms_are_parsed_in_either_case(void **state)
{
	(void)state;
	assert_parsed("fe59", &fe59);
	assert_parsed("FE59", &fe59);
	assert_parsed("0000fe59-0000-1000-8000-00805f9b34fb", &fe59);
	assert_parsed("8ec90001-f315-4f60-9fb8-838830daea50", &control);
	assert_parsed("8EC90001-F315-4F60-9FB8-838830DAEA50", &control);
}

static void anything_else_is_no_uuid(void **state)
{
	static const char *const texts[] = {
		"",
		"f",
		"fe5",
		"fe590",
		"0xfe59",
		"fe5g",
		" fe59",
		"fe59 ",
		"fe-59",
		"0000fe59",
		"{fe59}",
		"8ec90001f3154f609fb8838830daea50",
		"8ec90001-f315-4f60-9fb8-838830daea5",
		"8ec90001-f315-4f60-9fb8-838830daea500",
		"8ec90001-f315-4f60-9fb8_838830daea50",
		"8ec90001-f315-4f60-9fb88-38830daea50",
		"8ec9000--f315-4f60-9fb8-838830daea50",
		"8ec90001-f315-4f60-9fb8-838830daeag0",
	};
	struct otadfu_uuid uuid = control;

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		if (uuid_parse(texts[i], &uuid))
			fail_msg("\"%s\" was parsed", texts[i]);
	}
	assert_memory_equal(uuid.bytes, control.bytes, sizeof(uuid.bytes));
}

static void short_are_those_of_16_bits(void **state)
{
	static const struct otadfu_uuid of_32_bits = { { 0x00, 0x01, 0xfe, 0x59, BLUETOOTH_BASE } };

	(void)state;
	assert_true(uuid_is_short(&fe59));
	assert_false(uuid_is_short(&of_32_bits));
	assert_false(uuid_is_short(&control));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_forms_are_parsed_in_either_case),
		cmocka_unit_test(anything_else_is_no_uuid),
		cmocka_unit_test(short_are_those_of_16_bits),
	};

	return cmocka_run_group_tests_name("protocol_uuid", tests, NULL, NULL);
}
