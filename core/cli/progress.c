#include "progress.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { BAR_MIN = 8, BAR_MAX = 40, FIELD_TEXT = 24 };
enum { FIELD_PERCENT, FIELD_BYTES, FIELD_SPEED, FIELD_TIME, FIELDS };

struct progress progress_begin(uint64_t done, uint64_t total, uint64_t now_ms)
{
	return (struct progress){
		.done = done,
		.total = total,
		.now_ms = now_ms,
		.first_done = done,
		.first_ms = now_ms,
	};
}

void progress_advance(struct progress *progress, uint64_t done, uint64_t now_ms)
{
	/* The device lost what it had confirmed: what went before says nothing about the speed. */
	if (done < progress->done)
		*progress = progress_begin(done, progress->total, now_ms);
	progress->done = done;
	progress->now_ms = now_ms;
}

unsigned progress_percent(const struct progress *progress)
{
	if (progress->total == 0)
		return 100;
	if (progress->done >= progress->total)
		return 100;
	return (unsigned)(progress->done * 100 / progress->total);
}

static double bytes_per_second(const struct progress *progress)
{
	uint64_t ms = progress->now_ms - progress->first_ms;

	return ms > 0 ? (double)(progress->done - progress->first_done) * 1000.0 / (double)ms : 0;
}

static void format_time(const struct progress *progress, double speed, char *text)
{
	uint64_t left = progress->total > progress->done ? progress->total - progress->done : 0;
	unsigned seconds = speed > 0 ? (unsigned)((double)left / speed + 0.5) : 0;

	if (speed > 0)
		snprintf(text, FIELD_TEXT, "  %u:%02u left", seconds / 60, seconds % 60);
	else
		snprintf(text, FIELD_TEXT, "  -:-- left");
}

/* Padded, so that the bar keeps its length while the numbers grow. */
static void format_fields(const struct progress *progress, char fields[FIELDS][FIELD_TEXT])
{
	double speed = bytes_per_second(progress);
	double total_kb = (double)progress->total / 1000.0;
	int digits = snprintf(NULL, 0, "%.1f", total_kb);

	snprintf(fields[FIELD_PERCENT], FIELD_TEXT, " %3u %%", progress_percent(progress));
	snprintf(fields[FIELD_BYTES], FIELD_TEXT, "  %*.1f/%.1f kB", digits,
		 (double)progress->done / 1000.0, total_kb);
	snprintf(fields[FIELD_SPEED], FIELD_TEXT, "  %5.1f kB/s", speed / 1000.0);
	format_time(progress, speed, fields[FIELD_TIME]);
}

void progress_format(const struct progress *progress, unsigned width, char *line, size_t size)
{
	char fields[FIELDS][FIELD_TEXT];
	char numbers[FIELDS * FIELD_TEXT] = "";
	char bar[BAR_MAX + 1];
	unsigned used = 2; /* the brackets */
	unsigned room, filled;

	format_fields(progress, fields);
	for (unsigned i = 0; i < FIELDS; i++) {
		unsigned length = (unsigned)strlen(fields[i]);

		if (i > 0 && used + length + BAR_MIN > width)
			break;
		strcat(numbers, fields[i]);
		used += length;
	}
	room = width > used ? width - used : 0;
	if (room > BAR_MAX)
		room = BAR_MAX;
	filled = room * progress_percent(progress) / 100;
	memset(bar, '#', filled);
	memset(bar + filled, '-', room - filled);
	bar[room] = '\0';
	if (room > 0)
		snprintf(line, size, "[%s]%s", bar, numbers);
	else
		snprintf(line, size, "%.*s", (int)width, numbers);
}
