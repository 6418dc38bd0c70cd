#include "link.h"

#include "adapter.h"
#include "att_client.h"
#include "failure.h"
#include "fdwait.h"

#include <string.h>

enum {
	WAITING_MAX = 16,  /* packets on their way to the peer, as PACED_WRITE_CMD promises */
	WAITING_FEW = 8,   /* when a thread that waits for room is woken: not for each packet */
	PARTING_MS = 500,  /* for what was sent before the link was closed */
	TX_OCTETS_MIN = 27 /* every link begins with it, and on 1M */
};

/* --- the thread's side --- */

static const char *why_lost(uint8_t reason)
{
	static const struct {
		uint8_t reason;
		const char *text;
	} reasons[] = {
		{ HCI_E_TIMEOUT, "the device was not heard any more" },
		{ HCI_E_USER_ENDED, "the device closed it" },
		{ HCI_E_POWER_OFF, "the device is switching off" },
		{ HCI_E_LOCAL_HOST, "the controller was reset" },
		{ HCI_E_NOT_ESTABLISHED, "the device did not answer on it" },
	};

	for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++) {
		if (reasons[i].reason == reason)
			return reasons[i].text;
	}
	return hci_status_text(reason);
}

static int fail_lost(struct otadfu_ctx *ctx, const struct hci_link *link, int failed,
		     uint8_t reason)
{
	if (failed) /* its words do not change any more */
		return fail_with(ctx, OTADFU_E_DISCONNECTED, 0, "the link was lost: %s: %s",
				 link->adapter->name, link->adapter->problem.text);
	return fail_with(ctx, OTADFU_E_DISCONNECTED, reason, "the link was lost: %s (0x%02X)",
			 why_lost(reason), reason);
}

int link_check(struct otadfu_ctx *ctx, struct hci_link *link)
{
	struct otadfu_adapter *adapter = link->adapter;
	enum link_state state;
	uint8_t reason;
	int failed;

	pthread_mutex_lock(&adapter->lock);
	state = link->state;
	reason = link->reason;
	failed = adapter->failed;
	pthread_mutex_unlock(&adapter->lock);
	return state == LINK_UP ? OTADFU_OK : fail_lost(ctx, link, failed, reason);
}

static size_t waiting(const struct hci_link *link)
{
	return link->outgoing.count + link->in_controller;
}

static int send_pdu(struct otadfu_ctx *ctx, void *bearer, const uint8_t *pdu, size_t len)
{
	struct hci_link *link = bearer;
	int r = OTADFU_OK;

	(void)ctx;
	pthread_mutex_lock(&link->adapter->lock);
	if (link->state != LINK_UP)
		r = OTADFU_E_DISCONNECTED;
	else if (waiting(link) >= WAITING_MAX || !packets_put(&link->outgoing, pdu, len))
		r = OTADFU_E_BUSY;
	else
		adapter_wake_locked(link->adapter);
	pthread_mutex_unlock(&link->adapter->lock);
	return r;
}

static int take_arrival(struct hci_link *link, uint8_t *buf, size_t cap, size_t *ret_len)
{
	const struct packet *packet = packets_first(&link->arrivals);

	if (!packet && link->arrivals_lost) {
		link->arrivals_lost = false;
		return OTADFU_E_OVERFLOW;
	}
	if (!packet)
		return link->state == LINK_UP ? OTADFU_E_BUSY : OTADFU_E_DISCONNECTED;
	*ret_len = packet->len < cap ? packet->len : cap;
	memcpy(buf, packet->data, *ret_len);
	packets_drop_first(&link->arrivals);
	return OTADFU_OK;
}

static int receive_pdu(struct otadfu_ctx *ctx, void *bearer, uint8_t *buf, size_t cap,
		       size_t *ret_len)
{
	struct hci_link *link = bearer;
	int r;

	pthread_mutex_lock(&link->adapter->lock);
	r = take_arrival(link, buf, cap, ret_len);
	pthread_mutex_unlock(&link->adapter->lock);
	return r == OTADFU_E_DISCONNECTED ? link_check(ctx, link) : r;
}

static bool has_arrival(const void *user)
{
	const struct hci_link *link = user;

	return link->arrivals.count > 0 || link->arrivals_lost || link->state != LINK_UP;
}

