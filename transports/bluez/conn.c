#include "conn.h"

#include "words.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum {
	/* bluetoothd gives a request up before it tells that the link is lost. */
	LOSS_FOLLOWS_MS = 100,
	/* Even a big database over a slow link takes less. */
	RESOLVE_MS = 20000
};

/* --- what bluetoothd tells --- */

static void push_held(struct otadfu_link *link)
{
	if (link->held.has_value)
		notifyq_push(link->values, link->reading, link->held.data, link->held.len);
	link->held.has_value = false;
}

static void take_value(struct otadfu_link *link, uint16_t id, const uint8_t *data, size_t len)
{
	if (!notifyq_is_open(link->values, id))
		return;
	if (id != link->reading || len > sizeof(link->held.data)) {
		notifyq_push(link->values, id, data, len);
		return;
	}
	push_held(link);
	link->held.has_value = true;
	link->held.len = len;
	if (len > 0)
		memcpy(link->held.data, data, len);
}

/* Values of one characteristic. */
struct change {
	struct otadfu_link *link;
	uint16_t id;
};

static int read_value(void *object, sd_bus_message *message)
{
	const struct change *change = object;
	const void *data;
	size_t len;
	int r = sd_bus_message_read_array(message, 'y', &data, &len);

	if (r >= 0)
		take_value(change->link, change->id, data, len);
	return r;
}

static void note_device(struct otadfu_link *link, sd_bus_message *signal)
{
	bool was_connected = link->remote.connected;

	if (remote_read_change(&link->remote, signal) < 0)
		return;
	/* While it is being connected other properties change, too: RSSI, say. */
	if (link->connecting && was_connected && !link->remote.connected)
		link->lost = true;
}

/* A message that is not what its name says is passed over, as if it had not come. */
static int on_changed(sd_bus_message *signal, void *user, sd_bus_error *error)
{
	static const struct bluezbus_property value_property = { "Value", "ay", read_value };
	struct otadfu_link *link = user;
	const char *path = sd_bus_message_get_path(signal);
	struct gatt_path place;
	const char *interface;

	(void)error;
	link->changes++;
	if (sd_bus_message_read(signal, "s", &interface) <= 0)
		return 0;
	if (strcmp(interface, BLUEZ_DEVICE) == 0 && strcmp(path, link->remote.path) == 0)
		note_device(link, signal);
	else if (strcmp(interface, BLUEZ_CHARACTERISTIC) == 0 &&
		 words_parse_path(link->remote.path, path, &place))
		bluezbus_read_properties(signal, &value_property, 1,
					 &(struct change){ link, place.characteristic });
	return 0;
}

static int on_removed(sd_bus_message *signal, void *user, sd_bus_error *error)
{
	struct otadfu_link *link = user;
	const char *path;
	const char *interface;

	(void)error;
	if (sd_bus_message_read(signal, "o", &path) <= 0 || strcmp(path, link->remote.path) != 0 ||
	    sd_bus_message_enter_container(signal, SD_BUS_TYPE_ARRAY, "s") < 0)
		return 0;
	link->changes++;
	while (sd_bus_message_read(signal, "s", &interface) > 0) {
		if (strcmp(interface, BLUEZ_DEVICE) == 0)
			link->removed = true;
	}
	if (link->removed && link->connecting)
		link->lost = true;
	return 0;
}

/* --- one link --- */

static int watch(struct otadfu_link *link)
{
	char rule[256];
	int r;

	snprintf(rule, sizeof(rule),
		 "interface='" BLUEZ_PROPERTIES "',member='PropertiesChanged',path_namespace='%s'",
		 link->remote.path);
	r = bluezbus_watch(&link->bus, rule, on_changed, link);
	if (r != OTADFU_OK)
		return r;
	return bluezbus_watch(&link->bus,
			      "interface='" BLUEZ_OBJECT_MANAGER "',member='InterfacesRemoved'",
			      on_removed, link);
}

int conn_new(struct otadfu_ctx *ctx, const struct otadfu_adapter *adapter,
	     const struct otadfu_addr *peer, uint64_t deadline_ms, struct otadfu_link **ret_link)
{
	struct otadfu_link *link = calloc(1, sizeof(*link));
	char adapter_path[BLUEZADAPTER_PATH_MAX];
	int r;

	if (!link)
		return OTADFU_E_NOMEM;
	link->acquired.fd = -1;
	remote_format_address(peer, link->peer);
	snprintf(adapter_path, sizeof(adapter_path), "/org/bluez/%.48s", adapter->name);
	remote_init(&link->remote, adapter_path, peer);
	link->values = notifyq_new();
	r = bluezbus_open(&link->bus, ctx, adapter_instead, deadline_ms);
	if (r == OTADFU_OK)
		r = link->values ? watch(link) : OTADFU_E_NOMEM;
	if (r != OTADFU_OK) {
		conn_free(link);
		return r;
	}
	*ret_link = link;
	return OTADFU_OK;
}

