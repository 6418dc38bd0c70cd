/* A device that an update has left in DFU mode, whoever it was: found and offered the package. */
#include "crowd.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define STRANDED(address) CROWD_DEVICE(address) CROWD_LEGACY_NEXT CROWD_IN_DFU_MODE
#define OURS_IN_DFU_MODE  CROWD_AFTER /* where its bootloader advertises */
#define FAR               "C0:FF:EE:00:00:30"
#define FAR_IN_DFU_MODE   "C0:FF:EE:00:00:31"

#define recover(crowd, ...) crowd_run(crowd, "recover", (const char *const[]){ __VA_ARGS__, NULL })

static void only_one_is_updated_when_that_was_agreed_to(void **state)
{
	struct crowd crowd =
		crowd_new(STRANDED(CROWD_OURS) CROWD_DEVICE(FAR) CROWD_LEGACY_NEXT, "legacy");
	struct run_result run = recover(&crowd, "--yes");
	json_t *result;

	(void)state;
	assert_ended(&run, 0);
	assert_contains(run.out, "{\"event\":\"device\",\"address\":\"" OURS_IN_DFU_MODE "\"");
	result = sim_result(&run);
	assert_string_equal(json_text_at(result, "status"), "updated");
	assert_string_equal(json_text_at(result, "mode_before"), "bootloader");
	assert_runs(&crowd, CROWD_OURS);
	assert_unchanged(&crowd, FAR);
	json_decref(result);
	run_result_clear(&run);
	crowd_remove(&crowd);
}

static void nobody_agreed_and_nothing_is_sent(void **state)
{
	struct crowd crowd = crowd_new(STRANDED(CROWD_OURS), "legacy");
	struct run_result run = recover(&crowd, "--seconds", "2");

	(void)state;
	assert_ended(&run, 3);
	assert_contains(run.err, OURS_IN_DFU_MODE " is in DFU mode");
	assert_contains(run.err, "try: --yes");
	assert_all_unchanged(&crowd);
	run_result_clear(&run);
	crowd_remove(&crowd);
}

static void several_are_listed_and_not_touched(void **state)
{
	struct crowd crowd = crowd_new(STRANDED(CROWD_OURS) STRANDED(FAR), "legacy");
	struct run_result run = recover(&crowd, "--yes");

	(void)state;
	assert_ended(&run, 3);
	assert_contains(run.err, "2 devices are in DFU mode");
	assert_contains(run.err, OURS_IN_DFU_MODE);
	assert_contains(run.err, FAR_IN_DFU_MODE);
	assert_all_unchanged(&crowd);
	run_result_clear(&run);
	crowd_remove(&crowd);
}

static void check_choice(const char *address)
{
	struct crowd crowd = crowd_new(STRANDED(CROWD_OURS) STRANDED(FAR), "legacy");
	struct run_result run = recover(&crowd, "--yes", "-a", address);

	assert_ended(&run, 0);
	assert_runs(&crowd, FAR);
	assert_unchanged(&crowd, CROWD_OURS);
	run_result_clear(&run);
	crowd_remove(&crowd);
}

static void the_one_that_is_named_is_updated(void **state)
{
	(void)state;
	check_choice(FAR_IN_DFU_MODE);
	/* By the address it has outside DFU mode, too. */
	check_choice(FAR);
}

static void none_is_a_failure(void **state)
{
	struct crowd crowd = crowd_new(CROWD_DEVICE(CROWD_OURS) CROWD_LEGACY_NEXT, "legacy");
	struct run_result run = recover(&crowd, "--yes");

	(void)state;
	assert_ended(&run, 1);
	assert_contains(run.err, "no such device showed itself in DFU mode");
	assert_all_unchanged(&crowd);
	run_result_clear(&run);
	crowd_remove(&crowd);
}

