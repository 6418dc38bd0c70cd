/* With what the client comes, and when: from a row's setup and its transcript. */
#ifndef OTADFU_DECISIONS_PLAN_H
#define OTADFU_DECISIONS_PLAN_H

#include "meeting.h"

/*
 * NULL, or what is wrong with setup, which is words of:
 *   from=N      at the transcript's connect number N; until then the recorded client acts
 *   image=2     with firmware2 and init2; image=both: with both in one package
 *   receipts=N, packet=N    with these options; else as recorded from there on
 *   set:PLUGIN.KEY=VALUE    with that in its profile
 *   deaf        its first subscription gets lost
 *   interrupt   its operator interrupts it where that of the recorded client did
 *   damaged     packets arrive as they were recorded, whatever was sent
 */
const char *plan_make(const struct transcript *transcript, const char *setup,
		      struct plan *ret_plan);

/*
 * "each=init", "each=start": the transcript makes many attempts in one connection, a client one in
 * each of its own. Attempt number index of them as a plan, with the answer that was recorded; the
 * lines between the first one and it are left out.
 */
struct attempt {
	struct plan plan;
	json_t *lines;
	const char *answer; /* hex */
	uint8_t *owned;
};

bool plan_is_of_attempts(const char *setup);
/* False: there are no more. attempt_free in any case. */
bool attempt_make(const struct transcript *transcript, const char *setup, size_t index,
		  struct attempt *ret_attempt);
void attempt_free(struct attempt *attempt);

#endif
