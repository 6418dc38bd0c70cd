/* One device as bluetoothd knows it, with the services and characteristics it has found there. */
#ifndef OTADFU_BLUEZ_REMOTE_H
#define OTADFU_BLUEZ_REMOTE_H

#include "bluezobj.h"

#include <otadfu/types.h>

/* "C0:FF:EE:00:00:01" */
enum { REMOTE_PATH_MAX = 96, REMOTE_ADDRESS_MAX = 18 };

struct remote_service {
	uint16_t handle;
	struct otadfu_uuid uuid;
};

struct remote_characteristic {
	uint16_t service; /* its handle */
	struct otadfu_chr chr;
};

struct remote {
	char path[REMOTE_PATH_MAX];
	bool known; /* there is an object */
	bool connected;
	bool resolved; /* bluetoothd has found out the services of this connection */
	bool paired;
	bool blocked;
	bool in_use; /* a program is subscribed to it, or has acquired a characteristic */
	uint8_t addr_type;
	uint16_t mtu; /* of the link; 0: it is not told */
	struct remote_service *services;
	size_t service_count;
	struct remote_characteristic *characteristics; /* by their ids */
	size_t characteristic_count;
};

/* All zero but for its path. */
void remote_init(struct remote *remote, const char *adapter_path, const struct otadfu_addr *addr);
void remote_clear(struct remote *remote);

void remote_format_address(const struct otadfu_addr *addr, char text[REMOTE_ADDRESS_MAX]);

/* Reads what objects (bluezobj.h) say of it; what was read before is forgotten. Negative errno for
 * a message that is not what it says. */
int remote_read(struct remote *remote, sd_bus_message *objects);

/* Takes over a change: "a{sv}" of org.bluez.Device1. Negative errno, as above. */
int remote_read_change(struct remote *remote, sd_bus_message *message);

/* Connected, and used by nobody that can be told: a killed program's link, or one that somebody has
 * made and left alone. */
bool remote_is_idle(const struct remote *remote);

/* NULL: none. */
const struct remote_characteristic *remote_find(const struct remote *remote, uint16_t id);
void remote_format_path(const struct remote *remote, const struct remote_characteristic *of,
			char path[REMOTE_PATH_MAX]);

#endif
