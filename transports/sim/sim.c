/* The transport plugin: simulated devices, as a scenario file describes them. */
#include "world.h"

#include <otadfu/plugin.h>
#include <stdlib.h>
#include <string.h>

enum { ATT_OVERHEAD = 3 };

/* ATT errors that a bond or encryption would help against. */
static const uint8_t security_errors[] = { 0x05, 0x08, 0x0C, 0x0F };

/* What a caller waits for. True: it happened. Under lock. */
typedef bool condition_fn(struct otadfu_link *link, void *user);

enum progress { PROGRESS_WAIT = 0, PROGRESS_DONE, PROGRESS_GONE };

/* Looks once; *ret_next_ms: when looking again is worth while. */
static enum progress look(struct otadfu_ctx *ctx, struct otadfu_link *link, condition_fn *happened,
			  void *user, uint64_t *ret_next_ms)
{
	enum progress progress = PROGRESS_WAIT;
	uint64_t next_us;

	pthread_mutex_lock(&link->world->lock);
	world_run(ctx, link->station, link->link);
	if (happened(link, user))
		progress = PROGRESS_DONE;
	else if (link_is_gone(link->link))
		progress = PROGRESS_GONE;
	next_us = station_next_us(link->station, link->link);
	pthread_mutex_unlock(&link->world->lock);
	*ret_next_ms = next_us == UINT64_MAX ? UINT64_MAX : (next_us + 999) / 1000;
	return progress;
}

static int fail_gone(struct otadfu_ctx *ctx, const struct otadfu_link *link)
{
	return world_fail(ctx, OTADFU_E_DISCONNECTED, 0, "%s: the link was lost; connect again",
			  link->peer);
}

static int await(struct otadfu_ctx *ctx, struct otadfu_link *link, condition_fn *happened,
		 void *user, uint64_t deadline_ms, const char *what)
{
	for (;;) {
		uint64_t next_ms;
		enum progress progress = look(ctx, link, happened, user, &next_ms);
		uint64_t now_ms = ctx->host->now_ms(ctx);
		uint64_t until_ms = next_ms < deadline_ms ? next_ms : deadline_ms;
		uint64_t left_ms = until_ms > now_ms ? until_ms - now_ms : 1;
		int result;

		if (progress == PROGRESS_DONE)
			return OTADFU_OK;
		if (progress == PROGRESS_GONE)
			return fail_gone(ctx, link);
		if (now_ms >= deadline_ms)
			return world_fail(ctx, OTADFU_E_TIMEOUT, 0, "%s: no %s in time", link->peer,
					  what);
		result = ctx->host->sleep_ms(ctx,
					     left_ms < UINT32_MAX ? (uint32_t)left_ms : UINT32_MAX);
		if (result != OTADFU_OK)
			return result;
	}
}

/* --- requests --- */

static bool is_sent(struct otadfu_link *link, void *user)
{
	return !link_is_gone(link->link) && link_send(link->link, user);
}

static bool is_answered(struct otadfu_link *link, void *user)
{
	const struct answer *answer;

	if (!link_take_answer(link->link, &answer))
		return false;
	*(struct answer *)user = *answer;
	return true;
}

static int fail_att(struct otadfu_ctx *ctx, const struct otadfu_link *link, uint8_t att_error)
{
	bool security = memchr(security_errors, att_error, sizeof(security_errors)) != NULL;

	return world_fail(ctx, security ? OTADFU_E_SECURITY : OTADFU_E_ATT, att_error,
			  "%s: the device refused the request with ATT error 0x%02X", link->peer,
			  att_error);
}

/* One request and its answer; an ATT error is a failure. */
static int exchange(struct otadfu_ctx *ctx, struct otadfu_link *link, struct pdu *request,
		    struct answer *ret_answer, uint64_t deadline_ms)
{
	int result = await(ctx, link, is_sent, request, deadline_ms, "room for a request");

	if (result != OTADFU_OK)
		return result;
	result = await(ctx, link, is_answered, ret_answer, deadline_ms, "answer to a request");
	if (result == OTADFU_E_TIMEOUT || result == OTADFU_E_CANCELLED) {
		pthread_mutex_lock(&link->world->lock);
		link_abandon(link->link);
		pthread_mutex_unlock(&link->world->lock);
	}
	if (result == OTADFU_OK && ret_answer->att_error)
		return fail_att(ctx, link, ret_answer->att_error);
	return result;
}

static struct otadfu_uuid full_uuid(uint16_t uuid16, const uint8_t uuid128[16])
{
	static const struct otadfu_uuid base = { { 0, 0, 0, 0, 0, 0, 0x10, 0, 0x80, 0, 0, 0x80,
						   0x5F, 0x9B, 0x34, 0xFB } };
	struct otadfu_uuid uuid = base;

	if (uuid16) {
		uuid.bytes[2] = (uint8_t)(uuid16 >> 8);
		uuid.bytes[3] = (uint8_t)uuid16;
	} else {
		memcpy(uuid.bytes, uuid128, sizeof(uuid.bytes));
	}
	return uuid;
}

