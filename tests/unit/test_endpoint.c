#include "endpoint.h"
#include "scratch.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <otadfu/error.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <termios.h>
#include <unistd.h>

#include <cmocka.h>

enum { WORD_MAX = SCRATCH_PATH_MAX + 32 };

static int wait_for(void *user, int fd, short events, int timeout_ms)
{
	struct pollfd ready = { .fd = fd, .events = events };

	(void)user;
	return poll(&ready, 1, timeout_ms) == 1 ? OTADFU_OK : OTADFU_E_TIMEOUT;
}

static const struct waiter waiter = { .wait = wait_for };

/* The test fails unless the word is refused with that code, and named. */
static void expect_refused(const char *word, int code)
{
	struct problem problem = { "" };
	struct endpoint endpoint;

	assert_int_equal(endpoint_open(word, &waiter, &endpoint, &problem), code);
	assert_non_null(strstr(problem.text, word));
}

static void expect_open(const char *word, struct endpoint *ret_endpoint)
{
	struct problem problem = { "" };

	if (endpoint_open(word, &waiter, ret_endpoint, &problem) < 0)
		fail_msg("%s", problem.text);
	assert_true(fcntl(ret_endpoint->fd, F_GETFD) & FD_CLOEXEC);
	assert_true(fcntl(ret_endpoint->fd, F_GETFL) & O_NONBLOCK);
}

static void expect_crossing(int from, int to)
{
	const char sent[] =
		"\x01\x03\x0C\x00\x0D\x0A\x11\x13\xFF"; /* what a terminal would alter */
	struct pollfd ready = { .fd = to, .events = POLLIN };
	char got[sizeof(sent)] = "";
	ssize_t len = 0;

	assert_int_equal(write(from, sent, sizeof(sent)), sizeof(sent));
	while (len < (ssize_t)sizeof(got) && poll(&ready, 1, 20000) == 1)
		len += read(to, got + len, sizeof(got) - (size_t)len);
	assert_memory_equal(got, sent, sizeof(sent));
}

static void a_word_that_makes_no_sense_is_refused(void **state)
{
	static const char *const words[] = {
		"",
		"hci",
		"hcix",
		"hci1x",
		"hci-1",
		"hci12345",
		"unix:",
		"tcp:",
		"tcp:host",
		"tcp::9000",
		"tcp:host:",
		"serial:",
		"serial:,9600",
		"serial:/dev/x,",
		"serial:/dev/x,12",
		"serial:/dev/x,9600n",
		"usb:0",
		"/dev/ttyACM0",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		expect_refused(words[i], OTADFU_E_CONFIG);
}

static void a_path_too_long_for_a_socket_is_refused(void **state)
{
	char word[5 + 108 + 1] = "unix:";
	struct problem problem = { "" };
	struct endpoint endpoint;

	(void)state;
	memset(word + 5, 'a', 108);
	assert_int_equal(endpoint_open(word, &waiter, &endpoint, &problem), OTADFU_E_CONFIG);
	assert_non_null(strstr(problem.text, "107"));
}

static void an_adapter_that_cannot_be_taken_is_named_with_what_to_do(void **state)
{
	struct problem problem = { "" };
	struct endpoint endpoint;
	int r = endpoint_open("hci199", &waiter, &endpoint, &problem);

	(void)state;
	assert_true(r == OTADFU_E_UNSUPPORTED || r == OTADFU_E_NOT_FOUND ||
		    r == OTADFU_E_PERMISSION);
	assert_non_null(strstr(problem.text, "hci199: "));
	assert_true(strstr(problem.text, "modprobe") || strstr(problem.text, "/sys/class") ||
		    strstr(problem.text, "CAP_NET_ADMIN"));
	assert_true(strlen(problem.text) < sizeof(problem.text) - 1);
}

static int listen_at(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_true(strlen(path) < sizeof(address.sun_path));
	memcpy(address.sun_path, path, strlen(path));
	assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(listen(fd, 1), 0);
	return fd;
}

static void bytes_cross_a_unix_socket(void **state)
{
	char path[SCRATCH_PATH_MAX], word[WORD_MAX];
	struct endpoint endpoint;
	int listener, peer;

	scratch_path(state, "controller", path);
	snprintf(word, sizeof(word), "unix:%s", path);
	listener = listen_at(path);
	expect_open(word, &endpoint);
	peer = accept(listener, NULL, NULL);
	expect_crossing(endpoint.fd, peer);
	expect_crossing(peer, endpoint.fd);
	endpoint_close(&endpoint);
	close(peer);
	close(listener);
}

static void a_socket_that_nobody_serves_is_not_found(void **state)
{
	char path[SCRATCH_PATH_MAX], word[WORD_MAX];

	scratch_path(state, "gone", path);
	snprintf(word, sizeof(word), "unix:%s", path);
	expect_refused(word, OTADFU_E_NOT_FOUND);
	close(listen_at(path));
	expect_refused(word, OTADFU_E_NOT_FOUND);
}

/* A listener, and its port. */
static int listen_locally(int family, unsigned *ret_port)
{
	struct sockaddr_in6 address = { .sin6_family = AF_INET6, .sin6_addr = in6addr_loopback };
	struct sockaddr_in old = { .sin_family = AF_INET,
				   .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	struct sockaddr *any =
		family == AF_INET ? (struct sockaddr *)&old : (struct sockaddr *)&address;
	socklen_t len = family == AF_INET ? sizeof(old) : sizeof(address);
	int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || bind(fd, any, len) < 0 || listen(fd, 1) < 0 || getsockname(fd, any, &len) < 0)
		return -1;
	*ret_port = ntohs(family == AF_INET ? old.sin_port : address.sin6_port);
	return fd;
}

static void expect_tcp(int listener, const char *host, unsigned port)
{
	struct endpoint endpoint;
	char word[WORD_MAX];
	int peer;

	snprintf(word, sizeof(word), "tcp:%s:%u", host, port);
	expect_open(word, &endpoint);
	peer = accept(listener, NULL, NULL);
	expect_crossing(endpoint.fd, peer);
	expect_crossing(peer, endpoint.fd);
	endpoint_close(&endpoint);
	close(peer);
}

static void bytes_cross_tcp(void **state)
{
	unsigned port = 0;
	int listener = listen_locally(AF_INET, &port);

	(void)state;
	assert_true(listener >= 0);
	expect_tcp(listener, "127.0.0.1", port);
	close(listener);
}

static bool is_known(const char *host)
{
	struct addrinfo *found;

	if (getaddrinfo(host, NULL, NULL, &found) != 0)
		return false;
	freeaddrinfo(found);
	return true;
}

static void a_host_may_have_a_name(void **state)
{
	unsigned port = 0;
	int listener;

	(void)state;
	if (!is_known("localhost")) {
		print_message("skipped: this machine has no /etc/hosts\n");
		skip();
	}
	listener = listen_locally(AF_INET, &port);
	assert_true(listener >= 0);
	expect_tcp(listener, "localhost", port);
	close(listener);
}

static void a_host_with_colons_stands_in_brackets(void **state)
{
	unsigned port = 0;
	int listener = listen_locally(AF_INET6, &port);

	(void)state;
	if (listener < 0)
		skip(); /* no IPv6 here */
	expect_tcp(listener, "[::1]", port);
	close(listener);
}

static void a_port_that_nobody_serves_is_not_found(void **state)
{
	char word[WORD_MAX];
	unsigned port = 0;
	int listener = listen_locally(AF_INET, &port);

	(void)state;
	close(listener);
	snprintf(word, sizeof(word), "tcp:127.0.0.1:%u", port);
	expect_refused(word, OTADFU_E_NOT_FOUND);
}

static int open_line(char word[WORD_MAX], const char *suffix)
{
	int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);

	assert_true(master >= 0);
	assert_int_equal(grantpt(master), 0);
	assert_int_equal(unlockpt(master), 0);
	snprintf(word, WORD_MAX, "serial:%s%s", ptsname(master), suffix);
	return master;
}

