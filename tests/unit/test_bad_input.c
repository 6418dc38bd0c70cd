/* Files that are broken, hostile, or no files: each is refused with a clear line. */
#include "package_bench.h"
#include "profile.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

/* cmocka wants the four above first. */
#include <cmocka.h>

enum { BOMB_LEN = 48 << 20, ZIP_MAX = 1 << 16 };

static long peak_kib(void)
{
	struct rusage usage;

	assert_int_equal(getrusage(RUSAGE_SELF, &usage), 0);
	return usage.ru_maxrss;
}

/* A zip file whose member inflates to BOMB_LEN zeros; only its text remains in memory. */
static size_t write_bomb(void *const *state, size_t member, uint8_t zip[ZIP_MAX])
{
	char path[SCRATCH_PATH_MAX];
	struct fixture f;
	uint8_t *zeros = calloc(1, BOMB_LEN);
	FILE *file;
	size_t len;

	assert_non_null(zeros);
	fixture_prepare(&f);
	f.members[member].data = zeros;
	f.members[member].len = BOMB_LEN;
	f.members[member].is_deflated = true;
	scratch_path(state, "fw.zip", path);
	assert_int_equal(zip_write(path, f.members, f.count), 0);
	free(zeros);
	file = fopen(path, "re");
	assert_non_null(file);
	len = fread(zip, 1, ZIP_MAX, file);
	fclose(file);
	assert_in_range(len, 1, ZIP_MAX - 1);
	return len;
}

static void check_bomb(void *const *state, const uint8_t *zip, size_t len, const char *wanted)
{
	char path[SCRATCH_PATH_MAX];
	struct package *package = NULL;
	struct failure why = { 0 };
	int r;

	scratch_write(state, "fw.zip", zip, len, path);
	r = package_open_zip(path, &package, &why);
	fixture_check_refusal(r, &why, wanted);
	assert_null(package);
}

static void zip_bombs_are_refused_by_what_the_directory_says(void **state)
{
	static const struct {
		size_t member;
		const char *wanted;
	} cases[] = {
		{ 0, "manifest.json: 50331648 bytes long; the limit is 65536" },
		{ 1, "app.bin: 50331648 bytes long; the limit is 16777216" },
		{ 2, "app.dat: 50331648 bytes long; the limit is 4096" },
	};
	static uint8_t zip[ZIP_MAX];

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		size_t len = write_bomb(state, cases[i].member, zip);

		check_bomb(state, zip, len, cases[i].wanted);
	}
}

/* The length in the central directory entry of that member. */
static uint8_t *find_length(uint8_t *zip, size_t len, const char *name)
{
	uint8_t *entry = memmem(zip, len, "PK\1\2", 4);

	while (entry && memcmp(entry + 46, name, strlen(name)) != 0)
		entry = memmem(entry + 4, len - (size_t)(entry + 4 - zip), "PK\1\2", 4);
	assert_non_null(entry);
	return entry + 24;
}

static void zip_bomb_that_lies_is_read_no_further_than_it_says(void **state)
{
	static uint8_t zip[ZIP_MAX];
	size_t len = write_bomb(state, 1, zip);

	memcpy(find_length(zip, len, "app.bin"), "\x28\0\0\0", 4);
	check_bomb(state, zip, len, "app.bin: not as long as its directory entry says (40)");
}

static void claimed_gigabytes_are_not_allocated(void **state)
{
	static uint8_t zip[ZIP_MAX];
	size_t len = write_bomb(state, 1, zip);
	long before = peak_kib();

	memcpy(find_length(zip, len, "app.bin"), "\xFE\xFF\xFF\xFF", 4);
	check_bomb(state, zip, len, "app.bin: 4294967294 bytes long; the limit is 16777216");
	assert_in_range(peak_kib() - before, 0, 4 << 10);
}

