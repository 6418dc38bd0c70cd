#include "firmware.h"
#include "package_bench.h"

#include <openssl/evp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zip.h>

/* cmocka wants the four above first. */
#include <cmocka.h>

static void secure_package_is_opened(void **state)
{
	struct fixture f;
	struct package *package;

	fixture_prepare(&f);
	package = fixture_open_good(state, &f);
	assert_int_equal(package->kind, INITPACKET_SECURE);
	assert_int_equal(package->count, 1);
	assert_int_equal(package->images[0].size, sizeof(package->images[0]));
	assert_int_equal(package->images[0].kind, OTADFU_IMAGE_APPLICATION);
	assert_int_equal(package->images[0].data_len, BIN_LEN);
	assert_memory_equal(package->images[0].data, f.bin, BIN_LEN);
	assert_int_equal(package->images[0].init_len, f.init.len);
	assert_memory_equal(package->images[0].init, f.init.data, f.init.len);
	assert_int_equal(package->inits[0].secure.fw_version, 2);
	assert_int_equal(package->warnings, 0);
	package_free(package);
}

static void legacy_package_is_opened(void **state)
{
	struct fixture f;
	struct package *package;

	fixture_prepare(&f);
	fixture_encode_legacy(&f, 5);
	package = fixture_open_good(state, &f);
	assert_int_equal(package->kind, INITPACKET_LEGACY);
	assert_int_equal(package->images[0].kind, OTADFU_IMAGE_APPLICATION);
	assert_int_equal(package->inits[0].legacy.format, INITPACKET_FORMAT_05);
	package_free(package);
}

static void without_dfu_version_the_init_packet_decides(void **state)
{
	struct fixture f;
	struct package *package;

	fixture_prepare(&f);
	fixture_encode_legacy(&f, 5);
	fixture_set_manifest(&f, fixture_secure_manifest);
	package = fixture_open_good(state, &f);
	assert_int_equal(package->kind, INITPACKET_LEGACY);
	package_free(package);
}

static void secure_init_packet_under_dfu_version_is_refused(void **state)
{
	struct fixture f;

	fixture_prepare(&f);
	fixture_set_manifest(&f, fixture_legacy_manifest);
	fixture_check_refused(state, &f,
			      "app.dat: its 69 bytes are not laid out as a legacy init packet");
}

static void deflated_members_and_extra_members_are_fine(void **state)
{
	struct fixture f;

	fixture_prepare(&f);
	for (size_t i = 0; i < f.count; i++)
		f.members[i].is_deflated = true;
	f.members[f.count++] = (struct zip_member){ .name = "__MACOSX/", .data = "" };
	f.members[f.count++] = (struct zip_member){ .name = "../evil", .data = "x", .len = 1 };
	package_free(fixture_open_good(state, &f));
}

static void init_packet_of_two_bytes_is_valid(void **state)
{
	struct fixture f;
	struct package *package;
	uint8_t crc[2];

	fixture_prepare(&f);
	fixture_set_manifest(&f, fixture_legacy_manifest);
	memcpy(crc, (uint8_t[]){ (uint8_t)f.image.crc16, (uint8_t)(f.image.crc16 >> 8) }, 2);
	f.members[2] = (struct zip_member){ "app.dat", crc, sizeof(crc), false };
	package = fixture_open_good(state, &f);
	assert_int_equal(package->inits[0].legacy.format, INITPACKET_FORMAT_CRC_ONLY);
	package_free(package);
}

