/* The packets that a controller has for its host, until that reads them. */
#ifndef AIR_OUTBOX_H
#define AIR_OUTBOX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { OUTBOX_SIZE = 65536, PACKET_MAX = 1 + 4 + 255 /* what the air sends, all types */ };

/* A ring of packets, each behind two octets of length. All zero: empty. */
struct outbox {
	uint8_t data[OUTBOX_SIZE];
	size_t start;
	size_t len;
	size_t sent; /* of the first packet */
};

/* False: no room. len is at most PACKET_MAX. */
bool outbox_put(struct outbox *outbox, const uint8_t *packet, size_t len);

/* Below half of the room: then nothing is added that can wait or be left out. */
bool outbox_is_busy(const struct outbox *outbox);

/* What is left of the first packet; 0: there is none. It stays until outbox_sent says how much of
 * it is gone. */
size_t outbox_first(const struct outbox *outbox, uint8_t packet[PACKET_MAX]);
void outbox_sent(struct outbox *outbox, size_t len);

#endif