static void bomb_of_ten_thousand_members_is_survived(void **state)
{
	enum { COUNT = 10000, NAME_LEN = 8 };
	struct zip_member *members = calloc(COUNT, sizeof(*members));
	char *names = malloc(COUNT * NAME_LEN);
	char path[SCRATCH_PATH_MAX];
	struct package *package;
	struct failure why = { 0 };
	int r;

	assert_non_null(members);
	assert_non_null(names);
	for (size_t i = 0; i < COUNT; i++) {
		snprintf(names + i * NAME_LEN, NAME_LEN, "m%zu", i);
		members[i] = (struct zip_member){ names + i * NAME_LEN, "", 0, false };
	}
	scratch_path(state, "fw.zip", path);
	assert_int_equal(zip_write(path, members, COUNT), 0);
	r = package_open_zip(path, &package, &why);
	fixture_check_refusal(r, &why, "manifest.json: missing from the zip file");
	free(names);
	free(members);
}

static void put16(uint8_t *at, unsigned value)
{
	at[0] = (uint8_t)value;
	at[1] = (uint8_t)(value >> 8);
}

static void put32(uint8_t *at, unsigned long value)
{
	put16(at, (unsigned)(value & 0xFFFF));
	put16(at + 2, (unsigned)(value >> 16));
}

/* Moves the stored members of a zip behind local headers that know neither length nor CRC: those
 * follow in data descriptors, as of tools that write to a pipe. */
static size_t stream_zip(const struct fixture *f, const uint8_t *plain, size_t plain_len,
			 uint8_t *zip)
{
	const uint8_t *entry = memmem(plain, plain_len, "PK\1\2", 4);
	uint8_t directory[1024];
	size_t directory_len = 0;
	size_t len = 0;

	for (size_t i = 0; i < f->count; i++) {
		size_t name_len = strlen(f->members[i].name);
		uint8_t *local = zip + len;

		memset(local, 0, 30);
		memcpy(local, "PK\3\4\x14\0\x08\0", 8);
		put16(local + 26, (unsigned)name_len);
		memcpy(local + 30, f->members[i].name, name_len);
		memcpy(local + 30 + name_len, f->members[i].data, f->members[i].len);
		len += 30 + name_len + f->members[i].len;
		memcpy(zip + len, "PK\7\x08", 4);
		memcpy(zip + len + 4, entry + 16, 12);
		len += 16;
		memcpy(directory + directory_len, entry, 46 + name_len);
		put16(directory + directory_len + 8, 8);
		put16(directory + directory_len + 30, 0);
		put32(directory + directory_len + 42, (unsigned long)(local - zip));
		directory_len += 46 + name_len;
		entry += 46 + name_len + (size_t)(entry[30] | entry[31] << 8);
	}
	memcpy(zip + len, directory, directory_len);
	memcpy(zip + len + directory_len, plain + plain_len - 22, 22);
	put32(zip + len + directory_len + 12, (unsigned long)directory_len);
	put32(zip + len + directory_len + 16, (unsigned long)len);
	return len + directory_len + 22;
}

static void data_descriptors_are_fine(void **state)
{
	uint8_t plain[4096], zip[4096];
	char path[SCRATCH_PATH_MAX];
	struct package *package = NULL;
	struct failure why = { 0 };
	struct fixture f;
	FILE *file;
	size_t len;

	fixture_prepare(&f);
	scratch_path(state, "fw.zip", path);
	assert_int_equal(zip_write(path, f.members, f.count), 0);
	file = fopen(path, "re");
	assert_non_null(file);
	len = fread(plain, 1, sizeof(plain), file);
	fclose(file);
	len = stream_zip(&f, plain, len, zip);
	scratch_write(state, "fw.zip", zip, len, path);
	package_open_zip(path, &package, &why);
	assert_string_equal(why.text, "");
	assert_memory_equal(package->images[0].data, f.bin, BIN_LEN);
	package_free(package);
}

static void directory_entries_and_doubles_elsewhere_are_ignored(void **state)
{
	struct fixture f;

	fixture_prepare(&f);
	f.members[f.count++] = (struct zip_member){ "fw/", "", 0, false };
	f.members[f.count++] = (struct zip_member){ "fw/app.bin", "other", 5, false };
	f.members[f.count++] = (struct zip_member){ "__MACOSX/._app.bin", "x", 1, false };
	f.members[f.count++] = (struct zip_member){ "../app.bin", "x", 1, false };
	package_free(fixture_open_good(state, &f));
}

