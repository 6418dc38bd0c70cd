/* What a transcript is played on; shared by player.c and steps.c. */
#ifndef OTADFU_REPLAY_STAGE_H
#define OTADFU_REPLAY_STAGE_H

#include "transcript.h"

struct stage {
	const struct transcript *transcript;
	struct device *device;
	json_t *answers; /* of the device, in the form of a transcript, not yet compared */
	bool undefined;  /* the next value depends on what the chip had in its RAM */
};

/* Takes over line. */
void stage_answer(struct stage *stage, json_t *line);

/* The Control Point of what runs now. */
bool stage_find_control(const struct stage *stage, uint16_t *ret_handle);

/* Does this line say what the device did, or what is done to it? */
bool step_is_answer(const json_t *step);

/* Does what the line says. NULL, or what is wrong with it. */
const char *step_run(struct stage *stage, json_t *step);

#endif
