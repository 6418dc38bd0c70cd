/* The program, in real time: what its hosts and its operator see of it. */
#include <errno.h>
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
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

enum { PATIENCE_MS = 20000, PATH_SIZE = 64, WORDS_MAX = 10, LINE_SIZE = 256, PACKET_SIZE = 300 };

struct world {
	char folder[PATH_SIZE];
	char socket[PATH_SIZE + 8];
	char log[PATH_SIZE + 8];
	pid_t pid;
	int orders;
	FILE *answers;
};

/* The program */

static pid_t start(const char *path, const char *const *words, int input, int output)
{
	char *argv[WORDS_MAX + 2] = { (char *)(uintptr_t)path };
	posix_spawn_file_actions_t actions;
	pid_t pid;

	for (size_t i = 0; words[i]; i++) {
		assert_true(i < WORDS_MAX);
		argv[i + 1] = (char *)(uintptr_t)words[i];
	}
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO);
	posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
	assert_int_equal(posix_spawn(&pid, path, &actions, NULL, argv, environ), 0);
	posix_spawn_file_actions_destroy(&actions);
	return pid;
}

static void read_answer(const struct world *world, char line[LINE_SIZE])
{
	assert_non_null(fgets(line, LINE_SIZE, world->answers));
	line[strcspn(line, "\n")] = '\0';
}

static int set_up(void **state)
{
	struct world *world = calloc(1, sizeof(*world));
	char place[PATH_SIZE + 64], line[LINE_SIZE];
	int input[2], output[2];

	assert_non_null(world);
	strcpy(world->folder, "/tmp/air.XXXXXX");
	assert_non_null(mkdtemp(world->folder));
	snprintf(world->socket, sizeof(world->socket), "%s/s", world->folder);
	snprintf(world->log, sizeof(world->log), "%s/log", world->folder);
	snprintf(place, sizeof(place), "unix:%s,address=C0:FF:EE:00:00:01,acl=27:4", world->socket);
	assert_int_equal(pipe2(input, O_CLOEXEC), 0);
	assert_int_equal(pipe2(output, O_CLOEXEC), 0);
	world->pid = start(AIR, (const char *const[]){ "--log", world->log, place, NULL }, input[0],
			   output[1]);
	close(input[0]);
	close(output[1]);
	world->orders = input[1];
	world->answers = fdopen(output[0], "re");
	read_answer(world, line);
	assert_string_equal(line, "ready");
	*state = world;
	return 0;
}

static int end(struct world *world)
{
	int status = 0;

	if (world->pid == 0)
		return 0;
	kill(world->pid, SIGTERM);
	waitpid(world->pid, &status, 0);
	world->pid = 0;
	return status;
}

static int tear_down(void **state)
{
	struct world *world = *state;

	end(world);
	close(world->orders);
	fclose(world->answers);
	unlink(world->log);
	rmdir(world->folder);
	free(world);
	return 0;
}

static void order(const struct world *world, const char *order, const char *answer)
{
	char line[LINE_SIZE];

	assert_int_equal(write(world->orders, order, strlen(order)), strlen(order));
	read_answer(world, line);
	assert_string_equal(line, answer);
}

static bool log_says(const struct world *world, const char *text)
{
	FILE *file = fopen(world->log, "re");
	char line[LINE_SIZE];
	bool found = false;

	assert_non_null(file);
	while (!found && fgets(line, sizeof(line), file))
		found = strstr(line, text) != NULL;
	fclose(file);
	return found;
}

/* Its hosts */

static uint64_t clock_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static int connect_host(const struct world *world)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0);
	memcpy(address.sun_path, world->socket, strlen(world->socket));
	assert_int_equal(connect(fd, (const struct sockaddr *)&address, sizeof(address)), 0);
	return fd;
}

/* 0: the controller is gone. */
static size_t read_some(int fd, uint8_t *bytes, size_t len)
{
	struct pollfd ready = { .fd = fd, .events = POLLIN };
	size_t done = 0;

	while (done < len) {
		ssize_t got;

		assert_int_equal(poll(&ready, 1, PATIENCE_MS), 1);
		got = read(fd, bytes + done, len - done);
		if (got <= 0)
			return 0;
		done += (size_t)got;
	}
	return done;
}

/* Waits for an event of that code whose parameters begin so, and passes over all others. */
static void await_event(int fd, const uint8_t *beginning, size_t len)
{
	uint8_t packet[PACKET_SIZE];

	do {
		assert_int_equal(read_some(fd, packet, 3), 3);
		assert_int_equal(packet[0], 4);
		assert_int_equal(read_some(fd, packet + 3, packet[2]), packet[2]);
	} while (packet[1] != beginning[0] || memcmp(packet + 3, beginning + 1, len - 1) != 0);
}

