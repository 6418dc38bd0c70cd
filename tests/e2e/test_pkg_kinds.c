/* What `otadfu pkg make` makes, onto simulated devices that check what real ones check. */
#include "sim.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define SECURE                                                                                     \
	"    name: Sample\n    hardware: nrf52840\n    bootloader: secure\n    sdk: \"17.1\"\n"    \
	"    softdevice: 0x0100\n    public_key: public.pem\n"
#define SECURE_12                                                                                  \
	"    name: Sample\n    hardware: nrf51822\n    bootloader: secure\n    sdk: \"12.2\"\n"    \
	"    softdevice: 0x0087\n    public_key: public.pem\n"
#define OPEN                                                                                       \
	"    name: Sample\n    hardware: nrf52840\n    bootloader: secure\n    sdk: \"17.1\"\n"    \
	"    softdevice: 0x0100\n"
#define LEGACY(sdk)                                                                                \
	"    name: Sample\n    hardware: nrf51822\n    bootloader: legacy\n    sdk: \"" sdk        \
	"\"\n    device_type: 7\n    device_revision: 3\n"

/* Of make_package: the images alone are taken from it. */
#define APP "--random", "3001", "--app-out", "application.bin"
#define SD  "--softdevice", "9000", "--softdevice-out", "softdevice.bin"
#define BL  "--bootloader", "4100", "--bootloader-out", "bootloader.bin"

/* Of pkg make. */
#define FOR_SECURE                                                                                 \
	"--protocol", "secure", "--key", "private.pem", "--hw-version", "52", "--sd-req", "0x0100"
#define FOR_LEGACY "--protocol", "legacy", "--device-type", "7", "--device-rev", "3"
#define APP_2      "--application", "application.bin", "--app-version", "2"
#define BL_2       "--bootloader", "bootloader.bin", "--bl-version", "2"
#define SD_FILE    "--softdevice", "softdevice.bin"

enum { WORDS = 20, FILES = 3 };

struct kind {
	const char *name;
	const char *device;
	const char *images[WORDS];
	const char *words[WORDS];
	const char *files[FILES]; /* what the device has in the end, as it was before */
};

#define VALIDATED(how)                                                                             \
	{                                                                                          \
		.name = "boot_validation_" how, .device = SECURE, .images = { APP },               \
		.words = { FOR_SECURE, APP_2, "--boot-validation", how },                          \
		.files = { "application" },                                                        \
	}
#define FORMAT(what)                                                                               \
	{                                                                                          \
		.name = "legacy_" what, .device = LEGACY("11") "    init_format: \"" what "\"\n",  \
		.images = { APP }, .words = { FOR_LEGACY, APP_2, "--format", what },               \
		.files = { "application" },                                                        \
	}

