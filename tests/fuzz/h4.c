/* HCI packets out of a stream: however the bytes are dealt out, the same packets come of them. */
#include "h4.h"

#include "fuzz.h"

#include <otadfu/error.h>

/* What came of a stream, a sum standing for the packets. */
struct outcome {
	int result;
	size_t packets;
	uint32_t sum;
};

static void judge(struct outcome *outcome, const struct h4_packet *packet)
{
	fuzz_require(packet->type >= H4_COMMAND && packet->type <= H4_ISO, "the type is known");
	fuzz_require(packet->len >= 2 && packet->len < H4_PACKET_MAX, "the length is allowed");
	outcome->packets++;
	outcome->sum = outcome->sum * 31 + (uint32_t)packet->type;
	for (size_t i = 0; i < packet->len; i++)
		outcome->sum = outcome->sum * 31 + packet->data[i];
}

static struct outcome parse(const uint8_t *data, size_t size, size_t portion)
{
	struct h4_parser parser = { .len = 0 };
	struct outcome outcome = { 0 };
	struct problem problem = { "" };
	struct h4_packet packet;

	for (size_t at = 0; at < size && outcome.result >= 0; at += portion) {
		size_t len = size - at < portion ? size - at : portion;
		struct cursor bytes = cursor_over(data + at, len);

		while ((outcome.result = h4_parse(&parser, &bytes, &packet, &problem)) > 0)
			judge(&outcome, &packet);
		fuzz_require(outcome.result < 0 || cursor_left(&bytes) == 0, "all bytes are taken");
	}
	fuzz_require(outcome.result == OTADFU_OK || outcome.result == OTADFU_E_PROTOCOL,
		     "a stream goes on, or is none");
	fuzz_require((outcome.result < 0) == (problem.text[0] != '\0'), "a refusal says why");
	return outcome;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const size_t portions[] = { 1, 2, 7, 64 };
	struct outcome whole = parse(data, size, size ? size : 1);

	for (size_t i = 0; i < sizeof(portions) / sizeof(portions[0]); i++) {
		struct outcome parts = parse(data, size, portions[i]);

		fuzz_require(parts.result == whole.result && parts.packets == whole.packets &&
				     parts.sum == whole.sum,
			     "portions change nothing");
	}
	return 0;
}
