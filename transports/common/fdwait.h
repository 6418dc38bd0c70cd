/* Waiting for descriptors, always with a deadline and an eye on the task's cancellation. */
#ifndef OTADFU_TRANSPORTS_FDWAIT_H
#define OTADFU_TRANSPORTS_FDWAIT_H

#include <otadfu/host.h>
#include <poll.h>

enum { FDWAIT_MAX = 16 };

/*
 * Returns OTADFU_OK as soon as one of the count (0 to FDWAIT_MAX) descriptors is ready, revents
 * set as by poll; OTADFU_E_CANCELLED, which goes before, as soon as the task is cancelled;
 * OTADFU_E_TIMEOUT at deadline_ms; OTADFU_E_IO when poll itself fails. Looks once where the
 * deadline has passed. A descriptor of -1 is never ready.
 */
int fdwait(struct otadfu_ctx *ctx, struct pollfd *fds, size_t count, uint64_t deadline_ms);

#endif
