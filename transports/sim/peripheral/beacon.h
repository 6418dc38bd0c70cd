/* What a device shows of itself while no central is connected. */
#ifndef OTADFU_PERIPHERAL_BEACON_H
#define OTADFU_PERIPHERAL_BEACON_H

#include "device.h"
#include "journal.h"
#include "radio.h"

/* Set radio and journal, zero the rest. */
struct beacon {
	struct radio *radio;
	const struct journal *journal;
	struct radio_advert advert; /* what the radio was told, if shown */
	bool shown;
	bool dumb; /* it cannot be shown on this controller, and that has been said */
};

/* A controller has one public address; random ones it takes as they come. */
bool beacon_can_be(const struct beacon *beacon, const struct otadfu_addr *addr);

/* From now on; NULL: nothing. central: to whom a directed one is addressed. */
void beacon_show(struct beacon *beacon, const struct device_advert *seen,
		 const struct otadfu_addr *central);

#endif
