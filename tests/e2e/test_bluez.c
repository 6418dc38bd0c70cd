/* Whole updates through the transport bluez, with fakes for bluetoothd and the air. */
#include "private_bus.h"
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
#define LEGACY "    name: Sample\n    hardware: nrf51822\n    bootloader: legacy\n    sdk: \"11\"\n"
/* Its bootloader has the address of its application. */
#define LEGACY_7                                                                                   \
	"    name: Sample\n    hardware: nrf51822\n    bootloader: legacy\n    sdk: \"7\"\n"
#define IN_BOOTLOADER "    mode: bootloader\n"

struct way {
	const char *name;
	const char *device;
	const char *protocol;
	const char *tricks;
	const char *const *target;
};

static const char *const by_address[] = { "-a", SIM_ADDRESS };
static const char *const by_name[] = { "--name", "Sample" };

static const struct way ways[] = {
	{ "secure_from_the_application", SECURE, "secure", "", by_address },
	{ "secure_in_the_bootloader", SECURE IN_BOOTLOADER, "secure", "", by_address },
	{ "legacy_from_the_application", LEGACY, "legacy", "", by_address },
	{ "legacy_in_the_bootloader", LEGACY IN_BOOTLOADER, "legacy", "", by_address },
	{ "secure_by_name", SECURE, "secure", "", by_name },
	{ "secure_with_an_old_bluetoothd", SECURE, "secure", "old", by_address },
	{ "legacy_with_an_mtu_that_only_sockets_tell", LEGACY, "legacy", "hides-mtu", by_address },
	{ "secure_with_links_that_end_late", SECURE, "secure", "slow", by_address },
	{ "legacy_at_one_address", LEGACY_7, "legacy", "", by_address },
	{ "legacy_at_one_address_with_services_of_before", LEGACY_7, "legacy", "stale",
	  by_address },
	{ "legacy_with_links_that_end_late", LEGACY, "legacy", "slow", by_address },
};

enum { WAYS = sizeof(ways) / sizeof(ways[0]) };

struct stage {
	struct sim sim;
	struct run *bluetoothd;
};

static struct stage stage_new(const char *device, const char *tricks)
{
	struct stage stage = { .sim = sim_new(device, "link: { interval_ms: 7.5 }\n") };
	const char *argv[] = { FAKE_BLUETOOTHD, stage.sim.scenario, stage.sim.folder, NULL };
	const char *environment[] = { NULL, NULL };
	const struct run_settings settings = { .environment = environment, .timeout_ms = 300000 };
	char *plays = NULL;

	assert_true(asprintf(&plays, "FAKE_BLUETOOTHD=%s", tricks) >= 0);
	environment[0] = plays;
	stage.bluetoothd = run_start(&settings, argv);
	run_wait_for(stage.bluetoothd, "unix:path=");
	free(plays);
	return stage;
}

static void stage_end(struct stage *stage)
{
	struct run_result bluetoothd;

	run_send_signal(stage->bluetoothd, SIGTERM);
	bluetoothd = run_finish(stage->bluetoothd);
	assert_string_equal(bluetoothd.err, "");
	run_result_clear(&bluetoothd);
}

static struct run *start_update(const struct stage *stage, const char *package,
				const char *const *target)
{
	const char *argv[] = { run_otadfu_path(), "update", package,       target[0], target[1],
			       "--json",          "-v",     "--transport", "bluez",   NULL };
	char *bus = NULL;
	const char *environment[2] = { NULL };
	const struct run_settings settings = { .environment = environment, .timeout_ms = 240000 };
	struct run *run;

	assert_true(asprintf(&bus, "DBUS_SYSTEM_BUS_ADDRESS=unix:path=%s/bus", stage->sim.folder) >=
		    0);
	environment[0] = bus;
	run = run_start(&settings, argv);
	free(bus);
	return run;
}

static struct run_result update(const struct stage *stage, const char *package,
				const char *const *target)
{
	return run_finish(start_update(stage, package, target));
}

static char *make_package(const struct stage *stage, const char *protocol)
{
	const char *words[] = { "--protocol", protocol,         "--random", "12000:7", "--app-out",
				"image.bin",  "--generate-key", "key.pem",  NULL };

	if (strcmp(protocol, "secure") != 0)
		words[6] = NULL;
	return sim_make_package(&stage->sim, "app.zip", words);
}

static void assert_updated(struct stage *stage, const char *package, const char *const *target)
{
	char *image_path = file_path(stage->sim.folder, "image.bin");
	struct run_result run = update(stage, package, target);
	size_t len;
	uint8_t *image = file_read(image_path, &len);

	stage_end(stage);
	if (run.status != 0)
		fail_msg("exit %d: %s%s", run.status, run.out, run.err);
	assert_sim_runs(&stage->sim, image, len);
	run_result_clear(&run);
	free(image);
	free(image_path);
}

static void the_device_runs_the_new_application(void **state)
{
	const struct way *way = *state;
	struct stage stage = stage_new(way->device, way->tricks);
	char *package = make_package(&stage, way->protocol);

	assert_updated(&stage, package, way->target);
	free(package);
	sim_remove(&stage.sim);
}

/* Its link stays up in bluetoothd, as nobody has closed it. */
static void after_a_kill_the_next_run_makes_it_whole(void **state)
{
	struct stage stage = stage_new(SECURE, "slow");
	char *package = make_package(&stage, "secure");
	struct run *run = start_update(&stage, package, by_address);
	struct run_result killed;

	(void)state;
	run_wait_for(run, "progress");
	run_send_signal(run, SIGKILL);
	killed = run_finish(run);
	assert_int_equal(killed.status, -SIGKILL);
	run_result_clear(&killed);
	assert_updated(&stage, package, by_address);
	free(package);
	sim_remove(&stage.sim);
}

static void without_a_bluetoothd_it_is_exit_4(void **state)
{
	struct stage stage = stage_new(SECURE, "");
	char *package = make_package(&stage, "secure");
	struct run_result run;

	(void)state;
	stage_end(&stage);
	run = update(&stage, package, by_address);
	assert_int_equal(run.status, 4);
	assert_contains(run.out, "no bluetoothd; take another transport");
	run_result_clear(&run);
	free(package);
	sim_remove(&stage.sim);
}

int main(void)
{
	struct CMUnitTest tests[WAYS + 2] = {
		[WAYS] = cmocka_unit_test(without_a_bluetoothd_it_is_exit_4),
		[WAYS + 1] = cmocka_unit_test(after_a_kill_the_next_run_makes_it_whole),
	};

	if (!private_bus_is_possible())
		return 77;
	for (size_t i = 0; i < WAYS; i++)
		tests[i] = (struct CMUnitTest){ .name = ways[i].name,
						.test_func = the_device_runs_the_new_application,
						.initial_state = (void *)(uintptr_t)&ways[i] };
	return cmocka_run_group_tests_name("bluez", tests, NULL, NULL);
}
