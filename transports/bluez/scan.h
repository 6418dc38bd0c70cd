/* Who is there: what advertises, and what bluetoothd is connected to. */
#ifndef OTADFU_BLUEZ_SCAN_H
#define OTADFU_BLUEZ_SCAN_H

#include "adapter.h"

/*
 * scan of struct otadfu_transport_ops, by dbusscan.h. Devices that are connected do not advertise,
 * and would never be seen by who asks for one that a killed program has left connected. They are
 * reported once, after the first seconds, in which what is just being disconnected is gone: those
 * that nobody uses with all that is known of them, as connect makes them free; the others by their
 * address alone, so that who asks for it gets to hear from connect what is in the way.
 */
int scan_run(struct otadfu_ctx *ctx, struct otadfu_adapter *adapter, otadfu_advert_fn *on_advert,
	     void *user, uint64_t deadline_ms);

#endif
