#include "session_state.h"

#include <stdio.h>
#include <string.h>

enum sight { SIGHT_NOTHING = 0, SIGHT_PROOF, SIGHT_WORTH_ASKING };

struct watch {
	struct session *session;
	const struct place *place;
	struct otadfu_addr bootloader; /* where the update was done */
	struct sightings seen;
	struct attempt attempt; /* at the sight that ended the scan */
	enum sight sight;
};

static const char *mode_name(uint32_t mode)
{
	return mode == OTADFU_MODE_BOOTLOADER ? "bootloader" : "application";
}

static void tell(struct session *session, uint32_t mode, const struct otadfu_addr *addr,
		 const char *name)
{
	char text[TARGET_ADDR_TEXT];

	target_format_addr(addr, text);
	memcpy(session->result->address_after, text, sizeof(text));
	snprintf(session->result->ended_as, sizeof(session->result->ended_as),
		 "runs its %s at %s%s%s%s", mode_name(mode), text, name[0] != '\0' ? " (" : "",
		 name, name[0] != '\0' ? ")" : "");
}

/*
 * What ours is where only one of its modes can be: the application at its own address, met there
 * before and not the bootloader's; the bootloader where its application is not. 0: either, since a
 * scan may list what an address had before. Then only the device itself knows.
 */
static uint32_t mode_by_address(const struct watch *watch, const struct sighting *seen)
{
	const struct session *session = watch->session;

	if (seen->mode == OTADFU_MODE_BOOTLOADER)
		return whose_is_ours(session, &seen->addr, OTADFU_MODE_APPLICATION)
			       ? 0
			       : OTADFU_MODE_BOOTLOADER;
	/* A neighbour's application may live at the bootloader's. */
	if (target_same_addr(&watch->bootloader, &seen->addr))
		return 0;
	return !seen->connectable || session_has_used(session, &seen->addr)
		       ? OTADFU_MODE_APPLICATION
		       : 0;
}

static enum sight judge(const struct watch *watch, const struct sighting *seen)
{
	uint32_t wanted = watch->place->mode;
	uint32_t mode = mode_by_address(watch, seen);

	if (!place_has_addr(watch->place, &seen->addr) ||
	    !whose_is_ours(watch->session, &seen->addr, wanted))
		return SIGHT_NOTHING;
	if (mode != 0 && (wanted == 0 || mode == wanted))
		return SIGHT_PROOF;
	return seen->connectable ? SIGHT_WORTH_ASKING : SIGHT_NOTHING;
}

/* What is to be asked for its version must be asked. */
static enum sight demand(const struct watch *watch, const struct sighting *seen)
{
	enum sight sight = judge(watch, seen);

	if (join_has_passed_over(watch->session, &seen->addr))
		return SIGHT_NOTHING;
	if (watch->session->job->profile->verify.value != VERIFY_VERSION || sight == SIGHT_NOTHING)
		return sight;
	return seen->connectable ? SIGHT_WORTH_ASKING : SIGHT_NOTHING;
}

static struct attempt attempt_at(const struct watch *watch, const struct otadfu_addr *addr)
{
	const struct session *session = watch->session;
	uint64_t limit_ms = (uint64_t)session->job->profile->connect_timeout_ms.value;
	uint64_t deadline_ms = task_now_ms(&session->task) + limit_ms;
	uint64_t until_ms = watch->place->until_ms;

	return (struct attempt){ .addrs = { *addr },
				 .count = 1,
				 .deadline_ms = deadline_ms < until_ms ? deadline_ms : until_ms };
}

static int on_advert(void *user, const struct otadfu_advert *advert)
{
	struct watch *watch = user;
	struct session *session = watch->session;
	const struct sighting *seen =
		sightings_note(&watch->seen, &session->task, advert, session->speakers.items,
			       session->speakers.count, NULL);

	if (!seen)
		return OTADFU_E_NOMEM;
	watch->sight = demand(watch, seen);
	if (watch->sight == SIGHT_NOTHING)
		return 0;
	watch->attempt = attempt_at(watch, &seen->addr);
	if (watch->sight == SIGHT_PROOF)
		tell(session, mode_by_address(watch, seen), &seen->addr, seen->name);
	return 1;
}

/* Connects and asks. A device that no protocol knows is not in its bootloader. */
static int ask(struct watch *watch, bool *ret_proven)
{
	struct session *session = watch->session;
	struct otadfu_addr addr;
	uint32_t mode;
	int r = join_attempt(session, &watch->attempt);

	if (r != OTADFU_OK)
		return join_may_be_stale(session, watch->place, r) ? OTADFU_OK : r;
	mode = session->speaker && session->mode != 0 ? session->mode : OTADFU_MODE_APPLICATION;
	addr = session->gatt.peer;
	if ((watch->place->mode != 0 && mode != watch->place->mode) ||
	    !whose_is_ours(session, &addr, mode)) {
		join_may_be_stale(session, watch->place, OTADFU_OK);
		join_pass_over(session, &addr);
		return OTADFU_OK;
	}
	r = proof_read_version(session);
	join_leave(session);
	*ret_proven = r == OTADFU_OK;
	if (r == OTADFU_OK || session->runs_another)
		tell(session, mode, &addr, "");
	return r;
}

static int next_sight(struct watch *watch, size_t *turn)
{
	struct session *session = watch->session;
	const struct place *place = watch->place;
	int r;

	if (join_is_blind(session, place)) {
		watch->attempt = join_choose(session, place, turn);
		watch->sight = SIGHT_WORTH_ASKING;
		return OTADFU_OK;
	}
	watch->sight = SIGHT_NOTHING;
	r = adapter_scan(&session->adapter, &session->task, on_advert, watch, place->until_ms,
			 session_failure(session));
	sightings_clear(&watch->seen);
	return r;
}

int verify_return(struct session *session, const struct place *place)
{
	struct failure *why = session_failure(session);
	struct watch watch = {
		.session = session,
		.place = place,
		.bootloader = session->gatt.peer,
	};
	size_t turn = 0;
	int r = task_wait(&session->task, place->not_before_ms);

	session->odd_meetings = 0;
	while (r == OTADFU_OK && place->count > 0 &&
	       task_now_ms(&session->task) < place->until_ms) {
		bool proven = false;

		r = next_sight(&watch, &turn);
		if (r == OTADFU_OK && watch.sight == SIGHT_WORTH_ASKING)
			r = ask(&watch, &proven);
		if (proven || watch.sight == SIGHT_PROOF)
			return OTADFU_OK;
		if (session->runs_another)
			return r;
		if (r == OTADFU_OK || error_is_retryable(r)) {
			failure_clear(why);
			r = task_wait(&session->task,
				      task_now_ms(&session->task) + SESSION_LOOK_AGAIN_MS);
		}
	}
	return failure_set(
		why, r != OTADFU_OK ? r : OTADFU_E_TIMEOUT, 0,
		"the device validated and activated the firmware, but was not seen again in "
		"its %s in time",
		mode_name(place->mode));
}
