/* `otadfu pkg`: what it takes, what it refuses, and what it leaves behind. */
#include "hexfile.h"
#include "member.h"
#include "sim.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <unistd.h>

#include <cmocka.h>

enum { DONE = 0, USAGE = 2, REFUSED = 3, INTERRUPTED = 130 };
enum { BIG = 512 << 10, ROW = 16, CPU_MS_MAX = 50 };

#define WORDS(...) ((const char *const[]){ __VA_ARGS__, NULL })
#define MAKE       "pkg", "make", "out.zip", "--overwrite"
#define SECURE                                                                                     \
	"--protocol", "secure", "--hw-version", "52", "--sd-req", "0x0100", "--app-version", "3"

static struct sim sim;

static struct run_result otadfu(const char *const *words)
{
	const struct run_settings settings = { .directory = sim.folder };

	return run_otadfu_words(&settings, words);
}

/* Ends so, and says part on standard error or standard output. */
static void assert_says(const char *const *words, int status, const char *part)
{
	struct run_result run = otadfu(words);

	if (run.status != status)
		fail_msg("exit %d, not %d: %s%s", run.status, status, run.out, run.err);
	if (!strstr(run.out, part) && !strstr(run.err, part))
		fail_msg("no \"%s\" in: %s%s", part, run.out, run.err);
	run_result_clear(&run);
}

static bool is_there(const char *name)
{
	char *path = file_path(sim.folder, name);
	bool found = access(path, F_OK) == 0;

	free(path);
	return found;
}

static void *read_file(const char *name, size_t *ret_len)
{
	char *path = file_path(sim.folder, name);
	void *bytes = file_read(path, ret_len);

	free(path);
	return bytes;
}

static void write_hex(const char *name, const struct hexfile *hex)
{
	free(file_write(sim.folder, name, hex->text));
}

/* Vectors of an application that stands at start. */
static void add_application(struct hexfile *hex, uint32_t start)
{
	uint8_t bytes[64] = {
		0, 0x40, 0, 0x20, 0x21, (uint8_t)(start >> 8), (uint8_t)(start >> 16)
	};

	hexfile_data(hex, start, bytes, sizeof(bytes));
}

/* --- make --- */

static void a_profile_holds_the_defaults(void **state)
{
	size_t len;
	uint8_t *dat;
	char *made;

	(void)state;
	free(file_write(sim.folder, "acme.yaml",
			"protocol: secure\n"
			"package: { hw_version: 52, sd_req: 0x0100, app_version: 1.2.3,\n"
			"  key: private.pem, boot_validation: sha256, debug: true }\n"));
	assert_says(WORDS(MAKE, "--application", "app.bin", "--profile", "./acme.yaml", "--debug"),
		    DONE, "out.zip: application, 3000 bytes, version 10203, signed");
	made = file_path(sim.folder, "out.zip");
	dat = member_of(made, "app.dat", &len);
	/* fw_version 10203, hw_version 52, sd_req 0x0100 */
	assert_non_null(memmem(dat, len, "\x08\xDB\x4F\x10\x34\x1A\x02\x80\x02", 9));
	free(dat);
	free(made);
}

static void the_command_line_beats_the_profile(void **state)
{
	(void)state;
	assert_says(WORDS(MAKE, "--application", "app.bin", "--profile", "./acme.yaml",
			  "--unsigned", "--app-version", "9"),
		    DONE, "version 9\n");
}

static void profiles_shows_them(void **state)
{
	(void)state;
	assert_says(WORDS("profiles", "./acme.yaml"), DONE, "package.boot_validation");
	assert_says(WORDS("profiles", "./acme.yaml"), DONE, "sha256 ");
}

