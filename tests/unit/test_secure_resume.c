/* Each row of the resume tables, secure-dfu.md 6.1 and 6.2. */
#include "secure_resume.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <zlib.h>

/* cmocka wants the four above first. */
#include <cmocka.h>

enum { OBJECT = 4096, IMAGE = 10000, INIT = 140 };

static uint8_t image[IMAGE];

static int fill_image(void **state)
{
	(void)state;
	for (size_t i = 0; i < IMAGE; i++)
		image[i] = (uint8_t)(i * 11 + i / 256);
	return 0;
}

static uint32_t right_crc(uint32_t offset)
{
	return (uint32_t)crc32_z(0, image, offset > IMAGE ? IMAGE : offset);
}

static void assert_command(uint32_t offset, uint32_t crc, enum secure_way way, uint32_t from)
{
	struct secure_held held = { offset, crc };
	struct secure_plan plan = secure_plan_command(&held, image, INIT);

	assert_int_equal(plan.way, way);
	assert_int_equal(plan.offset, from);
}

static void assert_data(uint32_t offset, uint32_t crc, enum secure_way way, uint32_t start,
			uint32_t from)
{
	struct secure_held held = { offset, crc };
	struct secure_plan plan = secure_plan_data(&held, OBJECT, image, IMAGE);

	assert_int_equal(plan.way, way);
	assert_int_equal(plan.start, start);
	assert_int_equal(plan.offset, from);
}

static void command_not_begun_is_created(void **state)
{
	(void)state;
	assert_command(0, 0, SECURE_WAY_CREATE, 0);
}

static void command_of_another_package_is_created_anew(void **state)
{
	(void)state;
	assert_command(INIT + 1, right_crc(INIT + 1), SECURE_WAY_CREATE, 0);
	assert_command(INIT, ~right_crc(INIT), SECURE_WAY_CREATE, 0);
	assert_command(64, ~right_crc(64), SECURE_WAY_CREATE, 0);
}

static void command_in_part_is_continued(void **state)
{
	(void)state;
	assert_command(64, right_crc(64), SECURE_WAY_CONTINUE, 64);
	assert_command(INIT - 1, right_crc(INIT - 1), SECURE_WAY_CONTINUE, INIT - 1);
}

static void whole_command_is_executed_not_sent(void **state)
{
	(void)state;
	assert_command(INIT, right_crc(INIT), SECURE_WAY_EXECUTE, INIT);
}

static void data_not_begun_is_created_whatever_the_crc(void **state)
{
	(void)state;
	assert_data(0, 0, SECURE_WAY_CREATE, 0, 0);
	assert_data(0, 0x00027000, SECURE_WAY_CREATE, 0, 0);
}

static void more_data_than_the_image_restarts_everything(void **state)
{
	(void)state;
	assert_data(IMAGE + 1, right_crc(IMAGE), SECURE_WAY_RESTART, 0, 0);
	assert_data(UINT32_MAX, 0, SECURE_WAY_RESTART, 0, 0);
}

static void damaged_open_object_is_created_again(void **state)
{
	(void)state;
	assert_data(4096 + 100, ~right_crc(4196), SECURE_WAY_CREATE, 4096, 4096);
	assert_data(100, ~right_crc(100), SECURE_WAY_CREATE, 0, 0);
	assert_data(IMAGE, ~right_crc(IMAGE), SECURE_WAY_CREATE, 8192, 8192);
}

static void damaged_whole_object_is_rolled_back(void **state)
{
	(void)state;
	assert_data(4096, ~right_crc(4096), SECURE_WAY_CREATE, 0, 0);
	assert_data(8192, ~right_crc(8192), SECURE_WAY_CREATE, 4096, 4096);
}

static void whole_image_is_executed(void **state)
{
	(void)state;
	assert_data(IMAGE, right_crc(IMAGE), SECURE_WAY_EXECUTE, IMAGE, IMAGE);
}

static void whole_object_is_executed_first(void **state)
{
	(void)state;
	assert_data(4096, right_crc(4096), SECURE_WAY_EXECUTE, 4096, 4096);
	assert_data(8192, right_crc(8192), SECURE_WAY_EXECUTE, 8192, 8192);
}

static void open_object_is_continued(void **state)
{
	(void)state;
	assert_data(100, right_crc(100), SECURE_WAY_CONTINUE, 0, 100);
	assert_data(8192 + 244, right_crc(8192 + 244), SECURE_WAY_CONTINUE, 8192, 8192 + 244);
}

/* Section 8: what follows an odd offset would be counted, but never reach flash. */
static void open_object_at_an_odd_offset_is_created_again(void **state)
{
	(void)state;
	assert_data(4096 + 101, right_crc(4096 + 101), SECURE_WAY_CREATE, 4096, 4096);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(command_not_begun_is_created),
		cmocka_unit_test(command_of_another_package_is_created_anew),
		cmocka_unit_test(command_in_part_is_continued),
		cmocka_unit_test(whole_command_is_executed_not_sent),
		cmocka_unit_test(data_not_begun_is_created_whatever_the_crc),
		cmocka_unit_test(more_data_than_the_image_restarts_everything),
		cmocka_unit_test(damaged_open_object_is_created_again),
		cmocka_unit_test(damaged_whole_object_is_rolled_back),
		cmocka_unit_test(whole_image_is_executed),
		cmocka_unit_test(whole_object_is_executed_first),
		cmocka_unit_test(open_object_is_continued),
		cmocka_unit_test(open_object_at_an_odd_offset_is_created_again),
	};

	return cmocka_run_group_tests_name("secure_resume", tests, fill_image, NULL);
}
