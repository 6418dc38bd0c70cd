#include "regions.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* cmocka wants the four above first. */
#include <cmocka.h>

/* A record of 4 bytes at an address. */
static void add(char *text, size_t size, uint32_t addr, const char *bytes)
{
	const uint8_t *b = (const uint8_t *)bytes;
	uint8_t head = (uint8_t)(6 + (addr >> 24) + (addr >> 16));
	uint8_t sum = (uint8_t)(4 + (addr >> 8) + addr + b[0] + b[1] + b[2] + b[3]);
	size_t used = strlen(text);

	snprintf(text + used, size - used, ":02000004%04X%02X\n:04%04X00%02X%02X%02X%02X%02X\n",
		 addr >> 16, (uint8_t)-head, addr & 0xFFFF, b[0], b[1], b[2], b[3], (uint8_t)-sum);
}

static void find(char *text, size_t size, struct regions *regions)
{
	size_t used = strlen(text);
	struct failure why = { 0 };
	struct ihex *hex;

	snprintf(text + used, size - used, ":00000001FF\n");
	ihex_parse(text, strlen(text), &hex, &why);
	assert_string_equal(why.text, "");
	regions_find(hex, regions);
	ihex_free(hex);
}

static void check_kinds(const struct regions *regions, const char *wanted)
{
	char kinds[256] = "";

	for (size_t i = 0; i < regions->count; i++) {
		size_t used = strlen(kinds);

		snprintf(kinds + used, sizeof(kinds) - used, "%s%s", i > 0 ? " " : "",
			 region_kind_name(regions->items[i].kind));
	}
	assert_string_equal(kinds, wanted);
}

static void softdevices_have_names(void **state)
{
	(void)state;
	assert_string_equal(softdevice_name(0x00B7), "S132 6.1.1");
	assert_string_equal(softdevice_name(0x0100), "S140 7.2.0");
	assert_string_equal(softdevice_name(0x0064), "S110 8.0.0");
	assert_string_equal(softdevice_name(0x0126), "S112 7.3.0");
	assert_null(softdevice_name(0xFFFE));
	assert_null(softdevice_name(0));
}

static void softdevice_says_what_it_is(void **state)
{
	/* Length 0x18: with id and version. */
	uint8_t info[SOFTDEVICE_INFO_LEN] = "\x18\0\0\0\xDB\xE5\xB1\x51\0\x60\x02\0\x01\x01\0\0"
					    "\x84\0\0\0\x80\xDD\x6A";
	struct softdevice_info found = { 0 };

	(void)state;
	assert_true(softdevice_read_info(info, sizeof(info), &found));
	assert_int_equal(found.end, 0x26000);
	assert_int_equal(found.fwid, 0x0101);
	assert_int_equal(found.id, 132);
	assert_int_equal(found.version, 7003520);
	info[0] = 0x10;
	assert_true(softdevice_read_info(info, sizeof(info), &found));
	assert_int_equal(found.id, 0);
	assert_int_equal(found.version, 0);
	assert_false(softdevice_read_info(info, sizeof(info) - 1, &found));
	info[4]++;
	assert_false(softdevice_read_info(info, sizeof(info), &found));
	assert_false(softdevice_find_info(info, sizeof(info), &found));
}

static void parts_are_told_by_what_the_file_says_of_itself(void **state)
{
	char text[4096] = "";
	struct regions regions;

	(void)state;
	add(text, sizeof(text), 0x00000000, "MBR.");
	add(text, sizeof(text), 0x00001000, "SD..");
	for (uint32_t i = 0; i < 6; i++) {
		static const char *const info[] = { "\x18\0\0\0",   "\xDB\xE5\xB1\x51",
						    "\0\x60\x02\0", "\x01\x01\0\0",
						    "\x84\0\0\0",   "\x80\xDD\x6A\0" };

		add(text, sizeof(text), 0x3000 + 4 * i, info[i]);
	}
	add(text, sizeof(text), 0x00025FFC, "SD..");
	add(text, sizeof(text), 0x00026000, "APP.");
	add(text, sizeof(text), 0x00071000, "BL..");
	add(text, sizeof(text), 0x0007E000, "PAR.");
	add(text, sizeof(text), 0x0007F000, "SET.");
	add(text, sizeof(text), 0x10001014, "\x00\x10\x07\x00");
	find(text, sizeof(text), &regions);
	check_kinds(&regions, "mbr softdevice softdevice softdevice application bootloader "
			      "mbr_parameters settings uicr");
	assert_true(regions.has_softdevice);
	assert_int_equal(regions.softdevice.fwid, 0x0101);
	assert_int_equal(regions.items[3].high, 0x26000);
	assert_int_equal(regions.items[4].low, 0x26000);
}

static void bootloader_is_guessed_where_uicr_does_not_say(void **state)
{
	char text[512] = "";
	struct regions regions;

	(void)state;
	add(text, sizeof(text), 0x00027000, "APP.");
	add(text, sizeof(text), 0x000F8000, "BL..");
	add(text, sizeof(text), 0x10001014, "\xFF\xFF\xFF\xFF");
	find(text, sizeof(text), &regions);
	check_kinds(&regions, "application bootloader uicr");
	assert_false(regions.has_softdevice);
}

static void what_touches_is_cut_where_another_part_begins(void **state)
{
	char text[1024] = "";
	struct regions regions;

	(void)state;
	add(text, sizeof(text), 0x00000FFC, "MBR.");
	add(text, sizeof(text), 0x00001000, "what");
	add(text, sizeof(text), 0x0003ABFC, "app.");
	add(text, sizeof(text), 0x0003AC00, "BL..");
	add(text, sizeof(text), 0x10001014, "\x00\xAC\x03\x00");
	find(text, sizeof(text), &regions);
	check_kinds(&regions, "mbr unknown application bootloader uicr");
	assert_int_equal(regions.items[2].high, 0x3AC00);
}

static void more_regions_than_anyone_needs_are_cut(void **state)
{
	static char text[100 * 40];
	struct regions regions;

	(void)state;
	text[0] = '\0';
	for (uint32_t i = 0; i < 100; i++)
		add(text, sizeof(text), 0x2000 + i * 0x800, "....");
	find(text, sizeof(text), &regions);
	assert_int_equal(regions.count, REGIONS_MAX);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(softdevices_have_names),
		cmocka_unit_test(softdevice_says_what_it_is),
		cmocka_unit_test(parts_are_told_by_what_the_file_says_of_itself),
		cmocka_unit_test(bootloader_is_guessed_where_uicr_does_not_say),
		cmocka_unit_test(what_touches_is_cut_where_another_part_begins),
		cmocka_unit_test(more_regions_than_anyone_needs_are_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
