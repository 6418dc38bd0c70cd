#include "connect.h"

#include "failure.h"
#include "scan.h"

#include <string.h>

enum { ADDR_PUBLIC = 0, ADDR_RANDOM = 1, ADDR_UNKNOWN = 255, PEERS_MAX = 8 };

/* --- which one: the first of several, or of several types of address, that is heard --- */

struct search {
	const struct otadfu_addr *peers;
	size_t count;
	struct otadfu_addr found;
	size_t index;
};

enum { FOUND = 1 };

static int look_at(void *user, const struct otadfu_advert *advert)
{
	struct search *search = user;

	if (!(advert->flags & OTADFU_ADV_CONNECTABLE))
		return 0;
	for (size_t i = 0; i < search->count; i++) {
		const struct otadfu_addr *peer = &search->peers[i];

		if (memcmp(peer->bytes, advert->addr.bytes, sizeof(peer->bytes)) != 0 ||
		    (peer->type != advert->addr.type && peer->type != ADDR_UNKNOWN))
			continue;
		search->found = advert->addr;
		search->index = i;
		return FOUND;
	}
	return 0;
}

static int find_first(struct otadfu_ctx *ctx, struct otadfu_adapter *adapter, struct search *search,
		      uint64_t deadline_ms)
{
	int r = scan_air(ctx, adapter, look_at, search, deadline_ms);

	if (r == FOUND)
		return OTADFU_OK;
	if (r == OTADFU_OK)
		return fail_with(ctx, OTADFU_E_TIMEOUT, 0,
				 "the device was not heard: is it switched on, near and "
				 "advertising?");
	return r;
}

/* --- one attempt --- */

static int refuse_status(struct otadfu_ctx *ctx, struct otadfu_adapter *adapter, uint8_t status)
{
	static const struct {
		uint8_t status;
		int code;
		const char *text;
	} failures[] = {
		{ HCI_E_CONNECTION_LIMIT, OTADFU_E_BUSY,
		  "the controller has no room for another connection" },
		{ HCI_E_LIMITED_RESOURCES, OTADFU_E_BUSY,
		  "the controller has no room for another connection" },
		{ HCI_E_MEMORY, OTADFU_E_BUSY,
		  "the controller has no room for another connection" },
		{ HCI_E_CONNECTION_EXISTS, OTADFU_E_BUSY,
		  "the controller is connected to the device already" },
		{ HCI_E_DISALLOWED, OTADFU_E_BUSY, "the controller is occupied" },
	};
	int r = adapter_check(ctx, adapter);

	if (r != OTADFU_OK)
		return r;
	if (status == HCI_E_NOT_ESTABLISHED)
		return OTADFU_E_DISCONNECTED; /* no failure yet: see connect_any */
	for (size_t i = 0; i < sizeof(failures) / sizeof(failures[0]); i++) {
		if (failures[i].status == status)
			return ctx->host->fail(ctx, failures[i].code, status, failures[i].text);
	}
	return fail_with(ctx, OTADFU_E_IO, status, "no connection: %s (0x%02X)",
			 hci_status_text(status), status);
}

static bool is_decided(const void *user)
{
	const struct air *air = user;

	return air->attempt != ATTEMPT_WANTED ||
	       (answers_are_complete(&air->answers) && air->answers.status != 0);
}

static void begin(struct otadfu_adapter *adapter, struct hci_link *link)
{
	struct hci_command create =
		hci_create_connection(&adapter->central, &link->peer, &link->settings.connection);

	pthread_mutex_lock(&adapter->lock);
	adapter->air.attempt = ATTEMPT_WANTED;
	adapter->air.attempt_link = link;
	adapter_ask_locked(adapter, &create, &adapter->air.answers);
	pthread_mutex_unlock(&adapter->lock);
}

/* A controller that has nothing to cancel will not say what became of it. */
static void on_cancel_answered(void *user, uint8_t status, const uint8_t *reply)
{
	struct otadfu_adapter *adapter = user;

	(void)reply;
	pthread_mutex_lock(&adapter->lock);
	if (status != 0 && adapter->air.attempt == ATTEMPT_TAKEN_BACK)
		air_attempt_ended_locked(adapter, status);
	pthread_mutex_unlock(&adapter->lock);
}

/* True: it is over, one way or the other. Else what may still become of it is the reader's. */
static bool take_back(struct otadfu_adapter *adapter, struct hci_link *link)
{
	struct hci_command cancel = hci_plain(HCI_LE_CREATE_CONNECTION_CANCEL);
	struct air *air = &adapter->air;
	bool over;

	pthread_mutex_lock(&adapter->lock);
	over = air->attempt != ATTEMPT_WANTED;
	if (!over) {
		air->attempt = ATTEMPT_TAKEN_BACK;
		news_close(&link->news);
		if (!adapter_order_locked(adapter, &cancel, on_cancel_answered, adapter))
			air_attempt_ended_locked(adapter, HCI_E_MEMORY);
	}
	pthread_mutex_unlock(&adapter->lock);
	return over;
}

void air_attempt_ended_locked(struct otadfu_adapter *adapter, uint8_t status)
{
	struct air *air = &adapter->air;
	struct hci_link *link = air->attempt_link;

	if (air->attempt == ATTEMPT_TAKEN_BACK) {
		link->state = status == 0 ? LINK_ENDING : LINK_UNUSED;
		link->end_by_ms = 0;
	}
	air->attempt = ATTEMPT_NONE;
	air->attempt_status = status;
	news_tell(&air->news);
}

