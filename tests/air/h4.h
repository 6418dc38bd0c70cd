/* H4 from a host (Core Specification, Vol 4, Part A): commands and ACL data out of a stream of
 * bytes. */
#ifndef AIR_H4_H
#define AIR_H4_H

#include "bytes.h"

enum { H4_COMMAND = 1, H4_ACL = 2, H4_EVENT = 4 };

enum {
	ACL_LEN_MAX = 1021,
	/* Longer data than any buffer takes is still a packet, which is answered for as such. */
	H4_MAX = 1 + 4 + 4096
};

/* All zero to begin with. */
struct h4 {
	uint8_t buf[H4_MAX];
	size_t len;
};

struct h4_packet {
	uint8_t type;
	const uint8_t *data; /* header and payload; valid until the next call */
	size_t len;
};

/* 1: a packet is whole; 0: more bytes are needed; -1: no host's packet begins like this. */
int h4_next(struct h4 *h4, struct reader *bytes, struct h4_packet *ret_packet);

#endif
