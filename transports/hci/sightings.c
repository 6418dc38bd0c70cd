#include "sightings.h"

void sightings_clear(struct sightings *sightings)
{
	sightings->first = 0;
	sightings->count = 0;
	sightings->continues = false;
}

static bool is_same(const struct otadfu_addr *a, const struct otadfu_addr *b)
{
	return a->type == b->type && memcmp(a->bytes, b->bytes, sizeof(a->bytes)) == 0;
}

/* Of long advertising data the first report has what a device says of itself. */
static bool is_rest(struct sightings *sightings, const struct hci_report *report)
{
	bool rest = sightings->continues && is_same(&sightings->continued, &report->address);

	if (rest || report->continues) {
		sightings->continues = report->continues;
		sightings->continued = report->address;
	}
	return rest;
}

/* Without an AD structure that has lost its end. */
static size_t whole_len(const struct hci_report *report)
{
	size_t len = 0;

	if (!report->partial)
		return report->data_len;
	while (len < report->data_len && len + 1 + report->data[len] <= report->data_len)
		len += 1U + report->data[len];
	return len;
}

void sightings_put(struct sightings *sightings, const struct hci_report *report)
{
	struct sighting *sighting;

	if (is_rest(sightings, report) || sightings->count == SIGHTINGS_CAP)
		return;
	sighting = &sightings->items[(sightings->first + sightings->count++) % SIGHTINGS_CAP];
	sighting->address = report->address;
	sighting->flags = (report->connectable ? OTADFU_ADV_CONNECTABLE : 0) |
			  (report->directed ? OTADFU_ADV_DIRECTED : 0) |
			  (report->scan_response ? OTADFU_ADV_SCAN_RESPONSE : 0);
	sighting->rssi_dbm = report->rssi_dbm;
	sighting->data_len = (uint8_t)whole_len(report);
	if (sighting->data_len > 0)
		memcpy(sighting->data, report->data, sighting->data_len);
}

bool sightings_take(struct sightings *sightings, struct sighting *ret_sighting)
{
	if (sightings->count == 0)
		return false;
	*ret_sighting = sightings->items[sightings->first];
	sightings->first = (sightings->first + 1) % SIGHTINGS_CAP;
	sightings->count--;
	return true;
}
