#include "options.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* cmocka wants the four above first. */
#include <cmocka.h>

#define OPTION .size = sizeof(struct otadfu_option)

static const struct otadfu_option receipts = {
	OPTION, .kind = OTADFU_OPT_INT, .key = "receipts", .fallback = "12", .min = 0, .max = 65535
};
static const struct otadfu_option offset = { OPTION, .kind = OTADFU_OPT_INT, .key = "offset",
					     .fallback = "0" };
static const struct otadfu_option fast = { OPTION, .kind = OTADFU_OPT_BOOL, .key = "fast",
					   .fallback = "no" };
static const struct otadfu_option path = { OPTION, .kind = OTADFU_OPT_STRING, .key = "path" };
static const struct otadfu_option mode = { OPTION, .kind = OTADFU_OPT_CHOICE, .key = "mode",
					   .fallback = "auto", .choices = "auto|slow" };
static const struct otadfu_option *const declared[] = { &receipts, &offset, &fast,
							&path,     &mode,   NULL };

static int resolve_one(const char *key, const char *value, struct options **ret_options,
		       struct failure *why)
{
	struct settings settings = { 0 };
	int r;

	assert_int_equal(settings_put(&settings, "secure", key, value, "acme.yaml:7:13"),
			 OTADFU_OK);
	r = options_resolve("secure", declared, &settings, ret_options, why);
	settings_clear(&settings);
	return r;
}

static void defaults_fill_what_nobody_set(void **state)
{
	struct options *options;

	(void)state;
	assert_int_equal(options_resolve("secure", declared, NULL, &options, NULL), OTADFU_OK);
	assert_int_equal(options_int(options, "receipts"), 12);
	assert_string_equal(options_str(options, "receipts"), "12");
	assert_int_equal(options_int(options, "fast"), 0);
	assert_string_equal(options_str(options, "path"), "");
	assert_string_equal(options_str(options, "mode"), "auto");
	assert_string_equal(options_origin(options, "mode"), "default");
	assert_null(options_str(options, "other"));
	assert_null(options_origin(options, "other"));
	assert_int_equal(options_int(options, "other"), 0);
	options_free(options);
}

