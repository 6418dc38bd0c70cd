/* What the reader has heard and the scanning thread has not taken yet. */
#ifndef OTADFU_HCI_SIGHTINGS_H
#define OTADFU_HCI_SIGHTINGS_H

#include "hci.h"

#include <otadfu/types.h>

enum { SIGHTINGS_CAP = 64, SIGHTING_DATA_MAX = 255 };

struct sighting {
	struct otadfu_addr address;
	uint32_t flags; /* OTADFU_ADV_* */
	int8_t rssi_dbm;
	uint8_t data_len;
	uint8_t data[SIGHTING_DATA_MAX];
};

struct sightings {
	size_t first;
	size_t count;
	bool continues; /* the next report of .continued is the rest of one that was put */
	struct otadfu_addr continued;
	struct sighting items[SIGHTINGS_CAP];
};

void sightings_clear(struct sightings *sightings);

/* What finds no place is dropped: it will be heard again. */
void sightings_put(struct sightings *sightings, const struct hci_report *report);

/* The oldest is taken out; false: none. */
bool sightings_take(struct sightings *sightings, struct sighting *ret_sighting);

#endif
