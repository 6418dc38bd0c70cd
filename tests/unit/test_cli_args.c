#include "args.h"
#include "exit_status.h"
#include "seconds.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* cmocka wants the four above first. */
#include <cmocka.h>

enum { WORDS_MAX = 16, ALL_GROUPS = 0xfff };

/* Parses words (NULL-terminated) as the arguments of a command with one operand. */
static int parse(const char *const *words, struct args *ret_args, struct failure *why)
{
	char *argv[WORDS_MAX + 2] = { "otadfu" };
	int argc = 1;

	/* getopt reorders the words, so it gets an array of its own. */
	for (; words[argc - 1]; argc++)
		argv[argc] = (char *)(uintptr_t)words[argc - 1];
	return args_parse(argc, argv, ALL_GROUPS, 1, ret_args, why);
}

static void assert_refused(const char *const *words, const char *part_of_text)
{
	struct failure why = { 0 };
	struct args args;

	assert_int_equal(parse(words, &args, &why), OTADFU_E_CONFIG);
	if (!strstr(why.text, part_of_text))
		fail_msg("\"%s\" does not say \"%s\"", why.text, part_of_text);
}

#define WORDS(...) ((const char *const[]){ __VA_ARGS__, NULL })

static void the_classic_lines_are_understood(void **state)
{
	struct failure why = { 0 };
	struct args args;

	(void)state;
	assert_int_equal(parse(WORDS("-f", "app.hex", "-d", "app.dat", "-a", "CD:E3:4A:47:1C:E4"),
			       &args, &why),
			 OTADFU_OK);
	assert_string_equal(args_text(&args, ARG_FIRMWARE), "app.hex");
	assert_string_equal(args_text(&args, ARG_INIT), "app.dat");
	assert_string_equal(args_text(&args, ARG_ADDRESS), "CD:E3:4A:47:1C:E4");
	assert_null(args_text(&args, ARG_ZIP));
	args_free(&args);
}

static void operands_may_stand_anywhere(void **state)
{
	struct failure why = { 0 };
	struct args args;

	(void)state;
	assert_int_equal(parse(WORDS("--json", "app.zip", "-vv", "--name=Thermo"), &args, &why),
			 OTADFU_OK);
	assert_string_equal(args_text(&args, ARG_OPERAND), "app.zip");
	assert_string_equal(args_text(&args, ARG_NAME), "Thermo");
	assert_int_equal(args_count(&args, ARG_VERBOSE), 2);
	assert_int_equal(args_count(&args, ARG_JSON), 1);
	args_free(&args);
}

static void after_two_dashes_all_are_operands(void **state)
{
	struct failure why = { 0 };
	struct args args;

	(void)state;
	assert_int_equal(parse(WORDS("--", "-a"), &args, &why), OTADFU_OK);
	assert_string_equal(args_text(&args, ARG_OPERAND), "-a");
	args_free(&args);
}

static void repeated_options_are_kept_in_order(void **state)
{
	struct failure why = { 0 };
	struct args args;

	(void)state;
	assert_int_equal(parse(WORDS("--set", "a.b=1", "--set=c.d=2"), &args, &why), OTADFU_OK);
	assert_string_equal(args_list(&args, ARG_SET)[0], "a.b=1");
	assert_string_equal(args_list(&args, ARG_SET)[1], "c.d=2");
	assert_null(args_list(&args, ARG_SET)[2]);
	assert_null(args_list(&args, ARG_PLUGIN_PATH)[0]);
	args_free(&args);
}

static void legacy_and_secure_are_protocols(void **state)
{
	struct failure why = { 0 };
	struct args args;

	(void)state;
	assert_int_equal(parse(WORDS("--secure"), &args, &why), OTADFU_OK);
	assert_string_equal(args_text(&args, ARG_PROTOCOL), "secure");
	args_free(&args);
	assert_refused(WORDS("--secure", "--legacy"), "--legacy");
	assert_refused(WORDS("--protocol", "x", "--secure"), "--secure");
}

static void two_devices_are_refused(void **state)
{
	(void)state;
	assert_refused(WORDS("-a", "CD:E3:4A:47:1C:E4", "-a", "CD:E3:4A:47:1C:E5"), "--address");
}

static void unknown_options_are_named(void **state)
{
	(void)state;
	assert_refused(WORDS("--frobnicate"), "unknown option --frobnicate");
	assert_refused(WORDS("--json", "-qx"), "unknown option -x");
	assert_refused(WORDS("-x"), "unknown option -x");
}

static void a_missing_value_is_named(void **state)
{
	(void)state;
	assert_refused(WORDS("--json", "--transport"), "--transport needs a value");
	assert_refused(WORDS("-a"), "--address needs a value");
}

static void an_unwanted_value_is_named(void **state)
{
	(void)state;
	assert_refused(WORDS("--json=yes"), "--json takes no value");
}

static void surplus_operands_are_named(void **state)
{
	(void)state;
	assert_refused(WORDS("one.zip", "two.zip"), "two.zip");
}

