/* What a package is made of, and what does not belong together. */
#include "check.h"
#include "package_make.h"
#include "package_write.h"
#include "scratch.h"
#include "softdevice.h"
#include "version.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* cmocka wants the four above first. */
#include <cmocka.h>

enum { APP_LEN = 64, BL_LEN = 128, SD_LEN = 0x3000, FWID = 0x0100, SD_END = 0x5000 };

static uint8_t app_bytes[APP_LEN] = { 0, 0x40, 0, 0x20, 0x41, 0x50 };
static uint8_t bl_bytes[BL_LEN] = { 0, 0x40, 0, 0x20, 0x41, 0x50 };
static uint8_t sd_bytes[SD_LEN];
static const struct firmware app = { .data = app_bytes, .len = APP_LEN };
static const struct firmware bl = { .data = bl_bytes, .len = BL_LEN };
static const struct firmware sd = { .data = sd_bytes, .len = SD_LEN };
static const uint16_t sd_req[] = { 0x00B6 };

static struct package_recipe secure_recipe(void)
{
	return (struct package_recipe){ .kind = INITPACKET_SECURE,
					.sd_req = sd_req,
					.sd_req_count = 1,
					.app_version = 2,
					.bl_version = 3,
					.hw_version = 52 };
}

static struct package_recipe legacy_recipe(void)
{
	return (struct package_recipe){ .kind = INITPACKET_LEGACY,
					.sd_req = sd_req,
					.sd_req_count = 1,
					.app_version = 2,
					.format = INITPACKET_FORMAT_05 };
}

static struct package *make(const struct package_recipe *recipe)
{
	struct failure why = { 0 };
	struct package *package;

	if (package_make(recipe, &package, &why) < 0)
		fail_msg("%s", why.text);
	return package;
}

static void check_refused(const struct package_recipe *recipe, int code, const char *part)
{
	struct package *package = NULL;
	struct failure why = { 0 };

	assert_int_equal(package_make(recipe, &package, &why), code);
	assert_null(package);
	if (!strstr(why.text, part))
		fail_msg("no \"%s\" in: %s", part, why.text);
}

static void all_three_become_two_images(void **state)
{
	struct package_recipe recipe = secure_recipe();
	const struct initpacket_secure *system, *application;
	struct package *package;

	(void)state;
	recipe.softdevice = &sd;
	recipe.bootloader = &bl;
	recipe.application = &app;
	package = make(&recipe);
	assert_int_equal(package->count, 2);
	assert_int_equal(package->images[0].kind, OTADFU_IMAGE_SD_BL);
	assert_int_equal(package->images[1].kind, OTADFU_IMAGE_APPLICATION);
	system = &package->inits[0].secure;
	application = &package->inits[1].secure;
	assert_int_equal(system->sd_size, SD_LEN);
	assert_int_equal(system->bl_size, BL_LEN);
	assert_int_equal(system->app_size, 0);
	assert_int_equal(system->fw_version, 3);
	assert_int_equal(application->app_size, APP_LEN);
	assert_int_equal(application->fw_version, 2);
	assert_int_equal(application->sd_size + application->bl_size, 0);
	package_free(package);
}

static void the_application_is_for_the_softdevice_that_comes_with_it(void **state)
{
	struct package_recipe recipe = secure_recipe();
	struct package *package;

	(void)state;
	recipe.softdevice = &sd;
	recipe.application = &app;
	package = make(&recipe);
	assert_int_equal(package->inits[0].sd_req[0], 0x00B6);
	assert_int_equal(package->inits[1].sd_req[0], FWID);
	assert_int_equal(package->inits[0].secure.fw_version, UINT32_MAX);
	package_free(package);
}

static void what_is_made_passes_the_checks(void **state)
{
	static const struct check_facts nothing_known = { 0 };
	struct package_recipe recipe = secure_recipe();
	struct check_findings findings;
	struct package *package;

	(void)state;
	recipe.softdevice = &sd;
	recipe.bootloader = &bl;
	recipe.application = &app;
	package = make(&recipe);
	assert_int_equal(check_package(package, &nothing_known, &findings, NULL), OTADFU_OK);
	assert_int_equal(findings.count, 0);
	package_free(package);
}

