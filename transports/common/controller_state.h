/* What the files of controller.c share, and nobody else sees. */
#ifndef OTADFU_TRANSPORTS_CONTROLLER_STATE_H
#define OTADFU_TRANSPORTS_CONTROLLER_STATE_H

#include "acl.h"
#include "controller.h"
#include "h4.h"
#include "setup.h"

struct controller_link {
	bool used;
	bool central;       /* our role */
	bool refused;       /* a PDU, so that room is to be told */
	uint8_t request_id; /* of our parameter request; 0: none is open */
	struct acl_link acl;
};

struct controller {
	struct h4 h4;
	struct controller_observer observer;
	struct problem problem;
	int failed; /* OTADFU_E_*, for good */
	struct setup setup;
	struct commands commands;
	struct acl_buffers buffers;
	struct controller_link links[CONTROLLER_LINKS_MAX];
	size_t turn; /* the link whose turn it is to send */
};

/* To the observer's log. */
void controller_say(struct controller *controller, int level, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

struct controller_link *controller_find_link(struct controller *controller, uint16_t handle);
struct controller_link *controller_unused_link(struct controller *controller);

/* It is gone: its buffers are free, and the observer is told. */
void controller_lose_link(struct controller *controller, struct controller_link *link,
			  uint8_t reason);

/* What the controller says; user is the struct controller. */
void controller_take_packet(void *user, const struct h4_packet *packet);

#endif
