/* What `otadfu gen-dat` writes, and what it leaves alone. */
#include "files.h"
#include "hexfile.h"
#include "init_encode.h"
#include "run.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

enum { IMAGE_LEN = 1024, START = 0x18000, INIT_LEN = 14, USAGE = 2, REFUSED = 3 };

#define WORDS(...) ((const char *const[]){ __VA_ARGS__, NULL })

static char *folder;

/* Path of FOLDER/NAME, until the next call. */
static const char *path_of(const char *name)
{
	static char path[256];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	return path;
}

/* app.bin, and the same as NAME; with bootloader settings far behind it, or without. */
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
	free(file_write(folder, name, hex->text));
	free(file_write_bytes(folder, "app.bin", image, sizeof(image)));
	free(hex);
}

static struct run_result generate(const char *firmware, const char *const *more)
{
	char *in = file_path(folder, firmware);
	char *out = file_path(folder, "out.dat");
	const char *words[8] = { "gen-dat", in, out };
	struct run_result run;

	for (size_t i = 0; more && more[i]; i++)
		words[i + 3] = more[i];
	run = run_otadfu_words(NULL, words);
	free(in);
	free(out);
	return run;
}

static void assert_generated(struct run_result run)
{
	/* legacy-dfu.md 6.1: any device and version, one SoftDevice, which is any. */
	uint8_t expected[INIT_LEN] = { 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF,
				       0xFF, 0xFF, 0x01, 0x00, 0xFE, 0xFF };
	uint8_t *image, *packet;
	uint16_t crc;
	size_t len;

	if (run.status != 0)
		fail_msg("exit status %d: %s", run.status, run.err);
	run_result_clear(&run);
	image = file_read(path_of("app.bin"), &len);
	crc = init_crc16(image, len);
	free(image);
	expected[12] = (uint8_t)crc;
	expected[13] = (uint8_t)(crc >> 8);
	packet = file_read(path_of("out.dat"), &len);
	assert_int_equal(len, INIT_LEN);
	assert_memory_equal(packet, expected, INIT_LEN);
	free(packet);
	unlink(path_of("out.dat"));
}

static void hex_and_bin_give_the_same_init_packet(void **state)
{
	(void)state;
	write_hex("app.hex", false);
	assert_generated(generate("app.bin", NULL));
	assert_generated(generate("app.hex", NULL));
	write_hex("both.hex", true);
	assert_generated(generate("both.hex", WORDS("--range", "0x18000-0x18400")));
}

static void what_is_there_is_replaced_only_on_demand(void **state)
{
	struct run_result run;
	uint8_t *kept;

	(void)state;
	write_hex("app.hex", false);
	free(file_write(folder, "out.dat", "precious"));
	run = generate("app.bin", NULL);
	assert_int_equal(run.status, USAGE);
	assert_contains(run.err, "there is such a file already");
	run_result_clear(&run);
	kept = file_read(path_of("out.dat"), NULL);
	assert_string_equal((char *)kept, "precious");
	free(kept);
	assert_generated(generate("app.bin", WORDS("--overwrite")));
}

static void a_refused_firmware_leaves_no_file(void **state)
{
	struct run_result run;

	(void)state;
	write_hex("both.hex", true);
	run = generate("both.hex", NULL);
	assert_int_equal(run.status, REFUSED);
	assert_int_not_equal(access(path_of("out.dat"), F_OK), 0);
	run_result_clear(&run);
}

static int set_up(void **state)
{
	(void)state;
	folder = folder_new();
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	folder_remove(folder);
	return 0;
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(hex_and_bin_give_the_same_init_packet),
		cmocka_unit_test(what_is_there_is_replaced_only_on_demand),
		cmocka_unit_test(a_refused_firmware_leaves_no_file),
	};

	return cmocka_run_group_tests_name("gen_dat", tests, set_up, tear_down);
}
