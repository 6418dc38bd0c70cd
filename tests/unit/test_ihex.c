#include "ihex.h"

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* cmocka wants the four above first. */
#include <cmocka.h>

/* HEX text made record by record. */
struct hex {
	char text[16384];
	size_t len;
};

static void add_text(struct hex *hex, const char *text)
{
	size_t len = strlen(text);

	assert_true(hex->len + len < sizeof(hex->text));
	memcpy(hex->text + hex->len, text, len + 1);
	hex->len += len;
}

static void add_record(struct hex *hex, uint8_t type, uint16_t offset, const void *data, size_t len)
{
	uint8_t record[4 + 255] = { (uint8_t)len, (uint8_t)(offset >> 8), (uint8_t)offset, type };
	char digits[3];
	uint8_t sum = 0;

	memcpy(record + 4, data, len);
	add_text(hex, ":");
	for (size_t i = 0; i < len + 4; i++) {
		sum = (uint8_t)(sum + record[i]);
		snprintf(digits, sizeof(digits), "%02X", record[i]);
		add_text(hex, digits);
	}
	snprintf(digits, sizeof(digits), "%02X", (uint8_t)-sum);
	add_text(hex, digits);
	add_text(hex, "\r\n");
}

static void add_linear(struct hex *hex, uint16_t high)
{
	add_record(hex, 4, 0, (uint8_t[]){ (uint8_t)(high >> 8), (uint8_t)high }, 2);
}

static void add_end(struct hex *hex)
{
	add_text(hex, ":00000001FF\r\n");
}

/* Checks the image; wanted NULL: the text must be refused for the reason. */
static void check_range(const struct hex *hex, const struct ihex_range *range, const char *wanted,
			size_t wanted_len, uint32_t wanted_start, const char *reason)
{
	struct failure why = { 0 };
	struct ihex_image image = { 0 };
	int r = ihex_to_image(hex->text, hex->len, range, &image, &why);

	if (!wanted) {
		assert_int_equal(r, OTADFU_E_PACKAGE);
		assert_string_equal(why.text, reason);
		assert_null(image.data);
		return;
	}
	assert_string_equal(why.text, "");
	assert_int_equal(r, OTADFU_OK);
	assert_int_equal(image.start, wanted_start);
	assert_int_equal(image.len, wanted_len);
	assert_memory_equal(image.data, wanted, image.len);
	free(image.data);
}

static void check(const struct hex *hex, const char *wanted, size_t wanted_len,
		  uint32_t wanted_start, const char *reason)
{
	check_range(hex, NULL, wanted, wanted_len, wanted_start, reason);
}

static void check_text(const char *text, const char *reason)
{
	struct hex hex = { .len = 0 };

	add_text(&hex, text);
	check(&hex, NULL, 0, 0, reason);
}

static void gaps_and_the_last_word_are_filled(void **state)
{
	struct hex hex = { .len = 0 };

	(void)state;
	add_linear(&hex, 1);
	add_record(&hex, 0, 0x8000, "abc", 3);
	add_record(&hex, 0, 0x8005, "fghi", 4);
	add_record(&hex, 5, 0, "\0\1\2\3", 4);
	add_end(&hex);
	check(&hex,
	      "abc\xFF\xFF"
	      "fghi\xFF\xFF\xFF",
	      12, 0x18000, NULL);
}

static void records_may_come_in_any_order(void **state)
{
	struct hex hex = { .len = 0 };

	(void)state;
	add_record(&hex, 0, 0x2004, "efgh", 4);
	add_record(&hex, 0, 0x2000, "abcd", 4);
	add_end(&hex);
	check(&hex, "abcdefgh", 8, 0x2000, NULL);
}

static void mbr_and_uicr_are_dropped(void **state)
{
	struct hex hex = { .len = 0 };

	(void)state;
	add_record(&hex, 0, 0x0000, "MBR.", 4);
	add_record(&hex, 0, 0x0FFE, "..abcdef", 8);
	add_linear(&hex, 0x1000);
	add_record(&hex, 0, 0x1014, "\0\xC0\3\0", 4);
	add_linear(&hex, 0xFFFF);
	add_record(&hex, 0, 0xFFFC, "last", 4);
	add_end(&hex);
	check(&hex, "abcdef\xFF\xFF", 8, 0x1000, NULL);
}

static void segment_and_linear_addresses_mix(void **state)
{
	struct hex hex = { .len = 0 };

	(void)state;
	add_record(&hex, 2, 0, "\x20\x00", 2); /* 0x2000 * 16 */
	add_record(&hex, 0, 0x0000, "abcd", 4);
	add_record(&hex, 3, 0, "\0\0\0\0", 4);
	add_linear(&hex, 2);
	add_record(&hex, 0, 0x0004, "efgh", 4);
	add_end(&hex);
	check(&hex, "abcdefgh", 8, 0x20000, NULL);
}

