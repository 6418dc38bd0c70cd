/* A whole file in memory. */
#ifndef OTADFU_MODEL_FILE_H
#define OTADFU_MODEL_FILE_H

#include "error.h"

#include <stddef.h>
#include <stdint.h>

/*
 * A NUL that *ret_len does not count follows the content. OTADFU_E_CONFIG with the reason when
 * path cannot be read or is no regular file; too_large_code when it is longer than max. Never
 * waits for a pipe. Caller frees *ret_data.
 */
int file_read(const char *path, size_t max, int too_large_code, uint8_t **ret_data, size_t *ret_len,
	      struct failure *why);

#endif