static void what_the_profile_requires_is_looked_at(void **state)
{
	(void)state;
	free(file_write(sim.folder, "other.yaml",
			"protocol: secure\nrequire: { hw_version: 51, public_key: other.pem }\n"));
	assert_says(WORDS(MAKE, "--application", "app.bin", SECURE, "--unsigned", "--profile",
			  "./other.yaml"),
		    REFUSED, "made for hardware 52, and the device is 51");
	assert_says(WORDS(MAKE, "--application", "app.bin", "--sd-req", "0x0100", "--key",
			  "private.pem", "--profile", "./other.yaml"),
		    REFUSED, "does not verify with the key ./other.pem");
}

static void the_same_input_gives_the_same_bytes(void **state)
{
	size_t len, again_len;
	uint8_t *bytes, *again;

	(void)state;
	assert_says(WORDS(MAKE, "--application", "app.bin", SECURE, "--unsigned"), DONE, "");
	bytes = read_file("out.zip", &len);
	sleep(1);
	assert_says(WORDS(MAKE, "--application", "app.bin", SECURE, "--unsigned"), DONE, "");
	again = read_file("out.zip", &again_len);
	assert_int_equal(again_len, len);
	assert_memory_equal(again, bytes, len);
	free(again);
	free(bytes);
}

static void an_existing_file_stays(void **state)
{
	size_t len;
	char *bytes;

	(void)state;
	free(file_write(sim.folder, "mine.zip", "precious"));
	assert_says(WORDS("pkg", "make", "mine.zip", "--application", "app.bin", SECURE,
			  "--unsigned"),
		    USAGE, "--overwrite");
	bytes = read_file("mine.zip", &len);
	assert_string_equal(bytes, "precious");
	free(bytes);
}

static void what_cannot_be_made_leaves_nothing(void **state)
{
	(void)state;
	assert_says(WORDS("pkg", "make", "none.zip", "--application", "app.bin", SECURE, "--signer",
			  "false"),
		    USAGE, "");
	assert_false(is_there("none.zip"));
}

static const struct mistake {
	const char *const *words;
	int status;
	const char *part;
} mistakes[] = {
	{ WORDS("pkg", "make"), USAGE, "the package to write is not named" },
	{ WORDS(MAKE, SECURE, "--unsigned"), USAGE, "no image was named" },
	{ WORDS(MAKE, "--application", "app.bin"), USAGE, "--protocol secure or legacy" },
	{ WORDS(MAKE, "--application", "app.bin", SECURE), USAGE, "who signs" },
	{ WORDS(MAKE, "--application", "app.bin", SECURE, "--key", "private.pem", "--unsigned"),
	  USAGE, "--unsigned excludes" },
	{ WORDS(MAKE, "--application", "app.bin", "--external-app", "app.bin"), USAGE,
	  "holds one application" },
	{ WORDS(MAKE, "--application", "app.bin", "--protocol", "secure", "--unsigned", "--sd-req",
		"0"),
	  USAGE, "states the hardware" },
	{ WORDS(MAKE, "--application", "app.bin", "--protocol", "secure", "--unsigned",
		"--hw-version", "52"),
	  USAGE, "states the SoftDevices" },
	{ WORDS(MAKE, "--application", "app.bin", SECURE, "--unsigned", "--format", "0.5"), USAGE,
	  "--format does not go with a secure package" },
	{ WORDS(MAKE, "--application", "app.bin", "--protocol", "legacy", "--hw-version", "52"),
	  USAGE, "--hw-version does not go with a legacy package" },
	{ WORDS(MAKE, "--application", "app.bin", "--protocol", "legacy", "--format", "crc",
		"--device-type", "7"),
	  USAGE, "--device-type: an init packet of format crc has no place for it" },
	{ WORDS(MAKE, "--application", "app.bin", "--protocol", "legacy", "--format", "0.8"), USAGE,
	  "0.8 are signed" },
	{ WORDS(MAKE, "--application", "app.bin", "--protocol", "legacy", "--key", "private.pem"),
	  USAGE, "only those of format 0.8 are signed" },
	{ WORDS(MAKE, "--application", "app.bin", SECURE, "--unsigned", "--boot-validation",
		"ecdsa"),
	  USAGE, "needs a key" },
	{ WORDS(MAKE, "--application", "app.bin", SECURE, "--key", "public.pem"), USAGE,
	  "public key cannot sign" },
	{ WORDS(MAKE, "--application", "app.bin", SECURE, "--key", "app.bin"), USAGE, "app.bin" },
	{ WORDS(MAKE, "--application", "app.bin", "--protocol", "secure", "--sd-req", "0x0100,x"),
	  USAGE, "sd_req must be" },
	{ WORDS(MAKE, "--application", "app.bin", "--app-version", "1.100.0"), USAGE,
	  "app_version must be" },
	{ WORDS(MAKE, "--softdevice", "sd.bin", SECURE, "--unsigned", "--sd-id", "0x0101"), REFUSED,
	  "says that it is 0x0100, not 0x0101" },
	{ WORDS(MAKE, "--application", "app.bin", SECURE, "--unsigned", "--sd-id", "0x0100"), USAGE,
	  "what may be on the device, --sd-req says" },
	{ WORDS(MAKE, "--softdevice", "app.bin", SECURE, "--unsigned"), REFUSED,
	  "says nothing of itself" },
	{ WORDS(MAKE, "--application", "big.bin", SECURE, "--unsigned"), REFUSED,
	  "no nRF5 has flash for more" },
	{ WORDS(MAKE, "--application", "empty.bin", SECURE, "--unsigned"), REFUSED, "empty" },
	{ WORDS(MAKE, "--application", "nothing.bin", SECURE, "--unsigned"), USAGE,
	  "nothing.bin: cannot be read" },
};

