/* What `otadfu inspect` shows of files, and how it judges them. */
#include "hexfile.h"
#include "published.h"
#include "sim.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { IMAGE_LEN = 1024, START = 0x18000, INIT_LEN = 14, USAGE = 2, REFUSED = 3 };

#define DEVICE                                                                                     \
	"    name: Sample\n    hardware: nrf52840\n    bootloader: secure\n    sdk: \"17.1\"\n"

/* Only its folder is used. */
static struct sim sim;

#define WORDS(...) ((const char *const[]){ __VA_ARGS__, NULL })

static struct run_result inspect(const char *path, const char *const *more)
{
	const char *words[8] = { "inspect", path };

	for (size_t i = 0; more && more[i]; i++)
		words[i + 2] = more[i];
	return run_otadfu_words(NULL, words);
}

/* The only line of what --json gives for path. Caller drops it. */
static json_t *inspect_as_json(const char *path, int status)
{
	struct run_result run = inspect(path, WORDS("--json"));
	json_t *object = json_loads(run.out, 0, NULL);

	if (run.status != status || !object)
		fail_msg("exit status %d: %s%s", run.status, run.out, run.err);
	assert_string_equal(json_text_at(object, "event"), "inspect");
	run_result_clear(&run);
	return object;
}

static json_t *first_image(json_t *object)
{
	return json_array_get(json_object_get(object, "images"), 0);
}

/* Path of FOLDER/NAME, until the next call. */
static const char *path_of(const char *name)
{
	static char path[256];

	snprintf(path, sizeof(path), "%s/%s", sim.folder, name);
	return path;
}

static void make_secure(const char *name, const char *const *more)
{
	const char *words[16] = { "--protocol",    "secure",  "--random",         "4096",
				  "--key",         "key.pem", "--public-key-out", "public.pem",
				  "--app-version", "7" };

	for (size_t i = 0; more && more[i]; i++)
		words[i + 10] = more[i];
	free(sim_make_package(&sim, name, words));
}

static void a_secure_package_is_shown_in_words(void **state)
{
	struct run_result run;

	(void)state;
	make_secure("secure.zip", NULL);
	run = inspect(path_of("secure.zip"), NULL);
	assert_int_equal(run.status, 0);
	assert_contains(run.out, "secure.zip: secure package, 1 image\n");
	assert_contains(run.out, "application: 4096 bytes\n");
	assert_contains(run.out, "S140 7.2.0 (0x0100)");
	assert_contains(run.out, ", agrees with the image\n");
	assert_contains(run.out, "yes; not verified");
	assert_string_equal(run.err, "");
	run_result_clear(&run);
}

static void a_secure_package_is_shown_by_the_documents_names(void **state)
{
	json_t *object, *image;

	(void)state;
	make_secure("secure.zip", NULL);
	object = inspect_as_json(path_of("secure.zip"), 0);
	image = first_image(object);
	assert_string_equal(json_text_at(object, "protocol"), "secure");
	assert_string_equal(json_text_at(image, "kind"), "application");
	assert_int_equal(json_int_at(image, "bytes"), 4096);
	assert_int_equal(json_int_at(image, "fw_version"), 7);
	assert_int_equal(json_int_at(image, "hw_version"), 52);
	assert_int_equal(json_int_at(image, "type"), 0);
	assert_int_equal(json_int_at(image, "app_size"), 4096);
	assert_int_equal(json_int_at(image, "sd_size"), 0);
	assert_int_equal(json_int_at(image, "bl_size"), 0);
	assert_int_equal(json_int_at(image, "hash_type"), 3);
	assert_int_equal(strlen(json_text_at(image, "hash")), 64);
	assert_int_equal(strlen(json_text_at(image, "signature")), 128);
	assert_int_equal(json_integer_value(json_array_get(json_object_get(image, "sd_req"), 0)),
			 0x0100);
	assert_true(json_is_false(json_object_get(image, "is_debug")));
	assert_true(json_is_true(json_object_get(image, "signed")));
	assert_true(json_is_true(json_object_get(image, "agrees")));
	assert_true(json_is_null(json_object_get(image, "signature_verified")));
	json_decref(object);
}

static void a_legacy_package_is_shown_by_the_documents_names(void **state)
{
	json_t *object, *image;

	(void)state;
	free(sim_make_package(&sim, "legacy.zip",
			      WORDS("--protocol", "legacy", "--random", "4096", "--device-type",
				    "82")));
	object = inspect_as_json(path_of("legacy.zip"), 0);
	image = first_image(object);
	assert_string_equal(json_text_at(object, "protocol"), "legacy");
	assert_int_equal(json_int_at(image, "device_type"), 82);
	assert_int_equal(json_int_at(image, "device_revision"), 0xFFFF);
	assert_int_equal(json_int_at(image, "application_version"), 0xFFFFFFFF);
	assert_true(json_int_at(image, "crc16") <= 0xFFFF);
	assert_true(json_real_value(json_object_get(image, "dfu_version")) == 0.5);
	assert_int_equal(json_integer_value(
				 json_array_get(json_object_get(image, "softdevice_req"), 0)),
			 0xFFFE);
	json_decref(object);
}