static bool has_arrival_or_room(const void *user)
{
	const struct hci_link *link = user;

	return has_arrival(link) || waiting(link) < WAITING_MAX;
}

static int wait_for(struct otadfu_ctx *ctx, void *bearer, bool for_room, uint64_t deadline_ms)
{
	struct hci_link *link = bearer;
	pthread_mutex_t *lock = &link->adapter->lock;

	pthread_mutex_lock(lock);
	link->wants_room = for_room;
	pthread_mutex_unlock(lock);
	if (fdwait(ctx, NULL, 0, 0) == OTADFU_E_CANCELLED)
		return OTADFU_E_CANCELLED;
	return news_await(ctx, &link->news, lock, for_room ? has_arrival_or_room : has_arrival,
			  link, deadline_ms);
}

static int check(struct otadfu_ctx *ctx, void *bearer)
{
	return link_check(ctx, bearer);
}

void link_close(struct otadfu_ctx *ctx, struct hci_link *link)
{
	struct otadfu_adapter *adapter = link->adapter;
	uint64_t now_ms = ctx->host->now_ms(ctx);

	pthread_mutex_lock(&adapter->lock);
	if (link->state == LINK_UP) {
		link->state = LINK_ENDING;
		link->end_by_ms = now_ms + PARTING_MS;
		link->end_asked = false;
	} else {
		link->state = LINK_UNUSED;
	}
	news_close(&link->news);
	adapter_wake_locked(adapter);
	pthread_mutex_unlock(&adapter->lock);
}

static void close_bearer(struct otadfu_ctx *ctx, void *bearer)
{
	link_close(ctx, bearer);
}

static const struct att_bearer_ops bearer_ops = {
	.send = send_pdu,
	.receive = receive_pdu,
	.wait = wait_for,
	.check = check,
	.close = close_bearer,
};

int link_hand_out(struct otadfu_ctx *ctx, struct hci_link *link, struct otadfu_link **ret_link)
{
	struct otadfu_link *client = att_client_new(&bearer_ops, link);

	if (!client) {
		link_close(ctx, link);
		return OTADFU_E_NOMEM;
	}
	*ret_link = client;
	return OTADFU_OK;
}

/* --- places --- */

static void clear(struct hci_link *link)
{
	packets_clear(&link->arrivals);
	packets_clear(&link->outgoing);
	link->arrivals_lost = false;
	link->wants_room = false;
	link->in_controller = 0;
	link->tx_octets = TX_OCTETS_MIN;
	link->tx_phy = HCI_PHY_1M;
	link->end_asked = false;
}

static struct hci_link *reserve_locked(struct otadfu_adapter *adapter)
{
	for (size_t i = 0; i < CONTROLLER_LINKS_MAX; i++) {
		struct hci_link *link = &adapter->links[i];

		if (link->state != LINK_UNUSED || !news_open(&link->news))
			continue;
		clear(link);
		link->state = LINK_RESERVED;
		return link;
	}
	return NULL;
}

int link_reserve(struct otadfu_ctx *ctx, struct otadfu_adapter *adapter,
		 const struct otadfu_addr *peer, const struct settings *settings,
		 struct hci_link **ret_link)
{
	struct hci_link *link;

	pthread_mutex_lock(&adapter->lock);
	link = reserve_locked(adapter);
	if (link) {
		link->peer = *peer;
		link->settings = *settings;
	}
	pthread_mutex_unlock(&adapter->lock);
	if (!link)
		return fail_with(ctx, OTADFU_E_BUSY, 0, "%s has %d connections already",
				 adapter->name, CONTROLLER_LINKS_MAX);
	*ret_link = link;
	return OTADFU_OK;
}

struct old_link {
	const struct otadfu_adapter *adapter;
	const struct otadfu_addr *peer;
};

/* Of a peer whose type is not known either may be meant. */
static bool is_of(const struct hci_link *link, const struct otadfu_addr *peer)
{
	return memcmp(link->peer.bytes, peer->bytes, sizeof(peer->bytes)) == 0 &&
	       (link->peer.type == peer->type || peer->type > 1);
}

