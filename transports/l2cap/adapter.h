/* One adapter that the kernel drives. It is only looked at; nothing here needs a privilege. */
#ifndef OTADFU_L2CAP_ADAPTER_H
#define OTADFU_L2CAP_ADAPTER_H

#include <bluetooth/bluetooth.h>
#include <otadfu/transport.h>

struct otadfu_adapter {
	int index;     /* N of hciN */
	char name[16]; /* "hciN" */
	bdaddr_t addr;
};

/* open and close of struct otadfu_transport_ops. name: "hciN"; NULL: the first that is up. */
int adapter_open(struct otadfu_ctx *ctx, const char *name, struct otadfu_adapter **ret_adapter);
void adapter_close(struct otadfu_ctx *ctx, struct otadfu_adapter *adapter);

bdaddr_t adapter_bdaddr(const uint8_t bytes[6]);

#endif
