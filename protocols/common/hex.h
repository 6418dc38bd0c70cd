/* Bytes as an operator writes them. */
#ifndef OTADFU_PROTOCOLS_HEX_H
#define OTADFU_PROTOCOLS_HEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* 1 to cap bytes as pairs of hexadecimal digits, in either case; spaces between pairs are allowed.
 * False, and nothing written, for all else. */
bool hex_parse(const char *text, uint8_t *ret_bytes, size_t cap, size_t *ret_len);

/* The value of one digit; -1: it is none. */
int hex_digit(char c);

#endif