static void hex_in_a_zip_is_converted_and_its_filling_told(void **state)
{
	static const char hex[] = ":03200000616263B7\n:00000001FF\n";
	struct fixture f;
	struct package *package;

	fixture_prepare(&f);
	fixture_set_manifest(&f, "{\"manifest\": {\"application\": {\"bin_file\": \"app.hex\", "
				 "\"dat_file\": \"app.dat\"}}}");
	f.members[1] = (struct zip_member){ "app.hex", hex, strlen(hex), true };
	package = fixture_open_good(state, &f);
	assert_int_equal(package->images[0].data_len, 4);
	assert_memory_equal(package->images[0].data, "abc\xFF", 4);
	assert_true(package->sources[0].is_hex);
	assert_int_equal(package->sources[0].start, 0x2000);
	assert_int_equal(package->warnings, 1);
	assert_string_equal(package->warning[0],
			    "app.hex: filled with 1 bytes of FF to a multiple of 4");
	package_free(package);
}

static void external_application_is_told_by_its_type(void **state)
{
	struct fixture f;
	struct package *package;

	fixture_prepare(&f);
	f.image.type = FW_TYPE_EXTERNAL_APP;
	fixture_encode_secure(&f);
	package = fixture_open_good(state, &f);
	assert_int_equal(package->images[0].kind, OTADFU_IMAGE_EXTERNAL_APP);
	package_free(package);
}

static void system_part_comes_before_the_application(void **state)
{
	struct fixture f;
	struct init_bytes system;
	struct init_bytes command;
	struct package *package;

	fixture_prepare(&f);
	f.image = (struct init_image){ .type = FW_TYPE_SD_BL, .sd_size = 30, .bl_size = 10 };
	assert_true(EVP_Q_digest(NULL, "SHA256", NULL, f.bin, BIN_LEN, f.image.sha256, NULL));
	init_encode_command(&f.image, &f.target, &command);
	init_encode_packet(&command, NULL, &system);
	f.members[f.count++] = (struct zip_member){ "sd_bl.dat", system.data, system.len, false };
	fixture_set_manifest(
		&f, "{\"manifest\": {"
		    "\"application\": {\"bin_file\": \"app.bin\", \"dat_file\": \"app.dat\"}, "
		    "\"softdevice_bootloader\": {\"bin_file\": \"app.bin\", \"dat_file\": "
		    "\"sd_bl.dat\", \"info_read_only_metadata\": "
		    "{\"sd_size\": 30, \"bl_size\": 10}}}}");
	package = fixture_open_good(state, &f);
	assert_int_equal(package->count, 2);
	assert_int_equal(package->images[0].kind, OTADFU_IMAGE_SD_BL);
	assert_int_equal(package->images[0].sd_len, 30);
	assert_int_equal(package->images[0].bl_len, 10);
	assert_int_equal(package->images[1].kind, OTADFU_IMAGE_APPLICATION);
	package_free(package);
}

static void set_legacy_parts(struct fixture *f, const char *sizes)
{
	char text[MANIFEST_LEN];

	snprintf(text, sizeof(text),
		 "{\"manifest\": {\"dfu_version\": 0.5, \"softdevice_bootloader\": "
		 "{\"bin_file\": \"app.bin\", \"dat_file\": \"app.dat\"%s}}}",
		 sizes);
	fixture_set_manifest(f, text);
}

static void legacy_parts_are_those_of_the_manifest(void **state)
{
	struct fixture f;
	struct package *package;

	fixture_prepare(&f);
	fixture_encode_legacy(&f, 5);
	set_legacy_parts(&f, ", \"sd_size\": 28, \"bl_size\": 12");
	package = fixture_open_good(state, &f);
	assert_int_equal(package->images[0].sd_len, 28);
	assert_int_equal(package->images[0].bl_len, 12);
	package_free(package);
}

static void parts_of_unknown_length_are_refused(void **state)
{
	static const struct {
		const char *sizes, *reason;
	} cases[] = {
		{ "", "app.bin: the lengths of its two parts (sd_size, bl_size) are missing" },
		{ ", \"sd_size\": 28",
		  "app.bin: the lengths of its two parts (sd_size, bl_size) are missing" },
		{ ", \"sd_size\": -1, \"bl_size\": 41",
		  "manifest.json: sd_size is not a length in bytes" },
		{ ", \"sd_size\": \"28\", \"bl_size\": 12",
		  "manifest.json: sd_size is not a length in bytes" },
		{ ", \"sd_size\": 28, \"bl_size\": 4294967296",
		  "manifest.json: bl_size is not a length in bytes" },
	};
	struct fixture f;

	fixture_prepare(&f);
	fixture_encode_legacy(&f, 5);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		set_legacy_parts(&f, cases[i].sizes);
		fixture_check_refused(state, &f, cases[i].reason);
	}
}

