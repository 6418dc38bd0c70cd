#include "endpoint.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <otadfu/error.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <termios.h>
#include <unistd.h>

enum { CONNECT_MS = 2000, HOST_MAX = 253, DEVICE_MAX = 255 };

static const struct line_speed {
	unsigned long baud;
	speed_t speed;
} line_speeds[] = {
	{ 1000000, B1000000 }, /* the usual one */
	{ 9600, B9600 },       { 19200, B19200 },     { 38400, B38400 },     { 57600, B57600 },
	{ 115200, B115200 },   { 230400, B230400 },   { 460800, B460800 },   { 500000, B500000 },
	{ 921600, B921600 },   { 1500000, B1500000 }, { 2000000, B2000000 }, { 3000000, B3000000 },
};

static const struct refusal {
	int error;
	int code;
	const char *advice;
} refusals[] = {
	{ ENOENT, OTADFU_E_NOT_FOUND, "nothing is there" },
	{ ENXIO, OTADFU_E_NOT_FOUND, "nothing is there" },
	{ ENODEV, OTADFU_E_NOT_FOUND, "nothing is there" },
	{ ENOTTY, OTADFU_E_NOT_FOUND, "this is no serial line" },
	{ ENOTSOCK, OTADFU_E_NOT_FOUND, "this is no socket" },
	{ EACCES, OTADFU_E_PERMISSION, "a group may open it, see ls -l; often it is dialout" },
	{ EPERM, OTADFU_E_PERMISSION, "a group may open it, see ls -l" },
	{ EBUSY, OTADFU_E_BUSY, "another program holds it" },
	{ ECONNREFUSED, OTADFU_E_NOT_FOUND, "no program listens there" },
	{ ECANCELED, OTADFU_E_CANCELLED, "stopped" },
};

static int explain(const char *word, int error, struct problem *ret_problem)
{
	for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++) {
		if (refusals[i].error == error)
			return problem_set(ret_problem, refusals[i].code, "%.120s: %s: %s", word,
					   strerror(error), refusals[i].advice);
	}
	return problem_set(ret_problem, OTADFU_E_IO, "%.120s: %s", word, strerror(error));
}

/* The functions below return a descriptor, or fail with a negative OTADFU_E_*. */

static int open_unix(const char *word, const char *path, const struct waiter *waiter,
		     struct problem *ret_problem)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd, error;

	(void)waiter; /* a socket of this kind is connected at once */
	if (!*path || strlen(path) >= sizeof(address.sun_path))
		return problem_set(ret_problem, OTADFU_E_CONFIG,
				   "%.120s: the path of a socket has 1 to %zu characters", word,
				   sizeof(address.sun_path) - 1);
	memcpy(address.sun_path, path, strlen(path));
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return explain(word, errno, ret_problem);
	if (connect(fd, (const struct sockaddr *)&address, sizeof(address)) == 0)
		return fd;
	error = errno == EAGAIN ? EBUSY : errno; /* its backlog is full */
	close(fd);
	return explain(word, error, ret_problem);
}

/* 0 or an errno. */
static int await_connection(int fd, const struct waiter *waiter)
{
	int error = 0;
	socklen_t len = sizeof(error);
	int r = waiter->wait(waiter->user, fd, POLLOUT, CONNECT_MS);

	if (r != OTADFU_OK)
		return r == OTADFU_E_TIMEOUT ? ETIMEDOUT : ECANCELED;
	return getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len) < 0 ? errno : error;
}