/* The command itself was refused, or the attempt has ended. */
static uint8_t settle(struct otadfu_adapter *adapter)
{
	struct air *air = &adapter->air;
	uint8_t status;

	pthread_mutex_lock(&adapter->lock);
	if (air->attempt == ATTEMPT_WANTED)
		air_attempt_ended_locked(adapter, air->answers.status);
	status = air->attempt_status;
	pthread_mutex_unlock(&adapter->lock);
	return status;
}

/* link is closed unless it returns OTADFU_OK. */
static int attempt(struct otadfu_ctx *ctx, struct otadfu_adapter *adapter, struct hci_link *link,
		   uint64_t deadline_ms)
{
	struct air *air = &adapter->air;
	uint8_t status;
	int r;

	begin(adapter, link);
	r = news_await(ctx, &air->news, &adapter->lock, is_decided, air, deadline_ms);
	if (r != OTADFU_OK && !take_back(adapter, link)) {
		if (r == OTADFU_E_TIMEOUT)
			return fail_with(ctx, r, 0,
					 "the device did not answer: is it switched on, near and "
					 "advertising, and is its address type (public or random) "
					 "right?");
		return r;
	}
	status = settle(adapter);
	if (status == 0 && r != OTADFU_E_CANCELLED)
		return OTADFU_OK;
	link_close(ctx, link);
	return r == OTADFU_E_CANCELLED ? r : refuse_status(ctx, adapter, status);
}

static int check_phy(struct otadfu_ctx *ctx, const struct otadfu_adapter *adapter,
		     const struct settings *settings)
{
	if (!settings->needs_2m || adapter->central.has_2m)
		return OTADFU_OK;
	return fail_with(ctx, OTADFU_E_UNSUPPORTED, 0,
			 "%s: the controller does not know the 2M PHY; try phy auto",
			 adapter->name);
}

static int connect_found(struct otadfu_ctx *ctx, struct otadfu_adapter *adapter,
			 const struct otadfu_addr *peer, struct otadfu_link **ret_link,
			 uint64_t deadline_ms)
{
	struct settings settings;
	struct hci_link *link;
	int r = settings_read(ctx, &settings);

	if (r == OTADFU_OK)
		r = check_phy(ctx, adapter, &settings);
	if (r == OTADFU_OK)
		r = link_reserve(ctx, adapter, peer, &settings, &link);
	if (r == OTADFU_OK)
		r = attempt(ctx, adapter, link, deadline_ms);
	return r == OTADFU_OK ? link_hand_out(ctx, link, ret_link) : r;
}

static bool are_peers(const struct otadfu_addr *peers, size_t count)
{
	for (size_t i = 0; i < count && i < PEERS_MAX; i++) {
		if (peers[i].type != ADDR_PUBLIC && peers[i].type != ADDR_RANDOM &&
		    peers[i].type != ADDR_UNKNOWN)
			return false;
	}
	return count >= 1 && count <= PEERS_MAX;
}

/*
 * A single address needs no search. But a controller may give up at once where nobody answers, and
 * then it is heard first: an attempt that came to nothing has not been a connection.
 */
static int connect_any(struct otadfu_ctx *ctx, struct otadfu_adapter *adapter,
		       struct search *search, struct otadfu_link **ret_link, uint64_t deadline_ms)
{
	bool known = search->count == 1 && search->peers[0].type != ADDR_UNKNOWN;
	int r = OTADFU_OK;

	for (size_t i = 0; i < search->count && r == OTADFU_OK; i++)
		r = link_await_end(ctx, adapter, &search->peers[i], deadline_ms);
	search->found = search->peers[0];
	if (r == OTADFU_OK && known)
		r = connect_found(ctx, adapter, &search->found, ret_link, deadline_ms);
	else if (r == OTADFU_OK)
		r = OTADFU_E_DISCONNECTED;
	while (r == OTADFU_E_DISCONNECTED) {
		r = find_first(ctx, adapter, search, deadline_ms);
		if (r == OTADFU_OK)
			r = connect_found(ctx, adapter, &search->found, ret_link, deadline_ms);
	}
	return r;
}

int connect_first(struct otadfu_ctx *ctx, struct otadfu_adapter *adapter,
		  const struct otadfu_addr *peers, size_t peer_count, struct otadfu_link **ret_link,
		  size_t *ret_index, uint64_t deadline_ms)
{
	struct search search = { .peers = peers, .count = peer_count };
	int r;

	if (!are_peers(peers, peer_count))
		return OTADFU_E_INVALID;
	r = air_take(ctx, adapter, deadline_ms);
	if (r != OTADFU_OK)
		return r;
	r = connect_any(ctx, adapter, &search, ret_link, deadline_ms);
	air_release(adapter);
	if (r == OTADFU_OK)
		*ret_index = search.index;
	return r;
}

int connect_one(struct otadfu_ctx *ctx, struct otadfu_adapter *adapter,
		const struct otadfu_addr *peer, struct otadfu_link **ret_link, uint64_t deadline_ms)
{
	size_t index;

	return connect_first(ctx, adapter, peer, 1, ret_link, &index, deadline_ms);
}
