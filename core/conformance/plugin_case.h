/* The static part: what the file and its tables show by themselves. */
#ifndef OTADFU_CONFORMANCE_PLUGIN_CASE_H
#define OTADFU_CONFORMANCE_PLUGIN_CASE_H

#include "conformance.h"

enum { PLUGIN_CASES = 5 };

const char *plugin_case_name(size_t index);

#endif
