#include "fdwait.h"

#include "failure.h"

#include <errno.h>
#include <limits.h>
#include <string.h>

static int timeout_ms(struct otadfu_ctx *ctx, uint64_t deadline_ms)
{
	uint64_t now_ms = ctx->host->now_ms(ctx);

	if (now_ms >= deadline_ms)
		return 0;
	return deadline_ms - now_ms < INT_MAX ? (int)(deadline_ms - now_ms) : INT_MAX;
}

int fdwait(struct otadfu_ctx *ctx, struct pollfd *fds, size_t count, uint64_t deadline_ms)
{
	struct pollfd watched[1 + FDWAIT_MAX] = { { .fd = ctx->host->cancel_fd(ctx),
						    .events = POLLIN } };

	if (count > FDWAIT_MAX)
		return OTADFU_E_INVALID;
	for (;;) {
		int left_ms = timeout_ms(ctx, deadline_ms);
		int ready;

		if (count > 0)
			memcpy(watched + 1, fds, count * sizeof(*fds));
		ready = poll(watched, (nfds_t)(1 + count), left_ms);
		if (ready < 0 && errno != EINTR)
			return fail_with(ctx, OTADFU_E_IO, errno, "poll: %s", strerror(errno));
		if (ready > 0 && watched[0].revents)
			return OTADFU_E_CANCELLED;
		if (ready > 0) {
			memcpy(fds, watched + 1, count * sizeof(*fds));
			return OTADFU_OK;
		}
		if (ready == 0 && left_ms == 0)
			return OTADFU_E_TIMEOUT;
	}
}
