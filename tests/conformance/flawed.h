/* The sim transport with one defect: what its two halves share. */
#ifndef FLAWED_H
#define FLAWED_H

#include <otadfu/transport.h>
#include <stdbool.h>

enum { CHRS_MAX = 16, QUEUE_SMALL = 16, BACKLOG_MAX = 256, VALUE_MAX = 512 };

/* Later than any test allows. */
enum { FLAWED_TOO_LATE_MS = 2000 };

struct packet {
	uint16_t id;
	size_t len;
	uint8_t data[VALUE_MAX];
};

/* What is behind the host's struct otadfu_adapter * and struct otadfu_link *. */
struct flawed_adapter {
	struct otadfu_adapter *sim;       /* NULL: nothing was opened */
	struct otadfu_link *kept;         /* not ended: of "again" */
	struct otadfu_chr list[CHRS_MAX]; /* of the first discover: of "database" */
	size_t list_len;
	bool blocked; /* by a failed connect: of "absent" */
	bool forgotten;
	int fd; /* "close" */
};

struct flawed_link {
	struct flawed_adapter *adapter;
	struct otadfu_link *sim;
	uint16_t mtu;
	uint16_t subscribed[CHRS_MAX];
	size_t subscribed_count;
	uint16_t abandoned; /* the id of a read that was given up; 0: none */
	bool is_lost;       /* and known to be */
	bool was_lost_at_once;
	unsigned taken; /* notifications */
	struct packet queue[QUEUE_SMALL];
	size_t queue_len;
	bool queue_lost;
	struct packet *backlog; /* commands that were not sent */
	size_t backlog_len;
	int fd; /* "close-on-exec" */
};

/* What is wrapped. */
const struct otadfu_transport_ops *flawed_sim(void);

/* Is that the defect of this run? */
bool flawed_has(struct otadfu_ctx *ctx, const char *defect);

/* Comes back after FLAWED_TOO_LATE_MS. */
void flawed_oversleep(void);

/* Defects of time have the name of the verb: late by what code says. Returns code. */
int flawed_end(struct otadfu_ctx *ctx, const char *verb, int code);

/* "indication": the device hears of no confirmation. */
void flawed_withhold_confirmations(bool withhold);

extern const struct otadfu_link_ops flawed_link_ops;

#endif
