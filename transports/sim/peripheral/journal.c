#include "journal.h"

#include <otadfu/host.h>
#include <stdarg.h>
#include <time.h>

enum { LINE_MAX_BYTES = 2048 };

static const char *prefix(int level)
{
	return level == OTADFU_LOG_ERROR ? "error: " : level == OTADFU_LOG_WARN ? "warning: " : "";
}

void journal_line(const struct journal *journal, int level, const char *format, ...)
{
	char text[LINE_MAX_BYTES];
	struct timespec now;
	struct tm local;
	va_list args;

	if (level > journal->level)
		return;
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	clock_gettime(CLOCK_REALTIME, &now);
	localtime_r(&now.tv_sec, &local);
	fprintf(journal->stream, "%02d:%02d:%02d.%03ld %s%s\n", local.tm_hour, local.tm_min,
		local.tm_sec, now.tv_nsec / 1000000, prefix(level), text);
	fflush(journal->stream);
}
