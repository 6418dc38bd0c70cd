/* ATT errors, which gatttool tells in words only. */
#ifndef OTADFU_GATTTOOL_ATT_WORDS_H
#define OTADFU_GATTTOOL_ATT_WORDS_H

#include <stdbool.h>
#include <stdint.h>

/* Of "Characteristic Write Request failed: Invalid handle": 01. 0: it does not say which. */
uint8_t att_error_of_words(const char *text);

/* The peer, and not gatttool itself, refused. */
bool att_words_are_refusal(const char *text);

/* A bond or encryption would help against it. */
bool att_error_is_security(uint8_t error);

#endif
