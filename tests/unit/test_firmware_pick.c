/* Which part of a firmware file is the image that is wanted. */
#include "firmware_pick.h"
#include "scratch.h"

#include <otadfu/protocol.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* cmocka wants the four above first. */
#include <cmocka.h>

#define END         ":00000001FF\n"
#define AT(high)    ":02000004" high "\n"
#define APP_0x27000 AT("0002F8") ":047000000102030482\n"
#define BL_0xF8000  AT("000FEB") ":048000000506070862\n"
#define POINTER     AT("1000EA") ":0410140000800F0049\n"
#define SETTINGS    AT("000FEB") ":04F00000AABBCCDDFE\n"
#define MBR         AT("0000FA") ":0400000001020304F2\n"
#define APP_0x1000  AT("0000FA") ":0410000001020304E2\n"

static int pick(void *const *state, const char *text, uint32_t kind, const struct ihex_range *range,
		struct firmware *ret_firmware, char note[FIRMWARE_NOTE_MAX], struct failure *why)
{
	char path[SCRATCH_PATH_MAX];

	scratch_write(state, "f.hex", text, strlen(text), path);
	return firmware_pick(path, kind, range, ret_firmware, note, why);
}

static void check_picked(void *const *state, const char *text, uint32_t kind, uint32_t start,
			 const char *wanted_note)
{
	struct failure why = { 0 };
	struct firmware firmware;
	char note[FIRMWARE_NOTE_MAX];

	if (pick(state, text, kind, NULL, &firmware, note, &why) < 0)
		fail_msg("%s", why.text);
	assert_int_equal(firmware.start, start);
	assert_int_equal(firmware.len, 4);
	assert_string_equal(note, wanted_note);
	free(firmware.data);
}

static void check_refused(void *const *state, const char *text, uint32_t kind, const char *part)
{
	struct failure why = { 0 };
	struct firmware firmware;
	char note[FIRMWARE_NOTE_MAX];

	assert_int_equal(pick(state, text, kind, NULL, &firmware, note, &why), OTADFU_E_PACKAGE);
	if (!strstr(why.text, part))
		fail_msg("no \"%s\" in: %s", part, why.text);
}

static void a_file_of_one_image_is_that_image(void **state)
{
	check_picked(state, APP_0x27000 END, OTADFU_IMAGE_APPLICATION, 0x27000, "");
	check_picked(state, BL_0xF8000 POINTER END, OTADFU_IMAGE_BOOTLOADER, 0xF8000, "");
	check_picked(state, APP_0x1000 END, OTADFU_IMAGE_APPLICATION, 0x1000, "");
}

static void of_several_the_one_of_the_kind_is_taken(void **state)
{
	static const char merged[] = MBR APP_0x27000 BL_0xF8000 SETTINGS POINTER END;

	check_picked(state, merged, OTADFU_IMAGE_APPLICATION, 0x27000,
		     "f.hex: taken 0x27000-0x27004, and left: bootloader 0xF8000-0xF8004, "
		     "settings 0xFF000-0xFF004");
	check_picked(state, merged, OTADFU_IMAGE_BOOTLOADER, 0xF8000,
		     "f.hex: taken 0xF8000-0xF8004, and left: application 0x27000-0x27004, "
		     "settings 0xFF000-0xFF004");
}

static void another_kind_is_refused(void **state)
{
	check_refused(state, BL_0xF8000 POINTER END, OTADFU_IMAGE_APPLICATION,
		      "it holds no application, but: bootloader 0xF8000-0xF8004");
	check_refused(state, APP_0x27000 END, OTADFU_IMAGE_SOFTDEVICE,
		      "it holds no softdevice, but: application 0x27000-0x27004");
	check_refused(state, MBR END, OTADFU_IMAGE_APPLICATION, "it holds no application");
}

/* Nothing but its address speaks against it, and addresses of bootloaders are a choice. */
static void what_only_lies_where_bootloaders_do_may_be_an_application(void **state)
{
	check_picked(state, BL_0xF8000 END, OTADFU_IMAGE_APPLICATION, 0xF8000, "");
}

