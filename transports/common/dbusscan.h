/* LE discovery through the system's bluetoothd, for transports that have no scan of their own. */
#ifndef OTADFU_TRANSPORTS_DBUSSCAN_H
#define OTADFU_TRANSPORTS_DBUSSCAN_H

#include <otadfu/transport.h>

/*
 * What scan promises in <otadfu/transport.h>, over a bus connection of its own, so that bluetoothd
 * ends the discovery even if we do not. adapter: "hci0"; NULL: the first that is switched on.
 *
 * OTADFU_E_UNSUPPORTED where no system bus or no bluetoothd runs (it is not started for this, see
 * bluezbus.h); OTADFU_E_NOT_FOUND for an adapter that does not exist or is switched off;
 * OTADFU_E_PERMISSION where the bus' policy forbids it; OTADFU_E_BUSY; OTADFU_E_IO when bluetoothd
 * ends, does not answer, or the adapter goes away. Returns up to 250 ms after the deadline or
 * on_advert, when the radio is free again for a connection; after a cancellation at once.
 *
 * bluetoothd hands out properties of devices, not advertisements, and remembers:
 *   - A device is reported when something of it changes that only an advertisement can change; RSSI
 *     does with each one heard. One that bluetoothd merely knows is not. The discovery is begun
 *     anew every 5 s, so that who is there shows up that often at least; another program's goes
 *     on undisturbed, and while it does, ours has its rhythm.
 *   - data is put together again from name, services, manufacturer and service data, TX power and
 *     flags (where bluetoothd gives them). AD structures of other types are lost.
 *   - Name and services are everything heard of that address since bluetoothd knows it; it forgets
 *     an unpaired device 30 s (TemporaryTimeout) after it was last heard, a paired one never. So
 *     what goes from application to bootloader or back at the same address may be reported with
 *     the services of both, and a name stands until a complete one replaces it. What is listed
 *     here proves nothing, then; the characteristics after connecting do. Nothing is removed from
 *     bluetoothd to get at the truth: that would cut the connections other programs are making.
 *   - OTADFU_ADV_CONNECTABLE is always set, since bluetoothd keeps what it knows about it to
 *     itself: connecting tells. DIRECTED and SCAN_RESPONSE never are.
 */
int dbusscan_run(struct otadfu_ctx *ctx, const char *adapter, otadfu_advert_fn *on_advert,
		 void *user, uint64_t deadline_ms);

#endif
