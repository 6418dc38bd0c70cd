#include "log.h"
#include "outcome.h"
#include "session_state.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const phase_names[] = {
	[SESSION_CONNECT] = "connect",   [SESSION_PROBE] = "probe",
	[SESSION_ENTER] = "enter",       [SESSION_INIT] = "init",
	[SESSION_DATA] = "data",         [SESSION_VALIDATE] = "validate",
	[SESSION_ACTIVATE] = "activate", [SESSION_VERIFY] = "verify",
};

const char *session_phase_name(enum session_phase phase)
{
	return phase_names[phase];
}

struct failure *session_failure(struct session *session)
{
	return &session->result->failure;
}

bool session_has_used(const struct session *session, const struct otadfu_addr *addr)
{
	for (size_t i = 0; i < session->used_count; i++) {
		if (target_same_addr(&session->used[i], addr))
			return true;
	}
	return false;
}

static void tell(struct session *session, struct session_event *event)
{
	const struct session_job *job = session->job;
	bool sending = job->package && session->image < job->package->count &&
		       session->phase >= SESSION_INIT && session->phase != SESSION_VERIFY;

	event->device = session->task.device;
	event->image =
		sending ? package_kind_name(job->package->images[session->image].kind) : NULL;
	event->now_ms = task_now_ms(&session->task);
	if (job->on_event)
		job->on_event(job->user, event);
}

/* Only what is sent in the data phase is image data; init packets go the same way. */
static void collect_pushed_bytes(struct session *session)
{
	if (session->phase == SESSION_DATA)
		session->pushed_bytes += session->gatt.bytes_pushed;
	session->gatt.bytes_pushed = 0;
}

void session_enter_phase(struct session *session, enum session_phase phase)
{
	struct session_event event = { .kind = SESSION_EVENT_PHASE, .phase = phase };

	collect_pushed_bytes(session);
	if (session->phase == phase)
		return;
	session->phase = phase;
	tell(session, &event);
}

void session_note(struct session *session, const char *format, ...)
{
	char text[FAILURE_TEXT_MAX];
	struct session_event event = { .kind = SESSION_EVENT_NOTE, .text = text };
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	tell(session, &event);
}

static void on_plugin_event(void *user, const struct otadfu_event *event)
{
	static const enum session_phase phases[] = {
		[OTADFU_PHASE_INIT] = SESSION_INIT,
		[OTADFU_PHASE_DATA] = SESSION_DATA,
		[OTADFU_PHASE_VALIDATE] = SESSION_VALIDATE,
		[OTADFU_PHASE_ACTIVATE] = SESSION_ACTIVATE,
	};
	struct session *session = user;
	struct session_event progress = { .kind = SESSION_EVENT_PROGRESS,
					  .done = event->done,
					  .total = event->total };

	if (event->kind == OTADFU_EV_PHASE && event->code >= OTADFU_PHASE_INIT &&
	    event->code <= OTADFU_PHASE_ACTIVATE)
		session_enter_phase(session, phases[event->code]);
	else if (event->kind == OTADFU_EV_BYTES)
		tell(session, &progress);
	else if (event->kind == OTADFU_EV_NOTE && event->text)
		session_note(session, "%s", event->text);
}

/*
 * A device is one device to its operator, wherever its bootloader advertises: it keeps the
 * address it was asked for by. Asked for by name, it gets the one it is found at.
 */
static void name_by_target(struct session *session)
{
	const struct profile *profile = session->job->profile;
	struct otadfu_addr addr;

	if (profile->match_address.value &&
	    target_parse_addr(profile->match_address.value, &addr, NULL) == OTADFU_OK)
		target_format_addr(&addr, session->task.device);
	else if (profile->match_name.value)
		snprintf(session->task.device, sizeof(session->task.device), "%s",
			 profile->match_name.value);
}

int session_open(struct session *session, const struct session_job *job,
		 struct session_result *result)
{
	const struct profile *profile = job->profile;
	const struct otadfu_transport_ops *transport =
		registry_transport(job->registry, profile->transport.value);
	struct failure *why = &result->failure;
	int r;

	memset(result, 0, sizeof(*result));
	*session = (struct session){
		.job = job,
		.result = result,
		.task = { .clock = job->clock,
			  .log = job->log,
			  .cancel_fd = job->cancel_fd,
			  .on_event = on_plugin_event,
			  .user = session },
		.advertised_rssi_dbm = 127,
	};
	name_by_target(session);
	if (!transport)
		return failure_set(why, OTADFU_E_NOT_FOUND, 0,
				   "no plugin provides the transport '%s'",
				   profile->transport.value);
	r = options_resolve(transport->name, transport->options, &profile->settings,
			    &session->transport_options, why);
	if (r == OTADFU_OK)
		r = speakers_gather(&session->speakers, job->registry, profile, why);
	if (r == OTADFU_OK)
		r = adapter_open(&session->adapter, &session->task, transport,
				 session->transport_options, profile->adapter.value, why);
	return r;
}

void session_close(struct session *session)
{
	join_leave(session);
	adapter_close(&session->adapter);
	speakers_free(&session->speakers);
	options_free(session->transport_options);
}

static void count(struct session *session, uint64_t begin_ms)
{
	const struct package *package = session->job->package;
	struct session_result *result = session->result;

	for (size_t i = 0; i < package->count; i++)
		result->bytes += package->images[i].data_len;
	if (session->pushed_bytes > result->bytes)
		result->resent_bytes = session->pushed_bytes - result->bytes;
	result->duration_ms = task_now_ms(&session->task) - begin_ms;
}

void session_run(const struct session_job *job, struct session_result *ret_result)
{
	struct session session;
	struct place place = { 0 };
	bool activated = false;
	int r = session_open(&session, job, ret_result);
	bool opened = r == OTADFU_OK;
	/* Only now: the adapter may have made the clock virtual. */
	uint64_t begin_ms = task_now_ms(&session.task);

	session_enter_phase(&session, SESSION_CONNECT);
	if (r == OTADFU_OK)
		r = locate_target(&session, &place);
	if (r == OTADFU_OK)
		r = update_run(&session, &place, &activated);
	if (r != OTADFU_OK && ret_result->failure.phase[0] == '\0')
		snprintf(ret_result->failure.phase, sizeof(ret_result->failure.phase), "%s",
			 session_phase_name(session.phase));
	collect_pushed_bytes(&session);
	outcome_judge(ret_result, r, opened, activated);
	if (r == OTADFU_OK && job->dry_run)
		ret_result->status = SESSION_REHEARSED;
	count(&session, begin_ms);
	snprintf(ret_result->device, sizeof(ret_result->device), "%s", session.task.device);
	session_close(&session);
}
