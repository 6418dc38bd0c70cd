/* Among its like, and when it is not there yet: the device that was meant is updated, or none. */
#include "crowd.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void neighbours_of_the_same_name_on_both_sides_are_not_touched(void **state)
{
	struct crowd crowd =
		crowd_new(CROWD_DEVICE(CROWD_OURS) CROWD_SECURE CROWD_DEVICE(CROWD_BEFORE)
				  CROWD_SECURE CROWD_DEVICE(CROWD_AFTER) CROWD_SECURE,
			  "secure");
	struct run_result run = crowd_update(&crowd, "--secure");

	(void)state;
	assert_ended(&run, 0);
	assert_runs(&crowd, CROWD_OURS);
	assert_unchanged(&crowd, CROWD_BEFORE);
	assert_unchanged(&crowd, CROWD_AFTER);
	run_result_clear(&run);
	crowd_remove(&crowd);
}

static void legacy_neighbours_on_both_sides_are_not_touched(void **state)
{
	struct crowd crowd =
		crowd_new(CROWD_DEVICE(CROWD_OURS) CROWD_LEGACY_NEXT CROWD_DEVICE(CROWD_BEFORE)
				  CROWD_LEGACY_NEXT CROWD_DEVICE(CROWD_AFTER) CROWD_LEGACY_NEXT,
			  "legacy");
	struct run_result run = crowd_update(&crowd, "--legacy");

	(void)state;
	assert_ended(&run, 0);
	assert_runs(&crowd, CROWD_OURS);
	assert_unchanged(&crowd, CROWD_BEFORE);
	assert_unchanged(&crowd, CROWD_AFTER);
	run_result_clear(&run);
	crowd_remove(&crowd);
}

/* It is heard first at the address of our bootloader, which nobody reaches then. */
static void neighbour_in_front_of_our_bootloader_is_not_touched(void **state)
{
	struct crowd crowd = crowd_new(CROWD_DEVICE(CROWD_AFTER)
					       CROWD_SECURE CROWD_DEVICE(CROWD_OURS) CROWD_SECURE,
				       "secure");
	struct run_result run = crowd_update(&crowd, "--secure");

	(void)state;
	assert_ended(&run, 1);
	assert_unchanged(&crowd, CROWD_AFTER);
	run_result_clear(&run);
	crowd_remove(&crowd);
}

static void two_of_the_same_name_are_refused(void **state)
{
	struct crowd crowd = crowd_new(CROWD_DEVICE(CROWD_OURS)
					       CROWD_SECURE CROWD_DEVICE(CROWD_AFTER) CROWD_SECURE,
				       "secure");
	const char *const words[] = { "--name", "Thermo", NULL };
	struct run_result run = crowd_run(&crowd, "update", words);

	(void)state;
	assert_ended(&run, 3);
	assert_contains(run.err, CROWD_OURS);
	assert_contains(run.err, CROWD_AFTER);
	assert_all_unchanged(&crowd);
	run_result_clear(&run);
	crowd_remove(&crowd);
}

/* A bootloader of this generation keeps its address, and so does ours: they are told apart. */
static void neighbour_in_dfu_mode_at_the_next_address_is_told_apart(void **state)
{
	struct crowd crowd =
		crowd_new(CROWD_DEVICE(CROWD_AFTER)
				  CROWD_LEGACY_SAME CROWD_IN_DFU_MODE CROWD_DEVICE(CROWD_OURS)
					  CROWD_LEGACY_SAME,
			  "legacy");
	struct run_result run = crowd_update(&crowd, "--legacy");

	(void)state;
	assert_ended(&run, 0);
	assert_runs(&crowd, CROWD_OURS);
	assert_unchanged(&crowd, CROWD_AFTER);
	run_result_clear(&run);
	crowd_remove(&crowd);
}

static void neighbour_in_dfu_mode_where_ours_comes_up_is_refused(void **state)
{
	struct crowd crowd =
		crowd_new(CROWD_DEVICE(CROWD_AFTER)
				  CROWD_LEGACY_SAME CROWD_IN_DFU_MODE CROWD_DEVICE(CROWD_OURS)
					  CROWD_LEGACY_NEXT,
			  "legacy");
	struct run_result run = crowd_update(&crowd, "--legacy");

	(void)state;
	assert_ended(&run, 1);
	assert_contains(run.err, CROWD_AFTER " was in DFU mode before");
	assert_all_unchanged(&crowd);
	run_result_clear(&run);
	crowd_remove(&crowd);
}

/* Its bootloader advertises at the very address that was asked for. */
static void neighbour_in_dfu_mode_at_our_address_is_refused(void **state)
{
	struct crowd crowd =
		crowd_new(CROWD_DEVICE(CROWD_BEFORE)
				  CROWD_LEGACY_NEXT CROWD_IN_DFU_MODE CROWD_DEVICE(CROWD_OURS)
					  CROWD_LEGACY_NEXT,
			  "legacy");
	struct run_result run = crowd_update(&crowd, "--legacy");

	(void)state;
	assert_ended(&run, 3);
	assert_contains(run.err, "two devices advertise at " CROWD_OURS);
	assert_all_unchanged(&crowd);
	run_result_clear(&run);
	crowd_remove(&crowd);
}