static void keep_list(struct otadfu_link *link, const struct answer *answer)
{
	link->list_len = answer->attribute_count;
	for (size_t i = 0; i < link->list_len; i++) {
		const struct device_attribute *attribute = &answer->attributes[i];

		link->list[i] = (struct otadfu_chr){
			.service = full_uuid(attribute->service, attribute->service128),
			.uuid = full_uuid(attribute->uuid, attribute->uuid128),
			.id = attribute->handle,
			.props = attribute->props,
		};
	}
}

/* A client asks for services once and for characteristics until there are no more. */
static int discover(struct otadfu_ctx *ctx, struct otadfu_link *link, struct otadfu_chr *buf,
		    size_t cap, size_t *ret_count, uint64_t deadline_ms)
{
	struct pdu request = { .kind = PDU_DISCOVER };
	struct answer answer = { 0 };

	for (size_t round = 0; round < 2 + answer.attribute_count; round++) {
		int result = exchange(ctx, link, &request, &answer, deadline_ms);

		if (result != OTADFU_OK)
			return result;
	}
	keep_list(link, &answer);
	*ret_count = link->list_len;
	if (link->list_len > cap)
		return OTADFU_E_OVERFLOW;
	memcpy(buf, link->list, link->list_len * sizeof(buf[0]));
	return OTADFU_OK;
}

static int mtu(struct otadfu_ctx *ctx, struct otadfu_link *link, uint16_t wanted, uint16_t *ret_mtu,
	       uint64_t deadline_ms)
{
	struct pdu request = { .kind = PDU_MTU, .number = wanted };
	struct answer answer;
	int result = exchange(ctx, link, &request, &answer, deadline_ms);

	if (result == OTADFU_OK)
		*ret_mtu = link->mtu = answer.number;
	return result;
}

static int read_value(struct otadfu_ctx *ctx, struct otadfu_link *link, uint16_t id, uint8_t *buf,
		      size_t cap, size_t *ret_len, uint64_t deadline_ms)
{
	struct pdu request = { .kind = PDU_READ, .handle = id };
	struct answer answer;
	size_t len = 0;

	do { /* a part that fills its answer may not be the last */
		int result = exchange(ctx, link, &request, &answer, deadline_ms);

		if (result != OTADFU_OK)
			return result;
		if (answer.len > cap - len)
			return OTADFU_E_OVERFLOW;
		memcpy(buf + len, answer.data, answer.len);
		len += answer.len;
		request.number = (uint16_t)len;
	} while (answer.len + 1 == link->mtu);
	*ret_len = len;
	return OTADFU_OK;
}

/* Fills a write; longer values than the link carries are a bug of the caller. */
static int fill_write(struct otadfu_ctx *ctx, const struct otadfu_link *link, const uint8_t *data,
		      size_t len, struct pdu *pdu)
{
	size_t most = link->mtu - (size_t)ATT_OVERHEAD;

	if (most > sizeof(pdu->data))
		most = sizeof(pdu->data);
	if (len > most)
		return world_fail(ctx, OTADFU_E_INVALID, 0,
				  "%s: %zu bytes in one write, but the link carries %zu",
				  link->peer, len, most);
	memcpy(pdu->data, data, len);
	pdu->len = len;
	return OTADFU_OK;
}

static int write_request(struct otadfu_ctx *ctx, struct otadfu_link *link, uint16_t id,
			 const uint8_t *data, size_t len, uint64_t deadline_ms)
{
	struct pdu request = { .kind = PDU_WRITE, .handle = id };
	struct answer answer;
	int result = fill_write(ctx, link, data, len, &request);

	return result == OTADFU_OK ? exchange(ctx, link, &request, &answer, deadline_ms) : result;
}

static int write_cmd(struct otadfu_ctx *ctx, struct otadfu_link *link, uint16_t id,
		     const uint8_t *data, size_t len, uint64_t deadline_ms)
{
	struct pdu command = { .kind = PDU_COMMAND, .handle = id };
	int result = fill_write(ctx, link, data, len, &command);

	if (result != OTADFU_OK)
		return result;
	return await(ctx, link, is_sent, &command, deadline_ms, "room for a packet");
}

/* --- what comes from the device --- */

/* Its place in the list; the list's length when discover did not give it. */
static size_t place_of(const struct otadfu_link *link, uint16_t id)
{
	size_t place = 0;

	while (place < link->list_len && link->list[place].id != id)
		place++;
	return place;
}

static int fail_id(struct otadfu_ctx *ctx, const struct otadfu_link *link, uint16_t id,
		   const char *problem)
{
	return world_fail(ctx, OTADFU_E_INVALID, 0, "%s: characteristic %u was not %s", link->peer,
			  id, problem);
}

