#include "machine.h"
#include "scratch.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* cmocka wants the four above first. */
#include <cmocka.h>

static void assert_named(void *const *state, const char *file, const char *expected)
{
	char path[SCRATCH_PATH_MAX];
	char name[MACHINE_TEXT_MAX] = "";

	scratch_write(state, "os-release", file, strlen(file), path);
	assert_int_equal(machine_read_name(path, name), *expected != '\0');
	assert_string_equal(name, expected);
}

static void the_system_is_named_as_it_names_itself(void **state)
{
	assert_named(state, "ID=debian\nPRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\n",
		     "Debian GNU/Linux 12 (bookworm)");
	assert_named(state, "PRETTY_NAME='Void'\n", "Void");
	assert_named(state, "PRETTY_NAME=Alpine", "Alpine");
}

static void a_system_that_does_not_say_has_no_name(void **state)
{
	assert_named(state, "NAME=x\n", "");
	assert_named(state, "PRETTY_NAME=\n", "");
	assert_named(state, "PRETTY_NAME=\"\n", "\"");
	assert_named(state, "", "");
}

static void a_name_that_is_too_long_is_cut(void **state)
{
	char file[1000] = "PRETTY_NAME=";
	char path[SCRATCH_PATH_MAX];
	char name[MACHINE_TEXT_MAX] = "";

	memset(file + 12, 'x', sizeof(file) - 12);
	scratch_write(state, "os-release", file, sizeof(file), path);
	assert_true(machine_read_name(path, name));
	assert_int_equal(strlen(name), MACHINE_TEXT_MAX - 1);
}

static void a_file_that_is_not_there_has_no_name(void **state)
{
	char name[MACHINE_TEXT_MAX] = "";

	(void)state;
	assert_false(machine_read_name("/nowhere/os-release", name));
}

static void the_kernel_is_named(void **state)
{
	struct machine machine;

	(void)state;
	machine_look(&machine);
	assert_int_equal(strncmp(machine.kernel, "Linux ", 6), 0);
}

int main(void)
{
#define TEST(fact) cmocka_unit_test_setup_teardown(fact, scratch_setup, scratch_teardown)
	const struct CMUnitTest tests[] = {
		TEST(the_system_is_named_as_it_names_itself),
		TEST(a_system_that_does_not_say_has_no_name),
		TEST(a_name_that_is_too_long_is_cut),
		TEST(a_file_that_is_not_there_has_no_name),
		TEST(the_kernel_is_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
