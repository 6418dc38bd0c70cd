/* Why something failed, in words for the person at the keyboard: what, on what, what to try. */
#ifndef OTADFU_TRANSPORTS_PROBLEM_H
#define OTADFU_TRANSPORTS_PROBLEM_H

struct problem {
	char text[256];
};

/* Returns code, so that to fail is one statement. */
int problem_set(struct problem *problem, int code, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

#endif
