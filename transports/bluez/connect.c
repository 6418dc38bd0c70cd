#include "connect.h"

#include "dbusscan.h"
#include "failure.h"
#include "words.h"

#include <string.h>

enum {
	ADDR_UNKNOWN = 255,
	SEEN = 1,
	/* What ends by itself has ended then: a link that bluetoothd is closing, or one that the
	 * kernel keeps for two seconds after its last socket. */
	PATIENCE_MS = 4000,
	UNDO_MS = 80
};

/* --- the device's object --- */

static int stop_at_peer(void *user, const struct otadfu_advert *advert)
{
	const struct otadfu_addr *peer = user;

	return memcmp(advert->addr.bytes, peer->bytes, sizeof(peer->bytes)) == 0 ? SEEN : 0;
}

/* bluetoothd connects only to whom it knows, and knows whom it has heard. */
static int search(struct otadfu_ctx *ctx, const struct otadfu_adapter *adapter,
		  struct otadfu_link *link, const struct otadfu_addr *peer, uint64_t deadline_ms)
{
	struct otadfu_addr wanted = *peer;
	int r = dbusscan_run(ctx, adapter->name, stop_at_peer, &wanted, deadline_ms);

	if (r == OTADFU_OK)
		return fail_with(ctx, OTADFU_E_TIMEOUT, 0,
				 "%s was not seen: is it switched on, near and advertising?",
				 link->peer);
	return r == SEEN ? conn_look(link, deadline_ms) : r;
}

static int check_device(struct otadfu_ctx *ctx, const struct otadfu_link *link,
			const struct otadfu_addr *peer)
{
	const struct remote *remote = &link->remote;

	if (!remote->known)
		return fail_with(ctx, OTADFU_E_TIMEOUT, 0, "%s was seen, and is gone", link->peer);
	if (remote->blocked)
		return fail_with(ctx, OTADFU_E_PERMISSION, 0,
				 "%s is blocked; `bluetoothctl unblock %s`", link->peer,
				 link->peer);
	if (peer->type == ADDR_UNKNOWN || remote->addr_type == ADDR_UNKNOWN ||
	    peer->type == remote->addr_type)
		return OTADFU_OK;
	return fail_with(ctx, OTADFU_E_NOT_FOUND, 0,
			 "bluetoothd knows %s as a %s address; give it as such, or "
			 "`bluetoothctl remove %s` where that is wrong",
			 link->peer, remote->addr_type == 0 ? "public" : "random", link->peer);
}

static int find_device(struct otadfu_ctx *ctx, const struct otadfu_adapter *adapter,
		       struct otadfu_link *link, const struct otadfu_addr *peer,
		       uint64_t deadline_ms)
{
	int r = conn_look(link, deadline_ms);

	if (r == OTADFU_OK && !link->remote.known)
		r = search(ctx, adapter, link, peer, deadline_ms);
	return r == OTADFU_OK ? check_device(ctx, link, peer) : r;
}

/* --- a link that is there already --- */

static int fail_held(struct otadfu_ctx *ctx, const struct otadfu_link *link)
{
	const char *who =
		link->remote.in_use
			? "another program uses its services; stop it, or"
			: "another program (gatttool?) holds the link, of which bluetoothd "
			  "has no use; end it, or";

	return fail_with(ctx, OTADFU_E_BUSY, 0,
			 "%s is connected already: %s `bluetoothctl "
			 "disconnect %s`",
			 link->peer, who, link->peer);
}

struct changed {
	uint64_t before;
};

static bool has_changed(struct otadfu_link *link, void *user)
{
	const struct changed *changed = user;

	return link->changes != changed->before;
}

static bool is_apart(struct otadfu_link *link, void *unused)
{
	(void)unused;
	return !link->remote.connected || link->removed;
}

static int take_down(struct otadfu_ctx *ctx, struct otadfu_link *link, uint64_t deadline_ms)
{
	struct bluezbus_pending disconnect = { 0 };
	int r;

	ctx->host->log(ctx, OTADFU_LOG_INFO,
		       "connected already, and nobody uses it: connecting anew");
	r = bluezbus_start(&link->bus, conn_device_call(link, "Disconnect"), &disconnect);
	if (r == OTADFU_OK)
		r = conn_await(ctx, link, is_apart, NULL, deadline_ms);
	bluezbus_drop(&disconnect);
	return r == OTADFU_E_TIMEOUT ? fail_held(ctx, link) : r;
}

/*
 * A link that was left over is not used on: what the device was told over it stays in force, and a
 * bootloader may be in the middle of something. One in use is not cut; it may end meanwhile.
 */
