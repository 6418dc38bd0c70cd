/*
 * Profiles, scenarios, settings and names that are wrong in every shape: said in one line with the
 * place, exit 2 (4 for a plugin that is not there), and no device touched.
 */
#include "bystander.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define DEVICE "    name: Sample\n    hardware: nrf51822\n    bootloader: legacy\n    sdk: \"11\"\n"

enum { WORDS = 8, USAGE = 2, REFUSED = 3, MACHINE = 4, FAILED = 1 };

/* A file of the given content, and what is said of it: FILE:LINE:COLUMN and the reason. */
struct bad_file {
	const char *name;
	const char *content;
	const char *place; /* ":2:3: " */
	const char *text;
};

struct bad_words {
	const char *name;
	const char *words[WORDS];
	int status;
	const char *text;
};

static const struct bad_file profiles[] = {
	{ "profile_is_empty", "", "", "the file is empty" },
	{ "profile_is_no_yaml", "product: [\n", ":", "not YAML" },
	{ "profile_is_a_list", "- product: x\n", ":1:1: ", "must be a mapping" },
	{ "profile_is_a_word", "thermo\n", ":1:1: ", "must be a mapping" },
	{ "profile_with_unknown_key", "product: x\ncolour: blue\n", ":2:1: ", "colour" },
	{ "profile_with_unknown_key_in_a_section", "connect:\n  speed: 3\n",
	  ":2:3: ", "unknown key 'speed' in connect" },
	{ "profile_with_duplicate_key", "product: x\nproduct: y\n",
	  ":2:1: ", "'product' is there twice" },
	{ "profile_with_mapping_for_a_text", "product: { a: b }\n", ":1:10: ", "must be a text" },
	{ "profile_with_text_for_a_section", "connect: often\n", ":1:10: ", "must be a mapping" },
	{ "profile_with_text_for_a_number", "connect: { attempts: many }\n",
	  ":1:22: ", "whole number from 1 to 100" },
	{ "profile_with_number_out_of_range", "connect: { attempts: 101 }\n",
	  ":1:22: ", "whole number from 1 to 100" },
	{ "profile_with_another_word_than_the_choices", "verify: perhaps\n",
	  ":1:9: ", "must be none, advertises or version" },
	{ "profile_with_malformed_address", "match: { address: C0-FF }\n",
	  ":1:19: ", "an address like" },
	{ "profile_with_malformed_uuid", "match: { service: xyz }\n", ":1:19: ", "a UUID like" },
	{ "profile_of_two_documents", "product: x\n---\nproduct: y\n",
	  ":2:1: ", "second document" },
	{ "profile_with_unknown_plugin", "pigeon: { speed: 3 }\n",
	  ":1:18: ", "no plugin is named 'pigeon'" },
	{ "profile_with_unknown_option", "legacy: { speed: 3 }\n", ":1:18: ", "speed" },
	{ "profile_with_option_out_of_range", "legacy: { receipts: -1 }\n", ":1:21: ", "receipts" },
	{ "profile_with_list_for_an_option", "legacy: { receipts: [ 1 ] }\n",
	  ":1:21: ", "must be a single value" },
};

#define ONE "devices:\n  - address: C0:FF:EE:00:00:01\n"

static const struct bad_file scenarios[] = {
	{ "scenario_is_empty", "", ":1:1: ", "the file is empty" },
	{ "scenario_is_no_yaml", "devices: [\n", ":", "not YAML" },
	{ "scenario_is_a_list", "- clock: virtual\n", ":1:1: ", "expected keys and values" },
	{ "scenario_with_unknown_key", "weather: fine\n" ONE DEVICE,
	  ":1:1: ", "unknown key \"weather\"" },
	{ "scenario_with_unknown_key_of_a_device", ONE DEVICE "    colour: blue\n",
	  ":7:5: ", "unknown key \"colour\"" },
	{ "scenario_with_duplicate_key", "clock: virtual\nclock: real\n" ONE DEVICE,
	  ":2:", "\"clock\" stands here twice" },
	{ "scenario_with_wrong_type", "clock: { a: b }\n" ONE DEVICE, ":1:8: ", "expected" },
	{ "scenario_with_another_clock", "clock: broken\n" ONE DEVICE,
	  ":1:8: ", "virtual or real" },
	{ "scenario_with_number_out_of_range", ONE DEVICE "    mtu: 22\n",
	  ":7:10: ", "a number from 23 to 247" },
	{ "scenario_without_devices", "clock: virtual\n", ":1:1: ", "\"devices\" is missing" },
	{ "scenario_with_no_devices", "devices: []\n", ":1:10: ", "a list of 1 to" },
	{ "scenario_without_address", "devices:\n  - name: Sample\n",
	  ":2:5: ", "\"address\" is missing" },
	{ "scenario_with_malformed_address", "devices:\n  - address: C0:FF\n" DEVICE,
	  ":2:14: ", "an address such as" },
	{ "scenario_with_one_address_twice", ONE DEVICE "  - address: C0:FF:EE:00:00:01\n" DEVICE,
	  ":7:", "" },
	{ "scenario_with_unknown_sdk",
	  ONE "    hardware: nrf51822\n    bootloader: legacy\n    sdk: \"3\"\n",
	  ":5:10: ", "is simulated for SDK" },
	{ "scenario_with_unknown_hardware",
	  ONE "    hardware: nrf99\n    bootloader: legacy\n    sdk: \"11\"\n",
	  ":3:15: ", "nrf51822" },
	{ "scenario_with_unknown_bootloader",
	  ONE "    hardware: nrf51822\n    bootloader: magic\n    sdk: \"11\"\n",
	  ":4:17: ", "secure" },
	{ "scenario_with_a_key_that_is_not_there", ONE DEVICE "    public_key: nonesuch.pem\n",
	  ":7:17: ", "nonesuch.pem" },
};

