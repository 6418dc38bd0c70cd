/* Whole updates over hci, two processes and two virtual controllers, in real time. */
#include "rehearsal.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define SECURE "    hardware: nrf52840\n    bootloader: secure\n    sdk: \"17.1\"\n"
#define LEGACY "    hardware: nrf51822\n    bootloader: legacy\n    sdk: \"11\"\n"

#define BOOTLOADER "    mode: bootloader\n"

struct way {
	const char *name;
	struct rehearsal_plan plan;
};

static const struct way ways[] = {
	{ "secure_application_on_the_air", { rehearsal_on_air, SECURE, "secure", SIM_ADDRESS } },
	{ "secure_bootloader_on_the_air",
	  { rehearsal_on_air, SECURE BOOTLOADER, "secure", SIM_BOOTLOADER } },
	{ "legacy_application_on_the_air", { rehearsal_on_air, LEGACY, "legacy", SIM_ADDRESS } },
	{ "legacy_bootloader_on_the_air",
	  { rehearsal_on_air, LEGACY BOOTLOADER, "legacy", SIM_BOOTLOADER } },
	{ "secure_application_on_btvirt", { rehearsal_on_btvirt, SECURE, "secure", SIM_ADDRESS } },
	{ "secure_bootloader_on_btvirt",
	  { rehearsal_on_btvirt, SECURE BOOTLOADER, "secure", SIM_BOOTLOADER } },
	{ "legacy_application_on_btvirt", { rehearsal_on_btvirt, LEGACY, "legacy", SIM_ADDRESS } },
	{ "legacy_bootloader_on_btvirt",
	  { rehearsal_on_btvirt, LEGACY BOOTLOADER, "legacy", SIM_BOOTLOADER } },
};

enum { WAYS = sizeof(ways) / sizeof(ways[0]) };

static void update_makes_the_device_run_the_new_image(void **state)
{
	struct rehearsal *rehearsal = *state;
	const struct rehearsal_plan *plan = rehearsal->plan;
	struct run_result run;
	char *package;

	plan->begin(rehearsal, plan->device);
	package = rehearsal_package(rehearsal, "9000:7", "app");
	rehearsal_begin(rehearsal);
	run = run_finish(rehearsal_update(rehearsal, package, plan->address));
	if (run.status != 0)
		fail_msg("exit status %d\n%s", run.status, run.err);
	assert_rehearsal_runs(rehearsal, "app.bin");
	run_result_clear(&run);
	free(package);
}

int main(void)
{
	struct CMUnitTest tests[WAYS];

	for (size_t i = 0; i < WAYS; i++)
		tests[i] =
			(struct CMUnitTest){ .name = ways[i].name,
					     .test_func = update_makes_the_device_run_the_new_image,
					     .setup_func = rehearsal_setup,
					     .teardown_func = rehearsal_teardown,
					     .initial_state = (void *)(uintptr_t)&ways[i].plan };
	return cmocka_run_group_tests_name("hci", tests, NULL, NULL);
}