static const struct kind kinds[] = {
	{ .name = "application",
	  .device = SECURE,
	  .images = { APP },
	  .words = { FOR_SECURE, APP_2 },
	  .files = { "application" } },
	{ .name = "softdevice",
	  .device = SECURE,
	  .images = { SD },
	  .words = { FOR_SECURE, SD_FILE },
	  .files = { "softdevice" } },
	{ .name = "bootloader",
	  .device = SECURE,
	  .images = { BL },
	  .words = { FOR_SECURE, BL_2 },
	  .files = { "bootloader" } },
	{ .name = "softdevice_and_bootloader",
	  .device = SECURE,
	  .images = { SD, BL },
	  .words = { FOR_SECURE, SD_FILE, BL_2 },
	  .files = { "softdevice", "bootloader" } },
	{ .name = "all_three",
	  .device = SECURE,
	  .images = { APP, SD, BL },
	  .words = { FOR_SECURE, SD_FILE, BL_2, APP_2, "--sd-id", "0x0100" },
	  .files = { "application", "softdevice", "bootloader" } },
	{ .name = "all_three_signed_for_each_boot",
	  .device = SECURE,
	  .images = { APP, SD, BL },
	  .words = { FOR_SECURE, SD_FILE, BL_2, APP_2, "--boot-validation", "ecdsa" },
	  .files = { "application", "softdevice", "bootloader" } },
	{ .name = "external_application",
	  .device = SECURE,
	  .images = { APP },
	  .words = { FOR_SECURE, "--external-app", "application.bin", "--app-version", "2" },
	  .files = { "external_application" } },
	{ .name = "unsigned_application",
	  .device = OPEN,
	  .images = { APP },
	  .words = { "--protocol", "secure", "--unsigned", "--hw-version", "52", "--sd-req",
		     "0x00A9,0x0100", APP_2 },
	  .files = { "application" } },
	{ .name = "application_of_SDK_12",
	  .device = SECURE_12,
	  .images = { APP },
	  .words = { "--protocol", "secure", "--key", "private.pem", "--hw-version", "51",
		     "--sd-req", "0x0087", APP_2, "--boot-validation", "omit" },
	  .files = { "application" } },
	VALIDATED("omit"),
	VALIDATED("none"),
	VALIDATED("crc"),
	VALIDATED("sha256"),
	VALIDATED("ecdsa"),
	{ .name = "legacy_crc",
	  .device = LEGACY("6.1"),
	  .images = { APP },
	  .words = { "--protocol", "legacy", "--format", "crc", "--application",
		     "application.bin" },
	  .files = { "application" } },
	FORMAT("0.5"),
	FORMAT("0.6"),
	FORMAT("0.7"),
	{ .name = "legacy_0.8",
	  .device = LEGACY("11") "    init_format: \"0.8\"\n    public_key: public.pem\n",
	  .images = { APP },
	  .words = { FOR_LEGACY, APP_2, "--format", "0.8", "--key", "private.pem" },
	  .files = { "application" } },
	{ .name = "legacy_all_three",
	  .device = LEGACY("11"),
	  .images = { APP, SD, BL, "--sd-id", "0x0080" },
	  .words = { FOR_LEGACY, SD_FILE, "--bootloader", "bootloader.bin", "--application",
		     "application.bin" },
	  .files = { "application", "softdevice", "bootloader" } },
};

/* The image is signed before the init packet, and here by another key. */
static const char two_keys[] = "k=private.pem; [ -e other.pem ] || { k=other.pem; "
			       "openssl ecparam -name prime256v1 -genkey -noout -out $k; }; "
			       "openssl pkeyutl -sign -inkey $k -in /dev/stdin";

/* Each is one of the above made wrong: the device does look. */
static const struct kind refused[] = {
	{ .name = "softdevice_that_is_not_installed",
	  .device = SECURE,
	  .images = { APP },
	  .words = { "--protocol", "secure", "--key", "private.pem", "--hw-version", "52",
		     "--sd-req", "0x00A9", APP_2 } },
	{ .name = "no_signature",
	  .device = SECURE,
	  .images = { APP },
	  .words = { "--protocol", "secure", "--unsigned", "--hw-version", "52", "--sd-req",
		     "0x0100", APP_2 } },
	{ .name = "boot_validation_by_another_key",
	  .device = SECURE,
	  .images = { APP },
	  .words = { "--protocol", "secure", "--signer", two_keys, "--hw-version", "52", "--sd-req",
		     "0x0100", APP_2, "--boot-validation", "ecdsa" } },
	{ .name = "legacy_0.6_instead_of_0.7",
	  .device = LEGACY("11") "    init_format: \"0.7\"\n",
	  .images = { APP },
	  .words = { FOR_LEGACY, APP_2, "--format", "0.6" } },
	{ .name = "legacy_0.8_for_a_device_without_key",
	  .device = LEGACY("11") "    init_format: \"0.8\"\n",
	  .images = { APP },
	  .words = { FOR_LEGACY, APP_2, "--format", "0.8", "--key", "private.pem" } },
	{ .name = "legacy_of_another_device_type",
	  .device = LEGACY("11"),
	  .images = { APP },
	  .words = { "--protocol", "legacy", "--device-type", "8", "--device-rev", "3", APP_2 } },
};