static void both_parts_have_a_boot_validation(void **state)
{
	struct package_recipe recipe = secure_recipe();
	struct package *package;

	(void)state;
	recipe.softdevice = &sd;
	recipe.bootloader = &bl;
	recipe.has_boot_validation = true;
	recipe.boot_validation = VALIDATION_SHA256;
	package = make(&recipe);
	assert_int_equal(package->inits[0].secure.boot_validations, 2);
	assert_int_equal(package->inits[0].secure.boot_validation[1].type, VALIDATION_SHA256);
	assert_int_equal(package->inits[0].secure.boot_validation[1].len, 0);
	package_free(package);
}

static void a_signature_for_each_boot_covers_its_part(void **state)
{
	struct package_recipe recipe = secure_recipe();
	const struct initpacket_secure *secure;
	struct package *package;
	struct signer signer;
	struct key *key;

	(void)state;
	assert_int_equal(key_make(&key, NULL), OTADFU_OK);
	signer = signer_with_key(key);
	recipe.softdevice = &sd;
	recipe.bootloader = &bl;
	recipe.has_boot_validation = true;
	recipe.boot_validation = VALIDATION_ECDSA_P256;
	recipe.signer = &signer;
	package = make(&recipe);
	secure = &package->inits[0].secure;
	assert_true(signature_covers(secure->boot_validation[0].bytes, sd_bytes, SD_LEN, key));
	assert_true(signature_covers(secure->boot_validation[1].bytes, bl_bytes, BL_LEN, key));
	assert_false(signature_covers(secure->boot_validation[0].bytes, bl_bytes, BL_LEN, key));
	package_free(package);
	key_free(key);
}

static void the_manifest_is_laid_out_as_nordics(void **state)
{
	static const char wanted[] = "{\n"
				     "    \"manifest\": {\n"
				     "        \"application\": {\n"
				     "            \"bin_file\": \"app.bin\",\n"
				     "            \"dat_file\": \"app.dat\",\n"
				     "            \"init_packet_data\": {\n"
				     "                \"application_version\": 2,\n"
				     "                \"device_revision\": 0,\n"
				     "                \"device_type\": 0,\n"
				     "                \"firmware_crc16\": 55846,\n"
				     "                \"softdevice_req\": [\n"
				     "                    182\n"
				     "                ]\n"
				     "            }\n"
				     "        },\n"
				     "        \"dfu_version\": 0.5\n"
				     "    }\n"
				     "}";
	struct package_recipe recipe = legacy_recipe();
	struct package *package;
	char *manifest;

	(void)state;
	recipe.application = &app;
	package = make(&recipe);
	package->inits[0].legacy.crc16 = 55846;
	manifest = package_manifest(package);
	assert_string_equal(manifest, wanted);
	free(manifest);
	package_free(package);
}

static void what_makes_no_sense_is_refused(void **state)
{
	struct package_recipe recipe = secure_recipe();

	(void)state;
	check_refused(&recipe, OTADFU_E_CONFIG, "no image");
	recipe.application = &app;
	recipe.has_boot_validation = true;
	recipe.boot_validation = VALIDATION_ECDSA_P256;
	check_refused(&recipe, OTADFU_E_CONFIG, "needs a key");
	recipe = legacy_recipe();
	recipe.application = &app;
	recipe.is_external = true;
	check_refused(&recipe, OTADFU_E_CONFIG, "another chip");
	recipe.is_external = false;
	recipe.format = INITPACKET_FORMAT_08;
	check_refused(&recipe, OTADFU_E_CONFIG, "are signed");
}

static void a_softdevice_says_which_one_it_is(void **state)
{
	struct package_recipe recipe = secure_recipe();
	const struct firmware longer = { .data = sd_bytes, .len = SD_END };
	const struct firmware mute = { .data = bl_bytes, .len = BL_LEN };

	(void)state;
	recipe.softdevice = &sd;
	recipe.has_sd_id = true;
	recipe.sd_id = 0x0101;
	check_refused(&recipe, OTADFU_E_PACKAGE, "says that it is 0x0100, not 0x0101");
	recipe.has_sd_id = false;
	recipe.softdevice = &longer;
	check_refused(&recipe, OTADFU_E_PACKAGE, "ends at 0x5000, and the file goes on to 0x6000");
	recipe.softdevice = &mute;
	check_refused(&recipe, OTADFU_E_PACKAGE, "says nothing of itself");
}

