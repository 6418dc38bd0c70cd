/* What a device must tell before an update, and after it; and how long it is waited for. */
#include "info.h"
#include "session_bench.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static int set_up(void **state)
{
	return set_up_with(state, &world_plugin);
}

static int set_up_blind(void **state)
{
	return set_up_with(state, &world_blind_plugin);
}

/* An application with that firmware and battery; it comes back with the firmware after. */
static void device_with(const char *firmware, uint8_t battery, const char *after)
{
	add_device(0x10, "Thermo", OTADFU_MODE_APPLICATION, 0);
	world.devices[0].firmware = firmware;
	world.devices[0].battery = battery;
	world.enters[0] = (struct world_step){ .next = to_bootloader,
					       .then = at(0x11, "DfuTarg", OTADFU_MODE_BOOTLOADER,
							  OTADFU_MODE_BOOTLOADER) };
	world.updates[0] =
		(struct world_step){ .push_bytes = IMAGE_LEN,
				     .next = to_application,
				     .then = at(0x10, "Thermo", OTADFU_MODE_APPLICATION, 0) };
	world.updates[0].then.firmware = after;
}

static void assert_refused(const struct fixture *f, const char *text)
{
	assert_int_equal(f->result.status, SESSION_REFUSED_BY_HOST);
	assert_int_equal(f->result.exit_status, 3);
	assert_non_null(strstr(f->result.failure.text, text));
	assert_non_null(strstr(f->result.failure.hint, "--force"));
	assert_int_equal(world.enter_calls, 0);
	assert_int_equal(world.update_calls, 0);
}

static void low_battery_is_refused_before_anything_is_changed(void **state)
{
	struct fixture *f = *state;

	f->profile->require_battery_percent.value = 50;
	device_with("1.2.0", 49, NULL);
	run(f);
	assert_refused(f, "the battery is at 49 %, and the profile requires 50 %");
}

static void battery_that_is_full_enough_is_no_hindrance(void **state)
{
	struct fixture *f = *state;

	f->profile->require_battery_percent.value = 50;
	device_with("1.2.0", 50, NULL);
	run(f);
	assert_int_equal(f->result.exit_status, 0);
}

static void battery_that_nobody_can_read_is_refused(void **state)
{
	struct fixture *f = *state;

	f->profile->require_battery_percent.value = 1;
	device_with("1.2.0", 0, NULL);
	run(f);
	assert_refused(f, "does not tell its battery level");
}

static void refused_read_is_told_with_its_reason(void **state)
{
	struct fixture *f = *state;

	f->profile->require_battery_percent.value = 1;
	world.read_result = OTADFU_E_SECURITY;
	device_with("1.2.0", 90, NULL);
	run(f);
	assert_refused(f, "the peer refused");
}

static void force_updates_with_a_low_battery(void **state)
{
	struct fixture *f = *state;

	f->profile->require_battery_percent.value = 50;
	device_with("1.2.0", 3, NULL);
	run_as(f, false, true);
	assert_int_equal(f->result.exit_status, 0);
	assert_non_null(strstr(f->notes, "the battery is at 3 %"));
}

static void dry_run_looks_at_the_battery_too(void **state)
{
	struct fixture *f = *state;

	f->profile->require_battery_percent.value = 50;
	device_with("1.2.0", 3, NULL);
	run_as(f, true, false);
	assert_int_equal(f->result.exit_status, 3);
}

static void device_in_its_bootloader_cannot_be_asked_and_goes_on(void **state)
{
	struct fixture *f = *state;

	f->profile->require_battery_percent.value = 50;
	set_text(&f->profile->require_firmware_min, "2");
	device_in_bootloader();
	finish_with(0);
	run(f);
	assert_int_equal(f->result.exit_status, 0);
	assert_non_null(strstr(f->notes, "cannot be asked for its battery level"));
	assert_non_null(strstr(f->notes, "cannot be asked for its firmware revision"));
}

static void firmware_that_is_too_old_is_refused(void **state)
{
	struct fixture *f = *state;

	set_text(&f->profile->require_firmware_min, "1.10");
	device_with("1.9.3", 0, NULL);
	run(f);
	assert_refused(f, "has firmware 1.9.3, and the profile requires at least 1.10");
}

