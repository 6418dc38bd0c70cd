/* Each call that can block, and how to make it. */
#ifndef OTADFU_CONFORMANCE_BLOCKING_H
#define OTADFU_CONFORMANCE_BLOCKING_H

#include "trial.h"

enum {
	BLOCK_MS = 100, /* until the deadline or the cancellation */
	/* How long a call may still take to end by itself when nothing ends it. */
	LAST_RESORT_MS = 2000,
};

struct blocking {
	const char *name;
	/* Brings it about that invoke will block. drop_in_ms not 0: and that the peer closes
	 * the link so much later, at t->due_ms at the latest. */
	bool (*prepare)(struct trial *t, uint16_t drop_in_ms);
	void (*invoke)(struct trial *t, uint64_t deadline_ms);
	int at_deadline;    /* what it returns then */
	int when_gone;      /* and once the link is lost, where it needs one */
	bool may_give_up;   /* early, where the controller tells that nobody is there */
	bool may_not_block; /* where everything is taken at once, there is nothing to wait for */
};

/* How long the peer answers nothing: longer than two calls that wait for BLOCK_MS, and than drop_ms
 * with the time that the end of a link takes. */
uint16_t hold_ms(const struct trial *t);
/* Until it closes the link: time enough to come to the call that this is to end. */
uint16_t drop_ms(const struct trial *t);

extern const struct blocking blocking_connect, blocking_connect_first, blocking_scan, blocking_mtu,
	blocking_discover, blocking_read, blocking_write, blocking_write_cmd, blocking_subscribe,
	blocking_wait, blocking_wait_gone;

#endif
