/* Who else could have written what is about to be run. */
#ifndef OTADFU_LOADER_TRUST_H
#define OTADFU_LOADER_TRUST_H

#include "error.h"

#include <stdbool.h>

/*
 * path is absolute and free of symbolic links (realpath). Neither the file nor the directory it
 * lies in may be writable by everyone. In secure mode each component up to the root must belong to
 * root and be writable by its owner alone. OTADFU_E_PERMISSION names the component that fails;
 * OTADFU_E_NOT_FOUND what is not there.
 */
int trust_check_file(const char *path, bool secure_mode, struct failure *why);

/* The same for a directory, before it is listed. */
int trust_check_directory(const char *path, bool secure_mode, struct failure *why);

#endif