static int subscribe(struct otadfu_ctx *ctx, struct otadfu_link *link, uint16_t id,
		     uint64_t deadline_ms)
{
	enum { CCCD_NOTIFY = 1, CCCD_INDICATE = 2 };
	struct pdu request = { .kind = PDU_CCCD, .handle = id };
	struct answer answer;
	size_t place = place_of(link, id);
	int result;

	if (place == link->list_len)
		return fail_id(ctx, link, id, "discovered");
	if (link->list[place].props & OTADFU_PROP_NOTIFY)
		request.number = CCCD_NOTIFY;
	else if (link->list[place].props & OTADFU_PROP_INDICATE)
		request.number = CCCD_INDICATE;
	else
		return OTADFU_E_UNSUPPORTED;
	result = exchange(ctx, link, &request, &answer, deadline_ms);
	if (result == OTADFU_OK)
		link->subscribed |= 1u << place;
	return result;
}

struct expected_value {
	uint16_t id;
	uint8_t *buf;
	size_t cap;
	size_t len;
	enum link_value outcome;
};

static bool has_value(struct otadfu_link *link, void *user)
{
	struct expected_value *expected = user;

	expected->outcome = link_take_value(link->link, expected->id, expected->buf, expected->cap,
					    &expected->len);
	return expected->outcome != LINK_VALUE_NONE;
}

static int wait_value(struct otadfu_ctx *ctx, struct otadfu_link *link, uint16_t id, uint8_t *buf,
		      size_t cap, size_t *ret_len, uint64_t deadline_ms)
{
	struct expected_value expected = { .id = id, .buf = buf, .cap = cap };
	size_t place = place_of(link, id);
	int result;

	if (place == link->list_len || !(link->subscribed & 1u << place))
		return fail_id(ctx, link, id, "subscribed");
	result = await(ctx, link, has_value, &expected, deadline_ms, "notification");
	if (result != OTADFU_OK)
		return result;
	if (expected.outcome != LINK_VALUE_TAKEN)
		return world_fail(ctx, OTADFU_E_OVERFLOW, 0, "%s: a notification was %s",
				  link->peer,
				  expected.outcome == LINK_VALUE_LOST ? "lost: too many waited"
								      : "longer than expected");
	*ret_len = expected.len;
	return OTADFU_OK;
}

static bool is_gone(struct otadfu_link *link, void *user)
{
	(void)user;
	return link_is_gone(link->link);
}

static int wait_gone(struct otadfu_ctx *ctx, struct otadfu_link *link, uint64_t deadline_ms)
{
	return await(ctx, link, is_gone, NULL, deadline_ms, "end of the link");
}

static void disconnect(struct otadfu_ctx *ctx, struct otadfu_link *link)
{
	struct otadfu_adapter *world = link->world;

	pthread_mutex_lock(&world->lock);
	world_run(ctx, link->station, link->link);
	station_disconnect(link->station, link->link);
	world_run(ctx, link->station, NULL);
	pthread_mutex_unlock(&world->lock);
	free(link);
}

/* The scenario sets the link's parameters; a wish changes nothing. */
static int tune(struct otadfu_ctx *ctx, struct otadfu_link *link,
		const struct otadfu_link_params *wanted, struct otadfu_link_params *ret_actual,
		uint64_t deadline_ms)
{
	struct otadfu_link_params actual = {
		.size = sizeof(actual),
		.interval_us = link->world->scenario->interval_us,
		.supervision_ms = LINK_SUPERVISION_MS,
	};
	uint32_t known = ret_actual->size < actual.size ? ret_actual->size : actual.size;
	uint64_t next_ms;

	(void)wanted;
	(void)deadline_ms;
	if (look(ctx, link, is_gone, NULL, &next_ms) != PROGRESS_WAIT)
		return fail_gone(ctx, link);
	actual.size = known;
	memcpy(ret_actual, &actual, known);
	return OTADFU_OK;
}

/* --- the tables --- */

static const struct otadfu_link_ops link_ops = {
	.size = sizeof(link_ops),
	.discover = discover,
	.mtu = mtu,
	.read = read_value,
	.write = write_request,
	.write_cmd = write_cmd,
	.subscribe = subscribe,
	.wait = wait_value,
	.wait_gone = wait_gone,
	.disconnect = disconnect,
	.tune = tune,
};

static const struct otadfu_transport_ops sim_ops = {
	.size = sizeof(sim_ops),
	.caps = OTADFU_TCAP_MTU_EXCHANGE | OTADFU_TCAP_PACED_WRITE_CMD |
		OTADFU_TCAP_PARALLEL_CONNECT | OTADFU_TCAP_SCAN_AND_CONNECT,
	.name = "sim",
	.summary = "simulated devices; the adapter is a scenario file",
	.link = &link_ops,
	.open = world_open,
	.close = world_close,
	.connect = world_connect,
	.scan = world_scan,
};

static const struct otadfu_transport_ops *const transports[] = { &sim_ops, NULL };

OTADFU_PLUGIN_DEFINE(sim) = {
	.magic = OTADFU_PLUGIN_MAGIC,
	.abi_version = OTADFU_ABI_VERSION,
	.size = sizeof(struct otadfu_plugin),
	.name = "sim",
	.version = "0.1.0",
	.vendor = "otadfu",
	.transports = transports,
};
