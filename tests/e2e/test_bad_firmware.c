/*
 * A firmware file with its init packet, one of them broken or both not belonging together: said in
 * one line, exit 3 (2 when a file cannot be read), and no device touched.
 */
#include "bystander.h"
#include "hexfile.h"
#include "init_encode.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#define LEGACY_DEVICE                                                                              \
	"    name: Sample\n    hardware: nrf51822\n    bootloader: legacy\n    sdk: \"11\"\n"

enum { IMAGE_LEN = 1024, START = 0x18000, USAGE = 2, REFUSED = 3 };

/* A good pair, which a case spoils before it is written. */
struct draft {
	uint8_t image[IMAGE_LEN];
	struct hexfile hex;
	struct init_bytes init;
};

struct bad_firmware {
	const char *name;
	const char *text;
	void (*spoil)(struct draft *draft);
	const char *range; /* NULL: none */
	int status;        /* 0: REFUSED */
};

/* --- the HEX file --- */

static void break_checksum(struct draft *draft)
{
	char *last_digit = strchr(strchr(draft->hex.text, '\n') + 1, '\n') - 1;

	*last_digit = *last_digit == '0' ? '1' : '0';
}

static void drop_the_end(struct draft *draft)
{
	strcpy(strstr(draft->hex.text, ":00000001FF"), "");
}

static void cut_a_record(struct draft *draft)
{
	strcpy(draft->hex.text + draft->hex.len / 2, "\n:00000001FF\n");
}

static void put_in_another_letter(struct draft *draft)
{
	draft->hex.text[4] = 'x';
}

static void say_nothing(struct draft *draft)
{
	strcpy(draft->hex.text, ":00000001FF\n");
}

static void empty_it(struct draft *draft)
{
	strcpy(draft->hex.text, "");
}

/* What the draft holds, without its end, and more. */
static void add(struct draft *draft, uint32_t addr, const uint8_t *data, size_t len)
{
	drop_the_end(draft);
	draft->hex.len = strlen(draft->hex.text);
	hexfile_data(&draft->hex, addr, data, len);
	hexfile_end(&draft->hex);
}

static void overlap(struct draft *draft)
{
	add(draft, START, (const uint8_t *)"another", 8);
}

static void add_far_away(struct draft *draft)
{
	add(draft, 0x3FC00, (const uint8_t *)"settings", 8);
}

/* --- the init packet --- */

static void cut_init(struct draft *draft)
{
	draft->init.len = 9;
}

static void empty_init(struct draft *draft)
{
	draft->init.len = 0;
}

static void claim_many_softdevices(struct draft *draft)
{
	draft->init.data[8] = 0xFF;
}

static void overgrow_init(struct draft *draft)
{
	static const uint8_t zeros[INIT_BYTES_MAX];

	init_append(&draft->init, zeros, 600);
}

static void take_crc_of_another(struct draft *draft)
{
	draft->init.data[draft->init.len - 1] ^= 1;
}

static const struct bad_firmware cases[] = {
	{ "hex_with_bad_checksum", "bad.hex: line 2: ", .spoil = break_checksum },
	{ "hex_without_end", "bad.hex: ", .spoil = drop_the_end },
	{ "hex_with_a_cut_record", "bad.hex: line ", .spoil = cut_a_record },
	{ "hex_with_another_letter", "bad.hex: line 1: ", .spoil = put_in_another_letter },
	{ "hex_that_holds_nothing", "bad.hex: it holds nothing", .spoil = say_nothing },
	{ "hex_that_is_empty", "bad.hex: ", .spoil = empty_it },
	{ "hex_that_contradicts_itself", "two records give different bytes for 0x18000",
	  .spoil = overlap },
	{ "hex_with_a_far_gap",
	  "far apart, which are not one image: 0x18000-0x18400, "
	  "0x3FC00-0x3FC08",
	  .spoil = add_far_away },
	{ "range_without_a_byte_in_it", "0x18000-0x18400", .range = "0x30000-0x31000" },
	{ "range_of_no_form", "LOW-HIGH", .range = "somewhere", .status = USAGE },
	{ "range_that_ends_before_it_begins", "LOW-HIGH", .range = "0x2000-0x1000",
	  .status = USAGE },
	{ "init_packet_cut", "bad.dat: its 9 bytes are neither", .spoil = cut_init },
	{ "init_packet_empty", "bad.dat: ", .spoil = empty_init },
	{ "init_packet_with_absurd_count", "bad.dat: ", .spoil = claim_many_softdevices },
	{ "init_packet_too_long", "bad.dat: ", .spoil = overgrow_init },
	{ "init_packet_of_another_image", "bad.hex: its CRC-16 is", .spoil = take_crc_of_another },
};

enum { CASES = sizeof(cases) / sizeof(cases[0]) };

