/* A file that is there whole or not at all. */
#ifndef OTADFU_CLI_OUTFILE_H
#define OTADFU_CLI_OUTFILE_H

#include "error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Can a file be written there? OTADFU_E_CONFIG for what is there and is no regular file, or, unless
 * overwrite, is there at all. To be asked before work is done for it.
 */
int outfile_check(const char *path, bool overwrite, struct failure *why);

/*
 * Writes all of data under another name in the same folder and renames it, so that nobody ever
 * sees a part of it. OTADFU_E_IO with the reason, and nothing left behind, when it cannot.
 */
int outfile_write(const char *path, bool overwrite, const void *data, size_t len,
		  struct failure *why);

/* The same of what nobody but its owner may read. */
int outfile_write_private(const char *path, bool overwrite, const void *data, size_t len,
			  struct failure *why);

#endif
