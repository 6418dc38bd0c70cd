#include "flawed.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { ATT_HEADER = 3, COMMAND_MAX = 244 };

static struct flawed_link *link_of(struct otadfu_link *handle)
{
	return (struct flawed_link *)handle;
}

/* --- discover, mtu --- */

static int flawed_discover(struct otadfu_ctx *ctx, struct otadfu_link *handle,
			   struct otadfu_chr *buf, size_t cap, size_t *ret_count,
			   uint64_t deadline_ms)
{
	struct flawed_link *link = link_of(handle);
	struct flawed_adapter *adapter = link->adapter;
	int code = flawed_sim()->link->discover(ctx, link->sim, buf, cap, ret_count, deadline_ms);

	if (flawed_has(ctx, "discover-small") && code == OTADFU_E_OVERFLOW) {
		*ret_count = cap;
		return OTADFU_OK;
	}
	if (code != OTADFU_OK)
		return flawed_end(ctx, "discover", code);
	if (flawed_has(ctx, "discover"))
		buf[1].id = buf[0].id;
	if (flawed_has(ctx, "database") && adapter->list_len > 0) {
		memcpy(buf, adapter->list, adapter->list_len * sizeof(*buf));
		*ret_count = adapter->list_len;
	}
	memcpy(adapter->list, buf, *ret_count * sizeof(*buf));
	adapter->list_len = *ret_count;
	return code;
}

static int flawed_mtu(struct otadfu_ctx *ctx, struct otadfu_link *handle, uint16_t wanted,
		      uint16_t *ret_mtu, uint64_t deadline_ms)
{
	struct flawed_link *link = link_of(handle);
	int code = flawed_sim()->link->mtu(ctx, link->sim, wanted, ret_mtu, deadline_ms);

	if (code == OTADFU_OK) {
		link->mtu = *ret_mtu;
		if (flawed_has(ctx, "mtu")) /* what the peer could do, whatever was asked for */
			*ret_mtu = 247;
	}
	return flawed_end(ctx, "mtu", code);
}

/* --- values --- */

/* "paced": commands that nobody has sent yet. */
static int send_backlog(struct otadfu_ctx *ctx, struct flawed_link *link, uint64_t deadline_ms)
{
	int code = OTADFU_OK;

	for (size_t i = 0; i < link->backlog_len && code == OTADFU_OK; i++) {
		const struct packet *packet = &link->backlog[i];

		code = flawed_sim()->link->write_cmd(ctx, link->sim, packet->id, packet->data,
						     packet->len, deadline_ms);
	}
	link->backlog_len = 0;
	return code;
}

static void keep_command(struct flawed_link *link, uint16_t id, const uint8_t *data, size_t len)
{
	struct packet *packet = &link->backlog[link->backlog_len++];

	packet->id = id;
	packet->len = len;
	memcpy(packet->data, data, len);
}

/* The late answer of the read before is taken for the next one's. */
static uint16_t choose_answer(struct otadfu_ctx *ctx, struct flawed_link *link, uint16_t id)
{
	bool stale = link->abandoned &&
		     (flawed_has(ctx, "late-timeout") || flawed_has(ctx, "late-cancel"));

	return stale ? link->abandoned : id;
}

static void note_abandoned(struct otadfu_ctx *ctx, struct flawed_link *link, uint16_t id, int code)
{
	int cause = flawed_has(ctx, "late-cancel") ? OTADFU_E_CANCELLED : OTADFU_E_TIMEOUT;

	if (code == OTADFU_OK)
		link->abandoned = 0;
	else if (code == cause && link->abandoned == 0)
		link->abandoned = id;
}

