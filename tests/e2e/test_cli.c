#include "files.h"
#include "run.h"

#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* cmocka wants the four above first. */
#include <cmocka.h>

#define ADDRESS "C0:FF:EE:00:00:01"

/* One line that says text, one that says where to read on, nothing on standard output. */
static void assert_usage_error(struct run_result result, const char *text, const char *hint)
{
	const char *newline = strchr(result.err, '\n');

	assert_int_equal(result.status, 2);
	assert_string_equal(result.out, "");
	assert_contains(result.err, text);
	assert_non_null(newline);
	assert_contains(newline, hint);
	assert_int_equal(strncmp(result.err, "otadfu: ", 8), 0);
	run_result_clear(&result);
}

static void assert_told(struct run_result result, const char *part)
{
	assert_int_equal(result.status, 0);
	assert_contains(result.out, part);
	assert_string_equal(result.err, "");
	run_result_clear(&result);
}

static void assert_fails(struct run_result result, int status, const char *text)
{
	assert_int_equal(result.status, status);
	assert_contains(result.err, text);
	run_result_clear(&result);
}

/* The only line of out. Caller drops it. */
static json_t *read_only_line(const struct run_result *result)
{
	json_t *object = json_loads(result->out, 0, NULL);

	if (!object)
		fail_msg("not one JSON object: %s", result->out);
	assert_ptr_equal(strchr(result->out, '\n'), result->out + result->out_len - 1);
	return object;
}

static const char *text_of(const json_t *object, const char *key)
{
	return json_string_value(json_object_get(object, key));
}

static void no_command_is_a_usage_error(void **state)
{
	(void)state;
	assert_usage_error(run_otadfu_words(NULL, (const char *const[]){ NULL }),
			   "no command was given", "otadfu help");
}

static void unknown_commands_are_named(void **state)
{
	(void)state;
	assert_usage_error(run_otadfu("app.zip"), "app.zip", "otadfu help");
	assert_usage_error(run_otadfu("help", "upgrade"), "upgrade", "otadfu help");
}

static void unknown_options_are_named(void **state)
{
	(void)state;
	assert_usage_error(run_otadfu("update", "--frob"), "--frob", "otadfu help update");
	assert_usage_error(run_otadfu("scan", "-z", "x"), "-z", "otadfu help scan");
}

static void without_a_command_options_mean_update(void **state)
{
	(void)state;
	assert_usage_error(run_otadfu("-f", "app.hex", "-a", ADDRESS), "-f and -d",
			   "otadfu help update");
}

static void exactly_one_firmware_is_wanted(void **state)
{
	(void)state;
	assert_usage_error(run_otadfu("-a", ADDRESS), "no firmware", "otadfu help update");
	assert_usage_error(run_otadfu("update", "a.zip", "-z", "b.zip", "-a", ADDRESS),
			   "more than one firmware", "otadfu help update");
	assert_usage_error(run_otadfu("-z", "a.zip", "-f", "b.hex", "-d", "b.dat", "-a", ADDRESS),
			   "more than one firmware", "otadfu help update");
}

static void one_device_is_wanted(void **state)
{
	(void)state;
	assert_usage_error(run_otadfu("-z", "a.zip", "-a", ADDRESS, "--name", "Thermo"), "device",
			   "otadfu help update");
	assert_fails(run_otadfu("-z", "a.zip"), 2, "no device was named");
}

static void seconds_are_a_whole_number(void **state)
{
	static const char *const bad[] = { "0", "-1", "1.5", "x", "", "99999" };

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_usage_error(run_otadfu("scan", "--transport", "sim", "--seconds", bad[i]),
				   "--seconds", "otadfu help scan");
}

static void help_is_told_on_standard_output(void **state)
{
	(void)state;
	assert_told(run_otadfu("--help"), "otadfu update [PACKAGE.zip] -a ADDRESS");
	assert_told(run_otadfu("-h"), "Exit status");
	assert_told(run_otadfu("help"), "plugins");
	assert_told(run_otadfu("help", "update"), "--plugin-path DIR");
	assert_told(run_otadfu("scan", "--help"), "--seconds N");
	assert_told(run_otadfu("-a", ADDRESS, "--help"), "--legacy");
}

static void version_tells_program_and_abi(void **state)
{
	(void)state;
	assert_told(run_otadfu("--version"), "plugin ABI 1.");
	assert_told(run_otadfu("--version"), "Apache");
}

