#include "bluezadapter.h"

#include "adapters.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum { NAMES_MAX = 128 };

static int read_powered(void *object, sd_bus_message *message)
{
	struct bluezadapter *adapter = object;
	int powered;
	int r = sd_bus_message_read(message, "b", &powered);

	if (r > 0)
		adapter->powered = powered != 0;
	return r;
}

/* Since BlueZ 5.66; before, bluetoothd keeps it to itself. */
static int read_power_state(void *object, sd_bus_message *message)
{
	struct bluezadapter *adapter = object;
	const char *state;
	int r = sd_bus_message_read(message, "s", &state);

	if (r > 0)
		adapter->blocked = strcmp(state, "off-blocked") == 0;
	return r;
}

static int read_text(char text[BLUEZADAPTER_TEXT_MAX], sd_bus_message *message)
{
	const char *value;
	int r = sd_bus_message_read(message, "s", &value);

	if (r > 0)
		snprintf(text, BLUEZADAPTER_TEXT_MAX, "%s", value);
	return r;
}

static int read_address(void *object, sd_bus_message *message)
{
	return read_text(((struct bluezadapter *)object)->address, message);
}

static int read_alias(void *object, sd_bus_message *message)
{
	return read_text(((struct bluezadapter *)object)->alias, message);
}

static int read_modalias(void *object, sd_bus_message *message)
{
	return read_text(((struct bluezadapter *)object)->modalias, message);
}

/* BlueZ doc/org.bluez.Adapter.rst. */
static const struct bluezbus_property properties[] = {
	{ "Powered", "b", read_powered },   { "PowerState", "s", read_power_state },
	{ "Address", "s", read_address },   { "Alias", "s", read_alias },
	{ "Modalias", "s", read_modalias },
};

int bluezadapter_read(struct bluezadapter *adapter, sd_bus_message *message)
{
	return bluezbus_read_properties(message, properties,
					sizeof(properties) / sizeof(properties[0]), adapter);
}

/* The kernel knows it of whatever bluetoothd. */
static bool is_blocked(const struct bluezadapter *adapter)
{
	struct adapters adapters;

	if (adapter->blocked || adapters_look(&adapters) != 0)
		return adapter->blocked;
	for (size_t i = 0; i < adapters.count; i++) {
		if (strcmp(adapters.items[i].name, bluezobj_name(adapter->path)) == 0)
			return adapters.items[i].lack == ADAPTER_BLOCKED_SOFT ||
			       adapters.items[i].lack == ADAPTER_BLOCKED_HARD;
	}
	return false;
}

int bluezadapter_fail_off(struct bluezbus *bus, const struct bluezadapter *adapter)
{
	const char *name = bluezobj_name(adapter->path);

	if (is_blocked(adapter))
		return bluezbus_fail(bus, OTADFU_E_NOT_FOUND, ERFKILL,
				     "the adapter %s is blocked; `rfkill unblock bluetooth`, or a "
				     "switch on the computer",
				     name);
	return bluezbus_fail(bus, OTADFU_E_NOT_FOUND, ENETDOWN,
			     "the adapter %s is switched off; `bluetoothctl power on`, and before "
			     "that `rfkill unblock bluetooth` where it is blocked",
			     name);
}

struct choice {
	const char *wanted; /* "hci0"; NULL: the first that is switched on */
	struct bluezadapter best;
	char names[NAMES_MAX]; /* of all there are */
};

/* hci2 comes before hci10. */
static bool is_before(const char *a, const char *b)
{
	return strlen(a) != strlen(b) ? strlen(a) < strlen(b) : strcmp(a, b) < 0;
}

static bool is_better(const struct choice *choice, const struct bluezadapter *adapter)
{
	const struct bluezadapter *best = &choice->best;

	if (choice->wanted)
		return strcmp(bluezobj_name(adapter->path), choice->wanted) == 0;
	if (best->path[0] == '\0' || adapter->powered != best->powered)
		return best->path[0] == '\0' || adapter->powered;
	return is_before(adapter->path, best->path);
}

static int take_adapter(void *user, const char *path, const char *interface,
			sd_bus_message *message)
{
	struct choice *choice = user;
	struct bluezadapter adapter = { 0 };
	size_t used = strlen(choice->names);
	int r;

	if (strcmp(interface, BLUEZ_ADAPTER) != 0 || strlen(path) >= sizeof(adapter.path))
		return sd_bus_message_skip(message, "a{sv}");
	strcpy(adapter.path, path);
	r = bluezadapter_read(&adapter, message);
	if (r < 0)
		return r;
	snprintf(choice->names + used, sizeof(choice->names) - used, "%s%s", used > 0 ? ", " : "",
		 bluezobj_name(path));
	if (is_better(choice, &adapter))
		choice->best = adapter;
	return 0;
}

int bluezadapter_choose(struct bluezbus *bus, const char *wanted, sd_bus_message *objects,
			struct bluezadapter *ret_adapter)
{
	struct choice choice = { .wanted = wanted };
	int r = bluezobj_read(objects, take_adapter, &choice);

	if (r < 0)
		return bluezobj_fail(bus, r);
	if (choice.names[0] == '\0')
		return bluezbus_fail(bus, OTADFU_E_NOT_FOUND, ENODEV,
				     "bluetoothd has no Bluetooth adapter; is it plugged in, and "
				     "its driver loaded?");
	if (choice.best.path[0] == '\0')
		return bluezbus_fail(bus, OTADFU_E_NOT_FOUND, ENODEV,
				     "bluetoothd has no adapter '%.32s'; it has %s", wanted,
				     choice.names);
	if (!choice.best.powered)
		return bluezadapter_fail_off(bus, &choice.best);
	*ret_adapter = choice.best;
	return OTADFU_OK;
}
