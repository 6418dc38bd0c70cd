/* What is told of gatttool before it is used. */
#include "gatttool_bench.h"
#include "heard_findings.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

/* cmocka wants the four above first. */
#include <cmocka.h>

static bool kernel_has_bluetooth(void)
{
	int fd = socket(AF_BLUETOOTH, SOCK_RAW | SOCK_CLOEXEC, 1);

	if (fd >= 0)
		close(fd);
	return fd >= 0 || errno != EAFNOSUPPORT;
}

static int examine(struct gatttool_bench *bench, const char *adapter, struct heard_findings *heard)
{
	heard->text[0] = '\0';
	return bench->ops->examine(&bench->ctx, adapter, NULL, heard_findings_add, heard);
}

/* Found in $PATH under BlueZ's own name. */
static void install_as_gatttool(struct gatttool_bench *bench)
{
	char *link = NULL;

	assert_true(asprintf(&link, "%s/gatttool", bench->folder) >= 0);
	assert_int_equal(symlink(bench->binary, link), 0);
	assert_int_equal(setenv("PATH", bench->folder, 1), 0);
	bench->binary = "gatttool";
	free(link);
}

static void remove_gatttool(const struct gatttool_bench *bench)
{
	char *link = NULL;

	assert_true(asprintf(&link, "%s/gatttool", bench->folder) >= 0);
	unlink(link);
	free(link);
}

static void a_program_of_the_operators_needs_no_bluetooth_in_this_kernel(void **state)
{
	struct gatttool_bench *bench = *state;
	struct heard_findings heard;

	assert_int_equal(examine(bench, NULL, &heard), OTADFU_OK);
	assert_non_null(strstr(heard.text, bench->binary));
	assert_null(strstr(heard.text, "kernel"));
	assert_null(strstr(heard.text, "! "));
}

static void an_absent_program_names_its_package(void **state)
{
	struct gatttool_bench *bench = *state;
	struct heard_findings heard;

	bench->binary = "no-such-gatttool";
	assert_int_equal(examine(bench, NULL, &heard), OTADFU_E_NOT_FOUND);
	assert_string_equal(
		heard.text,
		"! gatttool: \"no-such-gatttool\" cannot be run [sudo apt install bluez]\n");
}

static void bluezs_own_needs_an_adapter_of_this_kernel(void **state)
{
	struct gatttool_bench *bench = *state;
	struct heard_findings heard;

	if (kernel_has_bluetooth())
		skip();
	install_as_gatttool(bench);
	assert_int_equal(examine(bench, NULL, &heard), OTADFU_E_UNSUPPORTED);
	assert_non_null(strstr(heard.text, "/gatttool\n"));
	assert_non_null(strstr(heard.text, "! kernel: without Bluetooth ["));
	assert_failure(bench, bench->ops->open(&bench->ctx, NULL, &bench->adapter),
		       OTADFU_E_UNSUPPORTED, "this kernel has no Bluetooth");
	remove_gatttool(bench);
}

static void a_word_that_is_no_adapter_is_refused(void **state)
{
	struct gatttool_bench *bench = *state;
	struct heard_findings heard;

	assert_failure(bench, examine(bench, "unix:/run/x", &heard), OTADFU_E_CONFIG,
		       "expected hci0, hci1");
}

#define bench_test(name) cmocka_unit_test_setup_teardown(name, bench_set_up, bench_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		bench_test(a_program_of_the_operators_needs_no_bluetooth_in_this_kernel),
		bench_test(an_absent_program_names_its_package),
		bench_test(bluezs_own_needs_an_adapter_of_this_kernel),
		bench_test(a_word_that_is_no_adapter_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
