/* Tools that others wrote, on what `otadfu pkg make` makes. */
#include "sim.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { HALF = 32, SIGNATURE_LEN = 2 * HALF, INTEGER_MAX = 2 + 1 + HALF };

static struct sim sim;

/* Runs words by a shell in the folder; its standard output. */
static char *shell(const char *words)
{
	const struct run_settings settings = { .directory = sim.folder };
	struct run_result run = run_finish(
		run_start(&settings, (const char *const[]){ "/bin/sh", "-c", words, NULL }));
	char *out;

	if (run.status != 0)
		fail_msg("%s: exit %d: %s%s", words, run.status, run.out, run.err);
	out = strdup(run.out);
	run_result_clear(&run);
	assert_non_null(out);
	return out;
}

static void need(const char *tool)
{
	char words[64];
	struct run_result run;

	snprintf(words, sizeof(words), "command -v %s", tool);
	run = run_finish(run_start(NULL, (const char *const[]){ "/bin/sh", "-c", words, NULL }));
	if (run.status != 0) {
		print_message("skipped: no %s here\n", tool);
		run_result_clear(&run);
		skip();
	}
	run_result_clear(&run);
}

static uint8_t *member(const char *name, size_t *ret_len)
{
	char words[64];
	char *path = file_path(sim.folder, name);
	uint8_t *bytes;

	snprintf(words, sizeof(words), "unzip -o -q made.zip %s", name);
	free(shell(words));
	bytes = file_read(path, ret_len);
	free(path);
	return bytes;
}

/* --- protobuf and DER, by hand --- */

/* The content of the field whose key is at *at, which moves behind it. */
static const uint8_t *field(const uint8_t *data, size_t *at, uint8_t key, size_t *ret_len)
{
	unsigned shift = 0;
	size_t len = 0;

	assert_int_equal(data[*at], key);
	(*at)++;
	do {
		len |= (size_t)(data[*at] & 0x7F) << shift;
		shift += 7;
	} while (data[(*at)++] & 0x80);
	*ret_len = len;
	*at += len;
	return data + *at - len;
}

/* Little-endian in, a DER INTEGER out: no leading zeros but the one that keeps it positive. */
static size_t put_integer(uint8_t *out, const uint8_t *little)
{
	size_t len = HALF, at = 2;

	while (len > 1 && little[len - 1] == 0)
		len--;
	out[0] = 0x02;
	if (little[len - 1] & 0x80)
		out[at++] = 0;
	for (size_t i = 0; i < len; i++)
		out[at + i] = little[len - 1 - i];
	out[1] = (uint8_t)(at - 2 + len);
	return at + len;
}

static void write_der(const uint8_t *signature)
{
	uint8_t der[2 + 2 * INTEGER_MAX] = { 0x30 };
	size_t len = 2;

	len += put_integer(der + len, signature);
	len += put_integer(der + len, signature + HALF);
	der[1] = (uint8_t)(len - 2);
	free(file_write_bytes(sim.folder, "signature.der", der, len));
}

static void openssl_verifies_the_signature(void **state)
{
	size_t dat_len, signed_len, command_len, init_len, signature_len, at = 0;
	const uint8_t *signed_command, *command, *init, *signature;
	uint8_t *dat;
	char *out;

	(void)state;
	need("openssl");
	need("unzip");
	dat = member("app.dat", &dat_len);
	signed_command = field(dat, &at, 0x12, &signed_len);
	assert_int_equal(at, dat_len);
	at = 0;
	command = field(signed_command, &at, 0x0A, &command_len);
	assert_memory_equal(signed_command + at, "\x10\x00", 2);
	at += 2;
	signature = field(signed_command, &at, 0x1A, &signature_len);
	assert_int_equal(signature_len, SIGNATURE_LEN);
	assert_memory_equal(command, "\x08\x01", 2);
	at = 2;
	init = field(command, &at, 0x12, &init_len);
	free(file_write_bytes(sim.folder, "init", init, init_len));
	write_der(signature);
	out = shell("openssl dgst -sha256 -verify public.pem -signature signature.der init");
	assert_string_equal(out, "Verified OK\n");
	free(out);
	free(dat);
}

static void unzip_finds_nothing_wrong(void **state)
{
	char *out;

	(void)state;
	need("unzip");
	out = shell("unzip -t made.zip");
	assert_contains(out, "No errors detected");
	free(out);
}

static void python_reads_the_manifest(void **state)
{
	static const char script[] =
		"python3 -c \"import json, zipfile\n"
		"zip = zipfile.ZipFile('made.zip')\n"
		"for entry in json.loads(zip.read('manifest.json'))['manifest'].values():\n"
		"    print(len(zip.read(entry['bin_file'])), len(zip.read(entry['dat_file'])) > "
		"99,\n"
		"          sorted(entry.get('info_read_only_metadata', {}).items()))\"";
	char *out;

	(void)state;
	need("python3");
	out = shell(script);
	assert_string_equal(out, "3004 True []\n"
				 "13100 True [('bl_size', 4100), ('sd_size', 9000)]\n");
	free(out);
}

static void protoc_reads_the_init_packet(void **state)
{
	char *out;
	size_t len;

	(void)state;
	need("protoc");
	need("unzip");
	free(member("app.dat", &len));
	out = shell("protoc --decode_raw <app.dat");
	/* SignedCommand, Command, InitCommand: version, hardware, type, size, debug. */
	assert_contains(out, "2 {\n  1 {\n    1: 1\n    2 {\n      1: 10203\n      2: 52\n");
	assert_contains(out, "      4: 0\n      5: 0\n      6: 0\n      7: 3004\n      8 {\n"
			     "        1: 3\n");
	assert_contains(out, "      9: 0\n      10 {\n        1: 1\n        2: \"\"\n");
	free(out);
}

static int set_up(void **state)
{
	struct run_settings settings;
	struct run_result run;

	(void)state;
	sim = sim_new("    name: Sample\n    hardware: nrf52840\n    bootloader: secure\n"
		      "    sdk: \"17.1\"\n",
		      NULL);
	free(sim_make_package(&sim, "others.zip",
			      (const char *const[]){ "--protocol", "secure", "--generate-key",
						     "private.pem", "--public-key-out",
						     "public.pem", "--random", "3001", "--app-out",
						     "app.bin", "--softdevice", "9000",
						     "--softdevice-out", "sd.bin", "--bootloader",
						     "4100", "--bootloader-out", "bl.bin", NULL }));
	settings = (struct run_settings){ .directory = sim.folder };
	run = run_otadfu_with(&settings, "pkg", "make", "made.zip", "--protocol", "secure",
			      "--application", "app.bin", "--softdevice", "sd.bin", "--bootloader",
			      "bl.bin", "--hw-version", "52", "--sd-req", "0x0100", "--app-version",
			      "1.2.3", "--bl-version", "2", "--key", "private.pem");
	if (run.status != 0)
		print_error("%s", run.err);
	assert_int_equal(run.status, 0);
	run_result_clear(&run);
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
		cmocka_unit_test(openssl_verifies_the_signature),
		cmocka_unit_test(unzip_finds_nothing_wrong),
		cmocka_unit_test(python_reads_the_manifest),
		cmocka_unit_test(protoc_reads_the_init_packet),
	};

	return cmocka_run_group_tests_name("pkg tools", tests, set_up, tear_down);
}
