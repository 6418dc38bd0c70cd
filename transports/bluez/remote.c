#include "remote.h"

#include "adbuild.h"
#include "words.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	ADDR_UNKNOWN = 255,
	SERVICES_MAX = 256,
	CHARACTERISTICS_MAX = 4096,
	MTU_MIN = 23,
	MTU_MAX = 517
};

void remote_format_address(const struct otadfu_addr *addr, char text[REMOTE_ADDRESS_MAX])
{
	const uint8_t *b = addr->bytes;

	snprintf(text, REMOTE_ADDRESS_MAX, "%02X:%02X:%02X:%02X:%02X:%02X", b[0], b[1], b[2], b[3],
		 b[4], b[5]);
}

void remote_init(struct remote *remote, const char *adapter_path, const struct otadfu_addr *addr)
{
	char address[REMOTE_ADDRESS_MAX];

	*remote = (struct remote){ .addr_type = ADDR_UNKNOWN };
	remote_format_address(addr, address);
	for (char *p = address; *p != '\0'; p++) {
		if (*p == ':')
			*p = '_';
	}
	snprintf(remote->path, sizeof(remote->path), "%.63s/dev_%s", adapter_path, address);
}

void remote_clear(struct remote *remote)
{
	free(remote->services);
	free(remote->characteristics);
	remote->services = NULL;
	remote->characteristics = NULL;
	remote->service_count = 0;
	remote->characteristic_count = 0;
}

/* --- org.bluez.Device1 --- */

static int read_flag(bool *flag, sd_bus_message *message)
{
	int value;
	int r = sd_bus_message_read(message, "b", &value);

	if (r > 0)
		*flag = value != 0;
	return r;
}

static int read_connected(void *object, sd_bus_message *message)
{
	return read_flag(&((struct remote *)object)->connected, message);
}

static int read_resolved(void *object, sd_bus_message *message)
{
	return read_flag(&((struct remote *)object)->resolved, message);
}

static int read_paired(void *object, sd_bus_message *message)
{
	return read_flag(&((struct remote *)object)->paired, message);
}

static int read_blocked(void *object, sd_bus_message *message)
{
	return read_flag(&((struct remote *)object)->blocked, message);
}

static int read_addr_type(void *object, sd_bus_message *message)
{
	struct remote *remote = object;
	const char *text;
	int r = sd_bus_message_read(message, "s", &text);

	if (r > 0)
		remote->addr_type = strcmp(text, "public") == 0   ? 0
				    : strcmp(text, "random") == 0 ? 1
								  : ADDR_UNKNOWN;
	return r;
}

static const struct bluezbus_property remote_properties[] = {
	{ "Connected", "b", read_connected },   { "ServicesResolved", "b", read_resolved },
	{ "Paired", "b", read_paired },         { "Blocked", "b", read_blocked },
	{ "AddressType", "s", read_addr_type },
};

int remote_read_change(struct remote *remote, sd_bus_message *message)
{
	return bluezbus_read_properties(message, remote_properties,
					sizeof(remote_properties) / sizeof(remote_properties[0]),
					remote);
}

/* --- org.bluez.GattService1 and GattCharacteristic1 --- */

/* What their properties say. */
struct attribute {
	bool has_uuid;
	struct otadfu_uuid uuid;
	uint16_t props;
	uint16_t mtu;
	bool in_use;
};

static int read_uuid(void *object, sd_bus_message *message)
{
	struct attribute *attribute = object;
	const char *text;
	int r = sd_bus_message_read(message, "s", &text);

	if (r > 0)
		attribute->has_uuid = ad_parse_uuid(text, &attribute->uuid);
	return r;
}

/* The bits of the characteristic declaration (Vol 3, Part G, 3.3.1.1). */
static const struct {
	const char *name;
	uint16_t prop;
} flags[] = {
	{ "broadcast", 0x01 },
	{ "read", OTADFU_PROP_READ },
	{ "write-without-response", OTADFU_PROP_WRITE_CMD },
	{ "write", OTADFU_PROP_WRITE },
	{ "notify", OTADFU_PROP_NOTIFY },
	{ "indicate", OTADFU_PROP_INDICATE },
	{ "authenticated-signed-writes", 0x40 },
	{ "extended-properties", 0x80 },
};

static int read_flags(void *object, sd_bus_message *message)
{
	struct attribute *attribute = object;
	const char *name;
	int r = sd_bus_message_enter_container(message, SD_BUS_TYPE_ARRAY, "s");

	if (r < 0)
		return r;
	while ((r = sd_bus_message_read(message, "s", &name)) > 0) {
		for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++) {
			if (strcmp(flags[i].name, name) == 0)
				attribute->props |= flags[i].prop;
		}
	}
	return r < 0 ? r : sd_bus_message_exit_container(message);
}

static int read_mtu(void *object, sd_bus_message *message)
{
	struct attribute *attribute = object;
	uint16_t mtu;
	int r = sd_bus_message_read(message, "q", &mtu);

	if (r > 0 && mtu >= MTU_MIN && mtu <= MTU_MAX)
		attribute->mtu = mtu;
	return r;
}