static void broken_manifests_are_refused(void **state)
{
	static const struct {
		const char *text, *reason;
	} cases[] = {
		{ "", "1:0: '[' or '{' expected near end of file" },
		{ "[]", "it holds no manifest object" },
		{ "{}", "it holds no manifest object" },
		{ "{\"manifest\": 1}", "it holds no manifest object" },
		{ "{\"manifest\": {}}", "it names no image" },
		{ "{\"manifest\": {\"dfu_version\": 0.5}}", "it names no image" },
		{ "{\"manifest\": {}, \"manifest\": {}}",
		  "1:27: duplicate object key near '\"manifest\"'" },
		{ "{\"manifest\": {\"application\": 1}}", "application is not an object" },
		{ "{\"manifest\": {\"application\": {}}}", "application names no bin_file" },
		{ "{\"manifest\": {\"application\": {\"bin_file\": \"a\"}}}",
		  "application names no dat_file" },
		{ "{\"manifest\": {\"application\": {\"bin_file\": 1, \"dat_file\": \"b\"}}}",
		  "application names no bin_file" },
		{ "{\"manifest\": {\"softdevice_application\": {}}}",
		  "softdevice_application: no bootloader takes an application joined to another "
		  "image" },
		{ "{\"manifest\": {\"softdevice\": {\"bin_file\": \"a\", \"dat_file\": \"b\"}, "
		  "\"bootloader\": {\"bin_file\": \"a\", \"dat_file\": \"b\"}}}",
		  "softdevice, bootloader and softdevice_bootloader exclude each other" },
		{ "{\"manifest\": {\"softdevice\": {\"bin_file\": \"a\", \"dat_file\": \"b\"}, "
		  "\"softdevice_bootloader\": {\"bin_file\": \"a\", \"dat_file\": \"b\"}}}",
		  "softdevice, bootloader and softdevice_bootloader exclude each other" },
	};
	struct fixture f;

	fixture_prepare(&f);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char wanted[FAILURE_TEXT_MAX];

		fixture_set_manifest(&f, cases[i].text);
		snprintf(wanted, sizeof(wanted), "manifest.json: %s", cases[i].reason);
		fixture_check_refused(state, &f, wanted);
	}
}

static void names_that_are_paths_are_refused(void **state)
{
	static const char *const names[] = { "",          "../app.bin", "/app.bin",  "dir/app.bin",
					     "..\\\\app", "a\\\\b",     "a\\u001bb", ".." };
	struct fixture f;

	fixture_prepare(&f);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		char text[MANIFEST_LEN];

		snprintf(text, sizeof(text),
			 "{\"manifest\": {\"application\": {\"bin_file\": \"%s\", \"dat_file\": "
			 "\"app.dat\"}}}",
			 names[i]);
		fixture_set_manifest(&f, text);
		fixture_check_refused(
			state, &f,
			"manifest.json: the bin_file of application is not the plain name "
			"of a member");
	}
}

static void missing_members_are_named(void **state)
{
	struct fixture f;

	fixture_prepare(&f);
	f.count = 2;
	fixture_check_refused(state, &f, "app.dat: missing from the zip file");
	f.count = 1;
	f.members[1] = f.members[2];
	f.count = 2;
	fixture_check_refused(state, &f, "app.bin: missing from the zip file");
	f.members[0].name = "Manifest.json";
	fixture_check_refused(state, &f, "manifest.json: missing from the zip file");
}

