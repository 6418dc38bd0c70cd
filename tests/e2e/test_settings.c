/* `otadfu settings`: the page that is written, read by the table of section 6 alone. */
#include "files.h"
#include "hexfile.h"
#include "hexread.h"
#include "member.h"
#include "published.h"
#include "run.h"
#include "settings_table.h"
#include "shell.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

enum { USAGE = 2, REFUSED = 3, WORDS_MAX = 32 };
enum { PAGE = 0xFF000, COPY = 0xFE000, LEN_1 = 92, LEN_2 = 804 };
enum { APP_LEN = 1021, SD_LEN = 0x2100 };

#define WORDS(...) ((const char *const[]){ __VA_ARGS__, NULL })

static char *folder;
static char *out_path; /* gone before each call of make */

static struct run_result make_for(const char *family, const char *application,
				  const char *const *more)
{
	char *path = file_path(folder, application);
	const char *words[WORDS_MAX] = { "settings", "make",          out_path, "--family",
					 family,     "--application", path,     "--app-version",
					 "7",        "--bl-version",  "3" };
	struct run_result run;
	size_t count = 11;

	for (size_t i = 0; more && more[i]; i++)
		words[count++] = more[i];
	unlink(out_path);
	run = run_otadfu_words(NULL, words);
	free(path);
	return run;
}

static struct run_result make(const char *application, const char *const *more)
{
	return make_for("NRF52840", application, more);
}

static struct hexread make_page(const char *application, const char *const *more)
{
	struct run_result run = make(application, more);

	if (run.status != 0)
		fail_msg("exit status %d: %s", run.status, run.err);
	run_result_clear(&run);
	return hexread_at(out_path, PAGE);
}

static uint32_t number(const struct hexread *page, const char *name)
{
	return settings_table_number(page->bytes, name);
}

static void assert_good_crcs(const struct hexread *page)
{
	assert_int_equal(number(page, "crc"), settings_table_crc(page->bytes, 0x04, 0x5B));
	if (number(page, "settings version") == 2)
		assert_int_equal(number(page, "validation crc"),
				 settings_table_crc(page->bytes, 0x260, 0x322));
}

/* app.bin, its last bytes up to the word those that are filled in. */
static uint8_t *read_image(size_t *ret_len)
{
	char *path = file_path(folder, "app.bin");
	uint8_t *image = file_read(path, ret_len);

	free(path);
	image = realloc(image, *ret_len + 4);
	assert_non_null(image);
	while (*ret_len % 4 != 0)
		image[(*ret_len)++] = 0xFF;
	return image;
}

/* --- make --- */

static void assert_fields(const struct hexread *page, const uint8_t *image, size_t len)
{
	const struct {
		const char *name;
		uint32_t value;
	} expected[] = {
		{ "settings version", 2 },
		{ "application version", 7 },
		{ "bootloader version", 3 },
		{ "bank layout", 0 },
		{ "current bank", 0 },
		{ "bank 0 size", (uint32_t)len },
		{ "bank 0 crc", settings_table_crc(image, 0, len - 1) },
		{ "bank 0 code", 1 },
		{ "bank 1 size", 0 },
		{ "bank 1 crc", 0 },
		{ "bank 1 code", 0 },
		{ "write offset", 0 },
		{ "sd size", 0 },
		{ "command size", 0 },
		{ "command offset", 0 },
		{ "command crc", 0 },
		{ "data object size", 0 },
		{ "image crc", 0 },
		{ "image crc last", 0 },
		{ "image offset", 0 },
		{ "image offset last", 0 },
		{ "enter buttonless", 0 },
		{ "sd validation", 0 },
		{ "app validation", 1 },
		{ "bl validation", 0 },
	};

	for (size_t i = 0; i < sizeof(expected) / sizeof(expected[0]); i++) {
		uint32_t value = number(page, expected[i].name);

		if (value != expected[i].value)
			fail_msg("%s is 0x%X, not 0x%X", expected[i].name, value,
				 expected[i].value);
	}
	assert_memory_equal(settings_table_bytes(page->bytes, "app validation bytes"),
			    settings_table_bytes(page->bytes, "bank 0 crc"), 4);
}