static void early_s132_keeps_a_larger_mbr(void **state)
{
	struct hex hex = { .len = 0 };
	struct ihex_image image;

	(void)state;
	add_record(&hex, 0, 0x1000, "mbr.", 4);
	add_record(&hex, 0, 0x3000, "sd", 2);
	add_record(&hex, 0, 0x5004, "\xDB\xE5\xB1\x51", 4);
	add_end(&hex);
	assert_int_equal(ihex_to_image(hex.text, hex.len, NULL, &image, NULL), OTADFU_OK);
	assert_int_equal(image.start, 0x3000);
	assert_int_equal(image.len, 0x2008);
	assert_memory_equal(image.data, "sd\xFF\xFF", 4);
	assert_memory_equal(image.data + 0x2004, "\xDB\xE5\xB1\x51", 4);
	free(image.data);
}

static void ordinary_softdevice_begins_behind_the_mbr(void **state)
{
	struct hex hex = { .len = 0 };
	struct ihex_image image;

	(void)state;
	add_record(&hex, 0, 0x1000, "sd", 2);
	add_record(&hex, 0, 0x3004, "\xDB\xE5\xB1\x51", 4);
	add_record(&hex, 0, 0x4004, "\xDB\xE5\xB1\x51", 4);
	add_end(&hex);
	assert_int_equal(ihex_to_image(hex.text, hex.len, NULL, &image, NULL), OTADFU_OK);
	assert_int_equal(image.start, 0x1000);
	free(image.data);
}

static void equal_overlap_is_accepted_different_refused(void **state)
{
	struct hex equal = { .len = 0 };
	struct hex different = { .len = 0 };

	(void)state;
	add_record(&equal, 0, 0x2000, "abcdefgh", 8);
	add_record(&equal, 0, 0x2002, "cd", 2);
	add_record(&equal, 0, 0x2006, "ghij", 4);
	add_record(&equal, 0, 0x2000, "ab", 2);
	different = equal;
	add_end(&equal);
	check(&equal, "abcdefghij\xFF\xFF", 12, 0x2000, NULL);

	add_record(&different, 0, 0x2009, "X", 1);
	add_end(&different);
	check(&different, NULL, 0, 0, "two records give different bytes for 0x2009");
}

static void far_parts_are_refused_with_their_ranges(void **state)
{
	struct hex hex = { .len = 0 };

	(void)state;
	add_record(&hex, 0, 0x1000, "abcd", 4);
	add_record(&hex, 0, 0x2000, "efgh", 4);
	add_linear(&hex, 7);
	add_record(&hex, 0, 0xF000, "page", 4);
	add_end(&hex);
	check(&hex, NULL, 0, 0,
	      "it holds parts far apart, which are not one image: 0x1000-0x2004, "
	      "0x7F000-0x7F004");
}

static void gap_of_64_kib_is_filled_one_byte_more_refused(void **state)
{
	struct hex filled = { .len = 0 };
	struct hex refused;
	struct ihex_image image;

	(void)state;
	add_record(&filled, 0, 0x1000, "abcd", 4);
	add_linear(&filled, 1);
	refused = filled;
	add_record(&filled, 0, 0x1004, "efgh", 4);
	add_end(&filled);
	assert_int_equal(ihex_to_image(filled.text, filled.len, NULL, &image, NULL), 0);
	assert_int_equal(image.len, 0x10008);
	assert_int_equal(image.data[0x10003], 0xFF);
	free(image.data);

	add_record(&refused, 0, 0x1005, "efgh", 4);
	add_end(&refused);
	check(&refused, NULL, 0, 0,
	      "it holds parts far apart, which are not one image: 0x1000-0x1004, "
	      "0x11005-0x11009");
}

static void image_over_16_mib_is_refused(void **state)
{
	struct hex hex = { .len = 0 };

	(void)state;
	for (uint16_t high = 0; high <= 0x100; high++) {
		add_linear(&hex, high);
		add_record(&hex, 0, 0x8000, "x", 1);
	}
	add_end(&hex);
	check(&hex, NULL, 0, 0, "larger than 16 MiB: 0x8000-0x1008001");
}

