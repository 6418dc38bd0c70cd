#include "session_state.h"

#include <string.h>

enum {
	/* A second device of the same name shows up within this time or is not there. */
	SAME_NAME_MS = 2000,
	/* So long the address itself may still appear before its bootloader's is taken for it. */
	STRANDED_GRACE_MS = 3000,
	/* Within this time a bootloader is heard for certain: it advertises every 25 ms. */
	LISTEN_ROUND_MS = 1000,
	/* Whoever passes by while somebody waits for days need not be kept in memory. */
	WAIT_ROUND_MS = 60000,
};

struct search {
	struct session *session;
	struct target target;
	struct sightings *seen;
	struct otadfu_addr found[2];
	size_t found_count;
	struct otadfu_addr stranded;
	bool has_stranded;
};

enum { SEARCH_DONE = 1 };

static bool is_wanted(const struct target *target, const struct sighting *seen)
{
	if (target->has_addr && !target_same_addr(&target->addr, &seen->addr))
		return false;
	if (target->name[0] != '\0' && strcmp(target->name, seen->name) != 0)
		return false;
	return !target->has_service || seen->has_service;
}

static void add_found(struct search *search, const struct otadfu_addr *addr)
{
	for (size_t i = 0; i < search->found_count; i++) {
		if (target_same_addr(&search->found[i], addr))
			return;
	}
	if (search->found_count < 2)
		search->found[search->found_count++] = *addr;
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

/* Takes down who advertises, and whether it is the one. */
static int note(struct search *search, const struct otadfu_advert *advert)
{
	struct session *session = search->session;
	const struct target *target = &search->target;
	const struct sighting *seen =
		sightings_note(search->seen, &session->task, advert, session->speakers.items,
			       session->speakers.count,
			       target->has_service ? &target->service : NULL);

	if (!seen)
		return OTADFU_E_NOMEM;
	if (is_wanted(target, seen)) {
		add_found(search, &seen->addr);
	} else if (is_stranded(target, seen) && !search->has_stranded) {
		search->stranded = seen->addr;
		search->has_stranded = true;
	}
	return 0;
}

static bool has_any(const struct search *search)
{
	return search->found_count > 0 || search->has_stranded;
}

static int on_first_advert(void *user, const struct otadfu_advert *advert)
{
	int r = note(user, advert);

	return r == 0 && has_any(user) ? SEARCH_DONE : r;
}

static int on_further_advert(void *user, const struct otadfu_advert *advert)
{
	const struct search *search = user;
	int r = note(user, advert);

	return r == 0 && search->found_count > 1 ? SEARCH_DONE : r;
}

static uint64_t earlier(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/* Until the device is heard, or its bootloader. */
static int listen(struct search *search, uint64_t until_ms)
{
	struct session *session = search->session;
	struct task *task = &session->task;
	int r;

	do {
		sightings_clear(search->seen);
		r = adapter_scan(&session->adapter, task, on_first_advert, search,
				 earlier(until_ms, task_now_ms(task) + WAIT_ROUND_MS),
				 session_failure(session));
	} while (r == OTADFU_OK && !has_any(search) && task_now_ms(task) < until_ms);
	return r;
}

/* How long to listen for who else is there: what is to be changed must not be a neighbour. */
static uint32_t choose_round_ms(const struct search *search)
{
	const struct session_job *job = search->session->job;
	const struct sighting *seen;

	if (search->found_count == 0)
		return STRANDED_GRACE_MS;
	if (!search->target.has_addr)
		return SAME_NAME_MS;
	if (!job->package || job->dry_run)
		return 0;
	seen = sightings_find(search->seen, &search->found[0]);
	/* Applications advertise less often than bootloaders, and its own is silent now. */
	return seen && seen->mode == OTADFU_MODE_BOOTLOADER ? STRANDED_GRACE_MS : LISTEN_ROUND_MS;
}

static int listen_on(struct search *search)
{
	struct session *session = search->session;
	uint32_t round_ms = choose_round_ms(search);

	if (round_ms == 0)
		return OTADFU_OK;
	search->seen = &session->others;
	session->has_listened = true;
	return adapter_scan(&session->adapter, &session->task, on_further_advert, search,
			    task_now_ms(&session->task) + round_ms, session_failure(session));
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

static int refuse_two(const struct search *search, struct failure *why)
{
	char first[TARGET_ADDR_TEXT];
	char second[TARGET_ADDR_TEXT];

	target_format_addr(&search->found[0], first);
	target_format_addr(&search->found[1], second);
	failure_hint(why, "say which one with -a ADDRESS");
	return failure_set(why, OTADFU_E_PACKAGE, 0, "two devices match: %s and %s", first, second);
}

static int report_missing(const struct search *search, uint64_t searched_ms, struct failure *why)
{
	char seen[FAILURE_TEXT_MAX / 2];

	sightings_sort(search->seen);
	sightings_describe(search->seen, seen, sizeof(seen));
	failure_hint(why,
		     "is it switched on, in range and advertising? `otadfu scan` lists what is "
		     "there");
	return failure_set(why, OTADFU_E_NOT_FOUND, 0,
			   "no such device advertised within %u s; seen: %s",
			   (unsigned)(searched_ms / 1000), seen);
}

static void remember_advert(struct session *session, const struct sightings *sightings,
			    const struct otadfu_addr *addr)
{
	const struct sighting *seen = sightings_find(sightings, addr);

	if (!seen)
		return;
	memcpy(session->advertised_name, seen->name, sizeof(seen->name));
	session->advertised_rssi_dbm = seen->rssi_dbm;
}

/* As with the bootloader of the device before, at whose next address ours lives. */
static int refuse_shared(const struct otadfu_addr *addr, struct failure *why)
{
	char text[TARGET_ADDR_TEXT];

	target_format_addr(addr, text);
	failure_hint(why, "switch the other one off, or finish its update with otadfu recover "
			  "while this one is off");
	return failure_set(why, OTADFU_E_PACKAGE, 0,
			   "two devices advertise at %s, one of them in DFU mode", text);
}

static int settle(struct search *search, struct place *ret_place)
{
	struct session *session = search->session;
	const struct sighting *seen;
	char addr[TARGET_ADDR_TEXT];

	if (search->found_count > 1)
		return refuse_two(search, session_failure(session));
	if (search->found_count == 0) {
		target_format_addr(&search->stranded, addr);
		session_note(session, "it waits in its bootloader at %s", addr);
		search->found[0] = search->stranded;
		/* A neighbour may live there. */
		ret_place->mode = OTADFU_MODE_BOOTLOADER;
	}
	seen = sightings_find(&session->others, &search->found[0]);
	if (seen && sighting_is_of_two(seen))
		return refuse_shared(&search->found[0], session_failure(session));
	place_add(ret_place, &search->found[0]);
	if (!search->target.has_addr)
		target_format_addr(&search->found[0], session->task.device);
	return OTADFU_OK;
}

static int search_by_scan(struct search *search, uint64_t until_ms, struct place *ret_place)
{
	struct session *session = search->session;
	uint64_t begin_ms = task_now_ms(&session->task);
	struct sightings first = { 0 };
	int r;

	search->seen = &first;
	r = listen(search, until_ms);
	if (r == OTADFU_OK && !has_any(search))
		r = report_missing(search, task_now_ms(&session->task) - begin_ms,
				   session_failure(session));
	if (r == OTADFU_OK)
		r = listen_on(search);
	if (r == OTADFU_OK)
		r = settle(search, ret_place);
	if (r == OTADFU_OK) {
		remember_advert(session, &first, &search->found[0]);
		remember_advert(session, &session->others, &search->found[0]);
		sightings_forget(&session->others, &search->found[0]);
	}
	sightings_clear(&first);
	return r;
}

/* Without a scan: at its address, or stranded in its bootloader at the next one. */
static int place_unseen(struct session *session, const struct target *target,
			struct place *ret_place)
{
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
	place_add(ret_place, &target->addr);
	place_add(ret_place, &bootloader);
	return OTADFU_OK;
}

static uint64_t add_ms(uint64_t now_ms, uint64_t wait_ms)
{
	return wait_ms > UINT64_MAX - now_ms ? UINT64_MAX : now_ms + wait_ms;
}

int locate_target(struct session *session, struct place *ret_place)
{
	uint64_t limit_ms = (uint64_t)session->job->profile->connect_timeout_ms.value;
	uint64_t wait_ms = session->job->wait_ms > 0 ? session->job->wait_ms : limit_ms;
	uint64_t until_ms = add_ms(task_now_ms(&session->task), wait_ms);
	struct search search = { .session = session };
	struct place place = { .until_ms = until_ms };
	int r = read_target(session->job->profile, &search.target, session_failure(session));

	if (r != OTADFU_OK)
		return r;
	if (session->job->wait_ms > 0)
		session_note(session, "waiting for it to show up");
	if (adapter_can_scan(&session->adapter))
		r = search_by_scan(&search, until_ms, &place);
	if (!adapter_can_scan(&session->adapter))
		r = place_unseen(session, &search.target, &place);
	else if (r == OTADFU_OK) /* the search has used up its time; the connection gets its own */
		place.until_ms = task_now_ms(&session->task) + limit_ms;
	if (r == OTADFU_OK)
		*ret_place = place;
	return r;
}