static void an_application_stands_behind_its_softdevice(void **state)
{
	struct package_recipe recipe = secure_recipe();
	struct firmware placed = app;
	struct package *package;

	(void)state;
	placed.is_hex = true;
	placed.start = SD_END + 0x1000;
	recipe.softdevice = &sd;
	recipe.application = &placed;
	check_refused(&recipe, OTADFU_E_PACKAGE, "was not linked for that one");
	placed.start = SD_END;
	package_free(make(&recipe));
	recipe.softdevice = NULL;
	package = make(&recipe);
	assert_int_equal(package->warnings, 1);
	assert_string_equal(package->warning[0],
			    "the application begins at 0x5000, and SoftDevice 0x00B6 ends at "
			    "0x26000");
	package_free(package);
}

/* 0x08000000 is where other makers' chips have their flash. */
static void an_image_ends_where_flash_does(void **state)
{
	struct package_recipe recipe = secure_recipe();
	struct firmware placed = app;

	(void)state;
	placed.is_hex = true;
	recipe.application = &placed;
	placed.start = 0x100000 - APP_LEN;
	package_free(make(&recipe));
	placed.start += 4;
	check_refused(&recipe, OTADFU_E_PACKAGE,
		      "the application has 64 bytes from 0xFFFC4 on; no nRF5 has flash");
	placed.start = 0x08000000;
	check_refused(&recipe, OTADFU_E_PACKAGE, "from 0x8000000 on; no nRF5");
	recipe.is_external = true;
	package_free(make(&recipe));
}

static void check_warned(const struct package_recipe *recipe, const char *wanted)
{
	struct package *package = make(recipe);

	assert_int_equal(package->warnings, wanted ? 1 : 0);
	if (wanted && !strstr(package->warning[0], wanted))
		fail_msg("no \"%s\" in: %s", wanted, package->warning[0]);
	package_free(package);
}

static void an_application_without_softdevice_stands_behind_the_mbr(void **state)
{
	static const uint16_t none[] = { 0 };
	struct package_recipe recipe = secure_recipe();
	struct firmware placed = app;

	(void)state;
	placed.is_hex = true;
	placed.start = 0x27000;
	recipe.application = &placed;
	recipe.sd_req = none;
	check_warned(&recipe, "one that needs no SoftDevice is put at 0x1000");
	placed.start = 0x1000;
	check_warned(&recipe, NULL);
}

/* secure-dfu.md 10. */
static void a_list_that_bootloaders_refuse_is_told(void **state)
{
	static const uint16_t any[] = { 0xFFFE, 0x0100 }, none[] = { 0, 0x0100 };
	struct package_recipe recipe = secure_recipe();

	(void)state;
	recipe.application = &app;
	recipe.sd_req = any;
	check_warned(&recipe, "application: 0xFFFE stands for any SoftDevice in legacy");
	recipe.is_external = true;
	check_warned(&recipe, NULL);
	recipe.is_external = false;
	recipe.sd_req_count = 2;
	check_warned(&recipe, NULL);
	recipe.sd_req = none;
	check_warned(&recipe, "when it is alone in the list");
	recipe.sd_req_count = 1;
	check_warned(&recipe, NULL);
	recipe = legacy_recipe();
	recipe.application = &app;
	recipe.sd_req = any;
	check_warned(&recipe, NULL);
}

static void the_file_is_the_same_in_every_time_zone(void **state)
{
	static const char *const zones[] = { "UTC", "XXX-14", "YYY+12", "America/New_York" };
	struct package_recipe recipe = secure_recipe();
	uint8_t *first = NULL, *data;
	size_t first_len = 0, len;
	struct package *package;

	(void)state;
	recipe.application = &app;
	package = make(&recipe);
	for (size_t i = 0; i < sizeof(zones) / sizeof(zones[0]); i++) {
		assert_int_equal(setenv("TZ", zones[i], 1), 0);
		tzset();
		assert_int_equal(package_write(package, &data, &len, NULL), OTADFU_OK);
		if (!first) {
			first = data;
			first_len = len;
			continue;
		}
		assert_int_equal(len, first_len);
		assert_memory_equal(data, first, len);
		free(data);
	}
	free(first);
	package_free(package);
}

