#include "gatttool_bench.h"

#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

enum { SLACK_MS = 5000 }; /* under sanitizers, on a busy machine */

/* --- open --- */

static int try_open(struct gatttool_bench *bench, const char *binary, const char *adapter)
{
	bench->binary = binary;
	return bench->ops->open(&bench->ctx, adapter, &bench->adapter);
}

static void says_what_to_do_where_gatttool_is_absent(void **state)
{
	struct gatttool_bench *bench = *state;

	assert_failure(bench, try_open(bench, "no-such-gatttool", NULL), OTADFU_E_NOT_FOUND,
		       "Debian's package bluez");
	assert_contains(bench->text, "transport l2cap or bluez");
	assert_failure(bench, try_open(bench, "/nowhere/gatttool", NULL), OTADFU_E_NOT_FOUND,
		       "\"/nowhere/gatttool\"");
}

static void looks_for_a_program_without_a_slash_in_the_path(void **state)
{
	struct gatttool_bench *bench = *state;

	const char *slash = strrchr(bench->binary, '/');
	char *path = NULL;

	assert_true(asprintf(&path, "/nowhere:%.*s", (int)(slash - bench->binary), bench->binary) >=
		    0);
	assert_int_equal(setenv("PATH", path, 1), 0);
	assert_int_equal(try_open(bench, slash + 1, NULL), OTADFU_OK);
	free(path);
}

static void takes_no_directory_for_the_program(void **state)
{
	struct gatttool_bench *bench = *state;

	assert_failure(bench, try_open(bench, bench->folder, NULL), OTADFU_E_NOT_FOUND,
		       "can be run");
}

static void refuses_an_adapter_that_makes_no_sense(void **state)
{
	static const char *const names[] = { "hci", "hci0x", "hci0000", "eth0", "/dev/hci0", "" };
	struct gatttool_bench *bench = *state;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		assert_failure(bench, try_open(bench, bench->binary, names[i]), OTADFU_E_CONFIG,
			       "expected hci0, hci1");
}

static void knows_which_adapters_there_are(void **state)
{
	struct gatttool_bench *bench = *state;

	assert_failure(bench, try_open(bench, bench->binary, "hci987"), OTADFU_E_NOT_FOUND,
		       "no Bluetooth adapter hci987");
}

static void says_so_when_gatttool_is_too_old(void **state)
{
	struct gatttool_bench *bench = *state;

	bench_play("old");
	assert_failure(bench, try_open(bench, bench->binary, NULL), OTADFU_E_UNSUPPORTED,
		       "too old");
}

static void says_so_when_gatttool_cannot_start(void **state)
{
	struct gatttool_bench *bench = *state;

	bench_play("broken");
	assert_failure(bench, try_open(bench, bench->binary, NULL), OTADFU_E_UNSUPPORTED,
		       "libreadline.so.8");
}

static void gives_up_on_a_program_that_says_nothing(void **state)
{
	struct gatttool_bench *bench = *state;
	uint64_t begin_ms = bench_now_ms();

	bench_play("mute");
	assert_failure(bench, try_open(bench, bench->binary, NULL), OTADFU_E_UNSUPPORTED,
		       "says nothing");
	assert_in_range(bench_now_ms() - begin_ms, 0, 4000 + SLACK_MS);
}

static void stops_opening_when_the_task_is_cancelled(void **state)
{
	struct gatttool_bench *bench = *state;

	bench_play("mute");
	bench_cancel(bench, 50);
	assert_int_equal(try_open(bench, bench->binary, NULL), OTADFU_E_CANCELLED);
}

/* --- connect --- */

static void assert_no_connection(struct gatttool_bench *bench, const char *tricks, int code,
				 const char *text)
{
	bench_play(tricks);
	assert_failure(bench, bench_try_connect(bench, BENCH_LONG_MS), code, text);
	assert_null(bench->link);
}

static void says_so_when_there_is_no_adapter(void **state)
{
	assert_no_connection(*state, "no-route", OTADFU_E_NOT_FOUND, "hciconfig hci0 up");
}

static void says_so_when_somebody_else_holds_the_link(void **state)
{
	assert_no_connection(*state, "busy", OTADFU_E_BUSY, "bluetoothd");
}

static void waits_for_a_slow_start(void **state)
{
	struct gatttool_bench *bench = *state;

	bench_play("slow");
	bench_connect(bench);
}

/* gatttool itself would try for 41 s. */
static void gives_up_on_an_absent_device_at_the_deadline(void **state)
{
	struct gatttool_bench *bench = *state;
	uint64_t begin_ms;

	bench_open(bench);
	bench->peer.bytes[5] = 0x77;
	begin_ms = bench_now_ms();
	assert_failure(bench, bench_try_connect(bench, 300), OTADFU_E_TIMEOUT,
		       "C0:FF:EE:00:00:77 did not answer as a random address");
	assert_in_range(bench_now_ms() - begin_ms, 300, 300 + SLACK_MS);
}

