#include "log.h"
#include "outcome.h"
#include "session_state.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	BACKOFF_FIRST_MS = 500,
	BACKOFF_MAX_MS = 8000,
	FREE_ATTEMPTS_MAX = 8, /* for what a protocol calls free: no bug may loop for ever */
	REDISCOVER_MS = 30000, /* after a failure that does not say where the device is */
	VERIFY_MS = 60000,
};

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

/* --- telling --- */

static void tell(struct session *session, struct session_event *event)
{
	const struct session_job *job = session->job;
	bool sending = session->image < job->package->count && session->phase >= SESSION_INIT &&
		       session->phase != SESSION_VERIFY;

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

/* --- one step on one connection --- */

static void begin_protocol_call(struct session *session, struct call *call)
{
	call_begin(call, &session->task, session->speaker->ops->name, session->speaker->options);
	call->ctx.memo = session->speaker->memo;
	gatt_lend(&session->gatt, call);
}

/* The one call after cancellation or a final error, while the link still lives. */
static void abort_update(struct session *session)
{
	struct call call;

	if (!session->gatt.link || session->gatt.lost || !session->speaker ||
	    !session->speaker->ops->abort)
		return;
	begin_protocol_call(session, &call);
	session->task.cancel_masked = true;
	session->speaker->ops->abort(&call.ctx);
	session->task.cancel_masked = false;
}

static int enter_bootloader(struct session *session, struct otadfu_next *next)
{
	struct failure *why = session_failure(session);
	struct call call;
	int r;

	session_enter_phase(session, SESSION_ENTER);
	if (!session->speaker->ops->enter_bootloader) {
		failure_hint(why, "bring it there by hand (button, command) and try again");
		return failure_set(
			why, OTADFU_E_UNSUPPORTED, 0,
			"the device runs its application, and the protocol '%s' has no way "
			"into the bootloader",
			session->speaker->ops->name);
	}
	begin_protocol_call(session, &call);
	r = session->speaker->ops->enter_bootloader(&call.ctx, next);
	if (r < 0)
		return call_explain(&call, r, why);
	if (next->match == 0)
		session->mode = OTADFU_MODE_BOOTLOADER;
	return OTADFU_OK;
}

static int update_image(struct session *session, struct otadfu_next *next)
{
	const struct otadfu_image *image = &session->job->package->images[session->image];
	struct failure *why = session_failure(session);
	struct call call;
	int r;

	begin_protocol_call(session, &call);
	r = session->speaker->ops->update(&call.ctx, image, next);
	if (r < 0 && (next->flags & OTADFU_NEXT_INSTALLED) &&
	    session->image + 1 < session->job->package->count) {
		session_note(session, "the device has this %s already, going on",
			     package_kind_name(image->kind));
		r = OTADFU_OK;
	}
	if (r < 0)
		return call_explain(&call, r, why);
	session->image++;
	session->result->images_done = session->image;
	return OTADFU_OK;
}

/* A package of the other world would only be refused after the device has been changed. */
static int check_kind(struct session *session)
{
	const struct package *package = session->job->package;
	uint32_t kind = package->kind == INITPACKET_SECURE ? OTADFU_PCAP_SECURE_PACKAGE
							   : OTADFU_PCAP_LEGACY_PACKAGE;
	uint32_t caps = session->speaker->ops->caps;

	if (caps == 0 || (caps & kind))
		return OTADFU_OK;
	return failure_set(session_failure(session), OTADFU_E_PACKAGE, 0,
			   "this is a %s package, and the device speaks the protocol '%s'",
			   package->kind == INITPACKET_SECURE ? "secure" : "legacy",
			   session->speaker->ops->name);
}

/* --- the whole --- */

struct budget {
	int64_t attempts;
	unsigned free_attempts;
	uint64_t backoff_ms;
};

static struct budget full_budget(const struct session *session)
{
	return (struct budget){
		.attempts = session->job->profile->connect_attempts.value,
		.free_attempts = FREE_ATTEMPTS_MAX,
		.backoff_ms = BACKOFF_FIRST_MS,
	};
}

/* Where to look after a failure that does not say where the device is. */
static struct place anywhere(const struct session *session, const struct place *last)
{
	uint64_t now = task_now_ms(&session->task);
	struct place place = { .not_before_ms = now, .until_ms = now + REDISCOVER_MS };
	struct otadfu_addr bootloader;

	if (session->used_count == 0) {
		place = *last;
		place.until_ms = now + REDISCOVER_MS;
		return place;
	}
	for (size_t i = session->used_count; i > 0; i--)
		place_add(&place, &session->used[i - 1]);
	/* The jump may have happened although its answer was lost. */
	if (session->phase == SESSION_ENTER) {
		bootloader = target_neighbour(&session->gatt.peer, 1);
		place_add(&place, &bootloader);
	}
	return place;
}

static bool may_retry(struct session *session, int r, const struct otadfu_next *next,
		      struct budget *budget)
{
	uint64_t wait_ms = budget->backoff_ms;

	if (!error_is_retryable(r))
		return false;
	if ((next->flags & OTADFU_NEXT_FREE) && budget->free_attempts > 0)
		budget->free_attempts--;
	else if (--budget->attempts <= 0)
		return false;
	session_note(session, "%s; trying again", session_failure(session)->text);
	budget->backoff_ms *= 2;
	if (budget->backoff_ms > BACKOFF_MAX_MS)
		budget->backoff_ms = BACKOFF_MAX_MS;
	return task_wait(&session->task, task_now_ms(&session->task) + wait_ms) == OTADFU_OK;
}

static int give_up(struct session *session, int r)
{
	struct failure *why = session_failure(session);

	if (!error_is_retryable(r) || !task_is_cancelled(&session->task))
		return r;
	failure_clear(why);
	return failure_set(why, OTADFU_E_CANCELLED, 0, "interrupted");
}

static int count_stay(struct session *session, const struct place *place, struct budget *budget)
{
	if (place->mode != OTADFU_MODE_BOOTLOADER || session->mode != OTADFU_MODE_APPLICATION)
		return OTADFU_OK;
	if (--budget->attempts > 0)
		return OTADFU_OK;
	return failure_set(session_failure(session), OTADFU_E_PROTOCOL, 0,
			   "the device was told to enter its bootloader and keeps running its "
			   "application");
}

/* Meets the device at place and does the one next thing with it. */
static int advance(struct session *session, const struct place *place, struct budget *budget,
		   struct otadfu_next *next)
{
	int r = OTADFU_OK;

	*next = (struct otadfu_next){ .size = sizeof(*next) };
	if (!session->gatt.link)
		r = join_place(session, place);
	if (r == OTADFU_OK)
		r = count_stay(session, place, budget);
	if (r == OTADFU_OK)
		r = check_kind(session);
	if (r != OTADFU_OK)
		return r;
	return session->mode == OTADFU_MODE_APPLICATION ? enter_bootloader(session, next)
							: update_image(session, next);
}

static int update_all(struct session *session, struct place *place, struct otadfu_next *next)
{
	struct budget budget = full_budget(session);

	while (session->image < session->job->package->count) {
		size_t before = session->image;
		uint64_t now;
		int r = advance(session, place, &budget, next);

		if (r == OTADFU_OK && next->match == 0)
			continue; /* the link is kept */
		if (r != OTADFU_OK && !error_is_retryable(r))
			abort_update(session);
		join_leave(session);
		if (r != OTADFU_OK && !may_retry(session, r, next, &budget))
			return give_up(session, r);
		failure_clear(session_failure(session));
		now = task_now_ms(&session->task);
		*place = next->match == 0 ? anywhere(session, place)
					  : place_from_next(next, &session->gatt.peer, now);
		if (session->image != before)
			budget = full_budget(session);
	}
	return OTADFU_OK;
}

static int prove(struct session *session, const struct place *last, const struct otadfu_next *next)
{
	struct place place = *last;
	uint64_t now = task_now_ms(&session->task);

	if (session->job->profile->verify.value == VERIFY_NONE) {
		snprintf(session->result->ended_as, sizeof(session->result->ended_as),
			 "has activated the firmware (its return was not waited for)");
		return OTADFU_OK;
	}
	if (next->match == 0)
		return OTADFU_OK;
	session_enter_phase(session, SESSION_VERIFY);
	if (place.until_ms < now + VERIFY_MS)
		place.until_ms = now + VERIFY_MS;
	return verify_return(session, &place);
}

static int open_adapter(struct session *session)
{
	const struct profile *profile = session->job->profile;
	struct failure *why = session_failure(session);
	const struct otadfu_transport_ops *transport =
		registry_transport(session->job->registry, profile->transport.value);
	int r;

	if (!transport)
		return failure_set(why, OTADFU_E_NOT_FOUND, 0,
				   "no plugin provides the transport '%s'",
				   profile->transport.value);
	r = options_resolve(transport->name, transport->options, &profile->settings,
			    &session->transport_options, why);
	if (r == OTADFU_OK)
		r = speakers_gather(&session->speakers, session->job->registry, profile, why);
	if (r == OTADFU_OK)
		r = adapter_open(&session->adapter, &session->task, transport,
				 session->transport_options, profile->adapter.value, why);
	return r;
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
	struct session session = {
		.job = job,
		.result = ret_result,
		.task = { .clock = job->clock,
			  .log = job->log,
			  .cancel_fd = job->cancel_fd,
			  .on_event = on_plugin_event,
			  .user = &session },
	};
	struct place place = { 0 };
	struct otadfu_next next = { 0 };
	bool opened, activated = false;
	uint64_t begin_ms;
	int r;

	memset(ret_result, 0, sizeof(*ret_result));
	name_by_target(&session);
	r = open_adapter(&session);
	opened = r == OTADFU_OK;
	/* Only now: the adapter may have made the clock virtual. */
	begin_ms = task_now_ms(&session.task);
	session_enter_phase(&session, SESSION_CONNECT);
	if (r == OTADFU_OK)
		r = locate_target(&session, &place);
	if (r == OTADFU_OK)
		r = update_all(&session, &place, &next);
	if (r == OTADFU_OK) {
		activated = true;
		r = prove(&session, &place, &next);
	}
	if (r != OTADFU_OK && ret_result->failure.phase[0] == '\0')
		snprintf(ret_result->failure.phase, sizeof(ret_result->failure.phase), "%s",
			 session_phase_name(session.phase));
	collect_pushed_bytes(&session);
	outcome_judge(ret_result, r, opened, activated);
	count(&session, begin_ms);
	snprintf(ret_result->device, sizeof(ret_result->device), "%s", session.task.device);
	join_leave(&session);
	adapter_close(&session.adapter);
	speakers_free(&session.speakers);
	options_free(session.transport_options);
}
