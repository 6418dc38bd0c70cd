/* Plays a transcript against the simulated device and compares every answer. */
#ifndef OTADFU_REPLAY_PLAYER_H
#define OTADFU_REPLAY_PLAYER_H

#include "transcript.h"

/* The first difference. */
struct difference {
	size_t line; /* in the file, from 1; 0: none */
	char *expected, *got;
};

/* True when the device did what was recorded; else *ret_difference is filled. */
bool player_run(const struct transcript *transcript, struct difference *ret_difference);
void difference_free(struct difference *difference);

/* endstate.c: what the device is in the end, with the members that were recorded. */
json_t *endstate_describe(const struct transcript *transcript, const struct device *device,
			  json_t *recorded);

#endif