static void mistakes_are_told(void **state)
{
	static uint8_t big[(1 << 20) + 4];

	(void)state;
	free(file_write_bytes(sim.folder, "big.bin", big, sizeof(big)));
	free(file_write(sim.folder, "empty.bin", ""));
	for (size_t i = 0; i < sizeof(mistakes) / sizeof(mistakes[0]); i++)
		assert_says(mistakes[i].words, mistakes[i].status, mistakes[i].part);
}

/* --- HEX --- */

/* Bootloader, and UICR pointing to it; the application in front; the settings page behind. */
static void write_merged(void)
{
	static const uint8_t pointer[] = { 0x00, 0x80, 0x0F, 0x00 };
	struct hexfile hex = { 0 };

	add_application(&hex, 0x27000);
	add_application(&hex, 0xF8000);
	hexfile_data(&hex, 0xFF000, (const uint8_t *)"settings", 8);
	hexfile_data(&hex, 0x10001014, pointer, sizeof(pointer));
	hexfile_end(&hex);
	write_hex("merged.hex", &hex);
}

static void of_a_merged_hex_the_right_part_is_taken(void **state)
{
	(void)state;
	write_merged();
	assert_says(WORDS(MAKE, "--application", "merged.hex", SECURE, "--unsigned"), DONE,
		    "taken 0x27000-0x27040, and left: bootloader 0xF8000-0xF8040, settings");
	assert_says(WORDS(MAKE, "--bootloader", "merged.hex", SECURE, "--bl-version", "2",
			  "--unsigned"),
		    DONE, "taken 0xF8000-0xF8040");
	assert_says(WORDS(MAKE, "--softdevice", "merged.hex", SECURE, "--unsigned"), REFUSED,
		    "it holds no softdevice, but: application 0x27000-0x27040");
}

static void a_bootloader_is_no_application(void **state)
{
	static const uint8_t pointer[] = { 0x00, 0x80, 0x0F, 0x00 };
	struct hexfile hex = { 0 };

	(void)state;
	add_application(&hex, 0xF8000);
	hexfile_data(&hex, 0x10001014, pointer, sizeof(pointer));
	hexfile_end(&hex);
	write_hex("bl.hex", &hex);
	assert_says(WORDS(MAKE, "--application", "bl.hex", SECURE, "--unsigned"), REFUSED,
		    "it holds no application, but: bootloader");
	assert_says(WORDS(MAKE, "--application", "bl.hex", "--range", "0xF8000-0xF8040", SECURE,
			  "--unsigned"),
		    DONE, "out.zip: application, 64 bytes");
}

