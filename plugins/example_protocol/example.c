/*
 * The protocol plugin for the example bootloader (README.md). Each function the host calls is one
 * straight line of steps on one connection; finding, connecting, retrying and the order of images
 * are the host's.
 */
#include "example_wire.h"

#include <otadfu/plugin.h>
#include <stdbool.h>
#include <string.h>

enum {
	ANSWER_MS = 2000, /* the device answers within 1 s, says its manual */
	GONE_MS = 3000,
	ABORT_MS = 500,
	RETURN_MS = 10000, /* from reset to advertising */
	ANSWER_MAX = 6,
	PACKET_MAX = 244,
};

/* What one device taught us, for its next connections. */
struct memo {
	uint32_t burst; /* packets between two checks; 0: not learnt yet */
};

struct talk {
	uint16_t control; /* ids of the characteristics on this link */
	uint16_t data;
	uint32_t buffer; /* packets the device says it can take */
};

static const struct {
	int code;
	const char *text;
} statuses[] = {
	[EXAMPLE_DONE] = { OTADFU_OK, "done" },
	[EXAMPLE_NOT_UNDERSTOOD] = { OTADFU_E_PROTOCOL, "the device did not understand" },
	[EXAMPLE_NOT_NOW] = { OTADFU_E_PROTOCOL, "the device cannot do that now" },
	[EXAMPLE_TOO_LARGE] = { OTADFU_E_REJECTED, "the image is too large for the device" },
	[EXAMPLE_CHECKSUM_DIFFERS] = { OTADFU_E_INTEGRITY, "the device got other bytes than sent" },
};

static uint64_t deadline_in(struct otadfu_ctx *ctx, uint32_t ms)
{
	return ctx->host->now_ms(ctx) + ms;
}

static int check_answer(struct otadfu_ctx *ctx, uint8_t command, const uint8_t *answer, size_t len)
{
	if (len < 2 || answer[0] != (command | EXAMPLE_ANSWER))
		return ctx->host->fail(ctx, OTADFU_E_PROTOCOL, len ? answer[0] : 0,
				       "an answer to another command");
	if (answer[1] == EXAMPLE_DONE)
		return OTADFU_OK;
	if (answer[1] >= sizeof(statuses) / sizeof(statuses[0]))
		return ctx->host->fail(ctx, OTADFU_E_PROTOCOL, answer[1], "an unknown status");
	return ctx->host->fail(ctx, statuses[answer[1]].code, answer[1], statuses[answer[1]].text);
}

/* One command and its answer; ret_number NULL: none is expected. */
static int ask(struct otadfu_ctx *ctx, const struct talk *talk, const uint8_t *command, size_t len,
	       uint32_t *ret_number)
{
	uint64_t deadline_ms = deadline_in(ctx, ANSWER_MS);
	uint8_t answer[ANSWER_MAX];
	size_t answer_len = 0;
	int r;

	r = ctx->gatt->write(ctx, talk->control, command, len, deadline_ms);
	if (r == OTADFU_OK)
		r = ctx->gatt->wait(ctx, talk->control, answer, sizeof(answer), &answer_len,
				    deadline_ms);
	if (r == OTADFU_OK)
		r = check_answer(ctx, command[0], answer, answer_len);
	if (r < 0 || !ret_number)
		return r;
	if (answer_len != ANSWER_MAX)
		return ctx->host->fail(ctx, OTADFU_E_PROTOCOL, 0, "an answer of wrong length");
	*ret_number = example_get32(answer + 2);
	return OTADFU_OK;
}

static int read_hello(struct otadfu_ctx *ctx, uint16_t control, uint8_t *hello)
{
	size_t len = 0;
	int r;

	r = ctx->gatt->read(ctx, control, hello, EXAMPLE_HELLO_LEN, &len,
			    deadline_in(ctx, ANSWER_MS));
	if (r == OTADFU_OK && len != EXAMPLE_HELLO_LEN)
		return ctx->host->fail(ctx, OTADFU_E_PROTOCOL, 0, "a hello of wrong length");
	return r;
}

static int begin_talk(struct otadfu_ctx *ctx, struct talk *ret_talk)
{
	uint8_t hello[EXAMPLE_HELLO_LEN];
	struct otadfu_chr control;
	struct otadfu_chr data;
	int r;

	r = ctx->gatt->find(ctx, &example_service, &example_control, &control);
	if (r == OTADFU_OK)
		r = ctx->gatt->find(ctx, &example_service, &example_data, &data);
	if (r < 0)
		return ctx->host->fail(ctx, r, 0, "the service lacks a characteristic");
	r = read_hello(ctx, control.id, hello);
	if (r == OTADFU_OK)
		r = ctx->gatt->subscribe(ctx, control.id, deadline_in(ctx, ANSWER_MS));
	if (r < 0)
		return r;
	*ret_talk = (struct talk){ control.id, data.id, hello[2] };
	return OTADFU_OK;
}

