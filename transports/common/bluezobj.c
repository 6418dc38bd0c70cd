#include "bluezobj.h"

#include <errno.h>
#include <string.h>

int bluezobj_read_interfaces(sd_bus_message *message, const char *path, bluezobj_fn *take,
			     void *user)
{
	const char *interface;
	int r = sd_bus_message_enter_container(message, SD_BUS_TYPE_ARRAY, "{sa{sv}}");

	if (r < 0)
		return r;
	while ((r = sd_bus_message_enter_container(message, SD_BUS_TYPE_DICT_ENTRY, "sa{sv}")) >
	       0) {
		r = sd_bus_message_read(message, "s", &interface);
		if (r >= 0)
			r = take(user, path, interface, message);
		if (r >= 0)
			r = sd_bus_message_exit_container(message);
		if (r < 0)
			return r;
	}
	return r < 0 ? r : sd_bus_message_exit_container(message);
}

int bluezobj_read(sd_bus_message *objects, bluezobj_fn *take, void *user)
{
	const char *path;
	int r = sd_bus_message_rewind(objects, true);

	if (r >= 0)
		r = sd_bus_message_enter_container(objects, SD_BUS_TYPE_ARRAY, "{oa{sa{sv}}}");
	if (r < 0)
		return r;
	while ((r = sd_bus_message_enter_container(objects, SD_BUS_TYPE_DICT_ENTRY, "oa{sa{sv}}")) >
	       0) {
		r = sd_bus_message_read(objects, "o", &path);
		if (r >= 0)
			r = bluezobj_read_interfaces(objects, path, take, user);
		if (r >= 0)
			r = sd_bus_message_exit_container(objects);
		if (r < 0)
			return r;
	}
	return r;
}

int bluezobj_get(struct bluezbus *bus, uint64_t deadline_ms, sd_bus_message **ret_objects)
{
	return bluezbus_call(bus,
			     bluezbus_new_call(bus, "/", BLUEZ_OBJECT_MANAGER, "GetManagedObjects"),
			     deadline_ms, ret_objects);
}

int bluezobj_fail(struct bluezbus *bus, int r)
{
	return bluezbus_fail(bus, r == -ENOMEM ? OTADFU_E_NOMEM : OTADFU_E_IO, -r,
			     "the list of bluetoothd's devices cannot be read: %s", strerror(-r));
}

const char *bluezobj_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}
