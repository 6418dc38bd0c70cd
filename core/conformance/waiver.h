/* What a transport is known not to keep, and why that is accepted. */
#ifndef OTADFU_CONFORMANCE_WAIVER_H
#define OTADFU_CONFORMANCE_WAIVER_H

/* The reason; NULL: the case counts. */
const char *waiver_find(const char *transport, const char *case_name);

#endif
