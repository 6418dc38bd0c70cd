/* The secure client on the simulated air. */
#include "secure_air.h"

#include <openssl/evp.h>
#include <string.h>

extern const struct otadfu_plugin otadfu_plugin_v1_secure;

enum { OP_CREATE = 0x01, OP_EXECUTE = 0x04, OP_SELECT = 0x06, OP_ABORT = 0x0c, COMMAND = 1 };
enum { TYPE_SOFTDEVICE_BOOTLOADER = 3, INSTALLED_SOFTDEVICE = 0x0100 };

static void encode_init(const struct air_plan *plan, const struct otadfu_image *image,
			struct init_bytes *ret_init)
{
	static const uint8_t signature[INIT_SIGNATURE_LEN] = { 1 };
	const struct air_softdevice *brought =
		plan->softdevice ? plan->softdevice : &air_client.softdevice;
	uint16_t softdevices[] = { INSTALLED_SOFTDEVICE, brought->fwid };
	struct init_target target = {
		.version = 2, .hw_version = 52, .sd_req = softdevices, .sd_req_count = 2
	};
	struct init_image contents = { .app_size = (uint32_t)image->data_len };
	struct init_bytes command;

	if (image->kind == OTADFU_IMAGE_SD_BL)
		contents = (struct init_image){ .type = TYPE_SOFTDEVICE_BOOTLOADER,
						.sd_size = image->sd_len,
						.bl_size = image->bl_len };
	EVP_Digest(image->data, image->data_len, contents.sha256, NULL, EVP_sha256(), NULL);
	init_encode_command(&contents, &target, &command);
	init_encode_packet(&command, signature, ret_init);
}

static void note_name(struct air *air, const uint8_t *data, size_t len)
{
	if (len < 4 || data[0] != 0x02 || data[1] != len - 2 || data[1] >= sizeof(air->name))
		return;
	air->names_set++;
	memcpy(air->name, data + 2, data[1]);
	air->name[data[1]] = '\0';
}

static void note_request(struct air *air, uint64_t now_ms, const uint8_t *data, size_t len)
{
	bool creates = len == 6 && data[0] == OP_CREATE;

	(void)now_ms;
	air->init_creates += creates && data[1] == COMMAND;
	air->data_creates += creates && data[1] != COMMAND;
	air->executes += len == 1 && data[0] == OP_EXECUTE;
	air->aborts += len == 1 && data[0] == OP_ABORT;
	if (creates || (len == 2 && data[0] == OP_SELECT))
		air->packets = data[1];
	note_name(air, data, len);
}

static void note_packet(struct air *air, uint64_t now_ms, size_t len)
{
	(void)now_ms;
	*(air->packets == COMMAND ? &air->init_bytes : &air->data_bytes) += len;
}

const struct air_client air_client = {
	.plugin = &otadfu_plugin_v1_secure,
	.kind = INITPACKET_SECURE,
	.sdk = "17.1",
	.hardware = "nrf52832",
	.bootloader = "secure",
	.device = "    softdevice: 0x0100\n",
	/* S140 7.3.0 after 7.2.0: applications stay. */
	.softdevice = { .fwid = 0x0123, .id = 140, .version = 7003000, .end = 0x27000 },
	.encode_init = encode_init,
	.note_request = note_request,
	.note_packet = note_packet,
};

const struct air_softdevice secure_air_other_major = {
	.fwid = 0x00B6, .id = 140, .version = 6001001, .end = 0x26000
};

static void try_in_both_modes(void *const *state, struct air_plan plan, const char *const *sdks,
			      secure_air_try_fn *try)
{
	for (; *sdks; sdks++) {
		plan.sdk = *sdks;
		plan.device = NULL;
		try(state, &plan);
		plan.device = "    mode: bootloader\n";
		try(state, &plan);
	}
}

void secure_air_try_all(void *const *state, struct air_plan plan, secure_air_try_fn *try)
{
	static const char *const sdks[] = { "12.2", "13.0", "13.1", "14.0", "14.1", "14.2", "15.0",
					    "15.2", "15.3", "16",   "17.0", "17.1", NULL };

	try_in_both_modes(state, plan, sdks, try);
}

void secure_air_try_each_kind(void *const *state, struct air_plan plan, secure_air_try_fn *try)
{
	static const char *const sdks[] = { "12.2", "13.1", "14.0", "14.1", "15.0",
					    "15.2", "15.3", "16",   "17.1", NULL };

	try_in_both_modes(state, plan, sdks, try);
}
