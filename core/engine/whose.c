/*
 * Addresses of one production run follow each other, and a bootloader advertises at the address
 * after its application's: what is found at the right address may be a neighbour.
 */
#include "session_state.h"

bool whose_was_there(const struct session *session, const struct otadfu_addr *addr, uint32_t mode)
{
	const struct sighting *seen = sightings_find(&session->others, addr);

	/* Few applications tell their mode. */
	return seen && (seen->mode == OTADFU_MODE_BOOTLOADER) == (mode == OTADFU_MODE_BOOTLOADER);
}

static bool is_after(const struct otadfu_addr *first, const struct otadfu_addr *addr)
{
	struct otadfu_addr next = target_neighbour(first, 1);

	return target_same_addr(&next, addr);
}

/* Where nobody knows its home, it is known by its bootloader's address. */
static bool may_be_application(const struct session *session, const struct otadfu_addr *addr)
{
	if (session->has_home)
		return target_same_addr(&session->home, addr);
	if (session->used_count == 0 || session_has_used(session, addr))
		return true;
	return is_after(addr, &session->used[0]) && !sightings_find(&session->others, addr);
}

static bool may_be_bootloader(const struct session *session, const struct otadfu_addr *addr)
{
	const struct otadfu_addr *first = session->has_home ? &session->home : &session->used[0];

	if (session_has_used(session, addr))
		return true;
	if (whose_was_there(session, addr, OTADFU_MODE_BOOTLOADER))
		return false;
	return session->used_count == 0 || target_same_addr(first, addr) || is_after(first, addr);
}

bool whose_is_ours(const struct session *session, const struct otadfu_addr *addr, uint32_t mode)
{
	if (mode == 0)
		return may_be_application(session, addr) || may_be_bootloader(session, addr);
	return mode == OTADFU_MODE_BOOTLOADER ? may_be_bootloader(session, addr)
					      : may_be_application(session, addr);
}

bool whose_is_asked_for(const struct session *session, const struct otadfu_addr *addr)
{
	const char *text = session->job->profile->match_address.value;
	struct otadfu_addr asked;

	return text && target_parse_addr(text, &asked, NULL) == OTADFU_OK &&
	       target_same_addr(&asked, addr);
}

/* A stranger at a new address must prove itself, and so must what answers at the bootloader's
 * address of a device that nobody has seen yet. */
static bool is_first_expected(const struct session *session, const struct place *place,
			      const struct otadfu_addr *addr)
{
	return place->count == 1 || whose_is_asked_for(session, addr) ||
	       session->mode == OTADFU_MODE_BOOTLOADER;
}

/*
 * The application of a device that was asked for by its bootloader's address: nobody has met it
 * there yet. An update on this very device must just have ended, so that it had a reason to start;
 * somebody must have listened while it was still in its bootloader, and have heard nobody there. A
 * neighbour would have been heard then: it does not fall silent for our update.
 */
static bool may_have_started(const struct session *session)
{
	return session->result->images_done > 0 && session->has_listened;
}

bool whose_is_expected(const struct session *session, const struct place *place,
		       const struct attempt *attempt)
{
	const struct otadfu_addr *addr = &session->gatt.peer;
	uint32_t mode = session->mode != 0 ? session->mode : place->mode;

	if (place->mode != 0 && mode != place->mode)
		return false;
	/* A name is the bootloader's; at its address a neighbour's application may have answered.
	 */
	if (attempt->certain && mode == OTADFU_MODE_BOOTLOADER)
		return true;
	if (session->used_count == 0)
		return is_first_expected(session, place, addr);
	if (!whose_is_ours(session, addr, mode))
		return false;
	/* What place says itself needs no more; anything at all must prove itself. */
	return place->mode != 0 || mode == OTADFU_MODE_BOOTLOADER || session->has_home ||
	       session_has_used(session, addr) || may_have_started(session);
}

/* The application lives where it was met, or where it was asked for when its bootloader has
 * answered at another address. Met in its bootloader at the address itself, nobody knows. */
static void learn_home(struct session *session, const struct otadfu_addr *addr)
{
	struct otadfu_addr asked;
	const char *text = session->job->profile->match_address.value;

	if (session->has_home)
		return;
	if (session->mode == OTADFU_MODE_APPLICATION) {
		session->home = *addr;
		session->has_home = true;
	} else if (text && target_parse_addr(text, &asked, NULL) == OTADFU_OK &&
		   !target_same_addr(&asked, addr)) {
		session->home = asked;
		session->has_home = true;
	}
}

void whose_remember(struct session *session, const struct otadfu_addr *addr)
{
	struct session_result *result = session->result;

	learn_home(session, addr);
	if (session->used_count == 0) {
		target_format_addr(addr, result->address_before);
		result->mode_before = session->mode;
	}
	if (session->used_count < SESSION_USED_MAX && !session_has_used(session, addr))
		session->used[session->used_count++] = *addr;
}

void whose_narrow(const struct session *session, struct place *place)
{
	size_t kept = 0;

	for (size_t i = 0; i < place->count; i++) {
		const struct otadfu_addr addr = place->candidates[i];

		if (whose_is_ours(session, &addr, place->mode)) {
			place->candidates[kept++] = addr;
		} else if (whose_was_there(session, &addr, OTADFU_MODE_BOOTLOADER)) {
			place->taken = addr;
			place->has_taken = true;
		}
	}
	place->count = kept;
}
