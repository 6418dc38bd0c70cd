/* What we owe a peer who asks in turn: he sees a device with no attributes. Pure. */
#ifndef OTADFU_TRANSPORTS_ATT_REPLY_H
#define OTADFU_TRANSPORTS_ATT_REPLY_H

#include <stddef.h>
#include <stdint.h>

enum { ATT_REPLY_MAX = 5 };

/*
 * The reply to one PDU: a confirmation to an indication, a response to a request. 0: none is owed,
 * neither to commands nor to what only answers. own_mtu: the longest PDU we take.
 */
size_t att_reply(const uint8_t *pdu, size_t len, uint16_t own_mtu, uint8_t reply[ATT_REPLY_MAX]);

#endif
