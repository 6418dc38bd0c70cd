/* Nordic's own packages, each onto a device like the one it was made for. */
#include "member.h"
#include "published.h"
#include "sim.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* What of a package ends up where on the device. */
struct part {
	const char *member;
	size_t from, len;      /* len 0: the rest */
	const char *installed; /* file of the device's state */
};

enum { PARTS_MAX = 3 };

struct release {
	const char *package; /* in the folder firmware */
	const char *device;  /* of the scenario */
	const char *key;     /* in the folder firmware; NULL: signatures are not required */
	bool same_address;   /* its bootloader advertises where the application does */
	struct part parts[PARTS_MAX];
};

#define NORDIC_KEY  "nordic-sample-public-key.pem"
#define NRFUTIL_KEY "nrfutil-sample-public-key.pem"
#define APPLICATION "app.bin", 0, 0, "application.bin"
#define SD(sd_len)  "sd_bl.bin", 0, sd_len, "softdevice.bin"
#define BL(sd_len)  "sd_bl.bin", sd_len, 0, "bootloader.bin"
#define LEGACY(hardware, sdk)                                                                      \
	"    name: Sample\n    hardware: " hardware "\n    bootloader: legacy\n    sdk: \"" sdk    \
	"\"\n    buttonless: legacy\n"
#define SECURE(hardware, sdk, buttonless)                                                          \
	"    name: Sample\n    hardware: " hardware "\n    bootloader: secure\n    sdk: \"" sdk    \
	"\"\n    buttonless: " buttonless "\n"

static const struct release releases[] = {
	{ "nrf51422_sdk_6.1_app.zip",
	  LEGACY("nrf51822", "6.1") "    softdevice: 0x005A\n",
	  NULL,
	  true,
	  { { APPLICATION } } },
	{ "nrf51422_sdk_8_app.zip",
	  LEGACY("nrf51822", "8") "    softdevice: 0x0064\n",
	  NULL,
	  false,
	  { { APPLICATION } } },
	{ "nrf51422_sdk_11_app.zip",
	  LEGACY("nrf51822", "11") "    softdevice: 0x0080\n",
	  NULL,
	  false,
	  { { APPLICATION } } },
	{ "nrf51422_sdk_11_all_in_one.zip",
	  LEGACY("nrf51822", "11") "    softdevice: 0x0064\n",
	  NULL,
	  false,
	  { { APPLICATION }, { SD(106484) }, { BL(106484) } } },
	{ "nrf51422_sdk_12.2_app.zip",
	  SECURE("nrf51822", "12.2", "experimental") "    softdevice: 0x0087\n    hw_version: 51\n",
	  NORDIC_KEY,
	  false,
	  { { APPLICATION } } },
	{ "nrf52832_sdk_12.2_app.zip",
	  SECURE("nrf52832", "12.2", "experimental") "    softdevice: 0x008C\n    hw_version: 52\n",
	  NORDIC_KEY,
	  false,
	  { { APPLICATION } } },
	{ "nrf52832_sdk_14.1_sd.zip",
	  SECURE("nrf52832", "14.1", "unbonded") "    softdevice: 0x009D\n    hw_version: 52\n",
	  NORDIC_KEY,
	  false,
	  { { "softdevice.bin", 0, 0, "softdevice.bin" } } },
	{ "nrf52832_sdk_15.3_sd_bl_1.zip",
	  SECURE("nrf52832", "15.3", "unbonded") "    softdevice: 0x00B7\n    hw_version: 52\n",
	  NORDIC_KEY,
	  false,
	  { { SD(147792) }, { BL(147792) } } },
	{ "blinky_mbr_sdk160.zip",
	  SECURE("nrf52840", "16", "unbonded") "    softdevice: 0x00CA\n    hw_version: 52\n",
	  NRFUTIL_KEY,
	  false,
	  { { "nrf52840_xxaa.bin", 0, 0, "application.bin" } } },
	{ "nrf52840_sdk_17.1_app.zip",
	  SECURE("nrf52840", "17.1", "unbonded") "    softdevice: 0x0100\n    hw_version: 52\n",
	  NORDIC_KEY,
	  false,
	  { { APPLICATION } } },
	{ "nrf52840_sdk_17.1_bl_2.zip",
	  SECURE("nrf52840", "17.1", "unbonded") "    softdevice: 0x0100\n    hw_version: 52\n",
	  NORDIC_KEY,
	  false,
	  { { "bootloader.bin", 0, 0, "bootloader.bin" } } },
	{ "nrf52840_sdk_17.1_sd_bl_app_3.zip",
	  SECURE("nrf52840", "17.1", "unbonded") "    softdevice: 0x0100\n    hw_version: 52\n",
	  NORDIC_KEY,
	  false,
	  { { APPLICATION }, { SD(153140) }, { BL(153140) } } },
};

