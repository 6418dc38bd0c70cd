/* Device addresses as people write them. */
#ifndef OTADFU_SIM_ADDRESS_H
#define OTADFU_SIM_ADDRESS_H

#include <otadfu/types.h>
#include <stdbool.h>

enum { ADDRESS_TEXT_SIZE = 18 };

/* "C0:FF:EE:00:00:01" */
void address_text(const struct otadfu_addr *addr, char text[ADDRESS_TEXT_SIZE]);

/* The same back, in either case; leaves the type as it is. False: it is none. */
bool address_parse(const char *text, struct otadfu_addr *addr);

#endif
