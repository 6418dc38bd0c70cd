/*
 * The radio that all controllers share, and its time. Nothing in here waits: air_run does what is
 * due at the time it is told.
 */
#ifndef AIR_AIR_H
#define AIR_AIR_H

#include "controller.h"
#include "link.h"

#include <stdio.h>

enum { CONTROLLERS_MAX = 64, AIR_LINKS_MAX = 128, CUTS_MAX = 16 };

/* A link falls silent after a data PDU of its central. */
struct cut {
	unsigned pdu;
	unsigned link; /* by number, from 1; 0: the first one to get that far */
	bool done;
};

struct air_options {
	uint64_t seed;
	unsigned loss_percent;
	unsigned packets_per_event; /* 0: as many as there is time for */
	struct cut cuts[CUTS_MAX];
	size_t cut_count;
};

struct air {
	struct air_options options;
	FILE *log; /* borrowed */
	uint64_t start_us;
	uint64_t now_us;
	uint64_t random;
	struct controller *controllers[CONTROLLERS_MAX];
	struct link links[AIR_LINKS_MAX];
	unsigned links_begun;
};

void air_open(struct air *air, const struct air_options *options, FILE *log, uint64_t now_us);

/* Closes what controllers are left. */
void air_close(struct air *air);

/* NULL: no room. Makes an address up if there is none in traits; one that is taken becomes the
 * next. */
struct controller *air_add(struct air *air, const struct traits *traits);
void air_remove(struct air *air, struct controller *controller);

/* Does what is due until now, then says when to come again; UINT64_MAX: nothing is to come. */
void air_run(struct air *air, uint64_t now_us);
uint64_t air_next_us(const struct air *air);

uint64_t air_random(struct air *air);
bool air_loses(struct air *air);

/* The controller's link with that handle, or NULL. */
struct link *air_find_link(struct air *air, const struct controller *controller, uint16_t handle,
			   enum side *ret_side);
unsigned air_count_links(const struct air *air, const struct controller *controller);
struct link *air_free_link(struct air *air);

/* By any address that it uses; NULL: nobody does. */
struct controller *air_find_controller(struct air *air, const struct address *address);

__attribute__((format(printf, 2, 3))) void air_log(struct air *air, const char *format, ...);

/* How controllers and links stand. */
void air_report(const struct air *air, FILE *out);

#endif
