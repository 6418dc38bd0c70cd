/* Tells a thread that waits with poll that something has happened. All but news_await under the
 * lock that guards what happened. */
#ifndef OTADFU_HCI_NEWS_H
#define OTADFU_HCI_NEWS_H

#include <otadfu/host.h>
#include <pthread.h>
#include <stdbool.h>

struct news {
	int fd; /* readable: look again */
	bool awaited;
};

/* False: there are too many descriptors. */
bool news_open(struct news *news);
void news_close(struct news *news);

void news_tell(struct news *news);

/* Before a wait by other means: news_tell makes fd readable from now on, once. */
void news_expect(struct news *news);

/*
 * Waits until happened, which is asked under lock, says so; what fdwait says otherwise. One thread
 * at a time.
 */
int news_await(struct otadfu_ctx *ctx, struct news *news, pthread_mutex_t *lock,
	       bool (*happened)(const void *user), const void *user, uint64_t deadline_ms);

#endif
