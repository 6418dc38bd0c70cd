/* What each OTADFU_E_* code means to the host, and the record of one failure. */
#ifndef OTADFU_BASE_ERROR_H
#define OTADFU_BASE_ERROR_H

#include <otadfu/error.h>
#include <stdbool.h>
#include <stdint.h>

/* "timeout", "rejected", ...: as in JSON and in the log. "unknown" for a number not in the list. */
const char *error_name(int code);

/* The code in words for a person, for a failure that recorded no text of its own. */
const char *error_text(int code);

/* May a new attempt on a new connection help? */
bool error_is_retryable(int code);

enum { FAILURE_TEXT_MAX = 512, FAILURE_WORD_MAX = 32 };

/*
 * Why one operation failed: recorded once, where it is known. code 0: nothing recorded.
 * Zero-initialise; owns nothing.
 */
struct failure {
	int code;
	int32_t detail; /* os errno, ATT error or the peer's result code; 0 none */
	char text[FAILURE_TEXT_MAX];
	char hint[FAILURE_TEXT_MAX]; /* what to try next; empty: nothing to say */
	char phase[FAILURE_WORD_MAX];
	char plugin[FAILURE_WORD_MAX];
};

/*
 * Records and returns code, so that a function leaves with `return failure_set(why, ...)`.
 * The first record wins. why may be NULL.
 */
int failure_set(struct failure *why, int code, int32_t detail, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

/* What to try next; the first hint wins. why may be NULL. */
void failure_hint(struct failure *why, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Passes a reason on, with what it is about before it, "subject: text", and its hint. Returns code.
 */
int failure_pass(struct failure *why, int code, const struct failure *reason, const char *subject);

void failure_clear(struct failure *why);

#endif
