#include "info.h"

#include "outcome.h"
#include "session_state.h"
#include "standard.h"

#include <stdio.h>
#include <string.h>

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
static int read_texts(struct session *session, struct info *info)
{
	for (size_t i = 0; i < sizeof(strings) / sizeof(strings[0]); i++) {
		const struct standard what = { STANDARD_DEVICE_INFORMATION, strings[i].uuid };
		struct info_text *text = &info->texts[info->text_count];
		struct failure why = { 0 };
		int r = standard_read_text(session, &what, text->value, sizeof(text->value), &why);

		if (r == OTADFU_E_DISCONNECTED || r == OTADFU_E_CANCELLED) {
			*session_failure(session) = why;
			return r;
		}
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

/* A device that is waited for without a scan is there when it answers. */
static int meet(struct session *session, const struct place *place)
{
	uint64_t limit_ms = (uint64_t)session->job->profile->connect_timeout_ms.value;
	bool waits = session->job->wait_ms > 0 && join_is_blind(session, place);
	int r;

	for (;;) {
		uint64_t now = task_now_ms(&session->task);

		r = join_addr(session, &place->candidates[0], now + limit_ms);
		if (r == OTADFU_OK || !waits || !error_is_retryable(r))
			return r;
		now = task_now_ms(&session->task);
		if (now >= place->until_ms)
			return r;
		failure_clear(session_failure(session));
		r = task_wait(&session->task, now + SESSION_LOOK_AGAIN_MS);
		if (r < 0)
			return failure_set(session_failure(session), r, 0, "%s", error_text(r));
	}
}

static int examine(struct session *session, const struct place *place, struct info *info)
{
	int r = meet(session, place);

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
		.wait_ms = job->wait_ms,
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
		snprintf(info.transport, sizeof(info.transport), "%s", result.transport);
		*ret_info = info;
	}
	outcome_judge(&result, r, opened, false);
	*ret_exit_status = result.exit_status;
	*why = result.failure;
	session_close(&session);
	return r;
}