static void bytes_cross_a_serial_line_unaltered(void **state)
{
	struct endpoint endpoint;
	struct termios line;
	char word[WORD_MAX];
	int master = open_line(word, "");

	(void)state;
	expect_open(word, &endpoint);
	assert_int_equal(tcgetattr(endpoint.fd, &line), 0);
	assert_int_equal(cfgetospeed(&line), B1000000);
	assert_true(line.c_cflag & CRTSCTS);
	expect_crossing(endpoint.fd, master);
	expect_crossing(master, endpoint.fd);
	endpoint_close(&endpoint);
	close(master);
}

static void the_speed_of_a_serial_line_is_set(void **state)
{
	struct endpoint endpoint;
	struct termios line;
	char word[WORD_MAX];
	int master = open_line(word, ",115200");

	(void)state;
	expect_open(word, &endpoint);
	assert_int_equal(tcgetattr(endpoint.fd, &line), 0);
	assert_int_equal(cfgetospeed(&line), B115200);
	assert_int_equal(cfgetispeed(&line), B115200);
	endpoint_close(&endpoint);
	close(master);
}

static void a_file_is_no_serial_line(void **state)
{
	char path[SCRATCH_PATH_MAX], word[WORD_MAX];

	scratch_write(state, "file", "", 0, path);
	snprintf(word, sizeof(word), "serial:%s", path);
	expect_refused(word, OTADFU_E_NOT_FOUND);
	expect_refused("serial:/dev/no-such-line,115200", OTADFU_E_NOT_FOUND);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_word_that_makes_no_sense_is_refused),
		cmocka_unit_test(a_path_too_long_for_a_socket_is_refused),
		cmocka_unit_test(an_adapter_that_cannot_be_taken_is_named_with_what_to_do),
		cmocka_unit_test(bytes_cross_a_unix_socket),
		cmocka_unit_test(a_socket_that_nobody_serves_is_not_found),
		cmocka_unit_test(bytes_cross_tcp),
		cmocka_unit_test(a_host_may_have_a_name),
		cmocka_unit_test(a_host_with_colons_stands_in_brackets),
		cmocka_unit_test(a_port_that_nobody_serves_is_not_found),
		cmocka_unit_test(bytes_cross_a_serial_line_unaltered),
		cmocka_unit_test(the_speed_of_a_serial_line_is_set),
		cmocka_unit_test(a_file_is_no_serial_line),
	};

	return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
