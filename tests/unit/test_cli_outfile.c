#include "outfile.h"
#include "scratch.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* cmocka wants the four above first. */
#include <cmocka.h>

static void assert_holds(const char *path, const char *text)
{
	char content[64] = "";
	FILE *file = fopen(path, "re");

	assert_non_null(file);
	assert_int_equal(fread(content, 1, sizeof(content) - 1, file), strlen(text));
	assert_string_equal(content, text);
	fclose(file);
}

static void a_new_file_is_written_with_the_usual_rights(void **state)
{
	char path[SCRATCH_PATH_MAX];
	struct failure why = { 0 };
	struct stat info;
	mode_t old = umask(027);

	scratch_path(state, "new", path);
	assert_int_equal(outfile_write(path, false, "text", 4, &why), OTADFU_OK);
	umask(old);
	assert_holds(path, "text");
	assert_int_equal(stat(path, &info), 0);
	assert_int_equal(info.st_mode & 0777, 0640);
}

static void what_is_there_stays_unless_told_otherwise(void **state)
{
	char path[SCRATCH_PATH_MAX];
	struct failure why = { 0 };

	scratch_write(state, "old", "old", 3, path);
	assert_int_equal(outfile_write(path, false, "new", 3, &why), OTADFU_E_CONFIG);
	assert_non_null(strstr(why.hint, "--overwrite"));
	assert_holds(path, "old");
	failure_clear(&why);
	assert_int_equal(outfile_write(path, true, "new", 3, &why), OTADFU_OK);
	assert_holds(path, "new");
}

static void only_regular_files_are_replaced(void **state)
{
	char target[SCRATCH_PATH_MAX], link[SCRATCH_PATH_MAX];
	struct failure why = { 0 };

	scratch_write(state, "target", "old", 3, target);
	scratch_path(state, "link", link);
	assert_int_equal(symlink(target, link), 0);
	assert_int_equal(outfile_write(link, true, "new", 3, &why), OTADFU_E_CONFIG);
	assert_holds(target, "old");
	assert_int_equal(outfile_check("/dev/null", true, NULL), OTADFU_E_CONFIG);
	assert_int_equal(outfile_check("/", true, NULL), OTADFU_E_CONFIG);
}

/* In a container every run has the same number. */
static void what_a_killed_run_left_is_not_in_the_way(void **state)
{
	char name[32], path[SCRATCH_PATH_MAX], left[SCRATCH_PATH_MAX];
	struct failure why = { 0 };

	snprintf(name, sizeof(name), "file.%d.tmp", (int)getpid());
	scratch_write(state, name, "part", 4, left);
	scratch_path(state, "file", path);
	assert_int_equal(outfile_write(path, false, "text", 4, &why), OTADFU_OK);
	assert_holds(path, "text");
	assert_holds(left, "part");
}

static void a_folder_that_is_not_there_is_told(void **state)
{
	char path[SCRATCH_PATH_MAX];
	struct failure why = { 0 };

	scratch_path(state, "nonesuch/file", path);
	assert_int_equal(outfile_write(path, false, "text", 4, &why), OTADFU_E_IO);
	assert_non_null(strstr(why.text, "nonesuch/file: cannot be written: No such file"));
}

static void a_private_file_is_its_owners_whatever_was_there(void **state)
{
	char path[SCRATCH_PATH_MAX];
	struct failure why = { 0 };
	struct stat info;
	mode_t old = umask(0);

	scratch_write(state, "secret", "old", 3, path);
	assert_int_equal(outfile_write_private(path, false, "new", 3, &why), OTADFU_E_CONFIG);
	assert_holds(path, "old");
	failure_clear(&why);
	assert_int_equal(outfile_write_private(path, true, "new", 3, &why), OTADFU_OK);
	umask(old);
	assert_holds(path, "new");
	assert_int_equal(stat(path, &info), 0);
	assert_int_equal(info.st_mode & 0777, 0600);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_new_file_is_written_with_the_usual_rights,
						scratch_setup, scratch_teardown),
		cmocka_unit_test_setup_teardown(what_is_there_stays_unless_told_otherwise,
						scratch_setup, scratch_teardown),
		cmocka_unit_test_setup_teardown(only_regular_files_are_replaced, scratch_setup,
						scratch_teardown),
		cmocka_unit_test_setup_teardown(a_private_file_is_its_owners_whatever_was_there,
						scratch_setup, scratch_teardown),
		cmocka_unit_test_setup_teardown(what_a_killed_run_left_is_not_in_the_way,
						scratch_setup, scratch_teardown),
		cmocka_unit_test_setup_teardown(a_folder_that_is_not_there_is_told, scratch_setup,
						scratch_teardown),
	};

	return cmocka_run_group_tests_name("cli_outfile", tests, NULL, NULL);
}
