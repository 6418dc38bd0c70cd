/* Packages that are broken or hostile: said in one line, exit 3, and no device touched. */
#include "bystander.h"
#include "init_encode.h"
#include "zip_write.h"

#include <openssl/evp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { MEMBERS_MAX = 6, IMAGE_LEN = 2048, BOMB_LEN = (16 << 20) + 1 };

#define SECURE_DEVICE                                                                              \
	"    name: Sample\n    hardware: nrf52832\n    bootloader: secure\n    sdk: \"17.1\"\n"

/* A good package of one application, which a case spoils before it is written. */
struct draft {
	struct zip_member members[MEMBERS_MAX]; /* manifest, image, init packet, ... */
	size_t count;
	uint8_t image[IMAGE_LEN];
	struct init_bytes init;
	void *owned; /* what a case allocated */
};

struct bytes {
	uint8_t *data;
	size_t len;
};

struct bad_package {
	const char *name;
	const char *text;     /* on standard error */
	const char *manifest; /* instead of the good one */
	bool is_legacy;
	void (*spoil)(struct draft *draft);
	void (*damage)(struct bytes *zip); /* the written file */
	const char *option;                /* one more word for update */
};

#define ONE_IMAGE(members) "{\"manifest\": {" members "}}"
#define APPLICATION        "\"application\": {\"bin_file\": \"app.bin\", \"dat_file\": \"app.dat\"}"
#define BIN_FILE(name)                                                                             \
	"{\"manifest\": {\"application\": {\"bin_file\": \"" name "\", \"dat_file\": "             \
	"\"app.dat\"}}}"
#define PART(key) "\"" key "\": {\"bin_file\": \"app.bin\", \"dat_file\": \"app.dat\"}"

enum { MANIFEST, IMAGE, INIT };

/* --- what is wrong inside --- */

static void drop_manifest(struct draft *draft)
{
	draft->members[MANIFEST].name = "readme.json";
}

static void drop_image(struct draft *draft)
{
	draft->members[IMAGE].name = "other.bin";
}

static void drop_init(struct draft *draft)
{
	draft->members[INIT].name = "other.dat";
}

static void empty_image(struct draft *draft)
{
	draft->members[IMAGE].len = 0;
}

static void shorten_image(struct draft *draft)
{
	draft->members[IMAGE].len -= 4;
}

static void flip_image(struct draft *draft)
{
	draft->image[IMAGE_LEN / 2] ^= 1;
}

static void inflate(struct draft *draft, size_t member, size_t len)
{
	draft->owned = calloc(1, len);
	assert_non_null(draft->owned);
	draft->members[member].data = draft->owned;
	draft->members[member].len = len;
	draft->members[member].is_deflated = true;
}

static void bomb_manifest(struct draft *draft)
{
	inflate(draft, MANIFEST, (64 << 10) + 1);
}

static void bomb_image(struct draft *draft)
{
	inflate(draft, IMAGE, BOMB_LEN);
}

static void bomb_init(struct draft *draft)
{
	inflate(draft, INIT, (4 << 10) + 1);
}

static void set_init(struct draft *draft, const void *data, size_t len)
{
	draft->init.len = 0;
	init_append(&draft->init, data, len);
	draft->members[INIT].len = len;
}

static void empty_init(struct draft *draft)
{
	set_init(draft, "", 0);
}

static void fill_init_with_noise(struct draft *draft)
{
	set_init(draft, "\x07\x07\x07", 3);
}

/* Packet.command of 2 GiB in a packet of 8 bytes. */
static void claim_absurd_length(struct draft *draft)
{
	set_init(draft, "\x0A\xFF\xFF\xFF\xFF\x07\x08\x01", 8);
}

static void truncate_init(struct draft *draft)
{
	draft->members[INIT].len = draft->init.len /= 2;
}

/* --- what is wrong with the file itself --- */

static void cut_in_half(struct bytes *zip)
{
	zip->len /= 2;
}

static void cut_the_last_byte(struct bytes *zip)
{
	zip->len--;
}

static void cut_everything(struct bytes *zip)
{
	zip->len = 0;
}

static void replace_by_text(struct bytes *zip)
{
	memset(zip->data, 'x', zip->len);
}

/* The entry of a member in the central directory. */
static uint8_t *find_entry(const struct bytes *zip, const char *name)
{
	uint8_t *found = NULL;

	/* The local header comes first, the manifest's mention of it in between. */
	for (uint8_t *at = zip->data; at; at = at ? at + 1 : NULL) {
		at = memmem(at, zip->len - (size_t)(at - zip->data), name, strlen(name));
		if (at && at - zip->data >= 46 && memcmp(at - 46, "PK\1\2", 4) == 0)
			found = at - 46;
	}
	assert_non_null(found);
	return found;
}

static void mark_encrypted(struct bytes *zip)
{
	find_entry(zip, "app.bin")[8] |= 1;
}