static const struct bad_words words[] = {
	{ "profile_that_is_not_there", { "--profile", "nonesuch" }, USAGE, "nrf51-legacy" },
	{ "profile_file_that_is_not_there",
	  { "--profile", "./nonesuch.yaml" },
	  USAGE,
	  "nonesuch.yaml" },
	{ "profile_that_is_a_directory", { "--profile", "/" }, USAGE, "/: " },
	{ "setting_of_no_form", { "--set", "receipts" }, USAGE, "PLUGIN.KEY=VALUE" },
	{ "setting_of_unknown_plugin", { "--set", "pigeon.speed=3" }, USAGE, "pigeon" },
	{ "setting_of_unknown_key", { "--set", "legacy.speed=3" }, USAGE, "speed" },
	{ "setting_of_wrong_type", { "--set", "legacy.receipts=many" }, USAGE, "receipts" },
	{ "setting_out_of_range", { "--set", "legacy.receipts=-1" }, USAGE, "receipts" },
	{ "unknown_protocol", { "--protocol", "pigeon" }, MACHINE, "pigeon" },
	{ "unknown_part", { "--part", "half" }, USAGE, "half" },
	{ "range_of_a_package", { "--range", "0x1000-0x2000" }, USAGE, "--range" },
};

enum {
	PROFILES = sizeof(profiles) / sizeof(profiles[0]),
	SCENARIOS = sizeof(scenarios) / sizeof(scenarios[0]),
	WORD_CASES = sizeof(words) / sizeof(words[0])
};

static struct bystander *device;
static char *package; /* a good one */

static struct run_result update(const char *const *more)
{
	const char *all[WORDS + 2] = { package };

	for (size_t i = 0; i < WORDS && more[i]; i++)
		all[i + 1] = more[i];
	return bystander_update(device, all);
}

static void profile_is_refused(void **state)
{
	const struct bad_file *bad = *state;
	char *path = file_write(device->sim.folder, "bad.yaml", bad->content);
	struct run_result run = update((const char *const[]){ "--profile", path, NULL });
	char *place;

	assert_true(asprintf(&place, "bad.yaml%s", bad->place) >= 0);
	assert_contains(run.err, place);
	assert_refused(device, &run, USAGE, bad->text);
	free(place);
	free(path);
}

static void scenario_is_refused(void **state)
{
	const struct bad_file *bad = *state;
	char *path = file_write(device->sim.folder, "bad.yaml", bad->content);
	struct run_result run = run_otadfu("update", package, "-a", SIM_ADDRESS, "--transport",
					   "sim", "--adapter", path);
	char *place;

	assert_true(asprintf(&place, "bad.yaml%s", bad->place) >= 0);
	assert_contains(run.err, place);
	assert_refused(device, &run, USAGE, bad->text);
	free(place);
	free(path);
}

static void words_are_refused(void **state)
{
	const struct bad_words *bad = *state;
	struct run_result run = update(bad->words);

	assert_refused(device, &run, bad->status, bad->text);
}

static void a_scenario_that_cannot_be_read_is_refused(void **state)
{
	static const char *const bad[] = { "./nonesuch.yaml", "/", "/dev/null" };

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct run_result run = run_otadfu("update", package, "-a", SIM_ADDRESS,
						   "--transport", "sim", "--adapter", bad[i]);

		assert_refused(device, &run, USAGE, bad[i]);
	}
}