static void dry_run_changes_nothing(void **state)
{
	struct crowd crowd = crowd_new(STRANDED(CROWD_OURS), "legacy");
	struct run_result run = recover(&crowd, "--yes", "--dry-run");

	(void)state;
	assert_ended(&run, 0);
	assert_all_unchanged(&crowd);
	run_result_clear(&run);
	crowd_remove(&crowd);
}

static void package_is_judged_before_anybody_is_looked_for(void **state)
{
	struct crowd crowd = crowd_new(STRANDED(CROWD_OURS), "legacy");
	struct run_result run = recover(&crowd, "--yes", "--secure");

	(void)state;
	assert_ended(&run, 3);
	assert_lacks(run.out, "\"event\":\"device\"");
	assert_all_unchanged(&crowd);
	run_result_clear(&run);
	crowd_remove(&crowd);
}

/* Answers the question with what is typed. */
static struct run_result answer(const struct crowd *crowd, const char *typed)
{
	static const struct run_settings terminal = { .columns = 100 };
	const char *const argv[] = { run_otadfu_path(),   "recover", crowd->package,
				     "--transport",       "sim",     "--adapter",
				     crowd->sim.scenario, NULL };
	struct run *run = run_start(&terminal, argv);

	run_wait_for(run, "[y/N] ");
	run_type(run, typed);
	return run_finish(run);
}

static void person_at_the_terminal_is_asked(void **state)
{
	struct crowd crowd = crowd_new(STRANDED(CROWD_OURS), "legacy");
	struct run_result run = answer(&crowd, "y\n");

	(void)state;
	assert_ended(&run, 0);
	assert_contains(run.out, "Send the package to " OURS_IN_DFU_MODE " (DfuTarg)?");
	assert_runs(&crowd, CROWD_OURS);
	run_result_clear(&run);
	crowd_remove(&crowd);
}

static void anything_but_a_yes_is_a_no(void **state)
{
	static const char *const answers[] = { "\n", "n\n", "yesterday\n", "\x04", "\x03" };
	struct crowd crowd = crowd_new(STRANDED(CROWD_OURS), "legacy");

	(void)state;
	for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
		struct run_result run = answer(&crowd, answers[i]);

		assert_ended(&run, 130);
		assert_contains(run.out, "nothing was sent");
		run_result_clear(&run);
	}
	assert_all_unchanged(&crowd);
	crowd_remove(&crowd);
}

/* The link goes in the midst of it, and the update is not begun anew. */
static void device_that_an_update_has_left_behind_is_recovered(void **state)
{
	struct crowd crowd = crowd_new(CROWD_DEVICE(CROWD_OURS) CROWD_LEGACY_NEXT
				       "    bank: single\n"
				       "    faults: { cut_after_writes: 60 }\n",
				       "legacy");
	char *profile = file_write(crowd.sim.folder, "once.yaml", "connect: { attempts: 1 }\n");
	struct run_result broken = crowd_update(&crowd, "--profile", profile);
	struct run_result run;

	(void)state;
	assert_ended(&broken, 1);
	run = recover(&crowd, "--yes");
	assert_ended(&run, 0);
	assert_runs(&crowd, CROWD_OURS);
	run_result_clear(&broken);
	run_result_clear(&run);
	free(profile);
	crowd_remove(&crowd);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_one_is_updated_when_that_was_agreed_to),
		cmocka_unit_test(nobody_agreed_and_nothing_is_sent),
		cmocka_unit_test(several_are_listed_and_not_touched),
		cmocka_unit_test(the_one_that_is_named_is_updated),
		cmocka_unit_test(none_is_a_failure),
		cmocka_unit_test(dry_run_changes_nothing),
		cmocka_unit_test(package_is_judged_before_anybody_is_looked_for),
		cmocka_unit_test(person_at_the_terminal_is_asked),
		cmocka_unit_test(anything_but_a_yes_is_a_no),
		cmocka_unit_test(device_that_an_update_has_left_behind_is_recovered),
	};

	return cmocka_run_group_tests_name("recover", tests, NULL, NULL);
}