static bool has_ended(const void *user)
{
	const struct old_link *old = user;

	for (size_t i = 0; i < CONTROLLER_LINKS_MAX; i++) {
		const struct hci_link *link = &old->adapter->links[i];

		if (link->state == LINK_ENDING && is_of(link, old->peer))
			return false;
	}
	return true;
}

int link_await_end(struct otadfu_ctx *ctx, struct otadfu_adapter *adapter,
		   const struct otadfu_addr *peer, uint64_t deadline_ms)
{
	const struct old_link old = { .adapter = adapter, .peer = peer };
	int r = news_await(ctx, &adapter->air.news, &adapter->lock, has_ended, &old, deadline_ms);

	if (r == OTADFU_E_TIMEOUT)
		return fail_with(ctx, r, 0,
				 "an earlier connection to the device did not end in time");
	return r;
}

/* --- the reader's side --- */

bool link_is_at(const struct hci_link *link, uint16_t handle)
{
	return (link->state == LINK_UP || link->state == LINK_ENDING) && link->handle == handle;
}

static void order(struct hci_link *link, struct hci_command command)
{
	adapter_order_locked(link->adapter, &command, NULL, NULL);
}

void link_begin_locked(struct hci_link *link, const struct controller_connection *connection)
{
	const struct settings *settings = &link->settings;
	const struct otadfu_adapter *adapter = link->adapter;

	link->state = LINK_UP;
	link->handle = connection->handle;
	link->parameters = connection->parameters;
	if (settings->data_length > TX_OCTETS_MIN && adapter->has_data_length)
		order(link, hci_data_length(link->handle, settings->data_length));
	if (settings->wants_2m && adapter->central.has_2m)
		order(link, hci_phy(link->handle, 1U << (HCI_PHY_2M - 1)));
}

void link_end_locked(struct hci_link *link, uint8_t reason)
{
	link->reason = reason;
	link->state = link->state == LINK_ENDING ? LINK_UNUSED : LINK_LOST;
	news_tell(&link->news);
}

void link_take_locked(struct hci_link *link, const uint8_t *data, size_t len)
{
	if (link->state != LINK_UP)
		return;
	/* What comes behind a gap may not be taken before it has been told. */
	if (link->arrivals_lost || !packets_put(&link->arrivals, data, len))
		link->arrivals_lost = true;
	news_tell(&link->news);
}

void link_decided_locked(struct hci_link *link, const struct hci_event *event)
{
	bool granted = event->status == 0;

	switch (event->kind) {
	case HCI_EVENT_UPDATED:
		link->decisions[LINK_PARAMETERS]++;
		if (granted)
			link->parameters = event->parameters;
		break;
	case HCI_EVENT_DATA_LENGTH:
		link->decisions[LINK_DATA_LENGTH]++;
		link->tx_octets = event->tx_octets;
		break;
	case HCI_EVENT_PHY:
		link->decisions[LINK_PHY]++;
		if (granted)
			link->tx_phy = event->tx_phy;
		break;
	default:
		return;
	}
	news_tell(&link->news);
}

static bool hand_over(struct hci_link *link, struct controller *controller)
{
	const struct packet *packet;
	bool any = false;

	while ((packet = packets_first(&link->outgoing)) &&
	       controller_send(controller, link->handle, packet->data, packet->len)) {
		packets_drop_first(&link->outgoing);
		any = true;
	}
	link->in_controller = controller_waiting(controller, link->handle);
	return any;
}

/* The controller drops what it still has when it is told to disconnect. */
static bool end_when_due(struct hci_link *link, struct controller *controller, uint64_t now_ms)
{
	struct hci_command command = hci_disconnect(link->handle, HCI_E_USER_ENDED);

	if (link->end_asked || (waiting(link) > 0 && now_ms < link->end_by_ms))
		return false;
	link->end_asked = controller_command(controller, &command, NULL, NULL);
	return link->end_asked;
}

bool link_serve_locked(struct hci_link *link, struct controller *controller, uint64_t now_ms)
{
	bool any;

	if (link->state != LINK_UP && link->state != LINK_ENDING)
		return false;
	any = hand_over(link, controller);
	if (link->state == LINK_ENDING)
		return end_when_due(link, controller, now_ms) || any;
	if (link->wants_room && waiting(link) <= WAITING_FEW)
		news_tell(&link->news);
	return any;
}
