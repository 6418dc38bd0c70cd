#include "interrupt.h"

#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/wait.h>
#include <unistd.h>

/* cmocka wants the four above first. */
#include <cmocka.h>

enum { PATIENCE_MS = 20000 };

static bool becomes_readable(int fd, int timeout_ms)
{
	struct pollfd watched = { .fd = fd, .events = POLLIN };

	return poll(&watched, 1, timeout_ms) == 1;
}

static void without_a_signal_nothing_is_cancelled(void **state)
{
	struct interrupt *interrupt;
	struct failure why = { 0 };

	(void)state;
	assert_int_equal(interrupt_start(-1, &interrupt, &why), OTADFU_OK);
	assert_false(becomes_readable(interrupt_cancel_fd(interrupt), 0));
	interrupt_stop(interrupt);
	interrupt_stop(NULL);
}

static void the_first_signal_asks_to_stop(void **state)
{
	static const int signals[] = { SIGINT, SIGTERM, SIGHUP };

	(void)state;
	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++) {
		struct interrupt *interrupt;
		struct failure why = { 0 };

		assert_int_equal(interrupt_start(-1, &interrupt, &why), OTADFU_OK);
		kill(getpid(), signals[i]);
		assert_true(becomes_readable(interrupt_cancel_fd(interrupt), PATIENCE_MS));
		interrupt_stop(interrupt);
	}
}

/* In a child: waits for two signals, and says on told when the first was seen. */
static void be_interrupted_twice(int told)
{
	struct interrupt *interrupt;
	struct failure why = { 0 };

	if (interrupt_start(-1, &interrupt, &why) < 0)
		_exit(1);
	kill(getpid(), SIGINT);
	if (!becomes_readable(interrupt_cancel_fd(interrupt), PATIENCE_MS))
		_exit(2);
	if (write(told, "1", 1) != 1)
		_exit(3);
	kill(getpid(), SIGINT);
	poll(NULL, 0, PATIENCE_MS);
	_exit(4);
}

static void the_second_signal_ends_at_once(void **state)
{
	int pipe_fds[2];
	int status;
	char byte;
	pid_t child;

	(void)state;
	assert_int_equal(pipe2(pipe_fds, O_CLOEXEC), 0);
	child = fork();
	if (child == 0)
		be_interrupted_twice(pipe_fds[1]);
	assert_true(child > 0);
	assert_int_equal(read(pipe_fds[0], &byte, 1), 1);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 130);
	close(pipe_fds[0]);
	close(pipe_fds[1]);
}

static void an_ignored_signal_stays_ignored(void **state)
{
	struct interrupt *interrupt;
	struct failure why = { 0 };

	(void)state;
	signal(SIGHUP, SIG_IGN);
	assert_int_equal(interrupt_start(-1, &interrupt, &why), OTADFU_OK);
	kill(getpid(), SIGHUP);
	assert_false(becomes_readable(interrupt_cancel_fd(interrupt), 50));
	interrupt_stop(interrupt);
	/* Earlier tests left it blocked, so it is pending now; to ignore it anew drops it. */
	signal(SIGHUP, SIG_IGN);
	signal(SIGHUP, SIG_DFL);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_a_signal_nothing_is_cancelled),
		cmocka_unit_test(the_second_signal_ends_at_once),
		cmocka_unit_test(an_ignored_signal_stays_ignored),
		cmocka_unit_test(the_first_signal_asks_to_stop),
	};

	return cmocka_run_group_tests_name("cli_interrupt", tests, NULL, NULL);
}
