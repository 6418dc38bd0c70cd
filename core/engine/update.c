#include "session_state.h"

#include <stdio.h>
#include <string.h>

enum {
	BACKOFF_FIRST_MS = 500,
	BACKOFF_MAX_MS = 8000,
	FREE_ATTEMPTS_MAX = 8, /* for what a protocol calls free: no bug may loop for ever */
	REDISCOVER_MS = 30000, /* after a failure that does not say where the device is */
	VERIFY_MS = 60000,
};

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
	/* It has jumped, and was not met yet. */
	memcpy(place.name, last->name, sizeof(place.name));
	place.taken = last->taken;
	place.has_taken = last->has_taken;
	for (size_t i = 0; last->mode == OTADFU_MODE_BOOTLOADER && i < last->count; i++)
		place_add(&place, &last->candidates[i]);
	/* The jump may have happened although its answer was lost. */
	if (session->phase == SESSION_ENTER) {
		bootloader = target_neighbour(&session->gatt.peer, 1);
		place_add(&place, &bootloader);
	}
	return place;
}

/* Where the application lives is known by now, wherever its bootloader is. */
static struct place next_place(const struct session *session, const struct place *last,
			       const struct otadfu_next *next)
{
	uint64_t now = task_now_ms(&session->task);
	struct place place = next->match == 0 ? anywhere(session, last)
					      : place_from_next(next, &session->gatt.peer, now);

	if (session->has_home && place.mode != OTADFU_MODE_BOOTLOADER)
		place_add(&place, &session->home);
	if (session->used_count > 0)
		whose_narrow(session, &place);
	return place;
}

/* Without a scan it was tried by connecting all the time it was given to show up. */
static bool has_waited_in_vain(const struct session *session)
{
	return session->job->wait_ms > 0 && session->used_count == 0 &&
	       !adapter_can_scan(&session->adapter);
}

static bool may_retry(struct session *session, int r, const struct otadfu_next *next,
		      struct budget *budget)
{
	uint64_t wait_ms = budget->backoff_ms;

	if (!error_is_retryable(r) || has_waited_in_vain(session))
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
static int advance(struct session *session, struct place *place, struct budget *budget,
		   struct otadfu_next *next)
{
	int r = OTADFU_OK;

	*next = (struct otadfu_next){ .size = sizeof(*next) };
	if (!session->gatt.link)
		r = join_place(session, place);
	if (r == OTADFU_OK)
		r = count_stay(session, place, budget);
	/* After its next reset a bootloader goes by its usual name. */
	if (r == OTADFU_OK && session->mode == OTADFU_MODE_BOOTLOADER)
		place->name[0] = '\0';
	if (r == OTADFU_OK)
		r = step_check_kind(session);
	if (r == OTADFU_OK)
		r = require_check(session);
	if (r != OTADFU_OK)
		return r;
	return session->mode == OTADFU_MODE_APPLICATION ? step_enter_bootloader(session, next)
							: step_update_image(session, next);
}

static int update_all(struct session *session, struct place *place, struct otadfu_next *next)
{
	struct budget budget = full_budget(session);

	while (session->image < session->job->package->count) {
		size_t before = session->image;
		int r = advance(session, place, &budget, next);

		if (r == OTADFU_OK && next->match == 0)
			continue; /* the link is kept */
		if (r != OTADFU_OK && !error_is_retryable(r))
			step_abort(session);
		join_leave(session);
		if (r != OTADFU_OK && !may_retry(session, r, next, &budget))
			return give_up(session, r);
		failure_clear(session_failure(session));
		*place = next_place(session, place, next);
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

/* All that an update does before it changes anything. */
static int rehearse(struct session *session, const struct place *place)
{
	bool in_application;
	int r = join_place(session, place);

	if (r == OTADFU_OK)
		r = step_check_kind(session);
	if (r == OTADFU_OK)
		r = require_check(session);
	in_application = session->mode == OTADFU_MODE_APPLICATION;
	if (r == OTADFU_OK && in_application)
		r = step_check_way_in(session);
	if (r == OTADFU_OK)
		snprintf(session->result->ended_as, sizeof(session->result->ended_as),
			 "runs its %s and speaks '%s'; nothing was sent",
			 in_application ? "application" : "bootloader",
			 session->speaker->ops->name);
	return r;
}

int update_run(struct session *session, struct place *place, bool *ret_activated)
{
	struct otadfu_next next = { 0 };
	int r;

	if (session->job->dry_run)
		return rehearse(session, place);
	r = update_all(session, place, &next);
	if (r != OTADFU_OK)
		return r;
	*ret_activated = true;
	return prove(session, place, &next);
}
