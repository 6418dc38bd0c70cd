#include "adapter.h"

#include "failure.h"
#include "fdwait.h"
#include "remote.h"

#include <stdlib.h>
#include <string.h>

enum {
	OPEN_MS = 4500,
	FORGET_MS = 900,
	RETURN_MS = 10000,
	RETURN_STEP_MS = 100,
	LAST_LOOK_MS = 50
};

const char adapter_instead[] = "take another transport (--transport l2cap or hci)";

static uint64_t in_ms(struct otadfu_ctx *ctx, uint32_t ms)
{
	return ctx->host->now_ms(ctx) + ms;
}

static int look(struct bluezbus *bus, const char *name, uint64_t deadline_ms,
		struct bluezadapter *ret_adapter)
{
	sd_bus_message *objects = NULL;
	int r = bluezobj_get(bus, deadline_ms, &objects);

	if (r == OTADFU_OK)
		r = bluezadapter_choose(bus, name, objects, ret_adapter);
	sd_bus_message_unref(objects);
	return r;
}

/* bluetoothd's own name for it ends its path, so that a name with a slash is none. */
static int keep(const struct bluezadapter *found, struct otadfu_adapter **ret_adapter)
{
	struct otadfu_adapter *adapter = calloc(1, sizeof(*adapter));

	if (!adapter)
		return OTADFU_E_NOMEM;
	strcpy(adapter->name, bluezobj_name(found->path));
	*ret_adapter = adapter;
	return OTADFU_OK;
}

int adapter_open(struct otadfu_ctx *ctx, const char *name, struct otadfu_adapter **ret_adapter)
{
	uint64_t deadline_ms = in_ms(ctx, OPEN_MS);
	struct bluezadapter found;
	struct bluezbus bus;
	int r = bluezbus_open(&bus, ctx, adapter_instead, deadline_ms);

	if (r == OTADFU_OK)
		r = look(&bus, name, deadline_ms, &found);
	if (r == OTADFU_E_TIMEOUT)
		r = bluezbus_fail(&bus, OTADFU_E_IO, 0, "bluetoothd does not answer");
	bluezbus_close(&bus);
	return r == OTADFU_OK ? keep(&found, ret_adapter) : r;
}

static int look_anew(struct otadfu_ctx *ctx, const char *name, bool quietly, uint64_t deadline_ms)
{
	struct bluezadapter found;
	struct bluezbus bus;
	int r = quietly ? bluezbus_open_quietly(&bus, ctx, deadline_ms)
			: bluezbus_open(&bus, ctx, adapter_instead, deadline_ms);

	if (r == OTADFU_OK)
		r = look(&bus, name, deadline_ms, &found);
	bluezbus_close(&bus);
	return r;
}

static bool may_come_back(int code)
{
	return code == OTADFU_E_UNSUPPORTED || code == OTADFU_E_NOT_FOUND;
}

/* The last look finds the words, where the bus is quick enough. */
static int tell_missing(struct otadfu_ctx *ctx, const char *name, int code)
{
	int r = look_anew(ctx, name, false, in_ms(ctx, LAST_LOOK_MS));

	if (r != OTADFU_E_TIMEOUT)
		return r;
	return fail_with(ctx, code, 0,
			 "bluetoothd, or its %s, has gone and did not come back; "
			 "`journalctl -u bluetooth` may tell why",
			 name);
}

int adapter_await(struct otadfu_ctx *ctx, const struct otadfu_adapter *adapter,
		  uint64_t deadline_ms)
{
	uint64_t until_ms = in_ms(ctx, RETURN_MS);
	int missing = OTADFU_OK; /* why it is */
	int r;

	if (until_ms > deadline_ms)
		until_ms = deadline_ms;
	while (may_come_back(r = look_anew(ctx, adapter->name, true, until_ms))) {
		missing = r;
		r = fdwait(ctx, NULL, 0, in_ms(ctx, RETURN_STEP_MS));
		if (r == OTADFU_E_CANCELLED)
			break;
	}
	if (r == OTADFU_E_TIMEOUT && missing != OTADFU_OK)
		return tell_missing(ctx, adapter->name, missing);
	return r == OTADFU_E_CANCELLED ? r : OTADFU_OK;
}

void adapter_close(struct otadfu_ctx *ctx, struct otadfu_adapter *adapter)
{
	(void)ctx;
	free(adapter);
}

/* bluetoothd first ends a link that is left of before, which takes it longer than we may wait: it
 * is under way then. */
static int remove_device(struct bluezbus *bus, const char *adapter_path,
			 const struct remote *remote, uint64_t deadline_ms)
{
	sd_bus_message *call = bluezbus_new_call(bus, adapter_path, BLUEZ_ADAPTER, "RemoveDevice");
	int r;

	if (call && sd_bus_message_append(call, "o", remote->path) < 0)
		call = sd_bus_message_unref(call);
	r = bluezbus_call(bus, call, deadline_ms, NULL);
	return r == OTADFU_E_TIMEOUT && remote->connected ? OTADFU_OK : r;
}

static int find_and_remove(struct bluezbus *bus, const char *adapter_name,
			   const struct otadfu_addr *peer, uint64_t deadline_ms)
{
	char adapter_path[BLUEZADAPTER_PATH_MAX];
	sd_bus_message *objects = NULL;
	struct remote remote;
	int r = bluezobj_get(bus, deadline_ms, &objects);
	int error;

	if (r != OTADFU_OK)
		return r;
	snprintf(adapter_path, sizeof(adapter_path), "/org/bluez/%.48s", adapter_name);
	remote_init(&remote, adapter_path, peer);
	error = remote_read(&remote, objects);
	if (error < 0)
		r = bluezobj_fail(bus, error);
	else if (remote.known)
		r = remove_device(bus, adapter_path, &remote, deadline_ms);
	remote_clear(&remote);
	sd_bus_message_unref(objects);
	return r;
}

int adapter_forget(struct otadfu_ctx *ctx, struct otadfu_adapter *adapter,
		   const struct otadfu_addr *peer)
{
	uint64_t deadline_ms = in_ms(ctx, FORGET_MS);
	struct bluezbus bus;
	int r = bluezbus_open(&bus, ctx, adapter_instead, deadline_ms);

	if (r == OTADFU_OK)
		r = find_and_remove(&bus, adapter->name, peer, deadline_ms);
	bluezbus_close(&bus);
	return r;
}
