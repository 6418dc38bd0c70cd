/* One adapter of bluetoothd's. Only its name is kept: it outlives a bluetoothd that is restarted.
 */
#ifndef OTADFU_BLUEZ_ADAPTER_H
#define OTADFU_BLUEZ_ADAPTER_H

#include "bluezadapter.h"

#include <otadfu/transport.h>

/* What helps where there is no bluetoothd (bluezbus.h). */
extern const char adapter_instead[];

struct otadfu_adapter {
	char name[BLUEZADAPTER_PATH_MAX]; /* "hci0" */
};

/* open, close and forget of struct otadfu_transport_ops. */
int adapter_open(struct otadfu_ctx *ctx, const char *name, struct otadfu_adapter **ret_adapter);
void adapter_close(struct otadfu_ctx *ctx, struct otadfu_adapter *adapter);
int adapter_forget(struct otadfu_ctx *ctx, struct otadfu_adapter *adapter,
		   const struct otadfu_addr *peer);

/* Until bluetoothd has the adapter, switched on: it had when it was opened, and may be being
 * restarted. Waits for some seconds, no longer than deadline_ms, and returns what is wrong then.
 * What does not change by waiting is left to be found by what follows: OTADFU_OK. */
int adapter_await(struct otadfu_ctx *ctx, const struct otadfu_adapter *adapter,
		  uint64_t deadline_ms);

#endif
