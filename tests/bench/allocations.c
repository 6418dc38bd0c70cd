#include "allocations.h"

#include <stdatomic.h>
#include <stdlib.h>

/* For plugins and libraries too, which find these before the C library's. */
#pragma GCC visibility push(default)

/* The C library's own, which the functions of this file stand in front of. */
extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *memory, size_t size);

static atomic_uint_fast64_t counted;

uint64_t allocations_count(void)
{
	return counted;
}

void *malloc(size_t size)
{
	counted++;
	return __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
	counted++;
	return __libc_calloc(count, size);
}

void *realloc(void *memory, size_t size)
{
	counted++;
	return __libc_realloc(memory, size);
}

#pragma GCC visibility pop
