#include "version.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

enum { NO_ORDER = 9 };

static int order_of(const char *a, const char *b)
{
	int order = 0;

	if (!version_compare(a, b, &order))
		return NO_ORDER;
	return (order > 0) - (order < 0);
}

static void numbers_are_compared_and_not_digits(void **state)
{
	(void)state;
	assert_int_equal(order_of("1.10.0", "1.9.9"), 1);
	assert_int_equal(order_of("1.2", "1.10"), -1);
	assert_int_equal(order_of("007", "7"), 0);
	assert_int_equal(order_of("99999999999999999999", "100000000000000000000"), -1);
}

static void an_absent_number_is_zero(void **state)
{
	(void)state;
	assert_int_equal(order_of("1.2", "1.2.0"), 0);
	assert_int_equal(order_of("1.2.0.1", "1.2"), 1);
}

static void what_stands_around_the_numbers_is_not_compared(void **state)
{
	(void)state;
	assert_int_equal(order_of("v1.2.0-rc1", "1.2.0"), 0);
	assert_int_equal(order_of("V2", "v1.9+build7"), 1);
	assert_int_equal(order_of("1.-2", "1"), 0);
}

static void what_begins_with_no_number_has_no_order(void **state)
{
	(void)state;
	assert_int_equal(order_of("release 4", "4"), NO_ORDER);
	assert_int_equal(order_of("", "1"), NO_ORDER);
	assert_int_equal(order_of("1", "v"), NO_ORDER);
}

static void only_numbers_and_dots_are_valid(void **state)
{
	static const char *const bad[] = { "", ".", "1.", ".1", "1..2", "v1", "1.2-rc1", "1 " };

	(void)state;
	assert_true(version_is_valid("0"));
	assert_true(version_is_valid("1.20.300.4"));
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(version_is_valid(bad[i]));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_are_compared_and_not_digits),
		cmocka_unit_test(an_absent_number_is_zero),
		cmocka_unit_test(what_stands_around_the_numbers_is_not_compared),
		cmocka_unit_test(what_begins_with_no_number_has_no_order),
		cmocka_unit_test(only_numbers_and_dots_are_valid),
	};

	return cmocka_run_group_tests_name("version", tests, NULL, NULL);
}
