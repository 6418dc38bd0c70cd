/* The transport plugin: org.bluez, as every program of a desktop may use it. */
#include "connect.h"
#include "examine.h"
#include "notify.h"
#include "scan.h"
#include "values.h"

#include <otadfu/plugin.h>

static int discover(struct otadfu_ctx *ctx, struct otadfu_link *link, struct otadfu_chr *buf,
		    size_t cap, size_t *ret_count, uint64_t deadline_ms)
{
	const struct remote *remote = &link->remote;
	int r = conn_resolve(ctx, link, deadline_ms);

	if (r != OTADFU_OK)
		return r;
	*ret_count = remote->characteristic_count;
	if (remote->characteristic_count > cap)
		return OTADFU_E_OVERFLOW;
	for (size_t i = 0; i < remote->characteristic_count; i++)
		buf[i] = remote->characteristics[i].chr;
	return OTADFU_OK;
}

static bool is_gone(struct otadfu_link *link, void *unused)
{
	(void)unused;
	return link->lost;
}

static int wait_gone(struct otadfu_ctx *ctx, struct otadfu_link *link, uint64_t deadline_ms)
{
	int r = conn_await(ctx, link, is_gone, NULL, deadline_ms);

	return r == OTADFU_E_DISCONNECTED ? OTADFU_OK : conn_late(link, r, "end of the link");
}

static const struct otadfu_link_ops link_ops = {
	.size = sizeof(link_ops),
	.discover = discover,
	.mtu = values_mtu,
	.read = values_read,
	.write = values_write,
	.write_cmd = values_write_cmd,
	.subscribe = notify_subscribe,
	.wait = notify_wait,
	.wait_gone = wait_gone,
	.disconnect = connect_end,
};

static const struct otadfu_transport_ops bluez_ops = {
	.size = sizeof(bluez_ops),
	.caps = OTADFU_TCAP_PARALLEL_CONNECT,
	.name = "bluez",
	.summary = "bluetoothd over D-Bus, as an ordinary user may; the adapter is hci0, hci1, ...",
	.link = &link_ops,
	.open = adapter_open,
	.close = adapter_close,
	.connect = connect_peer,
	.scan = scan_run,
	.forget = adapter_forget,
	.examine = examine,
};

static const struct otadfu_transport_ops *const transports[] = { &bluez_ops, NULL };

OTADFU_PLUGIN_DEFINE(bluez) = {
	.magic = OTADFU_PLUGIN_MAGIC,
	.abi_version = OTADFU_ABI_VERSION,
	.size = sizeof(struct otadfu_plugin),
	.name = "bluez",
	.version = "0.1.0",
	.vendor = "otadfu",
	.transports = transports,
};
