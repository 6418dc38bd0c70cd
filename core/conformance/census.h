/* What this process holds: so that a leak shows. */
#ifndef OTADFU_CONFORMANCE_CENSUS_H
#define OTADFU_CONFORMANCE_CENSUS_H

#include <stdbool.h>
#include <stddef.h>

struct census {
	size_t descriptors;
	size_t inheritable; /* of them, without close-on-exec */
	size_t threads;
	size_t children; /* those that ended and were not waited for, too */
};

struct census census_take(void);

/* Does now hold no more than before? */
bool census_is_within(const struct census *now, const struct census *before);

enum { CENSUS_TEXT_MAX = 96 };

/* "1 descriptor more, 2 threads more". */
void census_describe_growth(const struct census *now, const struct census *before,
			    char text[CENSUS_TEXT_MAX]);

#endif