static void firmware_that_is_new_enough_is_no_hindrance(void **state)
{
	struct fixture *f = *state;

	set_text(&f->profile->require_firmware_min, "1.9");
	device_with("v1.10-rc1", 0, NULL);
	run(f);
	assert_int_equal(f->result.exit_status, 0);
}

static void firmware_that_is_no_number_is_refused(void **state)
{
	struct fixture *f = *state;

	set_text(&f->profile->require_firmware_min, "1");
	device_with("nightly", 0, NULL);
	run(f);
	assert_refused(f, "\"nightly\" cannot be compared");
}

static void firmware_that_nobody_tells_is_refused(void **state)
{
	struct fixture *f = *state;

	set_text(&f->profile->require_firmware_min, "1");
	device_with(NULL, 0, NULL);
	run(f);
	assert_refused(f, "does not tell its firmware revision");
}

static void firmware_is_told_without_being_required(void **state)
{
	struct fixture *f = *state;

	device_with("1.2.0", 0, NULL);
	run(f);
	assert_int_equal(f->result.exit_status, 0);
	assert_string_equal(f->result.firmware_before, "1.2.0");
	assert_string_equal(f->result.firmware_after, "");
}

static void firmware_that_cannot_be_read_is_no_hindrance_where_nothing_is_required(void **state)
{
	struct fixture *f = *state;

	world.read_result = OTADFU_E_ATT;
	device_with("1.2.0", 0, NULL);
	run(f);
	assert_int_equal(f->result.exit_status, 0);
	assert_string_equal(f->result.firmware_before, "");
}

static void expect(struct fixture *f, const char *version)
{
	f->profile->verify.value = VERIFY_VERSION;
	set_text(&f->profile->expect_version, version);
}

static void version_that_was_expected_is_proof(void **state)
{
	struct fixture *f = *state;

	expect(f, "1.3.0");
	device_with("1.2.0", 0, "1.3.0 ");
	run(f);
	assert_string_equal(f->result.failure.text, "");
	assert_int_equal(f->result.status, SESSION_UPDATED);
	assert_string_equal(f->result.firmware_before, "1.2.0");
	assert_string_equal(f->result.firmware_after, "1.3.0");
}

static void another_version_is_a_failure_with_both(void **state)
{
	struct fixture *f = *state;

	expect(f, "1.3.0");
	device_with("1.2.0", 0, "1.2.0");
	run(f);
	assert_int_equal(f->result.status, SESSION_FAILED);
	assert_int_equal(f->result.exit_status, 1);
	assert_non_null(strstr(f->result.failure.text, "\"1.2.0\", and \"1.3.0\" was expected"));
	assert_string_equal(f->result.firmware_after, "1.2.0");
	assert_string_equal(f->result.address_after, "C0:FF:EE:00:00:10");
}

static void device_that_tells_no_version_is_unproven(void **state)
{
	struct fixture *f = *state;

	expect(f, "1.3.0");
	device_with("1.2.0", 0, NULL);
	run(f);
	assert_int_equal(f->result.status, SESSION_UNPROVEN);
	assert_int_equal(f->result.exit_status, 6);
	assert_non_null(strstr(f->result.failure.text, "does not tell its firmware revision"));
}

static void package_tells_the_version_where_the_profile_does_not(void **state)
{
	struct fixture *f = *state;
	static const uint8_t init[1];

	f->profile->verify.value = VERIFY_VERSION;
	f->package.images[0].init = init;
	f->package.inits[0] = (struct initpacket){
		.kind = INITPACKET_LEGACY,
		.legacy = { .format = INITPACKET_FORMAT_05, .app_version = 7 },
	};
	device_with("6", 0, "7");
	run(f);
	assert_int_equal(f->result.exit_status, 0);
}

