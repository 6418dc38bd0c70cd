#include "values.h"

#include <errno.h>
#include <string.h>

enum {
	WRITE_OVERHEAD = 3,
	MTU_MIN = 23,
	MTU_MAX = 517,
	/* A socket tells that it is writable, and not that it is empty. */
	LOOK_MS = 1,
	/* bluetoothd closes its sockets before it tells that the link is lost. */
	LOSS_FOLLOWS_MS = 100
};

static int find(struct otadfu_link *link, uint16_t id,
		const struct remote_characteristic **ret_found)
{
	*ret_found = remote_find(&link->remote, id);
	if (*ret_found)
		return OTADFU_OK;
	return bluezbus_fail(&link->bus, OTADFU_E_INVALID, 0,
			     "%s: characteristic %u was not discovered", link->peer, id);
}

/* bluetoothd would send what is too long in parts, or drop it without a word. */
static int check_len(struct otadfu_link *link, size_t len)
{
	size_t mtu = link->mtu != 0 ? link->mtu : MTU_MIN;

	if (len <= mtu - WRITE_OVERHEAD)
		return OTADFU_OK;
	return bluezbus_fail(&link->bus, OTADFU_E_INVALID, 0,
			     "%s: %zu bytes in one write, but the link carries %zu", link->peer,
			     len, mtu - WRITE_OVERHEAD);
}

static int fail_answer(struct otadfu_link *link, const char *member)
{
	return bluezbus_fail(&link->bus, OTADFU_E_IO, EBADMSG,
			     "%s: bluetoothd's answer to %s makes no sense", link->peer, member);
}

/* --- the socket --- */

static bool never(struct otadfu_link *link, void *unused)
{
	(void)link;
	(void)unused;
	return false;
}

/*
 * What goes another way than through the socket would overtake what bluetoothd has not yet taken
 * out of it; what it has taken is sent before any request.
 */
static int drain(struct otadfu_ctx *ctx, struct otadfu_link *link, uint64_t deadline_ms)
{
	while (!acquired_is_empty(&link->acquired)) {
		uint64_t now_ms = ctx->host->now_ms(ctx);
		int r;

		if (now_ms >= deadline_ms)
			return conn_late(link, OTADFU_E_TIMEOUT, "room for packets");
		r = conn_await(ctx, link, never, NULL, now_ms + LOOK_MS);
		if (r != OTADFU_E_TIMEOUT)
			return r;
	}
	return OTADFU_OK;
}

static int keep_socket(struct otadfu_link *link, uint16_t id, sd_bus_message *reply)
{
	uint16_t mtu;
	int fd;
	int r = sd_bus_message_read(reply, "hq", &fd, &mtu);

	if (r <= 0)
		return fail_answer(link, "AcquireWrite");
	r = acquired_set(&link->acquired, fd, id, mtu >= MTU_MIN && mtu <= MTU_MAX ? mtu : 0);
	return r < 0 ? bluezbus_fail(&link->bus, OTADFU_E_IO, -r, "%s: %s", link->peer,
				     strerror(-r))
		     : OTADFU_OK;
}

static int ask_for_socket(struct otadfu_ctx *ctx, struct otadfu_link *link,
			  const struct remote_characteristic *of, uint64_t deadline_ms)
{
	sd_bus_message *call = conn_characteristic_call(link, of, "AcquireWrite");
	sd_bus_message *reply = NULL;
	int r;

	if (call && sd_bus_message_append(call, "a{sv}", 0) < 0)
		call = sd_bus_message_unref(call);
	r = conn_request(ctx, link, call, &reply, deadline_ms);
	if (r == OTADFU_OK)
		r = keep_socket(link, of->chr.id, reply);
	sd_bus_message_unref(reply);
	return r;
}

/* Where bluetoothd cannot, acquired.refused is set, and nothing is recorded: there is WriteValue.
 */