void conn_free(struct otadfu_link *link)
{
	bluezbus_drop(&link->request);
	acquired_close(&link->acquired);
	bluezbus_close(&link->bus);
	notifyq_free(link->values);
	remote_clear(&link->remote);
	free(link);
}

int conn_look(struct otadfu_link *link, uint64_t deadline_ms)
{
	sd_bus_message *objects = NULL;
	int r = bluezobj_get(&link->bus, deadline_ms, &objects);
	int error;

	if (r != OTADFU_OK)
		return r;
	link->removed = false;
	error = remote_read(&link->remote, objects);
	sd_bus_message_unref(objects);
	return error < 0 ? bluezobj_fail(&link->bus, error) : OTADFU_OK;
}

/* --- waiting --- */

static int fail_lost(struct otadfu_link *link)
{
	const char *why = "";

	if (link->orphaned)
		why = ": bluetoothd has ended";
	else if (link->removed)
		why = ": bluetoothd has forgotten the device";
	return bluezbus_fail(&link->bus, OTADFU_E_DISCONNECTED, 0, "%s: the link was lost%s",
			     link->peer, why);
}

struct waiter {
	struct otadfu_link *link;
	conn_condition_fn *happened;
	void *user;
	bool done;
};

static bool is_over(void *user)
{
	struct waiter *waiter = user;

	waiter->done = waiter->happened(waiter->link, waiter->user);
	return waiter->done || waiter->link->lost;
}

/* With bluetoothd goes its link. */
static int note_orphaned(struct otadfu_link *link)
{
	link->orphaned = true;
	link->lost = true;
	return fail_lost(link);
}

int conn_await(struct otadfu_ctx *ctx, struct otadfu_link *link, conn_condition_fn *happened,
	       void *user, uint64_t deadline_ms)
{
	struct waiter waiter = { .link = link, .happened = happened, .user = user };
	int r;

	bluezbus_lend(&link->bus, ctx);
	r = bluezbus_await(&link->bus, is_over, &waiter, deadline_ms);
	if (r == OTADFU_E_IO)
		return note_orphaned(link);
	if (r != OTADFU_OK || waiter.done)
		return r;
	return fail_lost(link);
}

static bool never(struct otadfu_link *link, void *unused)
{
	(void)link;
	(void)unused;
	return false;
}

int conn_check(struct otadfu_ctx *ctx, struct otadfu_link *link)
{
	int r = conn_await(ctx, link, never, NULL, 0);

	return r == OTADFU_E_TIMEOUT ? OTADFU_OK : r;
}

int conn_late(struct otadfu_link *link, int code, const char *what)
{
	if (code != OTADFU_E_TIMEOUT)
		return code;
	return bluezbus_fail(&link->bus, code, 0, "%s: no %s in time", link->peer, what);
}

/* --- requests --- */

sd_bus_message *conn_device_call(struct otadfu_link *link, const char *member)
{
	return bluezbus_new_call(&link->bus, link->remote.path, BLUEZ_DEVICE, member);
}

sd_bus_message *conn_characteristic_call(struct otadfu_link *link,
					 const struct remote_characteristic *of, const char *member)
{
	char path[REMOTE_PATH_MAX];

	remote_format_path(&link->remote, of, path);
	return bluezbus_new_call(&link->bus, path, BLUEZ_CHARACTERISTIC, member);
}

static bool is_answered(struct otadfu_link *link, void *unused)
{
	(void)unused;
	return link->request.reply != NULL;
}

/* Between a reading and its answer bluetoothd signals what was read as if it had been notified; it
 * is the last value that comes before the answer. */
static void end_reading(struct otadfu_link *link)
{
	sd_bus_message *reply = link->request.reply;
	struct held_value *held = &link->held;
	const void *data;
	size_t len;

	if (held->has_value && sd_bus_message_is_method_error(reply, NULL) == 0 &&
	    sd_bus_message_read_array(reply, 'y', &data, &len) >= 0) {
		if (len == held->len && (len == 0 || memcmp(data, held->data, len) == 0))
			held->has_value = false;
		sd_bus_message_rewind(reply, true);
	}
	push_held(link);
	link->reading = 0;
}

static int await_answer(struct otadfu_ctx *ctx, struct otadfu_link *link, uint64_t deadline_ms)
{
	int r = conn_await(ctx, link, is_answered, NULL, deadline_ms);

	if (r == OTADFU_OK && link->reading != 0)
		end_reading(link);
	return conn_late(link, r, "answer");
}

