/* What a session tells, as people or programs want to read it. */
#ifndef OTADFU_CLI_REPORT_H
#define OTADFU_CLI_REPORT_H

#include "log.h"
#include "package.h"
#include "session.h"

#include <stdio.h>

enum report_style {
	REPORT_LINES,    /* plain lines, progress at each tenth */
	REPORT_TERMINAL, /* a line for each step, and a bar that is redrawn in place */
	REPORT_JSON      /* json_line.h */
};

struct report_settings {
	enum report_style style;
	bool quiet;     /* no lines but errors; JSON is not affected */
	FILE *out;      /* borrowed */
	FILE *err;      /* borrowed; errors for people, in every style */
	unsigned width; /* of the terminal; 0: ask it each time */
	/* Real time for the bar's pace: the session's clock may be virtual. */
	uint64_t (*now_ms)(void);
};

struct report;

/* NULL: out of memory. */
struct report *report_new(const struct report_settings *settings);
void report_free(struct report *report);

/* A session_event_fn; user is the report. */
void report_event(void *user, const struct session_event *event);

/* What a log that shares the terminal must call around each record. Lives as long as report. */
const struct log_guard *report_log_guard(struct report *report);

/*
 * The last word: the final line or the result object, and what went wrong, on err. Returns the
 * exit status: the result's, but EXIT_STATUS_FAILED instead of success when out could not be
 * written. What the device answered is then said on err, so that it is never lost.
 */
int report_finish(struct report *report, const struct session_result *result,
		  const struct package *package);

/* One failure for a person: "otadfu: TEXT" and "try: HINT". */
void report_failure(FILE *err, const struct failure *failure);

#endif