static void directory_as_an_image_is_refused(void **state)
{
	struct fixture f;

	fixture_prepare(&f);
	f.members[1] = (struct zip_member){ "app.bin/", "", 0, false };
	fixture_check_refused(state, &f, "app.bin: missing from the zip file");
}

static void empty_images_are_refused(void **state)
{
	struct fixture f;

	fixture_prepare(&f);
	f.members[1].len = 0;
	fixture_check_refused(state, &f, "app.bin: it is empty");
	fixture_prepare(&f);
	f.members[2].len = 0;
	fixture_check_refused(state, &f,
			      "app.dat: its 0 bytes are neither a secure nor a legacy init packet");
}

static void separate_softdevice_and_bootloader_are_refused_with_a_way_out(void **state)
{
	struct failure why = { 0 };
	struct package *package;
	struct fixture f;
	int r;

	fixture_prepare(&f);
	fixture_set_manifest(
		&f, "{\"manifest\": {"
		    "\"softdevice\": {\"bin_file\": \"app.bin\", \"dat_file\": \"app.dat\"}, "
		    "\"bootloader\": {\"bin_file\": \"app.bin\", \"dat_file\": \"app.dat\"}}}");
	r = fixture_open(state, &f, &package, &why);
	fixture_check_refusal(r, &why,
			      "manifest.json: softdevice, bootloader and softdevice_bootloader "
			      "exclude each other");
	assert_non_null(strstr(why.hint, "joined as softdevice_bootloader"));
}

static void historic_combined_keys_are_refused_with_a_way_out(void **state)
{
	static const char *const keys[] = { "bootloader_application", "softdevice_application",
					    "softdevice_bootloader_application" };

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		char manifest[MANIFEST_LEN];
		struct failure why = { 0 };
		struct package *package;
		struct fixture f;

		fixture_prepare(&f);
		snprintf(manifest, sizeof(manifest),
			 "{\"manifest\": {\"dfu_version\": 0.5, \"%s\": {\"bin_file\": "
			 "\"app.bin\", \"dat_file\": \"app.dat\"}}}",
			 keys[i]);
		fixture_set_manifest(&f, manifest);
		assert_int_equal(fixture_open(state, &f, &package, &why), OTADFU_E_PACKAGE);
		assert_non_null(strstr(why.text, "no bootloader takes an application joined"));
		assert_non_null(strstr(why.hint, "image of its own"));
	}
}

static void deeply_nested_manifest_is_refused(void **state)
{
	static char text[PACKAGE_MANIFEST_MAX];
	struct fixture f;
	struct package *package;
	struct failure why = { 0 };

	memset(text, '[', sizeof(text));
	fixture_prepare(&f);
	f.members[0] = (struct zip_member){ "manifest.json", text, sizeof(text), true };
	assert_int_equal(fixture_open(state, &f, &package, &why), OTADFU_E_PACKAGE);
	assert_non_null(strstr(why.text, "manifest.json: "));
}

static void unknown_keys_of_a_manifest_are_ignored(void **state)
{
	struct fixture f;

	fixture_prepare(&f);
	fixture_set_manifest(
		&f, "{\"version\": [1], \"manifest\": {\"colour\": \"blue\", \"application\": "
		    "{\"bin_file\": \"app.bin\", \"dat_file\": \"app.dat\", \"x\": {}}}}");
	package_free(fixture_open_good(state, &f));
}

static void check_unreadable(const char *path, const char *reason)
{
	struct package *package;
	struct profile *profile;
	struct failure why = { 0 };

	assert_int_equal(package_open_zip(path, &package, &why), OTADFU_E_CONFIG);
	assert_non_null(strstr(why.text, reason));
	failure_clear(&why);
	assert_int_equal(package_open_files(path, path, NULL, &package, &why), OTADFU_E_CONFIG);
	assert_non_null(strstr(why.text, reason));
	failure_clear(&why);
	assert_int_equal(profile_new(&profile), OTADFU_OK);
	assert_int_equal(profile_read(profile, path, NULL, &why), OTADFU_E_CONFIG);
	assert_non_null(strstr(why.text, reason));
	profile_free(profile);
}

