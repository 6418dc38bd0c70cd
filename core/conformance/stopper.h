/* A cancel descriptor that becomes readable at a chosen time. */
#ifndef OTADFU_CONFORMANCE_STOPPER_H
#define OTADFU_CONFORMANCE_STOPPER_H

#include "error.h"

#include <stdint.h>

struct stopper {
	int timer_fd;
	int fd; /* to be watched: readable from the chosen time on, or when interrupt_fd is */
};

/* interrupt_fd: the operator's; -1: none. Needs stopper_close after success only. */
int stopper_open(struct stopper *stopper, int interrupt_fd, struct failure *why);
void stopper_close(struct stopper *stopper);

/* at_ms as a real clock counts. */
void stopper_set(struct stopper *stopper, uint64_t at_ms);
/* Not readable any more, but for the operator. */
void stopper_clear(struct stopper *stopper);

#endif
