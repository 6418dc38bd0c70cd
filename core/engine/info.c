#include "info.h"

#include "outcome.h"
#include "session_state.h"
#include "text.h"

#include <stdio.h>
#include <string.h>

enum { READ_MS = 5000 };

/* The 16-bit UUID in the Bluetooth base UUID. */
static struct otadfu_uuid short_uuid(uint16_t value)
{
	struct otadfu_uuid uuid = { { 0, 0, 0, 0, 0, 0, 0x10, 0, 0x80, 0, 0, 0x80, 0x5F, 0x9B, 0x34,
				      0xFB } };

	uuid.bytes[2] = (uint8_t)(value >> 8);
	uuid.bytes[3] = (uint8_t)value;
	return uuid;
}

/* Device Information service: assigned numbers of its strings. */
static const struct {
	uint16_t uuid;
	const char *key;
} strings[] = {
	{ 0x2A29, "manufacturer" }, { 0x2A24, "model" },    { 0x2A25, "serial" },
	{ 0x2A27, "hardware" },     { 0x2A26, "firmware" }, { 0x2A28, "software" },
};

/* A string that cannot be read (encryption, removed) is left out: the rest is still worth telling.
 */
static int read_text(struct session *session, struct call *call, uint16_t uuid, char *text)
{
	const struct otadfu_uuid service = short_uuid(0x180A);
	const struct otadfu_uuid wanted = short_uuid(uuid);
	const struct otadfu_gatt *gatt = call->ctx.gatt;
	uint8_t value[INFO_TEXT_MAX - 1];
	struct otadfu_chr chr;
	size_t len = 0;
	int r = gatt->find(&call->ctx, &service, &wanted, &chr);

	if (r == OTADFU_OK)
		r = gatt->read(&call->ctx, chr.id, value, sizeof(value), &len,
			       task_now_ms(&session->task) + READ_MS);
	if (r != OTADFU_OK)
		return r;
	memcpy(text, value, len);
	text[len] = '\0';
	text_make_printable(text);
	return OTADFU_OK;
}

static int read_texts(struct session *session, struct info *info)
{
	struct call call;

	call_begin(&call, &session->task, "info", NULL);
	gatt_lend(&session->gatt, &call);
	for (size_t i = 0; i < sizeof(strings) / sizeof(strings[0]); i++) {
		struct info_text *text = &info->texts[info->text_count];
		int r = read_text(session, &call, strings[i].uuid, text->value);

		if (r == OTADFU_E_DISCONNECTED || r == OTADFU_E_CANCELLED)
			return call_explain(&call, r, session_failure(session));
		if (r != OTADFU_OK)
			continue;
		text->key = strings[i].key;
		info->text_count++;
	}
	return OTADFU_OK;
}

static void list_services(const struct gatt *gatt, struct info *info)
{
	for (size_t i = 0; i < gatt->chr_count; i++) {
		const struct otadfu_uuid *service = &gatt->chrs[i].service;
		size_t known = 0;

		while (known < info->service_count &&
		       memcmp(&info->services[known], service, sizeof(*service)) != 0)
			known++;
		if (known == info->service_count && known < INFO_SERVICES_MAX)
			info->services[info->service_count++] = *service;
	}
}

static int examine(struct session *session, const struct place *place, struct info *info)
{
	uint64_t limit_ms = (uint64_t)session->job->profile->connect_timeout_ms.value;
	int r = join_addr(session, &place->candidates[0], task_now_ms(&session->task) + limit_ms);

	if (r != OTADFU_OK)
		return r;
	info->addr = session->gatt.peer;
	info->protocol = session->speaker ? session->speaker->ops->name : NULL;
	info->mode = session->mode;
	info->dfu_version = session->version;
	info->mtu = session->gatt.mtu;
	list_services(&session->gatt, info);
	return read_texts(session, info);
}

int info_run(const struct info_job *job, struct info *ret_info, int *ret_exit_status,
	     struct failure *why)
{
	const struct session_job as_session = {
		.registry = job->registry,
		.profile = job->profile,
		.clock = job->clock,
		.log = job->log,
		.cancel_fd = job->cancel_fd,
	};
	struct session_result result;
	struct session session;
	struct place place = { 0 };
	struct info info = { .rssi_dbm = 127 };
	int r = session_open(&session, &as_session, &result);
	bool opened = r == OTADFU_OK;

	if (r == OTADFU_OK)
		r = locate_target(&session, &place);
	if (r == OTADFU_OK)
		r = examine(&session, &place, &info);
	if (r == OTADFU_OK) {
		snprintf(info.name, sizeof(info.name), "%s", session.advertised_name);
		info.rssi_dbm = session.advertised_rssi_dbm;
		*ret_info = info;
	}
	outcome_judge(&result, r, opened, false);
	*ret_exit_status = result.exit_status;
	*why = result.failure;
	session_close(&session);
	return r;
}
