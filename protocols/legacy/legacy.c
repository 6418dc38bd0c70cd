/* Legacy DFU (bootloaders up to SDK 11) as a plugin: what it is called, takes and offers. */
#include "legacy.h"

#include "uuid.h"

#include <otadfu/plugin.h>

/* Bytes 4 to 15 of 0000xxxx-1212-EFDE-1523-785FEABCD123. */
#define LEGACY_BASE 0x12, 0x12, 0xef, 0xde, 0x15, 0x23, 0x78, 0x5f, 0xea, 0xbc, 0xd1, 0x23

static const struct legacy_uuids nordic = {
	.service = { { 0x00, 0x00, 0x15, 0x30, LEGACY_BASE } },
	.control = { { 0x00, 0x00, 0x15, 0x31, LEGACY_BASE } },
	.packet = { { 0x00, 0x00, 0x15, 0x32, LEGACY_BASE } },
	.version = { { 0x00, 0x00, 0x15, 0x34, LEGACY_BASE } },
};

static const struct otadfu_option receipts = {
	.size = sizeof(receipts),
	.kind = OTADFU_OPT_INT,
	.key = "receipts",
	.help = "packets between two receipts of the device; 0: none, nothing then keeps the "
		"device's 8 buffers from overflowing",
	.fallback = "8",
	.min = 0,
	.max = UINT16_MAX,
};

static const struct otadfu_option packet_size = {
	.size = sizeof(packet_size),
	.kind = OTADFU_OPT_INT,
	.key = "packet_size",
	.help = "bytes of firmware in one packet, rounded down to a multiple of 4; many "
		"bootloaders "
		"break above 20",
	.fallback = "20",
	.min = 4,
	.max = 244,
};

static const struct otadfu_option mode = {
	.size = sizeof(mode),
	.kind = OTADFU_OPT_CHOICE,
	.key = "mode",
	.help = "what the device is taken for, where its DFU version or its services mislead",
	.fallback = "auto",
	.choices = "auto|application|bootloader",
};

static const struct otadfu_option keeps_state = {
	.size = sizeof(keeps_state),
	.kind = OTADFU_OPT_BOOL,
	.key = "keeps_state",
	.help = "go on after a lost link with what the bootloader still holds; nothing but its "
		"last "
		"check of the whole proves that it was right",
	.fallback = "false",
};

static const struct otadfu_option uuid_options[] = {
	UUID_OPTION("service_uuid", "DFU service of a custom build, as fe59 or with 128 bits; "
				    "empty: Nordic's"),
	UUID_OPTION("control_uuid", "control point of a custom build; empty: Nordic's"),
	UUID_OPTION("packet_uuid", "packet characteristic of a custom build; empty: Nordic's"),
	UUID_OPTION("version_uuid", "DFU version of a custom build; empty: Nordic's"),
	TRIGGER_OPTIONS,
};

static const struct otadfu_option *const options[] = {
	&receipts,        &packet_size,     &mode,
	&keeps_state,     &uuid_options[0], &uuid_options[1],
	&uuid_options[2], &uuid_options[3], &uuid_options[4],
	&uuid_options[5], &uuid_options[6], NULL,
};

int legacy_read_uuids(struct otadfu_ctx *ctx, struct legacy_uuids *ret_uuids)
{
	struct legacy_uuids uuids = nordic;
	const struct {
		const char *key;
		const struct otadfu_uuid *fallback;
		struct otadfu_uuid *uuid;
	} table[] = {
		{ "service_uuid", &nordic.service, &uuids.service },
		{ "control_uuid", &nordic.control, &uuids.control },
		{ "packet_uuid", &nordic.packet, &uuids.packet },
		{ "version_uuid", &nordic.version, &uuids.version },
	};
	int r = OTADFU_OK;

	for (size_t i = 0; r == OTADFU_OK && i < sizeof(table) / sizeof(table[0]); i++)
		r = uuid_option(ctx, "legacy", table[i].key, table[i].fallback, table[i].uuid);
	if (r == OTADFU_OK)
		*ret_uuids = uuids;
	return r;
}

static const struct otadfu_protocol_ops legacy = {
	.size = sizeof(legacy),
	.caps = OTADFU_PCAP_LEGACY_PACKAGE,
	.memo_size = sizeof(struct legacy_memo),
	.name = "legacy",
	.summary = "Nordic legacy DFU (SDK 4 to 11)",
	.options = options,
	.probe = legacy_probe,
	.enter_bootloader = legacy_enter_bootloader,
	.update = legacy_update,
	.abort = legacy_abort,
	.recognise = legacy_recognise,
};

static const struct otadfu_protocol_ops *const protocols[] = { &legacy, NULL };

OTADFU_PLUGIN_DEFINE(legacy) = {
	.magic = OTADFU_PLUGIN_MAGIC,
	.abi_version = OTADFU_ABI_VERSION,
	.size = sizeof(struct otadfu_plugin),
	.name = "legacy",
	.version = "0.1.0",
	.vendor = "otadfu",
	.protocols = protocols,
};
