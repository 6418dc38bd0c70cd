/* The objects of bluetoothd, as org.freedesktop.DBus.ObjectManager tells them. */
#ifndef OTADFU_TRANSPORTS_BLUEZOBJ_H
#define OTADFU_TRANSPORTS_BLUEZOBJ_H

#include "bluezbus.h"

#define BLUEZ_ADAPTER        "org.bluez.Adapter1"
#define BLUEZ_DEVICE         "org.bluez.Device1"
#define BLUEZ_SERVICE        "org.bluez.GattService1"
#define BLUEZ_CHARACTERISTIC "org.bluez.GattCharacteristic1"
#define BLUEZ_OBJECT_MANAGER "org.freedesktop.DBus.ObjectManager"
#define BLUEZ_PROPERTIES     "org.freedesktop.DBus.Properties"

/* One interface of the object at path: takes exactly its a{sv} out of message. Negative errno; else
 * at least 0. */
typedef int bluezobj_fn(void *user, const char *path, const char *interface,
			sd_bus_message *message);

/* Reads "a{sa{sv}}", the interfaces of one object. Negative errno for a message that is not what it
 * says, or what take returned; else at least 0. */
int bluezobj_read_interfaces(sd_bus_message *message, const char *path, bluezobj_fn *take,
			     void *user);

/* All objects, as objects, the answer below, says, from its beginning. As above. */
int bluezobj_read(sd_bus_message *objects, bluezobj_fn *take, void *user);

/* Asks for them; what bluezbus_call() says. The caller unrefs. */
int bluezobj_get(struct bluezbus *bus, uint64_t deadline_ms, sd_bus_message **ret_objects);

/* Records that they cannot be read, by a negative errno. */
int bluezobj_fail(struct bluezbus *bus, int r);

/* "hci0" of "/org/bluez/hci0" */
const char *bluezobj_name(const char *path);

#endif