static void broken_text_is_refused_by_line(void **state)
{
	static const struct {
		const char *text, *reason;
	} cases[] = {
		{ "", "the end record is missing: the file is cut short" },
		{ ":0420000061626364 52\n", "line 1: a record is cut short or too long" },
		{ "\n:042000006162636452\n", "the end record is missing: the file is cut short" },
		{ "\n\n:042000006162636453\n", "line 3: the checksum is wrong" },
		{ ":0420000061626G6452\n", "line 1: not a hexadecimal digit" },
		{ ":052000006162636451\n", "line 1: the record has another length than it says" },
		{ ":0420\n", "line 1: a record is cut short or too long" },
		{ ":\n", "line 1: a record is cut short or too long" },
		{ "PK\x03\x04\n", "line 1: not a record of Intel HEX, which begins with a colon" },
		{ ":00000001FF\n:00000001FF\n", "line 2: there is more behind the end record" },
		{ ":00000006FA\n:00000001FF\n", "line 1: unknown type of record" },
		{ ":0100000404F7\n:00000001FF\n", "line 1: an address record has 2 bytes" },
		{ ":02FFFF006162\x33"
		  "D\n:00000001FF\n",
		  "line 1: the record crosses a boundary of 64 KiB" },
		{ ":00000001FF\n", "it holds nothing between MBR and UICR (0x1000-0x10000000)" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		check_text(cases[i].text, cases[i].reason);
}

static void lower_case_blank_lines_and_missing_newline_are_fine(void **state)
{
	struct hex hex = { .len = 0 };

	(void)state;
	add_text(&hex, "\r\n  :04200000aabbccddce \r\n\r\n:00000001ff");
	check(&hex, "\xAA\xBB\xCC\xDD", 4, 0x2000, NULL);
}

static void each_truncation_and_flip_is_survived(void **state)
{
	struct hex hex = { .len = 0 };

	(void)state;
	add_linear(&hex, 0);
	add_record(&hex, 0, 0x2000, "abcdefgh", 8);
	add_record(&hex, 2, 0, "\x02\x00", 2);
	add_record(&hex, 0, 0x0008, "ijkl", 4);
	add_end(&hex);
	for (size_t i = 0; i < hex.len * 9; i++) {
		struct hex damaged = hex;
		struct ihex_image image;

		if (i < hex.len)
			damaged.len = i;
		else
			damaged.text[i % hex.len] ^= (char)(1 << (i / hex.len - 1));
		if (ihex_to_image(damaged.text, damaged.len, NULL, &image, NULL) == 0) {
			assert_int_equal(image.len, 12);
			free(image.data);
		}
	}
}

static void range_takes_low_and_leaves_high(void **state)
{
	static const struct ihex_range range = { true, 0x2002, 0x2006 };
	static const struct ihex_range off = { false, 0x2002, 0x2006 };
	struct hex hex = { .len = 0 };

	(void)state;
	add_record(&hex, 0, 0x2000, "abcdefgh", 8);
	add_end(&hex);
	check_range(&hex, &range, "cdef", 4, 0x2002, NULL);
	check_range(&hex, &off, "abcdefgh", 8, 0x2000, NULL);
}

static void range_chooses_among_far_parts(void **state)
{
	static const struct ihex_range low = { true, 0x1000, 0x7F000 };
	static const struct ihex_range high = { true, 0x7F000, UINT32_MAX };
	static const struct ihex_range none = { true, 0x3000, 0x4000 };
	struct hex hex = { .len = 0 };

	(void)state;
	add_record(&hex, 0, 0x1000, "abcd", 4);
	add_linear(&hex, 7);
	add_record(&hex, 0, 0xF000, "page", 4);
	add_end(&hex);
	check_range(&hex, &low, "abcd", 4, 0x1000, NULL);
	check_range(&hex, &high, "page", 4, 0x7F000, NULL);
	check_range(&hex, &none, NULL, 0, 0,
		    "it holds nothing of an image in 0x3000-0x4000, but: 0x1000-0x1004, "
		    "0x7F000-0x7F004");
}

static void range_never_reaches_mbr_and_uicr(void **state)
{
	static const struct ihex_range all = { true, 0, UINT32_MAX };
	static const struct ihex_range mbr = { true, 0, 0x1000 };
	struct hex hex = { .len = 0 };

	(void)state;
	add_record(&hex, 0, 0x0FFC, "MBR.abcd", 8);
	add_linear(&hex, 0x1000);
	add_record(&hex, 0, 0x1014, "uicr", 4);
	add_end(&hex);
	check_range(&hex, &all, "abcd", 4, 0x1000, NULL);
	check_range(&hex, &mbr, NULL, 0, 0,
		    "it holds nothing of an image in 0x0-0x1000, but: 0xFFC-0x1004, "
		    "0x10001014-0x10001018");
}

static void ranges_are_written_low_high(void **state)
{
	static const char *const bad[] = { "",       "0x1000",      "0x1000-", "-0x2000",
					   "0x-0x1", "0x2-0x1",     "5-5",     "0x1000-0x100000000",
					   "a-b",    "0x1000-0x2-", "--5-6" };
	struct ihex_range range = { 0 };

	(void)state;
	assert_int_equal(ihex_parse_range("0x1000-0x12ECC", &range, NULL), OTADFU_OK);
	assert_true(range.set);
	assert_int_equal(range.low, 0x1000);
	assert_int_equal(range.high, 0x12ECC);
	assert_int_equal(ihex_parse_range("0-4096", &range, NULL), OTADFU_OK);
	assert_int_equal(range.high, 4096);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct failure why = { 0 };

		assert_int_equal(ihex_parse_range(bad[i], &range, &why), OTADFU_E_CONFIG);
		assert_non_null(strstr(why.text, "LOW-HIGH"));
	}
	assert_int_equal(range.high, 4096);
}

static struct ihex *parse_good(const struct hex *text)
{
	struct ihex *hex;

	assert_int_equal(ihex_parse(text->text, text->len, &hex, NULL), OTADFU_OK);
	return hex;
}

static void regions_are_parted_by_a_page(void **state)
{
	struct hex text = { .len = 0 };
	struct ihex_region regions[3];
	struct ihex *hex;

	(void)state;
	add_record(&text, 0, 0x2403, "near", 4);
	add_record(&text, 0, 0x2000, "abcd", 4);
	add_record(&text, 0, 0x2807, "far", 3);
	add_linear(&text, 0xFFFF);
	add_record(&text, 0, 0xFFFC, "last", 4);
	add_end(&text);
	hex = parse_good(&text);
	assert_int_equal(ihex_regions(hex, regions, 3), 3);
	assert_int_equal(regions[0].low, 0x2000);
	assert_int_equal(regions[0].high, 0x2407);
	assert_int_equal(regions[1].low, 0x2807);
	assert_int_equal(regions[1].high, 0x280A);
	assert_int_equal(regions[2].low, 0xFFFFFFFC);
	assert_int_equal(regions[2].high, 0xFFFFFFFF);
	assert_int_equal(ihex_regions(hex, NULL, 0), 3);
	ihex_free(hex);
}

static void bytes_are_got_only_when_all_are_there(void **state)
{
	struct hex text = { .len = 0 };
	uint8_t bytes[8];
	struct ihex *hex;

	(void)state;
	add_record(&text, 0, 0x2004, "efgh", 4);
	add_record(&text, 0, 0x2000, "abcd", 4);
	add_record(&text, 0, 0x2001, "bcde", 4);
	add_end(&text);
	hex = parse_good(&text);
	assert_true(ihex_get(hex, 0x2000, bytes, 8));
	assert_memory_equal(bytes, "abcdefgh", 8);
	assert_true(ihex_get(hex, 0x2003, bytes, 2));
	assert_memory_equal(bytes, "de", 2);
	assert_false(ihex_get(hex, 0x2001, bytes, 8));
	assert_false(ihex_get(hex, 0x1FFF, bytes, 2));
	assert_false(ihex_get(hex, UINT32_MAX, bytes, 8));
	ihex_free(hex);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(gaps_and_the_last_word_are_filled),
		cmocka_unit_test(records_may_come_in_any_order),
		cmocka_unit_test(mbr_and_uicr_are_dropped),
		cmocka_unit_test(segment_and_linear_addresses_mix),
		cmocka_unit_test(early_s132_keeps_a_larger_mbr),
		cmocka_unit_test(ordinary_softdevice_begins_behind_the_mbr),
		cmocka_unit_test(equal_overlap_is_accepted_different_refused),
		cmocka_unit_test(far_parts_are_refused_with_their_ranges),
		cmocka_unit_test(gap_of_64_kib_is_filled_one_byte_more_refused),
		cmocka_unit_test(image_over_16_mib_is_refused),
		cmocka_unit_test(broken_text_is_refused_by_line),
		cmocka_unit_test(lower_case_blank_lines_and_missing_newline_are_fine),
		cmocka_unit_test(each_truncation_and_flip_is_survived),
		cmocka_unit_test(range_takes_low_and_leaves_high),
		cmocka_unit_test(range_chooses_among_far_parts),
		cmocka_unit_test(range_never_reaches_mbr_and_uicr),
		cmocka_unit_test(ranges_are_written_low_high),
		cmocka_unit_test(regions_are_parted_by_a_page),
		cmocka_unit_test(bytes_are_got_only_when_all_are_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