static void name_another_method(struct bytes *zip)
{
	find_entry(zip, "app.bin")[10] = 12;
}

static void change_member_crc(struct bytes *zip)
{
	find_entry(zip, "app.bin")[16] ^= 1;
}

static void overstate_size(struct bytes *zip)
{
	find_entry(zip, "app.bin")[24] ^= 1;
}

static void name_twice(struct bytes *zip)
{
	memcpy(find_entry(zip, "app.bin") + 46, "app.dat", 7);
}

static const struct bad_package cases[] = {
	/* the file */
	{ "not_a_zip", "not a zip file", .damage = replace_by_text },
	{ "empty_file", "bad.zip: ", .damage = cut_everything },
	{ "cut_in_half", "not a zip file, or a damaged one", .damage = cut_in_half },
	{ "cut_by_one_byte", "not a zip file, or a damaged one", .damage = cut_the_last_byte },
	{ "encrypted_member", "app.bin: encrypted", .damage = mark_encrypted },
	{ "unknown_compression", "app.bin: compressed by method 12",
	  .damage = name_another_method },
	{ "member_with_wrong_crc", "app.bin: CRC error", .damage = change_member_crc },
	{ "member_of_another_size", "app.bin: not as long", .damage = overstate_size },
	{ "two_members_of_one_name", "app.dat: 2 members have this name", .damage = name_twice },
	/* the manifest */
	{ "no_manifest", "manifest.json: missing", .spoil = drop_manifest },
	{ "manifest_is_no_json", "manifest.json: 1:", .manifest = "application=app.bin" },
	{ "manifest_is_cut", "manifest.json: 1:", .manifest = "{\"manifest\": {" },
	{ "manifest_is_empty", "manifest.json: ", .manifest = "" },
	{ "manifest_is_a_list", "no manifest object", .manifest = "[]" },
	{ "manifest_names_nothing", "names no image", .manifest = ONE_IMAGE("") },
	{ "manifest_with_duplicate_keys",
	  "manifest.json: 1:", .manifest = ONE_IMAGE(APPLICATION ", " APPLICATION) },
	{ "manifest_without_a_bin_file", "application names no bin_file",
	  .manifest = ONE_IMAGE("\"application\": {\"dat_file\": \"app.dat\"}") },
	{ "manifest_with_a_number_for_a_file", "application names no bin_file",
	  .manifest = ONE_IMAGE("\"application\": {\"bin_file\": 7, \"dat_file\": \"app.dat\"}") },
	{ "manifest_with_a_string_for_an_image", "application is not an object",
	  .manifest = ONE_IMAGE("\"application\": \"app.bin\"") },
	{ "path_upwards", "not the plain name", .manifest = BIN_FILE("../app.bin") },
	{ "absolute_path", "not the plain name", .manifest = BIN_FILE("/etc/passwd") },
	{ "path_with_backslash", "not the plain name", .manifest = BIN_FILE("..\\\\app.bin") },
	{ "path_into_a_folder", "not the plain name", .manifest = BIN_FILE("folder/app.bin") },
	{ "folder_for_a_file", "not the plain name", .manifest = BIN_FILE("folder/") },
	{ "separate_softdevice_and_bootloader", "exclude each other",
	  .manifest = ONE_IMAGE(PART("softdevice") ", " PART("bootloader")) },
	{ "combined_and_separate_bootloader", "exclude each other",
	  .manifest = ONE_IMAGE(PART("softdevice_bootloader") ", " PART("bootloader")) },
	{ "application_joined_to_a_bootloader", "no bootloader takes an application joined",
	  .manifest = ONE_IMAGE(PART("bootloader_application")) },
	/* the members */
	{ "no_image", "app.bin: missing", .spoil = drop_image },
	{ "no_init_packet", "app.dat: missing", .spoil = drop_init },
	{ "manifest_of_64_kib_and_one", "manifest.json: 65537 bytes long", .spoil = bomb_manifest },
	{ "image_of_16_mib_and_one", "app.bin: 16777217 bytes long", .spoil = bomb_image },
	{ "init_packet_of_4_kib_and_one", "app.dat: 4097 bytes long", .spoil = bomb_init },
	{ "empty_image", "app.bin: it is empty", .spoil = empty_image },
	{ "empty_init_packet", "app.dat: ", .spoil = empty_init },
	{ "init_packet_of_noise", "app.dat: ", .spoil = fill_init_with_noise },
	{ "init_packet_with_absurd_length", "app.dat: ", .spoil = claim_absurd_length },
	{ "init_packet_cut", "app.dat: ", .spoil = truncate_init },
	/* what does not belong together */
	{ "secure_size_disagrees", "app.bin: it has 2044 bytes", .spoil = shorten_image },
	{ "secure_hash_disagrees", "app.bin: its SHA-256 begins", .spoil = flip_image },
	{ "legacy_crc_disagrees", "app.bin: its CRC-16 is", .spoil = flip_image,
	  .is_legacy = true },
	{ "image_of_another_kind", "its init packet is that of an application",
	  .manifest = ONE_IMAGE(PART("bootloader")) },
	{ "secure_init_packet_in_a_legacy_package",
	  "app.dat: ", .manifest = ONE_IMAGE("\"dfu_version\": 0.5, " APPLICATION) },
	{ "secure_package_for_a_legacy_device", "this is a secure package", .option = "--legacy" },
	{ "legacy_package_for_a_secure_device", "this is a legacy package", .is_legacy = true,
	  .option = "--secure" },
};

