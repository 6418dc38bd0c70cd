/*
 * The machine at fault: output that cannot be written, a disk that is full, files that vanish. What
 * is told is true, no success is claimed, and the device is what it was or is whole.
 */
#include "bystander.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define DEVICE       "    name: Sample\n    hardware: nrf51822\n    bootloader: legacy\n    sdk: \"11\"\n"
#define CANNOT_WRITE "cannot write to standard output"

enum { FAILED = 1, USAGE = 2 };

static struct bystander *device;
static char *package; /* a good one */

static void assert_cannot_write(const struct run_settings *settings, const char *const *words)
{
	struct run_result run = run_otadfu_words(settings, words);

	if (run.status != FAILED)
		fail_msg("%s: exit status %d: %s", words[0], run.status, run.err);
	assert_contains(run.err, CANNOT_WRITE);
	run_result_clear(&run);
}

static void every_command_fails_whose_words_are_lost(const struct run_settings *settings)
{
	const char *scenario = device->sim.scenario;
	const char *const commands[][9] = {
		{ "scan", "--transport", "sim", "--adapter", scenario },
		{ "scan", "--transport", "sim", "--adapter", scenario, "--json" },
		{ "info", "-a", SIM_ADDRESS, "--transport", "sim", "--adapter", scenario },
		{ "inspect", package },
		{ "inspect", package, "--json" },
		{ "profiles" },
		{ "profiles", "nrf52-secure" },
		{ "plugins" },
		{ "help" },
		{ "--version" },
		{ "update", package, "-a", SIM_ADDRESS, "--transport", "sim", "--adapter", scenario,
		  "--dry-run" },
	};

	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		const char *words[10] = { 0 };

		memcpy(words, commands[i], sizeof(commands[i]));
		assert_cannot_write(settings, words);
	}
}

static void output_on_a_full_disk_is_no_success(void **state)
{
	const struct run_settings settings = { .stdout_path = "/dev/full" };

	(void)state;
	every_command_fails_whose_words_are_lost(&settings);
}

static void output_that_nobody_reads_is_no_success(void **state)
{
	const struct run_settings settings = { .close_stdout = true };

	(void)state;
	every_command_fails_whose_words_are_lost(&settings);
}

/* The words behind line run with a limit of so many blocks of 512 bytes on the size of files. */
static struct run_result run_limited(const char *line, const char *const *words)
{
	const char *argv[32] = { "/bin/sh", "-c", line, run_otadfu_path() };
	size_t count = 4;

	for (size_t i = 0; words[i]; i++)
		argv[count++] = words[i];
	return run_finish(run_start(NULL, argv));
}

static void a_disk_that_is_full_at_the_start_stops_the_simulation(void **state)
{
	struct sim fresh = sim_new(DEVICE, NULL);
	struct run_result run =
		run_limited("ulimit -f 8; exec \"$0\" \"$@\"",
			    (const char *const[]){ "update", package, "-a", SIM_ADDRESS,
						   "--transport", "sim", "--adapter",
						   fresh.scenario, "-q", NULL });

	(void)state;
	assert_int_equal(run.status, FAILED);
	assert_contains(run.err, "cannot start with its state");
	assert_contains(run.err, "flash.bin");
	run_result_clear(&run);
	/* Once there is room, nothing is left that would disturb. */
	run = sim_update(&fresh, package, SIM_ADDRESS, NULL);
	assert_int_equal(run.status, 0);
	run_result_clear(&run);
	sim_remove(&fresh);
}

/* gen-dat needs 14 bytes: without a block of room it leaves nothing behind. */
static void a_file_that_cannot_be_written_whole_is_not_there(void **state)
{
#ifdef __SANITIZE_THREAD__
	print_message(
		"skipped: ThreadSanitizer's own start writes a file and is ended by the limit\n");
	skip();
#endif
	char *out = file_path(device->sim.folder, "out.dat");
	char *firmware = file_write(device->sim.folder, "app.bin", "12345678");
	struct run_result run =
		run_limited("ulimit -f 0; exec \"$0\" \"$@\"",
			    (const char *const[]){ "gen-dat", firmware, out, NULL });

	(void)state;
	assert_int_equal(run.status, FAILED);
	assert_contains(run.err, "out.dat: cannot be written: ");
	assert_int_not_equal(access(out, F_OK), 0);
	run_result_clear(&run);
	free(firmware);
	free(out);
}

static void a_package_that_vanished_is_told(void **state)
{
	char *path = file_write(device->sim.folder, "gone.zip", "");
	struct run_result run;

	(void)state;
	assert_int_equal(unlink(path), 0);
	run = bystander_update(device, (const char *const[]){ path, NULL });
	assert_refused(device, &run, USAGE, "gone.zip: cannot be read: No such file");
	assert_int_equal(symlink(path, path), 0);
	run = bystander_update(device, (const char *const[]){ path, NULL });
	assert_refused(device, &run, USAGE, "gone.zip: cannot be read: Too many levels");
	free(path);
}

/* A package that goes while it is sent: it was read whole before. */
static void a_package_that_vanishes_later_is_sent_all_the_same(void **state)
{
	struct sim sim = sim_new(DEVICE, NULL);
	char *path = sim_make_package(&sim, "app.zip",
				      (const char *const[]){ "--protocol", "legacy", "--random",
							     "2048", NULL });
	const char *const argv[] = { run_otadfu_path(), "update",      path,  "-a",
				     SIM_ADDRESS,       "--transport", "sim", "--adapter",
				     sim.scenario,      NULL };
	struct run *run = run_start(NULL, argv);
	struct run_result result;

	(void)state;
	run_wait_for(run, "connecting");
	assert_int_equal(unlink(path), 0);
	result = run_finish(run);
	assert_int_equal(result.status, 0);
	run_result_clear(&result);
	free(path);
	sim_remove(&sim);
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

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_package_that_vanished_is_told),
		cmocka_unit_test(a_file_that_cannot_be_written_whole_is_not_there),
		cmocka_unit_test(a_disk_that_is_full_at_the_start_stops_the_simulation),
		cmocka_unit_test(a_package_that_vanishes_later_is_sent_all_the_same),
		cmocka_unit_test(output_on_a_full_disk_is_no_success),
		cmocka_unit_test(output_that_nobody_reads_is_no_success),
	};

	return cmocka_run_group_tests_name("bad_world", tests, set_up, tear_down);
}