static void an_application_for_another_softdevice_is_told(void **state)
{
	struct hexfile hex = { 0 };

	(void)state;
	add_application(&hex, 0x26000);
	hexfile_end(&hex);
	write_hex("app.hex", &hex);
	assert_says(WORDS(MAKE, "--application", "app.hex", SECURE, "--unsigned"), DONE,
		    "begins at 0x26000, and SoftDevice 0x0100 ends at 0x27000");
	assert_says(WORDS(MAKE, "--application", "app.hex", "--softdevice", "sd.bin", SECURE,
			  "--unsigned"),
		    REFUSED, "it was not linked for that one");
}

static void what_does_not_begin_as_an_application_is_told(void **state)
{
	struct hexfile hex = { 0 };

	(void)state;
	hexfile_data(&hex, 0x27000, (const uint8_t *)"no vectors at all", 16);
	hexfile_end(&hex);
	write_hex("text.hex", &hex);
	assert_says(WORDS(MAKE, "--application", "text.hex", SECURE, "--unsigned"), DONE,
		    "does not begin as an application does");
}

/* --- verify --- */

static void make_signed(const char *name, const char *key)
{
	assert_says(WORDS("pkg", "make", name, "--overwrite", "--application", "app.bin", SECURE,
			  "--key", key),
		    DONE, "signed");
}

static void verify_says_what_was_checked(void **state)
{
	(void)state;
	make_signed("signed.zip", "private.pem");
	assert_says(WORDS("pkg", "verify", "signed.zip"), DONE, "who made it was not checked");
	assert_says(WORDS("pkg", "verify", "signed.zip", "--key", "public.pem"), DONE,
		    "Nothing is wrong with it.\n");
	assert_says(WORDS("pkg", "verify", "signed.zip", "--key", "other.pem"), REFUSED,
		    "does not verify with the key other.pem");
	assert_says(WORDS("pkg", "verify", "signed.zip", "--key", "other.pem", "--key",
			  "public.pem"),
		    DONE, "verified with public.pem");
	assert_says(WORDS("pkg", "verify", "signed.zip", "--key", "p384.pem"), USAGE, "P-256");
}

static void verify_compares_with_the_device(void **state)
{
	static const struct {
		const char *option, *good, *bad;
	} facts[] = {
		{ "--hw-version", "52", "51" },
		{ "--softdevice", "0x0100", "0x0101" },
		{ "--installed-version", "3", "4" },
		{ "--installed-version", "0.0.2", "0.1.0" },
	};

	(void)state;
	make_signed("signed.zip", "private.pem");
	for (size_t i = 0; i < sizeof(facts) / sizeof(facts[0]); i++) {
		assert_says(WORDS("pkg", "verify", "signed.zip", facts[i].option, facts[i].good),
			    DONE, "");
		assert_says(WORDS("pkg", "verify", "signed.zip", facts[i].option, facts[i].bad),
			    REFUSED, "It would not be sent");
	}
}

static void a_bootloader_must_be_newer(void **state)
{
	(void)state;
	assert_says(WORDS(MAKE, "--bootloader", "app.bin", SECURE, "--bl-version", "3", "--key",
			  "private.pem"),
		    DONE, "version 3");
	assert_says(WORDS("pkg", "verify", "out.zip", "--installed-version", "2"), DONE, "");
	assert_says(WORDS("pkg", "verify", "out.zip", "--installed-version", "3"), REFUSED,
		    "wants a newer one");
}

