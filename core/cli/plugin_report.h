/* What a check found, one line a case, for people or for programs. */
#ifndef OTADFU_CLI_PLUGIN_REPORT_H
#define OTADFU_CLI_PLUGIN_REPORT_H

#include "conformance.h"

#include <stdbool.h>
#include <stddef.h>

/* Zero-initialise what is not set. */
struct plugin_report {
	bool json;
	bool quiet; /* of people's lines those of failures alone */
	size_t counts[CONFORMANCE_VERDICTS];
};

/* A conformance_fn; user is the report. */
void plugin_report_finding(void *user, const struct conformance_finding *finding);

/* The last line. skipped_live: so many cases did not run, for want of a peer; 0: they did. */
void plugin_report_totals(const struct plugin_report *report, const char *file,
			  size_t skipped_live);

#endif
