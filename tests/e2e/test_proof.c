/* What must be so before an update, and what proves it afterwards. */
#include "crowd.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define DEVICE CROWD_DEVICE(CROWD_OURS) CROWD_SECURE

struct ending {
	int status;
	const char *text; /* on standard error; NULL: nothing is said there */
};

enum change { CHANGES_NOTHING, CHANGES_FLASH, RUNS_NEW };

/* Updates a device of those lines; profile may be NULL. Returns the result object. */
static json_t *update(const char *device, const char *profile, const char *const *words,
		      const struct ending *ending, enum change change)
{
	struct crowd crowd = crowd_new(device, "secure");
	const char *all[16] = { "-a", CROWD_OURS };
	size_t count = 2;
	char *path = profile ? file_write(crowd.sim.folder, "acme.yaml", profile) : NULL;
	struct run_result run;
	json_t *result;

	if (path) {
		all[count++] = "--profile";
		all[count++] = path;
	}
	for (size_t i = 0; words && words[i]; i++)
		all[count++] = words[i];
	run = crowd_run(&crowd, "update", all);
	assert_ended(&run, ending->status);
	if (ending->text)
		assert_contains(run.err, ending->text);
	else
		assert_string_equal(run.err, "");
	if (change == RUNS_NEW)
		assert_runs(&crowd, CROWD_OURS);
	else if (change == CHANGES_NOTHING)
		assert_all_unchanged(&crowd);
	result = sim_result(&run);
	run_result_clear(&run);
	free(path);
	crowd_remove(&crowd);
	return result;
}

#define WORDS(...) ((const char *const[]){ __VA_ARGS__, NULL })

static const struct ending good = { 0, NULL };

static void version_of_the_package_is_read_from_the_device(void **state)
{
	json_t *result = update(DEVICE, NULL, WORDS("--verify", "version"), &good, RUNS_NEW);

	(void)state;
	assert_string_equal(json_text_at(result, "firmware_before"), "1");
	assert_string_equal(json_text_at(result, "firmware_after"), "2");
	assert_string_equal(json_text_at(result, "address_before"), CROWD_OURS);
	assert_string_equal(json_text_at(result, "address_after"), CROWD_OURS);
	assert_string_equal(json_text_at(result, "mode_before"), "application");
	json_decref(result);
}

static void version_that_was_not_expected_is_a_failure(void **state)
{
	static const struct ending differs = { 1, "tells firmware revision \"1.2.0\", and \"2\"" };
	json_t *result = update(DEVICE "    firmware: \"1.2.0\"\n", "verify: version\n", NULL,
				&differs, RUNS_NEW);

	(void)state;
	assert_string_equal(json_text_at(result, "status"), "failed");
	assert_string_equal(json_text_at(result, "firmware_after"), "1.2.0");
	json_decref(result);
}

static void text_that_was_expected_is_proof(void **state)
{
	static const char profile[] = "verify: version\nexpect_version: \"1.3.0\"\n";

	(void)state;
	json_decref(update(DEVICE "    firmware: \"1.3.0\"\n", profile, NULL, &good, RUNS_NEW));
	json_decref(update(DEVICE "    firmware: \"1.4.0\"\n", profile,
			   WORDS("--expect-version", "1.4.0"), &good, RUNS_NEW));
}

static void device_without_a_version_is_unproven(void **state)
{
	static const struct ending unproven = { 6, "does not tell its firmware revision" };
	json_t *result = update(DEVICE "    firmware: none\n", NULL, WORDS("--verify", "version"),
				&unproven, RUNS_NEW);

	(void)state;
	assert_string_equal(json_text_at(result, "status"), "unproven");
	assert_true(json_is_null(json_object_get(result, "firmware_after")));
	json_decref(result);
}

static void seen_again_is_the_usual_proof(void **state)
{
	json_t *result = update(DEVICE, NULL, NULL, &good, RUNS_NEW);

	(void)state;
	assert_string_equal(json_text_at(result, "address_after"), CROWD_OURS);
	json_decref(result);
}

static void without_proof_nobody_waits(void **state)
{
	json_t *result = update(DEVICE, NULL, WORDS("--verify", "none"), &good, CHANGES_FLASH);

	(void)state;
	assert_true(json_is_null(json_object_get(result, "address_after")));
	json_decref(result);
}

static void words_that_make_no_sense_are_refused_before_anything(void **state)
{
	static const struct ending mode = { 2, "verify must be none, advertises or version" };
	static const struct ending alone = { 2, "--expect-version goes with --verify version" };

	(void)state;
	json_decref(update(DEVICE, NULL, WORDS("--verify", "perhaps"), &mode, CHANGES_NOTHING));
	json_decref(update(DEVICE, NULL, WORDS("--expect-version", "2"), &alone, CHANGES_NOTHING));
}

static void low_battery_is_refused(void **state)
{
	static const char profile[] = "require: { battery_percent: 40 }\n";
	static const struct ending low = { 3, "the battery is at 39 %" };

	(void)state;
	json_decref(
		update(DEVICE "    battery_percent: 39\n", profile, NULL, &low, CHANGES_NOTHING));
	json_decref(update(DEVICE "    battery_percent: 40\n", profile, NULL, &good, RUNS_NEW));
	json_decref(update(DEVICE "    battery_percent: 0\n", profile, WORDS("--force"), &good,
			   RUNS_NEW));
}

static void battery_that_cannot_be_read_is_refused(void **state)
{
	static const char profile[] = "require: { battery_percent: 40 }\n";
	static const struct ending unknown = { 3, "does not tell its battery level" };

	(void)state;
	json_decref(update(DEVICE, profile, NULL, &unknown, CHANGES_NOTHING));
	json_decref(update(DEVICE, profile, WORDS("--force"), &good, RUNS_NEW));
}

static void bootloader_is_not_asked_for_its_battery(void **state)
{
	(void)state;
	json_decref(update(DEVICE CROWD_IN_DFU_MODE, "require: { battery_percent: 40 }\n", NULL,
			   &good, RUNS_NEW));
}

static void firmware_that_is_too_old_is_refused(void **state)
{
	static const char profile[] = "require: { firmware_min: \"1.10\" }\n";
	static const struct ending old = { 3, "has firmware 1.9.0, and the profile requires at "
					      "least 1.10" };

	(void)state;
	json_decref(
		update(DEVICE "    firmware: \"1.9.0\"\n", profile, NULL, &old, CHANGES_NOTHING));
	json_decref(update(DEVICE "    firmware: \"1.10.0\"\n", profile, NULL, &good, RUNS_NEW));
	json_decref(update(DEVICE "    firmware: \"1.9.0\"\n", profile, WORDS("--force"), &good,
			   RUNS_NEW));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(version_of_the_package_is_read_from_the_device),
		cmocka_unit_test(version_that_was_not_expected_is_a_failure),
		cmocka_unit_test(text_that_was_expected_is_proof),
		cmocka_unit_test(device_without_a_version_is_unproven),
		cmocka_unit_test(seen_again_is_the_usual_proof),
		cmocka_unit_test(without_proof_nobody_waits),
		cmocka_unit_test(words_that_make_no_sense_are_refused_before_anything),
		cmocka_unit_test(low_battery_is_refused),
		cmocka_unit_test(battery_that_cannot_be_read_is_refused),
		cmocka_unit_test(bootloader_is_not_asked_for_its_battery),
		cmocka_unit_test(firmware_that_is_too_old_is_refused),
	};

	return cmocka_run_group_tests_name("proof", tests, NULL, NULL);
}
