#include "adapter.h"

#include "failure.h"
#include "fdwait.h"
#include "own_address.h"
#include "reader.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum { OPEN_MS = 5000, ANSWER_MS = 3000 };

/* --- making one --- */

struct opening {
	struct otadfu_ctx *ctx;
	uint64_t deadline_ms;
};

static int wait_for(void *user, int fd, short events, int timeout_ms)
{
	const struct opening *opening = user;
	struct pollfd ready = { .fd = fd, .events = events };
	uint64_t until_ms = opening->ctx->host->now_ms(opening->ctx) + (uint64_t)timeout_ms;

	if (until_ms > opening->deadline_ms)
		until_ms = opening->deadline_ms;
	return fdwait(opening->ctx, &ready, 1, until_ms);
}

static void set_up_links(struct otadfu_adapter *adapter)
{
	adapter->air.answers = (struct answers){ .adapter = adapter, .news = &adapter->air.news };
	for (size_t i = 0; i < CONTROLLER_LINKS_MAX; i++) {
		struct hci_link *link = &adapter->links[i];

		link->adapter = adapter;
		link->news.fd = -1;
		link->answers = (struct answers){ .adapter = adapter, .news = &link->news };
	}
}

struct otadfu_adapter *adapter_new(struct otadfu_ctx *ctx)
{
	struct otadfu_adapter *adapter = calloc(1, sizeof(*adapter));

	if (!adapter)
		return NULL;
	adapter->ctx = ctx;
	adapter->endpoint.fd = -1;
	pthread_mutex_init(&adapter->lock, NULL);
	set_up_links(adapter);
	adapter->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (news_open(&adapter->air.news) && adapter->wake >= 0)
		return adapter;
	news_close(&adapter->air.news);
	if (adapter->wake >= 0)
		close(adapter->wake);
	pthread_mutex_destroy(&adapter->lock);
	free(adapter);
	return NULL;
}

void adapter_free(struct otadfu_adapter *adapter)
{
	controller_free(adapter->controller);
	if (adapter->endpoint.fd >= 0)
		endpoint_close(&adapter->endpoint);
	for (size_t i = 0; i < CONTROLLER_LINKS_MAX; i++)
		news_close(&adapter->links[i].news);
	news_close(&adapter->air.news);
	close(adapter->wake);
	pthread_mutex_destroy(&adapter->lock);
	free(adapter);
}

static int open_endpoint(struct otadfu_adapter *adapter, const char *name, uint64_t deadline_ms)
{
	struct opening opening = { .ctx = adapter->ctx, .deadline_ms = deadline_ms };
	const struct waiter waiter = { .wait = wait_for, .user = &opening };
	struct endpoint endpoint;
	struct problem problem;
	int r = endpoint_open(name, &waiter, &endpoint, &problem);

	if (r == OTADFU_E_CANCELLED)
		return r;
	if (r < 0)
		return adapter->ctx->host->fail(adapter->ctx, r, 0, problem.text);
	adapter->endpoint = endpoint;
	if (name)
		snprintf(adapter->name, sizeof(adapter->name), "%s", name);
	else
		snprintf(adapter->name, sizeof(adapter->name), "hci%d", endpoint.channel.hci);
	return OTADFU_OK;
}

/* Signals are the program's. */
static int start_reader(struct otadfu_adapter *adapter)
{
	const struct controller_observer observer = reader_observer(adapter);
	sigset_t all, before;
	int error;

	adapter->controller = controller_new(adapter->endpoint.fd, &observer);
	if (!adapter->controller)
		return OTADFU_E_NOMEM;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	error = pthread_create(&adapter->reader, NULL, reader_run, adapter);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (error)
		return fail_with(adapter->ctx, OTADFU_E_NOMEM, error, "no thread: %s",
				 strerror(error));
	return OTADFU_OK;
}

static bool is_ready_or_failed(const void *user)
{
	const struct otadfu_adapter *adapter = user;

	return adapter->ready || adapter->failed;
}

static int await_ready(struct otadfu_ctx *ctx, struct otadfu_adapter *adapter, uint64_t deadline_ms)
{
	int r = news_await(ctx, &adapter->air.news, &adapter->lock, is_ready_or_failed, adapter,
			   deadline_ms);

	if (r == OTADFU_E_TIMEOUT)
		return fail_with(ctx, r, 0, "%s: the controller was not ready within %d s",
				 adapter->name, OPEN_MS / 1000);
	return r == OTADFU_OK ? adapter_check(ctx, adapter) : r;
}

