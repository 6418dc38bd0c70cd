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

static int set_up_racing(void **state)
{
	return set_up_with(state, &world_racing_plugin);
}

static void go_through_the_bootloader_and_back(void)
{
	add_device(0x10, "Thermo", OTADFU_MODE_APPLICATION, 0);
	world.enters[0] = (struct world_step){ .next = to_bootloader,
					       .then = at(0x11, "DfuTarg", OTADFU_MODE_BOOTLOADER,
							  OTADFU_MODE_BOOTLOADER) };
	world.updates[0] =
		(struct world_step){ .push_bytes = IMAGE_LEN,
				     .next = to_application,
				     .then = at(0x10, "Thermo", OTADFU_MODE_APPLICATION, 0) };
}

static void candidates_are_tried_in_turn(void **state)
{
	struct fixture *f = *state;

	go_through_the_bootloader_and_back();
	run(f);
	assert_int_equal(f->result.exit_status, 0);
}

static void scan_that_proves_impossible_is_done_without(void **state)
{
	struct fixture *f = *state;

	world.no_scan = 1;
	go_through_the_bootloader_and_back();
	run(f);
	assert_string_equal(f->result.failure.text, "");
	assert_int_equal(f->result.exit_status, 0);
}

static void name_without_a_scan_needs_an_address(void **state)
{
	struct fixture *f = *state;

	world.no_scan = 1;
	forget_address(f);
	set_text(&f->profile->match_name, "Thermo");
	run(f);
	assert_int_equal(f->result.exit_status, 2);
	assert_non_null(strstr(f->result.failure.hint, "-a ADDRESS"));
	assert_int_equal(world.connects, 0);
}

/* One attempt covers both addresses: no time is lost at the empty one. On the way back there is
 * only one at which the application can be. */
static void candidates_are_raced_where_the_radio_can(void **state)
{
	struct fixture *f = *state;

	go_through_the_bootloader_and_back();
	world.enters[0].then.from_ms = 0;
	world.updates[0].then.from_ms = 0;
	run(f);
	assert_int_equal(f->result.exit_status, 0);
	assert_int_equal(world.races, 1);
	assert_int_equal(world.connects, 3);
	assert_true(f->result.duration_ms < 1000);
}

static void stranded_device_is_found_by_connecting(void **state)
{
	struct fixture *f = *state;

	add_device(0x11, "DfuTarg", OTADFU_MODE_BOOTLOADER, OTADFU_MODE_BOOTLOADER);
	finish_with(0);
	world.updates[0].then = at(0x10, "Thermo", OTADFU_MODE_APPLICATION, 0);
	run(f);
	assert_int_equal(f->result.exit_status, 0);
}

/* Addresses of one production run follow each other. */
static void neighbour_in_its_application_is_not_taken_for_a_stranded_device(void **state)
{
	struct fixture *f = *state;

	add_device(0x11, "Thermo", OTADFU_MODE_APPLICATION, 0);
	run(f);
	assert_int_equal(f->result.exit_status, 1);
	assert_int_equal(world.enter_calls, 0);
	assert_int_equal(world.update_calls, 0);
}

static void absent_device_is_told_by_what_the_radio_said(void **state)
{
	struct fixture *f = *state;

	f->profile->connect_attempts.value = 1;
	f->profile->connect_timeout_ms.value = 5000;
	for (size_t i = 0; i < WORLD_STEPS; i++)
		world.connect_results[i] = OTADFU_E_BUSY;
	run(f);
	assert_int_equal(f->result.exit_status, 1);
	assert_int_equal(f->result.failure.code, OTADFU_E_BUSY);
}

static void name_that_only_a_scan_finds_is_refused(void **state)
{
	struct fixture *f = *state;

	go_through_the_bootloader_and_back();
	world.enters[0].next = (struct otadfu_next){ .match = OTADFU_NEXT_NAME,
						     .mode = OTADFU_MODE_BOOTLOADER,
						     .within_ms = 15000,
						     .name = "Dfu7731" };
	run(f);
	assert_int_equal(f->result.exit_status, 1);
	assert_non_null(strstr(f->result.failure.text, "Dfu7731"));
}

#define blind_test(name)  cmocka_unit_test_setup_teardown(name, set_up_blind, tear_down)
#define racing_test(name) cmocka_unit_test_setup_teardown(name, set_up_racing, tear_down)
#define scan_test(name)   cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		blind_test(candidates_are_tried_in_turn),
		scan_test(scan_that_proves_impossible_is_done_without),
		scan_test(name_without_a_scan_needs_an_address),
		racing_test(candidates_are_raced_where_the_radio_can),
		blind_test(stranded_device_is_found_by_connecting),
		racing_test(stranded_device_is_found_by_connecting),
		blind_test(neighbour_in_its_application_is_not_taken_for_a_stranded_device),
		racing_test(neighbour_in_its_application_is_not_taken_for_a_stranded_device),
		blind_test(absent_device_is_told_by_what_the_radio_said),
		blind_test(name_that_only_a_scan_finds_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