static int read_in_use(void *object, sd_bus_message *message)
{
	bool in_use = false;
	int r = read_flag(&in_use, message);

	((struct attribute *)object)->in_use |= in_use;
	return r;
}

static const struct bluezbus_property attribute_properties[] = {
	{ "UUID", "s", read_uuid },
	{ "Flags", "as", read_flags },
	{ "MTU", "q", read_mtu },
	{ "Notifying", "b", read_in_use },
	{ "NotifyAcquired", "b", read_in_use },
	{ "WriteAcquired", "b", read_in_use },
};

static int add_service(struct remote *remote, const struct gatt_path *place,
		       const struct attribute *attribute)
{
	struct remote_service *grown;

	if (remote->service_count == SERVICES_MAX)
		return 0;
	grown = reallocarray(remote->services, remote->service_count + 1, sizeof(*grown));
	if (!grown)
		return -ENOMEM;
	remote->services = grown;
	grown[remote->service_count++] =
		(struct remote_service){ .handle = place->service, .uuid = attribute->uuid };
	return 0;
}

static int add_characteristic(struct remote *remote, const struct gatt_path *place,
			      const struct attribute *attribute)
{
	struct remote_characteristic *grown;

	remote->in_use |= attribute->in_use;
	if (attribute->mtu != 0)
		remote->mtu = attribute->mtu;
	if (remote->characteristic_count == CHARACTERISTICS_MAX)
		return 0;
	grown = reallocarray(remote->characteristics, remote->characteristic_count + 1,
			     sizeof(*grown));
	if (!grown)
		return -ENOMEM;
	remote->characteristics = grown;
	grown[remote->characteristic_count++] = (struct remote_characteristic){
		.service = place->service,
		.chr = { .uuid = attribute->uuid,
			 .id = place->characteristic,
			 .props = attribute->props },
	};
	return 0;
}

static int take_attribute(struct remote *remote, const struct gatt_path *place,
			  sd_bus_message *message)
{
	struct attribute attribute = { 0 };
	int r = bluezbus_read_properties(message, attribute_properties,
					 sizeof(attribute_properties) /
						 sizeof(attribute_properties[0]),
					 &attribute);

	if (r < 0 || !attribute.has_uuid)
		return r;
	return (place->characteristic == 0 ? add_service : add_characteristic)(remote, place,
									       &attribute);
}

/* --- all objects --- */

static int take_object(void *user, const char *path, const char *interface, sd_bus_message *message)
{
	struct remote *remote = user;
	struct gatt_path place;

	if (strcmp(interface, BLUEZ_DEVICE) == 0 && strcmp(path, remote->path) == 0) {
		remote->known = true;
		return remote_read_change(remote, message);
	}
	if (words_parse_path(remote->path, path, &place) &&
	    strcmp(interface, place.characteristic == 0 ? BLUEZ_SERVICE : BLUEZ_CHARACTERISTIC) ==
		    0)
		return take_attribute(remote, &place, message);
	return sd_bus_message_skip(message, "a{sv}");
}

static int compare_ids(const void *a, const void *b)
{
	const struct remote_characteristic *first = a;
	const struct remote_characteristic *second = b;

	return first->chr.id - second->chr.id;
}

static const struct remote_service *find_service(const struct remote *remote, uint16_t handle)
{
	for (size_t i = 0; i < remote->service_count; i++) {
		if (remote->services[i].handle == handle)
			return &remote->services[i];
	}
	return NULL;
}

/* Into the peer's order. Those of no service, or of an id that is there already, make no sense. */
static void order(struct remote *remote)
{
	struct remote_characteristic *items = remote->characteristics;
	size_t kept = 0;

	if (remote->characteristic_count > 0)
		qsort(items, remote->characteristic_count, sizeof(*items), compare_ids);
	for (size_t i = 0; i < remote->characteristic_count; i++) {
		const struct remote_service *service = find_service(remote, items[i].service);

		if (!service || (kept > 0 && items[kept - 1].chr.id == items[i].chr.id))
			continue;
		items[kept] = items[i];
		items[kept++].chr.service = service->uuid;
	}
	remote->characteristic_count = kept;
}

int remote_read(struct remote *remote, sd_bus_message *objects)
{
	struct remote fresh = { .addr_type = ADDR_UNKNOWN };
	int r;

	strcpy(fresh.path, remote->path);
	remote_clear(remote);
	*remote = fresh;
	r = bluezobj_read(objects, take_object, remote);
	order(remote);
	return r;
}

bool remote_is_idle(const struct remote *remote)
{
	return remote->connected && remote->resolved && !remote->in_use;
}

const struct remote_characteristic *remote_find(const struct remote *remote, uint16_t id)
{
	const struct remote_characteristic wanted = { .chr = { .id = id } };

	if (remote->characteristic_count == 0)
		return NULL;
	return bsearch(&wanted, remote->characteristics, remote->characteristic_count,
		       sizeof(wanted), compare_ids);
}

void remote_format_path(const struct remote *remote, const struct remote_characteristic *of,
			char path[REMOTE_PATH_MAX])
{
	snprintf(path, REMOTE_PATH_MAX, "%.70s/service%04x/char%04x", remote->path, of->service,
		 of->chr.id);
}
