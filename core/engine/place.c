#include "place.h"

#include <stdio.h>
#include <string.h>

void place_add(struct place *place, const struct otadfu_addr *addr)
{
	if (place->count < PLACE_CANDIDATES_MAX && !place_has_addr(place, addr))
		place->candidates[place->count++] = *addr;
}

bool place_has_addr(const struct place *place, const struct otadfu_addr *addr)
{
	for (size_t i = 0; i < place->count; i++) {
		if (target_same_addr(&place->candidates[i], addr))
			return true;
	}
	return false;
}

struct place place_from_next(const struct otadfu_next *next, const struct otadfu_addr *here,
			     uint64_t now_ms)
{
	static const struct {
		uint32_t match;
		int delta;
	} steps[] = {
		{ OTADFU_NEXT_ADDR_PLUS_ONE, +1 },
		{ OTADFU_NEXT_SAME_ADDR, 0 },
		{ OTADFU_NEXT_ADDR_MINUS_ONE, -1 },
	};
	struct place place = {
		.mode = next->mode,
		.directed = next->flags & OTADFU_NEXT_DIRECTED,
		.not_before_ms = now_ms + next->not_before_ms,
		.until_ms = now_ms + next->not_before_ms + next->within_ms,
	};

	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		struct otadfu_addr addr = target_neighbour(here, steps[i].delta);

		if (next->match & steps[i].match)
			place_add(&place, &addr);
	}
	if (next->match & OTADFU_NEXT_NAME) {
		memcpy(place.name, next->name, sizeof(place.name));
		place.name[sizeof(place.name) - 1] = '\0';
	}
	return place;
}

void place_describe(const struct place *place, char *text, size_t size)
{
	size_t used = 0;

	text[0] = '\0';
	for (size_t i = 0; i < place->count && used < size; i++) {
		char addr[TARGET_ADDR_TEXT];
		int added;

		target_format_addr(&place->candidates[i], addr);
		added = snprintf(text + used, size - used, "%s%s", i > 0 ? " or " : "", addr);
		used += added > 0 ? (size_t)added : 0;
	}
	if (place->name[0] != '\0' && used < size)
		snprintf(text + used, size - used, "%sthe name %s", used > 0 ? " or " : "",
			 place->name);
}
