/* What an inspection found, as programs read it. */
#ifndef OTADFU_CLI_INSPECT_JSON_H
#define OTADFU_CLI_INSPECT_JSON_H

#include "inspection.h"

#include <jansson.h>

/* Fields bear the names of packages-and-init-packets.md 1.1 and 2. */
json_t *inspect_json(const struct inspection *inspection);

/* The same of a file that could not be looked into. */
json_t *inspect_json_failure(const char *path, const struct failure *why);

#endif
