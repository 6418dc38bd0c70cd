#include "session_state.h"

#include "log.h"

/* One attempt at an address that may not be there, when several are tried in turn. */
enum { DIRECTED_ATTEMPT_MS = 3000 };

static int probe_with(struct session *session, const struct speaker *speaker,
		      struct otadfu_probe *ret_probe)
{
	struct otadfu_probe probe = { .size = sizeof(probe) };
	struct call call;
	int r;

	call_begin(&call, &session->task, speaker->ops->name, speaker->options);
	call.ctx.memo = speaker->memo;
	gatt_lend(&session->gatt, &call);
	r = speaker->ops->probe(&call.ctx, &probe);
	if (r < 0)
		return call_explain(&call, r, session_failure(session));
	*ret_probe = probe;
	return OTADFU_OK;
}

static int probe_all(struct session *session)
{
	uint32_t best = 0;

	session->speaker = NULL;
	session->mode = 0;
	session->version = 0;
	for (size_t i = 0; i < session->speakers.count; i++) {
		const struct speaker *speaker = &session->speakers.items[i];
		struct otadfu_probe probe;
		int r = probe_with(session, speaker, &probe);

		if (r != OTADFU_OK)
			return r;
		if (probe.score <= best)
			continue;
		best = probe.score;
		session->speaker = speaker;
		session->mode = probe.mode;
		session->version = probe.version;
	}
	return OTADFU_OK;
}

void join_leave(struct session *session)
{
	gatt_close(&session->gatt);
}

/* The questions of the last phase are part of it. */
static void announce(struct session *session, enum session_phase phase)
{
	if (session->phase != SESSION_VERIFY)
		session_enter_phase(session, phase);
}

int join_addr(struct session *session, const struct otadfu_addr *addr, uint64_t deadline_ms)
{
	int r;

	announce(session, SESSION_CONNECT);
	r = gatt_open(&session->gatt, &session->task, &session->adapter, addr, deadline_ms,
		      session_failure(session));
	if (r != OTADFU_OK)
		return r;
	session->result->connections++;
	announce(session, SESSION_PROBE);
	r = probe_all(session);
	if (r != OTADFU_OK)
		join_leave(session);
	return r;
}

static int next_candidate(struct session *session, const struct place *place, size_t *turn,
			  struct otadfu_addr *ret_addr, uint64_t *ret_deadline_ms)
{
	uint64_t now = task_now_ms(&session->task);
	uint64_t limit_ms = (uint64_t)session->job->profile->connect_timeout_ms.value;
	bool in_turn = place->directed || !adapter_can_scan(&session->adapter);
	int r = OTADFU_OK;

	if (now >= place->until_ms || (in_turn && place->count == 0))
		return failure_set(session_failure(session), OTADFU_E_TIMEOUT, 0,
				   "the device did not come back in time");
	if (in_turn) {
		*ret_addr = place->candidates[(*turn)++ % place->count];
		if (place->count > 1)
			limit_ms = DIRECTED_ATTEMPT_MS;
	} else {
		r = locate_place(session, place, ret_addr);
		now = task_now_ms(&session->task);
	}
	*ret_deadline_ms = now + limit_ms;
	if (in_turn && *ret_deadline_ms > place->until_ms)
		*ret_deadline_ms = place->until_ms;
	return r;
}

/*
 * The jump did not happen, and that is certain when the device is met in its application again:
 * a slow one may be met there once on its way.
 */
static bool has_stayed(struct session *session, const struct place *place,
		       const struct otadfu_addr *addr)
{
	return place->mode == OTADFU_MODE_BOOTLOADER && session->mode == OTADFU_MODE_APPLICATION &&
	       session_has_used(session, addr) &&
	       session->passed_over_until_ms > place->not_before_ms &&
	       target_same_addr(&session->passed_over, addr);
}

static bool is_asked_for(const struct session *session, const struct otadfu_addr *addr)
{
	const char *text = session->job->profile->match_address.value;
	struct otadfu_addr asked;

	return text && target_parse_addr(text, &asked, NULL) == OTADFU_OK &&
	       target_same_addr(&asked, addr);
}

/* Is what was met there what place means? A stranger at a new address must prove itself. */
static bool is_expected(const struct session *session, const struct place *place,
			const struct otadfu_addr *addr)
{
	if (place->mode != 0)
		return session->mode == 0 || session->mode == place->mode;
	return session->used_count == 0 || session_has_used(session, addr) ||
	       is_asked_for(session, addr) || session->mode == OTADFU_MODE_BOOTLOADER;
}

static void remember_addr(struct session *session, const struct otadfu_addr *addr)
{
	if (session->used_count < SESSION_USED_MAX && !session_has_used(session, addr))
		session->used[session->used_count++] = *addr;
}

static int refuse_stranger(struct session *session)
{
	struct failure *why = session_failure(session);
	const char *named = session->job->profile->protocol.value;

	if (named)
		failure_hint(why, "leave --protocol out, and the protocol is found by asking the "
				  "device");
	else
		failure_hint(why, "bring the device into its bootloader by hand (button, command) "
				  "and try again");
	return failure_set(why, OTADFU_E_NOT_FOUND, 0, "the device does not speak %s",
			   named ? named : "any DFU protocol that is loaded");
}

int join_place(struct session *session, const struct place *place)
{
	struct failure *why = session_failure(session);
	struct otadfu_addr addr;
	uint64_t deadline_ms = 0;
	size_t turn = 0;
	int r;

	r = task_wait(&session->task, place->not_before_ms);
	while (r == OTADFU_OK) {
		r = next_candidate(session, place, &turn, &addr, &deadline_ms);
		if (r != OTADFU_OK)
			return r;
		r = join_addr(session, &addr, deadline_ms);
		if (r == OTADFU_OK && session->speaker &&
		    (is_expected(session, place, &addr) || has_stayed(session, place, &addr))) {
			remember_addr(session, &addr);
			return OTADFU_OK;
		}
		if (r == OTADFU_OK) {
			join_leave(session);
			if (session->used_count == 0 && !session->speaker)
				return refuse_stranger(session);
			log_write(session->task.log, OTADFU_LOG_DEBUG, session->task.device, NULL,
				  "not what was expected here, looking on");
			session->passed_over = addr;
			session->passed_over_until_ms =
				task_now_ms(&session->task) + SESSION_PASS_OVER_MS;
		} else if (!error_is_retryable(r) || session->used_count == 0) {
			return r;
		}
		failure_clear(why);
		r = task_wait(&session->task, task_now_ms(&session->task) + SESSION_LOOK_AGAIN_MS);
	}
	return failure_set(why, r, 0, "%s", error_text(r));
}
