#include "talk.h"

#include <stdarg.h>
#include <stdio.h>

enum {
	REQUEST_MS = 10000,
	ATT_INSUFFICIENT_AUTHORIZATION = 0x08,
	ATT_CCCD_OFF = 0xfd, /* the application error both protocols give (section 1 of each) */
	TEXT_MAX = 384,
	HEX_SHOWN = 20,
	HEX_TEXT = 3 * HEX_SHOWN + 4,
};

static const char *reason(int code)
{
	switch (code) {
	case OTADFU_E_DISCONNECTED:
		return "the link was lost";
	case OTADFU_E_TIMEOUT:
		return "the device did not answer in time";
	case OTADFU_E_CANCELLED:
		return "interrupted";
	case OTADFU_E_ATT:
		return "the device refused it";
	case OTADFU_E_SECURITY:
		return "the device wants an encrypted link";
	case OTADFU_E_OVERFLOW:
		return "a notification was lost";
	default:
		return "the link failed";
	}
}

const char *talk_security_advice(int32_t att_error)
{
	if (att_error == ATT_INSUFFICIENT_AUTHORIZATION)
		return "its user has switched updates off: enable it on the watch (InfiniTime: "
		       "Settings, Over-the-air) and try again";
	return "where the bond with this computer is lost, remove it on both sides and pair again "
	       "while the application runs";
}

/* The verb that failed has left the ATT error or the errno. */
static int failed(struct talk *talk, int code, const char *doing, const char *what)
{
	int32_t detail = talk->ctx->host->detail(talk->ctx);

	if (code == OTADFU_E_SECURITY)
		return talk_fail(talk, code, detail, "%s (ATT error %02X) while %s %s; %s",
				 detail == ATT_INSUFFICIENT_AUTHORIZATION ? "the device forbids it"
									  : reason(code),
				 (unsigned int)detail, doing, what, talk_security_advice(detail));
	if (code == OTADFU_E_ATT)
		return talk_fail(talk, code, detail, "%s (ATT error %02X) while %s %s",
				 reason(code), (unsigned int)detail, doing, what);
	return talk_fail(talk, code, detail, "%s while %s %s", reason(code), doing, what);
}

static uint64_t deadline(const struct talk *talk, uint32_t limit_ms)
{
	return talk->ctx->host->now_ms(talk->ctx) + limit_ms;
}

static void format_note(const struct talk *talk, char *text, size_t size)
{
	size_t used = 0;

	text[0] = '\0';
	for (size_t i = 0; i < talk->note_len && i < HEX_SHOWN; i++)
		used += (size_t)snprintf(text + used, size - used, "%s%02X", i > 0 ? " " : "",
					 talk->note[i]);
	if (talk->note_len > HEX_SHOWN)
		snprintf(text + used, size - used, " ..");
}

static int find(struct talk *talk, const struct otadfu_uuid *service,
		const struct otadfu_uuid *uuid, uint16_t *ret_id)
{
	struct otadfu_chr chr;
	int r = talk->ctx->gatt->find(talk->ctx, service, uuid, &chr);

	if (r < 0)
		return talk_fail(
			talk, r, 0,
			"the device does not show the characteristic %02X%02X of its DFU "
			"service; if it did before, the attribute cache of this computer is "
			"stale",
			uuid->bytes[2], uuid->bytes[3]);
	*ret_id = chr.id;
	return OTADFU_OK;
}

int talk_open(struct talk *talk, struct otadfu_ctx *ctx, const struct otadfu_uuid *service,
	      const struct otadfu_uuid *control, const struct otadfu_uuid *packet)
{
	int r;

	*talk = (struct talk){ .ctx = ctx };
	r = find(talk, service, control, &talk->control);
	if (r < 0)
		return r;
	if (packet) {
		r = find(talk, service, packet, &talk->packet);
		if (r < 0)
			return r;
	}
	r = ctx->gatt->subscribe(ctx, talk->control, deadline(talk, REQUEST_MS));
	return r < 0 ? failed(talk, r, "subscribing to", "the control point") : OTADFU_OK;
}