static void good_values_are_accepted(void **state)
{
	static const struct {
		const char *key, *value;
		int64_t number;
	} cases[] = {
		{ "receipts", "0", 0 },     { "receipts", "65535", 65535 },
		{ "receipts", "0x10", 16 }, { "offset", "-5000000000", -5000000000 },
		{ "fast", "yes", 1 },       { "fast", "FALSE", 0 },
		{ "path", "a b=c/d:e", 0 }, { "path", "", 0 },
		{ "mode", "slow", 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct options *options;

		assert_int_equal(resolve_one(cases[i].key, cases[i].value, &options, NULL),
				 OTADFU_OK);
		assert_string_equal(options_str(options, cases[i].key), cases[i].value);
		assert_int_equal(options_int(options, cases[i].key), cases[i].number);
		assert_string_equal(options_origin(options, cases[i].key), "acme.yaml:7:13");
		options_free(options);
	}
}

static void bad_values_say_where_and_what_was_expected(void **state)
{
	static const struct {
		const char *key, *value, *text;
	} cases[] = {
		{ "receipts", "many",
		  "acme.yaml:7:13: secure.receipts must be a whole number from 0 to 65535, not "
		  "'many'" },
		{ "receipts", "65536",
		  "acme.yaml:7:13: secure.receipts must be a whole number from 0 to 65535, not "
		  "'65536'" },
		{ "receipts", "-1",
		  "acme.yaml:7:13: secure.receipts must be a whole number from 0 to 65535, not "
		  "'-1'" },
		{ "offset", "1.5",
		  "acme.yaml:7:13: secure.offset must be a whole number, not '1.5'" },
		{ "fast", "maybe",
		  "acme.yaml:7:13: secure.fast must be true or false, not 'maybe'" },
		{ "mode", "auto|slow",
		  "acme.yaml:7:13: secure.mode must be one of auto|slow, not 'auto|slow'" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct options *options = NULL;
		struct failure why = { 0 };

		assert_int_equal(resolve_one(cases[i].key, cases[i].value, &options, &why),
				 OTADFU_E_CONFIG);
		assert_string_equal(why.text, cases[i].text);
		assert_null(options);
	}
}

static void unknown_key_lists_the_keys_there_are(void **state)
{
	struct options *options;
	struct failure why = { 0 };

	(void)state;
	assert_int_equal(resolve_one("recepts", "1", &options, &why), OTADFU_E_CONFIG);
	assert_string_equal(why.text, "acme.yaml:7:13: secure has no option 'recepts'; its "
				      "options: receipts, offset, fast, path, mode");
}

static void plugin_without_options_refuses_any(void **state)
{
	struct settings settings = { 0 };
	struct options *options;
	struct failure why = { 0 };

	(void)state;
	assert_int_equal(settings_put(&settings, "sim", "a", "1", "command line"), OTADFU_OK);
	assert_int_equal(options_resolve("sim", NULL, &settings, &options, &why), OTADFU_E_CONFIG);
	assert_string_equal(why.text, "command line: sim has no option 'a'; its options: none");
	settings_clear(&settings);
}

static void settings_of_other_plugins_are_left_alone(void **state)
{
	struct settings settings = { 0 };
	struct options *options;

	(void)state;
	assert_int_equal(settings_put(&settings, "legacy", "nonsense", "1", "x"), OTADFU_OK);
	assert_int_equal(options_resolve("secure", declared, &settings, &options, NULL), OTADFU_OK);
	assert_string_equal(options_origin(options, "receipts"), "default");
	options_free(options);
	settings_clear(&settings);
}

static void later_setting_replaces_earlier(void **state)
{
	struct settings settings = { 0 };
	const struct setting *setting;

	(void)state;
	assert_int_equal(settings_put(&settings, "secure", "receipts", "1", "a.yaml:1:1"), 0);
	assert_int_equal(settings_put(&settings, "secure", "fast", "no", "a.yaml:2:1"), 0);
	assert_int_equal(settings_put(&settings, "secure", "receipts", "2", "command line"), 0);
	assert_int_equal(settings.count, 2);
	setting = settings_find(&settings, "secure", "receipts");
	assert_non_null(setting);
	assert_string_equal(setting->value, "2");
	assert_string_equal(setting->origin, "command line");
	assert_null(settings_find(&settings, "legacy", "receipts"));
	settings_clear(&settings);
	assert_int_equal(settings.count, 0);
}

static void bad_default_is_a_fault_of_the_plugin(void **state)
{
	static const struct otadfu_option cases[] = {
		{ OPTION, OTADFU_OPT_INT, "a", NULL, "100", NULL, 0, 99 },
		{ OPTION, OTADFU_OPT_INT, "b", NULL, NULL, NULL, 0, 99 },
		{ OPTION, OTADFU_OPT_CHOICE, "c", NULL, "x", "y|z", 0, 0 },
		{ OPTION, OTADFU_OPT_CHOICE, "d", NULL, "x", NULL, 0, 0 },
		{ OPTION, 0, "e", NULL, "1", NULL, 0, 0 },
		{ OPTION, 99, "f", NULL, "1", NULL, 0, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct otadfu_option *const list[] = { &receipts, &cases[i], NULL };
		struct options *options;
		struct failure why = { 0 };

		assert_int_equal(options_resolve("acme", list, NULL, &options, &why),
				 OTADFU_E_CONFIG);
		assert_non_null(strstr(why.text, "fault of the plugin"));
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(defaults_fill_what_nobody_set),
		cmocka_unit_test(good_values_are_accepted),
		cmocka_unit_test(bad_values_say_where_and_what_was_expected),
		cmocka_unit_test(unknown_key_lists_the_keys_there_are),
		cmocka_unit_test(plugin_without_options_refuses_any),
		cmocka_unit_test(settings_of_other_plugins_are_left_alone),
		cmocka_unit_test(later_setting_replaces_earlier),
		cmocka_unit_test(bad_default_is_a_fault_of_the_plugin),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