#define AWAIT(fd, ...)                                                                             \
	await_event(fd, (const uint8_t[]){ __VA_ARGS__ }, sizeof((const uint8_t[]){ __VA_ARGS__ }))

static void command(int fd, uint16_t opcode, const void *parameters, size_t len)
{
	uint8_t packet[4 + 255] = { 1, (uint8_t)opcode, (uint8_t)(opcode >> 8), (uint8_t)len };

	if (len > 0)
		memcpy(packet + 4, parameters, len);
	assert_int_equal(write(fd, packet, 4 + len), 4 + len);
}

#define COMMAND(fd, opcode, ...)                                                                   \
	command(fd, opcode, (const uint8_t[]){ __VA_ARGS__ },                                      \
		sizeof((const uint8_t[]){ __VA_ARGS__ }))

static int open_host(const struct world *world)
{
	int fd = connect_host(world);

	COMMAND(fd, 0x0C01, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF);
	AWAIT(fd, 0x0E, 1, 0x01, 0x0C, 0);
	return fd;
}

static void advertise(int fd)
{
	COMMAND(fd, 0x2006, 0x20, 0, 0x20, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7, 0);
	COMMAND(fd, 0x200A, 1);
	AWAIT(fd, 0x0E, 1, 0x0A, 0x20, 0);
}

/* To whom came first, at 7.5 ms, with a supervision timeout of 200 ms. */
static void connect_link(int device, int host)
{
	advertise(device);
	COMMAND(host, 0x200D, 0x10, 0, 0x10, 0, 0, 0, 0x01, 0, 0, 0xEE, 0xFF, 0xC0, 0, 6, 0, 6, 0,
		0, 0, 20, 0, 0, 0, 0, 0);
	AWAIT(host, 0x3E, 0x01, 0);
	AWAIT(device, 0x3E, 0x01, 0);
	/* A link that is lost before its first event was never established. */
	COMMAND(host, 0x2016, 0x40, 0);
	AWAIT(host, 0x3E, 0x04, 0);
}

static void connections_are_controllers_that_hear_each_other(void **state)
{
	const struct world *world = *state;
	int device = open_host(world), host = open_host(world);

	COMMAND(host, 0x200C, 1, 0);
	advertise(device);
	AWAIT(host, 0x3E, 0x02, 1, 0, 0, 0x01, 0, 0, 0xEE, 0xFF, 0xC0);
	command(host, 0x1009, NULL, 0);
	AWAIT(host, 0x0E, 1, 0x09, 0x10, 0, 0x02, 0, 0, 0xEE, 0xFF, 0xC0);
	command(host, 0x2002, NULL, 0);
	AWAIT(host, 0x0E, 1, 0x02, 0x20, 0, 27, 0, 4);
	close(device);
	close(host);
}

static void controller_vanishes_with_its_connection(void **state)
{
	const struct world *world = *state;
	int device = open_host(world), host = open_host(world);
	uint64_t gone_ms;

	connect_link(device, host);
	gone_ms = clock_ms();
	close(device);
	AWAIT(host, 0x05, 0, 0x40, 0, 0x08);
	assert_true(clock_ms() - gone_ms >= 190);
	close(host);
}

static void address_is_free_again_when_a_controller_vanishes(void **state)
{
	const struct world *world = *state;

	for (int i = 0; i < 3; i++) {
		int fd = open_host(world);

		command(fd, 0x1009, NULL, 0);
		AWAIT(fd, 0x0E, 1, 0x09, 0x10, 0, 0x01);
		close(fd);
	}
}

static void host_that_breaks_h4_is_dropped(void **state)
{
	const struct world *world = *state;
	int fd = open_host(world);
	uint8_t byte = 7;

	assert_int_equal(write(fd, &byte, 1), 1);
	assert_int_equal(read_some(fd, &byte, 1), 0);
	assert_true(log_says(world, "sent what is no packet"));
	close(fd);
}

static void orders_silence_a_controller_and_let_it_speak(void **state)
{
	const struct world *world = *state;
	int device = open_host(world), host = open_host(world);

	connect_link(device, host);
	order(world, "silence C0:FF:EE:00:00:01\n", "ok");
	AWAIT(host, 0x05, 0, 0x40, 0, 0x08);
	AWAIT(device, 0x05, 0, 0x40, 0, 0x08);
	order(world, "speak C0:FF:EE:00:00:01\n", "ok");
	connect_link(device, host);
	close(device);
	close(host);
}