static int probe(struct otadfu_ctx *ctx, struct otadfu_probe *ret_probe)
{
	uint8_t hello[EXAMPLE_HELLO_LEN];
	struct otadfu_chr control;
	int r;

	if (ctx->gatt->find(ctx, &example_service, &example_control, &control) < 0)
		return OTADFU_OK; /* score 0: not ours */
	r = read_hello(ctx, control.id, hello);
	if (r < 0)
		return r;
	ret_probe->score = 100;
	ret_probe->mode =
		hello[0] == EXAMPLE_APPLICATION ? OTADFU_MODE_APPLICATION : OTADFU_MODE_BOOTLOADER;
	ret_probe->version = hello[1];
	return OTADFU_OK;
}

/* AD structures: length, type, value. They come from the air: nothing is read past data_len. */
static int recognise(struct otadfu_ctx *ctx, const struct otadfu_advert *advert,
		     struct otadfu_probe *ret_probe)
{
	const size_t uuid_len = sizeof(example_service.bytes);

	(void)ctx;
	for (size_t at = 0; at + 1 < advert->data_len; at += 1u + advert->data[at]) {
		const uint8_t *ad = advert->data + at;
		bool ours = ad[0] == 1 + uuid_len + 1 && ad[1] == EXAMPLE_AD_SERVICE_DATA &&
			    at + 1 + ad[0] <= advert->data_len;

		/* A UUID travels with its last octet first. */
		for (size_t i = 0; ours && i < uuid_len; i++)
			ours = ad[2 + i] == example_service.bytes[uuid_len - 1 - i];
		if (ours) {
			ret_probe->score = 100;
			ret_probe->mode = ad[2 + uuid_len] == EXAMPLE_APPLICATION
						  ? OTADFU_MODE_APPLICATION
						  : OTADFU_MODE_BOOTLOADER;
			return OTADFU_OK;
		}
	}
	return OTADFU_OK;
}

static int enter_bootloader(struct otadfu_ctx *ctx, struct otadfu_next *ret_next)
{
	static const uint8_t jump[] = { EXAMPLE_JUMP };
	struct talk talk;
	int r;

	r = begin_talk(ctx, &talk);
	if (r == OTADFU_OK)
		r = ask(ctx, &talk, jump, sizeof(jump), NULL);
	if (r == OTADFU_OK)
		r = ctx->gatt->wait_gone(ctx, deadline_in(ctx, GONE_MS));
	if (r < 0)
		return r;
	ret_next->match = OTADFU_NEXT_ADDR_PLUS_ONE;
	ret_next->mode = OTADFU_MODE_BOOTLOADER;
	ret_next->within_ms = RETURN_MS;
	return OTADFU_OK;
}

static void tell_phase(struct otadfu_ctx *ctx, uint32_t phase)
{
	const struct otadfu_event event = { .size = sizeof(event),
					    .kind = OTADFU_EV_PHASE,
					    .code = phase };

	ctx->host->event(ctx, &event);
}

static void tell_bytes(struct otadfu_ctx *ctx, uint64_t done, uint64_t total)
{
	const struct otadfu_event event = {
		.size = sizeof(event), .kind = OTADFU_EV_BYTES, .done = done, .total = total
	};

	ctx->host->event(ctx, &event);
}

static int begin_image(struct otadfu_ctx *ctx, const struct talk *talk,
		       const struct otadfu_image *image, uint32_t *ret_have)
{
	uint8_t begin[1 + 4 + 4] = { EXAMPLE_BEGIN };
	int r;

	example_put32(begin + 1, (uint32_t)image->data_len);
	example_put32(begin + 5, example_checksum(image->data, image->data_len));
	r = ask(ctx, talk, begin, sizeof(begin), ret_have);
	if (r == OTADFU_OK && *ret_have > image->data_len)
		return ctx->host->fail(ctx, OTADFU_E_PROTOCOL, 0,
				       "the device claims more bytes than there are");
	return r;
}

/* One burst from offset on; *ret_offset is where it ended. */
static int send_burst(struct otadfu_ctx *ctx, const struct talk *talk,
		      const struct otadfu_image *image, uint32_t packets, uint32_t *ret_offset)
{
	uint8_t packet[PACKET_MAX];
	size_t room = ctx->gatt->max_write(ctx);

	if (room > sizeof(packet))
		room = sizeof(packet);
	room -= EXAMPLE_OFFSET_LEN;
	while (packets-- > 0 && *ret_offset < image->data_len) {
		size_t len =
			image->data_len - *ret_offset < room ? image->data_len - *ret_offset : room;
		int r;

		example_put32(packet, *ret_offset);
		memcpy(packet + EXAMPLE_OFFSET_LEN, image->data + *ret_offset, len);
		r = ctx->gatt->write_cmd(ctx, talk->data, packet, EXAMPLE_OFFSET_LEN + len,
					 deadline_in(ctx, ANSWER_MS));
		if (r < 0)
			return r;
		*ret_offset += (uint32_t)len;
	}
	return OTADFU_OK;
}

