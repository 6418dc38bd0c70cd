/* One line a record, to one stream, at one level. Safe from any thread. */
#ifndef OTADFU_BASE_LOG_H
#define OTADFU_BASE_LOG_H

#include <otadfu/host.h>
#include <stdbool.h>
#include <stdio.h>

struct log;

/*
 * Called before each record and after it while a sink owns the terminal line (a progress
 * bar): clear it, then draw it again.
 */
struct log_guard {
	void (*before)(void *user);
	void (*after)(void *user);
	void *user;
};

/* Records above level (OTADFU_LOG_*) are dropped. stream is borrowed. NULL: out of memory. */
struct log *log_new(FILE *stream, unsigned level);
void log_free(struct log *log);

/* guard is borrowed until replaced or log_free; NULL takes it away. */
void log_set_guard(struct log *log, const struct log_guard *guard);

bool log_wants(const struct log *log, unsigned level);

/* device and plugin may be NULL. log may be NULL: nothing happens. */
void log_write(struct log *log, unsigned level, const char *device, const char *plugin,
	       const char *format, ...) __attribute__((format(printf, 5, 6)));

#endif
