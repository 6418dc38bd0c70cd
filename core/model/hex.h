/* Hexadecimal digits in text. */
#ifndef OTADFU_MODEL_HEX_H
#define OTADFU_MODEL_HEX_H

/* 0..15, or -1 for a character that is no digit. */
static inline int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/* 0..255 from text[0..1], or -1. Reads text[1] only behind a digit. */
static inline int hex_octet(const char *text)
{
	int high = hex_digit(text[0]);
	int low = high < 0 ? -1 : hex_digit(text[1]);

	return low < 0 ? -1 : high << 4 | low;
}

#endif