static void assert_untouched_bytes_are_zero(const struct hexread *page)
{
	for (size_t i = 0; i < 512; i++)
		assert_int_equal(settings_table_bytes(page->bytes, "init command")[i], 0);
	for (size_t i = 0; i < 64; i++) {
		assert_int_equal(settings_table_bytes(page->bytes, "sd validation bytes")[i], 0);
		assert_int_equal(settings_table_bytes(page->bytes, "bl validation bytes")[i], 0);
	}
	for (size_t i = 4; i < 64; i++)
		assert_int_equal(settings_table_bytes(page->bytes, "app validation bytes")[i], 0);
}

static void the_page_of_a_published_application_agrees_field_by_field(void **state)
{
	char *zip = published_path("nrf52840_sdk_17.1_app.zip");
	struct hexread page;
	size_t len;
	void *image = member_of(zip, "app.bin", &len);

	(void)state;
	free(file_write_bytes(folder, "published.bin", image, len));
	page = make_page("published.bin", NULL);
	assert_int_equal(page.len, LEN_2);
	assert_good_crcs(&page);
	assert_fields(&page, image, len);
	assert_untouched_bytes_are_zero(&page);
	free(image);
	free(zip);
}

static void an_image_is_filled_to_a_word(void **state)
{
	struct hexread page = make_page("app.bin", NULL);
	size_t len;
	uint8_t *image = read_image(&len);

	(void)state;
	assert_int_equal(len, APP_LEN + 3);
	assert_good_crcs(&page);
	assert_fields(&page, image, len);
	assert_untouched_bytes_are_zero(&page);
	free(image);
}

static void the_copy_is_the_same_and_can_be_left_out(void **state)
{
	struct hexread page = make_page("app.bin", NULL);
	struct hexread copy = hexread_at(out_path, COPY);

	(void)state;
	assert_int_equal(copy.len, page.len);
	assert_memory_equal(copy.bytes, page.bytes, page.len);
	page = make_page("app.bin", WORDS("--no-backup"));
	assert_int_equal(page.len, LEN_2);
	assert_int_equal(hexread_at(out_path, COPY).len, 0);
}

static void version_1_has_its_own_length(void **state)
{
	struct hexread page = make_page("app.bin", WORDS("--settings-version", "1"));

	(void)state;
	assert_int_equal(page.len, LEN_1);
	assert_good_crcs(&page);
	assert_int_equal(number(&page, "settings version"), 1);
	assert_int_equal(number(&page, "bank 0 code"), 1);
}

static void the_application_is_validated_by_its_hash(void **state)
{
	struct hexread page = make_page("app.bin", WORDS("--boot-validation", "sha256"));
	size_t len;
	uint8_t *image = read_image(&len);

	(void)state;
	assert_int_equal(number(&page, "app validation"), 2);
	free(file_write_bytes(folder, "image", image, len));
	free(file_write_bytes(folder, "hash",
			      settings_table_bytes(page.bytes, "app validation bytes"), 32));
	shell_run(folder, "openssl dgst -sha256 -binary image | cmp - hash");
	free(image);
}

/* openssl builds the DER of the two numbers itself. */
static void assert_openssl_verifies(const struct hexread *page, const char *field)
{
	const uint8_t *halves = settings_table_bytes(page->bytes, field);
	char *path = file_path(folder, "pair");
	FILE *file = fopen(path, "we");

	assert_non_null(file);
	for (int half = 0; half < 2; half++) {
		fprintf(file,
			half == 0 ? "asn1=SEQUENCE:pair\n[pair]\nr=INTEGER:0x" : "s=INTEGER:0x");
		for (int i = 31; i >= 0; i--)
			fprintf(file, "%02x", halves[32 * half + i]);
		fprintf(file, "\n");
	}
	assert_int_equal(fclose(file), 0);
	shell_run(folder, "openssl asn1parse -genconf pair -noout -out signature && "
			  "openssl dgst -sha256 -verify public.pem -signature signature image");
	free(path);
}

static void openssl_verifies_what_is_signed(void **state)
{
	char *key = file_path(folder, "key.pem"), *public = file_path(folder, "public.pem");
	char command[512];
	size_t len;
	uint8_t *image = read_image(&len);
	struct hexread page;

	(void)state;
	free(file_write_bytes(folder, "image", image, len));
	page = make_page("app.bin", WORDS("--boot-validation", "ecdsa", "--key", key));
	assert_int_equal(number(&page, "app validation"), 3);
	assert_good_crcs(&page);
	assert_openssl_verifies(&page, "app validation bytes");
	snprintf(command, sizeof(command), "openssl pkeyutl -sign -inkey '%s' -in /dev/stdin", key);
	page = make_page("app.bin",
			 WORDS("--boot-validation", "ecdsa", "--signer", command, "--key", public));
	assert_openssl_verifies(&page, "app validation bytes");
	free(image);
	free(public);
	free(key);
}

