#include "arguments.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

enum { WORDS_MAX = 12, USAGE = 2 };

/* words: ended by NULL, without the program's name. */
static int read_words(const char *const *words, struct arguments *ret_arguments)
{
	char *argv[WORDS_MAX] = { "otadfu-peripheral" };
	int argc = 1;

	while (words[argc - 1]) {
		argv[argc] = (char *)(uintptr_t)words[argc - 1];
		argc++;
	}
	return arguments_read(argc, argv, ret_arguments);
}

#define READ(arguments, ...) read_words((const char *const[]){ __VA_ARGS__, NULL }, (arguments))

static void a_scenario_needs_no_more_than_a_controller(void **state)
{
	struct arguments arguments;

	(void)state;
	assert_int_equal(READ(&arguments, "--hci", "hci1", "--scenario", "s.yaml"), ARGUMENTS_GOOD);
	assert_string_equal(arguments.hci, "hci1");
	assert_string_equal(arguments.scenario, "s.yaml");
	assert_false(arguments.has_address);
	assert_null(arguments.state);
	assert_int_equal(arguments.verbose, 0);
}

static void everything_can_be_said(void **state)
{
	struct arguments arguments;

	(void)state;
	assert_int_equal(READ(&arguments, "--hci", "unix:/tmp/s", "--conformance", "-a",
			      "c0:ff:ee:00:00:0A", "--state", "dir", "-v", "-v"),
			 ARGUMENTS_GOOD);
	assert_null(arguments.scenario);
	assert_true(arguments.has_address);
	assert_memory_equal(arguments.address.bytes, "\xC0\xFF\xEE\x00\x00\x0A", 6);
	assert_string_equal(arguments.state, "dir");
	assert_int_equal(arguments.verbose, 2);
}

static void what_is_missing_or_too_much_is_a_wrong_use(void **state)
{
	struct arguments a = { .hci = "untouched" };

	(void)state;
	assert_int_equal(READ(&a, "--conformance"), USAGE);
	assert_int_equal(READ(&a, "--hci", "hci1"), USAGE);
	assert_int_equal(READ(&a, "--hci", "hci1", "--conformance", "--scenario", "s"), USAGE);
	assert_int_equal(READ(&a, "--hci", "hci1", "--conformance", "more"), USAGE);
	assert_int_equal(READ(&a, "--hci", "hci1", "--conformance", "--what"), USAGE);
	assert_int_equal(READ(&a, "--conformance", "--hci"), USAGE);
	assert_string_equal(a.hci, "untouched");
}

static void an_address_is_six_bytes(void **state)
{
	static const char *const wrong[] = { "",
					     "C0:FF:EE:00:00",
					     "C0:FF:EE:00:00:1",
					     "C0:FF:EE:00:00:0G",
					     "C0-FF-EE-00-00-01",
					     "C0:FF:EE:00:00:01:02" };
	struct arguments a;

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_int_equal(READ(&a, "--hci", "hci1", "--conformance", "-a", wrong[i]), USAGE);
}

static void help_and_version_are_done_with_success(void **state)
{
	struct arguments a;

	(void)state;
	assert_int_equal(READ(&a, "--help"), 0);
	assert_int_equal(READ(&a, "-h"), 0);
	assert_int_equal(READ(&a, "--version"), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_scenario_needs_no_more_than_a_controller),
		cmocka_unit_test(everything_can_be_said),
		cmocka_unit_test(what_is_missing_or_too_much_is_a_wrong_use),
		cmocka_unit_test(an_address_is_six_bytes),
		cmocka_unit_test(help_and_version_are_done_with_success),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