/* A descriptor, or a negative errno. */
static int connect_tcp(const struct addrinfo *info, const struct waiter *waiter)
{
	const int on = 1;
	int fd = socket(info->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	int error = 0;

	if (fd < 0)
		return -errno;
	if (connect(fd, info->ai_addr, info->ai_addrlen) < 0)
		error = errno == EINPROGRESS ? await_connection(fd, waiter) : errno;
	if (error) {
		close(fd);
		return -error;
	}
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	return fd;
}

static int connect_any(const char *word, const char *host, const char *port,
		       const struct waiter *waiter, struct problem *ret_problem)
{
	const struct addrinfo hints = { .ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICSERV };
	struct addrinfo *found;
	int fd = -EADDRNOTAVAIL;
	int r = getaddrinfo(host, port, &hints, &found);

	if (r != 0)
		return problem_set(ret_problem, OTADFU_E_NOT_FOUND, "%.120s: %s", word,
				   gai_strerror(r));
	for (const struct addrinfo *info = found; info && fd < 0 && fd != -ECANCELED;
	     info = info->ai_next)
		fd = connect_tcp(info, waiter);
	freeaddrinfo(found);
	return fd < 0 ? explain(word, -fd, ret_problem) : fd;
}

static int open_tcp(const char *word, const char *place, const struct waiter *waiter,
		    struct problem *ret_problem)
{
	const char *colon = strrchr(place, ':');
	char host[HOST_MAX + 1] = "";
	size_t len = colon ? (size_t)(colon - place) : 0;

	if (len > 2 && place[0] == '[' && place[len - 1] == ']') {
		place++;
		len -= 2;
	}
	if (len == 0 || len > HOST_MAX || !colon[1])
		return problem_set(ret_problem, OTADFU_E_CONFIG,
				   "%.120s: expected tcp:HOST:PORT, as in tcp:localhost:9000",
				   word);
	memcpy(host, place, len);
	return connect_any(word, host, colon + 1, waiter, ret_problem);
}

static const struct line_speed *find_line_speed(const char *text)
{
	char *end;
	unsigned long baud = text ? strtoul(text, &end, 10) : line_speeds[0].baud;

	if (text && (end == text || *end))
		return NULL;
	for (size_t i = 0; i < sizeof(line_speeds) / sizeof(line_speeds[0]); i++) {
		if (line_speeds[i].baud == baud)
			return &line_speeds[i];
	}
	return NULL;
}

static int set_line(int fd, speed_t speed)
{
	struct termios line;

	if (tcgetattr(fd, &line) < 0)
		return -1;
	cfmakeraw(&line);
	line.c_cflag |= CRTSCTS | CLOCAL | CREAD;
	line.c_cflag &= ~(tcflag_t)CSTOPB;
	/* Two programs on one line would each get half of the bytes. */
	if (cfsetspeed(&line, speed) < 0 || tcsetattr(fd, TCSANOW, &line) < 0 ||
	    ioctl(fd, TIOCEXCL) < 0)
		return -1;
	return tcflush(fd, TCIOFLUSH);
}

static int open_serial(const char *word, const char *place, const struct waiter *waiter,
		       struct problem *ret_problem)
{
	const char *comma = strchr(place, ',');
	const struct line_speed *speed = find_line_speed(comma ? comma + 1 : NULL);
	size_t len = comma ? (size_t)(comma - place) : strlen(place);
	char device[DEVICE_MAX + 1] = "";
	int fd, error;

	(void)waiter; /* nor does a line take time to open */
	if (len == 0 || len > DEVICE_MAX || !speed)
		return problem_set(ret_problem, OTADFU_E_CONFIG,
				   "%.120s: expected serial:DEV[,BAUD] with a usual speed, as in "
				   "serial:/dev/ttyACM0,115200",
				   word);
	memcpy(device, place, len);
	fd = open(device, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0)
		return explain(word, errno, ret_problem);
	if (set_line(fd, speed->speed) == 0)
		return fd;
	error = errno;
	close(fd);
	return explain(word, error, ret_problem);
}

static const struct kind {
	const char *prefix;
	int (*open)(const char *word, const char *place, const struct waiter *waiter,
		    struct problem *ret_problem);
} kinds[] = {
	{ "unix:", open_unix },
	{ "tcp:", open_tcp },
	{ "serial:", open_serial },
};

static int open_adapter(const char *word, const struct waiter *waiter,
			struct endpoint *ret_endpoint, struct problem *ret_problem)
{
	struct endpoint endpoint = { .is_adapter = true };
	int r = user_channel_open(word, waiter, &endpoint.channel, ret_problem);

	if (r < 0)
		return r;
	endpoint.fd = endpoint.channel.fd;
	*ret_endpoint = endpoint;
	return OTADFU_OK;
}

int endpoint_open(const char *word, const struct waiter *waiter, struct endpoint *ret_endpoint,
		  struct problem *ret_problem)
{
	if (!word || strncmp(word, "hci", 3) == 0)
		return open_adapter(word, waiter, ret_endpoint, ret_problem);
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		size_t len = strlen(kinds[i].prefix);
		int fd;

		if (strncmp(word, kinds[i].prefix, len) != 0)
			continue;
		fd = kinds[i].open(word, word + len, waiter, ret_problem);
		if (fd < 0)
			return fd;
		*ret_endpoint = (struct endpoint){ .fd = fd };
		return OTADFU_OK;
	}
	return problem_set(ret_problem, OTADFU_E_CONFIG,
			   "\"%.100s\" is no controller: expected hciN, unix:PATH, tcp:HOST:PORT "
			   "or serial:DEV[,BAUD]",
			   word);
}

void endpoint_close(struct endpoint *endpoint)
{
	if (endpoint->is_adapter)
		user_channel_close(&endpoint->channel);
	else
		close(endpoint->fd);
}
