/* The address of a controller that has none of its own. */
#ifndef OTADFU_HCI_OWN_ADDRESS_H
#define OTADFU_HCI_OWN_ADDRESS_H

#include <otadfu/host.h>

/*
 * A random static address (Core Specification, Vol 6, Part B, 1.3.2.1), the same whenever this user
 * opens that endpoint: a device may know us by it. Kept in $XDG_STATE_HOME/otadfu,
 * ~/.local/state/otadfu or, where the environment cannot be trusted or tells neither,
 * /var/lib/otadfu; where nothing can be kept, it is another one each time. OTADFU_E_IO when there
 * is no randomness.
 */
int own_address_get(struct otadfu_ctx *ctx, const char *endpoint, struct otadfu_addr *ret_address);

#endif
