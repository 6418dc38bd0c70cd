#include "device_words.h"

#include <otadfu/protocol.h>
#include <string.h>

/* 16-bit ones as the Bluetooth Assigned Numbers name them; Nordic's by its documents. */
static const struct service_name {
	const char *uuid;
	const char *name;
} service_names[] = {
	{ "1800", "Generic Access" },
	{ "1801", "Generic Attribute" },
	{ "180a", "Device Information" },
	{ "180d", "Heart Rate" },
	{ "180f", "Battery" },
	{ "fe59", "Nordic Secure DFU" },
	{ "00001530-1212-efde-1523-785feabcd123", "Nordic legacy DFU" },
	{ "8e400001-f315-4f60-9fb8-838830daea50", "Nordic experimental buttonless DFU" },
	{ "8d53dc1d-1db7-4cd3-868b-8a527460aa84", "SMP (MCUmgr)" },
	{ "6e400001-b5a3-f393-e0a9-e50e24dcca9e", "Nordic UART" },
};

const char *device_address_type(const struct otadfu_addr *addr)
{
	switch (addr->type) {
	case TARGET_ADDR_PUBLIC:
		return "public";
	case TARGET_ADDR_RANDOM:
		return "random";
	default:
		return "unknown";
	}
}

const char *device_mode_name(uint32_t mode)
{
	switch (mode) {
	case OTADFU_MODE_APPLICATION:
		return "application";
	case OTADFU_MODE_BOOTLOADER:
		return "bootloader";
	default:
		return "";
	}
}

const char *device_service_name(const struct otadfu_uuid *uuid)
{
	for (size_t i = 0; i < sizeof(service_names) / sizeof(service_names[0]); i++) {
		struct otadfu_uuid known;

		if (target_parse_uuid(service_names[i].uuid, &known, NULL) == OTADFU_OK &&
		    memcmp(known.bytes, uuid->bytes, sizeof(known.bytes)) == 0)
			return service_names[i].name;
	}
	return NULL;
}