static void a_signature_is_verified_with_the_profiles_key(void **state)
{
	struct run_result run;
	char *profile;

	(void)state;
	make_secure("secure.zip", NULL);
	profile = file_write(sim.folder, "acme.yaml", "require: { public_key: public.pem }\n");
	run = inspect(path_of("secure.zip"), WORDS("--profile", profile));
	assert_int_equal(run.status, 0);
	assert_contains(run.out, "yes, verified with ");
	assert_contains(run.out, "public.pem\n");
	run_result_clear(&run);

	make_secure("forged.zip", WORDS("--wrong-signature"));
	run = inspect(path_of("forged.zip"), WORDS("--profile", profile));
	assert_int_equal(run.status, REFUSED);
	assert_contains(run.out, "yes, but NOT with the key ");
	assert_contains(run.out, "refused: ");
	assert_contains(run.out, "It would not be sent.\n");
	run_result_clear(&run);
	free(profile);
}

static void a_package_for_other_hardware_is_refused(void **state)
{
	struct run_result run;
	char *profile;

	(void)state;
	make_secure("secure.zip", NULL);
	profile = file_write(sim.folder, "acme.yaml", "require: { hw_version: 51 }\n");
	run = inspect(path_of("secure.zip"), WORDS("--profile", profile));
	assert_int_equal(run.status, REFUSED);
	assert_contains(run.out, "refused: ");
	run_result_clear(&run);
	free(profile);
}

static void a_debug_mark_is_shown_and_warned_of(void **state)
{
	struct run_result run;

	(void)state;
	make_secure("debug.zip", WORDS("--debug"));
	run = inspect(path_of("debug.zip"), NULL);
	assert_int_equal(run.status, 0);
	assert_contains(run.out, "  debug              yes\n");
	assert_contains(run.out, "warning: ");
	run_result_clear(&run);
}

static void an_image_that_disagrees_is_shown_and_refused(void **state)
{
	struct run_result run;
	json_t *object;

	(void)state;
	make_secure("wrong.zip", WORDS("--wrong-hash"));
	run = inspect(path_of("wrong.zip"), NULL);
	assert_int_equal(run.status, REFUSED);
	assert_contains(run.out, ", DOES NOT AGREE with the image\n");
	assert_contains(run.out, "refused: ");
	run_result_clear(&run);
	object = inspect_as_json(path_of("wrong.zip"), REFUSED);
	assert_true(json_is_true(json_object_get(object, "refused")));
	assert_true(json_is_false(json_object_get(first_image(object), "agrees")));
	json_decref(object);
}

static void an_init_packet_alone_is_shown(void **state)
{
	struct run_result run;

	(void)state;
	make_secure("secure.zip", WORDS("--init-out", "init.dat"));
	run = inspect(path_of("init.dat"), NULL);
	assert_int_equal(run.status, 0);
	assert_contains(run.out, "init.dat: secure init packet, ");
	assert_contains(run.out, "application bytes  4096\n");
	assert_contains(run.out, "S140 7.2.0 (0x0100)");
	run_result_clear(&run);
}

static void content_tells_what_a_file_is(void **state)
{
	char *path;

	(void)state;
	make_secure("package.hex", WORDS("--init-out", "init.zip"));
	path = strdup(path_of("package.hex"));
	for (size_t i = 0; i < 2; i++) {
		json_t *object = inspect_as_json(i == 0 ? path : path_of("init.zip"), 0);

		assert_string_equal(json_text_at(object, "form"),
				    i == 0 ? "package" : "init_packet");
		json_decref(object);
	}
	free(path);
}

/* An init packet whose device type begins with the byte of a colon is still none of a HEX file. */
static void an_init_packet_that_begins_with_a_colon_is_one(void **state)
{
	static const uint8_t colon[INIT_LEN] = { 0x3A, 0x00, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF,
						 0xFF, 0x01, 0x00, 0xFE, 0xFF, 0x12, 0x34 };
	json_t *object;

	(void)state;
	free(file_write_bytes(sim.folder, "colon.dat", colon, sizeof(colon)));
	object = inspect_as_json(path_of("colon.dat"), 0);
	assert_string_equal(json_text_at(object, "form"), "init_packet");
	assert_int_equal(json_int_at(first_image(object), "device_type"), 0x3A);
	json_decref(object);
}

/* --- HEX --- */

static void write_hex(const char *name, bool with_settings)
{
	struct hexfile *hex = calloc(1, sizeof(*hex));
	uint8_t image[IMAGE_LEN];

	assert_non_null(hex);
	for (size_t i = 0; i < IMAGE_LEN; i++)
		image[i] = (uint8_t)(i * 7 + (i >> 8));
	hexfile_data(hex, START, image, sizeof(image));
	if (with_settings)
		hexfile_data(hex, 0x3FC00, image, 16);
	hexfile_end(hex);
	free(file_write(sim.folder, name, hex->text));
	free(hex);
}

