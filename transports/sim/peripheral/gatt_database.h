/*
 * The attributes of a simulated device as a client of ATT sees them: each service declared, each
 * characteristic with declaration, value and, where it notifies or indicates, the client's
 * configuration behind it (Core Specification, Vol 3, Part G, 3).
 */
#ifndef OTADFU_PERIPHERAL_GATT_DATABASE_H
#define OTADFU_PERIPHERAL_GATT_DATABASE_H

#include "att_server.h"
#include "device.h"

enum { GATT_ROWS_MAX = 4 * DEVICE_ATTRIBUTES_MAX };

enum gatt_kind { GATT_SERVICE = 0, GATT_DECLARATION, GATT_VALUE, GATT_CONFIGURATION };

struct gatt_row {
	uint16_t handle;
	uint16_t group_end; /* of GATT_SERVICE */
	enum gatt_kind kind;
	const struct device_attribute *source; /* for a service its first */
};

struct gatt_database {
	struct device *device;
	uint16_t indicated; /* handle of the indication that waits for its confirmation; 0: none */
	size_t count;
	struct gatt_row rows[GATT_ROWS_MAX];
};

/* Of what runs on the device now; good until that changes. False: its handles leave no room. */
bool gatt_database_build(struct gatt_database *database, struct device *device);

/* For an att_server whose user is a struct gatt_database. */
extern const struct att_database gatt_database_ops;

#endif