static void package_for_any_version_tells_none(void **state)
{
	struct fixture *f = *state;
	static const uint8_t init[1];
	struct failure why = { 0 };
	char text[SESSION_FIRMWARE_MAX];

	f->package.images[0].init = init;
	f->package.inits[0] = (struct initpacket){
		.kind = INITPACKET_LEGACY,
		.legacy = { .format = INITPACKET_FORMAT_05, .app_version = UINT32_MAX },
	};
	assert_int_equal(session_expected_version(f->profile, &f->package, text, &why),
			 OTADFU_E_CONFIG);
	assert_non_null(strstr(why.hint, "--expect-version"));
}

static void run_waiting(struct fixture *f, uint64_t wait_ms)
{
	struct session_job job = {
		.registry = f->registry,
		.profile = f->profile,
		.package = &f->package,
		.clock = f->clock,
		.cancel_fd = world.cancel_fd,
		.wait_ms = wait_ms,
	};

	session_run(&job, &f->result);
}

static void appear_after(uint32_t ms)
{
	device_with("1.2.0", 0, NULL);
	world.devices[0].from_ms = ms;
}

static void device_that_shows_up_late_is_waited_for(void **state)
{
	struct fixture *f = *state;

	appear_after(200000);
	run_waiting(f, 300000);
	assert_string_equal(f->result.failure.text, "");
	assert_int_equal(f->result.exit_status, 0);
}

static void waiting_ends(void **state)
{
	struct fixture *f = *state;

	appear_after(200000);
	run_waiting(f, 100000);
	assert_int_equal(f->result.exit_status, 1);
	assert_true(f->result.duration_ms >= 100000 && f->result.duration_ms < 110000);
}

static void waiting_for_ever_finds_who_comes_after_a_day(void **state)
{
	struct fixture *f = *state;

	appear_after(24 * 3600 * 1000);
	run_waiting(f, SESSION_FOR_EVER);
	assert_int_equal(f->result.exit_status, 0);
}

static void info_waits_as_well(void **state)
{
	struct fixture *f = *state;
	const struct info_job job = {
		.registry = f->registry,
		.profile = f->profile,
		.clock = f->clock,
		.cancel_fd = -1,
		.wait_ms = 300000,
	};
	struct failure why = { 0 };
	struct info info;
	int exit_status;

	appear_after(200000);
	assert_int_equal(info_run(&job, &info, &exit_status, &why), OTADFU_OK);
	assert_string_equal(info.texts[0].value, "1.2.0");
}

#define scan_test(name)  cmocka_unit_test_setup_teardown(name, set_up, tear_down)
#define blind_test(name) cmocka_unit_test_setup_teardown(name, set_up_blind, tear_down)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		scan_test(low_battery_is_refused_before_anything_is_changed),
		scan_test(battery_that_is_full_enough_is_no_hindrance),
		scan_test(battery_that_nobody_can_read_is_refused),
		scan_test(refused_read_is_told_with_its_reason),
		scan_test(force_updates_with_a_low_battery),
		scan_test(dry_run_looks_at_the_battery_too),
		scan_test(device_in_its_bootloader_cannot_be_asked_and_goes_on),
		scan_test(firmware_that_is_too_old_is_refused),
		scan_test(firmware_that_is_new_enough_is_no_hindrance),
		scan_test(firmware_that_is_no_number_is_refused),
		scan_test(firmware_that_nobody_tells_is_refused),
		scan_test(firmware_is_told_without_being_required),
		scan_test(firmware_that_cannot_be_read_is_no_hindrance_where_nothing_is_required),
		scan_test(version_that_was_expected_is_proof),
		blind_test(version_that_was_expected_is_proof),
		scan_test(another_version_is_a_failure_with_both),
		scan_test(device_that_tells_no_version_is_unproven),
		scan_test(package_tells_the_version_where_the_profile_does_not),
		scan_test(package_for_any_version_tells_none),
		scan_test(device_that_shows_up_late_is_waited_for),
		blind_test(device_that_shows_up_late_is_waited_for),
		scan_test(waiting_ends),
		blind_test(waiting_ends),
		scan_test(waiting_for_ever_finds_who_comes_after_a_day),
		scan_test(info_waits_as_well),
		blind_test(info_waits_as_well),
	};

	return cmocka_run_group_tests_name("session_conditions", tests, NULL, NULL);
}
