#include "log.h"

#include "text.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdlib.h>

enum { LINE_MAX_BYTES = 2048 };

struct log {
	FILE *stream;
	unsigned level;
	pthread_mutex_t lock;
	const struct log_guard *guard;
};

static const char *const level_names[] = { "error", "warning", "info", "debug", "trace" };

struct log *log_new(FILE *stream, unsigned level)
{
	struct log *log = calloc(1, sizeof(*log));

	if (!log)
		return NULL;
	log->stream = stream;
	log->level = level;
	pthread_mutex_init(&log->lock, NULL);
	return log;
}

void log_free(struct log *log)
{
	if (!log)
		return;
	pthread_mutex_destroy(&log->lock);
	free(log);
}

void log_set_guard(struct log *log, const struct log_guard *guard)
{
	pthread_mutex_lock(&log->lock);
	log->guard = guard;
	pthread_mutex_unlock(&log->lock);
}

bool log_wants(const struct log *log, unsigned level)
{
	return log && level <= log->level;
}

void log_write(struct log *log, unsigned level, const char *device, const char *plugin,
	       const char *format, ...)
{
	char line[LINE_MAX_BYTES];
	va_list args;

	if (!log_wants(log, level) || level > OTADFU_LOG_TRACE)
		return;
	va_start(args, format);
	vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	/* What a device or a file said must not move the cursor or forge a second line. */
	text_make_printable(line);

	pthread_mutex_lock(&log->lock);
	if (log->guard)
		log->guard->before(log->guard->user);
	fprintf(log->stream, "%s: %s%s%s%s%s\n", level_names[level], device ? device : "",
		device ? ": " : "", plugin ? plugin : "", plugin ? ": " : "", line);
	if (log->guard)
		log->guard->after(log->guard->user);
	pthread_mutex_unlock(&log->lock);
}