static void options_of_other_commands_are_unknown(void **state)
{
	char *argv[] = { "scan", "-z", "app.zip", NULL };
	struct failure why = { 0 };
	struct args args;

	(void)state;
	assert_int_equal(args_parse(3, argv, ARGS_SCAN, 0, &args, &why), OTADFU_E_CONFIG);
	assert_string_equal(why.text, "unknown option -z");
}

static void what_is_done_with_the_firmware_is_understood(void **state)
{
	struct failure why = { 0 };
	struct args args;

	(void)state;
	assert_int_equal(parse(WORDS("--dry-run", "--force", "--part", "system",
				     "--range=0x1000-0x2000"),
			       &args, &why),
			 OTADFU_OK);
	assert_int_equal(args_count(&args, ARG_DRY_RUN), 1);
	assert_int_equal(args_count(&args, ARG_FORCE), 1);
	assert_int_equal(args_count(&args, ARG_OVERWRITE), 0);
	assert_string_equal(args_text(&args, ARG_PART), "system");
	assert_string_equal(args_text(&args, ARG_RANGE), "0x1000-0x2000");
	args_free(&args);
	assert_refused(WORDS("--part", "system", "--part", "all"), "--part");
}

static const char *read_wait(const char *const *words, const char **ret_operand)
{
	struct failure why = { 0 };
	struct args args;
	const char *text;

	assert_int_equal(parse(words, &args, &why), OTADFU_OK);
	text = args_text(&args, ARG_WAIT);
	*ret_operand = args_text(&args, ARG_OPERAND);
	args_free(&args);
	return text;
}

static void a_number_may_follow_where_none_is_needed(void **state)
{
	const char *operand;

	(void)state;
	assert_null(read_wait(WORDS("app.zip"), &operand));
	assert_string_equal(read_wait(WORDS("--wait", "30", "app.zip"), &operand), "30");
	assert_string_equal(operand, "app.zip");
	assert_string_equal(read_wait(WORDS("--wait=30", "app.zip"), &operand), "30");
	assert_string_equal(operand, "app.zip");
	assert_string_equal(read_wait(WORDS("--wait", "app.zip"), &operand), "");
	assert_string_equal(operand, "app.zip");
	assert_string_equal(read_wait(WORDS("--wait", "3d.zip"), &operand), "");
	assert_string_equal(operand, "3d.zip");
	assert_string_equal(read_wait(WORDS("app.zip", "--wait"), &operand), "");
}

static void times_are_whole_seconds(void **state)
{
	static const char *const bad[] = { "0", "-1", "1.5", "soon", "99999999999999999999" };
	struct failure why = { 0 };
	uint64_t wait_ms = 7;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		const char *values[] = { bad[i], NULL };
		struct args args = { .given = { [ARG_WAIT] = { values, 1 } } };

		assert_int_equal(seconds_to_wait(&args, &wait_ms, &why), OTADFU_E_CONFIG);
		assert_int_equal(wait_ms, 7);
	}
}

static void help_goes_with_every_command(void **state)
{
	char *argv[] = { "version", "-h", NULL };
	struct failure why = { 0 };
	struct args args;

	(void)state;
	assert_int_equal(args_parse(2, argv, 0, 0, &args, &why), OTADFU_OK);
	assert_int_equal(args_count(&args, ARG_HELP), 1);
	args_free(&args);
}

static void every_early_failure_has_its_exit_status(void **state)
{
	static const struct {
		int code;
		int status;
	} cases[] = {
		{ OTADFU_OK, 0 },
		{ OTADFU_E_CONFIG, 2 },
		{ OTADFU_E_PACKAGE, 3 },
		{ OTADFU_E_UNSUPPORTED, 4 },
		{ OTADFU_E_NOT_FOUND, 4 },
		{ OTADFU_E_PERMISSION, 4 },
		{ OTADFU_E_CANCELLED, 130 },
		{ OTADFU_E_NOMEM, 1 },
		{ OTADFU_E_IO, 1 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(exit_status_of(cases[i].code), cases[i].status);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_classic_lines_are_understood),
		cmocka_unit_test(operands_may_stand_anywhere),
		cmocka_unit_test(after_two_dashes_all_are_operands),
		cmocka_unit_test(repeated_options_are_kept_in_order),
		cmocka_unit_test(legacy_and_secure_are_protocols),
		cmocka_unit_test(two_devices_are_refused),
		cmocka_unit_test(unknown_options_are_named),
		cmocka_unit_test(a_missing_value_is_named),
		cmocka_unit_test(an_unwanted_value_is_named),
		cmocka_unit_test(surplus_operands_are_named),
		cmocka_unit_test(options_of_other_commands_are_unknown),
		cmocka_unit_test(what_is_done_with_the_firmware_is_understood),
		cmocka_unit_test(a_number_may_follow_where_none_is_needed),
		cmocka_unit_test(times_are_whole_seconds),
		cmocka_unit_test(help_goes_with_every_command),
		cmocka_unit_test(every_early_failure_has_its_exit_status),
	};

	return cmocka_run_group_tests_name("cli_args", tests, NULL, NULL);
}