static int flawed_read(struct otadfu_ctx *ctx, struct otadfu_link *handle, uint16_t id,
		       uint8_t *buf, size_t cap, size_t *ret_len, uint64_t deadline_ms)
{
	struct flawed_link *link = link_of(handle);
	uint8_t whole[VALUE_MAX];
	size_t len = 0;
	int code = send_backlog(ctx, link, deadline_ms);

	if (code == OTADFU_OK)
		code = flawed_sim()->link->read(ctx, link->sim, choose_answer(ctx, link, id), whole,
						sizeof(whole), &len, deadline_ms);
	note_abandoned(ctx, link, id, code);
	if (code != OTADFU_OK) {
		if (flawed_has(ctx, "untouched"))
			*ret_len = 0;
		if (flawed_has(ctx, "att-security") && code == OTADFU_E_SECURITY)
			return OTADFU_E_ATT;
		return flawed_end(ctx, "read", code);
	}
	if (flawed_has(ctx, "read") && len > 400)
		len = 400;
	if (len > cap && !flawed_has(ctx, "read-small"))
		return ctx->host->fail(ctx, OTADFU_E_OVERFLOW, 0, "too long");
	*ret_len = len < cap ? len : cap;
	memcpy(buf, whole, *ret_len);
	return OTADFU_OK;
}

/* The length that a defect makes of len. */
static size_t cut(struct otadfu_ctx *ctx, const struct flawed_link *link, const char *defect,
		  size_t len)
{
	size_t most = link->mtu - (size_t)ATT_HEADER;

	if (flawed_has(ctx, "write-too-long") && len > most)
		return most;
	return flawed_has(ctx, defect) && len == most ? most - 1 : len;
}

static int flawed_write(struct otadfu_ctx *ctx, struct otadfu_link *handle, uint16_t id,
			const uint8_t *data, size_t len, uint64_t deadline_ms)
{
	struct flawed_link *link = link_of(handle);
	bool overtakes = flawed_has(ctx, "order");
	int code;

	if (flawed_has(ctx, "write-empty") && len == 0)
		return OTADFU_OK;
	code = overtakes ? OTADFU_OK : send_backlog(ctx, link, deadline_ms);
	if (code == OTADFU_OK)
		code = flawed_sim()->link->write(ctx, link->sim, id, data,
						 cut(ctx, link, "write", len), deadline_ms);
	if (overtakes && code == OTADFU_OK)
		code = send_backlog(ctx, link, deadline_ms);
	if (flawed_has(ctx, "att-error") && code == OTADFU_E_ATT)
		return OTADFU_E_SECURITY;
	if (flawed_has(ctx, "gone") && link->is_lost)
		return OTADFU_OK;
	return flawed_end(ctx, "write", code);
}

static int flawed_write_cmd(struct otadfu_ctx *ctx, struct otadfu_link *handle, uint16_t id,
			    const uint8_t *data, size_t len, uint64_t deadline_ms)
{
	struct flawed_link *link = link_of(handle);
	bool keeps = flawed_has(ctx, "paced") || flawed_has(ctx, "order");
	size_t room = flawed_has(ctx, "paced") ? BACKLOG_MAX : 1;
	int code = OTADFU_OK;

	if (keeps && len <= COMMAND_MAX) {
		if (link->backlog_len == room)
			code = send_backlog(ctx, link, deadline_ms);
		if (code == OTADFU_OK)
			keep_command(link, id, data, len);
		return code;
	}
	if (flawed_has(ctx, "deadline-write_cmd") &&
	    deadline_ms < ctx->host->now_ms(ctx) + FLAWED_TOO_LATE_MS) {
		flawed_oversleep();
		return OTADFU_E_TIMEOUT;
	}
	code = flawed_sim()->link->write_cmd(ctx, link->sim, id, data,
					     cut(ctx, link, "write_cmd", len), deadline_ms);
	return flawed_end(ctx, "write_cmd", code);
}

/* --- notifications --- */

static bool is_subscribed(const struct flawed_link *link, uint16_t id)
{
	for (size_t i = 0; i < link->subscribed_count; i++) {
		if (link->subscribed[i] == id)
			return true;
	}
	return false;
}

