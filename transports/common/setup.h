/*
 * What a controller is asked and told before it is used, and what it said (Core Specification,
 * Vol 4, Part E, 7): begins with a Reset. Pure.
 */
#ifndef OTADFU_TRANSPORTS_SETUP_H
#define OTADFU_TRANSPORTS_SETUP_H

#include "acl.h"
#include "hci.h"
#include "problem.h"

/* All zero to begin, and to begin anew. */
struct setup {
	size_t step;
	uint8_t version;       /* of HCI */
	uint16_t manufacturer; /* a company identifier */
	struct otadfu_addr address;
	uint8_t features[8];
	struct acl_buffers buffers;
};

/* The command to send next; false: the set-up is done. */
bool setup_next(const struct setup *setup, struct hci_command *ret_command);

/* Its answer. OTADFU_E_UNSUPPORTED when it was refused, PROTOCOL when the answer is of no use. */
int setup_answered(struct setup *setup, uint8_t status, const uint8_t *reply,
		   struct problem *ret_problem);

/* Once it has said so. */
bool setup_has(const struct setup *setup, enum hci_feature feature);

bool setup_is_done(const struct setup *setup);

#endif
