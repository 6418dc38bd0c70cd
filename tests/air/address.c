#include "address.h"

#include <stdio.h>
#include <string.h>

bool address_is_same(const struct address *a, const struct address *b)
{
	return a->type == b->type && memcmp(a->bytes, b->bytes, ADDRESS_LEN) == 0;
}

static int hex_digit(char c)
{
	static const char digits[] = "0123456789ABCDEF0123456789abcdef";
	const char *found = c ? strchr(digits, c) : NULL;

	return found ? (int)((found - digits) % 16) : -1;
}

bool address_parse(const char *text, struct address *address)
{
	uint8_t bytes[ADDRESS_LEN];

	if (strlen(text) != ADDRESS_TEXT_SIZE - 1)
		return false;
	for (size_t i = 0; i < ADDRESS_LEN; i++) {
		const char *octet = text + 3 * i;
		int high = hex_digit(octet[0]), low = hex_digit(octet[1]);

		if (high < 0 || low < 0 || (octet[2] != ':' && octet[2] != '\0'))
			return false;
		bytes[ADDRESS_LEN - 1 - i] = (uint8_t)(high << 4 | low);
	}
	memcpy(address->bytes, bytes, sizeof(bytes));
	return true;
}

void address_text(const struct address *address, char text[ADDRESS_TEXT_SIZE])
{
	const uint8_t *b = address->bytes;

	snprintf(text, ADDRESS_TEXT_SIZE, "%02X:%02X:%02X:%02X:%02X:%02X", b[5], b[4], b[3], b[2],
		 b[1], b[0]);
}
