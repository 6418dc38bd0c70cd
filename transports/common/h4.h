/*
 * HCI packets over a byte stream, H4 (Core Specification, Vol 4, Part A): a type, a header whose
 * last field is the length, a payload. The parser is pure; struct h4 puts it on a descriptor.
 */
#ifndef OTADFU_TRANSPORTS_H4_H
#define OTADFU_TRANSPORTS_H4_H

#include "le.h"
#include "problem.h"

enum h4_type { H4_COMMAND = 1, H4_ACL = 2, H4_SCO = 3, H4_EVENT = 4, H4_ISO = 5 };

enum {
	H4_PAYLOAD_MAX = 2048, /* the kernel's own limit is 1,492 */
	H4_PACKET_MAX = 1 + 4 + H4_PAYLOAD_MAX
};

struct h4_packet {
	enum h4_type type;
	const uint8_t *data; /* header and payload; borrowed until the next call */
	size_t len;
};

/* All zero to begin with. */
struct h4_parser {
	uint8_t buf[H4_PACKET_MAX];
	size_t len;
};

/*
 * Takes bytes up to the end of the next packet. 1: *ret_packet is whole; 0: all bytes are taken
 * and more are needed; OTADFU_E_PROTOCOL: no packet begins like this, or it is too long. H4 has no
 * mark to find a packet by, so that is the end of the stream.
 */
int h4_parse(struct h4_parser *parser, struct cursor *bytes, struct h4_packet *ret_packet,
	     struct problem *ret_problem);

/* One controller's descriptor, which must not block and stays the caller's. */
struct h4 {
	int fd;
	bool is_socket;
	struct h4_parser parser;
	uint8_t out[H4_PACKET_MAX]; /* the one packet under way */
	size_t out_len;
	size_t written;
};

typedef void h4_packet_fn(void *user, const struct h4_packet *packet);

void h4_init(struct h4 *h4, int fd);

/* Hands out what has come, at most a few dozen reads of it. Negative: the controller is lost. */
int h4_receive(struct h4 *h4, h4_packet_fn *on_packet, void *user, struct problem *ret_problem);

/*
 * Writes a packet, or begins to: as long as h4_is_waiting, no other may be sent, and h4_flush goes
 * on when the descriptor is writable. Both are negative when the controller is lost.
 */
int h4_send(struct h4 *h4, enum h4_type type, const uint8_t *data, size_t len,
	    struct problem *ret_problem);
int h4_flush(struct h4 *h4, struct problem *ret_problem);
bool h4_is_waiting(const struct h4 *h4);

#endif
