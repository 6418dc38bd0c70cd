/* otadfu-peripheral as a process, on a controller that the test plays. */
#include "hci_bench.h"
#include "scratch.h"

#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

enum { PATIENCE_MS = 20000, LOG_MAX = 8192, PACKET_MAX = 300, WORDS_MAX = 10 };

enum { COMMAND = 0x01, ACL = 0x02, DISCONNECT = 0x0406 };

struct bench {
	void *folder; /* of scratch.h */
	char endpoint[SCRATCH_PATH_MAX + 8];
	int listener;
	int controller;
	int log_fd;
	char log[LOG_MAX];
	size_t log_len;
	pid_t pid;
	unsigned disconnect_reason; /* that the program has asked for */
	uint8_t acl[PACKET_MAX];    /* the last that it sent, without its type; its length */
	size_t acl_len;
};

/* --- the process --- */

static void start(struct bench *b, const char *const *words)
{
	char *argv[WORDS_MAX] = { "otadfu-peripheral" };
	posix_spawn_file_actions_t actions;
	int log[2];

	for (size_t i = 0; words[i]; i++)
		argv[i + 1] = (char *)(uintptr_t)words[i];
	assert_int_equal(pipe2(log, O_CLOEXEC), 0);
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, log[1], STDERR_FILENO);
	assert_int_equal(posix_spawn(&b->pid, PERIPHERAL, &actions, NULL, argv, environ), 0);
	posix_spawn_file_actions_destroy(&actions);
	close(log[1]);
	b->log_fd = log[0];
}

/* More of its log; false: there is none within that time, or it has ended. */
static bool read_log(struct bench *b, int timeout_ms)
{
	struct pollfd ready = { .fd = b->log_fd, .events = POLLIN };
	ssize_t len = 0;

	if (poll(&ready, 1, timeout_ms) == 1)
		len = read(b->log_fd, b->log + b->log_len, LOG_MAX - 1 - b->log_len);
	if (len <= 0)
		return false;
	b->log_len += (size_t)len;
	b->log[b->log_len] = '\0';
	return true;
}

static void await_line(struct bench *b, const char *text)
{
	while (!strstr(b->log, text)) {
		if (!read_log(b, PATIENCE_MS))
			fail_msg("no \"%s\" in:\n%s", text, b->log);
	}
}

