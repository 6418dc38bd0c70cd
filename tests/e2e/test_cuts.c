/* The link, or the device's power, goes at the first write, the second, ...: the update ends whole.
 */
#include "sim.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum {
	DENSE_WRITES = 12, /* the first ones, each of them: the jump and the beginning */
	SPARSE_STEP = 23,
	WRITES_MAX = 400,
};

struct way {
	const char *name;
	const char *device;
	const char *protocol;
	const char *fault;
};

#define SECURE                                                                                     \
	"    name: Sample\n    hardware: nrf52840\n    bootloader: secure\n    sdk: \"17.1\"\n"    \
	"    mtu: 23\n"
#define SECURE_12                                                                                  \
	"    name: Sample\n    hardware: nrf52832\n    bootloader: secure\n    sdk: \"12.2\"\n"    \
	"    softdevice: 0x0100\n"
#define LEGACY        "    name: Sample\n    hardware: nrf51822\n    bootloader: legacy\n    sdk: \"11\"\n"
#define LEGACY_SINGLE LEGACY "    bank: single\n"

static const struct way ways[] = {
	{ "secure_17_link", SECURE, "secure", "cut_after_writes" },
	{ "secure_17_power", SECURE, "secure", "power_cut_after_writes" },
	{ "secure_12_link", SECURE_12, "secure", "cut_after_writes" },
	{ "secure_12_power", SECURE_12, "secure", "power_cut_after_writes" },
	{ "legacy_dual_link", LEGACY, "legacy", "cut_after_writes" },
	{ "legacy_dual_power", LEGACY, "legacy", "power_cut_after_writes" },
	{ "legacy_single_link", LEGACY_SINGLE, "legacy", "cut_after_writes" },
	{ "legacy_single_power", LEGACY_SINGLE, "legacy", "power_cut_after_writes" },
};

enum { WAYS = sizeof(ways) / sizeof(ways[0]) };

/* Returns the connections it took. */
static json_int_t update_with_cut(const struct way *way, unsigned write)
{
	const char *words[] = { "--protocol", way->protocol,    "--random", "5000:7", "--app-out",
				"image.bin",  "--generate-key", "key.pem",  NULL };
	char *lines = NULL;
	struct sim sim;
	struct run_result run;
	char *package, *image_path;
	uint8_t *image;
	size_t len;
	json_t *result;
	json_int_t connections;

	assert_true(asprintf(&lines, "%s    faults: { %s: %u }\n", way->device, way->fault,
			     write) >= 0);
	sim = sim_new(lines, NULL);
	if (strcmp(way->protocol, "secure") != 0)
		words[6] = NULL;
	package = sim_make_package(&sim, "app.zip", words);
	run = sim_update(&sim, package, SIM_ADDRESS, NULL);
	if (run.status != 0)
		fail_msg("%s at write %u: exit %d: %s", way->fault, write, run.status, run.out);
	result = sim_result(&run);
	connections = json_int_at(result, "connections");
	image_path = file_path(sim.folder, "image.bin");
	image = file_read(image_path, &len);
	assert_sim_runs(&sim, image, len);

	json_decref(result);
	run_result_clear(&run);
	free(image);
	free(image_path);
	free(package);
	free(lines);
	sim_remove(&sim);
	return connections;
}

static void update_ends_whole_wherever_it_is_cut(void **state)
{
	const struct way *way = *state;
	json_int_t uncut = update_with_cut(way, 1000000);
	unsigned write = 1;
	unsigned cuts = 0;

	for (; write < WRITES_MAX; write += write < DENSE_WRITES ? 1 : SPARSE_STEP) {
		json_int_t connections = update_with_cut(way, write);

		/* Bounded: the one that was lost, and at most two more to come back. */
		if (connections > uncut + 3)
			fail_msg("%s at write %u: %d connections, uncut %d", way->fault, write,
				 (int)connections, (int)uncut);
		cuts += connections > uncut;
	}
	/* A fault that never strikes would prove nothing. */
	assert_true(cuts >= DENSE_WRITES);
}

int main(void)
{
	struct CMUnitTest tests[WAYS];

	for (size_t i = 0; i < WAYS; i++)
		tests[i] = (struct CMUnitTest){ .name = ways[i].name,
						.test_func = update_ends_whole_wherever_it_is_cut,
						.initial_state = (void *)(uintptr_t)&ways[i] };
	return cmocka_run_group_tests_name("cuts", tests, NULL, NULL);
}
