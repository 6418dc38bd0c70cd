#include "hex.h"

#include <string.h>

int hex_digit(char c)
{
	static const char digits[] = "0123456789abcdef0123456789ABCDEF";
	const char *found = c != '\0' ? strchr(digits, c) : NULL;

	return found ? (int)((found - digits) % 16) : -1;
}

/* Where the next pair stands, or NULL for something else. */
static const char *next_pair(const char *text, const char *begin)
{
	if (text != begin && *text == ' ')
		text++;
	if (hex_digit(text[0]) < 0 || hex_digit(text[1]) < 0)
		return NULL;
	return text;
}

bool hex_parse(const char *text, uint8_t *ret_bytes, size_t cap, size_t *ret_len)
{
	size_t len = 0;

	for (const char *pair = text; *pair != '\0'; pair += 2) {
		pair = next_pair(pair, text);
		if (!pair)
			return false;
		len++;
	}
	if (len == 0 || len > cap)
		return false;
	len = 0;
	for (const char *pair = text; *pair != '\0'; pair += 2) {
		pair = next_pair(pair, text);
		ret_bytes[len++] = (uint8_t)(hex_digit(pair[0]) << 4 | hex_digit(pair[1]));
	}
	*ret_len = len;
	return true;
}
