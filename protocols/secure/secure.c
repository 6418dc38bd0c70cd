/* Secure DFU (bootloaders of SDK 12 to 17) as a plugin: what it is called, takes and offers. */
#include "secure.h"

#include "secure_flow.h"
#include "trigger.h"
#include "uuid.h"

#include <otadfu/plugin.h>

static const struct secure_uuids nordic = {
	.service = { { 0x00, 0x00, 0xfe, 0x59, BLUETOOTH_BASE } },
	.control = { { 0x8e, 0xc9, 0x00, 0x01, SECURE_BASE } },
	.packet = { { 0x8e, 0xc9, 0x00, 0x02, SECURE_BASE } },
};

static const struct otadfu_option receipts = {
	.size = sizeof(receipts),
	.kind = OTADFU_OPT_INT,
	.key = "receipts",
	.help = "packets between two receipts of the device; 0: none, -1: as few as the transport "
		"and the device's buffers allow",
	.fallback = "-1",
	.min = SECURE_RECEIPTS_AUTO,
	.max = UINT16_MAX,
};

static const struct otadfu_option packet_size = {
	.size = sizeof(packet_size),
	.kind = OTADFU_OPT_INT,
	.key = "packet_size",
	.help = "bytes of firmware in one packet, rounded down to a multiple of 4; 0: as many as "
		"the "
		"MTU allows",
	.fallback = "0",
	.min = 0,
	.max = 244,
};

static const struct otadfu_option object_delay_ms = {
	.size = sizeof(object_delay_ms),
	.kind = OTADFU_OPT_INT,
	.key = "object_delay_ms",
	.help = "pause between Create and the first packet of an object; 400 where a device loses "
		"packets",
	.fallback = "0",
	.min = 0,
	.max = 5000,
};

static const struct otadfu_option page_erase_ms = {
	.size = sizeof(page_erase_ms),
	.kind = OTADFU_OPT_INT,
	.key = "page_erase_ms",
	.help = "how long the device erases after Create; 0: its flash is not waited for",
	.fallback = "100",
	.min = 0,
	.max = 5000,
};

static const struct otadfu_option unique_name = {
	.size = sizeof(unique_name),
	.kind = OTADFU_OPT_BOOL,
	.key = "unique_name",
	.help = "have the bootloader advertise a name of its own, to tell it from a neighbour's; "
		"false where it keeps another name all the same",
	.fallback = "true",
};

static const struct otadfu_option uuid_options[] = {
	UUID_OPTION("service_uuid", "DFU service of a custom build, as fe59 or with 128 bits; "
				    "empty: Nordic's"),
	UUID_OPTION("control_uuid", "control point of a custom build; empty: Nordic's"),
	UUID_OPTION("packet_uuid", "packet characteristic of a custom build; empty: Nordic's"),
	UUID_OPTION("buttonless_uuid", "way into the bootloader of a custom application; empty: "
				       "Nordic's"),
	UUID_OPTION("buttonless_service_uuid", "the service it is in; empty: the DFU service, or "
					       "that of SDK 12"),
	TRIGGER_OPTIONS,
};

static const struct otadfu_option *const options[] = {
	&receipts,        &packet_size,
	&object_delay_ms, &page_erase_ms,
	&unique_name,     &uuid_options[0],
	&uuid_options[1], &uuid_options[2],
	&uuid_options[3], &uuid_options[4],
	&uuid_options[5], &uuid_options[6],
	&uuid_options[7], NULL,
};

int secure_read_uuids(struct otadfu_ctx *ctx, struct secure_uuids *ret_uuids)
{
	struct secure_uuids uuids = nordic;
	const struct {
		const char *key;
		const struct otadfu_uuid *fallback;
		struct otadfu_uuid *uuid;
	} table[] = {
		{ "service_uuid", &nordic.service, &uuids.service },
		{ "control_uuid", &nordic.control, &uuids.control },
		{ "packet_uuid", &nordic.packet, &uuids.packet },
	};
	int r = OTADFU_OK;

	for (size_t i = 0; r == OTADFU_OK && i < sizeof(table) / sizeof(table[0]); i++)
		r = uuid_option(ctx, "secure", table[i].key, table[i].fallback, table[i].uuid);
	if (r == OTADFU_OK)
		*ret_uuids = uuids;
	return r;
}

static const struct otadfu_protocol_ops secure = {
	.size = sizeof(secure),
	.caps = OTADFU_PCAP_SECURE_PACKAGE,
	.memo_size = sizeof(struct secure_memo),
	.name = "secure",
	.summary = "Nordic Secure DFU (SDK 12 to 17)",
	.options = options,
	.probe = secure_probe,
	.enter_bootloader = secure_enter_bootloader,
	.update = secure_update,
	.abort = secure_abort,
	.recognise = secure_recognise,
};

static const struct otadfu_protocol_ops *const protocols[] = { &secure, NULL };

OTADFU_PLUGIN_DEFINE(secure) = {
	.magic = OTADFU_PLUGIN_MAGIC,
	.abi_version = OTADFU_ABI_VERSION,
	.size = sizeof(struct otadfu_plugin),
	.name = "secure",
	.version = "0.1.0",
	.vendor = "otadfu",
	.protocols = protocols,
};
