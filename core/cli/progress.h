/* How far one image is, in numbers and in words. Pure: no clock, no terminal. */
#ifndef OTADFU_CLI_PROGRESS_H
#define OTADFU_CLI_PROGRESS_H

#include <stddef.h>
#include <stdint.h>

struct progress {
	uint64_t done, total;
	uint64_t now_ms;
	uint64_t first_done; /* a resumed image does not begin at 0 */
	uint64_t first_ms;
};

struct progress progress_begin(uint64_t done, uint64_t total, uint64_t now_ms);
void progress_advance(struct progress *progress, uint64_t done, uint64_t now_ms);

unsigned progress_percent(const struct progress *progress);

/*
 * A bar with percent, bytes, speed and time left, never longer than width columns; where there is
 * no room the last of them go first. line holds size bytes.
 */
void progress_format(const struct progress *progress, unsigned width, char *line, size_t size);

#endif
