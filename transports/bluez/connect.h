/* From an address to a link, and back. */
#ifndef OTADFU_BLUEZ_CONNECT_H
#define OTADFU_BLUEZ_CONNECT_H

#include "conn.h"

/* connect of struct otadfu_transport_ops, and disconnect of struct otadfu_link_ops. */
int connect_peer(struct otadfu_ctx *ctx, struct otadfu_adapter *adapter,
		 const struct otadfu_addr *peer, struct otadfu_link **ret_link,
		 uint64_t deadline_ms);
void connect_end(struct otadfu_ctx *ctx, struct otadfu_link *link);

#endif
