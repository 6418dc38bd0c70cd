/* Device addresses (Core Specification, Vol 6, Part B, 1.3), octets as on the air: last one first.
 */
#ifndef AIR_ADDRESS_H
#define AIR_ADDRESS_H

#include <stdbool.h>
#include <stdint.h>

enum { ADDRESS_LEN = 6, ADDRESS_TEXT_SIZE = 18 };

enum { ADDRESS_PUBLIC = 0, ADDRESS_RANDOM = 1 };

struct address {
	uint8_t type;
	uint8_t bytes[ADDRESS_LEN];
};

bool address_is_same(const struct address *a, const struct address *b);

/* "C0:FF:EE:00:00:01"; the type is left alone. */
bool address_parse(const char *text, struct address *address);
void address_text(const struct address *address, char text[ADDRESS_TEXT_SIZE]);

#endif