static void orders_cut_links(void **state)
{
	const struct world *world = *state;
	int device = open_host(world), host = open_host(world);

	order(world, "cut C0:FF:EE:00:00:02\n", "error: it has no link");
	connect_link(device, host);
	order(world, "cut C0:FF:EE:00:00:02\n", "ok");
	AWAIT(host, 0x05, 0, 0x40, 0, 0x08);
	close(device);
	close(host);
}

static void orders_set_the_rssi(void **state)
{
	const struct world *world = *state;
	int device = open_host(world), host = open_host(world);

	advertise(device);
	order(world, "rssi C0:FF:EE:00:00:01 -90\n", "ok");
	COMMAND(host, 0x200C, 1, 0);
	AWAIT(host, 0x3E, 0x02, 1, 0, 0, 0x01, 0, 0, 0xEE, 0xFF, 0xC0, 0, (uint8_t)-90);
	close(device);
	close(host);
}

static void wrong_orders_are_errors(void **state)
{
	const struct world *world = *state;

	order(world, "jump\n", "error: no such order");
	order(world, "cut\n", "error: expected an address, and a value only for rssi");
	order(world, "cut C0:FF:EE:00:00:77\n", "error: no controller has this address");
	order(world, "stats\n", "ok");
}

static void end_removes_the_socket_and_tells_the_counters(void **state)
{
	struct world *world = *state;
	int device = open_host(world), host = open_host(world);

	connect_link(device, host);
	assert_int_equal(end(world), 0);
	assert_int_equal(access(world->socket, F_OK), -1);
	assert_true(log_says(world, "C0:FF:EE:00:00:02 connects to C0:FF:EE:00:00:01: 7.50 ms"));
	assert_true(log_says(world, "link 1: up: central sent 0 packets"));
	assert_true(log_says(world, "controller C0:FF:EE:00:00:01: 1 links, at most 0 of 4"));
	close(device);
	close(host);
}

static void wrong_command_lines_are_refused(void **state)
{
	static const char *const lines[][3] = {
		{ NULL },
		{ "btle0", NULL },
		{ "unix:", NULL },
		{ "unix:x,acl=26:4", NULL },
		{ "unix:x,acl=27", NULL },
		{ "unix:x,acl", NULL },
		{ "unix:x,legacy=1", NULL },
		{ "unix:x,address=C0:FF:EE", NULL },
		{ "unix:x,rssi=-200", NULL },
		{ "unix:x,noisy", NULL },
		{ "--loss", "100", NULL },
		{ "--cut", "0", NULL },
		{ "--cut", "5,x", NULL },
		{ "--speed", NULL },
	};
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		pid_t pid = start(AIR, lines[i], null, null);
		int status;

		waitpid(pid, &status, 0);
		assert_true(WIFEXITED(status));
		assert_int_equal(WEXITSTATUS(status), 2);
	}
	close(null);
}

static void otadfu_peripheral_advertises_on_it(void **state)
{
	const struct world *world = *state;
	int host = open_host(world), null = open("/dev/null", O_RDWR | O_CLOEXEC);
	char place[PATH_SIZE + 16];
	pid_t device;

	snprintf(place, sizeof(place), "unix:%s", world->socket);
	device = start(PERIPHERAL,
		       (const char *const[]){ "--hci", place, "--conformance", "-a",
					      "C0:FF:EE:00:00:0C", NULL },
		       null, null);
	COMMAND(host, 0x200C, 1, 0);
	AWAIT(host, 0x3E, 0x02, 1, 0, 1, 0x0C, 0, 0, 0xEE, 0xFF, 0xC0);
	kill(device, SIGTERM);
	waitpid(device, NULL, 0);
	close(null);
	close(host);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
		CASE(connections_are_controllers_that_hear_each_other),
		CASE(controller_vanishes_with_its_connection),
		CASE(address_is_free_again_when_a_controller_vanishes),
		CASE(host_that_breaks_h4_is_dropped),
		CASE(orders_silence_a_controller_and_let_it_speak),
		CASE(orders_cut_links),
		CASE(orders_set_the_rssi),
		CASE(wrong_orders_are_errors),
		CASE(end_removes_the_socket_and_tells_the_counters),
		cmocka_unit_test(wrong_command_lines_are_refused),
		CASE(otadfu_peripheral_advertises_on_it),
#undef CASE
	};

	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