static void a_bootloader_in_an_unusual_place_is_doubted(void **state)
{
	check_picked(state, APP_0x27000 END, OTADFU_IMAGE_BOOTLOADER, 0x27000,
		     "f.hex: neither its place nor UICR shows that it is a bootloader");
}

static void a_range_chooses_instead(void **state)
{
	const struct ihex_range range = { true, 0xF8000, 0xF8004 };
	struct firmware firmware;
	char note[FIRMWARE_NOTE_MAX];

	assert_int_equal(pick(state, APP_0x27000 BL_0xF8000 POINTER END, OTADFU_IMAGE_APPLICATION,
			      &range, &firmware, note, NULL),
			 OTADFU_OK);
	assert_int_equal(firmware.start, 0xF8000);
	free(firmware.data);
}

/* Of 70 parts, 2 KiB from one to the next. */
static void of_too_many_parts_none_is_forgotten(void **state)
{
	const struct ihex_range range = { true, 0x40000, 0x70000 };
	char text[8192] = "";
	size_t used = 0;
	struct firmware firmware;
	char note[FIRMWARE_NOTE_MAX];

	for (unsigned i = 0; i < 70; i++) {
		unsigned high = 4 + i / 32, offset = i % 32 * 8;

		used += (size_t)snprintf(text + used, sizeof(text) - used,
					 ":02000004%04X%02X\n:01%02X000000%02X\n", high,
					 (0x100 - 6 - high) & 0xFF, offset,
					 (0x100 - 1 - offset) & 0xFF);
	}
	snprintf(text + used, sizeof(text) - used, END);
	check_refused(state, text, OTADFU_IMAGE_APPLICATION, "it holds 64 parts or more");
	assert_int_equal(pick(state, text, OTADFU_IMAGE_APPLICATION, &range, &firmware, note, NULL),
			 OTADFU_OK);
	assert_int_equal(firmware.len, 69 * 0x800 + 4);
	free(firmware.data);
}

static void for_another_chip_everything_is_taken(void **state)
{
	check_picked(state, BL_0xF8000 POINTER END, OTADFU_IMAGE_EXTERNAL_APP, 0xF8000, "");
}

static void a_bin_is_filled_to_whole_words(void **state)
{
	char path[SCRATCH_PATH_MAX];
	struct firmware firmware;
	char note[FIRMWARE_NOTE_MAX];

	scratch_write(state, "f.bin", "\1\2\3\4\5", 5, path);
	assert_int_equal(firmware_pick(path, OTADFU_IMAGE_APPLICATION, NULL, &firmware, note, NULL),
			 OTADFU_OK);
	assert_int_equal(firmware.len, 8);
	assert_int_equal(firmware.filled, 3);
	assert_memory_equal(firmware.data, "\1\2\3\4\5\xFF\xFF\xFF", 8);
	free(firmware.data);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_file_of_one_image_is_that_image, scratch_setup,
						scratch_teardown),
		cmocka_unit_test_setup_teardown(of_several_the_one_of_the_kind_is_taken,
						scratch_setup, scratch_teardown),
		cmocka_unit_test_setup_teardown(another_kind_is_refused, scratch_setup,
						scratch_teardown),
		cmocka_unit_test_setup_teardown(
			what_only_lies_where_bootloaders_do_may_be_an_application, scratch_setup,
			scratch_teardown),
		cmocka_unit_test_setup_teardown(a_bootloader_in_an_unusual_place_is_doubted,
						scratch_setup, scratch_teardown),
		cmocka_unit_test_setup_teardown(a_range_chooses_instead, scratch_setup,
						scratch_teardown),
		cmocka_unit_test_setup_teardown(of_too_many_parts_none_is_forgotten, scratch_setup,
						scratch_teardown),
		cmocka_unit_test_setup_teardown(for_another_chip_everything_is_taken, scratch_setup,
						scratch_teardown),
		cmocka_unit_test_setup_teardown(a_bin_is_filled_to_whole_words, scratch_setup,
						scratch_teardown),
	};

	return cmocka_run_group_tests_name("firmware_pick", tests, NULL, NULL);
}