/* "subscribe-afresh": as if it were for the first time. */
static void drop_values(struct otadfu_ctx *ctx, struct flawed_link *link, uint16_t id)
{
	uint8_t value[VALUE_MAX];
	size_t len;

	while (flawed_sim()->link->wait(ctx, link->sim, id, value, sizeof(value), &len, 0) ==
	       OTADFU_OK)
		;
}

static int flawed_subscribe(struct otadfu_ctx *ctx, struct otadfu_link *handle, uint16_t id,
			    uint64_t deadline_ms)
{
	struct flawed_link *link = link_of(handle);
	bool again = is_subscribed(link, id);
	int code;

	if (again && flawed_has(ctx, "subscribe"))
		return OTADFU_OK;
	if (again && flawed_has(ctx, "subscribe-afresh"))
		drop_values(ctx, link, id);
	code = flawed_sim()->link->subscribe(ctx, link->sim, id, deadline_ms);
	if (code == OTADFU_OK && !again)
		link->subscribed[link->subscribed_count++] = id;
	return flawed_end(ctx, "subscribe", code);
}

/* "queue": room for few, the others are dropped, and OVERFLOW says so. */
static void fill_queue(struct otadfu_ctx *ctx, struct flawed_link *link, uint16_t id)
{
	struct packet packet;

	while (flawed_sim()->link->wait(ctx, link->sim, id, packet.data, sizeof(packet.data),
					&packet.len, 0) == OTADFU_OK) {
		if (link->queue_len < QUEUE_SMALL)
			link->queue[link->queue_len++] = packet;
		else
			link->queue_lost = true;
	}
}

static int wait_queued(struct otadfu_ctx *ctx, struct flawed_link *link, uint16_t id, uint8_t *buf,
		       size_t cap, size_t *ret_len, uint64_t deadline_ms)
{
	if (link->queue_len == 0)
		fill_queue(ctx, link, id);
	if (link->queue_len > 0 && link->queue[0].len <= cap) {
		memcpy(buf, link->queue[0].data, link->queue[0].len);
		*ret_len = link->queue[0].len;
		memmove(link->queue, link->queue + 1, --link->queue_len * sizeof(link->queue[0]));
		return OTADFU_OK;
	}
	if (link->queue_lost) {
		link->queue_lost = false;
		return OTADFU_E_OVERFLOW;
	}
	return flawed_sim()->link->wait(ctx, link->sim, id, buf, cap, ret_len, deadline_ms);
}

static int take_one(struct otadfu_ctx *ctx, struct flawed_link *link, uint16_t id, uint8_t *buf,
		    size_t cap, size_t *ret_len, uint64_t deadline_ms)
{
	uint8_t whole[VALUE_MAX];
	size_t len;
	int code;

	if (flawed_has(ctx, "queue"))
		return wait_queued(ctx, link, id, buf, cap, ret_len, deadline_ms);
	if (!flawed_has(ctx, "wait-small"))
		return flawed_sim()->link->wait(ctx, link->sim, id, buf, cap, ret_len, deadline_ms);
	code = flawed_sim()->link->wait(ctx, link->sim, id, whole, sizeof(whole), &len,
					deadline_ms);
	if (code == OTADFU_OK) {
		*ret_len = len < cap ? len : cap;
		memcpy(buf, whole, *ret_len);
	}
	return code;
}

