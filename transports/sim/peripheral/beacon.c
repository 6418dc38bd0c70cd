#include "beacon.h"

#include "address.h"

#include <otadfu/host.h>
#include <string.h>

enum { ADDRESS_PUBLIC = 0, ADVERTISING_MS = 25 /* as the bootloaders do */ };

bool beacon_can_be(const struct beacon *beacon, const struct otadfu_addr *addr)
{
	struct otadfu_addr own = radio_address(beacon->radio);

	return addr->type != ADDRESS_PUBLIC ||
	       memcmp(addr->bytes, own.bytes, sizeof(own.bytes)) == 0;
}

/* What people see of an advertisement; empty if it has no name. */
static void find_name(const uint8_t *data, size_t len, char name[DEVICE_ADV_MAX])
{
	enum { SHORT_NAME = 0x08, COMPLETE_NAME = 0x09 };

	name[0] = '\0';
	for (size_t i = 0; i + 1 < len && data[i] > 0; i += data[i] + (size_t)1) {
		if ((data[i + 1] != SHORT_NAME && data[i + 1] != COMPLETE_NAME) ||
		    i + data[i] >= len)
			continue;
		memcpy(name, data + i + 2, data[i] - (size_t)1);
		name[data[i] - 1] = '\0';
	}
}

static void tell(const struct beacon *beacon)
{
	const struct radio_advert *advert = &beacon->advert;
	char own[ADDRESS_TEXT_SIZE];
	char peer[ADDRESS_TEXT_SIZE];
	char name[DEVICE_ADV_MAX];

	address_text(&advert->own, own);
	address_text(&advert->peer, peer);
	find_name(advert->data, advert->data_len, name);
	if (advert->directed)
		journal_line(beacon->journal, OTADFU_LOG_INFO, "advertising as %s, to %s alone",
			     own, peer);
	else
		journal_line(beacon->journal, OTADFU_LOG_INFO, "advertising as %s (%s)", own, name);
}

static bool can_show(struct beacon *beacon, const struct otadfu_addr *addr)
{
	char text[ADDRESS_TEXT_SIZE];
	bool can = beacon_can_be(beacon, addr);

	if (!can && !beacon->dumb) {
		address_text(addr, text);
		journal_line(beacon->journal, OTADFU_LOG_ERROR,
			     "cannot advertise as %s: it is not this controller's public address; "
			     "give the device a random one",
			     text);
	}
	beacon->dumb = !can;
	return can;
}

void beacon_show(struct beacon *beacon, const struct device_advert *seen,
		 const struct otadfu_addr *central)
{
	struct radio_advert advert = { .interval_ms = ADVERTISING_MS };

	if (!seen || !can_show(beacon, &seen->addr)) {
		radio_advertise(beacon->radio, NULL);
		beacon->shown = false;
		return;
	}
	advert.own = seen->addr;
	advert.directed = seen->directed;
	advert.data_len = seen->data_len;
	memcpy(advert.data, seen->data, seen->data_len);
	if (seen->directed)
		advert.peer = *central;
	if (beacon->shown && memcmp(&advert, &beacon->advert, sizeof(advert)) == 0)
		return;
	beacon->advert = advert;
	beacon->shown = true;
	radio_advertise(beacon->radio, &advert);
	tell(beacon);
}
