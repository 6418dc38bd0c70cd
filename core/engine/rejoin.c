/* A device on its way from one mode to the other: where it shows itself again. */
#include "session_state.h"

#include <stdio.h>
#include <string.h>

enum { SERVICE_SCAN_MS = 3000, SEARCH_DONE = 1 };

struct search {
	struct session *session;
	const struct place *place;
	struct sightings seen;
	struct attempt *attempt;
};

static const struct sighting *note(struct search *search, const struct otadfu_advert *advert)
{
	struct session *session = search->session;

	return sightings_note(&search->seen, &session->task, advert, session->speakers.items,
			      session->speakers.count, NULL);
}

static bool bears_the_name(const struct place *place, const struct sighting *seen)
{
	return place->name[0] != '\0' && strcmp(place->name, seen->name) == 0;
}

/* A scan may remember what its application was called at the same address. */
static bool bears_its_application_s_name(const struct session *session, const struct sighting *seen)
{
	return session_has_used(session, &seen->addr) &&
	       strcmp(session->advertised_name, seen->name) == 0;
}

/* Ours has been given a name of its own. */
static bool bears_another_name(const struct search *search, const struct sighting *seen)
{
	return search->place->name[0] != '\0' && seen->mode == OTADFU_MODE_BOOTLOADER &&
	       seen->name_is_complete && !bears_the_name(search->place, seen) &&
	       !bears_its_application_s_name(search->session, seen);
}

/*
 * The mode that a scan tells counts for nothing here: some list what an address had before beside
 * what it has now. Whoever is connected to is probed.
 */
static bool fits_place(const struct search *search, const struct sighting *seen)
{
	const struct place *place = search->place;

	if (!seen->connectable || join_has_passed_over(search->session, &seen->addr) ||
	    bears_another_name(search, seen))
		return false;
	if (place_has_addr(place, &seen->addr))
		return true;
	/* Two at one address cannot be told apart by who answers. */
	return bears_the_name(place, seen) &&
	       !whose_was_there(search->session, &seen->addr, OTADFU_MODE_BOOTLOADER);
}

static int on_advert(void *user, const struct otadfu_advert *advert)
{
	struct search *search = user;
	const struct sighting *seen = note(search, advert);

	if (!seen)
		return OTADFU_E_NOMEM;
	if (!fits_place(search, seen))
		return 0;
	*search->attempt = (struct attempt){ .addrs = { seen->addr },
					     .count = 1,
					     .certain = bears_the_name(search->place, seen) };
	return SEARCH_DONE;
}

/* The connection gets its own time, the search has used up the place's. */
static uint64_t connect_until_ms(const struct session *session)
{
	return task_now_ms(&session->task) +
	       (uint64_t)session->job->profile->connect_timeout_ms.value;
}

static bool has_option(const struct otadfu_protocol_ops *ops, const char *key)
{
	for (size_t i = 0; ops->options && ops->options[i]; i++) {
		if (strcmp(ops->options[i]->key, key) == 0)
			return true;
	}
	return false;
}

/* Some bootloaders keep another name than the one their application took for them. */
static void advise_on_name(const struct search *search, struct failure *why)
{
	const struct speaker *speaker = search->session->speaker;
	char text[TARGET_ADDR_TEXT];

	if (!speaker || !has_option(speaker->ops, "unique_name"))
		return;
	for (size_t i = 0; i < search->seen.count; i++) {
		const struct sighting *seen = &search->seen.items[i];

		if (!place_has_addr(search->place, &seen->addr) ||
		    !bears_another_name(search, seen))
			continue;
		target_format_addr(&seen->addr, text);
		failure_hint(why,
			     "%s is in DFU mode under the name %s; if that is this device all the "
			     "same, and no neighbour, --set %s.unique_name=false finds it",
			     text, seen->name, speaker->ops->name);
		return;
	}
}

