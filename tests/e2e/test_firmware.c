/* Nordic's own packages, each onto a device like the one it was made for. */
#include "sim.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zip.h>

#include <cmocka.h>

struct release {
	const char *package; /* in the folder firmware */
	const char *device;  /* of the scenario */
	bool is_secure;
};

static const struct release releases[] = {
	{ "nrf51422_sdk_8_app.zip",
	  "    name: Sample\n    hardware: nrf51822\n    bootloader: legacy\n    sdk: \"8\"\n"
	  "    buttonless: legacy\n    softdevice: 0x0064\n",
	  false },
	{ "nrf51422_sdk_11_app.zip",
	  "    name: Sample\n    hardware: nrf51822\n    bootloader: legacy\n    sdk: \"11\"\n"
	  "    buttonless: legacy\n    softdevice: 0x0080\n",
	  false },
	{ "nrf51422_sdk_12.2_app.zip",
	  "    name: Sample\n    hardware: nrf51822\n    bootloader: secure\n    sdk: \"12.2\"\n"
	  "    buttonless: experimental\n    softdevice: 0x0087\n    hw_version: 51\n",
	  true },
	{ "nrf52832_sdk_12.2_app.zip",
	  "    name: Sample\n    hardware: nrf52832\n    bootloader: secure\n    sdk: \"12.2\"\n"
	  "    buttonless: experimental\n    softdevice: 0x008C\n    hw_version: 52\n",
	  true },
	{ "nrf52840_sdk_17.1_app.zip",
	  "    name: Sample\n    hardware: nrf52840\n    bootloader: secure\n    sdk: \"17.1\"\n"
	  "    buttonless: unbonded\n    softdevice: 0x0100\n    hw_version: 52\n",
	  true },
};

enum { RELEASES = sizeof(releases) / sizeof(releases[0]) };

struct start {
	const struct release *release;
	const char *mode;
	const char *address; /* the operator gives */
};

/* Beside the checkout for those who develop otadfu; users do not have it. */
static char *firmware_path(const char *name)
{
	const char *shared = getenv("OTADFU_SHARED");
	char *path = NULL;

	if (!shared) {
		print_message("skipped: OTADFU_SHARED names no folder with Nordic's packages\n");
		skip();
	}
	assert_true(asprintf(&path, "%s/firmware/%s", shared, name) >= 0);
	return path;
}

static void *member_of(const char *path, const char *name, size_t *ret_len)
{
	zip_t *zip = zip_open(path, ZIP_RDONLY, NULL);
	zip_stat_t stat;
	zip_file_t *file;
	void *bytes;

	assert_non_null(zip);
	assert_int_equal(zip_stat(zip, name, 0, &stat), 0);
	bytes = malloc(stat.size);
	file = zip_fopen(zip, name, 0);
	assert_non_null(file);
	assert_int_equal(zip_fread(file, bytes, stat.size), stat.size);
	zip_fclose(file);
	zip_close(zip);
	*ret_len = stat.size;
	return bytes;
}

static struct sim device_for(const struct start *start)
{
	char *lines = NULL;
	char *key = NULL;
	struct sim sim;

	if (start->release->is_secure)
		key = firmware_path("nordic-sample-public-key.pem");
	assert_true(asprintf(&lines, "%s    mode: %s\n%s%s%s", start->release->device, start->mode,
			     key ? "    public_key: " : "", key ? key : "", key ? "\n" : "") >= 0);
	sim = sim_new(lines, NULL);
	free(lines);
	free(key);
	return sim;
}

static void package_updates_its_device(void **state)
{
	const struct start *start = *state;
	char *package = firmware_path(start->release->package);
	struct sim sim = device_for(start);
	struct run_result run = sim_update(&sim, package, start->address, NULL);
	json_t *result = sim_result(&run);
	size_t len;
	uint8_t *image = member_of(package, "app.bin", &len);
	json_t *device;

	if (run.status != 0)
		fail_msg("exit %d: %s", run.status, run.out);
	assert_string_equal(json_text_at(result, "status"), "updated");
	assert_int_equal(json_int_at(result, "bytes"), len);
	assert_int_equal(json_int_at(result, "resent_bytes"), 0);
	assert_sim_runs(&sim, image, len);
	device = sim_device(&sim);
	assert_string_equal(json_text_at(device, "mode"), "application");
	json_decref(device);
	json_decref(result);
	run_result_clear(&run);
	free(image);
	sim_remove(&sim);
	free(package);
}

static struct start starts[RELEASES * 3];
static char names[RELEASES * 3][96];

int main(void)
{
	static const struct {
		const char *mode, *address, *words;
	} ways[] = {
		{ "application", SIM_ADDRESS, "from its application" },
		{ "bootloader", SIM_BOOTLOADER, "from its bootloader" },
		{ "bootloader", SIM_ADDRESS, "stranded, by its own address" },
	};
	struct CMUnitTest tests[RELEASES * 3];

	for (size_t i = 0; i < RELEASES * 3; i++) {
		starts[i] =
			(struct start){ &releases[i / 3], ways[i % 3].mode, ways[i % 3].address };
		snprintf(names[i], sizeof(names[i]), "%s %s", releases[i / 3].package,
			 ways[i % 3].words);
		tests[i] = (struct CMUnitTest){ .name = names[i],
						.test_func = package_updates_its_device,
						.initial_state = &starts[i] };
	}
	return cmocka_run_group_tests_name("firmware", tests, NULL, NULL);
}
