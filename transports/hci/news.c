#include "news.h"

#include "fdwait.h"

#include <otadfu/error.h>
#include <sys/eventfd.h>
#include <unistd.h>

bool news_open(struct news *news)
{
	*news = (struct news){ .fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK) };
	return news->fd >= 0;
}

void news_close(struct news *news)
{
	if (news->fd >= 0)
		close(news->fd);
	*news = (struct news){ .fd = -1 };
}

void news_tell(struct news *news)
{
	if (!news->awaited)
		return;
	news->awaited = false;
	eventfd_write(news->fd, 1);
}

void news_expect(struct news *news)
{
	eventfd_t told;

	eventfd_read(news->fd, &told); /* of an earlier wait that ended otherwise */
	news->awaited = true;
}

static bool look(struct news *news, pthread_mutex_t *lock, bool (*happened)(const void *user),
		 const void *user)
{
	bool has_happened;

	pthread_mutex_lock(lock);
	has_happened = happened(user);
	if (!has_happened)
		news_expect(news);
	pthread_mutex_unlock(lock);
	return has_happened;
}

int news_await(struct otadfu_ctx *ctx, struct news *news, pthread_mutex_t *lock,
	       bool (*happened)(const void *user), const void *user, uint64_t deadline_ms)
{
	struct pollfd ready = { .fd = news->fd, .events = POLLIN };
	int r = OTADFU_OK;

	while (r == OTADFU_OK && !look(news, lock, happened, user))
		r = fdwait(ctx, &ready, 1, deadline_ms);
	/* It may have happened at the last moment. */
	if (r == OTADFU_E_TIMEOUT && look(news, lock, happened, user))
		return OTADFU_OK;
	return r;
}