static int report_absent(const struct search *search, struct failure *why)
{
	const struct place *place = search->place;
	char seen[FAILURE_TEXT_MAX / 2];
	char where[128];

	place_describe(place, where, sizeof(where));
	sightings_describe(&search->seen, seen, sizeof(seen));
	advise_on_name(search, why);
	return failure_set(why, OTADFU_E_TIMEOUT, 0,
			   "the device did not show up in time%s%s; seen: %s",
			   where[0] != '\0' ? " as " : "", where, seen);
}

int rejoin_by_place(struct session *session, const struct place *place, struct attempt *ret_attempt)
{
	struct failure *why = session_failure(session);
	struct attempt attempt = { 0 };
	struct search search = { .session = session, .place = place, .attempt = &attempt };
	int r = adapter_scan(&session->adapter, &session->task, on_advert, &search, place->until_ms,
			     why);

	if (r == OTADFU_OK && attempt.count == 0) {
		sightings_sort(&search.seen);
		r = report_absent(&search, why);
	}
	sightings_clear(&search.seen);
	if (r != OTADFU_OK)
		return r;
	attempt.deadline_ms = connect_until_ms(session);
	*ret_attempt = attempt;
	return OTADFU_OK;
}

static int on_any_advert(void *user, const struct otadfu_advert *advert)
{
	return note(user, advert) ? 0 : OTADFU_E_NOMEM;
}

static bool is_new_bootloader(const struct search *search, const struct sighting *seen)
{
	return seen->connectable && seen->mode == OTADFU_MODE_BOOTLOADER &&
	       !whose_was_there(search->session, &seen->addr, OTADFU_MODE_BOOTLOADER) &&
	       !bears_another_name(search, seen);
}

/* Leaves only those that may be meant. */
static void keep_new_bootloaders(struct search *search)
{
	size_t kept = 0;

	for (size_t i = 0; i < search->seen.count; i++) {
		if (is_new_bootloader(search, &search->seen.items[i]))
			search->seen.items[kept++] = search->seen.items[i];
	}
	search->seen.count = kept;
}

static int take_only_one(struct search *search, struct failure *why)
{
	struct session *session = search->session;
	char text[FAILURE_TEXT_MAX / 2];

	keep_new_bootloaders(search);
	if (search->seen.count == 0)
		return OTADFU_E_NOT_FOUND;
	failure_clear(why);
	sightings_describe(&search->seen, text, sizeof(text));
	if (search->seen.count > 1) {
		failure_hint(why, "switch the others off, or say which one with -a ADDRESS");
		return failure_set(why, OTADFU_E_PACKAGE, 0,
				   "the device did not come back where it should, and several in "
				   "DFU mode may be it: %s",
				   text);
	}
	session_note(session, "taken for the device, the only new one in DFU mode: %s", text);
	*search->attempt = (struct attempt){ .addrs = { search->seen.items[0].addr },
					     .count = 1,
					     .deadline_ms = connect_until_ms(session),
					     .certain = true };
	return OTADFU_OK;
}

int rejoin_by_service(struct session *session, const struct place *place,
		      struct attempt *ret_attempt)
{
	struct search search = { .session = session, .place = place, .attempt = ret_attempt };
	struct failure reason = { 0 };
	int r;

	if (!session->job->profile->rejoin_service_scan.value || !session->has_listened ||
	    place->mode != OTADFU_MODE_BOOTLOADER || !adapter_can_scan(&session->adapter))
		return OTADFU_E_NOT_FOUND;
	r = adapter_scan(&session->adapter, &session->task, on_any_advert, &search,
			 task_now_ms(&session->task) + SERVICE_SCAN_MS, &reason);
	if (r == OTADFU_OK)
		r = take_only_one(&search, session_failure(session));
	else if (r == OTADFU_E_CANCELLED)
		*session_failure(session) = reason;
	else
		r = OTADFU_E_NOT_FOUND;
	sightings_clear(&search.seen);
	return r;
}
