#include "standard.h"

#include "session_state.h"
#include "text.h"

#include <string.h>

enum { READ_MS = 5000, TEXT_MAX = 64 };

const struct standard standard_firmware_revision = { STANDARD_DEVICE_INFORMATION, 0x2A26 };
const struct standard standard_battery_level = { 0x180F, 0x2A19 };

/* The 16-bit UUID in the Bluetooth base UUID. */
static struct otadfu_uuid short_uuid(uint16_t value)
{
	struct otadfu_uuid uuid = { { 0, 0, 0, 0, 0, 0, 0x10, 0, 0x80, 0, 0, 0x80, 0x5F, 0x9B, 0x34,
				      0xFB } };

	uuid.bytes[2] = (uint8_t)(value >> 8);
	uuid.bytes[3] = (uint8_t)value;
	return uuid;
}

int standard_read(struct session *session, const struct standard *what, uint8_t *buf, size_t cap,
		  size_t *ret_len, struct failure *why)
{
	const struct otadfu_uuid service = short_uuid(what->service);
	const struct otadfu_uuid uuid = short_uuid(what->uuid);
	const struct otadfu_gatt *gatt;
	struct otadfu_chr chr;
	struct call call;
	int r;

	call_begin(&call, &session->task, "core", NULL);
	gatt_lend(&session->gatt, &call);
	gatt = call.ctx.gatt;
	r = gatt->find(&call.ctx, &service, &uuid, &chr);
	if (r == OTADFU_OK)
		r = gatt->read(&call.ctx, chr.id, buf, cap, ret_len,
			       task_now_ms(&session->task) + READ_MS);
	return r < 0 ? call_explain(&call, r, why) : OTADFU_OK;
}

int standard_read_text(struct session *session, const struct standard *what, char *text,
		       size_t size, struct failure *why)
{
	uint8_t value[TEXT_MAX];
	size_t len = 0;
	int r = standard_read(session, what, value, size < TEXT_MAX ? size - 1 : TEXT_MAX - 1, &len,
			      why);

	if (r < 0)
		return r;
	while (len > 0 && (value[len - 1] == ' ' || value[len - 1] == '\0'))
		len--;
	memcpy(text, value, len);
	text[len] = '\0';
	text_make_printable(text);
	return OTADFU_OK;
}
