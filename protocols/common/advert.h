/* What one advertisement holds. */
#ifndef OTADFU_PROTOCOLS_ADVERT_H
#define OTADFU_PROTOCOLS_ADVERT_H

#include <otadfu/types.h>
#include <stdbool.h>

/* Is the service listed, in its long form or, where it has one, in its short one? */
bool advert_has_service(const struct otadfu_advert *advert, const struct otadfu_uuid *service);

/* Is this the whole name, complete or shortened? */
bool advert_has_name(const struct otadfu_advert *advert, const char *name);

#endif