static void suspects_the_type_of_an_address_that_does_not_answer(void **state)
{
	struct gatttool_bench *bench = *state;

	bench->peer.type = 0;
	assert_failure(bench, bench_try_connect(bench, 300), OTADFU_E_TIMEOUT,
		       "as a public address; is it on, in range and advertising, and is that its "
		       "type?");
}

static void finds_out_an_unknown_type(void **state)
{
	struct gatttool_bench *bench = *state;

	bench->peer.type = 255;
	bench_connect(bench);
}

static void shares_the_time_between_the_types_of_an_absent_device(void **state)
{
	struct gatttool_bench *bench = *state;
	uint64_t begin_ms;

	bench_open(bench);
	bench->peer.type = 255;
	bench->peer.bytes[5] = 0x77;
	begin_ms = bench_now_ms();
	assert_failure(bench, bench_try_connect(bench, 600), OTADFU_E_TIMEOUT,
		       "neither as a random nor as a public address");
	assert_in_range(bench_now_ms() - begin_ms, 600, 600 + SLACK_MS);
}

/* --- what gatttool prints --- */

/* Writes that are echoed and notified, with everything in the way. */
static void assert_talk(struct gatttool_bench *bench, const char *tricks)
{
	uint8_t sent[100], got[100];
	size_t len;

	bench_play(tricks);
	bench_link(bench);
	bench_subscribe(bench, BENCH_ECHO);
	for (uint8_t i = 0; i < 10; i++) {
		memset(sent, i, sizeof(sent));
		assert_int_equal(bench_write(bench, BENCH_ECHO, sent, sizeof(sent), BENCH_LONG_MS),
				 OTADFU_OK);
		assert_int_equal(bench_wait(bench, BENCH_ECHO, got, sizeof(got), &len,
					    BENCH_LONG_MS),
				 OTADFU_OK);
		assert_int_equal(len, sizeof(sent));
		assert_memory_equal(got, sent, len);
	}
}

static void takes_a_notification_before_the_confirmation(void **state)
{
	assert_talk(*state, "early");
}

static void takes_a_notification_in_the_middle_of_the_confirmation(void **state)
{
	assert_talk(*state, "inside");
}

static void takes_output_in_single_bytes(void **state)
{
	assert_talk(*state, "bytes");
}

static void takes_echo_and_redrawn_prompts(void **state)
{
	assert_talk(*state, "echo,early");
}

static void reports_a_notification_that_cannot_be_read_as_lost(void **state)
{
	struct gatttool_bench *bench = *state;
	uint8_t value[4];
	size_t len;

	bench_play("garbled");
	bench_link(bench);
	bench_subscribe(bench, BENCH_ECHO);
	assert_int_equal(bench_write(bench, BENCH_ECHO, "abc", 3, BENCH_LONG_MS), OTADFU_OK);
	assert_failure(bench, bench_wait(bench, BENCH_ECHO, value, 4, &len, BENCH_LONG_MS),
		       OTADFU_E_OVERFLOW, "lost");
}

/* --- the end of gatttool --- */

static void takes_the_death_of_gatttool_for_the_loss_of_the_link(void **state)
{
	struct gatttool_bench *bench = *state;

	bench_play("dies");
	bench_connect(bench);
	assert_int_equal(bench->link_ops->mtu(&bench->ctx, bench->link, 247, &bench->mtu,
					      bench_deadline(BENCH_LONG_MS)),
			 OTADFU_E_DISCONNECTED);
}

/* 100 ms are promised; a busy machine adds its own. */
static void assert_disconnects_in_time(struct gatttool_bench *bench)
{
	uint64_t begin_ms = bench_now_ms();

	bench_disconnect(bench);
	assert_in_range(bench_now_ms() - begin_ms, 0, 100 + SLACK_MS);
}

static void keeps_its_deadlines_when_gatttool_hangs(void **state)
{
	struct gatttool_bench *bench = *state;
	uint64_t begin_ms;

	bench_play("hangs");
	bench_connect(bench);
	begin_ms = bench_now_ms();
	assert_int_equal(bench->link_ops->mtu(&bench->ctx, bench->link, 247, &bench->mtu,
					      bench_deadline(200)),
			 OTADFU_E_TIMEOUT);
	assert_in_range(bench_now_ms() - begin_ms, 200, 200 + SLACK_MS);
	assert_disconnects_in_time(bench);
}

static void ends_a_gatttool_that_will_not_end(void **state)
{
	struct gatttool_bench *bench = *state;

	bench_play("stubborn");
	bench_link(bench);
	assert_disconnects_in_time(bench);
}

