#include "bluezdev.h"

#include "bluezbus.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

enum { RSSI_UNKNOWN = 127, ADDR_UNKNOWN = 255, ADDR_TEXT_LEN = 17, SERVICES_MAX = 32 };

static bool parse_addr(const char *text, uint8_t ret_bytes[6])
{
	uint8_t bytes[6];

	if (strlen(text) != ADDR_TEXT_LEN)
		return false;
	for (size_t i = 0; i < sizeof(bytes); i++) {
		const char *p = text + 3 * i;
		char pair[3] = { p[0], p[1], '\0' };

		if (!isxdigit((unsigned char)p[0]) || !isxdigit((unsigned char)p[1]) ||
		    (p[2] != ':' && p[2] != '\0'))
			return false;
		bytes[i] = (uint8_t)strtoul(pair, NULL, 16);
	}
	memcpy(ret_bytes, bytes, sizeof(bytes));
	return true;
}

static int read_address(void *object, sd_bus_message *message)
{
	struct bluezdev *device = object;
	const char *text;
	int r = sd_bus_message_read(message, "s", &text);

	if (r > 0)
		device->has_addr = parse_addr(text, device->addr.bytes);
	return r;
}

static int read_address_type(void *object, sd_bus_message *message)
{
	struct bluezdev *device = object;
	const char *text;
	int r = sd_bus_message_read(message, "s", &text);

	if (r > 0)
		device->addr.type = strcmp(text, "public") == 0   ? 0
				    : strcmp(text, "random") == 0 ? 1
								  : ADDR_UNKNOWN;
	return r;
}

static int read_rssi(void *object, sd_bus_message *message)
{
	struct bluezdev *device = object;
	int16_t rssi_dbm;
	int r = sd_bus_message_read(message, "n", &rssi_dbm);

	if (r <= 0)
		return r;
	device->rssi_dbm = rssi_dbm >= -127 && rssi_dbm <= 20 ? rssi_dbm : RSSI_UNKNOWN;
	device->heard = true;
	return r;
}

static struct ad_part *renew(struct bluezdev *device, enum bluezdev_part index)
{
	device->parts[index].len = 0;
	return &device->parts[index];
}

static int read_name(void *object, sd_bus_message *message)
{
	const char *name;
	int r = sd_bus_message_read(message, "s", &name);

	if (r > 0)
		ad_add_name(renew(object, BLUEZDEV_NAME), name);
	return r;
}

static int read_tx_power(void *object, sd_bus_message *message)
{
	int16_t dbm;
	int r = sd_bus_message_read(message, "n", &dbm);

	if (r > 0)
		ad_add_tx_power(renew(object, BLUEZDEV_TX_POWER), dbm);
	return r;
}

static int read_flags(void *object, sd_bus_message *message)
{
	struct bluezdev *device = object;
	const void *bytes;
	size_t len;
	int r = sd_bus_message_read_array(message, 'y', &bytes, &len);

	if (r <= 0)
		return r;
	renew(device, BLUEZDEV_FLAGS);
	if (len > 0)
		ad_add_flags(&device->parts[BLUEZDEV_FLAGS], *(const uint8_t *)bytes);
	device->heard = true;
	return r;
}

static int read_services(void *object, sd_bus_message *message)
{
	struct otadfu_uuid uuids[SERVICES_MAX];
	const char *text;
	size_t count = 0;
	int r = sd_bus_message_enter_container(message, SD_BUS_TYPE_ARRAY, "s");

	if (r < 0)
		return r;
	while ((r = sd_bus_message_read(message, "s", &text)) > 0) {
		if (count < SERVICES_MAX && ad_parse_uuid(text, &uuids[count]))
			count++;
	}
	if (r < 0)
		return r;
	ad_add_services(renew(object, BLUEZDEV_SERVICES), uuids, count);
	return sd_bus_message_exit_container(message);
}

/* The value of an entry of ManufacturerData or ServiceData: 1; 0 when it is not one of bytes. */
static int read_bytes(sd_bus_message *message, const void **ret_bytes, size_t *ret_len)
{
	int r = bluezbus_enter_variant(message, "ay");

	if (r <= 0)
		return r;
	r = sd_bus_message_read_array(message, 'y', ret_bytes, ret_len);
	if (r >= 0)
		r = sd_bus_message_exit_container(message);
	return r < 0 ? r : 1;
}

static int read_manufacturer_entry(struct ad_part *part, sd_bus_message *message)
{
	uint16_t company;
	const void *bytes;
	size_t len;
	int r = sd_bus_message_read(message, "q", &company);

	if (r >= 0)
		r = read_bytes(message, &bytes, &len);
	if (r > 0)
		ad_add_manufacturer(part, company, bytes, len);
	return r;
}