static int acquire(struct otadfu_ctx *ctx, struct otadfu_link *link,
		   const struct remote_characteristic *of, uint64_t deadline_ms)
{
	int r;

	link->bus.quiet = true;
	r = ask_for_socket(ctx, link, of, deadline_ms);
	link->bus.quiet = false;
	link->acquired.refused = r != OTADFU_OK && r != OTADFU_E_TIMEOUT &&
				 r != OTADFU_E_CANCELLED && r != OTADFU_E_DISCONNECTED;
	if (link->acquired.refused)
		return OTADFU_OK;
	return r == OTADFU_E_DISCONNECTED ? conn_check(ctx, link) : conn_late(link, r, "answer");
}

/* --- the MTU --- */

/* One whose values can only be written by commands: while it is acquired nothing else can. */
static bool can_acquire(const struct remote_characteristic *of)
{
	return (of->chr.props & (OTADFU_PROP_WRITE_CMD | OTADFU_PROP_WRITE)) ==
	       OTADFU_PROP_WRITE_CMD;
}

/* bluetoothd before 5.62 tells it only with what is acquired. */
static int mtu_by_socket(struct otadfu_ctx *ctx, struct otadfu_link *link, uint64_t deadline_ms)
{
	const struct remote *remote = &link->remote;

	for (size_t i = 0; i < remote->characteristic_count; i++) {
		int r;

		if (!can_acquire(&remote->characteristics[i]))
			continue;
		r = acquire(ctx, link, &remote->characteristics[i], deadline_ms);
		if (r != OTADFU_OK || link->acquired.refused)
			return r;
		link->mtu = link->acquired.mtu;
		return OTADFU_OK;
	}
	return OTADFU_OK;
}

int values_mtu(struct otadfu_ctx *ctx, struct otadfu_link *link, uint16_t wanted, uint16_t *ret_mtu,
	       uint64_t deadline_ms)
{
	int r = conn_resolve(ctx, link, deadline_ms);

	(void)wanted;
	if (r != OTADFU_OK)
		return r;
	link->mtu = link->remote.mtu;
	if (link->mtu == 0)
		r = mtu_by_socket(ctx, link, deadline_ms);
	if (r == OTADFU_OK && link->mtu == 0)
		return bluezbus_fail(&link->bus, OTADFU_E_UNSUPPORTED, 0,
				     "%s: bluetoothd does not tell the MTU", link->peer);
	if (r == OTADFU_OK)
		*ret_mtu = link->mtu;
	return r;
}

/* --- reading --- */

static int copy_value(struct otadfu_link *link, sd_bus_message *reply, uint8_t *buf, size_t cap,
		      size_t *ret_len)
{
	const void *data;
	size_t len;

	if (sd_bus_message_read_array(reply, 'y', &data, &len) < 0)
		return fail_answer(link, "ReadValue");
	if (len > cap)
		return bluezbus_fail(&link->bus, OTADFU_E_OVERFLOW, 0,
				     "%s: a value of %zu bytes was read, %zu expected at most",
				     link->peer, len, cap);
	if (len > 0)
		memcpy(buf, data, len);
	*ret_len = len;
	return OTADFU_OK;
}

int values_read(struct otadfu_ctx *ctx, struct otadfu_link *link, uint16_t id, uint8_t *buf,
		size_t cap, size_t *ret_len, uint64_t deadline_ms)
{
	const struct remote_characteristic *of;
	sd_bus_message *reply = NULL;
	sd_bus_message *call;
	int r;

	bluezbus_lend(&link->bus, ctx);
	r = find(link, id, &of);
	if (r == OTADFU_OK)
		r = drain(ctx, link, deadline_ms);
	if (r != OTADFU_OK)
		return r;
	call = conn_characteristic_call(link, of, "ReadValue");
	if (call && sd_bus_message_append(call, "a{sv}", 0) < 0)
		call = sd_bus_message_unref(call);
	r = conn_read_request(ctx, link, id, call, &reply, deadline_ms);
	if (r == OTADFU_OK)
		r = copy_value(link, reply, buf, cap, ret_len);
	sd_bus_message_unref(reply);
	return r;
}

/* --- writing --- */

