/*
 * ACL packets of one connection: frames put together from them, and what is answered. The first
 * byte is our role, then each packet follows its length.
 */
#include "l2cap.h"

#include "acl.h"
#include "fuzz.h"

static void judge_answer(const struct l2cap_answer *answer, uint16_t channel, bool central)
{
	struct l2cap_answer echo;

	fuzz_require(answer->len <= L2CAP_ANSWER_MAX, "an answer fits");
	fuzz_require(answer->news != L2CAP_PARAMETERS_ACCEPTED || central,
		     "a central alone applies parameters");
	echo = l2cap_answer(channel, !central, answer->data, answer->len);
	fuzz_require(echo.len == 0, "no answer is answered, or two hosts would never end");
}

static void judge_frame(const struct acl_frame *frame, bool central)
{
	struct l2cap_answer answer;
	uint32_t sum = 0;

	fuzz_require(frame->len <= ACL_PDU_MAX, "no frame is longer than those of ATT");
	for (size_t i = 0; i < frame->len; i++)
		sum += frame->data[i];
	fuzz_require(sum <= frame->len * UINT8_MAX, "all of it can be read");
	answer = l2cap_answer(frame->channel, central, frame->data, frame->len);
	judge_answer(&answer, frame->channel, central);
}

/* What went out of one host comes into another as it was. */
static void send_on(const struct acl_frame *frame, uint16_t buffer_len)
{
	struct acl_buffers buffers = { .len = buffer_len, .total = 1, .free = 1 };
	struct acl_link out = { .handle = 0x40 }, in = { .handle = 0x40 };
	enum acl_arrival arrival = ACL_PART;
	uint8_t packet[ACL_PACKET_MAX];
	struct acl_frame got = { 0 };
	size_t len;

	fuzz_require(acl_queue(&out, frame->channel, frame->data, frame->len), "it fits");
	while ((len = acl_next(&out, &buffers, packet)) > 0) {
		fuzz_require(arrival == ACL_PART, "only the last packet ends it");
		arrival = acl_receive(&in, packet, len, &got);
		acl_completed(&out, &buffers, 1);
	}
	fuzz_require(arrival == ACL_WHOLE && got.channel == frame->channel &&
			     got.len == frame->len && memcmp(got.data, frame->data, got.len) == 0,
		     "a frame arrives as it was sent");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct cursor input = cursor_over(data, size);
	struct acl_link link = { .handle = 0x40 };
	bool central = cursor_u8(&input) & 1;
	struct acl_frame frame;

	while (cursor_left(&input) > 0) {
		size_t len = cursor_u8(&input);
		const uint8_t *packet = cursor_take(&input, len);

		if (!packet || acl_receive(&link, packet, len, &frame) != ACL_WHOLE)
			continue;
		judge_frame(&frame, central);
		send_on(&frame, 27);
	}
	return 0;
}