enum { RELEASES = sizeof(releases) / sizeof(releases[0]) };

struct start {
	const struct release *release;
	const char *mode;
	const char *address; /* the operator gives */
};

static struct sim device_for(const struct start *start, const char *key_name)
{
	char *key = key_name ? published_path(key_name) : NULL;
	char *lines = NULL;
	struct sim sim;

	assert_true(asprintf(&lines, "%s    mode: %s\n%s%s%s", start->release->device, start->mode,
			     key ? "    public_key: " : "", key ? key : "", key ? "\n" : "") >= 0);
	sim = sim_new(lines, NULL);
	free(lines);
	free(key);
	return sim;
}

/* Returns how many bytes of the package it is. */
static size_t assert_installed(const struct sim *sim, const char *package, const struct part *part)
{
	size_t member_len, installed_len;
	uint8_t *member = member_of(package, part->member, &member_len);
	uint8_t *installed = sim_state_file(sim, part->installed, &installed_len);
	size_t len = part->len != 0 ? part->len : member_len - part->from;

	if (installed_len != len || memcmp(installed, member + part->from, len) != 0)
		fail_msg("%s (%zu bytes) is not the %zu bytes of the package's %s from %zu on",
			 part->installed, installed_len, len, part->member, part->from);
	free(installed);
	free(member);
	return len;
}

static bool has_application(const struct release *release)
{
	return strcmp(release->parts[0].installed, "application.bin") == 0;
}

static void package_updates_its_device(void **state)
{
	const struct start *start = *state;
	const struct release *release = start->release;
	char *package = published_path(release->package);
	struct sim sim = device_for(start, release->key);
	struct run_result run = sim_update(&sim, package, start->address, NULL);
	json_t *result = sim_result(&run);
	size_t len = 0;
	json_t *device;

	if (run.status != 0)
		fail_msg("exit %d: %s", run.status, run.out);
	assert_string_equal(json_text_at(result, "status"), "updated");
	for (size_t i = 0; i < PARTS_MAX && release->parts[i].member; i++)
		len += assert_installed(&sim, package, &release->parts[i]);
	assert_int_equal(json_int_at(result, "bytes"), len);
	assert_int_equal(json_int_at(result, "resent_bytes"), 0);
	device = sim_device(&sim);
	if (has_application(release))
		assert_string_equal(json_text_at(device, "mode"), "application");
	json_decref(device);
	json_decref(result);
	run_result_clear(&run);
	sim_remove(&sim);
	free(package);
}

/* nrf52840_sdk_17.1_sd_bl_app_3 onto the device that has it: the application goes alone. */
static void installed_system_part_is_passed_over(void **state)
{
	const struct start start = { &releases[RELEASES - 1], "application", SIM_ADDRESS };
	char *package = published_path(start.release->package);
	struct sim sim = device_for(&start, start.release->key);
	size_t len = 0;

	(void)state;
	for (int i = 0; i < 2; i++) {
		struct run_result run = sim_update(&sim, package, SIM_ADDRESS, NULL);
		json_t *result = sim_result(&run);

		if (run.status != 0)
			fail_msg("exit %d: %s", run.status, run.out);
		/* The second time: application, then bootloader for the application alone. */
		assert_int_equal(json_int_at(result, "connections"), i == 0 ? 3 : 2);
		len = assert_installed(&sim, package, &start.release->parts[0]);
		if (i == 1)
			assert_int_equal(json_int_at(result, "bytes"), len);
		json_decref(result);
		run_result_clear(&run);
	}
	sim_remove(&sim);
	free(package);
}

static const struct release *find_release(const char *package)
{
	for (size_t i = 0; i < RELEASES; i++) {
		if (strcmp(releases[i].package, package) == 0)
			return &releases[i];
	}
	fail_msg("no such release: %s", package);
	return NULL;
}