static void members_over_their_limit_are_refused(void **state)
{
	struct fixture f;
	uint8_t *large = calloc(1, PACKAGE_MEMBER_MAX + 1);

	assert_non_null(large);
	fixture_prepare(&f);
	f.members[1] = (struct zip_member){ "app.bin", large, PACKAGE_MEMBER_MAX + 1, true };
	fixture_check_refused(state, &f, "app.bin: 16777217 bytes long; the limit is 16777216");
	fixture_prepare(&f);
	f.members[2] = (struct zip_member){ "app.dat", large, PACKAGE_DAT_MAX + 1, true };
	fixture_check_refused(state, &f, "app.dat: 4097 bytes long; the limit is 4096");
	fixture_prepare(&f);
	f.members[0] =
		(struct zip_member){ "manifest.json", large, PACKAGE_MANIFEST_MAX + 1, true };
	fixture_check_refused(state, &f, "manifest.json: 65537 bytes long; the limit is 65536");
	free(large);
}

/* Writes the fixture, lets change() at its bytes, and gives the path. */
static void write_changed(void *const *state, const struct fixture *f,
			  void (*change)(uint8_t *zip, size_t len), char path[SCRATCH_PATH_MAX])
{
	uint8_t zip[4096];
	size_t len;
	FILE *file;

	scratch_path(state, "fw.zip", path);
	assert_int_equal(zip_write(path, f->members, f->count), 0);
	file = fopen(path, "re");
	assert_non_null(file);
	len = fread(zip, 1, sizeof(zip), file);
	fclose(file);
	assert_in_range(len, 1, sizeof(zip) - 1);
	change(zip, len);
	scratch_write(state, "fw.zip", zip, len, path);
}

static void check_changed(void *const *state, void (*change)(uint8_t *zip, size_t len),
			  const char *wanted)
{
	char path[SCRATCH_PATH_MAX];
	struct failure why = { 0 };
	struct package *package;
	struct fixture f;
	int r;

	fixture_prepare(&f);
	f.members[1].is_deflated = true;
	write_changed(state, &f, change, path);
	r = package_open_zip(path, &package, &why);
	fixture_check_refusal(r, &why, wanted);
}

/* The entry of app.bin in the central directory. */
static uint8_t *find_entry(uint8_t *zip, size_t len)
{
	uint8_t *name = memmem(zip + len / 2, len - len / 2, "app.bin", 7);

	assert_non_null(name);
	assert_memory_equal(name - 46, "PK\1\2", 4);
	return name - 46;
}

static void understate_size(uint8_t *zip, size_t len)
{
	find_entry(zip, len)[24] = BIN_LEN - 1;
}

static void overstate_size(uint8_t *zip, size_t len)
{
	find_entry(zip, len)[24] = BIN_LEN + 1;
}

static void change_crc(uint8_t *zip, size_t len)
{
	find_entry(zip, len)[16] ^= 1;
}

static void mark_encrypted(uint8_t *zip, size_t len)
{
	find_entry(zip, len)[8] |= 1;
}

static void name_another_method(uint8_t *zip, size_t len)
{
	find_entry(zip, len)[10] = 12;
}

static void name_twice(uint8_t *zip, size_t len)
{
	memcpy(find_entry(zip, len) + 46, "app.dat", 7);
}

static void lying_size_never_wins(void **state)
{
	check_changed(state, understate_size,
		      "app.bin: not as long as its directory entry says (39)");
	check_changed(state, overstate_size,
		      "app.bin: not as long as its directory entry says (41)");
}

static void member_crc_is_verified(void **state)
{
	check_changed(state, change_crc, "app.bin: CRC error");
}

static void encrypted_member_is_refused(void **state)
{
	check_changed(state, mark_encrypted, "app.bin: encrypted");
}

static void other_compression_is_refused(void **state)
{
	check_changed(state, name_another_method,
		      "app.bin: compressed by method 12; a package is stored or deflated");
}

static void duplicate_member_is_refused(void **state)
{
	check_changed(state, name_twice, "app.dat: 2 members have this name");
}