static uint32_t first_burst(struct otadfu_ctx *ctx, const struct talk *talk)
{
	const struct memo *memo = ctx->memo;
	int64_t wanted = ctx->host->option_int(ctx, "burst");

	if (memo->burst > 0)
		return memo->burst;
	if (wanted > 0)
		return (uint32_t)wanted;
	return talk->buffer > 0 ? talk->buffer : 1;
}

/* The device says after each burst how far it got: that, and not what was sent, is progress. */
static int send_image(struct otadfu_ctx *ctx, const struct talk *talk,
		      const struct otadfu_image *image, uint32_t have)
{
	static const uint8_t check[] = { EXAMPLE_CHECK };
	struct memo *memo = ctx->memo;
	uint32_t burst = first_burst(ctx, talk);

	while (have < image->data_len) {
		uint32_t sent = have;
		uint32_t got;
		int r;

		r = send_burst(ctx, talk, image, burst, &sent);
		if (r == OTADFU_OK)
			r = ask(ctx, talk, check, sizeof(check), &got);
		if (r < 0)
			return r;
		if (got < have || got > sent)
			return ctx->host->fail(ctx, OTADFU_E_PROTOCOL, 0,
					       "the device claims bytes that were not sent");
		if (got == have && burst == 1)
			return ctx->host->fail(ctx, OTADFU_E_IO, 0, "the device takes no packet");
		if (got < sent && burst > 1)
			memo->burst = burst /= 2;
		have = got;
		tell_bytes(ctx, have, image->data_len);
	}
	return OTADFU_OK;
}

static int commit(struct otadfu_ctx *ctx, const struct talk *talk, struct otadfu_next *ret_next)
{
	static const uint8_t command[] = { EXAMPLE_COMMIT };
	int r = ask(ctx, talk, command, sizeof(command), NULL);

	/* The device has dropped the image and stays; a new attempt sends it whole. */
	if (r == OTADFU_E_INTEGRITY) {
		ret_next->match = OTADFU_NEXT_SAME_ADDR;
		ret_next->mode = OTADFU_MODE_BOOTLOADER;
		ret_next->within_ms = RETURN_MS;
	}
	return r;
}

static int update(struct otadfu_ctx *ctx, const struct otadfu_image *image,
		  struct otadfu_next *ret_next)
{
	struct talk talk;
	uint32_t have = 0;
	int r;

	if (image->kind != OTADFU_IMAGE_APPLICATION || image->data_len > UINT32_MAX)
		return ctx->host->fail(ctx, OTADFU_E_PACKAGE, 0,
				       "this bootloader takes an application and nothing else");
	tell_phase(ctx, OTADFU_PHASE_INIT);
	r = begin_talk(ctx, &talk);
	if (r == OTADFU_OK)
		r = begin_image(ctx, &talk, image, &have);
	if (r < 0)
		return r;
	tell_phase(ctx, OTADFU_PHASE_DATA);
	r = send_image(ctx, &talk, image, have);
	if (r < 0)
		return r;
	tell_phase(ctx, OTADFU_PHASE_VALIDATE);
	r = commit(ctx, &talk, ret_next);
	if (r < 0)
		return r;
	tell_phase(ctx, OTADFU_PHASE_ACTIVATE);
	r = ctx->gatt->wait_gone(ctx, deadline_in(ctx, GONE_MS));
	if (r < 0)
		return r;
	ret_next->match = OTADFU_NEXT_ADDR_MINUS_ONE;
	ret_next->mode = OTADFU_MODE_APPLICATION;
	ret_next->within_ms = RETURN_MS;
	return OTADFU_OK;
}

/* The answer is not waited for: an older one may still be on its way. */
static int forget(struct otadfu_ctx *ctx)
{
	static const uint8_t command[] = { EXAMPLE_FORGET };
	struct otadfu_chr control;
	int r = ctx->gatt->find(ctx, &example_service, &example_control, &control);

	if (r < 0)
		return r;
	return ctx->gatt->write(ctx, control.id, command, sizeof(command),
				deadline_in(ctx, ABORT_MS));
}

static const struct otadfu_option burst_option = {
	.size = sizeof(burst_option),
	.kind = OTADFU_OPT_INT,
	.key = "burst",
	.help = "packets between two checks; 0: as many as the device says it can buffer",
	.fallback = "0",
	.min = 0,
	.max = 255,
};
static const struct otadfu_option *const options[] = { &burst_option, NULL };

static const struct otadfu_protocol_ops example = {
	.size = sizeof(example),
	.memo_size = sizeof(struct memo),
	.name = "example",
	.summary = "the invented bootloader of the documentation",
	.options = options,
	.probe = probe,
	.enter_bootloader = enter_bootloader,
	.update = update,
	.abort = forget,
	.recognise = recognise,
};
static const struct otadfu_protocol_ops *const protocols[] = { &example, NULL };

OTADFU_PLUGIN_DEFINE(example) = {
	.magic = OTADFU_PLUGIN_MAGIC,
	.abi_version = OTADFU_ABI_VERSION,
	.size = sizeof(struct otadfu_plugin),
	.name = "example",
	.version = "1.0",
	.vendor = "the otadfu project",
	.protocols = protocols,
};