static void device_is_found_whatever_type_its_address_has(void **state)
{
	struct crowd crowd =
		crowd_new(CROWD_DEVICE(CROWD_OURS) CROWD_SECURE "    address_type: public\n",
			  "secure");
	const char *const words[] = { "-a", CROWD_OURS, NULL };
	struct run_result info = crowd_run(&crowd, "info", words);
	struct run_result run = crowd_update(&crowd, "--secure");

	(void)state;
	assert_contains(info.out, "\"address_type\":\"public\"");
	assert_ended(&run, 0);
	assert_runs(&crowd, CROWD_OURS);
	run_result_clear(&info);
	run_result_clear(&run);
	crowd_remove(&crowd);
}

static void device_of_the_other_type_of_address_is_not_meant(void **state)
{
	struct crowd crowd = crowd_new(CROWD_DEVICE(CROWD_OURS) CROWD_SECURE, "secure");
	const char *const words[] = { "-a", CROWD_OURS "/public", NULL };
	struct run_result run = crowd_run(&crowd, "update", words);

	(void)state;
	assert_ended(&run, 1);
	assert_all_unchanged(&crowd);
	run_result_clear(&run);
	crowd_remove(&crowd);
}

static void device_that_shows_up_late_is_waited_for(void **state)
{
	struct crowd crowd =
		crowd_new(CROWD_DEVICE(CROWD_OURS) CROWD_SECURE "    visible_after_ms: 90000\n",
			  "secure");
	struct run_result early = crowd_update(&crowd, "--wait", "20");
	struct run_result run;

	(void)state;
	assert_ended(&early, 1);
	assert_contains(early.err, "within 20 s");
	assert_all_unchanged(&crowd);
	run = crowd_update(&crowd, "--wait=120");
	assert_ended(&run, 0);
	assert_runs(&crowd, CROWD_OURS);
	run_result_clear(&early);
	run_result_clear(&run);
	crowd_remove(&crowd);
}

static void without_a_number_it_is_waited_for_until_it_comes(void **state)
{
	struct crowd crowd =
		crowd_new(CROWD_DEVICE(CROWD_OURS) CROWD_SECURE "    visible_after_ms: 900000\n",
			  "secure");
	const char *const words[] = { "--wait", "-a", CROWD_OURS, NULL };
	struct run_result info = crowd_run(&crowd, "info", words);
	struct run_result run = crowd_update(&crowd, "--wait");

	(void)state;
	assert_ended(&info, 0);
	assert_ended(&run, 0);
	assert_runs(&crowd, CROWD_OURS);
	run_result_clear(&info);
	run_result_clear(&run);
	crowd_remove(&crowd);
}

static void waiting_for_ever_ends_with_ctrl_c(void **state)
{
	struct crowd crowd = crowd_new(CROWD_DEVICE(CROWD_OURS) CROWD_SECURE, "secure");
	const char *const argv[] = { run_otadfu_path(), "update",           crowd.package, "-a",
				     CROWD_AFTER,       "--wait",           "--transport", "sim",
				     "--adapter",       crowd.sim.scenario, NULL };
	struct run *started = run_start(NULL, argv);
	struct run_result run;

	(void)state;
	run_wait_for(started, "waiting for it to show up");
	run_send_signal(started, SIGINT);
	run = run_finish(started);
	assert_ended(&run, 130);
	run_result_clear(&run);
	crowd_remove(&crowd);
}

static void time_that_is_no_number_is_a_mistake(void **state)
{
	struct crowd crowd = crowd_new(CROWD_DEVICE(CROWD_OURS) CROWD_SECURE, "secure");
	struct run_result run = crowd_update(&crowd, "--wait=soon");

	(void)state;
	assert_ended(&run, 2);
	assert_contains(run.err, "--wait takes a whole number of seconds");
	run_result_clear(&run);
	crowd_remove(&crowd);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(neighbours_of_the_same_name_on_both_sides_are_not_touched),
		cmocka_unit_test(legacy_neighbours_on_both_sides_are_not_touched),
		cmocka_unit_test(neighbour_in_front_of_our_bootloader_is_not_touched),
		cmocka_unit_test(two_of_the_same_name_are_refused),
		cmocka_unit_test(neighbour_in_dfu_mode_at_the_next_address_is_told_apart),
		cmocka_unit_test(neighbour_in_dfu_mode_where_ours_comes_up_is_refused),
		cmocka_unit_test(neighbour_in_dfu_mode_at_our_address_is_refused),
		cmocka_unit_test(device_is_found_whatever_type_its_address_has),
		cmocka_unit_test(device_of_the_other_type_of_address_is_not_meant),
		cmocka_unit_test(device_that_shows_up_late_is_waited_for),
		cmocka_unit_test(without_a_number_it_is_waited_for_until_it_comes),
		cmocka_unit_test(waiting_for_ever_ends_with_ctrl_c),
		cmocka_unit_test(time_that_is_no_number_is_a_mistake),
	};

	return cmocka_run_group_tests_name("right_device", tests, NULL, NULL);
}
