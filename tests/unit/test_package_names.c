/* Zip files from before there were manifests. */
#include "package_bench.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* cmocka wants the four above first. */
#include <cmocka.h>

static const uint8_t crc[] = { 0x12, 0x34 };
static const char hex[] = ":0420000061626364\x35\x32\n:00000001FF\n";

static void add(struct fixture *f, const char *name, const void *data, size_t len)
{
	f->members[f->count++] = (struct zip_member){ name, data, len, false };
}

static void add_dat(struct fixture *f, const char *name)
{
	add(f, name, crc, sizeof(crc));
}

static struct package *open_one(void *const *state, const struct fixture *f, uint32_t kind,
				const char *init_name)
{
	struct package *package = fixture_open_good(state, f);

	assert_int_equal(package->kind, INITPACKET_LEGACY);
	assert_int_equal(package->count, 1);
	assert_int_equal(package->images[0].kind, kind);
	assert_string_equal(package->sources[0].init_name, init_name);
	assert_int_equal(package->warnings, 1);
	assert_non_null(strstr(package->warning[0], "no manifest.json"));
	return package;
}

static void each_image_is_told_by_its_name(void **state)
{
	static const struct {
		const char *firmware, *dat;
		uint32_t kind;
	} cases[] = {
		{ "application.bin", "application.dat", OTADFU_IMAGE_APPLICATION },
		{ "softdevice.bin", "softdevice.dat", OTADFU_IMAGE_SOFTDEVICE },
		{ "softdevice.bin", "system.dat", OTADFU_IMAGE_SOFTDEVICE },
		{ "bootloader.bin", "bootloader.dat", OTADFU_IMAGE_BOOTLOADER },
		{ "bootloader.bin", "system.dat", OTADFU_IMAGE_BOOTLOADER },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct fixture f = { .count = 0 };
		struct package *package;

		add(&f, cases[i].firmware, "abcd", 4);
		add_dat(&f, cases[i].dat);
		add(&f, "readme.txt", "x", 1);
		package = open_one(state, &f, cases[i].kind, cases[i].dat);
		assert_memory_equal(package->images[0].data, "abcd", 4);
		package_free(package);
	}
}

static void hex_is_converted(void **state)
{
	struct fixture f = { .count = 0 };
	struct package *package;

	add(&f, "application.hex", hex, strlen(hex));
	add_dat(&f, "application.dat");
	package = open_one(state, &f, OTADFU_IMAGE_APPLICATION, "application.dat");
	assert_int_equal(package->images[0].data_len, 4);
	assert_memory_equal(package->images[0].data, "abcd", 4);
	package_free(package);
}

static void softdevice_and_bootloader_are_joined(void **state)
{
	struct fixture f = { .count = 0 };
	struct package *package;

	add(&f, "bootloader.bin", "BOOT", 4);
	add(&f, "softdevice.hex", hex, strlen(hex));
	add_dat(&f, "system.dat");
	package = open_one(state, &f, OTADFU_IMAGE_SD_BL, "system.dat");
	assert_int_equal(package->images[0].sd_len, 4);
	assert_int_equal(package->images[0].bl_len, 4);
	assert_int_equal(package->images[0].data_len, 8);
	assert_memory_equal(package->images[0].data, "abcdBOOT", 8);
	package_free(package);
}

static void application_comes_last(void **state)
{
	struct fixture f = { .count = 0 };
	struct package *package;

	add(&f, "application.bin", "abcd", 4);
	add_dat(&f, "application.dat");
	add(&f, "softdevice.bin", "SD..", 4);
	add(&f, "bootloader.bin", "BOOT", 4);
	add_dat(&f, "system.dat");
	package = fixture_open_good(state, &f);
	assert_int_equal(package->count, 2);
	assert_int_equal(package->images[0].kind, OTADFU_IMAGE_SD_BL);
	assert_int_equal(package->images[1].kind, OTADFU_IMAGE_APPLICATION);
	package_free(package);
}

static void missing_init_packets_are_named(void **state)
{
	struct fixture f = { .count = 0 };

	add(&f, "application.bin", "abcd", 4);
	add_dat(&f, "system.dat");
	fixture_check_refused(state, &f, "application.dat: missing from the zip file");
	f.count = 0;
	add(&f, "softdevice.bin", "SD..", 4);
	add(&f, "bootloader.bin", "BOOT", 4);
	add_dat(&f, "softdevice.dat");
	add_dat(&f, "bootloader.dat");
	fixture_check_refused(state, &f, "system.dat: missing from the zip file");
}

static void one_image_in_two_forms_is_refused(void **state)
{
	struct fixture f = { .count = 0 };

	add(&f, "application.bin", "abcd", 4);
	add(&f, "application.hex", hex, strlen(hex));
	add_dat(&f, "application.dat");
	fixture_check_refused(state, &f,
			      "it has no manifest, and both application.bin and application.hex");
}

static void damaged_second_part_is_refused(void **state)
{
	struct fixture f = { .count = 0 };

	add(&f, "softdevice.bin", "SD..", 4);
	add(&f, "bootloader.hex", ":00000001FF\n", 12);
	add_dat(&f, "system.dat");
	fixture_check_refused(state, &f,
			      "bootloader.hex: it holds nothing between MBR and UICR "
			      "(0x1000-0x10000000)");
}

static void manifest_beats_names(void **state)
{
	struct fixture f;
	struct package *package;

	fixture_prepare(&f);
	add(&f, "application.bin", "abcd", 4);
	add_dat(&f, "application.dat");
	package = fixture_open_good(state, &f);
	assert_string_equal(package->sources[0].data_name, "app.bin");
	assert_int_equal(package->warnings, 0);
	package_free(package);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, scratch_setup, scratch_teardown)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(each_image_is_told_by_its_name),       TEST(hex_is_converted),
		TEST(softdevice_and_bootloader_are_joined), TEST(application_comes_last),
		TEST(missing_init_packets_are_named),       TEST(one_image_in_two_forms_is_refused),
		TEST(damaged_second_part_is_refused),       TEST(manifest_beats_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
