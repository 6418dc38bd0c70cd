/* Small helpers on C strings. */
#ifndef OTADFU_BASE_TEXT_H
#define OTADFU_BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Replaces control characters by '?', in place, so that foreign text stays on its line. */
void text_make_printable(char *text);

/*
 * Whole-string decimal, or hexadecimal after "0x"; a sign is allowed. False, and *ret_value
 * untouched, when it is anything else or does not fit.
 */
bool text_to_int(const char *text, int64_t *ret_value);

/* "true|yes|on|1" and "false|no|off|0", any case. */
bool text_to_bool(const char *text, bool *ret_value);

/*
 * Is word one of the alternatives of "a|b|c"? Exact match.
 */
bool text_is_choice(const char *word, const char *choices);

#endif
