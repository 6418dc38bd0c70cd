/* The transport plugin: an LE central of our own, on any controller that speaks HCI. */
#include "adapter.h"
#include "att_client.h"
#include "connect.h"
#include "examine.h"
#include "scan.h"
#include "settings.h"
#include "tune.h"

#include <otadfu/plugin.h>

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
	.tune = tune,
};

static const struct otadfu_transport_ops hci_ops = {
	.size = sizeof(hci_ops),
	.caps = OTADFU_TCAP_MTU_EXCHANGE | OTADFU_TCAP_PACED_WRITE_CMD,
	.name = "hci",
	.summary = "a controller of its own: hciN taken from the kernel, unix:PATH, tcp:HOST:PORT, "
		   "serial:DEV[,BAUD]",
	.options = settings_options,
	.link = &link_ops,
	.open = adapter_open,
	.close = adapter_close,
	.connect = connect_one,
	.scan = scan,
	.connect_first = connect_first,
	.examine = examine,
};

static const struct otadfu_transport_ops *const transports[] = { &hci_ops, NULL };

OTADFU_PLUGIN_DEFINE(hci) = {
	.magic = OTADFU_PLUGIN_MAGIC,
	.abi_version = OTADFU_ABI_VERSION,
	.size = sizeof(struct otadfu_plugin),
	.name = "hci",
	.version = "0.1.0",
	.vendor = "otadfu",
	.transports = transports,
};
