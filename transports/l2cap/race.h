/* Several connection attempts at once, of which one is wanted. */
#ifndef OTADFU_L2CAP_RACE_H
#define OTADFU_L2CAP_RACE_H

#include "fdwait.h"

/*
 * Waits for the first of count (1 to FDWAIT_MAX) connecting sockets, none of which blocks, to
 * connect. OTADFU_E_DISCONNECTED when all have failed, *ret_error the errno of the last. Nothing is
 * closed, and a failed one is not asked again.
 */
int race_connect(struct otadfu_ctx *ctx, const int *fds, size_t count, uint64_t deadline_ms,
		 size_t *ret_winner, int *ret_error);

#endif