enum { REFUSED = sizeof(refused) / sizeof(refused[0]), DEVICE_REFUSED = 5 };
enum { KINDS = sizeof(kinds) / sizeof(kinds[0]) };

static void make_images(const struct sim *sim, const struct kind *kind)
{
	const char *words[WORDS + 8] = { "--protocol",  "secure",           "--generate-key",
					 "private.pem", "--public-key-out", "public.pem" };

	for (size_t i = 0; i < WORDS && kind->images[i]; i++)
		words[6 + i] = kind->images[i];
	free(sim_make_package(sim, "others.zip", words));
}

static struct run_result make(const struct sim *sim, const struct kind *kind)
{
	const struct run_settings settings = { .directory = sim->folder };
	const char *words[WORDS + 4] = { "pkg", "make", "made.zip" };

	for (size_t i = 0; i < WORDS && kind->words[i]; i++)
		words[3 + i] = kind->words[i];
	return run_otadfu_words(&settings, words);
}

/* Filled to whole words, which is all that pkg make may have done to it. */
static void assert_has(const struct sim *sim, const char *file)
{
	char name[64];
	size_t len, installed_len;
	uint8_t *image, *installed;
	char *path;

	snprintf(name, sizeof(name), "%s.bin", file);
	installed = sim_state_file(sim, name, &installed_len);
	path = file_path(sim->folder,
			 strncmp(name, "external_", 9) == 0 ? "application.bin" : name);
	image = file_read(path, &len);
	assert_int_equal(installed_len, (len + 3) / 4 * 4);
	assert_memory_equal(installed, image, len);
	for (size_t i = len; i < installed_len; i++)
		assert_int_equal(installed[i], 0xFF);
	free(path);
	free(image);
	free(installed);
}

static void package_updates_its_device(void **state)
{
	const struct kind *kind = *state;
	struct sim sim = sim_new(kind->device, NULL);
	char *package = file_path(sim.folder, "made.zip");
	struct run_result run;

	make_images(&sim, kind);
	run = make(&sim, kind);
	if (run.status != 0)
		fail_msg("pkg make: exit %d: %s", run.status, run.err);
	run_result_clear(&run);
	run = sim_update(&sim, package, SIM_ADDRESS, NULL);
	if (run.status != 0)
		fail_msg("update: exit %d: %s", run.status, run.out);
	for (size_t i = 0; i < FILES && kind->files[i]; i++)
		assert_has(&sim, kind->files[i]);
	run_result_clear(&run);
	free(package);
	sim_remove(&sim);
}

static void device_refuses_the_package(void **state)
{
	const struct kind *kind = *state;
	struct sim sim = sim_new(kind->device, NULL);
	char *package = file_path(sim.folder, "made.zip");
	struct run_result run;

	make_images(&sim, kind);
	run = make(&sim, kind);
	assert_int_equal(run.status, 0);
	run_result_clear(&run);
	run = sim_update(&sim, package, SIM_ADDRESS, NULL);
	assert_int_equal(run.status, DEVICE_REFUSED);
	run_result_clear(&run);
	free(package);
	sim_remove(&sim);
}

int main(void)
{
	static struct CMUnitTest tests[KINDS + REFUSED];

	for (size_t i = 0; i < KINDS; i++)
		tests[i] = (struct CMUnitTest){ .name = kinds[i].name,
						.test_func = package_updates_its_device,
						.initial_state = (void *)&kinds[i] };
	for (size_t i = 0; i < REFUSED; i++)
		tests[KINDS + i] = (struct CMUnitTest){ .name = refused[i].name,
							.test_func = device_refuses_the_package,
							.initial_state = (void *)&refused[i] };
	return cmocka_run_group_tests_name("pkg kinds", tests, NULL, NULL);
}
