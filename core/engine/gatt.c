#include "gatt.h"

#include "log.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	MTU_WANTED = 247, /* the most a Nordic bootloader takes (secure-dfu.md 8) */
	MTU_DEFAULT = 23,
	ATT_HEADER = 3,
	CHRS_FIRST_GUESS = 64,
	CHRS_MAX = 4096,
	TRACE_BYTES = 64,
};

int adapter_open(struct adapter *adapter, struct task *task, const struct otadfu_transport_ops *ops,
		 const struct options *options, const char *name, struct failure *why)
{
	int r;

	*adapter = (struct adapter){ .ops = ops, .options = options };
	call_begin(&adapter->call, task, ops->name, options);
	r = ops->open(&adapter->call.ctx, name, &adapter->handle);
	if (r != OTADFU_OK) {
		adapter->handle = NULL;
		return call_explain(&adapter->call, r, why);
	}
	return OTADFU_OK;
}

void adapter_close(struct adapter *adapter)
{
	if (!adapter->handle)
		return;
	adapter->ops->close(&adapter->call.ctx, adapter->handle);
	adapter->handle = NULL;
}

bool adapter_can_scan(const struct adapter *adapter)
{
	return adapter->ops->scan != NULL && !adapter->blind;
}

bool adapter_can_race(const struct adapter *adapter)
{
	return adapter->ops->connect_first != NULL;
}

bool adapter_can_forget(const struct adapter *adapter)
{
	return adapter->ops->forget != NULL;
}

void adapter_forget(struct adapter *adapter, struct task *task, const struct otadfu_addr *peer)
{
	struct call call;

	call_begin(&call, task, adapter->ops->name, adapter->options);
	adapter->ops->forget(&call.ctx, adapter->handle, peer);
}

int adapter_scan(struct adapter *adapter, struct task *task, otadfu_advert_fn *on_advert,
		 void *user, uint64_t deadline_ms, struct failure *why)
{
	struct call call;
	int r;

	call_begin(&call, task, adapter->ops->name, adapter->options);
	r = adapter->ops->scan(&call.ctx, adapter->handle, on_advert, user, deadline_ms);
	if (r == OTADFU_E_UNSUPPORTED)
		adapter->blind = true;
	return r < 0 ? call_explain(&call, r, why) : OTADFU_OK;
}

/* Every verb begins with a clear record and ends at once when the task is cancelled. */
static int begin_verb(struct gatt *gatt)
{
	failure_clear(&gatt->call.failure);
	if (task_is_cancelled(gatt->task))
		return failure_set(&gatt->call.failure, OTADFU_E_CANCELLED, 0, "interrupted");
	return OTADFU_OK;
}

static int end_verb(struct gatt *gatt, int r)
{
	if (r == OTADFU_E_DISCONNECTED)
		gatt->lost = true;
	if (r < 0) {
		failure_set(&gatt->call.failure, r, 0, "%s", error_text(r));
		gatt->call.failure.code = r;
	}
	return r;
}

static void trace(const struct gatt *gatt, const char *verb, uint16_t id, const uint8_t *data,
		  size_t len)
{
	char hex[2 * TRACE_BYTES + 1];
	size_t shown = len < TRACE_BYTES ? len : TRACE_BYTES;

	if (!log_wants(gatt->task->log, OTADFU_LOG_TRACE))
		return;
	hex[0] = '\0';
	for (size_t i = 0; i < shown; i++)
		snprintf(hex + 2 * i, 3, "%02x", data[i]);
	log_write(gatt->task->log, OTADFU_LOG_TRACE, gatt->task->device, NULL, "%s %04x %s%s", verb,
		  id, hex, shown < len ? ".." : "");
}

static int list_characteristics(struct gatt *gatt, uint64_t deadline_ms)
{
	const struct otadfu_link_ops *ops = gatt->adapter->ops->link;
	size_t cap = CHRS_FIRST_GUESS;
	int r;

	for (;;) {
		struct otadfu_chr *chrs = calloc(cap, sizeof(*chrs));
		size_t count = 0;

		if (!chrs)
			return OTADFU_E_NOMEM;
		r = ops->discover(&gatt->call.ctx, gatt->link, chrs, cap, &count, deadline_ms);
		if (r == OTADFU_OK) {
			gatt->chrs = chrs;
			gatt->chr_count = count < cap ? count : cap;
			return OTADFU_OK;
		}
		free(chrs);
		if (r != OTADFU_E_OVERFLOW || count <= cap || count > CHRS_MAX)
			return r;
		cap = count;
		failure_clear(&gatt->call.failure);
	}
}

