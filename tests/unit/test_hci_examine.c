/* What examine tells of controllers that are no adapters of the kernel, and of our rights. */
#include "att_bench.h"
#include "examine.h"
#include "heard_findings.h"
#include "scratch.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

/* cmocka wants the four above first. */
#include <cmocka.h>

enum { WORD_MAX = SCRATCH_PATH_MAX + 16 };

static struct heard_findings heard;
static struct att_bench *bench;

static int set_up(void **state)
{
	void *made = NULL;

	heard.text[0] = '\0';
	if (att_bench_begin(&made) < 0 || scratch_setup(state) < 0)
		return -1;
	bench = made;
	return 0;
}

static int tear_down(void **state)
{
	void *made = bench;

	return att_bench_end(&made) < 0 ? -1 : scratch_teardown(state);
}

static void assert_examined(const char *word, int code, const char *part)
{
	assert_int_equal(examine(&bench->ctx, word, NULL, heard_findings_add, &heard), code);
	if (!strstr(heard.text, part))
		fail_msg("no \"%s\" in: %s", part, heard.text);
	if (code != OTADFU_OK)
		assert_int_equal(bench->failure.code, code);
}

/* "unix:PATH" of a socket in the scratch folder, which somebody listens at. */
static int listen_at(void *const *state, char word[WORD_MAX])
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	char path[SCRATCH_PATH_MAX];

	scratch_path(state, "air", path);
	assert_true(strlen(path) < sizeof(address.sun_path));
	memcpy(address.sun_path, path, strlen(path));
	assert_int_equal(bind(fd, (const struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(listen(fd, 1), 0);
	snprintf(word, WORD_MAX, "unix:%s", path);
	return fd;
}

static void a_socket_may_be_opened_and_is_not(void **state)
{
	char word[WORD_MAX];
	int fd = listen_at(state, word);

	assert_examined(word, OTADFU_OK, ": a socket that may be opened\n");
	assert_int_equal(accept(fd, NULL, NULL), -1);
	close(fd);
}

static void a_socket_that_is_not_there_is_told(void **state)
{
	char word[WORD_MAX];
	char path[SCRATCH_PATH_MAX];

	scratch_path(state, "air", path);
	snprintf(word, sizeof(word), "unix:%s", path);
	assert_examined(word, OTADFU_E_NOT_FOUND,
			": no socket is there [start the program that makes it]\n");
}

static void a_file_is_no_socket_and_no_serial_line(void **state)
{
	char word[WORD_MAX];
	char path[SCRATCH_PATH_MAX];

	scratch_write(state, "file", "", 0, path);
	snprintf(word, sizeof(word), "unix:%s", path);
	assert_examined(word, OTADFU_E_NOT_FOUND, "no socket is there");
	snprintf(word, sizeof(word), "serial:%s,115200", path);
	bench->failure.code = OTADFU_OK;
	assert_examined(word, OTADFU_E_NOT_FOUND, "no serial line is there");
}

static void a_line_that_another_group_may_open_names_the_group(void **state)
{
	char word[WORD_MAX];
	int fd = listen_at(state, word);

	if (geteuid() != 0)
		skip();
	assert_int_equal(chmod(word + strlen("unix:"), 0660), 0);
	assert_int_equal(chown(word + strlen("unix:"), 0, 20), 0);
	/* access asks for the real user. */
	assert_int_equal(setresuid(65534, 0, 0), 0);
	assert_examined(word, OTADFU_E_PERMISSION,
			"this user may not open it [sudo usermod -aG dialout $USER, then log in "
			"again]\n");
	assert_int_equal(setresuid(0, 0, 0), 0);
	close(fd);
}

static void a_character_device_passes_for_a_line(void **state)
{
	(void)state;
	assert_examined("serial:/dev/null,115200", OTADFU_OK, ": a line that may be opened\n");
}

static void a_place_on_the_network_is_not_tried(void **state)
{
	(void)state;
	assert_examined("tcp:localhost:1", OTADFU_OK, "tcp:localhost:1: not tried");
}

static void a_word_that_makes_no_sense_is_refused(void **state)
{
	(void)state;
	assert_examined("usb0", OTADFU_E_CONFIG, "");
	assert_string_equal(heard.text, "");
	assert_non_null(strstr(bench->failure.text, "serial:DEV[,BAUD]"));
}

static void who_may_not_take_adapters_is_told_the_capability_and_the_program(void **state)
{
	(void)state;
	if (geteuid() != 0)
		skip();
	assert_int_equal(setresuid(0, 65534, 0), 0);
	examine(&bench->ctx, NULL, NULL, heard_findings_add, &heard);
	assert_int_equal(setresuid(0, 0, 0), 0);
	assert_non_null(strstr(heard.text, "! rights: no CAP_NET_ADMIN"));
	assert_non_null(strstr(heard.text, "[sudo setcap cap_net_admin+ep /"));
	assert_non_null(strstr(heard.text, "test_hci_examine "));
}

int main(void)
{
#define TEST(fact) cmocka_unit_test_setup_teardown(fact, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(a_socket_may_be_opened_and_is_not),
		TEST(a_socket_that_is_not_there_is_told),
		TEST(a_file_is_no_socket_and_no_serial_line),
		TEST(a_line_that_another_group_may_open_names_the_group),
		TEST(a_character_device_passes_for_a_line),
		TEST(a_place_on_the_network_is_not_tried),
		TEST(a_word_that_makes_no_sense_is_refused),
		TEST(who_may_not_take_adapters_is_told_the_capability_and_the_program),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