/* The answer to an earlier request, which came too late for it. */
static int await_earlier(struct otadfu_ctx *ctx, struct otadfu_link *link, uint64_t deadline_ms)
{
	int r = link->request.slot ? await_answer(ctx, link, deadline_ms) : conn_check(ctx, link);

	if (r != OTADFU_OK)
		return r;
	bluezbus_drop(&link->request);
	if (ctx->host->now_ms(ctx) >= deadline_ms)
		return conn_late(link, OTADFU_E_TIMEOUT, "answer");
	return OTADFU_OK;
}

static int fail_refused(struct otadfu_ctx *ctx, struct otadfu_link *link, const char *member,
			const sd_bus_error *error)
{
	struct verdict verdict = words_of_request(error->name, error->message);

	if (words_mean_loss(&verdict)) {
		int r = conn_await(ctx, link, never, NULL,
				   ctx->host->now_ms(ctx) + LOSS_FOLLOWS_MS);

		if (r != OTADFU_E_TIMEOUT)
			return r;
	}
	return bluezbus_fail(&link->bus, verdict.code, verdict.att_error,
			     "%s: %s failed: %.120s%s%s", link->peer, member,
			     error->message ? error->message : error->name,
			     verdict.advice ? "; " : "", verdict.advice ? verdict.advice : "");
}

static int judge(struct otadfu_ctx *ctx, struct otadfu_link *link, const char *member,
		 sd_bus_message *reply, sd_bus_message **ret_reply)
{
	if (sd_bus_message_is_method_error(reply, NULL) > 0)
		return fail_refused(ctx, link, member, sd_bus_message_get_error(reply));
	if (ret_reply)
		*ret_reply = sd_bus_message_ref(reply);
	return OTADFU_OK;
}

int conn_read_request(struct otadfu_ctx *ctx, struct otadfu_link *link, uint16_t id,
		      sd_bus_message *call, sd_bus_message **ret_reply, uint64_t deadline_ms)
{
	char member[32];
	sd_bus_message *reply;
	int r;

	if (!call)
		return OTADFU_E_NOMEM;
	snprintf(member, sizeof(member), "%s", sd_bus_message_get_member(call));
	r = await_earlier(ctx, link, deadline_ms);
	if (r != OTADFU_OK) {
		sd_bus_message_unref(call);
		return r;
	}
	link->reading = id;
	r = bluezbus_start(&link->bus, call, &link->request);
	if (r == OTADFU_E_IO)
		return note_orphaned(link);
	if (r == OTADFU_OK)
		r = await_answer(ctx, link, deadline_ms);
	if (r != OTADFU_OK)
		return r;
	reply = sd_bus_message_ref(link->request.reply);
	bluezbus_drop(&link->request);
	r = judge(ctx, link, member, reply, ret_reply);
	sd_bus_message_unref(reply);
	return r;
}

int conn_request(struct otadfu_ctx *ctx, struct otadfu_link *link, sd_bus_message *call,
		 sd_bus_message **ret_reply, uint64_t deadline_ms)
{
	return conn_read_request(ctx, link, 0, call, ret_reply, deadline_ms);
}

/* --- services --- */

static bool is_resolved(struct otadfu_link *link, void *unused)
{
	(void)unused;
	return link->remote.resolved;
}

static int fail_unresolved(struct otadfu_link *link)
{
	return bluezbus_fail(
		&link->bus, OTADFU_E_TIMEOUT, 0,
		"%s: connected, but bluetoothd did not find out its services in time: the "
		"device does not answer, or another program (gatttool?) talks to it",
		link->peer);
}

static int read_services(struct otadfu_ctx *ctx, struct otadfu_link *link, uint64_t deadline_ms)
{
	int r = conn_look(link, deadline_ms);

	if (r == OTADFU_E_IO)
		return link->bus.gone ? note_orphaned(link) : r;
	if (r == OTADFU_OK && !link->remote.connected)
		link->lost = true;
	if (r == OTADFU_OK)
		r = conn_check(ctx, link);
	link->discovered = r == OTADFU_OK;
	return r;
}

int conn_resolve(struct otadfu_ctx *ctx, struct otadfu_link *link, uint64_t deadline_ms)
{
	uint64_t limit_ms = ctx->host->now_ms(ctx) + RESOLVE_MS;
	int r;

	if (link->discovered)
		return conn_check(ctx, link);
	r = conn_await(ctx, link, is_resolved, NULL,
		       deadline_ms < limit_ms ? deadline_ms : limit_ms);
	if (r == OTADFU_E_TIMEOUT)
		return fail_unresolved(link);
	return r == OTADFU_OK ? read_services(ctx, link, deadline_ms) : r;
}
