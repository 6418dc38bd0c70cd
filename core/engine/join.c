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

int join_attempt(struct session *session, const struct attempt *attempt)
{
	int r;

	announce(session, SESSION_CONNECT);
	r = gatt_open(&session->gatt, &session->task, &session->adapter, attempt->addrs,
		      attempt->count, attempt->deadline_ms, session_failure(session));
	if (r != OTADFU_OK)
		return r;
	session->result->connections++;
	announce(session, SESSION_PROBE);
	r = probe_all(session);
	if (r != OTADFU_OK)
		join_leave(session);
	return r;
}

int join_addr(struct session *session, const struct otadfu_addr *addr, uint64_t deadline_ms)
{
	struct attempt attempt = { .addrs = { *addr }, .count = 1, .deadline_ms = deadline_ms };

	return join_attempt(session, &attempt);
}

bool join_is_blind(const struct session *session, const struct place *place)
{
	return place->directed || !adapter_can_scan(&session->adapter);
}

bool join_has_passed_over(const struct session *session, const struct otadfu_addr *addr)
{
	return task_now_ms(&session->task) < session->passed_over_until_ms &&
	       target_same_addr(&session->passed_over, addr);
}

/*
 * Where the device is known it may be raced for at its addresses. On the first meeting the address
 * it was asked for by comes first: at the other one there may be a neighbour.
 */
static void choose_addrs(const struct session *session, const struct place *place, size_t *turn,
			 struct attempt *attempt)
{
	bool race = session->used_count > 0 && adapter_can_race(&session->adapter);

	for (size_t i = 0; race && i < place->count; i++) {
		if (!join_has_passed_over(session, &place->candidates[i]))
			attempt->addrs[attempt->count++] = place->candidates[i];
	}
	if (attempt->count == 0)
		attempt->addrs[attempt->count++] = place->candidates[(*turn)++ % place->count];
}

struct attempt join_choose(struct session *session, const struct place *place, size_t *turn)
{
	uint64_t limit_ms = (uint64_t)session->job->profile->connect_timeout_ms.value;
	struct attempt attempt = { 0 };

	choose_addrs(session, place, turn, &attempt);
	if (attempt.count < place->count)
		limit_ms = DIRECTED_ATTEMPT_MS;
	attempt.deadline_ms = task_now_ms(&session->task) + limit_ms;
	if (attempt.deadline_ms > place->until_ms)
		attempt.deadline_ms = place->until_ms;
	return attempt;
}

static int refuse_place(const struct session *session, const struct place *place,
			struct failure *why)
{
	if (place->name[0] == '\0')
		return failure_set(why, OTADFU_E_TIMEOUT, 0,
				   "wherever the device may come back, somebody else is");
	return failure_set(why, OTADFU_E_UNSUPPORTED, 0,
			   "the device comes back under the name %s, and the transport '%s' cannot "
			   "look for names",
			   place->name, session->adapter.ops->name);
}

static int next_attempt(struct session *session, const struct place *place, size_t *turn,
			struct attempt *ret_attempt)
{
	struct failure *why = session_failure(session);

	if (place->count == 0 && (place->name[0] == '\0' || join_is_blind(session, place)))
		return refuse_place(session, place, why);
	if (task_now_ms(&session->task) >= place->until_ms)
		return failure_set(why, OTADFU_E_TIMEOUT, 0,
				   "the device did not come back in time");
	if (!join_is_blind(session, place))
		return rejoin_by_place(session, place, ret_attempt);
	*ret_attempt = join_choose(session, place, turn);
	return OTADFU_OK;
}

/* The last resort of a device that has jumped, once. */
static int last_attempt(struct session *session, const struct place *place, bool *tried,
			struct attempt *ret_attempt)
{
	struct failure *why = session_failure(session);
	char taken[TARGET_ADDR_TEXT];
	int r = OTADFU_E_NOT_FOUND;

	if (session->used_count > 0 && !*tried)
		r = rejoin_by_service(session, place, ret_attempt);
	*tried = true;
	if (r == OTADFU_E_NOT_FOUND && place->has_taken) {
		target_format_addr(&place->taken, taken);
		failure_hint(why,
			     "%s was in DFU mode before this device was sent there, and is taken "
			     "for a neighbour: switch it off, or finish its update, and try again",
			     taken);
	}
	return r == OTADFU_E_NOT_FOUND ? OTADFU_E_TIMEOUT : r;
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
	       whose_is_ours(session, addr, OTADFU_MODE_APPLICATION) &&
	       session->passed_over_until_ms > place->not_before_ms &&
	       target_same_addr(&session->passed_over, addr);
}

