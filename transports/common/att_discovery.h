/* What a peer has: its characteristics, and the descriptor that turns on notifications. */
#ifndef OTADFU_TRANSPORTS_ATT_DISCOVERY_H
#define OTADFU_TRANSPORTS_ATT_DISCOVERY_H

#include "att_channel.h"

struct att_chr {
	struct otadfu_chr chr; /* its id is the handle of the value */
	uint16_t last;         /* handle that may still belong to it */
	uint16_t cccd;         /* its client characteristic configuration; 0: not known yet */
};

/* All characteristics of all primary services, in the peer's order; the caller frees *ret_chrs. */
int att_discover(struct otadfu_ctx *ctx, struct att_channel *channel, struct att_chr **ret_chrs,
		 size_t *ret_count, uint64_t deadline_ms);

/* Looks for chr->cccd. OTADFU_E_PROTOCOL when the peer has none. */
int att_find_cccd(struct otadfu_ctx *ctx, struct att_channel *channel, struct att_chr *chr,
		  uint64_t deadline_ms);

#endif