static int read_service_data_entry(struct ad_part *part, sd_bus_message *message)
{
	struct otadfu_uuid uuid;
	const char *text;
	const void *bytes;
	size_t len;
	int r = sd_bus_message_read(message, "s", &text);

	if (r >= 0)
		r = read_bytes(message, &bytes, &len);
	if (r > 0 && ad_parse_uuid(text, &uuid))
		ad_add_service_data(part, &uuid, bytes, len);
	return r;
}

static int read_entries(sd_bus_message *message, const char *entry, struct ad_part *part,
			int (*read)(struct ad_part *part, sd_bus_message *message))
{
	char type[8] = { '{', entry[0], entry[1], '}', '\0' };
	int r = sd_bus_message_enter_container(message, SD_BUS_TYPE_ARRAY, type);

	if (r < 0)
		return r;
	while ((r = sd_bus_message_enter_container(message, SD_BUS_TYPE_DICT_ENTRY, entry)) > 0) {
		r = read(part, message);
		if (r >= 0)
			r = sd_bus_message_exit_container(message);
		if (r < 0)
			return r;
	}
	return r < 0 ? r : sd_bus_message_exit_container(message);
}

static int read_manufacturer(void *object, sd_bus_message *message)
{
	struct bluezdev *device = object;

	device->heard = true;
	return read_entries(message, "qv", renew(device, BLUEZDEV_MANUFACTURER),
			    read_manufacturer_entry);
}

static int read_service_data(void *object, sd_bus_message *message)
{
	struct bluezdev *device = object;

	device->heard = true;
	return read_entries(message, "sv", renew(device, BLUEZDEV_SERVICE_DATA),
			    read_service_data_entry);
}

/* BlueZ doc/org.bluez.Device.rst. The name is Name, what the device says, and not Alias, which the
 * user may have chosen and which is the address where there is no name. */
static const struct bluezbus_property properties[] = {
	{ "Address", "s", read_address },
	{ "AddressType", "s", read_address_type },
	{ "RSSI", "n", read_rssi },
	{ "Name", "s", read_name },
	{ "UUIDs", "as", read_services },
	{ "TxPower", "n", read_tx_power },
	{ "AdvertisingFlags", "ay", read_flags },
	{ "ManufacturerData", "a{qv}", read_manufacturer },
	{ "ServiceData", "a{sv}", read_service_data },
};

static const struct {
	const char *name;
	enum bluezdev_part part;
} parts[] = {
	{ "Name", BLUEZDEV_NAME },
	{ "UUIDs", BLUEZDEV_SERVICES },
	{ "TxPower", BLUEZDEV_TX_POWER },
	{ "AdvertisingFlags", BLUEZDEV_FLAGS },
	{ "ManufacturerData", BLUEZDEV_MANUFACTURER },
	{ "ServiceData", BLUEZDEV_SERVICE_DATA },
};

void bluezdev_init(struct bluezdev *device, const char *path)
{
	memset(device, 0, sizeof(*device));
	strcpy(device->path, path);
	device->addr.type = ADDR_UNKNOWN;
	device->rssi_dbm = RSSI_UNKNOWN;
}

int bluezdev_read(struct bluezdev *device, sd_bus_message *message)
{
	return bluezbus_read_properties(message, properties,
					sizeof(properties) / sizeof(properties[0]), device);
}

static void drop(struct bluezdev *device, const char *name)
{
	if (strcmp(name, "RSSI") == 0)
		device->rssi_dbm = RSSI_UNKNOWN;
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		if (strcmp(parts[i].name, name) == 0)
			device->parts[parts[i].part].len = 0;
	}
}

int bluezdev_read_lost(struct bluezdev *device, sd_bus_message *message)
{
	const char *name;
	int r = sd_bus_message_enter_container(message, SD_BUS_TYPE_ARRAY, "s");

	if (r < 0)
		return r;
	while ((r = sd_bus_message_read(message, "s", &name)) > 0)
		drop(device, name);
	return r < 0 ? r : sd_bus_message_exit_container(message);
}

void bluezdev_advert(const struct bluezdev *device, uint8_t data[BLUEZDEV_DATA_MAX],
		     struct otadfu_advert *ret_advert)
{
	size_t len = 0;

	for (size_t i = 0; i < BLUEZDEV_PARTS; i++) {
		memcpy(data + len, device->parts[i].bytes, device->parts[i].len);
		len += device->parts[i].len;
	}
	*ret_advert = (struct otadfu_advert){
		.size = sizeof(*ret_advert),
		.flags = OTADFU_ADV_CONNECTABLE,
		.addr = device->addr,
		.rssi_dbm = device->rssi_dbm,
		.data_len = (uint16_t)len,
		.data = len > 0 ? data : NULL,
	};
}
