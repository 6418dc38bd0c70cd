/* Making a connection. */
#ifndef OTADFU_HCI_CONNECT_H
#define OTADFU_HCI_CONNECT_H

#include "adapter.h"

/* connect and connect_first of struct otadfu_transport_ops. */
int connect_one(struct otadfu_ctx *ctx, struct otadfu_adapter *adapter,
		const struct otadfu_addr *peer, struct otadfu_link **ret_link,
		uint64_t deadline_ms);
int connect_first(struct otadfu_ctx *ctx, struct otadfu_adapter *adapter,
		  const struct otadfu_addr *peers, size_t peer_count, struct otadfu_link **ret_link,
		  size_t *ret_index, uint64_t deadline_ms);

#endif
