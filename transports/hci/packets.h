/* ATT PDUs in order, in memory that is there from the beginning. */
#ifndef OTADFU_HCI_PACKETS_H
#define OTADFU_HCI_PACKETS_H

#include "acl.h"

enum { PACKETS_CAP = 64 };

struct packet {
	uint16_t len;
	uint8_t data[ACL_PDU_MAX];
};

struct packets {
	size_t first;
	size_t count;
	struct packet items[PACKETS_CAP];
};

void packets_clear(struct packets *packets);

/* False: no room, or too long. */
bool packets_put(struct packets *packets, const uint8_t *data, size_t len);

/* The oldest, until it is dropped; NULL: none. */
const struct packet *packets_first(const struct packets *packets);
void packets_drop_first(struct packets *packets);

#endif
