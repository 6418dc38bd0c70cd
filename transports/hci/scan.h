/* Listening to what advertises. */
#ifndef OTADFU_HCI_SCAN_H
#define OTADFU_HCI_SCAN_H

#include "adapter.h"

/* scan of struct otadfu_transport_ops. */
int scan(struct otadfu_ctx *ctx, struct otadfu_adapter *adapter, otadfu_advert_fn *on_advert,
	 void *user, uint64_t deadline_ms);

/* The same for who has the air already. */
int scan_air(struct otadfu_ctx *ctx, struct otadfu_adapter *adapter, otadfu_advert_fn *on_advert,
	     void *user, uint64_t deadline_ms);

#endif
