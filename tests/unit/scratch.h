/* A directory of its own for each test, gone with its files when the test ends. */
#ifndef OTADFU_TESTS_SCRATCH_H
#define OTADFU_TESTS_SCRATCH_H

#include <stddef.h>

enum { SCRATCH_PATH_MAX = 256 };

/* As setup and teardown of a cmocka test: *state is the directory, a string. */
int scratch_setup(void **state);
int scratch_teardown(void **state);

/* "directory/name" in path. */
void scratch_path(void *const *state, const char *name, char path[SCRATCH_PATH_MAX]);

/* Writes a file and gives its path. The test fails when that fails. */
void scratch_write(void *const *state, const char *name, const void *data, size_t len,
		   char path[SCRATCH_PATH_MAX]);

#endif
