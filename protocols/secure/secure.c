/* Secure DFU (bootloaders of SDK 12 to 17) as a plugin: what it is called, takes and offers. */
#include "secure.h"

#include "uuid.h"

#include <otadfu/plugin.h>

const struct otadfu_uuid secure_service = { { 0x00, 0x00, 0xfe, 0x59, BLUETOOTH_BASE } };
const struct otadfu_uuid secure_control = { { 0x8e, 0xc9, 0x00, 0x01, SECURE_BASE } };
const struct otadfu_uuid secure_packet = { { 0x8e, 0xc9, 0x00, 0x02, SECURE_BASE } };

static const struct otadfu_option receipts = {
	.size = sizeof(receipts),
	.kind = OTADFU_OPT_INT,
	.key = "receipts",
	.help = "packets between two receipts of the device; 0: none, only for transports that "
		"pace what they send",
	.fallback = "12",
	.min = 0,
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
	.help = "how long the device erases after Create; until then it gets one burst only",
	.fallback = "100",
	.min = 0,
	.max = 5000,
};

static const struct otadfu_option *const options[] = { &receipts, &packet_size, &object_delay_ms,
						       &page_erase_ms, NULL };

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