static int await_end(struct bench *b)
{
	int status = -1;

	while (read_log(b, PATIENCE_MS))
		;
	assert_int_equal(waitpid(b->pid, &status, 0), b->pid);
	b->pid = 0;
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

/* --- its controller --- */

static size_t receive(struct bench *b, uint8_t *buf, size_t len)
{
	size_t got = 0;

	while (got < len) {
		struct pollfd ready = { .fd = b->controller, .events = POLLIN };
		ssize_t n = poll(&ready, 1, PATIENCE_MS) == 1
				    ? recv(b->controller, buf + got, len - got, 0)
				    : 0;

		if (n <= 0)
			return 0;
		got += (size_t)n;
	}
	return got;
}

/* Every command succeeds; a Disconnect is followed by the end of the connection. */
static void obey(struct bench *b, const uint8_t *packet)
{
	char text[40];

	if ((packet[1] << 8 | packet[0]) == DISCONNECT) {
		b->disconnect_reason = packet[5];
		hci_say(b->controller, "04 0F 04 00 01 06 04");
		hci_say(b->controller, "04 05 04 00 40 00 16");
		return;
	}
	snprintf(text, sizeof(text), "04 0E 04 01 %02X %02X 00", packet[0], packet[1]);
	hci_say(b->controller, text);
}

/* One packet from the program. Its type; 0: it says nothing more. */
static uint8_t serve(struct bench *b)
{
	uint8_t packet[PACKET_MAX];
	uint8_t type;

	if (receive(b, &type, 1) == 0)
		return 0;
	if (type == COMMAND) {
		assert_int_equal(receive(b, packet, 3), 3);
		assert_true(packet[2] == 0 || receive(b, packet + 3, packet[2]) > 0);
		obey(b, packet);
		return type;
	}
	assert_int_equal(type, ACL);
	assert_int_equal(receive(b, b->acl, 4), 4);
	b->acl_len = (size_t)4 + b->acl[2];
	assert_int_equal(receive(b, b->acl + 4, b->acl[2]), b->acl[2]);
	hci_say(b->controller, "04 13 05 01 40 00 01 00");
	return type;
}

static void start_on_air(struct bench *b, const char *const *words)
{
	start(b, words);
	b->controller = accept4(b->listener, NULL, NULL, SOCK_CLOEXEC);
	assert_true(b->controller >= 0);
	assert_null(hci_play(b->controller, hci_setup_four_buffers));
}

/* Serves until that line has been written. */
static void serve_until(struct bench *b, const char *line)
{
	while (!strstr(b->log, line)) {
		struct pollfd ready[] = { { .fd = b->log_fd, .events = POLLIN },
					  { .fd = b->controller, .events = POLLIN } };

		if (poll(ready, 2, PATIENCE_MS) <= 0)
			fail_msg("no \"%s\" in:\n%s", line, b->log);
		if (ready[0].revents)
			read_log(b, 0);
		if (ready[1].revents)
			serve(b);
	}
}

static int set_up(void **state)
{
	struct bench *b = calloc(1, sizeof(*b));
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	if (scratch_setup(&b->folder) != 0)
		return -1;
	snprintf(b->endpoint, sizeof(b->endpoint), "unix:");
	scratch_path(&b->folder, "hci", b->endpoint + 5);
	snprintf(address.sun_path, sizeof(address.sun_path), "%s", b->endpoint + 5);
	b->controller = -1;
	b->log_fd = -1;
	b->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	*state = b;
	return bind(b->listener, (struct sockaddr *)&address, sizeof(address)) == 0 &&
			       listen(b->listener, 1) == 0
		       ? 0
		       : -1;
}

static int tear_down(void **state)
{
	struct bench *b = *state;

	if (b->pid > 0) {
		kill(b->pid, SIGKILL);
		waitpid(b->pid, NULL, 0);
	}
	close(b->listener);
	if (b->controller >= 0)
		close(b->controller);
	if (b->log_fd >= 0)
		close(b->log_fd);
	scratch_teardown(&b->folder);
	free(b);
	return 0;
}

#define WORDS(...) ((const char *const[]){ __VA_ARGS__, NULL })

static void it_talks_to_a_central_and_takes_its_leave_at_sigterm(void **state)
{
	struct bench *b = *state;

	start_on_air(b, WORDS("--hci", b->endpoint, "--conformance"));
	serve_until(b, " advertising as C0:FF:EE:00:00:01 (otadfu t)\n");
	hci_say(b->controller, "04 3E 13 01 00 40 00 01 01 06 05 04 03 02 C1 18 00 00 00 90 01 05");
	serve_until(b, " connected from C1:02:03:04:05:06\n");
	hci_say(b->controller, "02 40 20 07 00 03 00 04 00 0A 1F 00"); /* Read Request */
	while (serve(b) == COMMAND)
		;
	assert_int_equal(b->acl_len, 13);
	assert_memory_equal(b->acl + 4, "\x05\x00\x04\x00\x01\x0A\x1F\x00\x05", 9);
	kill(b->pid, SIGTERM);
	while (b->disconnect_reason == 0)
		assert_int_equal(serve(b), COMMAND);
	assert_int_equal(b->disconnect_reason, 0x15);
	assert_int_equal(await_end(b), 0);
	assert_non_null(strstr(b->log, " stopped\n"));
}

static void a_lost_controller_ends_it_with_status_1(void **state)
{
	struct bench *b = *state;

	start_on_air(b, WORDS("--hci", b->endpoint, "--conformance"));
	serve_until(b, " advertising as");
	close(b->controller);
	b->controller = -1;
	assert_int_equal(await_end(b), 1);
	assert_non_null(strstr(b->log, "otadfu-peripheral: unix:"));
}

static void a_controller_that_is_not_there_is_status_4(void **state)
{
	struct bench *b = *state;

	start(b, WORDS("--hci", "unix:/nowhere/hci", "--conformance"));
	await_line(b, "/nowhere/hci");
	assert_int_equal(await_end(b), 4);
}

static void wrong_use_is_status_2(void **state)
{
	struct bench *b = *state;

	start(b, WORDS("--hci", b->endpoint));
	await_line(b, "Try: otadfu-peripheral --help");
	assert_int_equal(await_end(b), 2);
}

#define ON_BENCH(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		ON_BENCH(it_talks_to_a_central_and_takes_its_leave_at_sigterm),
		ON_BENCH(a_lost_controller_ends_it_with_status_1),
		ON_BENCH(a_controller_that_is_not_there_is_status_4),
		ON_BENCH(wrong_use_is_status_2),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
