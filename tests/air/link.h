/*
 * A connection of two controllers (Core Specification, Vol 6, Part B, 4.5): connection events at
 * its interval, in each of them exchanges of two packets, one of either side, as long as there is
 * data and time.
 */
#ifndef AIR_LINK_H
#define AIR_LINK_H

#include "acl.h"
#include "address.h"
#include "procedures.h"

struct air;
struct controller;

enum { LINK_TEXT_SIZE = 160 };

struct data_length {
	uint16_t octets;
	uint16_t time_us;
};

struct link_side {
	struct controller *controller; /* NULL: it vanished without a word */
	struct address address;
	uint16_t handle;
	struct data_length wish;   /* what its host wants to send */
	struct data_length length; /* what it may send */
	uint8_t phy;               /* that it sends with */
	struct acl_queue queue;
	struct procedure procedures[PROCEDURE_KINDS];
	unsigned packets; /* of the host, delivered whole */
	unsigned pdus;    /* that they took */
};

struct link {
	bool used;
	bool established;
	bool silent; /* cut: nobody hears anything */
	unsigned number;
	struct air *air;
	struct connection_parameters parameters;
	struct link_side sides[SIDES];
	uint64_t anchor_us; /* of the event under way, or of the last one */
	uint64_t next_us;   /* the next exchange, or the end of patience */
	uint64_t heard_us;
	unsigned events;
	unsigned exchanges; /* of the event under way */
	unsigned missed;    /* events without an answer */
};

struct link_ends {
	struct controller *controllers[SIDES];
	struct address addresses[SIDES];
};

static inline enum side other_side(enum side side)
{
	return side == CENTRAL ? PERIPHERAL : CENTRAL;
}

/* Both have room for it; their hosts are told. */
const struct link *link_begin(struct air *air, const struct link_ends *ends,
			      const struct connection_parameters *parameters);

/* Connection Complete of a link that did not come about. */
void link_tell_failure(struct controller *controller, enum side side, uint8_t status);

/* Both hosts are told, each its reason. */
void link_end(struct link *link, uint8_t central_reason, uint8_t peripheral_reason);

/* One side is no more; the other one will find out. */
void link_abandon(struct link *link, enum side side);

/* Nobody hears anything of it from now on. */
void link_cut(struct link *link);

/* What it has carried. */
void link_text(const struct link *link, char text[LINK_TEXT_SIZE]);

void link_run(struct link *link);

#endif