static void the_regions_of_a_hex_file_are_shown(void **state)
{
	json_t *object, *region;

	(void)state;
	write_hex("app.hex", false);
	object = inspect_as_json(path_of("app.hex"), 0);
	region = json_array_get(json_object_get(object, "regions"), 0);
	assert_string_equal(json_text_at(object, "form"), "hex");
	assert_string_equal(json_text_at(region, "kind"), "application");
	assert_int_equal(json_int_at(region, "low"), START);
	assert_int_equal(json_int_at(region, "high"), START + IMAGE_LEN);
	assert_int_equal(json_int_at(object, "image.start"), START);
	assert_int_equal(json_int_at(object, "image.bytes"), IMAGE_LEN);
	json_decref(object);
}

static void regions_far_apart_need_a_range(void **state)
{
	struct run_result run;

	(void)state;
	write_hex("both.hex", true);
	run = inspect(path_of("both.hex"), NULL);
	assert_int_equal(run.status, REFUSED);
	assert_contains(run.out, "application\n");
	assert_contains(run.out, "bootloader settings (not part of an image)\n");
	assert_contains(run.out, "refused: it holds parts far apart");
	assert_contains(run.out, "--range LOW-HIGH");
	run_result_clear(&run);
	run = inspect(path_of("both.hex"), WORDS("--range", "0x18000-0x18400"));
	assert_int_equal(run.status, 0);
	assert_contains(run.out, "as an image: 1024 bytes from 0x18000\n");
	run_result_clear(&run);
}

static void a_range_is_for_hex_alone(void **state)
{
	struct run_result run;

	(void)state;
	make_secure("secure.zip", NULL);
	run = inspect(path_of("secure.zip"), WORDS("--range", "0x0-0x1000"));
	assert_int_equal(run.status, USAGE);
	assert_contains(run.err, "a range is chosen from Intel HEX");
	run_result_clear(&run);
}

static void what_cannot_be_read_is_told_to_machines_too(void **state)
{
	json_t *object = inspect_as_json("/nonesuch.zip", USAGE);

	(void)state;
	assert_true(json_is_true(json_object_get(object, "refused")));
	assert_string_equal(json_text_at(object, "error.code"), "config");
	json_decref(object);
	free(file_write(sim.folder, "noise.bin", "\x07\x07\x07"));
	object = inspect_as_json(path_of("noise.bin"), REFUSED);
	assert_string_equal(json_text_at(object, "error.code"), "package");
	json_decref(object);
}

/* --- Nordic's own files --- */

static void published_packages_would_be_sent(void **state)
{
	static const char *const names[] = {
		"blinky_mbr_sdk160.zip",         "nrf51422_sdk_11_all_in_one.zip",
		"nrf51422_sdk_11_app.zip",       "nrf51422_sdk_12.2_app.zip",
		"nrf51422_sdk_6.1_app.zip",      "nrf51422_sdk_8_app.zip",
		"nrf52832_sdk_12.2_app.zip",     "nrf52832_sdk_14.1_sd.zip",
		"nrf52832_sdk_15.3_sd_bl_1.zip", "nrf52840_sdk_17.1_app.zip",
		"nrf52840_sdk_17.1_bl_2.zip",    "nrf52840_sdk_17.1_sd_bl_app_3.zip",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		char *path = published_path(names[i]);

		json_decref(inspect_as_json(path, 0));
		free(path);
	}
}

static void the_published_debug_package_is_shown_as_such(void **state)
{
	char *path = published_path("blinky_mbr_sdk160.zip");
	struct run_result run = inspect(path, NULL);

	(void)state;
	assert_contains(run.out, "  debug              yes\n");
	assert_contains(run.out, "  signer             ");
	run_result_clear(&run);
	free(path);
}

static int set_up(void **state)
{
	(void)state;
	sim = sim_new(DEVICE, NULL);
	free(sim_make_package(&sim, "keys.zip",
			      WORDS("--protocol", "secure", "--random", "100", "--generate-key",
				    "key.pem")));
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	sim_remove(&sim);
	return 0;
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_secure_package_is_shown_in_words),
		cmocka_unit_test(a_secure_package_is_shown_by_the_documents_names),
		cmocka_unit_test(a_legacy_package_is_shown_by_the_documents_names),
		cmocka_unit_test(a_signature_is_verified_with_the_profiles_key),
		cmocka_unit_test(a_package_for_other_hardware_is_refused),
		cmocka_unit_test(a_debug_mark_is_shown_and_warned_of),
		cmocka_unit_test(an_image_that_disagrees_is_shown_and_refused),
		cmocka_unit_test(an_init_packet_alone_is_shown),
		cmocka_unit_test(content_tells_what_a_file_is),
		cmocka_unit_test(an_init_packet_that_begins_with_a_colon_is_one),
		cmocka_unit_test(the_regions_of_a_hex_file_are_shown),
		cmocka_unit_test(regions_far_apart_need_a_range),
		cmocka_unit_test(a_range_is_for_hex_alone),
		cmocka_unit_test(what_cannot_be_read_is_told_to_machines_too),
		cmocka_unit_test(published_packages_would_be_sent),
		cmocka_unit_test(the_published_debug_package_is_shown_as_such),
	};

	return cmocka_run_group_tests_name("inspect", tests, set_up, tear_down);
}
