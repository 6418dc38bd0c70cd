#include "session_state.h"

#include <string.h>

enum {
	/* A second device of the same name shows up within this time or is not there. */
	SAME_NAME_MS = 2000,
	/* So long the address itself may still appear before its bootloader's is taken for it. */
	STRANDED_GRACE_MS = 3000,
};

struct search {
	struct session *session;
	struct sightings seen;
	const struct target *target; /* of locate_target */
	const struct place *place;   /* of locate_place */
	struct otadfu_addr found[2];
	size_t found_count;
	struct otadfu_addr stranded;
	bool has_stranded;
	uint64_t settle_ms; /* when the first find may be taken; 0: none yet */
};

enum { SEARCH_DONE = 1 };

static const struct sighting *note(struct search *search, const struct otadfu_advert *advert)
{
	struct session *session = search->session;

	return sightings_note(&search->seen, &session->task, advert, session->speakers.items,
			      session->speakers.count,
			      search->target && search->target->has_service
				      ? &search->target->service
				      : NULL);
}

static bool is_wanted(const struct target *target, const struct sighting *seen)
{
	if (target->has_addr && !target_same_addr(&target->addr, &seen->addr))
		return false;
	if (target->name[0] != '\0' && strcmp(target->name, seen->name) != 0)
		return false;
	return !target->has_service || seen->has_service;
}

static void add_found(struct search *search, const struct otadfu_addr *addr, uint64_t now_ms)
{
	for (size_t i = 0; i < search->found_count; i++) {
		if (target_same_addr(&search->found[i], addr))
			return;
	}
	search->found[search->found_count++] = *addr;
	if (search->settle_ms == 0)
		search->settle_ms = now_ms + SAME_NAME_MS;
}

/* The bootloader of the wanted address: an update that broke off leaves the device there. */
static bool is_stranded(const struct target *target, const struct sighting *seen)
{
	struct otadfu_addr bootloader;

	if (!target->has_addr || seen->mode != OTADFU_MODE_BOOTLOADER)
		return false;
	bootloader = target_neighbour(&target->addr, 1);
	return target_same_addr(&bootloader, &seen->addr);
}

static int on_target_advert(void *user, const struct otadfu_advert *advert)
{
	struct search *search = user;
	uint64_t now = task_now_ms(&search->session->task);
	const struct sighting *seen = note(search, advert);

	if (!seen)
		return OTADFU_E_NOMEM;
	if (is_wanted(search->target, seen)) {
		add_found(search, &seen->addr, now);
		if (search->target->has_addr || search->found_count > 1)
			return SEARCH_DONE;
	} else if (is_stranded(search->target, seen) && !search->has_stranded) {
		search->stranded = seen->addr;
		search->has_stranded = true;
		if (search->settle_ms == 0)
			search->settle_ms = now + STRANDED_GRACE_MS;
	}
	return search->settle_ms != 0 && now >= search->settle_ms ? SEARCH_DONE : 0;
}

static int read_target(const struct profile *profile, struct target *ret_target,
		       struct failure *why)
{
	struct target target = { 0 };
	int r = OTADFU_OK;

	if (profile->match_address.value) {
		r = target_parse_addr(profile->match_address.value, &target.addr, why);
		target.has_addr = true;
	}
	if (r == OTADFU_OK && profile->match_service.value) {
		r = target_parse_uuid(profile->match_service.value, &target.service, why);
		target.has_service = true;
	}
	if (r == OTADFU_OK && profile->match_name.value) {
		if (strlen(profile->match_name.value) >= sizeof(target.name))
			return failure_set(why, OTADFU_E_CONFIG, 0,
					   "a device name has at most %zu characters",
					   sizeof(target.name) - 1);
		strcpy(target.name, profile->match_name.value);
	}
	if (r == OTADFU_OK && !target.has_addr && !target.has_service && target.name[0] == '\0')
		return failure_set(why, OTADFU_E_CONFIG, 0, "no device is named");
	if (r == OTADFU_OK)
		*ret_target = target;
	return r;
}

static int refuse_two(struct search *search, struct failure *why)
{
	char first[TARGET_ADDR_TEXT];
	char second[TARGET_ADDR_TEXT];

	target_format_addr(&search->found[0], first);
	target_format_addr(&search->found[1], second);
	failure_hint(why, "say which one with -a ADDRESS");
	return failure_set(why, OTADFU_E_PACKAGE, 0, "two devices match: %s and %s", first, second);
}

static int report_missing(struct search *search, uint32_t searched_ms, struct failure *why)
{
	char seen[FAILURE_TEXT_MAX / 2];

	sightings_sort(&search->seen);
	sightings_describe(&search->seen, seen, sizeof(seen));
	failure_hint(why,
		     "is it switched on, in range and advertising? `otadfu scan` lists what is "
		     "there");
	return failure_set(why, OTADFU_E_NOT_FOUND, 0,
			   "no such device advertised within %u s; seen: %s", searched_ms / 1000,
			   seen);
}