static void pipe_is_refused_at_once(void **state)
{
	char path[SCRATCH_PATH_MAX];

	scratch_path(state, "pipe", path);
	assert_int_equal(mkfifo(path, 0600), 0);
	check_unreadable(path, "pipe: cannot be read: it is not a regular file");
}

static void device_and_directory_are_refused(void **state)
{
	check_unreadable("/dev/zero", "/dev/zero: cannot be read: it is not a regular file");
	check_unreadable(*state, "cannot be read: Is a directory");
}

static void vanished_and_unreachable_files_are_refused(void **state)
{
	char path[SCRATCH_PATH_MAX];
	char link[SCRATCH_PATH_MAX];

	scratch_write(state, "file", "x", 1, path);
	scratch_path(state, "file/below", path);
	check_unreadable(path, "file/below: cannot be read: Not a directory");
	scratch_path(state, "circle", link);
	assert_int_equal(symlink("circle", link), 0);
	check_unreadable(link, "circle: cannot be read: Too many levels of symbolic links");
	scratch_path(state, "gone", path);
	check_unreadable(path, "gone: cannot be read: No such file");
}

static void forbidden_file_is_refused(void **state)
{
	char path[SCRATCH_PATH_MAX];

	if (geteuid() == 0)
		skip(); /* nothing is forbidden to root */
	scratch_write(state, "secret", "x", 1, path);
	assert_int_equal(chmod(path, 0), 0);
	check_unreadable(path, "secret: cannot be read: Permission denied");
}

static void init_packet_that_is_too_long_is_refused(void **state)
{
	static uint8_t dat[PACKAGE_DAT_MAX + 1];
	char dat_path[SCRATCH_PATH_MAX];
	char bin_path[SCRATCH_PATH_MAX];
	struct package *package;
	struct failure why = { 0 };

	scratch_write(state, "app.bin", "abcd", 4, bin_path);
	scratch_write(state, "app.dat", dat, sizeof(dat), dat_path);
	assert_int_equal(package_open_files(bin_path, dat_path, NULL, &package, &why),
			 OTADFU_E_PACKAGE);
	assert_non_null(strstr(why.text, "app.dat: longer than 4096 bytes"));
}

static void range_of_a_bin_is_refused(void **state)
{
	static const struct ihex_range range = { true, 0x1000, 0x2000 };
	char dat_path[SCRATCH_PATH_MAX];
	char bin_path[SCRATCH_PATH_MAX];
	struct package *package;
	struct failure why = { 0 };

	scratch_write(state, "app.bin", "abcd", 4, bin_path);
	scratch_write(state, "app.dat", "\x12\x34", 2, dat_path);
	assert_int_equal(package_open_files(bin_path, dat_path, &range, &package, &why),
			 OTADFU_E_CONFIG);
	assert_non_null(strstr(why.text, "app.bin: a range is chosen from Intel HEX"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, scratch_setup, scratch_teardown)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(claimed_gigabytes_are_not_allocated),
		TEST(zip_bombs_are_refused_by_what_the_directory_says),
		TEST(zip_bomb_that_lies_is_read_no_further_than_it_says),
		TEST(bomb_of_ten_thousand_members_is_survived),
		TEST(data_descriptors_are_fine),
		TEST(directory_entries_and_doubles_elsewhere_are_ignored),
		TEST(directory_as_an_image_is_refused),
		TEST(empty_images_are_refused),
		TEST(separate_softdevice_and_bootloader_are_refused_with_a_way_out),
		TEST(historic_combined_keys_are_refused_with_a_way_out),
		TEST(deeply_nested_manifest_is_refused),
		TEST(unknown_keys_of_a_manifest_are_ignored),
		TEST(pipe_is_refused_at_once),
		TEST(device_and_directory_are_refused),
		TEST(vanished_and_unreachable_files_are_refused),
		TEST(forbidden_file_is_refused),
		TEST(init_packet_that_is_too_long_is_refused),
		TEST(range_of_a_bin_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
