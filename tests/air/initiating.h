/* A controller that is about to connect (Core Specification, Vol 6, Part B, 4.4.4). */
#ifndef AIR_INITIATING_H
#define AIR_INITIATING_H

#include "advertising.h"
#include "link.h"
#include "scanning.h"

struct initiator {
	bool on;
	bool cancelled; /* which is told after the command's own answer */
	bool extended;
	bool by_accept_list;
	uint8_t own_type;
	struct address peer;
	struct listening listening;
	struct connection_parameters parameters;
};

/* An advertising PDU reaches the initiator. True: it connects, and the set is off. */
bool initiator_hear(struct controller *initiator, struct controller *advertiser,
		    struct advert_set *set);

uint64_t initiator_next_us(const struct controller *controller);
void initiator_run(struct controller *controller);

#endif
