/* An init packet, decoded as whatever it shows itself to be and as a legacy one. */
#include "initpacket.h"

#include "fuzz.h"

#include <otadfu/protocol.h>

/* The image that the corpus' packets are of. */
static const uint8_t image[] = "abcd";
enum { IMAGE_LEN = sizeof(image) - 1 };

static void judge_secure(const struct initpacket_secure *secure, const uint8_t *data, size_t size)
{
	fuzz_require(secure->hash_len <= INITPACKET_HASH_LEN, "the hash fits");
	fuzz_require(secure->signature_len <= INITPACKET_SIGNATURE_LEN, "the signature fits");
	fuzz_require(secure->init_command >= data &&
			     secure->init_command + secure->init_command_len <= data + size,
		     "what was signed lies in the input");
}

static void judge_decoded(const struct initpacket *init, const uint8_t *data, size_t size)
{
	fuzz_require(init->kind == INITPACKET_SECURE || init->kind == INITPACKET_LEGACY,
		     "it is of one world or the other");
	fuzz_require(init->sd_req_count <= INITPACKET_SD_MAX, "the SoftDevices are counted");
	if (init->kind == INITPACKET_SECURE)
		judge_secure(&init->secure, data, size);
	for (uint32_t kind = 0; kind <= OTADFU_IMAGE_EXTERNAL_APP + 1; kind++) {
		struct failure why = { 0 };
		int r = initpacket_check_image(init, kind, image, IMAGE_LEN, &why);

		if (r != OTADFU_OK)
			fuzz_require_reason(r, &why);
	}
}

static void try_decoder(int (*decode)(const uint8_t *data, size_t len, struct initpacket *ret_init,
				      struct failure *why),
			const uint8_t *data, size_t size)
{
	struct initpacket init;
	struct failure why = { 0 };
	int r = decode(data, size, &init, &why);

	if (r == OTADFU_OK)
		judge_decoded(&init, data, size);
	else
		fuzz_require_reason(r, &why);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	try_decoder(initpacket_decode, data, size);
	try_decoder(initpacket_decode_legacy, data, size);
	return 0;
}