static int exchange_mtu(struct gatt *gatt, uint64_t deadline_ms)
{
	uint16_t mtu = MTU_DEFAULT;
	int r = gatt->adapter->ops->link->mtu(&gatt->call.ctx, gatt->link, MTU_WANTED, &mtu,
					      deadline_ms);

	if (r != OTADFU_OK && r != OTADFU_E_UNSUPPORTED)
		return r;
	gatt->mtu = mtu < MTU_DEFAULT ? MTU_DEFAULT : mtu;
	failure_clear(&gatt->call.failure);
	return OTADFU_OK;
}

static int connect_to(struct gatt *gatt, const struct otadfu_addr *peers, size_t peer_count,
		      uint64_t deadline_ms)
{
	const struct adapter *adapter = gatt->adapter;
	size_t answered = 0;
	int r;

	gatt->peer = peers[0];
	if (peer_count == 1)
		return adapter->ops->connect(&gatt->call.ctx, adapter->handle, &peers[0],
					     &gatt->link, deadline_ms);
	r = adapter->ops->connect_first(&gatt->call.ctx, adapter->handle, peers, peer_count,
					&gatt->link, &answered, deadline_ms);
	if (r == OTADFU_OK && answered < peer_count)
		gatt->peer = peers[answered];
	return r;
}

int gatt_open(struct gatt *gatt, struct task *task, struct adapter *adapter,
	      const struct otadfu_addr *peers, size_t peer_count, uint64_t deadline_ms,
	      struct failure *why)
{
	int r;

	*gatt = (struct gatt){ .task = task, .adapter = adapter, .mtu = MTU_DEFAULT };
	call_begin(&gatt->call, task, adapter->ops->name, adapter->options);
	r = connect_to(gatt, peers, peer_count, deadline_ms);
	if (r != OTADFU_OK) {
		gatt->link = NULL;
		return call_explain(&gatt->call, r, why);
	}
	r = exchange_mtu(gatt, deadline_ms);
	if (r == OTADFU_OK)
		r = list_characteristics(gatt, deadline_ms);
	if (r != OTADFU_OK) {
		call_explain(&gatt->call, r, why);
		gatt_close(gatt);
	}
	return r;
}

void gatt_close(struct gatt *gatt)
{
	if (gatt->link)
		gatt->adapter->ops->link->disconnect(&gatt->call.ctx, gatt->link);
	gatt->link = NULL;
	free(gatt->chrs);
	gatt->chrs = NULL;
	gatt->chr_count = 0;
}

static struct gatt *gatt_of(struct otadfu_ctx *ctx)
{
	return call_of(ctx)->gatt;
}

static const struct otadfu_link_ops *link_ops(const struct gatt *gatt)
{
	return gatt->adapter->ops->link;
}

static int gatt_find(struct otadfu_ctx *ctx, const struct otadfu_uuid *service,
		     const struct otadfu_uuid *uuid, struct otadfu_chr *ret_chr)
{
	const struct gatt *gatt = gatt_of(ctx);

	for (size_t i = 0; i < gatt->chr_count; i++) {
		const struct otadfu_chr *chr = &gatt->chrs[i];

		if (memcmp(&chr->service, service, sizeof(*service)) == 0 &&
		    memcmp(&chr->uuid, uuid, sizeof(*uuid)) == 0) {
			*ret_chr = *chr;
			return OTADFU_OK;
		}
	}
	return OTADFU_E_NOT_FOUND;
}

static int gatt_list(struct otadfu_ctx *ctx, struct otadfu_chr *buf, size_t cap, size_t *ret_count)
{
	const struct gatt *gatt = gatt_of(ctx);

	*ret_count = gatt->chr_count;
	if (gatt->chr_count > cap)
		return OTADFU_E_OVERFLOW;
	if (gatt->chr_count > 0)
		memcpy(buf, gatt->chrs, gatt->chr_count * sizeof(*buf));
	return OTADFU_OK;
}

static uint32_t gatt_caps(struct otadfu_ctx *ctx)
{
	return gatt_of(ctx)->adapter->ops->caps;
}

static size_t gatt_max_write(struct otadfu_ctx *ctx)
{
	return (size_t)gatt_of(ctx)->mtu - ATT_HEADER;
}

static int gatt_read(struct otadfu_ctx *ctx, uint16_t id, uint8_t *buf, size_t cap, size_t *ret_len,
		     uint64_t deadline_ms)
{
	struct gatt *gatt = gatt_of(ctx);
	int r = begin_verb(gatt);

	if (r == OTADFU_OK)
		r = link_ops(gatt)->read(&gatt->call.ctx, gatt->link, id, buf, cap, ret_len,
					 deadline_ms);
	if (r == OTADFU_OK)
		trace(gatt, "read", id, buf, *ret_len);
	return end_verb(gatt, r);
}