static void a_softdevice_has_its_size_and_validation(void **state)
{
	char *softdevice = file_path(folder, "sd.bin");
	struct hexread page = make_page("app.bin", WORDS("--softdevice", softdevice));
	uint8_t *image = file_read(softdevice, NULL);

	(void)state;
	assert_int_equal(number(&page, "sd size"), SD_LEN);
	assert_int_equal(number(&page, "sd validation"), 1);
	assert_int_equal(settings_table_number(page.bytes, "sd validation"), 1);
	free(file_write_bytes(folder, "crc",
			      settings_table_bytes(page.bytes, "sd validation bytes"), 4));
	free(file_write_bytes(folder, "expected",
			      (uint32_t[]){ settings_table_crc(image, 0, SD_LEN - 1) }, 4));
	shell_run(folder, "cmp crc expected");
	page = make_page("app.bin",
			 WORDS("--softdevice", softdevice, "--sd-boot-validation", "none"));
	assert_int_equal(number(&page, "sd validation"), 0);
	free(image);
	free(softdevice);
}

/* --- what is not made --- */

static void assert_not_made(struct run_result run, int status, const char *words)
{
	if (run.status != status)
		fail_msg("exit status %d: %s", run.status, run.err);
	assert_contains(run.err, words);
	assert_int_not_equal(access(out_path, F_OK), 0);
	run_result_clear(&run);
}