static void verify_tells_programs_too(void **state)
{
	struct run_result run;
	json_t *object;

	(void)state;
	make_signed("signed.zip", "private.pem");
	run = otadfu(WORDS("pkg", "verify", "signed.zip", "--key", "other.pem", "--json"));
	object = json_loads(run.out, 0, NULL);
	assert_int_equal(run.status, REFUSED);
	assert_true(json_is_true(json_object_get(object, "refused")));
	json_decref(object);
	run_result_clear(&run);
}

static void a_signature_for_each_boot_is_verified(void **state)
{
	(void)state;
	assert_says(WORDS(MAKE, "--application", "app.bin", SECURE, "--boot-validation", "ecdsa",
			  "--key", "private.pem"),
		    DONE, "signed");
	assert_says(WORDS("pkg", "verify", "out.zip", "--key", "public.pem"), DONE,
		    "ECDSA signature");
	assert_says(WORDS("pkg", "sign", "out.zip", "resigned.zip", "--overwrite", "--key",
			  "other-private.pem"),
		    DONE, "not of this key: a bootloader with this one takes the image and never");
	assert_says(WORDS("pkg", "verify", "resigned.zip", "--key", "other.pem"), REFUSED,
		    "boot validation does not verify");
}

/* --- sign --- */

static void an_unsigned_package_can_be_signed_later(void **state)
{
	(void)state;
	assert_says(WORDS(MAKE, "--application", "app.bin", SECURE, "--unsigned"), DONE, "");
	assert_says(WORDS("pkg", "sign", "out.zip", "later.zip", "--overwrite", "--key",
			  "private.pem"),
		    DONE, "signed");
	assert_says(WORDS("pkg", "verify", "later.zip", "--key", "public.pem"), DONE,
		    "Nothing is wrong with it.\n");
}

static void signing_anew_with_the_same_key_warns_of_nothing(void **state)
{
	struct run_result run;

	(void)state;
	assert_says(WORDS(MAKE, "--application", "app.bin", SECURE, "--boot-validation", "ecdsa",
			  "--key", "private.pem"),
		    DONE, "signed");
	run = otadfu(WORDS("pkg", "sign", "out.zip", "resigned.zip", "--overwrite", "--key",
			   "private.pem"));
	assert_int_equal(run.status, DONE);
	assert_lacks(run.err, "boot validation");
	run_result_clear(&run);
}

/* nrfutil signs with it when it was given none. */
static void signing_with_a_key_that_everybody_has_is_warned_of(void **state)
{
	static const char debug_pem[] =
		"-----BEGIN EC PRIVATE KEY-----\n"
		"MHcCAQEEIGvsrpXh8m/E9bj1dq/0o1aBPQVAFJQ6Pzusx685URE0oAoGCCqGSM49\n"
		"AwEHoUQDQgAEaHYrUu/oFKIXN457GH+8IOuv6OIPBRLqoHjaEKM0wIzJZ0lhfO/A\n"
		"53hKGjKEjYT3VNTQ3Zq1YB3o5QSQMP/LRg==\n"
		"-----END EC PRIVATE KEY-----\n";
	static const char loud[] = "debug.pem: THIS IS nrfutil's debug key, whose private half "
				   "everybody has: what is signed with it, everybody can sign";
	static const char traced[] = "signed with nrfutil's debug key";

	(void)state;
	free(file_write(sim.folder, "debug.pem", debug_pem));
	assert_says(WORDS(MAKE, "--application", "app.bin", SECURE, "--key", "debug.pem"), DONE,
		    loud);
	assert_says(WORDS(MAKE, "--application", "app.bin", SECURE, "--unsigned"), DONE, "");
	assert_says(WORDS("pkg", "sign", "out.zip", "known.zip", "--overwrite", "--key",
			  "debug.pem"),
		    DONE, loud);
	assert_says(WORDS("pkg", "sign", "out.zip", "known.zip", "--overwrite", "--signer",
			  "openssl pkeyutl -sign -inkey debug.pem"),
		    DONE, traced);
	assert_says(WORDS("pkg", "verify", "known.zip"), DONE, traced);
}

