/* Adapters, as bluetoothd knows them. */
#ifndef OTADFU_TRANSPORTS_BLUEZADAPTER_H
#define OTADFU_TRANSPORTS_BLUEZADAPTER_H

#include "bluezobj.h"

enum { BLUEZADAPTER_PATH_MAX = 64, BLUEZADAPTER_TEXT_MAX = 64 };

/* What properties of org.bluez.Adapter1 say. Unknown texts are empty. */
struct bluezadapter {
	char path[BLUEZADAPTER_PATH_MAX];
	bool powered;
	bool blocked; /* by rfkill */
	char address[BLUEZADAPTER_TEXT_MAX];
	char alias[BLUEZADAPTER_TEXT_MAX];
	char modalias[BLUEZADAPTER_TEXT_MAX];
};

/* Reads "a{sv}" into adapter, which keeps what is not said. Negative errno; else at least 0. */
int bluezadapter_read(struct bluezadapter *adapter, sd_bus_message *message);

/*
 * Out of objects (bluezobj.h), the one named wanted, "hci0"; NULL: the first that is switched on.
 * OTADFU_E_NOT_FOUND when there is none, or it is switched off or blocked.
 */
int bluezadapter_choose(struct bluezbus *bus, const char *wanted, sd_bus_message *objects,
			struct bluezadapter *ret_adapter);

/* Records that it is switched off, or blocked, and what helps. */
int bluezadapter_fail_off(struct bluezbus *bus, const struct bluezadapter *adapter);

#endif
