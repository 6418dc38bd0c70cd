#include "socket_link.h"

#include "failure.h"
#include "fdwait.h"

#include <errno.h>
#include <linux/sock_diag.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct socket_bearer {
	int fd;
	bool lost;
	int error;       /* why, as the socket said; 0: it did not */
	uint32_t missed; /* packets that the socket had no room for */
};

/* What the kernel makes of the controller's reason for a disconnection. */
static const struct {
	int error;
	const char *text;
} losses[] = {
	{ ECONNRESET, "the device closed it" },
	{ EPIPE, "the device closed it" },
	{ ETIMEDOUT, "the device was not heard any more" },
	{ ECONNABORTED, "this computer closed it" },
	{ ENODEV, "the adapter is gone" },
	{ ENETDOWN, "the adapter went down" },
};

static int fail_lost(struct otadfu_ctx *ctx, const struct socket_bearer *bearer)
{
	const char *why = bearer->error ? strerror(bearer->error) : "the device closed it";

	for (size_t i = 0; i < sizeof(losses) / sizeof(losses[0]); i++) {
		if (losses[i].error == bearer->error)
			why = losses[i].text;
	}
	return fail_with(ctx, OTADFU_E_DISCONNECTED, bearer->error, "the link was lost: %s", why);
}

/* The first reason is the right one: what is tried afterwards finds a closed socket. */
static void note_loss(struct socket_bearer *bearer, int error)
{
	bearer->lost = true;
	if (bearer->error == 0)
		bearer->error = error;
}

static int send_packet(struct otadfu_ctx *ctx, void *user, const uint8_t *pdu, size_t len)
{
	struct socket_bearer *bearer = user;

	if (send(bearer->fd, pdu, len, MSG_DONTWAIT | MSG_NOSIGNAL) >= 0)
		return OTADFU_OK;
	switch (errno) {
	case EAGAIN:
	case EINTR:
		return OTADFU_E_BUSY;
	case EMSGSIZE:
	case EINVAL:
	case ENOBUFS:
	case ENOMEM:
		return fail_with(ctx, OTADFU_E_IO, errno, "the socket takes no packet: %s",
				 strerror(errno));
	default:
		note_loss(bearer, errno);
		return OTADFU_E_DISCONNECTED;
	}
}

/* A closed socket may have nothing to receive, not even an error. */
static void look_for_loss(struct socket_bearer *bearer)
{
	struct pollfd watched = { .fd = bearer->fd };

	if (poll(&watched, 1, 0) > 0)
		note_loss(bearer, 0);
}

static int check_link(struct otadfu_ctx *ctx, void *user)
{
	struct socket_bearer *bearer = user;

	look_for_loss(bearer);
	return bearer->lost ? fail_lost(ctx, bearer) : OTADFU_OK;
}

/* The socket drops what it has no room for, and counts it. */
static uint32_t count_missed(const struct socket_bearer *bearer)
{
	uint32_t figures[SK_MEMINFO_VARS] = { 0 };
	socklen_t len = sizeof(figures);

	if (getsockopt(bearer->fd, SOL_SOCKET, SO_MEMINFO, figures, &len) < 0)
		return bearer->missed;
	return figures[SK_MEMINFO_DROPS];
}

static bool has_missed(struct socket_bearer *bearer)
{
	uint32_t before = bearer->missed;

	bearer->missed = count_missed(bearer);
	return bearer->missed != before;
}

/* A socket tells of an error before it gives what has come before that. */
static ssize_t receive_packet(struct socket_bearer *bearer, uint8_t *buf, size_t cap)
{
	enum { ERRORS_MAX = 3 };
	ssize_t len = -1;

	for (int errors = 0; errors < ERRORS_MAX && len < 0; errors++) {
		len = recv(bearer->fd, buf, cap, MSG_DONTWAIT);
		if (len < 0 && errno == EAGAIN)
			break;
		if (len < 0)
			note_loss(bearer, errno);
	}
	return len;
}

/* The link is over when nothing comes though it was lost before: what came last may have come
 * between two looks. 0 bytes are no end by themselves, an empty packet reads the same. */
static int receive(struct otadfu_ctx *ctx, void *user, uint8_t *buf, size_t cap, size_t *ret_len)
{
	struct socket_bearer *bearer = user;
	bool was_lost = bearer->lost;
	ssize_t len = receive_packet(bearer, buf, cap);

	if (len <= 0 && has_missed(bearer))
		return OTADFU_E_OVERFLOW;
	if (len <= 0 && was_lost)
		return fail_lost(ctx, bearer);
	if (len <= 0)
		look_for_loss(bearer);
	if (len < 0)
		return OTADFU_E_BUSY;
	*ret_len = (size_t)len;
	return OTADFU_OK;
}

static int wait_ready(struct otadfu_ctx *ctx, void *user, bool for_room, uint64_t deadline_ms)
{
	struct socket_bearer *bearer = user;
	struct pollfd watched = { .fd = bearer->fd,
				  .events = (short)(for_room ? POLLIN | POLLOUT : POLLIN) };
	bool missed = count_missed(bearer) != bearer->missed;
	int r = fdwait(ctx, &watched, 1, missed ? 0 : deadline_ms);

	return r == OTADFU_E_TIMEOUT && missed ? OTADFU_OK : r;
}

static void close_socket(struct otadfu_ctx *ctx, void *user)
{
	struct socket_bearer *bearer = user;

	(void)ctx;
	close(bearer->fd);
	free(bearer);
}

static const struct att_bearer_ops bearer_ops = {
	.send = send_packet,
	.receive = receive,
	.wait = wait_ready,
	.check = check_link,
	.close = close_socket,
};

int socket_link_new(int fd, struct otadfu_link **ret_link)
{
	struct socket_bearer *bearer = malloc(sizeof(*bearer));
	struct otadfu_link *link;

	if (!bearer)
		return OTADFU_E_NOMEM;
	*bearer = (struct socket_bearer){ .fd = fd };
	link = att_client_new(&bearer_ops, bearer);
	if (!link) {
		free(bearer);
		return OTADFU_E_NOMEM;
	}
	*ret_link = link;
	return OTADFU_OK;
}
