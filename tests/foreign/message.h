/* What the bridge and its client tell each other, one JSON object a line. */
#ifndef OTADFU_FOREIGN_MESSAGE_H
#define OTADFU_FOREIGN_MESSAGE_H

#include "link.h"

#include <jansson.h>
#include <stdbool.h>

/* Takes over message and writes it to standard output. False: NULL, or nobody reads it. */
bool message_send(json_t *message);

/* {"op": ..., "handle": ..., "value": ..., "bytes": [...]}. False: no such request. */
bool message_to_pdu(const json_t *request, struct pdu *ret_pdu);

/* New references; NULL: out of memory. */
json_t *message_of_answer(const struct pdu *pdu, const struct answer *answer);
json_t *message_of_value(uint16_t handle, const uint8_t *data, size_t len);
json_t *message_of_advert(const struct device_advert *advert);

#endif