static void plugins_are_listed(void **state)
{
	(void)state;
	assert_told(run_otadfu("plugins"), "transport  sim");
	assert_told(run_otadfu("plugins"), "protocol   secure");
	assert_told(run_otadfu("plugins"), "protocol   legacy");
}

static void a_plugin_tells_its_options(void **state)
{
	(void)state;
	assert_told(run_otadfu("plugins", "secure"), "secure.receipts  int ");
	assert_fails(run_otadfu("plugins", "nonesuch"), 4, "nonesuch");
}

static void a_plugin_tells_its_options_to_machines(void **state)
{
	struct run_result result = run_otadfu("plugins", "secure", "--json");
	json_t *plugin = read_only_line(&result);
	json_t *protocol = json_array_get(json_object_get(plugin, "protocols"), 0);
	json_t *option = json_array_get(json_object_get(protocol, "options"), 0);

	(void)state;
	assert_int_equal(result.status, 0);
	assert_string_equal(text_of(plugin, "event"), "plugin");
	assert_string_equal(text_of(plugin, "name"), "secure");
	assert_string_equal(text_of(protocol, "name"), "secure");
	assert_non_null(text_of(option, "key"));
	assert_non_null(text_of(option, "help"));
	json_decref(plugin);
	run_result_clear(&result);
}

/* A package that cannot be read comes before anything else is looked at. */
static void an_early_failure_is_a_result_too(void **state)
{
	struct run_result result = run_otadfu("-z", "/nonesuch.zip", "-a", "c0:ff:ee:00:00:01",
					      "--transport", "sim", "--json");
	json_t *object = read_only_line(&result);
	json_t *error = json_object_get(object, "error");

	(void)state;
	assert_int_equal(result.status, 2);
	assert_string_equal(text_of(object, "event"), "result");
	assert_string_equal(text_of(object, "device"), ADDRESS);
	assert_string_equal(text_of(object, "status"), "refused_by_host");
	assert_int_equal(json_integer_value(json_object_get(object, "exit")), 2);
	assert_string_equal(text_of(error, "code"), "config");
	assert_true(json_is_null(json_object_get(error, "phase")));
	assert_contains(text_of(error, "text"), "/nonesuch.zip");
	assert_contains(result.err, "/nonesuch.zip");
	json_decref(object);
	run_result_clear(&result);
}

static void a_broken_package_is_refused(void **state)
{
	char *folder = folder_new();
	char *path = file_write(folder, "app.zip", "this is not a zip");

	(void)state;
	assert_fails(run_otadfu("-z", path, "-a", ADDRESS, "--transport", "sim"), 3, "app.zip");
	free(path);
	folder_remove(folder);
}

static void a_malformed_address_is_refused(void **state)
{
	(void)state;
	assert_fails(run_otadfu("-z", "a.zip", "-a", "C0:FF:EE"), 2, "C0:FF:EE");
}

static void an_unknown_transport_is_told_with_those_there_are(void **state)
{
	(void)state;
	assert_fails(run_otadfu("scan", "--transport", "pigeon"), 4,
		     "there is no transport \"pigeon\" (command line); there are: ");
	assert_fails(run_otadfu("doctor", "--transport", "pigeon"), 4,
		     "there is no transport \"pigeon\"");
}

static void an_unknown_setting_is_refused(void **state)
{
	(void)state;
	assert_fails(run_otadfu("scan", "--transport", "sim", "--set", "pigeon.speed=3"), 2,
		     "pigeon");
	assert_fails(run_otadfu("scan", "--transport", "sim", "--set", "secure.nonesuch=3"), 2,
		     "nonesuch");
	assert_fails(run_otadfu("scan", "--transport", "sim", "--set", "nonsense"), 2, "nonsense");
}

static void profiles_are_listed(void **state)
{
	(void)state;
	assert_told(run_otadfu("profiles"), "nrf51-legacy      nRF51 with legacy bootloader\n");
	assert_told(run_otadfu("profiles"), "nrf52-secure ");
	assert_told(run_otadfu("profiles", "--json"),
		    "{\"event\":\"profile\",\"name\":\"nrf51-legacy\",\"file\":");
	assert_fails(run_otadfu("profiles", "nonesuch"), 2,
		     "no profile is named 'nonesuch'; there are: nrf51-legacy, nrf52-secure");
}