static void a_signer_that_hangs_can_be_left(void **state)
{
	const struct run_settings terminal = { .directory = sim.folder, .columns = 100 };
	const char *const argv[] = { run_otadfu_path(),
				     "pkg",
				     "make",
				     "left.zip",
				     "--application",
				     "app.bin",
				     SECURE,
				     "--signer",
				     "echo asked >&2; sleep 60; true",
				     NULL };
	struct run *run = run_start(&terminal, argv);
	struct run_result result;

	(void)state;
	run_wait_for(run, "asked");
	run_type(run, "\x03");
	result = run_finish(run);
	assert_int_equal(result.status, INTERRUPTED);
	assert_contains(result.out, "interrupted");
	assert_false(is_there("left.zip"));
	run_result_clear(&result);
}

static void what_has_no_signature_is_not_signed(void **state)
{
	(void)state;
	assert_says(WORDS(MAKE, "--application", "app.bin", "--protocol", "legacy"), DONE, "");
	assert_says(WORDS("pkg", "sign", "out.zip", "never.zip", "--key", "private.pem"), REFUSED,
		    "only those of format 0.8");
	assert_false(is_there("never.zip"));
}

static void a_damaged_package_is_not_signed(void **state)
{
	(void)state;
	free(sim_make_package(&sim, "damaged.zip",
			      WORDS("--protocol", "secure", "--random", "100", "--unsigned",
				    "--wrong-hash")));
	assert_says(WORDS("pkg", "sign", "damaged.zip", "never.zip", "--key", "private.pem"),
		    REFUSED, "SHA-256");
	assert_false(is_there("never.zip"));
}

/* --- update --- */

static void update_refuses_before_it_touches_the_device(void **state)
{
	(void)state;
	free(file_write(sim.folder, "strict.yaml", "require: { public_key: other.pem }\n"));
	make_signed("signed.zip", "private.pem");
	assert_says(WORDS("update", "signed.zip", "-a", SIM_ADDRESS, "--transport", "sim",
			  "--adapter", sim.scenario, "--profile", "./strict.yaml"),
		    REFUSED, "does not verify with the key ./other.pem");
	assert_says(WORDS(MAKE, "--application", "app.bin", SECURE, "--unsigned"), DONE, "");
	assert_says(WORDS("update", "out.zip", "-a", SIM_ADDRESS, "--transport", "sim", "--adapter",
			  sim.scenario, "--profile", "./strict.yaml"),
		    REFUSED, "not signed, and the key ./other.pem must verify it");
	assert_false(is_there("state"));
}

/* --- speed --- */

static void write_big_hex(void)
{
	char *path = file_path(sim.folder, "big.hex");
	FILE *file = fopen(path, "we");

	assert_non_null(file);
	for (uint32_t addr = 0x27000; addr < 0x27000 + BIG; addr += ROW) {
		uint8_t row[4 + ROW] = { ROW, (uint8_t)(addr >> 8), (uint8_t)addr };
		uint8_t sum = 0;

		if (addr == 0x27000 || (addr & 0xFFFF) == 0)
			fprintf(file, ":02000004%04X%02X\r\n", addr >> 16,
				(uint8_t) - (6 + (addr >> 16)));
		for (size_t i = 4; i < sizeof(row); i++)
			row[i] = (uint8_t)(addr * 31 >> i);
		fprintf(file, ":");
		for (size_t i = 0; i < sizeof(row); i++) {
			fprintf(file, "%02X", row[i]);
			sum = (uint8_t)(sum + row[i]);
		}
		fprintf(file, "%02X\r\n", (uint8_t)-sum);
	}
	fprintf(file, ":00000001FF\r\n");
	fclose(file);
	free(path);
}

