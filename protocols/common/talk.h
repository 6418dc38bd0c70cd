/*
 * What both DFU protocols do on one connection: write a control point, wait for what it says,
 * push data. Functions that record say why they failed to the host, for a caller that gives up;
 * the others leave that to a caller that may know a way on.
 */
#ifndef OTADFU_PROTOCOLS_TALK_H
#define OTADFU_PROTOCOLS_TALK_H

#include <otadfu/host.h>

enum { TALK_NOTE_MAX = 256 };

/* Lives on the stack of one call. */
struct talk {
	struct otadfu_ctx *ctx;
	uint16_t control;
	uint16_t packet; /* 0: none asked for */
	uint8_t note[TALK_NOTE_MAX];
	size_t note_len; /* of the last notification; 0: none came yet */
};

/* How long something is waited for, and what it is called in messages. */
struct talk_limit {
	const char *what;
	uint32_t limit_ms;
	uint64_t deadline_ms;
};

/* Finds both characteristics (packet may be NULL) and subscribes to the first. Records. */
int talk_open(struct talk *talk, struct otadfu_ctx *ctx, const struct otadfu_uuid *service,
	      const struct otadfu_uuid *control, const struct otadfu_uuid *packet);

/* Begins now. */
struct talk_limit talk_limit(const struct talk *talk, const char *what, uint32_t limit_ms);

/* Waits for one notification; it stands in talk->note. */
int talk_wait(struct talk *talk, const struct talk_limit *limit);

/* Drops what has come before it was asked for: late answers, receipts that came twice, what another
 * connection was told. A link that is lost shows at the next request. */
void talk_drop_stale(struct talk *talk);

/* Records that talk_wait returned code. */
int talk_wait_failed(struct talk *talk, const struct talk_limit *limit, int code);

/* Writes the control point. Once more, after subscribing again, when the peer says that
 * notifications are off: a cached attribute table can cost the subscription. */
int talk_try_write(struct talk *talk, const uint8_t *data, size_t len);

/* The same; what names the request. Records. */
int talk_write(struct talk *talk, const char *what, const uint8_t *data, size_t len);

/* Sends one data packet. Records. */
int talk_push(struct talk *talk, const uint8_t *data, size_t len);

/* What a person can do about OTADFU_E_SECURITY. */
const char *talk_security_advice(int32_t att_error);

/* OTADFU_OK once the link is lost. */
int talk_wait_gone(struct talk *talk, uint32_t limit_ms);

/* Records and returns code. detail: the peer's result; 0 none. */
int talk_fail(struct talk *talk, int code, int32_t detail, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

/* To the debug log: the last notification was not the one waited for. */
void talk_ignore(struct talk *talk);

void talk_phase(struct talk *talk, uint32_t phase);
void talk_progress(struct talk *talk, size_t done, size_t total);

/* One line for the operator. */
void talk_tell(struct talk *talk, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
