/* What the device refuses: its code in words, exit 5, and the old application still there. */
#include "sim.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define SECURE                                                                                     \
	"    name: Sample\n    hardware: nrf52840\n    bootloader: secure\n    sdk: \"17.1\"\n"    \
	"    buttonless: unbonded\n    softdevice: 0x0100\n    hw_version: 52\n"                   \
	"    app_version: 5\n    public_key: public.pem\n"
#define SECURE_12                                                                                  \
	"    name: Sample\n    hardware: nrf52832\n    bootloader: secure\n    sdk: \"12.2\"\n"    \
	"    buttonless: experimental\n    softdevice: 0x008C\n    hw_version: 52\n"               \
	"    app_version: 5\n    public_key: public.pem\n"
#define LEGACY                                                                                     \
	"    name: Sample\n    hardware: nrf51822\n    bootloader: legacy\n    sdk: \"11\"\n"      \
	"    buttonless: legacy\n    softdevice: 0x0087\n"

enum { WORDS = 10 };

struct refusal {
	const char *name;
	const char *device;
	const char *words[WORDS]; /* to make the package */
	const char *mode_after;
	const char *code;    /* as the person sees it */
	const char *meaning; /* likewise */
};

static const struct refusal refusals[] = {
	{ "wrong_key",
	  SECURE,
	  { "--protocol", "secure", "--random", "5000", "--app-version", "6", "--wrong-signature" },
	  "application",
	  "05",
	  "sign" },
	{ "unsigned_package",
	  SECURE,
	  { "--protocol", "secure", "--random", "5000", "--app-version", "6", "--unsigned" },
	  "application",
	  "0B 08",
	  "sign" },
	{ "wrong_hw_version",
	  SECURE,
	  { "--protocol", "secure", "--random", "5000", "--app-version", "6", "--hw-version",
	    "51" },
	  "application",
	  "0B 06",
	  "hardware" },
	{ "softdevice_mismatch",
	  SECURE,
	  { "--protocol", "secure", "--random", "5000", "--app-version", "6", "--sd-req",
	    "0x00B6" },
	  "application",
	  "0B 07",
	  "SoftDevice" },
	{ "downgrade",
	  SECURE,
	  { "--protocol", "secure", "--random", "5000", "--app-version", "4" },
	  "application",
	  "0B 05",
	  "version" },
	{ "image_too_large",
	  SECURE,
	  { "--protocol", "secure", "--random", "900000", "--app-version", "6" },
	  "application",
	  "04",
	  "room" },
	{ "wrong_hw_version_sdk12",
	  SECURE_12,
	  { "--protocol", "secure", "--random", "5000", "--app-version", "6", "--hw-version", "51",
	    "--sd-req", "0x008C" },
	  "application",
	  "0A",
	  "" },
	{ "legacy_softdevice_mismatch",
	  LEGACY,
	  { "--protocol", "legacy", "--random", "5000", "--sd-req", "0x0064" },
	  "application",
	  "06",
	  "SoftDevice" },
	{ "legacy_image_too_large",
	  LEGACY,
	  { "--protocol", "legacy", "--random", "100000" },
	  "application",
	  "04",
	  "large" },
};

enum { REFUSALS = sizeof(refusals) / sizeof(refusals[0]) };

/* make_package signs with a key of its own, whose public half the device gets. */
static char *make(const struct sim *sim, const struct refusal *refusal)
{
	const char *words[WORDS + 6];
	size_t count = 0;

	while (count < WORDS && refusal->words[count]) {
		words[count] = refusal->words[count];
		count++;
	}
	if (strcmp(words[1], "secure") == 0 && strcmp(words[count - 1], "--unsigned") != 0) {
		words[count++] = "--key";
		words[count++] = "private.pem";
	}
	words[count] = NULL;
	return sim_make_package(sim, "refused.zip", words);
}

static void make_keys(const struct sim *sim)
{
	char *path =
		sim_make_package(sim, "keys.zip",
				 (const char *const[]){ "--protocol", "secure", "--random", "100",
							"--generate-key", "private.pem",
							"--public-key-out", "public.pem", NULL });

	free(path);
}

static void device_refuses_and_keeps_what_it_has(void **state)
{
	const struct refusal *refusal = *state;
	struct sim sim = sim_new(refusal->device, NULL);
	struct run_result run;
	uint8_t *before, *after;
	size_t before_len, after_len;
	json_t *result, *device;
	char *package;

	make_keys(&sim);
	package = make(&sim, refusal);
	/* A scan provisions the device, so that its first application can be kept. */
	run = run_otadfu("scan", "--seconds", "1", "--transport", "sim", "--adapter", sim.scenario);
	assert_int_equal(run.status, 0);
	run_result_clear(&run);
	before = sim_state_file(&sim, "application.bin", &before_len);

	run = sim_update(&sim, package, SIM_ADDRESS, NULL);
	result = sim_result(&run);
	if (run.status != 5)
		fail_msg("exit %d: %s", run.status, run.out);
	assert_string_equal(json_text_at(result, "status"), "refused_by_device");
	assert_contains(json_text_at(result, "error.text"), refusal->code);
	assert_contains(json_text_at(result, "error.text"), refusal->meaning);

	after = sim_state_file(&sim, "application.bin", &after_len);
	assert_int_equal(after_len, before_len);
	assert_memory_equal(after, before, after_len);
	device = sim_device(&sim);
	assert_int_equal(json_int_at(device, "objects_executed"), 0);
	json_decref(device);
	json_decref(result);
	run_result_clear(&run);
	free(before);
	free(after);
	free(package);
	sim_remove(&sim);
}

int main(void)
{
	struct CMUnitTest tests[REFUSALS];

	for (size_t i = 0; i < REFUSALS; i++)
		tests[i] = (struct CMUnitTest){ .name = refusals[i].name,
						.test_func = device_refuses_and_keeps_what_it_has,
						.initial_state = (void *)(uintptr_t)&refusals[i] };
	return cmocka_run_group_tests_name("refusals", tests, NULL, NULL);
}