struct talk_limit talk_limit(const struct talk *talk, const char *what, uint32_t limit_ms)
{
	return (struct talk_limit){
		.what = what,
		.limit_ms = limit_ms,
		.deadline_ms = deadline(talk, limit_ms),
	};
}

int talk_wait(struct talk *talk, const struct talk_limit *limit)
{
	return talk->ctx->gatt->wait(talk->ctx, talk->control, talk->note, sizeof(talk->note),
				     &talk->note_len, limit->deadline_ms);
}

void talk_drop_stale(struct talk *talk)
{
	struct talk_limit now = talk_limit(talk, "", 0);

	while (talk_wait(talk, &now) == OTADFU_OK)
		talk_ignore(talk);
}

int talk_wait_failed(struct talk *talk, const struct talk_limit *limit, int code)
{
	char last[HEX_TEXT];

	if (code != OTADFU_E_TIMEOUT)
		return failed(talk, code, "waiting for", limit->what);
	format_note(talk, last, sizeof(last));
	return talk_fail(talk, code, 0, "%s did not come within %u s; the last the device said: %s",
			 limit->what, limit->limit_ms / 1000,
			 talk->note_len > 0 ? last : "nothing");
}

int talk_try_write(struct talk *talk, const uint8_t *data, size_t len)
{
	struct otadfu_ctx *ctx = talk->ctx;
	const struct otadfu_gatt *gatt = ctx->gatt;
	int r = gatt->write(ctx, talk->control, data, len, deadline(talk, REQUEST_MS));

	if (r != OTADFU_E_ATT || ctx->host->detail(ctx) != ATT_CCCD_OFF)
		return r;
	r = gatt->subscribe(ctx, talk->control, deadline(talk, REQUEST_MS));
	if (r < 0)
		return r;
	return gatt->write(ctx, talk->control, data, len, deadline(talk, REQUEST_MS));
}

int talk_write(struct talk *talk, const char *what, const uint8_t *data, size_t len)
{
	int r = talk_try_write(talk, data, len);

	return r < 0 ? failed(talk, r, "writing", what) : OTADFU_OK;
}

int talk_push(struct talk *talk, const uint8_t *data, size_t len)
{
	struct otadfu_ctx *ctx = talk->ctx;
	int r = ctx->gatt->write_cmd(ctx, talk->packet, data, len, deadline(talk, REQUEST_MS));

	return r < 0 ? failed(talk, r, "sending", "a data packet") : OTADFU_OK;
}

int talk_wait_gone(struct talk *talk, uint32_t limit_ms)
{
	return talk->ctx->gatt->wait_gone(talk->ctx, deadline(talk, limit_ms));
}

int talk_fail(struct talk *talk, int code, int32_t detail, const char *format, ...)
{
	char text[TEXT_MAX];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	return talk->ctx->host->fail(talk->ctx, code, detail, text);
}

void talk_ignore(struct talk *talk)
{
	char note[HEX_TEXT];
	char text[HEX_TEXT + 32];

	format_note(talk, note, sizeof(note));
	snprintf(text, sizeof(text), "not waited for, ignored: %s", note);
	talk->ctx->host->log(talk->ctx, OTADFU_LOG_DEBUG, text);
}

static void emit(struct talk *talk, struct otadfu_event event)
{
	event.size = sizeof(event);
	talk->ctx->host->event(talk->ctx, &event);
}

void talk_phase(struct talk *talk, uint32_t phase)
{
	emit(talk, (struct otadfu_event){ .kind = OTADFU_EV_PHASE, .code = phase });
}

void talk_progress(struct talk *talk, size_t done, size_t total)
{
	emit(talk, (struct otadfu_event){ .kind = OTADFU_EV_BYTES, .done = done, .total = total });
}

void talk_tell(struct talk *talk, const char *format, ...)
{
	char text[TEXT_MAX];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	emit(talk, (struct otadfu_event){ .kind = OTADFU_EV_NOTE, .text = text });
}
