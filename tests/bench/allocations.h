/* How often this program, its plugins and libraries have asked for memory. */
#ifndef OTADFU_BENCH_ALLOCATIONS_H
#define OTADFU_BENCH_ALLOCATIONS_H

#include <stdint.h>

uint64_t allocations_count(void);

#endif
