#include "race.h"

#include <errno.h>
#include <sys/socket.h>

/* What became of an attempt; 0: it is connected. */
static int connect_error(int fd, short revents)
{
	int error = 0;
	socklen_t len = sizeof(error);

	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len) < 0)
		return errno;
	/* A socket may be closed without a reason. */
	if (error == 0 && (revents & POLLHUP || !(revents & POLLOUT)))
		return ECONNRESET;
	return error;
}

int race_connect(struct otadfu_ctx *ctx, const int *fds, size_t count, uint64_t deadline_ms,
		 size_t *ret_winner, int *ret_error)
{
	struct pollfd watched[FDWAIT_MAX];
	size_t left = count;

	for (size_t i = 0; i < count; i++)
		watched[i] = (struct pollfd){ .fd = fds[i], .events = POLLOUT };
	for (;;) {
		int r = fdwait(ctx, watched, count, deadline_ms);

		if (r != OTADFU_OK)
			return r;
		for (size_t i = 0; i < count; i++) {
			int error;

			if (watched[i].fd < 0 || !watched[i].revents)
				continue;
			error = connect_error(fds[i], watched[i].revents);
			if (error == 0) {
				*ret_winner = i;
				return OTADFU_OK;
			}
			watched[i].fd = -1;
			if (--left == 0) {
				*ret_error = error;
				return OTADFU_E_DISCONNECTED;
			}
		}
	}
}
