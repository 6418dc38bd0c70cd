/* The transport plugin: the kernel's own ATT channel, as an ordinary user may open it. */
#include "connect.h"
#include "dbusscan.h"
#include "examine.h"
#include "socket_link.h"

#include <otadfu/plugin.h>

static int scan(struct otadfu_ctx *ctx, struct otadfu_adapter *adapter, otadfu_advert_fn *on_advert,
		void *user, uint64_t deadline_ms)
{
	return dbusscan_run(ctx, adapter->name, on_advert, user, deadline_ms);
}

static const struct otadfu_link_ops link_ops = {
	.size = sizeof(link_ops),
	.discover = att_client_discover,
	.mtu = att_client_mtu,
	.read = att_client_read,
	.write = att_client_write,
	.write_cmd = att_client_write_cmd,
	.subscribe = att_client_subscribe,
	.wait = att_client_wait,
	.wait_gone = att_client_wait_gone,
	.disconnect = att_client_disconnect,
};

static const struct otadfu_transport_ops l2cap_ops = {
	.size = sizeof(l2cap_ops),
	.caps = OTADFU_TCAP_MTU_EXCHANGE | OTADFU_TCAP_PACED_WRITE_CMD |
		OTADFU_TCAP_PARALLEL_CONNECT,
	.name = "l2cap",
	.summary = "the kernel's ATT sockets, without daemon or privilege; the adapter is hciN",
	.link = &link_ops,
	.open = adapter_open,
	.close = adapter_close,
	.connect = connect_one,
	.scan = scan,
	.connect_first = connect_first,
	.examine = examine,
};

static const struct otadfu_transport_ops *const transports[] = { &l2cap_ops, NULL };

OTADFU_PLUGIN_DEFINE(l2cap) = {
	.magic = OTADFU_PLUGIN_MAGIC,
	.abi_version = OTADFU_ABI_VERSION,
	.size = sizeof(struct otadfu_plugin),
	.name = "l2cap",
	.version = "0.1.0",
	.vendor = "otadfu",
	.transports = transports,
};
