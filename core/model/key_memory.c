#include "key_memory.h"

#include <malloc.h>
#include <openssl/crypto.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { DEAD_STACK = 32 << 10 };

static void *allocate(size_t size, const char *file, int line)
{
	(void)file;
	(void)line;
	return malloc(size);
}

static void wipe_and_free(void *memory, const char *file, int line)
{
	(void)file;
	(void)line;
	OPENSSL_cleanse(memory, malloc_usable_size(memory));
	free(memory);
}

/* The one of the C library may leave a copy behind. */
static void *reallocate(void *memory, size_t size, const char *file, int line)
{
	size_t held = malloc_usable_size(memory);
	void *moved;

	if (memory && size == 0) {
		wipe_and_free(memory, file, line);
		return NULL;
	}
	moved = malloc(size);
	if (!moved || !memory)
		return moved;
	memcpy(moved, memory, held < size ? held : size);
	wipe_and_free(memory, file, line);
	return moved;
}

bool key_memory_protect(void)
{
	return CRYPTO_set_mem_functions(allocate, reallocate, wipe_and_free) == 1;
}

__attribute__((noinline)) void key_memory_wipe_dead_stack(void)
{
	uint8_t dead[DEAD_STACK];

	OPENSSL_cleanse(dead, sizeof(dead));
}
