#include "progress.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* cmocka wants the four above first. */
#include <cmocka.h>

static void the_bar_tells_percent_bytes_speed_and_time_left(void **state)
{
	struct progress progress = progress_begin(0, 60000, 1000);
	char line[256];

	(void)state;
	progress_advance(&progress, 30000, 3000);
	progress_format(&progress, 79, line, sizeof(line));
	assert_string_equal(line, "[#################-----------------]  50 %  30.0/60.0 kB  "
				  " 15.0 kB/s  0:02 left");
}

static void no_width_is_exceeded(void **state)
{
	struct progress progress = progress_begin(0, 1000000, 0);
	char line[256];

	(void)state;
	progress_advance(&progress, 123456, 5000);
	for (unsigned width = 0; width < 200; width++) {
		progress_format(&progress, width, line, sizeof(line));
		assert_true(strlen(line) <= width);
	}
}

static void at_forty_columns_percent_and_bytes_remain(void **state)
{
	struct progress progress = progress_begin(0, 60000, 0);
	char line[256];

	(void)state;
	progress_advance(&progress, 60000, 4000);
	progress_format(&progress, 39, line, sizeof(line));
	assert_string_equal(line, "[#################] 100 %  60.0/60.0 kB");
}

static void a_resumed_image_counts_only_what_is_sent_now(void **state)
{
	struct progress progress = progress_begin(50000, 60000, 0);
	char line[256];

	(void)state;
	progress_advance(&progress, 55000, 1000);
	progress_format(&progress, 79, line, sizeof(line));
	assert_non_null(strstr(line, "  5.0 kB/s  0:01 left"));
}

static void going_back_begins_the_speed_anew(void **state)
{
	struct progress progress = progress_begin(0, 60000, 0);
	char line[256];

	(void)state;
	progress_advance(&progress, 40000, 1000);
	progress_advance(&progress, 20000, 2000);
	progress_format(&progress, 79, line, sizeof(line));
	assert_non_null(strstr(line, "  0.0 kB/s  -:-- left"));
	progress_advance(&progress, 22000, 3000);
	progress_format(&progress, 79, line, sizeof(line));
	assert_non_null(strstr(line, "  2.0 kB/s"));
}

static void an_empty_image_is_complete(void **state)
{
	struct progress progress = progress_begin(0, 0, 0);

	(void)state;
	assert_int_equal(progress_percent(&progress), 100);
}

static void almost_done_is_not_done(void **state)
{
	struct progress progress = progress_begin(999, 1000, 0);

	(void)state;
	assert_int_equal(progress_percent(&progress), 99);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_bar_tells_percent_bytes_speed_and_time_left),
		cmocka_unit_test(no_width_is_exceeded),
		cmocka_unit_test(at_forty_columns_percent_and_bytes_remain),
		cmocka_unit_test(a_resumed_image_counts_only_what_is_sent_now),
		cmocka_unit_test(going_back_begins_the_speed_anew),
		cmocka_unit_test(an_empty_image_is_complete),
		cmocka_unit_test(almost_done_is_not_done),
	};

	return cmocka_run_group_tests_name("cli_progress", tests, NULL, NULL);
}