static void what_is_no_zip_is_refused(void **state)
{
	char path[SCRATCH_PATH_MAX];
	struct package *package;
	struct failure why = { 0 };

	scratch_write(state, "fw.zip", "no zip file at all, just text", 29, path);
	assert_int_equal(package_open_zip(path, &package, &why), OTADFU_E_PACKAGE);
	assert_non_null(strstr(why.text, "fw.zip: not a zip file, or a damaged one"));
	assert_non_null(strstr(why.hint, "goes with -f"));
	failure_clear(&why);
	scratch_write(state, "fw.zip", "", 0, path);
	assert_int_equal(package_open_zip(path, &package, &why), OTADFU_E_PACKAGE);
}

static void unreadable_package_is_not_a_bad_one(void **state)
{
	char path[SCRATCH_PATH_MAX];
	struct package *package;
	struct failure why = { 0 };

	scratch_path(state, "absent.zip", path);
	assert_int_equal(package_open_zip(path, &package, &why), OTADFU_E_CONFIG);
	assert_non_null(strstr(why.text, "absent.zip: cannot be read: No such file"));
}

static void images_for_different_protocols_are_refused(void **state)
{
	struct fixture f;
	struct init_bytes legacy;

	fixture_prepare(&f);
	init_encode_legacy(&f.image, &f.target, 5, &legacy);
	f.members[f.count++] = (struct zip_member){ "bl.dat", legacy.data, legacy.len, false };
	fixture_set_manifest(
		&f, "{\"manifest\": {"
		    "\"application\": {\"bin_file\": \"app.bin\", \"dat_file\": \"app.dat\"}, "
		    "\"bootloader\": {\"bin_file\": \"app.bin\", \"dat_file\": \"bl.dat\"}}}");
	fixture_check_refused(
		state, &f,
		"app.bin: its init packet is for the other protocol than that of the image "
		"before it");
}

static int open_files(void *const *state, const struct fixture *f, const char *name,
		      const void *firmware, size_t len, struct package **ret_package,
		      struct failure *why)
{
	char firmware_path[SCRATCH_PATH_MAX];
	char dat_path[SCRATCH_PATH_MAX];

	scratch_write(state, name, firmware, len, firmware_path);
	scratch_write(state, "app.dat", f->init.data, f->init.len, dat_path);
	return package_open_files(firmware_path, dat_path, NULL, ret_package, why);
}

static struct package *open_two_images(void *const *state, struct fixture *f)
{
	f->members[f->count++] = (struct zip_member){ "bl.dat", f->init.data, f->init.len, false };
	fixture_set_manifest(
		f, "{\"manifest\": {"
		   "\"application\": {\"bin_file\": \"app.bin\", \"dat_file\": \"app.dat\"}, "
		   "\"bootloader\": {\"bin_file\": \"app.bin\", \"dat_file\": \"bl.dat\"}}}");
	return fixture_open_good(state, f);
}