static void a_profile_tells_its_values_and_their_origin(void **state)
{
	char *folder = folder_new();
	char *path = file_write(folder, "acme.yaml",
				"inherits: nrf52-secure\nproduct: Acme\nsecure: { receipts: 7 }\n");

	(void)state;
	assert_told(run_otadfu("profiles", path), "inherits ");
	assert_told(run_otadfu("profiles", path), "acme.yaml:2:10)\n");
	assert_told(run_otadfu("profiles", path), "nrf52-secure.yaml:");
	assert_told(run_otadfu("profiles", path), "part                        all ");
	assert_told(run_otadfu("profiles", path, "--json"),
		    "{\"key\":\"secure.receipts\",\"value\":\"7\",\"origin\":");
	free(path);
	path = file_write(folder, "bad.yaml", "secure: { receipts: many }\n");
	assert_fails(run_otadfu("profiles", path), 2, "bad.yaml:1:21: ");
	free(path);
	folder_remove(folder);
}

static void commands_that_take_files_want_them(void **state)
{
	(void)state;
	assert_usage_error(run_otadfu("inspect"), "no file", "otadfu help inspect");
	assert_usage_error(run_otadfu("gen-dat", "app.bin"), "two files", "otadfu help gen-dat");
	assert_usage_error(run_otadfu("gen-dat", "a", "b", "c"), "\"c\"", "otadfu help gen-dat");
	assert_usage_error(run_otadfu("info", "-a", ADDRESS, "--name", "Thermo"), "device",
			   "otadfu help info");
}

static void a_profile_that_is_not_there_is_told(void **state)
{
	(void)state;
	assert_fails(run_otadfu("scan", "--profile", "nonesuch"), 2, "nonesuch");
}

static void the_profile_is_told_where_it_was_overruled(void **state)
{
	char *folder = folder_new();
	char *path =
		file_write(folder, "acme.yaml", "transport: pigeon\nsecure: { receipts: 7 }\n");
	struct run_result result = run_otadfu("scan", "--profile", path, "--transport", "sim",
					      "--adapter", "/nonesuch.yaml", "-v");

	(void)state;
	assert_contains(result.err, "transport sim (command line)");
	assert_contains(result.err, "secure.receipts 7 (");
	assert_contains(result.err, "acme.yaml:2:");
	assert_contains(result.err, "connect.attempts 5 (default)");
	run_result_clear(&result);
	free(path);
	folder_remove(folder);
}

static void output_that_cannot_be_written_is_no_success(void **state)
{
	const struct run_settings full = { .stdout_path = "/dev/full" };
	const struct run_settings closed = { .close_stdout = true };

	(void)state;
	assert_fails(run_otadfu_with(&full, "--help"), 1, "cannot write to standard output");
	assert_fails(run_otadfu_with(&closed, "--version"), 1, "cannot write to standard output");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_command_is_a_usage_error),
		cmocka_unit_test(unknown_commands_are_named),
		cmocka_unit_test(unknown_options_are_named),
		cmocka_unit_test(without_a_command_options_mean_update),
		cmocka_unit_test(exactly_one_firmware_is_wanted),
		cmocka_unit_test(one_device_is_wanted),
		cmocka_unit_test(seconds_are_a_whole_number),
		cmocka_unit_test(help_is_told_on_standard_output),
		cmocka_unit_test(version_tells_program_and_abi),
		cmocka_unit_test(plugins_are_listed),
		cmocka_unit_test(a_plugin_tells_its_options),
		cmocka_unit_test(a_plugin_tells_its_options_to_machines),
		cmocka_unit_test(an_early_failure_is_a_result_too),
		cmocka_unit_test(a_broken_package_is_refused),
		cmocka_unit_test(a_malformed_address_is_refused),
		cmocka_unit_test(an_unknown_transport_is_told_with_those_there_are),
		cmocka_unit_test(an_unknown_setting_is_refused),
		cmocka_unit_test(profiles_are_listed),
		cmocka_unit_test(a_profile_tells_its_values_and_their_origin),
		cmocka_unit_test(commands_that_take_files_want_them),
		cmocka_unit_test(a_profile_that_is_not_there_is_told),
		cmocka_unit_test(the_profile_is_told_where_it_was_overruled),
		cmocka_unit_test(output_that_cannot_be_written_is_no_success),
	};

	return cmocka_run_group_tests_name("e2e_cli", tests, NULL, NULL);
}
