/*
 * The client's end of one ATT bearer: one request at a time and its answer, commands, and what the
 * peer sends unasked, whichever call is under way: notifications go into the queue, indications and
 * his own requests are replied to. Knows nothing of the radio beneath.
 */
#ifndef OTADFU_TRANSPORTS_ATT_CHANNEL_H
#define OTADFU_TRANSPORTS_ATT_CHANNEL_H

#include "att.h"
#include "att_reply.h"
#include "notifyq.h"

#include <otadfu/host.h>

/* How PDUs reach a peer. Only wait and close may take time. A failure is recorded by host->fail
 * where nothing else is said; BUSY and OVERFLOW are none. */
struct att_bearer_ops {
	/* Hands over one PDU. OTADFU_E_BUSY: no room now, nothing is sent.
	 * OTADFU_E_DISCONNECTED, not recorded: check tells why. */
	int (*send)(struct otadfu_ctx *ctx, void *bearer, const uint8_t *pdu, size_t len);

	/* The next PDU that came, cut to cap. OTADFU_E_BUSY: none yet. OTADFU_E_OVERFLOW, once
	 * for each time: some that came are lost. OTADFU_E_DISCONNECTED: the link is lost, and
	 * all that came before is taken. */
	int (*receive)(struct otadfu_ctx *ctx, void *bearer, uint8_t *buf, size_t cap,
		       size_t *ret_len);

	/* Until receive, or where for_room is set send, has something else to say than BUSY.
	 * OTADFU_E_CANCELLED before anything else, OTADFU_E_TIMEOUT at the deadline. */
	int (*wait)(struct otadfu_ctx *ctx, void *bearer, bool for_room, uint64_t deadline_ms);

	/* OTADFU_E_DISCONNECTED once the link is lost, whatever there still is to receive. */
	int (*check)(struct otadfu_ctx *ctx, void *bearer);

	/* Ends the link and frees bearer, within 100 ms. */
	void (*close)(struct otadfu_ctx *ctx, void *bearer);
};

struct att_channel {
	const struct att_bearer_ops *ops;
	void *bearer;
	struct notifyq *values;
	uint16_t mtu;     /* in force */
	uint16_t own_mtu; /* the longest PDU we take, as the peer is told */

	uint8_t request; /* not answered yet; 0: none */
	bool abandoned;  /* its caller is gone: the late answer is discarded */
	size_t answer_len;
	uint8_t answer[ATT_MTU_MAX + 1]; /* one more than allowed, so that more is seen */

	/* A peer may have one request and one indication under way (Vol 3, Part F, 3.3.2); to one
	 * that has more, what finds no place is not replied. */
	size_t reply_count;
	struct {
		size_t len;
		uint8_t pdu[ATT_REPLY_MAX];
	} replies[4];
};

/* One request, and the answer, which is of its kind or an ATT_ERROR_RSP; borrowed until the next
 * call. OTADFU_E_PROTOCOL for any other. */
int att_channel_exchange(struct otadfu_ctx *ctx, struct att_channel *channel,
			 const struct att_pdu *request, struct att_pdu *ret_answer,
			 uint64_t deadline_ms);

/* Records what an ATT_ERROR_RSP says: OTADFU_E_SECURITY or OTADFU_E_ATT. */
int att_channel_refused(struct otadfu_ctx *ctx, const struct att_pdu *answer);

/* The same in one: an ATT_ERROR_RSP is a failure. */
int att_channel_request(struct otadfu_ctx *ctx, struct att_channel *channel,
			const struct att_pdu *request, struct att_pdu *ret_answer,
			uint64_t deadline_ms);

int att_channel_command(struct otadfu_ctx *ctx, struct att_channel *channel,
			const struct att_pdu *command, uint64_t deadline_ms);

/*
 * Until happened says so, which is asked first and again after whatever comes. An OTADFU_E_TIMEOUT
 * is the caller's to record. for_room: happened wants to send.
 */
typedef bool att_channel_fn(struct otadfu_ctx *ctx, struct att_channel *channel, void *user);
int att_channel_await(struct otadfu_ctx *ctx, struct att_channel *channel, att_channel_fn *happened,
		      void *user, bool for_room, uint64_t deadline_ms);

#endif