bool join_may_be_stale(struct session *session, const struct place *place, int result)
{
	enum { SECOND = 2 };
	const struct otadfu_addr *addr = &session->gatt.peer;

	if (result != OTADFU_OK && result != OTADFU_E_ATT && result != OTADFU_E_PROTOCOL)
		return false;
	if (place->directed || !session_has_used(session, addr) ||
	    !adapter_can_forget(&session->adapter) || session->odd_meetings == SECOND)
		return false;
	join_leave(session);
	if (++session->odd_meetings == SECOND)
		adapter_forget(&session->adapter, &session->task, addr);
	return true;
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

/* A stranded device is in its bootloader there; whoever is not is somebody else. */
static int refuse_neighbour(struct session *session, const struct otadfu_addr *addr)
{
	char text[TARGET_ADDR_TEXT];

	target_format_addr(addr, text);
	failure_hint(session_failure(session), "is it switched on, in range and advertising?");
	return failure_set(session_failure(session), OTADFU_E_NOT_FOUND, 0,
			   "the device is not there: %s, where its bootloader would advertise, is "
			   "another one's application",
			   text);
}

void join_pass_over(struct session *session, const struct otadfu_addr *addr)
{
	log_write(session->task.log, OTADFU_LOG_DEBUG, session->task.device, NULL,
		  "not what was expected here, looking on");
	join_leave(session);
	session->passed_over = *addr;
	session->passed_over_until_ms = task_now_ms(&session->task) + SESSION_PASS_OVER_MS;
}

/* Connects once; true: this is it, or *ret_result tells why there is no use in looking on. */
static bool try_once(struct session *session, const struct place *place,
		     const struct attempt *attempt, int *ret_result)
{
	struct otadfu_addr addr;
	bool first_meeting = session->used_count == 0;

	*ret_result = join_attempt(session, attempt);
	if (*ret_result != OTADFU_OK && join_may_be_stale(session, place, *ret_result))
		return false;
	if (*ret_result != OTADFU_OK)
		return !error_is_retryable(*ret_result) || (first_meeting && place->count == 1);
	addr = session->gatt.peer;
	if (session->speaker && whose_is_expected(session, place, attempt)) {
		whose_remember(session, &addr);
		return true;
	}
	if (join_may_be_stale(session, place, OTADFU_OK)) {
		join_pass_over(session, &addr);
		return false;
	}
	if (session->speaker && has_stayed(session, place, &addr)) {
		whose_remember(session, &addr);
		return true;
	}
	if (first_meeting && !session->speaker &&
	    (place->count == 1 || whose_is_asked_for(session, &addr))) {
		join_leave(session);
		*ret_result = refuse_stranger(session);
		return true;
	}
	if (first_meeting && place->mode == OTADFU_MODE_BOOTLOADER) {
		join_leave(session);
		*ret_result = refuse_neighbour(session, &addr);
		return true;
	}
	join_pass_over(session, &addr);
	return false;
}

int join_place(struct session *session, const struct place *place)
{
	struct failure *why = session_failure(session);
	struct failure last = { 0 };
	struct attempt attempt;
	bool tried_last = false;
	size_t turn = 0;
	int r = task_wait(&session->task, place->not_before_ms);

	session->odd_meetings = 0;
	while (r == OTADFU_OK) {
		uint64_t again_ms;

		r = next_attempt(session, place, &turn, &attempt);
		if (r == OTADFU_E_TIMEOUT && session->used_count > 0)
			r = last_attempt(session, place, &tried_last, &attempt);
		if (r == OTADFU_E_TIMEOUT && session->used_count == 0 && last.code != OTADFU_OK)
			*why = last;
		if (r != OTADFU_OK)
			return r;
		again_ms = task_now_ms(&session->task) + SESSION_LOOK_AGAIN_MS;
		if (try_once(session, place, &attempt, &r))
			return r;
		/* That nobody answered at another of its addresses tells less. */
		if (last.code == OTADFU_OK || why->code != OTADFU_E_TIMEOUT)
			last = *why;
		failure_clear(why);
		/* What was seen needs time to become something else; what was not is looked for. */
		if (!join_is_blind(session, place))
			again_ms = task_now_ms(&session->task) + SESSION_LOOK_AGAIN_MS;
		r = task_wait(&session->task, again_ms);
	}
	return failure_set(why, r, 0, "%s", error_text(r));
}
