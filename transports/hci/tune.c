#include "tune.h"

#include "adapter.h"
#include "att_client.h"
#include "failure.h"

#include <string.h>

enum { INTERVAL_UNIT_US = 1250, TIMEOUT_UNIT_MS = 10, DECISION_MS = 1000 };

/* What a question has come to. */
struct question {
	const struct hci_link *link;
	size_t kind; /* LINK_PARAMETERS and so on */
	uint32_t decisions_before;
};

static bool is_decided(const void *user)
{
	const struct question *question = user;
	const struct hci_link *link = question->link;

	return link->state != LINK_UP ||
	       (answers_are_complete(&link->answers) &&
		(link->answers.status != 0 ||
		 link->decisions[question->kind] != question->decisions_before));
}

/*
 * Asks, and waits until controller and peer have decided. A data length that stays as it is brings
 * no event (Vol 4, Part E, 7.7.65.7), nor does a peer that does not know the procedure: after a
 * while it counts as decided.
 */
static int ask(struct otadfu_ctx *ctx, struct hci_link *link, size_t kind,
	       const struct hci_command *command, uint64_t deadline_ms)
{
	struct question question = { .link = link, .kind = kind };
	uint64_t patience_ms = ctx->host->now_ms(ctx) + DECISION_MS;
	bool bounded = patience_ms < deadline_ms;
	pthread_mutex_t *lock = &link->adapter->lock;
	int r;

	pthread_mutex_lock(lock);
	question.decisions_before = link->decisions[kind];
	adapter_ask_locked(link->adapter, command, &link->answers);
	pthread_mutex_unlock(lock);
	r = news_await(ctx, &link->news, lock, is_decided, &question,
		       bounded ? patience_ms : deadline_ms);
	if (r == OTADFU_E_TIMEOUT && bounded)
		return OTADFU_OK;
	if (r == OTADFU_E_TIMEOUT)
		return fail_with(ctx, r, 0, "%s was not decided in time",
				 hci_command_name(command->opcode));
	return r == OTADFU_OK ? link_check(ctx, link) : r;
}

static uint16_t clamp(uint32_t value, uint16_t least, uint16_t most)
{
	if (value < least)
		return least;
	return value > most ? most : (uint16_t)value;
}

/* In force, as far as is known. */
static struct otadfu_link_params current(struct hci_link *link)
{
	struct otadfu_link_params params = { 0 };

	pthread_mutex_lock(&link->adapter->lock);
	params.interval_us = link->parameters.interval_min * (uint32_t)INTERVAL_UNIT_US;
	params.supervision_ms = link->parameters.timeout * (uint32_t)TIMEOUT_UNIT_MS;
	params.latency = link->parameters.latency;
	params.tx_octets = link->tx_octets;
	params.tx_phy = link->tx_phy;
	pthread_mutex_unlock(&link->adapter->lock);
	return params;
}

/* A wish for one leaves the others as they are. */
static int ask_parameters(struct otadfu_ctx *ctx, struct hci_link *link,
			  const struct otadfu_link_params *wanted, uint64_t deadline_ms)
{
	const struct otadfu_link_params now = current(link);
	uint32_t interval_us = wanted->interval_us ? wanted->interval_us : now.interval_us;
	uint32_t silence_ms = wanted->supervision_ms ? wanted->supervision_ms : now.supervision_ms;
	struct hci_connection_parameters wish = {
		.interval_min = clamp(interval_us / INTERVAL_UNIT_US, 6, 3200),
		.latency = wanted->latency,
		.timeout = clamp(silence_ms / TIMEOUT_UNIT_MS, 10, 3200),
	};
	struct hci_command command;

	wish.interval_max = wish.interval_min;
	if (interval_us == now.interval_us && silence_ms == now.supervision_ms &&
	    wish.latency == now.latency)
		return OTADFU_OK;
	if (!hci_is_possible(&wish))
		return fail_with(ctx, OTADFU_E_INVALID, 0,
				 "no connection has an interval of %u us, a latency of %u and a "
				 "supervision time of %u ms",
				 interval_us, wish.latency, silence_ms);
	command = hci_connection_update(link->handle, &wish);
	return ask(ctx, link, LINK_PARAMETERS, &command, deadline_ms);
}

static int ask_data_length(struct otadfu_ctx *ctx, struct hci_link *link, uint16_t octets,
			   uint64_t deadline_ms)
{
	struct hci_command command = hci_data_length(link->handle, clamp(octets, 27, 251));

	if (current(link).tx_octets == octets || !link->adapter->has_data_length)
		return OTADFU_OK;
	return ask(ctx, link, LINK_DATA_LENGTH, &command, deadline_ms);
}

static int ask_phy(struct otadfu_ctx *ctx, struct hci_link *link, uint8_t phy, uint64_t deadline_ms)
{
	struct hci_command command;

	if (current(link).tx_phy == phy || !link->adapter->central.has_2m ||
	    (phy != HCI_PHY_1M && phy != HCI_PHY_2M))
		return OTADFU_OK;
	command = hci_phy(link->handle, (uint8_t)(1U << (phy - 1)));
	return ask(ctx, link, LINK_PHY, &command, deadline_ms);
}

static int ask_all(struct otadfu_ctx *ctx, struct hci_link *link,
		   const struct otadfu_link_params *wanted, uint64_t deadline_ms)
{
	int r = OTADFU_OK;

	if (wanted->interval_us || wanted->supervision_ms || wanted->latency)
		r = ask_parameters(ctx, link, wanted, deadline_ms);
	if (r == OTADFU_OK && wanted->tx_octets)
		r = ask_data_length(ctx, link, wanted->tx_octets, deadline_ms);
	if (r == OTADFU_OK && wanted->tx_phy)
		r = ask_phy(ctx, link, wanted->tx_phy, deadline_ms);
	return r;
}

int tune(struct otadfu_ctx *ctx, struct otadfu_link *link, const struct otadfu_link_params *wanted,
	 struct otadfu_link_params *ret_actual, uint64_t deadline_ms)
{
	struct hci_link *bearer = att_client_bearer(link);
	struct otadfu_link_params wishes = { 0 }, actual;
	uint32_t size = ret_actual->size;
	int r = link_check(ctx, bearer);

	/* The caller may know fewer members than we do, or more. */
	if (wanted)
		memcpy(&wishes, wanted,
		       wanted->size < sizeof(wishes) ? wanted->size : sizeof(wishes));
	if (r == OTADFU_OK)
		r = ask_all(ctx, bearer, &wishes, deadline_ms);
	if (r != OTADFU_OK)
		return r;
	actual = current(bearer);
	actual.size = size;
	memcpy(ret_actual, &actual, size < sizeof(actual) ? size : sizeof(actual));
	return OTADFU_OK;
}
