/* The transport that nobody named, and doctor, where a bluetoothd runs: a fake one. */
#include "private_bus.h"
#include "sim.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

/* cmocka wants the four above first. */
#include <cmocka.h>

struct stage {
	struct sim sim;
	struct run *bluetoothd;
	char *bus;
	const char *environment[2];
	struct run_settings settings;
};

static int set_up(void **state)
{
	static const struct run_settings settings = { .timeout_ms = 60000 };
	struct stage *stage = test_calloc(1, sizeof(*stage));
	const char *argv[] = { FAKE_BLUETOOTHD, NULL, NULL, NULL };

	stage->sim = sim_new("    name: Sample\n    hardware: nrf52840\n    bootloader: secure\n"
			     "    sdk: \"17.1\"\n",
			     "link: { interval_ms: 7.5 }\n");
	argv[1] = stage->sim.scenario;
	argv[2] = stage->sim.folder;
	stage->bluetoothd = run_start(&settings, argv);
	run_wait_for(stage->bluetoothd, "unix:path=");
	assert_true(asprintf(&stage->bus, "DBUS_SYSTEM_BUS_ADDRESS=unix:path=%s/bus",
			     stage->sim.folder) >= 0);
	stage->environment[0] = stage->bus;
	stage->settings.environment = stage->environment;
	*state = stage;
	return 0;
}

static int tear_down(void **state)
{
	struct stage *stage = *state;
	struct run_result result;

	run_send_signal(stage->bluetoothd, SIGTERM);
	result = run_finish(stage->bluetoothd);
	run_result_clear(&result);
	free(stage->bus);
	sim_remove(&stage->sim);
	test_free(stage);
	return 0;
}

static void bluez_is_taken_where_bluetoothd_answers(void **state)
{
	const struct stage *stage = *state;
	struct run_result result =
		run_otadfu_with(&stage->settings, "info", "-a", SIM_ADDRESS, "--json", "-v");
	json_t *object = json_loads(result.out, 0, NULL);

	assert_int_equal(result.status, 0);
	assert_contains(result.err, "info: transport bluez (auto)\n");
	assert_lacks(result.err, "not chosen");
	assert_string_equal(json_text_at(object, "transport"), "bluez");
	json_decref(object);
	run_result_clear(&result);
}

static void doctor_says_that_bluez_would_be_used_and_hears_the_device(void **state)
{
	const struct stage *stage = *state;
	struct run_result result =
		run_otadfu_with(&stage->settings, "doctor", "-a", SIM_ADDRESS, "--seconds", "2");

	assert_int_equal(result.status, 0);
	assert_contains(result.out, "\n  bluez       would work\n");
	assert_contains(result.out, "\notadfu would use bluez.\nListening for 2 s ...\n");
	assert_contains(result.out, "\n  heard: -");
	assert_contains(result.out, " dBm, Sample");
	run_result_clear(&result);
}

static void an_adapter_that_bluetoothd_does_not_have_is_looked_for_elsewhere(void **state)
{
	const struct stage *stage = *state;
	struct run_result result =
		run_otadfu_with(&stage->settings, "scan", "--adapter", "unix:/nowhere/air", "-v");

	assert_int_equal(result.status, 4);
	assert_contains(result.err, "info: transport bluez not chosen: ");
	assert_contains(result.err, "info: transport hci not chosen: unix:/nowhere/air: ");
	run_result_clear(&result);
}

int main(void)
{
#define TEST(fact) cmocka_unit_test_setup_teardown(fact, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(bluez_is_taken_where_bluetoothd_answers),
		TEST(doctor_says_that_bluez_would_be_used_and_hears_the_device),
		TEST(an_adapter_that_bluetoothd_does_not_have_is_looked_for_elsewhere),
	};

	if (!private_bus_is_possible())
		return 77;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