static void draft_good(struct draft *draft)
{
	/* As applications begin: stack pointer and reset vector. */
	static const uint8_t vectors[] = { 0x00, 0x20, 0x00, 0x20, 0x01, 0x81, 0x01, 0x00 };
	static const uint16_t any[] = { 0xFFFE };
	const struct init_target target = { .version = UINT32_MAX,
					    .device_type = 0xFFFF,
					    .device_revision = 0xFFFF,
					    .sd_req = any,
					    .sd_req_count = 1 };
	struct init_image image = { .app_size = IMAGE_LEN };

	memset(draft, 0, sizeof(*draft));
	for (size_t i = 0; i < IMAGE_LEN; i++)
		draft->image[i] = (uint8_t)(i * 7 + (i >> 8));
	memcpy(draft->image, vectors, sizeof(vectors));
	image.crc16 = init_crc16(draft->image, IMAGE_LEN);
	init_encode_legacy(&image, &target, 5, &draft->init);
	hexfile_data(&draft->hex, START, draft->image, IMAGE_LEN);
	hexfile_end(&draft->hex);
}

/* The device of all cases: nothing ever changes it. */
static struct bystander *device;

/* more: further words, or NULL. */
static struct run_result update(struct draft *draft, const char *const *more)
{
	const char *folder = device->sim.folder;
	char *hex = file_write(folder, "bad.hex", draft->hex.text);
	char *dat = file_write_bytes(folder, "bad.dat", draft->init.data, draft->init.len);
	const char *words[] = {
		"-f", hex, "-d", dat, more ? more[0] : NULL, more && more[0] ? more[1] : NULL, NULL
	};
	struct run_result run = bystander_update(device, words);

	free(hex);
	free(dat);
	return run;
}

static void firmware_is_refused(void **state)
{
	const struct bad_firmware *bad = *state;
	const char *const range[] = { "--range", bad->range };
	struct draft *draft = malloc(sizeof(*draft));
	struct run_result run;

	assert_non_null(draft);
	draft_good(draft);
	if (bad->spoil)
		bad->spoil(draft);
	run = update(draft, bad->range ? range : NULL);
	assert_refused(device, &run, bad->status ? bad->status : REFUSED, bad->text);
	free(draft);
}

static void a_secure_device_takes_no_legacy_init_packet(void **state)
{
	static const char *const secure[] = { "--secure", NULL };
	struct draft *draft = malloc(sizeof(*draft));
	struct run_result run;

	(void)state;
	assert_non_null(draft);
	draft_good(draft);
	run = update(draft, secure);
	assert_refused(device, &run, REFUSED, "this is a legacy package");
	free(draft);
}

static void files_that_cannot_be_read_are_told(void **state)
{
	char *good = file_write(device->sim.folder, "good.dat", "12");
	char *fifo = file_path(device->sim.folder, "fifo.bin");
	const char *const bad[] = { "/nonesuch.bin", device->sim.folder, fifo, "/dev/zero" };

	(void)state;
	assert_int_equal(mkfifo(fifo, 0600), 0);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct run_result run =
			bystander_update(device,
					 (const char *const[]){ "-f", bad[i], "-d", good, NULL });

		assert_refused(device, &run, USAGE, bad[i]);
		run = bystander_update(device,
				       (const char *const[]){ "-f", good, "-d", bad[i], NULL });
		assert_refused(device, &run, USAGE, bad[i]);
		run = bystander_update(device, (const char *const[]){ bad[i], NULL });
		assert_refused(device, &run, USAGE, bad[i]);
	}
	free(fifo);
	free(good);
}

/* Else the cases above would prove nothing. */
static void the_pair_they_are_made_from_is_taken(void **state)
{
	static const char *const rehearse[] = { "--dry-run", NULL };
	struct draft *draft = malloc(sizeof(*draft));
	struct run_result run;

	(void)state;
	assert_non_null(draft);
	draft_good(draft);
	run = update(draft, rehearse);
	if (run.status != 0)
		fail_msg("exit %d: %s%s", run.status, run.out, run.err);
	run_result_clear(&run);
	free(draft);
}

static int set_up(void **state)
{
	(void)state;
	device = bystander_new(LEGACY_DEVICE);
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
	static const struct CMUnitTest singles[] = {
		cmocka_unit_test(a_secure_device_takes_no_legacy_init_packet),
		cmocka_unit_test(files_that_cannot_be_read_are_told),
		/* The last: it connects. */
		cmocka_unit_test(the_pair_they_are_made_from_is_taken),
	};
	struct CMUnitTest tests[CASES + sizeof(singles) / sizeof(singles[0])];

	for (size_t i = 0; i < CASES; i++)
		tests[i] = (struct CMUnitTest){ .name = cases[i].name,
						.test_func = firmware_is_refused,
						.initial_state = (void *)(uintptr_t)&cases[i] };
	memcpy(tests + CASES, singles, sizeof(singles));
	return cmocka_run_group_tests_name("bad_firmware", tests, set_up, tear_down);
}