/* Only one that has none needs it. */
static int give_address(struct otadfu_ctx *ctx, struct otadfu_adapter *adapter,
			uint64_t deadline_ms)
{
	struct otadfu_addr own;
	struct hci_command command;
	int r;

	if (adapter->central.own_type == 0)
		return OTADFU_OK;
	r = own_address_get(ctx, adapter->name, &own);
	if (r != OTADFU_OK)
		return r;
	pthread_mutex_lock(&adapter->lock);
	adapter->own_random = own;
	pthread_mutex_unlock(&adapter->lock);
	command = hci_random_address(&own);
	return air_command(ctx, adapter, &command, deadline_ms);
}

static void stop_reader(struct otadfu_adapter *adapter)
{
	pthread_mutex_lock(&adapter->lock);
	adapter->stopping = true;
	adapter_wake_locked(adapter);
	pthread_mutex_unlock(&adapter->lock);
	pthread_join(adapter->reader, NULL);
}

static int start(struct otadfu_adapter *adapter, const char *name)
{
	struct otadfu_ctx *ctx = adapter->ctx;
	uint64_t deadline_ms = ctx->host->now_ms(ctx) + OPEN_MS;
	int r = open_endpoint(adapter, name, deadline_ms);

	if (r == OTADFU_OK)
		r = start_reader(adapter);
	if (r != OTADFU_OK)
		return r;
	r = await_ready(ctx, adapter, deadline_ms);
	if (r == OTADFU_OK)
		r = give_address(ctx, adapter, deadline_ms);
	if (r != OTADFU_OK)
		stop_reader(adapter);
	return r;
}

int adapter_open(struct otadfu_ctx *ctx, const char *name, struct otadfu_adapter **ret_adapter)
{
	struct otadfu_adapter *adapter = adapter_new(ctx);
	int r;

	if (!adapter)
		return OTADFU_E_NOMEM;
	r = start(adapter, name);
	if (r != OTADFU_OK) {
		adapter_free(adapter);
		return r;
	}
	*ret_adapter = adapter;
	return OTADFU_OK;
}

void adapter_close(struct otadfu_ctx *ctx, struct otadfu_adapter *adapter)
{
	(void)ctx;
	stop_reader(adapter);
	adapter_free(adapter);
}

/* --- orders --- */

void adapter_wake_locked(struct otadfu_adapter *adapter)
{
	adapter->woken = true;
	if (!adapter->asleep)
		return;
	adapter->asleep = false;
	eventfd_write(adapter->wake, 1);
}

bool adapter_order_locked(struct otadfu_adapter *adapter, const struct hci_command *command,
			  command_done_fn *done, void *user)
{
	if (adapter->failed || adapter->order_count == ORDERS_MAX)
		return false;
	adapter->orders[adapter->order_count++] =
		(struct pending_command){ .command = *command, .done = done, .user = user };
	adapter_wake_locked(adapter);
	return true;
}

static void on_answer(void *user, uint8_t status, const uint8_t *reply)
{
	struct answers *answers = user;

	(void)reply;
	pthread_mutex_lock(&answers->adapter->lock);
	answers->answered++;
	answers->status = status;
	news_tell(answers->news);
	pthread_mutex_unlock(&answers->adapter->lock);
}

void adapter_ask_locked(struct otadfu_adapter *adapter, const struct hci_command *command,
			struct answers *answers)
{
	answers->asked++;
	if (adapter_order_locked(adapter, command, on_answer, answers))
		return;
	answers->answered++;
	answers->status = HCI_E_MEMORY;
}

static void forget_answers(struct answers *answers)
{
	if (answers_are_complete(answers))
		return;
	answers->answered = answers->asked;
	answers->status = HCI_E_HARDWARE;
	news_tell(answers->news);
}

void adapter_forget_locked(struct otadfu_adapter *adapter)
{
	adapter->order_count = 0;
	forget_answers(&adapter->air.answers);
	for (size_t i = 0; i < CONTROLLER_LINKS_MAX; i++)
		forget_answers(&adapter->links[i].answers);
	adapter->air.scanning = false;
	if (adapter->air.attempt != ATTEMPT_NONE)
		air_attempt_ended_locked(adapter, HCI_E_HARDWARE);
	news_tell(&adapter->air.news);
}

int adapter_check(struct otadfu_ctx *ctx, struct otadfu_adapter *adapter)
{
	int failed;

	pthread_mutex_lock(&adapter->lock);
	failed = adapter->failed;
	pthread_mutex_unlock(&adapter->lock);
	if (!failed) /* its words do not change any more otherwise */
		return OTADFU_OK;
	return fail_with(ctx, failed, 0, "%s: %s", adapter->name, adapter->problem.text);
}