static double cpu_ms_of_children(void)
{
	struct rusage usage;

	assert_int_equal(getrusage(RUSAGE_CHILDREN, &usage), 0);
	return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1e3 +
	       (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e3;
}

static void half_a_megabyte_takes_less_than_50_ms(void **state)
{
	double least = 1e9;

	(void)state;
#ifdef SANITIZED
	print_message("skipped: a sanitizer makes everything slow\n");
	skip();
#endif
	write_big_hex();
	/* The quickest of some: on a machine with other work the rest measures that. */
	for (int i = 0; i < 5; i++) {
		double before = cpu_ms_of_children();

		assert_says(WORDS(MAKE, "--application", "big.hex", SECURE, "--key", "private.pem"),
			    DONE, "524288 bytes");
		if (cpu_ms_of_children() - before < least)
			least = cpu_ms_of_children() - before;
	}
	if (least >= CPU_MS_MAX)
		fail_msg("%.1f ms of CPU, not below %d", least, CPU_MS_MAX);
}

static int set_up(void **state)
{
	static const char p384[] =
		"-----BEGIN PUBLIC KEY-----\n"
		"MHYwEAYHKoZIzj0CAQYFK4EEACIDYgAEScK8GuXoiB5/LzQlz90G975rwBYscG6m\n"
		"dwBsjgXV1+cBFAWNVVS2/9mrt1eU4Mnl9tqX3HLjLrUuYJZmkDCqb2bSDHzjPi7K\n"
		"bvGUZqg3S/PHaZY5XLPMxArgHpEbcyC8\n"
		"-----END PUBLIC KEY-----\n";

	(void)state;
	sim = sim_new("    name: Sample\n    hardware: nrf52840\n    bootloader: secure\n"
		      "    sdk: \"17.1\"\n",
		      NULL);
	free(file_write(sim.folder, "p384.pem", p384));
	free(sim_make_package(&sim, "one.zip",
			      WORDS("--protocol", "secure", "--generate-key", "private.pem",
				    "--public-key-out", "public.pem", "--random", "3000",
				    "--app-out", "app.bin", "--softdevice", "9000",
				    "--softdevice-out", "sd.bin")));
	free(sim_make_package(&sim, "two.zip",
			      WORDS("--protocol", "secure", "--generate-key", "other-private.pem",
				    "--public-key-out", "other.pem", "--random", "100")));
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
		cmocka_unit_test(a_profile_holds_the_defaults),
		cmocka_unit_test(the_command_line_beats_the_profile),
		cmocka_unit_test(profiles_shows_them),
		cmocka_unit_test(what_the_profile_requires_is_looked_at),
		cmocka_unit_test(the_same_input_gives_the_same_bytes),
		cmocka_unit_test(an_existing_file_stays),
		cmocka_unit_test(what_cannot_be_made_leaves_nothing),
		cmocka_unit_test(mistakes_are_told),
		cmocka_unit_test(of_a_merged_hex_the_right_part_is_taken),
		cmocka_unit_test(a_bootloader_is_no_application),
		cmocka_unit_test(an_application_for_another_softdevice_is_told),
		cmocka_unit_test(what_does_not_begin_as_an_application_is_told),
		cmocka_unit_test(verify_says_what_was_checked),
		cmocka_unit_test(verify_compares_with_the_device),
		cmocka_unit_test(a_bootloader_must_be_newer),
		cmocka_unit_test(verify_tells_programs_too),
		cmocka_unit_test(a_signature_for_each_boot_is_verified),
		cmocka_unit_test(an_unsigned_package_can_be_signed_later),
		cmocka_unit_test(signing_anew_with_the_same_key_warns_of_nothing),
		cmocka_unit_test(signing_with_a_key_that_everybody_has_is_warned_of),
		cmocka_unit_test(a_signer_that_hangs_can_be_left),
		cmocka_unit_test(what_has_no_signature_is_not_signed),
		cmocka_unit_test(a_damaged_package_is_not_signed),
		cmocka_unit_test(update_refuses_before_it_touches_the_device),
		cmocka_unit_test(half_a_megabyte_takes_less_than_50_ms),
	};

	return cmocka_run_group_tests_name("pkg words", tests, set_up, tear_down);
}
