#ifndef OTADFU_BLUEZ_EXAMINE_H
#define OTADFU_BLUEZ_EXAMINE_H

#include <otadfu/transport.h>

/* examine of struct otadfu_transport_ops. */
int examine(struct otadfu_ctx *ctx, const char *adapter_name, const struct otadfu_addr *peer,
	    otadfu_finding_fn *on_finding, void *user);

#endif
