/* What two hosts send to their controllers of tests/air: no more comes of it than packets that are
 * whole, and buffers are never more than there are. */
#include "air.h"

#include "fuzz.h"

#include <stdlib.h>

enum { INPUT_MAX = 4096, HOSTS = 2, TIME_UNIT_US = 16000 };

/* Before each piece: whose it is and how much later (in the upper bits), and its length. */
enum { HOST_MASK = 0x01, STEPS_SHIFT = 1 };

static void judge_packet(const uint8_t *packet, size_t len)
{
	fuzz_require(len >= 3 && (packet[0] == H4_EVENT || packet[0] == H4_ACL), "a host's packet");
	if (packet[0] == H4_EVENT)
		fuzz_require(len == 3U + packet[2], "an event is as long as it says");
	else
		fuzz_require(len == 5U + packet[3] && packet[4] == 0, "data is as long as it says");
}

static void judge(struct controller *controller)
{
	uint8_t packet[PACKET_MAX];
	size_t len;

	while ((len = outbox_first(&controller->outbox, packet))) {
		judge_packet(packet, len);
		outbox_sent(&controller->outbox, len);
	}
	fuzz_require(controller->outbox.len == 0, "what is sent is gone");
	fuzz_require(controller->pool.used <= controller->traits.acl_count, "buffers are bounded");
	fuzz_require(air_count_links(controller->air, controller) <= controller->traits.links,
		     "links are bounded");
}

static void play(struct air *air, struct controller *controllers[HOSTS], struct reader *input)
{
	while (input->len > 0 && !controllers[0]->lost && !controllers[1]->lost) {
		uint8_t word = take_u8(input);
		size_t len = take_u8(input);
		uint64_t later_us = (uint64_t)(word >> STEPS_SHIFT) * TIME_UNIT_US;

		len = len < input->len ? len : input->len;
		air_run(air, air->now_us + later_us);
		controller_take(controllers[word & HOST_MASK], take_bytes(input, len), len);
		judge(controllers[0]);
		judge(controllers[1]);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct air_options options = { .seed = 1 };
	struct traits traits = { .has_address = true,
				 .extended = true,
				 .data_length = true,
				 .phy_2m = true,
				 .acl_len = 60,
				 .acl_count = 3,
				 .links = 2 };
	struct reader input = { .data = data, .len = size };
	struct controller *controllers[HOSTS];
	struct air *air = calloc(1, sizeof(*air));
	FILE *log = fopen("/dev/null", "we");

	if (air && log && size <= INPUT_MAX) {
		air_open(air, &options, log, 0);
		for (size_t i = 0; i < HOSTS; i++)
			controllers[i] = air_add(air, &traits);
		play(air, controllers, &input);
		air_run(air, air->now_us + 5000000);
		air_close(air);
	}
	if (log)
		fclose(log);
	free(air);
	return 0;
}