enum { CASES = sizeof(cases) / sizeof(cases[0]) };

static void draft_good(struct draft *draft, const struct bad_package *bad)
{
	/* As applications begin: stack pointer and reset vector. */
	static const uint8_t vectors[] = { 0x00, 0x20, 0x00, 0x20, 0x01, 0x61, 0x02, 0x00 };
	static const uint16_t any[] = { 0xFFFE };
	const char *manifest = bad->manifest ? bad->manifest : ONE_IMAGE(APPLICATION);
	const struct init_target target = { .version = 2,
					    .hw_version = 52,
					    .device_type = 0xFFFF,
					    .device_revision = 0xFFFF,
					    .sd_req = any,
					    .sd_req_count = 1 };
	struct init_image image = { .app_size = IMAGE_LEN };
	struct init_bytes command;

	*draft = (struct draft){ 0 };
	for (size_t i = 0; i < IMAGE_LEN; i++)
		draft->image[i] = (uint8_t)(i * 7 + (i >> 8));
	memcpy(draft->image, vectors, sizeof(vectors));
	assert_true(
		EVP_Q_digest(NULL, "SHA256", NULL, draft->image, IMAGE_LEN, image.sha256, NULL));
	image.crc16 = init_crc16(draft->image, IMAGE_LEN);
	init_encode_command(&image, &target, &command);
	if (bad->is_legacy)
		init_encode_legacy(&image, &target, 5, &draft->init);
	else
		init_encode_packet(&command, NULL, &draft->init);
	draft->members[MANIFEST] =
		(struct zip_member){ "manifest.json", manifest, strlen(manifest), false };
	draft->members[IMAGE] = (struct zip_member){ "app.bin", draft->image, IMAGE_LEN, true };
	draft->members[INIT] =
		(struct zip_member){ "app.dat", draft->init.data, draft->init.len, false };
	draft->count = 3;
}

static void damage_file(const char *folder, const struct bad_package *bad)
{
	char *path = file_path(folder, "bad.zip");
	struct bytes zip;

	zip.data = file_read(path, &zip.len);
	free(path);
	bad->damage(&zip);
	free(file_write_bytes(folder, "bad.zip", zip.data, zip.len));
	free(zip.data);
}

static char *write_package(const char *folder, const struct bad_package *bad)
{
	char *path = file_path(folder, "bad.zip");
	struct draft draft;

	draft_good(&draft, bad);
	if (bad->spoil)
		bad->spoil(&draft);
	assert_int_equal(zip_write(path, draft.members, draft.count), 0);
	free(draft.owned);
	if (bad->damage)
		damage_file(folder, bad);
	return path;
}

/* The device of all cases: nothing ever changes it. */
static struct bystander *device;

static void package_is_refused(void **state)
{
	const struct bad_package *bad = *state;
	char *path = write_package(device->sim.folder, bad);
	struct run_result run =
		bystander_update(device, (const char *const[]){ path, bad->option, NULL });

	assert_refused(device, &run, 3, bad->text);
	run = run_otadfu("inspect", path);
	/* What is only wrong for the protocol that update was told is no fault of the package. */
	assert_int_equal(run.status, bad->option ? 0 : 3);
	run_result_clear(&run);
	free(path);
}

/* Else the cases above would prove nothing. */
static void the_package_they_are_made_from_is_taken(void **state)
{
	static const struct bad_package good = { .name = "good" };
	char *path = write_package(device->sim.folder, &good);
	struct run_result run =
		bystander_update(device, (const char *const[]){ path, "--dry-run", NULL });

	(void)state;
	if (run.status != 0)
		fail_msg("exit %d: %s%s", run.status, run.out, run.err);
	run_result_clear(&run);
	free(path);
}

static int set_up(void **state)
{
	(void)state;
	device = bystander_new(SECURE_DEVICE);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	bystander_remove(device);
	return 0;
}

int main(void)
{
	struct CMUnitTest tests[CASES + 1];

	for (size_t i = 0; i < CASES; i++)
		tests[i] = (struct CMUnitTest){ .name = cases[i].name,
						.test_func = package_is_refused,
						.initial_state = (void *)(uintptr_t)&cases[i] };
	tests[CASES] = (struct CMUnitTest)cmocka_unit_test(the_package_they_are_made_from_is_taken);
	return cmocka_run_group_tests_name("bad_package", tests, set_up, tear_down);
}