static int flawed_wait(struct otadfu_ctx *ctx, struct otadfu_link *handle, uint16_t id,
		       uint8_t *buf, size_t cap, size_t *ret_len, uint64_t deadline_ms)
{
	enum { UNLUCKY = 80 };
	struct flawed_link *link = link_of(handle);
	int code;

	if (flawed_has(ctx, "deadline-past") && deadline_ms < ctx->host->now_ms(ctx))
		return OTADFU_E_TIMEOUT;
	if (flawed_has(ctx, "queued") && link->is_lost)
		return OTADFU_E_DISCONNECTED;
	code = take_one(ctx, link, id, buf, cap, ret_len, deadline_ms);
	if (code == OTADFU_OK && ++link->taken == UNLUCKY && flawed_has(ctx, "burst"))
		code = take_one(ctx, link, id, buf, cap, ret_len, deadline_ms);
	if (code == OTADFU_E_OVERFLOW && cap == VALUE_MAX && flawed_has(ctx, "overflow"))
		code = take_one(ctx, link, id, buf, cap, ret_len, deadline_ms);
	if (code == OTADFU_E_INVALID && flawed_has(ctx, "wait-unsubscribed"))
		code = OTADFU_E_TIMEOUT;
	return flawed_end(ctx, "wait", code);
}

/* "indication": linked in place of what tells the device of a confirmation. The linker's wrapping
 * knows no link, so that this one defect holds for the process. */
static atomic_bool withholds_confirmations;

struct device;
void flawed_withhold_confirmations(bool withhold)
{
	withholds_confirmations = withhold;
}

void __real_device_confirm(struct device *device, uint16_t handle);
void __wrap_device_confirm(struct device *device, uint16_t handle);

void __wrap_device_confirm(struct device *device, uint16_t handle)
{
	if (!withholds_confirmations)
		__real_device_confirm(device, handle);
}

/* --- the end of a link --- */

static int flawed_wait_gone(struct otadfu_ctx *ctx, struct otadfu_link *handle,
			    uint64_t deadline_ms)
{
	enum { IMPATIENCE_MS = 2000 };
	struct flawed_link *link = link_of(handle);
	uint64_t soon_ms = ctx->host->now_ms(ctx) + IMPATIENCE_MS;
	int code;

	if (flawed_has(ctx, "drop-connect") && link->was_lost_at_once)
		return OTADFU_E_TIMEOUT;
	if (flawed_has(ctx, "silence") && deadline_ms > soon_ms)
		deadline_ms = soon_ms;
	code = flawed_sim()->link->wait_gone(ctx, link->sim, deadline_ms);
	if (code == OTADFU_OK && flawed_has(ctx, "drop-wait_gone"))
		flawed_oversleep();
	link->is_lost = link->is_lost || code == OTADFU_OK;
	return flawed_end(ctx, "wait_gone", code);
}

static void flawed_disconnect(struct otadfu_ctx *ctx, struct otadfu_link *handle)
{
	struct flawed_link *link = link_of(handle);

	if (flawed_has(ctx, "disconnect") && link->abandoned)
		flawed_oversleep();
	if (flawed_has(ctx, "again") && !link->is_lost && !link->adapter->kept)
		link->adapter->kept = link->sim;
	else
		flawed_sim()->link->disconnect(ctx, link->sim);
	if (link->fd >= 0)
		close(link->fd);
	free(link->backlog);
	free(link);
}

static int flawed_tune(struct otadfu_ctx *ctx, struct otadfu_link *handle,
		       const struct otadfu_link_params *wanted,
		       struct otadfu_link_params *ret_actual, uint64_t deadline_ms)
{
	if (flawed_has(ctx, "tune"))
		ret_actual->supervision_ms = 0;
	return flawed_sim()->link->tune(ctx, link_of(handle)->sim, wanted, ret_actual, deadline_ms);
}

/* --- the table --- */

const struct otadfu_link_ops flawed_link_ops = {
	.size = sizeof(flawed_link_ops),
	.discover = flawed_discover,
	.mtu = flawed_mtu,
	.read = flawed_read,
	.write = flawed_write,
	.write_cmd = flawed_write_cmd,
	.subscribe = flawed_subscribe,
	.wait = flawed_wait,
	.wait_gone = flawed_wait_gone,
	.disconnect = flawed_disconnect,
	.tune = flawed_tune,
};