static void ends_a_gatttool_whose_input_is_full(void **state)
{
	struct gatttool_bench *bench = *state;
	const uint8_t value[244] = { 0 };

	bench_link(bench);
	assert_int_equal(kill(bench_only_child(bench), SIGSTOP), 0);
	for (unsigned i = 0; i < 3; i++)
		assert_int_equal(bench->link_ops->write_cmd(&bench->ctx, bench->link,
							    bench->ids[BENCH_ECHO], value,
							    sizeof(value), bench_deadline(20)),
				 OTADFU_E_TIMEOUT);
	assert_disconnects_in_time(bench);
}

/* --- nothing is left --- */

static size_t count_fds(void)
{
	DIR *dir = opendir("/proc/self/fd");
	size_t count = 0;

	assert_non_null(dir);
	while (readdir(dir))
		count++;
	closedir(dir);
	return count;
}

/* Children are looked for after every test by the bench. */
static void leaves_no_descriptor_after_twenty_rounds(void **state)
{
	struct gatttool_bench *bench = *state;
	size_t before;

	bench_link(bench);
	bench_disconnect(bench);
	before = count_fds();
	for (unsigned i = 0; i < 20; i++) {
		bench_play(i % 4 == 3 ? "dies" : NULL);
		bench_connect(bench);
		bench_disconnect(bench);
		bench_play(i % 2 ? "busy" : "broken");
		assert_int_not_equal(bench_try_connect(bench, BENCH_LONG_MS), OTADFU_OK);
	}
	assert_int_equal(count_fds(), before);
	assert_int_equal(bench_child_count(bench), 0);
}

/* Nobody says goodbye where a process is killed. */
static void leaves_no_gatttool_behind_when_the_program_is_killed(void **state)
{
	struct gatttool_bench *bench = *state;
	int ends[2];
	pid_t program, child;
	struct pollfd gone = { .events = POLLIN };

	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	bench_open(bench);
	program = fork();
	if (program == 0) {
		bench_connect(bench);
		child = bench_only_child(bench);
		(void)!write(ends[1], &child, sizeof(child));
		pause();
	}
	assert_int_equal(read(ends[0], &child, sizeof(child)), sizeof(child));
	gone.fd = (int)syscall(SYS_pidfd_open, child, 0);
	assert_true(gone.fd >= 0);
	kill(program, SIGKILL);
	waitpid(program, NULL, 0);
	assert_int_equal(poll(&gone, 1, BENCH_LONG_MS), 1);
	close(gone.fd);
	close(ends[0]);
	close(ends[1]);
}

static void hands_down_no_descriptor_but_the_terminal(void **state)
{
	struct gatttool_bench *bench = *state;
	int inheritable = open("/dev/null", O_RDONLY);
	char path[64];

	assert_true(inheritable > STDERR_FILENO);
	bench_connect(bench);
	snprintf(path, sizeof(path), "/proc/%d/fd/%d", (int)bench_only_child(bench), inheritable);
	assert_int_not_equal(access(path, F_OK), 0);
	close(inheritable);
}

#define bench_test(name) cmocka_unit_test_setup_teardown(name, bench_set_up, bench_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		bench_test(says_what_to_do_where_gatttool_is_absent),
		bench_test(looks_for_a_program_without_a_slash_in_the_path),
		bench_test(takes_no_directory_for_the_program),
		bench_test(refuses_an_adapter_that_makes_no_sense),
		bench_test(knows_which_adapters_there_are),
		bench_test(says_so_when_gatttool_is_too_old),
		bench_test(says_so_when_gatttool_cannot_start),
		bench_test(gives_up_on_a_program_that_says_nothing),
		bench_test(stops_opening_when_the_task_is_cancelled),
		bench_test(says_so_when_there_is_no_adapter),
		bench_test(says_so_when_somebody_else_holds_the_link),
		bench_test(waits_for_a_slow_start),
		bench_test(gives_up_on_an_absent_device_at_the_deadline),
		bench_test(suspects_the_type_of_an_address_that_does_not_answer),
		bench_test(finds_out_an_unknown_type),
		bench_test(shares_the_time_between_the_types_of_an_absent_device),
		bench_test(takes_a_notification_before_the_confirmation),
		bench_test(takes_a_notification_in_the_middle_of_the_confirmation),
		bench_test(takes_output_in_single_bytes),
		bench_test(takes_echo_and_redrawn_prompts),
		bench_test(reports_a_notification_that_cannot_be_read_as_lost),
		bench_test(takes_the_death_of_gatttool_for_the_loss_of_the_link),
		bench_test(keeps_its_deadlines_when_gatttool_hangs),
		bench_test(ends_a_gatttool_that_will_not_end),
		bench_test(ends_a_gatttool_whose_input_is_full),
		bench_test(leaves_no_descriptor_after_twenty_rounds),
		bench_test(leaves_no_gatttool_behind_when_the_program_is_killed),
		bench_test(hands_down_no_descriptor_but_the_terminal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
