#include "att_bench.h"
#include "race.h"

#include <errno.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

enum { SOON_MS = 20000 };

/* Connecting sockets of TCP stand for those of L2CAP. */
struct racecourse {
	struct att_bench *bench;
	int fds[2];
	int listeners[2];
	struct sockaddr_in addrs[2];
};

static int start(const struct sockaddr_in *addr)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	assert_true(fd >= 0);
	if (connect(fd, (const struct sockaddr *)addr, sizeof(*addr)) < 0)
		assert_int_equal(errno, EINPROGRESS);
	return fd;
}

/* A bound port; one that listens has, with its backlog of one taken, no room for another. */
static int bind_port(struct sockaddr_in *ret_addr)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	socklen_t len = sizeof(*ret_addr);

	*ret_addr = (struct sockaddr_in){ .sin_family = AF_INET,
					  .sin_addr = { htonl(INADDR_LOOPBACK) } };
	assert_int_equal(bind(fd, (const struct sockaddr *)ret_addr, sizeof(*ret_addr)), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)ret_addr, &len), 0);
	return fd;
}

static int begin(void **state)
{
	static struct racecourse course;
	void *bench;

	if (att_bench_begin(&bench) != 0)
		return -1;
	course.bench = bench;
	for (int i = 0; i < 2; i++) {
		course.listeners[i] = bind_port(&course.addrs[i]);
		course.fds[i] = -1;
	}
	*state = &course;
	return 0;
}

static int end(void **state)
{
	struct racecourse *course = *state;
	void *bench = course->bench;

	for (int i = 0; i < 2; i++) {
		close(course->listeners[i]);
		if (course->fds[i] >= 0)
			close(course->fds[i]);
	}
	return att_bench_end(&bench);
}

static int race(struct racecourse *course, size_t *ret_winner, int *ret_error, uint32_t within_ms)
{
	return race_connect(&course->bench->ctx, course->fds, 2,
			    att_bench_in(course->bench, within_ms), ret_winner, ret_error);
}

static void listen_at(struct racecourse *course, int i)
{
	assert_int_equal(listen(course->listeners[i], 1), 0);
}

/* Its backlog is full: who comes now waits. */
static void fill_up(struct racecourse *course, int i, int fillers[2])
{
	assert_int_equal(listen(course->listeners[i], 0), 0);
	for (int k = 0; k < 2; k++)
		fillers[k] = start(&course->addrs[i]);
}

static void who_connects_wins_over_who_is_refused(void **state)
{
	struct racecourse *course = *state;
	size_t winner = 99;
	int error = 0;

	listen_at(course, 1);
	for (int i = 0; i < 2; i++)
		course->fds[i] = start(&course->addrs[i]);
	assert_int_equal(race(course, &winner, &error, SOON_MS), OTADFU_OK);
	assert_int_equal(winner, 1);
}

static void who_connects_wins_over_who_waits(void **state)
{
	struct racecourse *course = *state;
	int fillers[2];
	size_t winner = 99;
	int error = 0;

	fill_up(course, 0, fillers);
	listen_at(course, 1);
	for (int i = 0; i < 2; i++)
		course->fds[i] = start(&course->addrs[i]);
	assert_int_equal(race(course, &winner, &error, SOON_MS), OTADFU_OK);
	assert_int_equal(winner, 1);
	for (int i = 0; i < 2; i++)
		close(fillers[i]);
}

static void when_all_are_refused_nobody_is_waited_for(void **state)
{
	struct racecourse *course = *state;
	uint64_t now_ms = att_bench_now_ms(course->bench);
	size_t winner = 99;
	int error = 0;

	for (int i = 0; i < 2; i++)
		course->fds[i] = start(&course->addrs[i]);
	assert_int_equal(race(course, &winner, &error, SOON_MS), OTADFU_E_DISCONNECTED);
	assert_int_equal(error, ECONNREFUSED);
	assert_int_equal(winner, 99);
	assert_true(att_bench_now_ms(course->bench) < now_ms + SOON_MS / 2);
}

static void one_that_waits_is_waited_for_until_the_deadline(void **state)
{
	struct racecourse *course = *state;
	int fillers[2];
	uint64_t deadline_ms;
	size_t winner;
	int error = 0;

	fill_up(course, 0, fillers);
	for (int i = 0; i < 2; i++)
		course->fds[i] = start(&course->addrs[i]);
	deadline_ms = att_bench_in(course->bench, 40);
	assert_int_equal(race(course, &winner, &error, 40), OTADFU_E_TIMEOUT);
	assert_true(att_bench_now_ms(course->bench) >= deadline_ms);
	for (int i = 0; i < 2; i++)
		close(fillers[i]);
}

static void a_socket_that_closed_without_a_reason_does_not_win(void **state)
{
	struct racecourse *course = *state;
	size_t winner = 99;
	int error = 0;

	course->fds[0] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	course->fds[1] = start(&course->addrs[1]);
	assert_int_equal(race(course, &winner, &error, SOON_MS), OTADFU_E_DISCONNECTED);
	assert_true(error == ECONNRESET || error == ECONNREFUSED);
}

static void cancellation_ends_the_race(void **state)
{
	struct racecourse *course = *state;
	int fillers[2];
	size_t winner;
	int error = 0;

	fill_up(course, 0, fillers);
	for (int i = 0; i < 2; i++)
		course->fds[i] = start(&course->addrs[i]);
	att_bench_play(course->bench, "pause 20; cancel");
	assert_int_equal(race(course, &winner, &error, SOON_MS), OTADFU_E_CANCELLED);
	for (int i = 0; i < 2; i++)
		close(fillers[i]);
}

int main(void)
{
#define TEST(fact) cmocka_unit_test_setup_teardown(fact, begin, end)
	const struct CMUnitTest tests[] = {
		TEST(who_connects_wins_over_who_is_refused),
		TEST(who_connects_wins_over_who_waits),
		TEST(when_all_are_refused_nobody_is_waited_for),
		TEST(one_that_waits_is_waited_for_until_the_deadline),
		TEST(a_socket_that_closed_without_a_reason_does_not_win),
		TEST(cancellation_ends_the_race),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
