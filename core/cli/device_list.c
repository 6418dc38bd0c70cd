#include "device_list.h"

#include "device_words.h"
#include "json_line.h"
#include "text.h"

json_t *device_list_describe(const struct scan_device *device)
{
	bool heard = device->rssi_dbm != DEVICE_RSSI_UNKNOWN;
	char addr[TARGET_ADDR_TEXT];

	target_format_addr(&device->addr, addr);
	return json_pack("{s:s, s:s, s:s, s:o, s:o, s:b, s:o, s:o}", "event", "device", "address",
			 addr, "address_type", device_address_type(&device->addr), "name",
			 json_line_text(device->name), "rssi",
			 heard ? json_integer(device->rssi_dbm) : json_null(), "connectable",
			 device->connectable, "protocol", json_line_text(device->protocol), "mode",
			 json_line_text(device_mode_name(device->mode)));
}

static void write_row(const struct scan_device *device)
{
	char addr[TARGET_ADDR_TEXT];
	char name[TARGET_NAME_MAX];
	char rssi[8] = "?";

	target_format_addr(&device->addr, addr);
	snprintf(name, sizeof(name), "%s", device->name);
	text_make_printable(name);
	if (device->rssi_dbm != DEVICE_RSSI_UNKNOWN)
		snprintf(rssi, sizeof(rssi), "%d", device->rssi_dbm);
	printf("%c %s/%-7s  %4s  %-24s  %-10s  %s\n", device->protocol ? '*' : ' ', addr,
	       device_address_type(&device->addr), rssi, name,
	       device->protocol ? device->protocol : "", device_mode_name(device->mode));
}

void device_list_write_objects(const struct scan_device *devices, size_t count)
{
	for (size_t i = 0; i < count; i++)
		json_line_write(stdout, device_list_describe(&devices[i]));
}

void device_list_write_table(const struct scan_device *devices, size_t count)
{
	if (count > 0)
		printf("  %-25s  %4s  %-24s  %-10s  %s\n", "ADDRESS", "RSSI", "NAME", "PROTOCOL",
		       "MODE");
	for (size_t i = 0; i < count; i++)
		write_row(&devices[i]);
}
