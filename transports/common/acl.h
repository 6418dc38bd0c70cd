/*
 * L2CAP frames in ACL data packets (Core Specification, Vol 4, Part E, 5.4.2, and Vol 3, Part A,
 * 7.2): cut to the controller's buffers on the way out, put together on the way in. Pure.
 */
#ifndef OTADFU_TRANSPORTS_ACL_H
#define OTADFU_TRANSPORTS_ACL_H

#include "le.h"

enum {
	ACL_HEADER_LEN = 4,
	L2CAP_HEADER_LEN = 4,
	ACL_PDU_MAX = 517, /* the longest ATT PDU; no other channel here has longer ones */
	ACL_FRAME_MAX = L2CAP_HEADER_LEN + ACL_PDU_MAX,
	ACL_PACKET_MAX = ACL_HEADER_LEN + ACL_FRAME_MAX,
	ACL_QUEUE_MAX = 4096
};

/* The controller's buffers for what we send, shared by its connections. */
struct acl_buffers {
	uint16_t len; /* data bytes in one */
	uint16_t total;
	uint16_t free;
};

/* The frames of one connection; all zero but the handle to begin with. */
struct acl_link {
	uint16_t handle;
	uint16_t in_flight;         /* buffers of the controller that hold packets of ours */
	uint8_t out[ACL_QUEUE_MAX]; /* whole frames, the first of them partly sent */
	size_t out_len;
	size_t out_count; /* of frames */
	size_t sent;
	uint8_t in[ACL_FRAME_MAX];
	size_t in_len; /* bytes come of the frame, may be more than are kept */
	bool in_began;
};

struct acl_frame {
	uint16_t channel;
	const uint8_t *data; /* borrowed until the next packet of the connection */
	size_t len;
};

/*
 * Puts a frame behind all others: whatever answers the peer while a frame is under way goes out
 * after that frame's last fragment, for a frame torn in two cannot be put together again. False:
 * no room.
 */
bool acl_queue(struct acl_link *link, uint16_t channel, const uint8_t *data, size_t len);

/* A frame of any length would be taken. */
bool acl_has_room(const struct acl_link *link);

/* At least as many frames as the peer may not have got yet: those queued, and a packet in the
 * controller counts as one. */
size_t acl_waiting(const struct acl_link *link);

/* The next packet for the controller, without its H4 type: its length; 0 when nothing waits or no
 * buffer is free. */
size_t acl_next(struct acl_link *link, struct acl_buffers *buffers, uint8_t buf[ACL_PACKET_MAX]);

/* Number Of Completed Packets; believes no more than there were. */
void acl_completed(struct acl_link *link, struct acl_buffers *buffers, uint16_t count);

/* The connection is gone: the controller has freed its buffers and will not count them (Vol 4,
 * Part E, 4.3). */
void acl_lost(struct acl_link *link, struct acl_buffers *buffers);

enum acl_arrival {
	ACL_PART,   /* of a frame; more is to come */
	ACL_WHOLE,  /* *ret_frame */
	ACL_DAMAGED /* a frame has been dropped: too long, overrun, or without its beginning */
};

/* The handle and flags of a packet; false: it is shorter than its header. */
bool acl_parse(const uint8_t *packet, size_t len, uint16_t *ret_handle, bool *ret_continues);

enum acl_arrival acl_receive(struct acl_link *link, const uint8_t *packet, size_t len,
			     struct acl_frame *ret_frame);

#endif
