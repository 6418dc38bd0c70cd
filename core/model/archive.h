/* Single members out of an untrusted zip file. */
#ifndef OTADFU_MODEL_ARCHIVE_H
#define OTADFU_MODEL_ARCHIVE_H

#include "error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { ARCHIVE_MAX = 64 << 20 }; /* the whole file */

struct archive;

/*
 * OTADFU_E_CONFIG when path cannot be read, OTADFU_E_PACKAGE when it is not a zip file. Caller
 * closes.
 */
int archive_open(const char *path, struct archive **ret_archive, struct failure *why);
void archive_close(struct archive *archive);

bool archive_holds(const struct archive *archive, const char *member);

/*
 * The content of one member, found through the central directory. OTADFU_E_PACKAGE, naming file
 * and member, when it is missing or there twice, encrypted, compressed by another method than
 * deflate, longer than max or than the directory says, or fails its CRC. Caller frees *ret_data.
 */
int archive_read(struct archive *archive, const char *member, size_t max, uint8_t **ret_data,
		 size_t *ret_len, struct failure *why);

#endif