static void remember_advert(struct session *session, const struct sightings *sightings,
			    const struct otadfu_addr *addr)
{
	for (size_t i = 0; i < sightings->count; i++) {
		const struct sighting *seen = &sightings->items[i];

		if (!target_same_addr(&seen->addr, addr))
			continue;
		memcpy(session->advertised_name, seen->name, sizeof(seen->name));
		session->advertised_rssi_dbm = seen->rssi_dbm;
	}
}

static int settle(struct search *search, struct place *ret_place, uint32_t searched_ms)
{
	struct session *session = search->session;
	struct failure *why = session_failure(session);
	char addr[TARGET_ADDR_TEXT];

	if (search->found_count > 1)
		return refuse_two(search, why);
	if (search->found_count == 0 && !search->has_stranded)
		return report_missing(search, searched_ms, why);
	if (search->found_count == 0) {
		target_format_addr(&search->stranded, addr);
		session_note(session, "it waits in its bootloader at %s", addr);
		search->found[0] = search->stranded;
	}
	place_add(ret_place, &search->found[0]);
	remember_advert(session, &search->seen, &search->found[0]);
	if (!search->target->has_addr)
		target_format_addr(&search->found[0], session->task.device);
	return OTADFU_OK;
}

/* Without a scan: at its address, or stranded in its bootloader at the next one. */
static int place_unseen(struct session *session, const struct target *target,
			struct place *ret_place)
{
	uint32_t limit_ms = (uint32_t)session->job->profile->connect_timeout_ms.value;
	struct place place = { .until_ms = task_now_ms(&session->task) + limit_ms };
	struct failure *why = session_failure(session);
	struct otadfu_addr bootloader;

	if (!target->has_addr) {
		failure_hint(why, "give its address with -a ADDRESS");
		return failure_set(why, OTADFU_E_CONFIG, 0,
				   "the transport '%s' cannot look for names or services here",
				   session->adapter.ops->name);
	}
	failure_clear(why);
	bootloader = target_neighbour(&target->addr, 1);
	place_add(&place, &target->addr);
	place_add(&place, &bootloader);
	*ret_place = place;
	return OTADFU_OK;
}

int locate_target(struct session *session, struct place *ret_place)
{
	struct failure *why = session_failure(session);
	uint32_t limit_ms = (uint32_t)session->job->profile->connect_timeout_ms.value;
	uint64_t now = task_now_ms(&session->task);
	struct place place = { .until_ms = now + limit_ms };
	struct search search = { .session = session };
	struct target target;
	int r = read_target(session->job->profile, &target, why);

	if (r != OTADFU_OK)
		return r;
	search.target = &target;
	if (adapter_can_scan(&session->adapter))
		r = adapter_scan(&session->adapter, &session->task, on_target_advert, &search,
				 place.until_ms, why);
	if (!adapter_can_scan(&session->adapter))
		return place_unseen(session, &target, ret_place);
	if (r == OTADFU_OK)
		r = settle(&search, &place, limit_ms);
	sightings_clear(&search.seen);
	if (r != OTADFU_OK)
		return r;
	/* The search has used up its time; the connection gets its own. */
	place.until_ms = task_now_ms(&session->task) + limit_ms;
	*ret_place = place;
	return OTADFU_OK;
}

static bool fits_place(const struct place *place, const struct sighting *seen)
{
	/* What says of itself that it is something else is not worth a connection. */
	if (place->mode != 0 && seen->mode != 0 && seen->mode != place->mode)
		return false;
	if (place_has_addr(place, &seen->addr))
		return true;
	return place->name[0] != '\0' && strcmp(place->name, seen->name) == 0;
}

static int on_place_advert(void *user, const struct otadfu_advert *advert)
{
	struct search *search = user;
	const struct sighting *seen = note(search, advert);

	if (!seen)
		return OTADFU_E_NOMEM;
	if (!seen->connectable || !fits_place(search->place, seen) ||
	    join_has_passed_over(search->session, &seen->addr))
		return 0;
	search->found[0] = seen->addr;
	search->found_count = 1;
	return SEARCH_DONE;
}

int locate_place(struct session *session, const struct place *place, struct otadfu_addr *ret_addr)
{
	struct failure *why = session_failure(session);
	struct search search = { .session = session, .place = place };
	char where[128];
	char seen[FAILURE_TEXT_MAX / 2];
	int r;

	r = adapter_scan(&session->adapter, &session->task, on_place_advert, &search,
			 place->until_ms, why);
	if (r == OTADFU_OK && search.found_count == 0) {
		place_describe(place, where, sizeof(where));
		sightings_sort(&search.seen);
		sightings_describe(&search.seen, seen, sizeof(seen));
		r = failure_set(why, OTADFU_E_TIMEOUT, 0,
				"the device did not show up in time as %s; seen: %s", where, seen);
	}
	if (r == OTADFU_OK)
		*ret_addr = search.found[0];
	sightings_clear(&search.seen);
	return r;
}
