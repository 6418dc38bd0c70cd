/* What leaves a simulated device on a test bench, as text: "10 01 01; reset; bootloader; ". */
#ifndef BENCH_LOG_H
#define BENCH_LOG_H

#include "device.h"

enum { BENCH_LOG_MAX = 4096, BENCH_WRITE_MAX = 64 };

struct bench_log {
	uint16_t control;         /* the one value that may notify */
	char text[BENCH_LOG_MAX]; /* since the last bench_log_expect */
};

struct device_observer bench_log_observer(struct bench_log *log);

/* Compares, and forgets. */
void bench_log_expect(struct bench_log *log, const char *expected);

/* "01 04" or "0104"; returns how many bytes. */
size_t bench_bytes(const char *hex, uint8_t bytes[BENCH_WRITE_MAX]);

#endif
