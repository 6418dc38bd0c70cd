#include "att_bench.h"
#include "fdwait.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <cmocka.h>

static struct pollfd readable(const struct att_bench *bench)
{
	return (struct pollfd){ .fd = bench->client_fd, .events = POLLIN };
}

static void cancel(struct att_bench *bench)
{
	assert_int_equal(write(bench->cancel_fds[1], "", 1), 1);
}

static void a_ready_descriptor_ends_the_wait(void **state)
{
	struct att_bench *bench = *state;
	struct pollfd fds[] = { { .fd = -1 }, readable(bench) };

	att_bench_play(bench, "silence 20; < 01");
	assert_int_equal(fdwait(&bench->ctx, fds, 2, att_bench_in(bench, 5000)), OTADFU_OK);
	assert_int_equal(fds[0].revents, 0);
	assert_int_equal(fds[1].revents, POLLIN);
}

static void the_deadline_ends_the_wait(void **state)
{
	struct att_bench *bench = *state;
	struct pollfd fd = readable(bench);
	uint64_t deadline_ms = att_bench_in(bench, 30);

	assert_int_equal(fdwait(&bench->ctx, &fd, 1, deadline_ms), OTADFU_E_TIMEOUT);
	assert_true(att_bench_now_ms(bench) >= deadline_ms);
	assert_true(att_bench_now_ms(bench) < deadline_ms + 5000);
}

static void after_the_deadline_it_looks_once(void **state)
{
	struct att_bench *bench = *state;
	struct pollfd fd = readable(bench);

	assert_int_equal(fdwait(&bench->ctx, &fd, 1, 0), OTADFU_E_TIMEOUT);
	assert_int_equal(send(bench->peer_fd, "x", 1, 0), 1);
	assert_int_equal(fdwait(&bench->ctx, &fd, 1, 0), OTADFU_OK);
}

static void cancellation_ends_the_wait(void **state)
{
	struct att_bench *bench = *state;

	att_bench_play(bench, "silence 20; cancel");
	assert_int_equal(fdwait(&bench->ctx, NULL, 0, UINT64_MAX), OTADFU_E_CANCELLED);
}

static void cancellation_goes_before_a_ready_descriptor(void **state)
{
	struct att_bench *bench = *state;
	struct pollfd fd = readable(bench);

	assert_int_equal(send(bench->peer_fd, "x", 1, 0), 1);
	cancel(bench);
	assert_int_equal(fdwait(&bench->ctx, &fd, 1, UINT64_MAX), OTADFU_E_CANCELLED);
}

static void ignore(int number)
{
	(void)number;
}

static void a_signal_does_not_end_the_wait(void **state)
{
	struct att_bench *bench = *state;
	struct sigaction action = { .sa_handler = ignore }, before;
	struct itimerval every_5_ms = { { 0, 5000 }, { 0, 5000 } }, never = { { 0, 0 }, { 0, 0 } };
	uint64_t deadline_ms = att_bench_in(bench, 40);
	int r;

	sigaction(SIGALRM, &action, &before);
	setitimer(ITIMER_REAL, &every_5_ms, NULL);
	r = fdwait(&bench->ctx, NULL, 0, deadline_ms);
	setitimer(ITIMER_REAL, &never, NULL);
	sigaction(SIGALRM, &before, NULL);
	assert_int_equal(r, OTADFU_E_TIMEOUT);
	assert_true(att_bench_now_ms(bench) >= deadline_ms);
}

static void more_descriptors_than_it_has_places_for_are_refused(void **state)
{
	struct att_bench *bench = *state;
	struct pollfd fds[FDWAIT_MAX + 1] = { readable(bench) };

	assert_int_equal(fdwait(&bench->ctx, fds, FDWAIT_MAX + 1, 0), OTADFU_E_INVALID);
}

int main(void)
{
#define TEST(fact) cmocka_unit_test_setup_teardown(fact, att_bench_begin, att_bench_end)
	const struct CMUnitTest tests[] = {
		TEST(a_ready_descriptor_ends_the_wait),
		TEST(the_deadline_ends_the_wait),
		TEST(after_the_deadline_it_looks_once),
		TEST(cancellation_ends_the_wait),
		TEST(cancellation_goes_before_a_ready_descriptor),
		TEST(a_signal_does_not_end_the_wait),
		TEST(more_descriptors_than_it_has_places_for_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