static void a_malformed_address_is_refused(void **state)
{
	static const char *const bad[] = {
		"C0:FF:EE",          "C0:FF:EE:00:00:0G",         "C0:FF:EE:00:00:01:02",
		"C0-FF-EE-00-00-01", "C0:FF:EE:00:00:01/private", ""
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct run_result run = run_otadfu("update", package, "-a", bad[i], "--transport",
						   "sim", "--adapter", device->sim.scenario);

		assert_refused(device, &run, USAGE, bad[i]);
	}
}

static void where_no_such_device_is_those_that_are_are_told(void **state)
{
	struct run_result run =
		run_otadfu("update", package, "-a", "C0:FF:EE:00:00:77", "--transport", "sim",
			   "--adapter", device->sim.scenario, "-q");

	(void)state;
	assert_contains(run.err, SIM_ADDRESS " (Sample)");
	assert_refused(device, &run, FAILED, "no such device advertised");
	run = run_otadfu("update", package, "--name", "Nonesuch", "--transport", "sim", "--adapter",
			 device->sim.scenario, "-q");
	assert_contains(run.err, SIM_ADDRESS " (Sample)");
	assert_refused(device, &run, FAILED, "no such device advertised");
}

static void of_two_devices_of_one_name_none_is_chosen(void **state)
{
	struct bystander *two = bystander_new(DEVICE "  - address: C0:FF:EE:00:00:11\n" DEVICE);
	struct run_result run = run_otadfu("update", package, "--name", "Sample", "--transport",
					   "sim", "--adapter", two->sim.scenario, "-q");

	(void)state;
	assert_contains(run.err, SIM_ADDRESS);
	assert_contains(run.err, "C0:FF:EE:00:00:11");
	assert_refused(two, &run, REFUSED, "two devices match");
	bystander_remove(two);
}

static void an_unknown_transport_is_refused(void **state)
{
	struct run_result run =
		run_otadfu("update", package, "-a", SIM_ADDRESS, "--transport", "pigeon");

	(void)state;
	assert_refused(device, &run, MACHINE, "there is no transport \"pigeon\"");
}

/* Else the cases above would prove nothing. */
static void the_update_they_are_made_from_would_be_done(void **state)
{
	struct run_result run = update((const char *const[]){ "--dry-run", NULL });

	(void)state;
	if (run.status != 0)
		fail_msg("exit %d: %s%s", run.status, run.out, run.err);
	run_result_clear(&run);
}

static int set_up(void **state)
{
	(void)state;
	device = bystander_new(DEVICE);
	package = sim_make_package(&device->sim, "good.zip",
				   (const char *const[]){ "--protocol", "legacy", "--random",
							  "2048", NULL });
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	free(package);
	bystander_remove(device);
	return 0;
}

static struct CMUnitTest test_of(const char *name, CMUnitTestFunction function, const void *bad)
{
	return (struct CMUnitTest){ .name = name,
				    .test_func = function,
				    .initial_state = (void *)(uintptr_t)bad };
}

int main(void)
{
	static const struct CMUnitTest singles[] = {
		cmocka_unit_test(a_scenario_that_cannot_be_read_is_refused),
		cmocka_unit_test(a_malformed_address_is_refused),
		cmocka_unit_test(where_no_such_device_is_those_that_are_are_told),
		cmocka_unit_test(of_two_devices_of_one_name_none_is_chosen),
		cmocka_unit_test(an_unknown_transport_is_refused),
		/* The last: it connects. */
		cmocka_unit_test(the_update_they_are_made_from_would_be_done),
	};
	struct CMUnitTest
		tests[PROFILES + SCENARIOS + WORD_CASES + sizeof(singles) / sizeof(singles[0])];
	size_t count = 0;

	for (size_t i = 0; i < PROFILES; i++)
		tests[count++] = test_of(profiles[i].name, profile_is_refused, &profiles[i]);
	for (size_t i = 0; i < SCENARIOS; i++)
		tests[count++] = test_of(scenarios[i].name, scenario_is_refused, &scenarios[i]);
	for (size_t i = 0; i < WORD_CASES; i++)
		tests[count++] = test_of(words[i].name, words_are_refused, &words[i]);
	for (size_t i = 0; i < sizeof(singles) / sizeof(singles[0]); i++)
		tests[count++] = singles[i];
	return cmocka_run_group_tests_name("bad_config", tests, set_up, tear_down);
}
