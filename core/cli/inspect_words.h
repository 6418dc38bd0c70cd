/* What an inspection found, as people read it. */
#ifndef OTADFU_CLI_INSPECT_WORDS_H
#define OTADFU_CLI_INSPECT_WORDS_H

#include "inspection.h"

#include <stdio.h>

void inspect_write_words(FILE *out, const struct inspection *inspection);

#endif