static int free_device(struct otadfu_ctx *ctx, struct otadfu_link *link, uint64_t deadline_ms)
{
	uint64_t until_ms = ctx->host->now_ms(ctx) + PATIENCE_MS;
	int r = OTADFU_OK;

	if (deadline_ms < until_ms)
		until_ms = deadline_ms;
	while (r == OTADFU_OK && link->remote.connected && !remote_is_idle(&link->remote)) {
		struct changed changed = { link->changes };

		r = conn_await(ctx, link, has_changed, &changed, until_ms);
		if (r == OTADFU_OK)
			r = conn_look(link, until_ms);
	}
	if (r == OTADFU_E_TIMEOUT)
		return fail_held(ctx, link);
	if (r == OTADFU_OK && link->remote.connected)
		r = take_down(ctx, link, deadline_ms);
	return r;
}

/* --- a new one --- */

static int fail_connect(struct otadfu_ctx *ctx, const struct otadfu_link *link,
			const sd_bus_error *error)
{
	struct verdict verdict = words_of_connect(error->name, error->message);

	/* Of a link that was made and is gone no more is said than of one that never was. */
	if (verdict.code == OTADFU_E_TIMEOUT && (link->remote.connected || link->lost))
		verdict = (struct verdict){ OTADFU_E_DISCONNECTED, 0, "it was made and lost" };
	return fail_with(ctx, verdict.code, 0, "%s: no connection: %.100s%s%s", link->peer,
			 error->message ? error->message : error->name, verdict.advice ? "; " : "",
			 verdict.advice ? verdict.advice : "");
}

/* bluetoothd goes on trying when who has asked for it is gone. */
static void call_off(struct otadfu_link *link)
{
	bluezbus_undo(&link->bus, conn_device_call(link, "Disconnect"), UNDO_MS);
}

static bool has_reply(struct otadfu_link *link, void *user)
{
	(void)link;
	return bluezbus_has_reply(user);
}

static int await_connection(struct otadfu_ctx *ctx, struct otadfu_link *link,
			    struct bluezbus_pending *attempt, uint64_t deadline_ms)
{
	int r = conn_await(ctx, link, has_reply, attempt, deadline_ms);

	if (r == OTADFU_E_TIMEOUT || r == OTADFU_E_CANCELLED)
		call_off(link);
	if (r == OTADFU_E_TIMEOUT)
		return fail_with(ctx, r, 0,
				 "%s did not answer: is it switched on, near and advertising?",
				 link->peer);
	if (r == OTADFU_OK && sd_bus_message_is_method_error(attempt->reply, NULL) > 0)
		return fail_connect(ctx, link, sd_bus_message_get_error(attempt->reply));
	return r;
}

static int make(struct otadfu_ctx *ctx, struct otadfu_link *link, uint64_t deadline_ms)
{
	struct bluezbus_pending attempt = { 0 };
	int r;

	link->remote.resolved = false;
	link->connecting = true;
	r = bluezbus_start(&link->bus, conn_device_call(link, "Connect"), &attempt);
	if (r == OTADFU_OK)
		r = await_connection(ctx, link, &attempt, deadline_ms);
	bluezbus_drop(&attempt);
	if (r == OTADFU_OK)
		link->remote.connected = true;
	return r;
}

static int find_and_make(struct otadfu_ctx *ctx, const struct otadfu_adapter *adapter,
			 struct otadfu_link *link, const struct otadfu_addr *peer,
			 uint64_t deadline_ms)
{
	int r = find_device(ctx, adapter, link, peer, deadline_ms);

	if (r == OTADFU_OK && link->remote.connected)
		r = free_device(ctx, link, deadline_ms);
	return r == OTADFU_OK ? make(ctx, link, deadline_ms) : r;
}

int connect_peer(struct otadfu_ctx *ctx, struct otadfu_adapter *adapter,
		 const struct otadfu_addr *peer, struct otadfu_link **ret_link,
		 uint64_t deadline_ms)
{
	struct otadfu_link *link;
	int r = adapter_await(ctx, adapter, deadline_ms);

	if (r == OTADFU_OK)
		r = conn_new(ctx, adapter, peer, deadline_ms, &link);
	if (r != OTADFU_OK)
		return r;
	r = find_and_make(ctx, adapter, link, peer, deadline_ms);
	/* Whoever was removed while connected goes when that link does; it is heard again. */
	if (r == OTADFU_E_DISCONNECTED && link->removed) {
		link->connecting = false;
		link->lost = false;
		r = find_and_make(ctx, adapter, link, peer, deadline_ms);
	}
	if (r != OTADFU_OK) {
		conn_free(link);
		return r;
	}
	*ret_link = link;
	return OTADFU_OK;
}

/* bluetoothd takes two seconds for it, and does it also when nobody waits. */
void connect_end(struct otadfu_ctx *ctx, struct otadfu_link *link)
{
	bluezbus_lend(&link->bus, ctx);
	if (!link->lost)
		call_off(link);
	conn_free(link);
}
