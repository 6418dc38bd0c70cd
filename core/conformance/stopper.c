#include "stopper.h"

#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

static int watch(const struct stopper *stopper, int fd)
{
	struct epoll_event event = { .events = EPOLLIN };

	return fd < 0 ? 0 : epoll_ctl(stopper->fd, EPOLL_CTL_ADD, fd, &event);
}

int stopper_open(struct stopper *stopper, int interrupt_fd, struct failure *why)
{
	stopper->timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	/* An epoll descriptor is readable when one of those that it watches is. */
	stopper->fd = epoll_create1(EPOLL_CLOEXEC);
	if (stopper->timer_fd < 0 || stopper->fd < 0 || watch(stopper, stopper->timer_fd) < 0 ||
	    watch(stopper, interrupt_fd) < 0) {
		int error = errno;

		stopper_close(stopper);
		return failure_set(why, OTADFU_E_IO, error, "cannot make a timer: %s",
				   strerror(error));
	}
	return OTADFU_OK;
}

void stopper_close(struct stopper *stopper)
{
	if (stopper->timer_fd >= 0)
		close(stopper->timer_fd);
	if (stopper->fd >= 0)
		close(stopper->fd);
	stopper->timer_fd = stopper->fd = -1;
}

void stopper_set(struct stopper *stopper, uint64_t at_ms)
{
	const struct itimerspec at = { .it_value = { .tv_sec = (time_t)(at_ms / 1000),
						     .tv_nsec = (long)(at_ms % 1000) * 1000000 } };

	timerfd_settime(stopper->timer_fd, TFD_TIMER_ABSTIME, &at, NULL);
}

void stopper_clear(struct stopper *stopper)
{
	const struct itimerspec never = { 0 };

	timerfd_settime(stopper->timer_fd, 0, &never, NULL);
}
