/* otadfu is killed in the midst of an update, which cuts the simulated device's power as well: the
 * next run makes it whole. */
#include "sim.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* For each way, spread over all that a whole run does and says of it. */
enum { MOMENTS = 10, SEED = 20240229 };

#define FOLDER "C0-FF-EE-00-00-01"

struct way {
	const char *name;
	const char *protocol;
	const char *device;
};

#define SECURE(more)                                                                               \
	"    hardware: nrf52840\n    bootloader: secure\n    sdk: \"17.1\"\n    mtu: 23\n" more
#define SECURE_12                                                                                  \
	"    hardware: nrf52832\n    bootloader: secure\n    sdk: \"12.2\"\n"                      \
	"    softdevice: 0x0100\n"
#define LEGACY(more) "    hardware: nrf51822\n    bootloader: legacy\n    sdk: \"11\"\n" more

static const struct way ways[] = {
	{ "secure_17", "secure", SECURE("") },
	{ "secure_12", "secure", SECURE_12 },
	{ "secure_that_saves_its_progress", "secure", SECURE("    save_progress: true\n") },
	{ "legacy_dual_bank", "legacy", LEGACY("") },
	{ "legacy_single_bank", "legacy", LEGACY("    bank: single\n") },
};

enum { WAYS = sizeof(ways) / sizeof(ways[0]) };

/* One product's package, and the flash of a device that has never been updated. */
struct bench {
	const struct way *way;
	struct sim sim;
	char *package;
	uint8_t *image, *flash;
	size_t image_len, flash_len;
};

static struct bench bench_new(const struct way *way)
{
	const char *words[] = { "--protocol", way->protocol,    "--random", "9000:7", "--app-out",
				"image.bin",  "--generate-key", "key.pem",  NULL };
	struct bench bench = { .way = way, .sim = sim_new(way->device, NULL) };
	char *path = file_path(bench.sim.folder, "image.bin");

	if (strcmp(way->protocol, "secure") != 0)
		words[6] = NULL;
	sim_provision(&bench.sim);
	bench.flash = sim_state_file(&bench.sim, "flash.bin", &bench.flash_len);
	bench.package = sim_make_package(&bench.sim, "app.zip", words);
	bench.image = file_read(path, &bench.image_len);
	free(path);
	return bench;
}

static void bench_remove(struct bench *bench)
{
	free(bench->image);
	free(bench->flash);
	free(bench->package);
	sim_remove(&bench->sim);
}

/* The device before its first update. */
static void reset_device(const struct bench *bench)
{
	static const char *const images[] = { "application.bin", "external_application.bin" };
	char *folder = file_path(bench->sim.folder, "state/" FOLDER);

	free(file_write_bytes(folder, "flash.bin", bench->flash, bench->flash_len));
	for (size_t i = 0; i < sizeof(images) / sizeof(images[0]); i++) {
		char *path = file_path(folder, images[i]);

		remove(path);
		free(path);
	}
	free(folder);
}

static struct run *start(const struct bench *bench)
{
	const char *const argv[] = { run_otadfu_path(),
				     "update",
				     bench->package,
				     "-a",
				     SIM_ADDRESS,
				     "-vvv",
				     "--transport",
				     "sim",
				     "--adapter",
				     bench->sim.scenario,
				     NULL };

	return run_start(NULL, argv);
}

static bool is_between(const struct bench *bench)
{
	size_t len;
	uint8_t *flash = sim_state_file(&bench->sim, "flash.bin", &len);
	bool changed = memcmp(flash, bench->flash, len) != 0;

	free(flash);
	return changed;
}

static void check_next_run(const struct bench *bench, size_t killed_at)
{
	struct run_result run = run_finish(start(bench));

	if (run.status != 0)
		fail_msg("%s, killed after %zu bytes of output: exit status %d\n%s",
			 bench->way->name, killed_at, run.status, run.err);
	assert_sim_runs(&bench->sim, bench->image, bench->image_len);
	run_result_clear(&run);
}

static size_t count_output(const struct bench *bench)
{
	struct run_result run = run_finish(start(bench));
	size_t bytes = run.out_len + run.err_len;

	assert_int_equal(run.status, 0);
	run_result_clear(&run);
	return bytes;
}

/* 0 to below, the same in every run of the tests. */
static size_t choose(uint32_t *state, size_t below)
{
	*state ^= *state << 13;
	*state ^= *state >> 17;
	*state ^= *state << 5;
	return *state % below;
}

static void next_run_makes_it_whole(void **state)
{
	struct bench bench = bench_new(*state);
	uint32_t random = SEED;
	size_t all = count_output(&bench);
	unsigned killed = 0, between = 0;

	for (size_t i = 0; i < MOMENTS; i++) {
		size_t moment = all * i / MOMENTS + choose(&random, all / MOMENTS);
		struct run *run;
		struct run_result result;

		reset_device(&bench);
		run = start(&bench);
		run_wait_for_bytes(run, moment);
		run_send_signal(run, SIGKILL);
		result = run_finish(run);
		killed += result.status == -SIGKILL;
		between += result.status == -SIGKILL && is_between(&bench);
		check_next_run(&bench, moment);
		run_result_clear(&result);
	}
	/* Kills that come too late, or before anything was written, would prove nothing. */
	print_message("%u of %u killed in time, %u with some of it written\n", killed, MOMENTS,
		      between);
	assert_true(killed >= MOMENTS - 2);
	assert_true(between >= MOMENTS / 2);
	bench_remove(&bench);
}

int main(void)
{
	struct CMUnitTest tests[WAYS];

	for (size_t i = 0; i < WAYS; i++)
		tests[i] = (struct CMUnitTest){ .name = ways[i].name,
						.test_func = next_run_makes_it_whole,
						.initial_state = (void *)(uintptr_t)&ways[i] };
	return cmocka_run_group_tests_name("kills", tests, NULL, NULL);
}