static void wanted_part_is_kept_the_other_dropped(void **state)
{
	static const struct {
		unsigned parts;
		size_t count;
		uint32_t first;
		const char *init_name;
	} cases[] = {
		{ PACKAGE_PART_ALL, 2, OTADFU_IMAGE_BOOTLOADER, "bl.dat" },
		{ PACKAGE_PART_SYSTEM, 1, OTADFU_IMAGE_BOOTLOADER, "bl.dat" },
		{ PACKAGE_PART_APPLICATION, 1, OTADFU_IMAGE_APPLICATION, "app.dat" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct fixture f;
		struct package *package;

		fixture_prepare(&f);
		package = open_two_images(state, &f);
		assert_int_equal(package_select(package, cases[i].parts, NULL), OTADFU_OK);
		assert_int_equal(package->count, cases[i].count);
		assert_int_equal(package->images[0].kind, cases[i].first);
		assert_string_equal(package->sources[0].init_name, cases[i].init_name);
		assert_ptr_equal(package->inits[0].secure.init_command,
				 memmem(package->images[0].init, package->images[0].init_len,
					package->inits[0].secure.init_command,
					package->inits[0].secure.init_command_len));
		package_free(package);
	}
}

static void part_that_is_not_there_is_refused(void **state)
{
	struct failure why = { 0 };
	struct package *package;
	struct fixture f;

	fixture_prepare(&f);
	package = fixture_open_good(state, &f);
	assert_int_equal(package_select(package, PACKAGE_PART_SYSTEM, &why), OTADFU_E_PACKAGE);
	assert_string_equal(why.text, "the package holds no system image");
	assert_int_equal(package->count, 1);
	package_free(package);
}

static void bin_is_taken_verbatim(void **state)
{
	static const char *const names[] = { "app.bin", "app.BIN", "app", "app.img" };
	struct fixture f;

	fixture_prepare(&f);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct package *package = NULL;

		assert_int_equal(open_files(state, &f, names[i], f.bin, BIN_LEN, &package, NULL),
				 OTADFU_OK);
		assert_int_equal(package->count, 1);
		assert_int_equal(package->images[0].kind, OTADFU_IMAGE_APPLICATION);
		assert_memory_equal(package->images[0].data, f.bin, BIN_LEN);
		package_free(package);
	}
}

static void hex_is_told_by_name_or_by_content(void **state)
{
	static const char *const names[] = { "app.hex", "app.IHEX", "app", "app.txt" };
	static const char text[] = "\n:0420000061626364 52\n:00000001FF\n";
	char hex[sizeof(text)];
	struct fixture f;
	char *space;

	fixture_prepare(&f);
	memcpy(hex, text, sizeof(text));
	space = strchr(hex, ' ');
	memmove(space, space + 1, strlen(space));
	f.image.app_size = 4;
	f.image.crc16 = init_crc16((const uint8_t *)"abcd", 4);
	fixture_encode_legacy(&f, 5);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct package *package = NULL;

		assert_int_equal(open_files(state, &f, names[i], hex, strlen(hex), &package, NULL),
				 OTADFU_OK);
		assert_int_equal(package->kind, INITPACKET_LEGACY);
		assert_int_equal(package->images[0].data_len, 4);
		assert_memory_equal(package->images[0].data, "abcd", 4);
		package_free(package);
	}
}

static void refused_files_are_named(void **state)
{
	struct fixture f;
	struct package *package;
	struct failure why = { 0 };

	fixture_prepare(&f);
	assert_int_equal(open_files(state, &f, "app.hex", "junk", 4, &package, &why),
			 OTADFU_E_PACKAGE);
	assert_non_null(strstr(why.text, "app.hex: line 1: not a record of Intel HEX"));
	failure_clear(&why);
	assert_int_equal(open_files(state, &f, "app.bin", "", 0, &package, &why), OTADFU_E_PACKAGE);
	assert_non_null(strstr(why.text, "app.bin: it is empty"));
	failure_clear(&why);
	assert_int_equal(package_open_files("/nonexistent.bin", "/nonexistent.dat", NULL, &package,
					    &why),
			 OTADFU_E_CONFIG);
	assert_non_null(strstr(why.text, "/nonexistent.dat: cannot be read"));
}

/* Whatever happens to the file: refused with a reason, or the same images as before. */
static void check_damaged(void *const *state, const struct fixture *f, const uint8_t *zip,
			  size_t len)
{
	char path[SCRATCH_PATH_MAX];
	struct package *package = NULL;
	struct failure why = { 0 };
	int r;

	scratch_write(state, "fw.zip", zip, len, path);
	r = package_open_zip(path, &package, &why);
	if (r < 0) {
		assert_int_equal(r, OTADFU_E_PACKAGE);
		assert_string_not_equal(why.text, "");
		assert_null(package);
		return;
	}
	assert_int_equal(package->count, 1);
	assert_int_equal(package->images[0].data_len, BIN_LEN);
	assert_memory_equal(package->images[0].data, f->bin, BIN_LEN);
	assert_int_equal(package->images[0].init_len, f->init.len);
	assert_memory_equal(package->images[0].init, f->init.data, f->init.len);
	package_free(package);
}