static void wrong_words_are_told(void **state)
{
	static const struct {
		const char *words[4];
		const char *reason;
	} wrong[] = {
		{ { "--settings-version", "3" }, "--settings-version is 1 or 2, not \"3\"" },
		{ { "--boot-validation", "md5" }, "--boot-validation wants none, crc" },
		{ { "--boot-validation", "omit" }, "--boot-validation wants none, crc" },
		{ { "--sd-boot-validation", "crc" }, "needs the SoftDevice" },
		{ { "--settings-version=1", "--boot-validation=crc" }, "no place for a boot" },
		{ { "--boot-validation", "ecdsa" }, "needs --key or --signer" },
		{ { "--signer", "true" }, "nothing here is to be signed" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_not_made(make("app.bin", wrong[i].words), USAGE, wrong[i].reason);
	assert_not_made(make_for("nRF51", "app.bin", WORDS("--settings-version", "2")), USAGE,
			"bootloaders of NRF51 know version 1 alone");
	assert_not_made(make("absent.bin", NULL), USAGE, "absent.bin: cannot be read");
	assert_not_made(run_otadfu("settings", "make", out_path, "--family", "NRF53"), USAGE,
			"--application is missing");
	assert_not_made(run_otadfu("settings", "make", out_path, "--family", "NRF53",
				   "--application", "x"),
			USAGE, "no chip \"NRF53\" is known");
	assert_not_made(run_otadfu("settings", "make", out_path, "--family", "NRF51",
				   "--application", "x", "--app-version", "1.2.x"),
			USAGE, "--app-version wants a number, or x.y.z, not \"1.2.x\"");
}

/* It is for a bigger chip than the page. */
static void an_application_behind_the_page_is_refused(void **state)
{
	static const uint8_t bytes[8] = { 0 };
	struct hexfile below = { 0 }, behind = { 0 };
	struct run_result run;

	(void)state;
	hexfile_data(&below, 0x2EFF8, bytes, 8);
	hexfile_end(&below);
	free(file_write(folder, "below.hex", below.text));
	run = make_for("NRF52810", "below.hex", NULL);
	assert_int_equal(run.status, 0);
	run_result_clear(&run);
	hexfile_data(&behind, 0x2EFFC, bytes, 8);
	hexfile_end(&behind);
	free(file_write(folder, "behind.hex", behind.text));
	assert_not_made(make_for("NRF52810", "behind.hex", NULL), REFUSED,
			"the application has 8 bytes from 0x2EFFC on, and the settings page is at "
			"0x2F000");
}

static void a_file_that_is_there_is_kept(void **state)
{
	char *path = file_write(folder, "kept.hex", "precious");
	char *application = file_path(folder, "app.bin");
	struct run_result run =
		run_otadfu("settings", "make", path, "--family", "NRF52", "--application",
			   application, "--app-version", "1", "--bl-version", "1");

	(void)state;
	assert_int_equal(run.status, USAGE);
	assert_contains(run.err, "there is such a file already");
	shell_run(folder, "grep -qx precious kept.hex");
	run_result_clear(&run);
	free(application);
	free(path);
}

static void a_signer_that_fails_leaves_no_file(void **state)
{
	struct run_result run = make("app.bin", WORDS("--boot-validation", "ecdsa", "--signer",
						      "echo the card is out >&2; exit 7"));

	(void)state;
	assert_contains(run.err, "the card is out\n");
	assert_not_made(run, USAGE, "the signer failed, with status 7");
	assert_not_made(make("app.bin", WORDS("--boot-validation", "ecdsa", "--signer", "sleep 60",
					      "--signer-timeout", "1")),
			1, "the signer did not end within 1000 ms");
}

static void an_application_for_another_softdevice_is_refused(void **state)
{
	char *softdevice = file_path(folder, "sd.bin");

	(void)state;
	free(file_write(folder, "elsewhere.hex",
			":020000040002F8\n:04600000000001207B\n:00000001FF\n"));
	assert_not_made(make("elsewhere.hex", WORDS("--softdevice", softdevice)), REFUSED,
			"begins at 0x26000, and the SoftDevice ends at 0x27000");
	free(softdevice);
}

/* --- show --- */

static struct run_result show(const char *name, const char *more)
{
	char *path = file_path(folder, name);
	struct run_result run = run_otadfu("settings", "show", path, more);

	free(path);
	return run;
}

static const char *after(const char *text, const char *words)
{
	const char *at = strstr(text, words);

	assert_non_null(at);
	return at + strlen(words);
}

static void both_crcs_of_the_application_are_shown_alike(void **state)
{
	struct run_result run = make("app.bin", WORDS("--boot-validation", "crc"));
	unsigned long of_bank, of_validation;

	(void)state;
	assert_int_equal(run.status, 0);
	run_result_clear(&run);
	run = show("out.hex", NULL);
	assert_int_equal(run.status, 0);
	of_bank = strtoul(after(run.out, "application, 1024 bytes, CRC-32 "), NULL, 0);
	of_validation = strtoul(after(run.out, "  application        CRC-32 "), NULL, 0);
	assert_int_not_equal(of_bank, 0);
	assert_int_equal(of_validation, of_bank);
	run_result_clear(&run);
}

/* A whole chip's file: where others have the copy there is the bootloader. */
static void nrf51_has_version_1_and_no_copy(void **state)
{
	static const uint8_t code[LEN_1] = { 1, 2, 3 };
	struct run_result run = make_for("NRF51", "app.bin", NULL);
	struct hexread page = hexread_at(out_path, 0x3FC00);
	struct hexfile hex = { 0 };

	(void)state;
	assert_int_equal(run.status, 0);
	run_result_clear(&run);
	assert_int_equal(page.len, LEN_1);
	assert_int_equal(number(&page, "settings version"), 1);
	hexfile_data(&hex, 0x3EC00, code, sizeof(code));
	hexfile_data(&hex, 0x3FC00, page.bytes, page.len);
	hexfile_end(&hex);
	free(file_write(folder, "chip.hex", hex.text));
	run = show("chip.hex", NULL);
	assert_int_equal(run.status, 0);
	assert_contains(run.out, "copy                 none in this file");
	run_result_clear(&run);
}

static void what_was_made_is_shown(void **state)
{
	struct run_result run = make("app.bin", WORDS("--boot-validation", "sha256"));

	(void)state;
	assert_int_equal(run.status, 0);
	run_result_clear(&run);
	run = show("out.hex", NULL);
	assert_int_equal(run.status, 0);
	assert_contains(run.out, "settings page of version 2, CRC right");
	assert_contains(run.out, "address              0xFF000");
	assert_contains(run.out, "copy                 the same");
	assert_contains(run.out, "application version  7");
	assert_contains(run.out, "bank 0               application, 1024 bytes, CRC-32 0x");
	assert_contains(run.out, "application        SHA-256 ");
	run_result_clear(&run);
	run = show("out.hex", "--json");
	assert_int_equal(run.status, 0);
	assert_contains(run.out, "\"application_version\":7");
	assert_contains(run.out, "\"copy\":\"same\"");
	assert_contains(run.out, "{\"event\":\"settings\",\"file\":\"/");
	assert_contains(run.out, "\"error\":null");
	run_result_clear(&run);
}

static void a_wrong_crc_is_told(void **state)
{
	struct hexread page = make_page("app.bin", NULL);
	struct run_result run;

	(void)state;
	page.bytes[0x08] ^= 1;
	free(file_write_bytes(folder, "damaged.bin", page.bytes, page.len));
	run = show("damaged.bin", NULL);
	assert_int_equal(run.status, REFUSED);
	assert_contains(run.out, "settings page of version 2, CRC WRONG");
	assert_contains(run.err, "damaged.bin: a CRC of the page is wrong");
	run_result_clear(&run);
}

static void a_file_without_a_page_is_told(void **state)
{
	struct run_result run;

	(void)state;
	free(file_write(folder, "empty.hex", ":00000001FF\n"));
	run = show("empty.hex", NULL);
	assert_int_equal(run.status, REFUSED);
	assert_contains(run.err, "empty.hex: ");
	run_result_clear(&run);
	run = show("empty.hex", "--json");
	assert_int_equal(run.status, REFUSED);
	assert_contains(run.out, "\"error\":{\"code\":\"package\"");
	run_result_clear(&run);
	free(file_write(folder, "other.hex", ":01600000009F\n:00000001FF\n"));
	run = show("other.hex", NULL);
	assert_int_equal(run.status, REFUSED);
	assert_contains(run.err, "no settings page where one of the known chips has it");
	run_result_clear(&run);
}

/* --- */

static void write_files(void)
{
	static uint8_t softdevice[SD_LEN] = { 0 };
	/* Section 4: length, magic, end, FWID. */
	static const uint8_t info[] = { 0x18, 0,    0,    0,    0xDB, 0xE5, 0xB1,
					0x51, 0x00, 0x70, 0x02, 0,    0x00, 0x01 };
	uint8_t image[APP_LEN];

	for (size_t i = 0; i < sizeof(image); i++)
		image[i] = (uint8_t)(i * 7 + (i >> 8));
	memcpy(softdevice + 0x2000, info, sizeof(info));
	free(file_write_bytes(folder, "app.bin", image, sizeof(image)));
	free(file_write_bytes(folder, "sd.bin", softdevice, sizeof(softdevice)));
	shell_run(folder, "openssl ecparam -name prime256v1 -genkey -noout -out key.pem && "
			  "openssl ec -in key.pem -pubout -out public.pem && chmod 600 key.pem");
}

static int set_up(void **state)
{
	(void)state;
	folder = folder_new();
	out_path = file_path(folder, "out.hex");
	write_files();
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	free(out_path);
	folder_remove(folder);
	return 0;
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_page_of_a_published_application_agrees_field_by_field),
		cmocka_unit_test(an_image_is_filled_to_a_word),
		cmocka_unit_test(the_copy_is_the_same_and_can_be_left_out),
		cmocka_unit_test(version_1_has_its_own_length),
		cmocka_unit_test(the_application_is_validated_by_its_hash),
		cmocka_unit_test(openssl_verifies_what_is_signed),
		cmocka_unit_test(a_softdevice_has_its_size_and_validation),
		cmocka_unit_test(wrong_words_are_told),
		cmocka_unit_test(an_application_behind_the_page_is_refused),
		cmocka_unit_test(a_file_that_is_there_is_kept),
		cmocka_unit_test(a_signer_that_fails_leaves_no_file),
		cmocka_unit_test(an_application_for_another_softdevice_is_refused),
		cmocka_unit_test(both_crcs_of_the_application_are_shown_alike),
		cmocka_unit_test(nrf51_has_version_1_and_no_copy),
		cmocka_unit_test(what_was_made_is_shown),
		cmocka_unit_test(a_wrong_crc_is_told),
		cmocka_unit_test(a_file_without_a_page_is_told),
	};

	return cmocka_run_group_tests_name("settings", tests, set_up, tear_down);
}
