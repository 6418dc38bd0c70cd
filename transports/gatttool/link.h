/* One connection: what gatttool said of it so far, and how to ask for more. */
#ifndef OTADFU_GATTTOOL_LINK_H
#define OTADFU_GATTTOOL_LINK_H

#include "att.h"
#include "console.h"
#include "notifyq.h"

#include <otadfu/transport.h>

enum {
	LINK_SERVICES_MAX = 128,
	LINK_CHARACTERISTICS_MAX = 512,
	LINK_TEXT_MAX = 128,
	ADDRESS_TEXT_MAX = 18
};

struct service {
	uint16_t start;
	uint16_t end;
	struct otadfu_uuid uuid;
};

struct characteristic {
	uint16_t declaration;
	struct otadfu_uuid uuid;
	uint16_t value;
	uint8_t props;
	uint16_t cccd; /* 0: not looked for yet */
};

enum request {
	REQUEST_NONE = 0,
	REQUEST_MTU,
	REQUEST_SERVICES,
	REQUEST_CHARACTERISTICS,
	REQUEST_DESCRIPTORS,
	REQUEST_READ,
	REQUEST_WRITE
};

struct reply {
	bool refused;
	char text[LINK_TEXT_MAX]; /* when refused: gatttool's words */
	uint16_t mtu;
	size_t len;
	uint8_t value[ATT_VALUE_MAX];
};

struct otadfu_link {
	struct console console;
	struct notifyq *values;
	char peer[ADDRESS_TEXT_MAX]; /* "C0:FF:EE:00:00:01" */
	bool connected;              /* it was */
	bool gone;
	bool failed;              /* gatttool has told an error */
	char said[LINK_TEXT_MAX]; /* the last line that is no event, or the last error */
	uint16_t mtu;
	unsigned marks; /* typed and not answered */

	enum request asked;   /* the last one */
	enum request awaited; /* NONE: it was answered, in time or late */
	uint64_t asked_ms;
	bool listed; /* a list has begun; the next mark ends it */
	struct reply reply;

	size_t service_count;
	size_t characteristic_count;
	bool too_many; /* of what was last listed */
	uint16_t cccd; /* of the descriptors last asked for */
	struct service services[LINK_SERVICES_MAX];
	struct characteristic characteristics[LINK_CHARACTERISTICS_MAX];
};

typedef bool link_condition_fn(struct otadfu_link *link, void *user);

/*
 * Returns OTADFU_OK once happened says so, whatever else is the case; OTADFU_E_DISCONNECTED once
 * the link is gone; OTADFU_E_TIMEOUT, OTADFU_E_CANCELLED, OTADFU_E_IO. Records nothing.
 */
int link_await(struct otadfu_ctx *ctx, struct otadfu_link *link, link_condition_fn *happened,
	       void *user, uint64_t deadline_ms);

/* Takes in what has come. OTADFU_OK, or what link_await says; a loss is recorded. */
int link_check(struct otadfu_ctx *ctx, struct otadfu_link *link);

/* For what it returned but OTADFU_OK: records that what did not come, and returns code. */
int link_fail(struct otadfu_ctx *ctx, const struct otadfu_link *link, int code, const char *what);

/*
 * Types `mtu` without its number. The answer comes from gatttool itself, at once and behind
 * everything typed before: all of that is obeyed then.
 */
void link_mark(struct otadfu_link *link);
bool link_is_marked(struct otadfu_link *link, void *unused); /* all marks are answered */

/* Types a command that nobody answers, and returns when it is obeyed. Records failures. */
int link_command(struct otadfu_ctx *ctx, struct otadfu_link *link, uint64_t deadline_ms,
		 const char *line);

/*
 * Types a request, once the answer to the one before has come, and returns with its reply in
 * link->reply, be it a refusal. Records failures.
 */
int link_request(struct otadfu_ctx *ctx, struct otadfu_link *link, enum request request,
		 uint64_t deadline_ms, const char *line);

/* OTADFU_OK when the last request was granted; else records the refusal. */
int link_judge(struct otadfu_ctx *ctx, const struct otadfu_link *link);

/* The ATT error of a refusal; 0: gatttool did not say which. */
uint8_t link_att_error(const struct otadfu_link *link);

/* Starts the adapter's program, and ends it: does it understand what it will be told? */
int link_try_program(struct otadfu_ctx *ctx, const struct otadfu_adapter *adapter);

/* The table's functions that are of some length. */
int link_open(struct otadfu_ctx *ctx, struct otadfu_adapter *adapter,
	      const struct otadfu_addr *peer, struct otadfu_link **ret_link, uint64_t deadline_ms);
void link_close(struct otadfu_ctx *ctx, struct otadfu_link *link);
int link_discover(struct otadfu_ctx *ctx, struct otadfu_link *link, struct otadfu_chr *buf,
		  size_t cap, size_t *ret_count, uint64_t deadline_ms);
int link_subscribe(struct otadfu_ctx *ctx, struct otadfu_link *link, uint16_t id,
		   uint64_t deadline_ms);

#endif
