/* What the device sends unasked: bluetoothd signals it as a change of the property Value. */
#ifndef OTADFU_BLUEZ_NOTIFY_H
#define OTADFU_BLUEZ_NOTIFY_H

#include "conn.h"

int notify_subscribe(struct otadfu_ctx *ctx, struct otadfu_link *link, uint16_t id,
		     uint64_t deadline_ms);
int notify_wait(struct otadfu_ctx *ctx, struct otadfu_link *link, uint16_t id, uint8_t *buf,
		size_t cap, size_t *ret_len, uint64_t deadline_ms);

#endif