static void package_of_another_key_is_refused(void **state)
{
	const struct start start = { find_release("blinky_mbr_sdk160.zip"), "bootloader",
				     SIM_BOOTLOADER };
	char *package = published_path(start.release->package);
	struct sim sim = device_for(&start, NORDIC_KEY);
	struct run_result run = sim_update(&sim, package, SIM_BOOTLOADER, NULL);
	json_t *result = sim_result(&run);

	(void)state;
	assert_int_equal(run.status, 5);
	assert_int_equal(json_int_at(result, "error.detail"), 5);
	json_decref(result);
	run_result_clear(&run);
	sim_remove(&sim);
	free(package);
}

static void package_of_another_key_is_taken_where_none_is_required(void **state)
{
	const struct start start = { find_release("blinky_mbr_sdk160.zip"), "application",
				     SIM_ADDRESS };
	char *package = published_path(start.release->package);
	struct sim sim = device_for(&start, NULL);
	struct run_result run = sim_update(&sim, package, SIM_ADDRESS, NULL);

	(void)state;
	assert_int_equal(run.status, 0);
	assert_installed(&sim, package, &start.release->parts[0]);
	run_result_clear(&run);
	sim_remove(&sim);
	free(package);
}

/* One firmware, published as HEX and as BIN; gen-dat makes the init packet of each. */
static void update_with_generated_init(const char *extension, const uint8_t *image, size_t len)
{
	const struct start start = { find_release("nrf51422_sdk_8_app.zip"), "application",
				     SIM_ADDRESS };
	char *name = NULL;
	char *firmware, *dat;
	struct sim sim = device_for(&start, NULL);
	struct run_result run;

	assert_true(asprintf(&name, "ble_app_hrm_dfu_s110_v8_0_0_sdk_v8_0.%s", extension) >= 0);
	firmware = published_path(name);
	dat = file_path(sim.folder, "hrm.dat");
	run = run_otadfu("gen-dat", firmware, dat);
	assert_int_equal(run.status, 0);
	run_result_clear(&run);

	run = run_otadfu("-f", firmware, "-d", dat, "-a", SIM_ADDRESS, "--transport", "sim",
			 "--adapter", sim.scenario);
	if (run.status != 0)
		fail_msg("exit %d: %s", run.status, run.err);
	assert_sim_runs(&sim, image, len);
	run_result_clear(&run);
	free(dat);
	free(firmware);
	free(name);
	sim_remove(&sim);
}

static void hex_and_bin_of_one_firmware_give_the_same_flash(void **state)
{
	char *path = published_path("ble_app_hrm_dfu_s110_v8_0_0_sdk_v8_0.bin");
	size_t len;
	uint8_t *image = file_read(path, &len);

	(void)state;
	update_with_generated_init("bin", image, len);
	update_with_generated_init("hex", image, len);
	free(image);
	free(path);
}

static const struct way {
	const char *mode, *address, *words;
} ways[] = {
	{ "application", SIM_ADDRESS, "from its application" },
	{ "bootloader", SIM_ADDRESS, "stranded, by its own address" },
	{ "bootloader", SIM_BOOTLOADER, "from its bootloader" },
};

enum { WAYS = sizeof(ways) / sizeof(ways[0]), OTHERS = 4, TESTS_MAX = RELEASES * WAYS + OTHERS };

static struct start starts[TESTS_MAX];
static char names[TESTS_MAX][96];

int main(void)
{
	/* What stays empty at the end is no test. */
	struct CMUnitTest tests[TESTS_MAX] = {
		cmocka_unit_test(installed_system_part_is_passed_over),
		cmocka_unit_test(package_of_another_key_is_refused),
		cmocka_unit_test(package_of_another_key_is_taken_where_none_is_required),
		cmocka_unit_test(hex_and_bin_of_one_firmware_give_the_same_flash),
	};
	size_t count = OTHERS;

	for (size_t i = 0; i < RELEASES * WAYS; i++) {
		const struct release *release = &releases[i / WAYS];
		const struct way *way = &ways[i % WAYS];

		if (release->same_address && strcmp(way->address, SIM_BOOTLOADER) == 0)
			continue;
		starts[count] = (struct start){ release, way->mode, way->address };
		snprintf(names[count], sizeof(names[count]), "%s %s", release->package, way->words);
		tests[count] = (struct CMUnitTest){ .name = names[count],
						    .test_func = package_updates_its_device,
						    .initial_state = &starts[count] };
		count++;
	}
	return cmocka_run_group_tests_name("firmware", tests, NULL, NULL);
}