static void each_truncation_and_flip_is_survived(void **state)
{
	char path[SCRATCH_PATH_MAX];
	uint8_t zip[2048];
	struct fixture f;
	FILE *file;
	size_t len;

	fixture_prepare(&f);
	f.members[1].is_deflated = true;
	scratch_path(state, "fw.zip", path);
	assert_int_equal(zip_write(path, f.members, f.count), 0);
	file = fopen(path, "re");
	assert_non_null(file);
	len = fread(zip, 1, sizeof(zip), file);
	fclose(file);
	assert_in_range(len, 1, sizeof(zip) - 1);
	for (size_t i = 0; i < len; i++)
		check_damaged(state, &f, zip, i);
	for (size_t bit = 0; bit < len * 8; bit++) {
		zip[bit / 8] ^= (uint8_t)(1 << bit % 8);
		check_damaged(state, &f, zip, len);
		zip[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
}

static void kinds_have_names(void **state)
{
	(void)state;
	assert_string_equal(package_kind_name(OTADFU_IMAGE_APPLICATION), "application");
	assert_string_equal(package_kind_name(OTADFU_IMAGE_EXTERNAL_APP), "external_application");
	assert_string_equal(package_kind_name(0), "unknown");
	assert_string_equal(package_kind_name(6), "unknown");
}

static void published_packages_are_opened(void **state)
{
	static const struct {
		const char *name;
		enum initpacket_kind kind;
		size_t count;
		size_t first_len;
	} cases[] = {
		{ "blinky_mbr_sdk160.zip", INITPACKET_SECURE, 1, 1508 },
		{ "nrf51422_sdk_6.1_app.zip", INITPACKET_LEGACY, 1, 24712 },
		{ "nrf51422_sdk_8_app.zip", INITPACKET_LEGACY, 1, 19792 },
		{ "nrf51422_sdk_11_app.zip", INITPACKET_LEGACY, 1, 22076 },
		{ "nrf51422_sdk_11_all_in_one.zip", INITPACKET_LEGACY, 2, 119812 },
		{ "nrf51422_sdk_12.2_app.zip", INITPACKET_SECURE, 1, 28744 },
		{ "nrf52832_sdk_12.2_app.zip", INITPACKET_SECURE, 1, 29692 },
		{ "nrf52832_sdk_14.1_sd.zip", INITPACKET_SECURE, 1, 136360 },
		{ "nrf52832_sdk_15.3_sd_bl_1.zip", INITPACKET_SECURE, 1, 171304 },
		{ "nrf52840_sdk_17.1_app.zip", INITPACKET_SECURE, 1, 53624 },
		{ "nrf52840_sdk_17.1_bl_2.zip", INITPACKET_SECURE, 1, 24212 },
		{ "nrf52840_sdk_17.1_sd_bl_app_3.zip", INITPACKET_SECURE, 2, 177352 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char path[SCRATCH_PATH_MAX];
		struct package *package = NULL;
		struct failure why = { 0 };

		if (!fixture_find_shared(cases[i].name, path))
			skip();
		package_open_zip(path, &package, &why);
		assert_string_equal(why.text, "");
		assert_int_equal(package->kind, cases[i].kind);
		assert_int_equal(package->count, cases[i].count);
		assert_int_equal(package->images[0].data_len, cases[i].first_len);
		package_free(package);
	}
}

static void published_hex_is_the_published_bin(void **state)
{
	static const char name[] = "ble_app_hrm_dfu_s110_v8_0_0_sdk_v8_0";
	char hex_path[SCRATCH_PATH_MAX];
	char bin_path[SCRATCH_PATH_MAX];
	char file_name[64];
	struct package *packages[2] = { NULL, NULL };
	struct fixture f;
	char dat_path[SCRATCH_PATH_MAX];

	fixture_prepare(&f);
	fixture_encode_legacy(&f, 5);
	f.init.len -= 2;
	scratch_write(state, "app.dat", f.init.data, f.init.len, dat_path);
	snprintf(file_name, sizeof(file_name), "%s.hex", name);
	if (!fixture_find_shared(file_name, hex_path))
		skip();
	snprintf(file_name, sizeof(file_name), "%s.bin", name);
	fixture_find_shared(file_name, bin_path);
	assert_int_equal(package_open_files(hex_path, dat_path, NULL, &packages[0], NULL),
			 OTADFU_OK);
	assert_int_equal(package_open_files(bin_path, dat_path, NULL, &packages[1], NULL),
			 OTADFU_OK);
	assert_int_equal(packages[0]->images[0].data_len, packages[1]->images[0].data_len);
	assert_memory_equal(packages[0]->images[0].data, packages[1]->images[0].data,
			    packages[0]->images[0].data_len);
	package_free(packages[0]);
	package_free(packages[1]);
}

static void range_of_published_hex_is_the_published_bin(void **state)
{
	static const struct ihex_range range = { true, 0x1000, 0x12ECC };
	struct firmware hex, bin;
	struct failure why = { 0 };
	char path[SCRATCH_PATH_MAX];

	(void)state;
	if (!fixture_find_shared("nrf51422_sdk_5.2_sd_bl.hex", path))
		skip();
	assert_int_equal(firmware_read(path, NULL, &hex, &why), OTADFU_E_PACKAGE);
	assert_non_null(strstr(why.text, "0x1000-0x12ECC, 0x3AC00-0x3DDD8"));
	assert_int_equal(firmware_read(path, &range, &hex, NULL), OTADFU_OK);
	fixture_find_shared("nrf51422_sdk_5.2_sd_bl.bin", path);
	assert_int_equal(firmware_read(path, NULL, &bin, NULL), OTADFU_OK);
	assert_int_equal(hex.len, bin.len);
	assert_memory_equal(hex.data, bin.data, bin.len);
	assert_int_equal(hex.filled, 0);
	free(hex.data);
	free(bin.data);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, scratch_setup, scratch_teardown)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(secure_package_is_opened),
		TEST(legacy_package_is_opened),
		TEST(without_dfu_version_the_init_packet_decides),
		TEST(secure_init_packet_under_dfu_version_is_refused),
		TEST(deflated_members_and_extra_members_are_fine),
		TEST(init_packet_of_two_bytes_is_valid),
		TEST(hex_in_a_zip_is_converted_and_its_filling_told),
		TEST(external_application_is_told_by_its_type),
		TEST(system_part_comes_before_the_application),
		TEST(legacy_parts_are_those_of_the_manifest),
		TEST(parts_of_unknown_length_are_refused),
		TEST(broken_manifests_are_refused),
		TEST(names_that_are_paths_are_refused),
		TEST(missing_members_are_named),
		TEST(members_over_their_limit_are_refused),
		TEST(lying_size_never_wins),
		TEST(member_crc_is_verified),
		TEST(encrypted_member_is_refused),
		TEST(other_compression_is_refused),
		TEST(duplicate_member_is_refused),
		TEST(what_is_no_zip_is_refused),
		TEST(unreadable_package_is_not_a_bad_one),
		TEST(images_for_different_protocols_are_refused),
		TEST(wanted_part_is_kept_the_other_dropped),
		TEST(part_that_is_not_there_is_refused),
		TEST(bin_is_taken_verbatim),
		TEST(hex_is_told_by_name_or_by_content),
		TEST(refused_files_are_named),
		TEST(each_truncation_and_flip_is_survived),
		TEST(kinds_have_names),
		TEST(published_packages_are_opened),
		TEST(published_hex_is_the_published_bin),
		TEST(range_of_published_hex_is_the_published_bin),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
