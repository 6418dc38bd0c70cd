#include "reader.h"

#include <limits.h>
#include <otadfu/error.h>
#include <poll.h>
#include <string.h>
#include <sys/eventfd.h>

/* Of the 100 ms that close has. */
enum { PARTING_MS = 60, RESET_MS = 30 };

static uint64_t now_ms(const struct otadfu_adapter *adapter)
{
	return adapter->ctx->host->now_ms(adapter->ctx);
}

static bool hand_over_orders(struct otadfu_adapter *adapter)
{
	struct pending_command *orders = adapter->orders;
	size_t taken = 0;

	while (taken < adapter->order_count &&
	       controller_command(adapter->controller, &orders[taken].command, orders[taken].done,
				  orders[taken].user))
		taken++;
	adapter->order_count -= taken;
	memmove(orders, orders + taken, adapter->order_count * sizeof(*orders));
	return taken > 0;
}

/* Gives the controller what waits for it. False: there is nothing more to do until it says
 * something, or adapter->wake does. */
static bool serve(struct otadfu_adapter *adapter)
{
	uint64_t now = now_ms(adapter);
	bool any;

	pthread_mutex_lock(&adapter->lock);
	any = hand_over_orders(adapter);
	for (size_t i = 0; i < CONTROLLER_LINKS_MAX; i++)
		any = link_serve_locked(&adapter->links[i], adapter->controller, now) || any;
	any = any || adapter->woken;
	adapter->woken = false;
	adapter->asleep = !any;
	pthread_mutex_unlock(&adapter->lock);
	return any;
}

static uint64_t next_ms(struct otadfu_adapter *adapter)
{
	uint64_t next = controller_next_ms(adapter->controller);

	pthread_mutex_lock(&adapter->lock);
	for (size_t i = 0; i < CONTROLLER_LINKS_MAX; i++) {
		const struct hci_link *link = &adapter->links[i];

		if (link->state == LINK_ENDING && !link->end_asked && link->end_by_ms < next)
			next = link->end_by_ms;
	}
	pthread_mutex_unlock(&adapter->lock);
	return next;
}

static void sleep_until(struct otadfu_adapter *adapter, uint64_t until_ms)
{
	struct pollfd ready[] = { { .fd = adapter->wake, .events = POLLIN },
				  { .fd = adapter->endpoint.fd,
				    .events = controller_events(adapter->controller) } };
	uint64_t now = now_ms(adapter);
	uint64_t left_ms = until_ms > now ? until_ms - now : 0;
	eventfd_t woken;

	poll(ready, 2, left_ms > INT_MAX ? -1 : (int)left_ms);
	if (ready[0].revents)
		eventfd_read(adapter->wake, &woken);
}

static void lose(struct otadfu_adapter *adapter, int failed, const struct problem *problem)
{
	pthread_mutex_lock(&adapter->lock);
	adapter->failed = failed;
	adapter->problem = *problem;
	for (size_t i = 0; i < CONTROLLER_LINKS_MAX; i++) {
		struct hci_link *link = &adapter->links[i];

		if (link->state == LINK_UP || link->state == LINK_ENDING)
			link_end_locked(link, HCI_E_HARDWARE);
	}
	adapter_forget_locked(adapter);
	news_tell(&adapter->air.news);
	pthread_mutex_unlock(&adapter->lock);
}

bool reader_turn(struct otadfu_adapter *adapter)
{
	struct problem problem;
	int r = controller_process(adapter->controller, now_ms(adapter), &problem);

	if (r < 0) {
		lose(adapter, r, &problem);
		return false;
	}
	return serve(adapter);
}

/* A turn, and if there is nothing more to do some sleep, until until_ms at the latest. False: the
 * controller is lost. */
static bool run_once(struct otadfu_adapter *adapter, uint64_t until_ms)
{
	uint64_t next;

	if (reader_turn(adapter))
		return true;
	if (adapter->failed) /* which no other thread sets */
		return false;
	next = next_ms(adapter);
	sleep_until(adapter, next < until_ms ? next : until_ms);
	return true;
}

static bool is_stopping(struct otadfu_adapter *adapter)
{
	bool stopping;

	pthread_mutex_lock(&adapter->lock);
	stopping = adapter->stopping;
	pthread_mutex_unlock(&adapter->lock);
	return stopping;
}

static bool has_links(struct otadfu_adapter *adapter)
{
	bool any = false;

	pthread_mutex_lock(&adapter->lock);
	for (size_t i = 0; i < CONTROLLER_LINKS_MAX; i++)
		any = any || adapter->links[i].state == LINK_ENDING;
	pthread_mutex_unlock(&adapter->lock);
	return any;
}

/* A controller on a socket or a line would go on without us. */
static void part(struct otadfu_adapter *adapter)
{
	uint64_t until_ms = now_ms(adapter) + PARTING_MS;
	bool alive = true;

	while (alive && has_links(adapter) && now_ms(adapter) < until_ms)
		alive = run_once(adapter, until_ms);
	if (!alive)
		return;
	controller_reset(adapter->controller, HCI_E_LOCAL_HOST);
	until_ms = now_ms(adapter) + RESET_MS;
	do
		alive = run_once(adapter, until_ms);
	while (alive && !controller_is_ready(adapter->controller) && now_ms(adapter) < until_ms);
}

void *reader_run(void *user)
{
	struct otadfu_adapter *adapter = user;
	bool alive = true;

	while (alive && !is_stopping(adapter))
		alive = run_once(adapter, UINT64_MAX);
	if (alive)
		part(adapter);
	return NULL;
}
