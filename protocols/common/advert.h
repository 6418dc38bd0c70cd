/* What one advertisement holds. */
#ifndef OTADFU_PROTOCOLS_ADVERT_H
#define OTADFU_PROTOCOLS_ADVERT_H

#include <otadfu/types.h>
#include <stdbool.h>

/* Is the service listed, in the 128-bit form? */
bool advert_has_service(const struct otadfu_advert *advert, const struct otadfu_uuid *service);

/* The same for the 16-bit form. */
bool advert_has_service16(const struct otadfu_advert *advert, uint16_t service);

/* Is this the whole name, complete or shortened? */
bool advert_has_name(const struct otadfu_advert *advert, const char *name);

#endif
