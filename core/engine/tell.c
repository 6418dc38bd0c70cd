#include "session_state.h"

#include <stdarg.h>
#include <stdio.h>

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

void session_collect_bytes(struct session *session)
{
	if (session->phase == SESSION_DATA)
		session->pushed_bytes += session->gatt.bytes_pushed;
	session->gatt.bytes_pushed = 0;
}

void session_enter_phase(struct session *session, enum session_phase phase)
{
	struct session_event event = { .kind = SESSION_EVENT_PHASE, .phase = phase };

	session_collect_bytes(session);
	if (session->phase == phase && session->told_image == session->image)
		return;
	session->phase = phase;
	session->told_image = session->image;
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

void session_hear(void *user, const struct otadfu_event *event)
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
