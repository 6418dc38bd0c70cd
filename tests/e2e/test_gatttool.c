/* Whole updates through the transport gatttool, with fakes for gatttool and the air. */
#include "sim.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define SECURE                                                                                     \
	"    name: Sample\n    hardware: nrf52840\n    bootloader: secure\n    sdk: \"17.1\"\n"
#define LEGACY        "    name: Sample\n    hardware: nrf51822\n    bootloader: legacy\n    sdk: \"11\"\n"
#define IN_BOOTLOADER "    mode: bootloader\n"

struct way {
	const char *name;
	const char *device;
	const char *protocol;
	const char *tricks;
};

static const struct way ways[] = {
	{ "secure_from_the_application", SECURE, "secure", "" },
	{ "secure_in_the_bootloader", SECURE IN_BOOTLOADER, "secure", "" },
	{ "legacy_from_the_application", LEGACY, "legacy", "" },
	{ "legacy_in_the_bootloader", LEGACY IN_BOOTLOADER, "legacy", "" },
	{ "secure_without_an_exchange_of_mtus", SECURE, "secure", "no-mtu" },
	{ "legacy_with_notifications_in_confirmations", LEGACY, "legacy", "inside" },
	{ "secure_with_echo", SECURE IN_BOOTLOADER, "secure", "echo" },
	{ "legacy_without_a_word_at_the_end_of_a_link", LEGACY, "legacy", "quiet" },
};

enum { WAYS = sizeof(ways) / sizeof(ways[0]) };

struct stage {
	struct sim sim;
	char *socket;
	struct run *air;
};

static struct stage stage_new(const char *device)
{
	static const struct run_settings settings = { .timeout_ms = 300000 };
	struct stage stage = { .sim = sim_new(device, "link: { interval_ms: 7.5 }\n") };
	const char *argv[] = { FAKE_AIR, stage.sim.scenario, NULL, NULL };

	argv[2] = stage.socket = file_path(stage.sim.folder, "air");
	stage.air = run_start(&settings, argv);
	run_wait_for(stage.air, "ready");
	return stage;
}

static void stage_end(struct stage *stage)
{
	struct run_result air;

	run_send_signal(stage->air, SIGTERM);
	air = run_finish(stage->air);
	assert_string_equal(air.err, "");
	run_result_clear(&air);
}

static void stage_remove(struct stage *stage)
{
	free(stage->socket);
	sim_remove(&stage->sim);
}

static struct run_result update(const struct stage *stage, const char *package, const char *tricks)
{
	char *air = NULL, *plays = NULL;
	const char *environment[3] = { NULL };
	const struct run_settings settings = { .environment = environment, .timeout_ms = 240000 };
	struct run_result run;

	assert_true(asprintf(&air, "FAKE_AIR=%s", stage->socket) >= 0);
	assert_true(asprintf(&plays, "FAKE_GATTTOOL=%s", tricks) >= 0);
	environment[0] = air;
	environment[1] = plays;
	run = run_otadfu_with(&settings, "update", package, "-a", SIM_ADDRESS, "--json",
			      "--transport", "gatttool", "--set", "gatttool.binary=" FAKE_GATTTOOL);
	free(air);
	free(plays);
	return run;
}

static char *make_package(const struct stage *stage, const char *protocol)
{
	const char *words[] = { "--protocol", protocol,         "--random", "12000:7", "--app-out",
				"image.bin",  "--generate-key", "key.pem",  NULL };

	if (strcmp(protocol, "secure") != 0)
		words[6] = NULL;
	return sim_make_package(&stage->sim, "app.zip", words);
}

static void the_device_runs_the_new_application(void **state)
{
	const struct way *way = *state;
	struct stage stage = stage_new(way->device);
	char *package = make_package(&stage, way->protocol);
	char *image_path = file_path(stage.sim.folder, "image.bin");
	struct run_result run = update(&stage, package, way->tricks);
	size_t len;
	uint8_t *image = file_read(image_path, &len);

	stage_end(&stage);
	if (run.status != 0)
		fail_msg("exit %d: %s%s", run.status, run.out, run.err);
	assert_sim_runs(&stage.sim, image, len);
	run_result_clear(&run);
	free(image);
	free(image_path);
	free(package);
	stage_remove(&stage);
}

static void a_gatttool_that_is_too_old_is_exit_4(void **state)
{
	struct stage stage = stage_new(SECURE);
	char *package = make_package(&stage, "secure");
	struct run_result run = update(&stage, package, "old");

	(void)state;
	stage_end(&stage);
	assert_int_equal(run.status, 4);
	assert_contains(run.out, "too old");
	run_result_clear(&run);
	free(package);
	stage_remove(&stage);
}

static void an_absent_gatttool_is_exit_4(void **state)
{
	struct stage stage = stage_new(SECURE);
	char *package = make_package(&stage, "secure");
	struct run_result run =
		run_otadfu("update", package, "-a", SIM_ADDRESS, "--transport", "gatttool", "--set",
			   "gatttool.binary=/nowhere/gatttool");

	(void)state;
	stage_end(&stage);
	assert_int_equal(run.status, 4);
	assert_contains(run.err, "Debian's package bluez");
	run_result_clear(&run);
	free(package);
	stage_remove(&stage);
}

int main(void)
{
	struct CMUnitTest tests[WAYS + 2] = {
		[WAYS] = cmocka_unit_test(a_gatttool_that_is_too_old_is_exit_4),
		[WAYS + 1] = cmocka_unit_test(an_absent_gatttool_is_exit_4),
	};

	for (size_t i = 0; i < WAYS; i++)
		tests[i] = (struct CMUnitTest){ .name = ways[i].name,
						.test_func = the_device_runs_the_new_application,
						.initial_state = (void *)(uintptr_t)&ways[i] };
	return cmocka_run_group_tests_name("gatttool", tests, NULL, NULL);
}
