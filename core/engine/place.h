/* Where a device may be found, and as what. */
#ifndef OTADFU_ENGINE_PLACE_H
#define OTADFU_ENGINE_PLACE_H

#include "target.h"

#include <otadfu/protocol.h>

enum { PLACE_CANDIDATES_MAX = 4 };

struct place {
	struct otadfu_addr candidates[PLACE_CANDIDATES_MAX];
	size_t count;
	char name[TARGET_NAME_MAX]; /* empty: by address alone */
	uint32_t mode;              /* OTADFU_MODE_* expected there; 0 either */
	bool directed;              /* it may advertise to us alone: no scan shows it */
	/* A candidate that was dropped: somebody else's bootloader was there before. */
	struct otadfu_addr taken;
	bool has_taken;
	uint64_t not_before_ms;
	uint64_t until_ms;
};

/* Adds an address unless it is there already or no room is left. */
void place_add(struct place *place, const struct otadfu_addr *addr);

/* What next says, relative to the address of the connection it was said on. */
struct place place_from_next(const struct otadfu_next *next, const struct otadfu_addr *here,
			     uint64_t now_ms);

bool place_has_addr(const struct place *place, const struct otadfu_addr *addr);

/* "C0:.. or C0:..", for messages. */
void place_describe(const struct place *place, char *text, size_t size);

#endif
