#include "address.h"

#include <ctype.h>
#include <stdio.h>

void address_text(const struct otadfu_addr *addr, char text[ADDRESS_TEXT_SIZE])
{
	const uint8_t *b = addr->bytes;

	snprintf(text, ADDRESS_TEXT_SIZE, "%02X:%02X:%02X:%02X:%02X:%02X", b[0], b[1], b[2], b[3],
		 b[4], b[5]);
}

static bool is_address(const char *text)
{
	for (int i = 0; i < ADDRESS_TEXT_SIZE - 1; i++) {
		if (i % 3 == 2 ? text[i] != ':' : !isxdigit((unsigned char)text[i]))
			return false;
	}
	return text[ADDRESS_TEXT_SIZE - 1] == '\0';
}

bool address_parse(const char *text, struct otadfu_addr *addr)
{
	unsigned b[6];

	if (!is_address(text) ||
	    sscanf(text, "%2x:%2x:%2x:%2x:%2x:%2x", &b[0], &b[1], &b[2], &b[3], &b[4], &b[5]) != 6)
		return false;
	for (size_t i = 0; i < sizeof(addr->bytes); i++)
		addr->bytes[i] = (uint8_t)b[i];
	return true;
}