/* type: "request" or "command" */
static int write_value(struct otadfu_ctx *ctx, struct otadfu_link *link,
		       const struct remote_characteristic *of, const char *type,
		       const uint8_t *data, size_t len, uint64_t deadline_ms)
{
	sd_bus_message *call;
	int r = drain(ctx, link, deadline_ms);

	if (r != OTADFU_OK)
		return r;
	call = conn_characteristic_call(link, of, "WriteValue");
	if (call && (sd_bus_message_append_array(call, 'y', data, len) < 0 ||
		     sd_bus_message_append(call, "a{sv}", 1, "type", "s", type) < 0))
		call = sd_bus_message_unref(call);
	return conn_request(ctx, link, call, NULL, deadline_ms);
}

int values_write(struct otadfu_ctx *ctx, struct otadfu_link *link, uint16_t id, const uint8_t *data,
		 size_t len, uint64_t deadline_ms)
{
	const struct remote_characteristic *of;
	int r;

	bluezbus_lend(&link->bus, ctx);
	r = find(link, id, &of);
	if (r == OTADFU_OK)
		r = check_len(link, len);
	return r == OTADFU_OK ? write_value(ctx, link, of, "request", data, len, deadline_ms) : r;
}

struct packet {
	const uint8_t *data;
	size_t len;
	int result; /* of acquired_send() */
};

static bool has_sent(struct otadfu_link *link, void *user)
{
	struct packet *packet = user;

	packet->result = acquired_send(&link->acquired, packet->data, packet->len);
	return packet->result != -EAGAIN;
}

static int send_packet(struct otadfu_ctx *ctx, struct otadfu_link *link, struct packet *packet,
		       uint64_t deadline_ms)
{
	struct pollfd socket = { .fd = link->acquired.fd, .events = POLLOUT };
	int r;

	link->bus.also = &socket;
	r = conn_await(ctx, link, has_sent, packet, deadline_ms);
	link->bus.also = NULL;
	if (r != OTADFU_OK || packet->result == 0)
		return conn_late(link, r, "room for a packet");
	acquired_close(&link->acquired);
	r = conn_await(ctx, link, never, NULL, ctx->host->now_ms(ctx) + LOSS_FOLLOWS_MS);
	if (r != OTADFU_E_TIMEOUT)
		return r;
	return bluezbus_fail(&link->bus, OTADFU_E_IO, -packet->result,
			     "%s: bluetoothd takes no packets any more: %s", link->peer,
			     strerror(-packet->result));
}

/* An empty packet would be the end of the socket to bluetoothd. */
static int write_by_socket(struct otadfu_ctx *ctx, struct otadfu_link *link,
			   const struct remote_characteristic *of, const uint8_t *data, size_t len,
			   uint64_t deadline_ms)
{
	struct packet packet = { .data = data, .len = len };
	int r = OTADFU_OK;

	if (link->acquired.fd < 0 || link->acquired.id != of->chr.id) {
		r = drain(ctx, link, deadline_ms);
		if (r == OTADFU_OK)
			r = acquire(ctx, link, of, deadline_ms);
	}
	if (r != OTADFU_OK)
		return r;
	if (link->acquired.refused)
		return write_value(ctx, link, of, "command", data, len, deadline_ms);
	if (link->acquired.mtu != 0 && len > (size_t)link->acquired.mtu - WRITE_OVERHEAD)
		return bluezbus_fail(&link->bus, OTADFU_E_IO, EBADMSG,
				     "%s: bluetoothd tells two MTUs, %u and %u", link->peer,
				     link->mtu, link->acquired.mtu);
	return send_packet(ctx, link, &packet, deadline_ms);
}

int values_write_cmd(struct otadfu_ctx *ctx, struct otadfu_link *link, uint16_t id,
		     const uint8_t *data, size_t len, uint64_t deadline_ms)
{
	const struct remote_characteristic *of;
	int r;

	bluezbus_lend(&link->bus, ctx);
	r = find(link, id, &of);
	if (r == OTADFU_OK)
		r = check_len(link, len);
	if (r == OTADFU_OK && link->lost)
		r = conn_check(ctx, link);
	if (r != OTADFU_OK)
		return r;
	if (len == 0 || !can_acquire(of) || link->acquired.refused)
		return write_value(ctx, link, of, "command", data, len, deadline_ms);
	return write_by_socket(ctx, link, of, data, len, deadline_ms);
}
