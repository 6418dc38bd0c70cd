/* The protocols that take part in one piece of work, with options resolved and memos made. */
#ifndef OTADFU_ENGINE_SPEAKERS_H
#define OTADFU_ENGINE_SPEAKERS_H

#include "profile.h"
#include "sighting.h"

struct speakers {
	struct speaker *items;
	size_t count;
};

/*
 * The protocol the profile names, or every one there is. OTADFU_E_NOT_FOUND when it names one that
 * is not loaded. speakers_free afterwards, on failure too.
 */
int speakers_gather(struct speakers *speakers, const struct registry *registry,
		    const struct profile *profile, struct failure *why);
void speakers_free(struct speakers *speakers);

#endif
