/* What happens, one line an event, with the time of day: for people and for tests that wait for it.
 */
#ifndef OTADFU_PERIPHERAL_JOURNAL_H
#define OTADFU_PERIPHERAL_JOURNAL_H

#include <stdio.h>

struct journal {
	FILE *stream;
	int level; /* OTADFU_LOG_*: what is above stays unsaid */
};

/* One line, without its end. */
void journal_line(const struct journal *journal, int level, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

#endif