static int gatt_write(struct otadfu_ctx *ctx, uint16_t id, const uint8_t *data, size_t len,
		      uint64_t deadline_ms)
{
	struct gatt *gatt = gatt_of(ctx);
	int r = begin_verb(gatt);

	trace(gatt, "write", id, data, len);
	if (r == OTADFU_OK)
		r = link_ops(gatt)->write(&gatt->call.ctx, gatt->link, id, data, len, deadline_ms);
	return end_verb(gatt, r);
}

static int gatt_write_cmd(struct otadfu_ctx *ctx, uint16_t id, const uint8_t *data, size_t len,
			  uint64_t deadline_ms)
{
	struct gatt *gatt = gatt_of(ctx);
	int r = begin_verb(gatt);

	trace(gatt, "command", id, data, len);
	if (r == OTADFU_OK)
		r = link_ops(gatt)->write_cmd(&gatt->call.ctx, gatt->link, id, data, len,
					      deadline_ms);
	if (r == OTADFU_OK)
		gatt->bytes_pushed += len;
	return end_verb(gatt, r);
}

static int gatt_subscribe(struct otadfu_ctx *ctx, uint16_t id, uint64_t deadline_ms)
{
	struct gatt *gatt = gatt_of(ctx);
	int r = begin_verb(gatt);

	if (r == OTADFU_OK)
		r = link_ops(gatt)->subscribe(&gatt->call.ctx, gatt->link, id, deadline_ms);
	return end_verb(gatt, r);
}

static int gatt_wait(struct otadfu_ctx *ctx, uint16_t id, uint8_t *buf, size_t cap, size_t *ret_len,
		     uint64_t deadline_ms)
{
	struct gatt *gatt = gatt_of(ctx);
	int r = begin_verb(gatt);

	if (r == OTADFU_OK)
		r = link_ops(gatt)->wait(&gatt->call.ctx, gatt->link, id, buf, cap, ret_len,
					 deadline_ms);
	if (r == OTADFU_OK)
		trace(gatt, "notified", id, buf, *ret_len);
	return end_verb(gatt, r);
}

static int gatt_wait_gone(struct otadfu_ctx *ctx, uint64_t deadline_ms)
{
	struct gatt *gatt = gatt_of(ctx);
	int r = begin_verb(gatt);

	if (r == OTADFU_OK)
		r = link_ops(gatt)->wait_gone(&gatt->call.ctx, gatt->link, deadline_ms);
	if (r == OTADFU_OK)
		gatt->lost = true;
	return end_verb(gatt, r);
}

static int gatt_secure(struct otadfu_ctx *ctx, uint32_t flags, uint64_t deadline_ms)
{
	struct gatt *gatt = gatt_of(ctx);
	int r = begin_verb(gatt);

	if (r == OTADFU_OK)
		r = link_ops(gatt)->secure ? link_ops(gatt)->secure(&gatt->call.ctx, gatt->link,
								    flags, deadline_ms)
					   : OTADFU_E_UNSUPPORTED;
	return end_verb(gatt, r);
}

static int gatt_tune(struct otadfu_ctx *ctx, const struct otadfu_link_params *wanted,
		     struct otadfu_link_params *ret_actual, uint64_t deadline_ms)
{
	struct gatt *gatt = gatt_of(ctx);
	int r = begin_verb(gatt);

	if (r == OTADFU_OK)
		r = link_ops(gatt)->tune ? link_ops(gatt)->tune(&gatt->call.ctx, gatt->link, wanted,
								ret_actual, deadline_ms)
					 : OTADFU_E_UNSUPPORTED;
	return end_verb(gatt, r);
}

static const struct otadfu_gatt gatt_table = {
	.size = sizeof(gatt_table),
	.find = gatt_find,
	.list = gatt_list,
	.caps = gatt_caps,
	.max_write = gatt_max_write,
	.read = gatt_read,
	.write = gatt_write,
	.write_cmd = gatt_write_cmd,
	.subscribe = gatt_subscribe,
	.wait = gatt_wait,
	.wait_gone = gatt_wait_gone,
	.secure = gatt_secure,
	.tune = gatt_tune,
};

void gatt_lend(struct gatt *gatt, struct call *call)
{
	call->ctx.gatt = &gatt_table;
	call->gatt = gatt;
	call->link_failure = &gatt->call.failure;
	failure_clear(&gatt->call.failure);
}
