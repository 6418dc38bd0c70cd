/* A zip file that depends on its members alone: stored, and all of one date. */
#ifndef OTADFU_MODEL_ARCHIVE_WRITE_H
#define OTADFU_MODEL_ARCHIVE_WRITE_H

#include "error.h"

#include <stddef.h>
#include <stdint.h>

struct archive_member {
	const char *name;
	const void *data;
	size_t len;
};

/* The bytes of the file. Caller frees *ret_data. */
int archive_write(const struct archive_member *members, size_t count, uint8_t **ret_data,
		  size_t *ret_len, struct failure *why);

#endif
