/* The legacy client on the simulated air. */
#include "client_air.h"

extern const struct otadfu_plugin otadfu_plugin_v1_legacy;

enum {
	OP_START = 0x01,
	OP_RECEIVE = 0x03,
	OP_ACTIVATE = 0x05,
	OP_RESET = 0x06,
	OP_REPORT_SIZE = 0x07,
	OP_RECEIPTS = 0x08,
};

static void encode_init(const struct air_plan *plan, const struct otadfu_image *image,
			struct init_bytes *ret_init)
{
	static const uint16_t any_softdevice = 0xFFFE;
	struct init_target target = {
		.version = 2,
		.device_type = plan->device_type ? plan->device_type : 0xFFFF,
		.device_revision = plan->device_revision ? plan->device_revision : 0xFFFF,
		.sd_req = &any_softdevice,
		.sd_req_count = 1,
	};
	struct init_image contents = { .app_size = (uint32_t)image->data_len };

	contents.crc16 = (uint16_t)(init_crc16(image->data, image->data_len) ^ plan->wrong_crc);
	init_encode_legacy(&contents, &target, plan->format ? plan->format : 5, ret_init);
}

static void note_request(struct air *air, uint64_t now_ms, const uint8_t *data, size_t len)
{
	if (data[0] == OP_START) {
		air->settle_ms = now_ms - air->connected_ms;
		air->started_ms = now_ms;
	}
	air->resets += len == 1 && data[0] == OP_RESET;
	air->questions += len == 1 && data[0] == OP_REPORT_SIZE;
	air->activations += len == 1 && data[0] == OP_ACTIVATE;
	if (len == 3 && data[0] == OP_RECEIPTS)
		air->receipts = (unsigned)(data[1] | data[2] << 8);
	if (data[0] != OP_RECEIPTS)
		air->packets = data[0];
}

static void note_packet(struct air *air, uint64_t now_ms, size_t len)
{
	air->starts += air->packets == OP_START;
	if (air->packets != OP_RECEIVE)
		return;
	if (air->data_bytes == 0)
		air->first_wait_ms = now_ms - air->started_ms;
	air->data_bytes += len;
	air->longest_packet = len > air->longest_packet ? len : air->longest_packet;
}

const struct air_client air_client = {
	.plugin = &otadfu_plugin_v1_legacy,
	.kind = INITPACKET_LEGACY,
	.sdk = "11",
	.hardware = "nrf51822",
	.bootloader = "legacy",
	.device = "",
	.softdevice = { .fwid = 0x0087, .id = 130, .version = 2000001, .end = 0x1B000 },
	.encode_init = encode_init,
	.note_request = note_request,
	.note_packet = note_packet,
};
