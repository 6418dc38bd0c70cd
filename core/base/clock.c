#include "clock.h"

#include <errno.h>
#include <limits.h>
#include <otadfu/error.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <time.h>

struct sleeper {
	uint64_t deadline_ms;
	struct sleeper *next;
};

struct clock {
	pthread_mutex_t lock;
	pthread_cond_t jumped;
	bool is_virtual;
	unsigned real_holds;
	unsigned tasks;
	uint64_t virtual_ms;
	struct sleeper *sleepers; /* virtual time only */
	unsigned sleeping;
};

static uint64_t read_monotonic_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000u + (uint64_t)now.tv_nsec / 1000000u;
}

struct clock *clock_new(void)
{
	struct clock *clock = calloc(1, sizeof(*clock));

	if (!clock)
		return NULL;
	pthread_mutex_init(&clock->lock, NULL);
	pthread_cond_init(&clock->jumped, NULL);
	clock->tasks = 1;
	return clock;
}

void clock_free(struct clock *clock)
{
	if (!clock)
		return;
	pthread_cond_destroy(&clock->jumped);
	pthread_mutex_destroy(&clock->lock);
	free(clock);
}

uint64_t clock_now_ms(struct clock *clock)
{
	uint64_t now;

	pthread_mutex_lock(&clock->lock);
	now = clock->is_virtual ? clock->virtual_ms : read_monotonic_ms();
	pthread_mutex_unlock(&clock->lock);
	return now;
}

int clock_make_virtual(struct clock *clock)
{
	int r = OTADFU_OK;

	pthread_mutex_lock(&clock->lock);
	if (clock->real_holds > 0) {
		r = OTADFU_E_UNSUPPORTED;
	} else if (!clock->is_virtual) {
		clock->virtual_ms = read_monotonic_ms();
		clock->is_virtual = true;
	}
	pthread_mutex_unlock(&clock->lock);
	return r;
}

int clock_hold_real(struct clock *clock)
{
	int r = OTADFU_OK;

	pthread_mutex_lock(&clock->lock);
	if (clock->is_virtual)
		r = OTADFU_E_UNSUPPORTED;
	else
		clock->real_holds++;
	pthread_mutex_unlock(&clock->lock);
	return r;
}

void clock_release_real(struct clock *clock)
{
	pthread_mutex_lock(&clock->lock);
	clock->real_holds--;
	pthread_mutex_unlock(&clock->lock);
}

/* Called with the lock held, whenever a task begins to wait or leaves. */
static void jump_when_all_wait(struct clock *clock)
{
	uint64_t earliest = UINT64_MAX;

	if (clock->sleeping == 0 || clock->sleeping < clock->tasks)
		return;
	for (const struct sleeper *s = clock->sleepers; s; s = s->next) {
		if (s->deadline_ms < earliest)
			earliest = s->deadline_ms;
	}
	if (earliest > clock->virtual_ms)
		clock->virtual_ms = earliest;
	pthread_cond_broadcast(&clock->jumped);
}

void clock_join(struct clock *clock)
{
	pthread_mutex_lock(&clock->lock);
	clock->tasks++;
	pthread_mutex_unlock(&clock->lock);
}

void clock_leave(struct clock *clock)
{
	pthread_mutex_lock(&clock->lock);
	clock->tasks--;
	jump_when_all_wait(clock);
	pthread_mutex_unlock(&clock->lock);
}

static bool is_readable(int fd)
{
	struct pollfd watched = { .fd = fd, .events = POLLIN };

	return fd >= 0 && poll(&watched, 1, 0) > 0;
}

/* Called with the lock held; returns with it held. */
static void sleep_virtually(struct clock *clock, uint64_t deadline_ms)
{
	struct sleeper self = { .deadline_ms = deadline_ms, .next = clock->sleepers };
	struct sleeper **link;

	clock->sleepers = &self;
	clock->sleeping++;
	jump_when_all_wait(clock);
	while (clock->virtual_ms < deadline_ms)
		pthread_cond_wait(&clock->jumped, &clock->lock);

	for (link = &clock->sleepers; *link != &self; link = &(*link)->next)
		;
	*link = self.next;
	clock->sleeping--;
}

static int sleep_really(uint64_t deadline_ms, int cancel_fd)
{
	struct pollfd watched = { .fd = cancel_fd, .events = POLLIN };
	uint64_t now;

	while ((now = read_monotonic_ms()) < deadline_ms) {
		uint64_t left = deadline_ms - now;

		if (poll(&watched, 1, left > INT_MAX ? INT_MAX : (int)left) > 0)
			return OTADFU_E_CANCELLED;
	}
	return OTADFU_OK;
}

int clock_wait(struct clock *clock, uint64_t deadline_ms, int cancel_fd)
{
	if (is_readable(cancel_fd))
		return OTADFU_E_CANCELLED;
	pthread_mutex_lock(&clock->lock);
	if (!clock->is_virtual) {
		pthread_mutex_unlock(&clock->lock);
		return sleep_really(deadline_ms, cancel_fd);
	}
	if (clock->virtual_ms < deadline_ms)
		sleep_virtually(clock, deadline_ms);
	pthread_mutex_unlock(&clock->lock);
	return is_readable(cancel_fd) ? OTADFU_E_CANCELLED : OTADFU_OK;
}
