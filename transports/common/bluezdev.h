/* What bluetoothd has heard from one device, as the advertisement it heard it in. */
#ifndef OTADFU_TRANSPORTS_BLUEZDEV_H
#define OTADFU_TRANSPORTS_BLUEZDEV_H

#include "adbuild.h"

#include <systemd/sd-bus.h>

enum { BLUEZDEV_PATH_MAX = 64 };

enum bluezdev_part {
	BLUEZDEV_FLAGS,
	BLUEZDEV_NAME,
	BLUEZDEV_SERVICES,
	BLUEZDEV_TX_POWER,
	BLUEZDEV_MANUFACTURER,
	BLUEZDEV_SERVICE_DATA,
	BLUEZDEV_PARTS
};

enum { BLUEZDEV_DATA_MAX = BLUEZDEV_PARTS * AD_PART_MAX };

struct bluezdev {
	char path[BLUEZDEV_PATH_MAX];
	struct otadfu_addr addr;
	bool has_addr;
	bool heard; /* set by bluezdev_read for what only an advertisement can change */
	int16_t rssi_dbm;
	uint64_t last_heard; /* the owner's count, to forget the oldest first */
	struct ad_part parts[BLUEZDEV_PARTS];
};

/* path is shorter than BLUEZDEV_PATH_MAX. */
void bluezdev_init(struct bluezdev *device, const char *path);

/* Takes over what "a{sv}", properties of org.bluez.Device1, says; and drops what "as" names as no
 * longer known. Negative errno for a message that is not what it says. */
int bluezdev_read(struct bluezdev *device, sd_bus_message *message);
int bluezdev_read_lost(struct bluezdev *device, sd_bus_message *message);

/* ret_advert borrows data. */
void bluezdev_advert(const struct bluezdev *device, uint8_t data[BLUEZDEV_DATA_MAX],
		     struct otadfu_advert *ret_advert);

#endif