static void signing_keeps_what_is_signed(void **state)
{
	struct package_recipe recipe = secure_recipe();
	uint8_t before[256];
	size_t before_len;
	struct package *package;
	struct signer signer;
	struct key *key;

	(void)state;
	assert_int_equal(key_make(&key, NULL), OTADFU_OK);
	signer = signer_with_key(key);
	recipe.application = &app;
	package = make(&recipe);
	before_len = package->inits[0].secure.init_command_len;
	memcpy(before, package->inits[0].secure.init_command, before_len);
	assert_int_equal(package_sign(package, &signer, NULL), OTADFU_OK);
	assert_int_equal(package->inits[0].secure.init_command_len, before_len);
	assert_memory_equal(package->inits[0].secure.init_command, before, before_len);
	assert_true(signature_verifies(&package->inits[0], package->images[0].init,
				       package->images[0].init_len, key));
	package_free(package);
	key_free(key);
}

static void versions_are_numbers(void **state)
{
	static const struct {
		const char *text;
		bool good;
		uint32_t number;
	} cases[] = {
		{ "0", true, 0 },
		{ "0x10", true, 16 },
		{ "4294967295", true, UINT32_MAX },
		{ "4294967296", false, 0 },
		{ "-1", false, 0 },
		{ "1.2.3", true, 10203 },
		{ "0.0.99", true, 99 },
		{ "1.100.0", false, 0 },
		{ "1.2", false, 0 },
		{ "1.2.3.4", false, 0 },
		{ "1.2.3-rc1", false, 0 },
		{ "429495.99.99", true, 4294959999 },
		{ "429496.99.99", false, 0 },
		{ "", false, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		uint32_t number = 7;

		if (version_to_number(cases[i].text, &number) != cases[i].good)
			fail_msg("%s", cases[i].text);
		if (cases[i].good)
			assert_int_equal(number, cases[i].number);
		else
			assert_int_equal(number, 7);
	}
}

/* packages-and-init-packets.md 5: a leading 0 means something, so the order stays. */
static void lists_of_softdevices_keep_their_order(void **state)
{
	uint16_t ids[3];
	size_t count;

	(void)state;
	assert_true(softdevice_parse_list("0, 0x0101,257 ,0x00B6", ids, 3, &count));
	assert_int_equal(count, 3);
	assert_int_equal(ids[0], 0);
	assert_int_equal(ids[1], 0x0101);
	assert_int_equal(ids[2], 0x00B6);
	assert_false(softdevice_parse_list("1,2,3,4", ids, 3, &count));
	assert_false(softdevice_parse_list("1,,2", ids, 3, &count));
	assert_false(softdevice_parse_list("", ids, 3, &count));
	assert_false(softdevice_parse_list("0x10000", ids, 3, &count));
	assert_false(softdevice_parse_list("s140", ids, 3, &count));
}

/* What a SoftDevice says of itself: packages-and-init-packets.md 4. */
static int set_up(void **state)
{
	uint8_t *info = sd_bytes + SOFTDEVICE_INFO_OFFSET;

	(void)state;
	memcpy(info, "\x18\0\0\0\xDB\xE5\xB1\x51\0\x50\0\0\0\x01", 14);
	return 0;
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_three_become_two_images),
		cmocka_unit_test(the_application_is_for_the_softdevice_that_comes_with_it),
		cmocka_unit_test(what_is_made_passes_the_checks),
		cmocka_unit_test(both_parts_have_a_boot_validation),
		cmocka_unit_test(a_signature_for_each_boot_covers_its_part),
		cmocka_unit_test(the_manifest_is_laid_out_as_nordics),
		cmocka_unit_test(what_makes_no_sense_is_refused),
		cmocka_unit_test(a_softdevice_says_which_one_it_is),
		cmocka_unit_test(an_application_stands_behind_its_softdevice),
		cmocka_unit_test(an_image_ends_where_flash_does),
		cmocka_unit_test(an_application_without_softdevice_stands_behind_the_mbr),
		cmocka_unit_test(a_list_that_bootloaders_refuse_is_told),
		cmocka_unit_test(the_file_is_the_same_in_every_time_zone),
		cmocka_unit_test(signing_keeps_what_is_signed),
		cmocka_unit_test(versions_are_numbers),
		cmocka_unit_test(lists_of_softdevices_keep_their_order),
	};

	return cmocka_run_group_tests_name("pkg_make", tests, set_up, NULL);
}
