/* Links that the kernel keeps though nobody uses them any more. */
#ifndef OTADFU_TRANSPORTS_LINGERING_H
#define OTADFU_TRANSPORTS_LINGERING_H

#include <otadfu/host.h>
#include <otadfu/types.h>

enum { LINGERING_ANY = -1 };

/*
 * adapter: N of hciN, or LINGERING_ANY. The kernel ends a link two seconds after its last socket
 * was closed, and who connects before that finds the old one, with its MTU, its subscriptions and
 * perhaps an answer that nobody awaits. Waits until there is none to peer, but not for ever: it may
 * be another program's. OTADFU_OK, or what fdwait says; OTADFU_E_TIMEOUT at deadline_ms.
 */
int lingering_wait(struct otadfu_ctx *ctx, int adapter, const struct otadfu_addr *peer,
		   uint64_t deadline_ms);

#endif
