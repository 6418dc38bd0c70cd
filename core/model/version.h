/* Versions as people write them: numbers with dots between them. */
#ifndef OTADFU_MODEL_VERSION_H
#define OTADFU_MODEL_VERSION_H

#include <stdbool.h>
#include <stdint.h>

/* "1", "1.2.0", and nothing behind it. */
bool version_is_valid(const char *text);

/*
 * The number in an init packet: "N" as it is, and "x.y.z" as x * 10000 + y * 100 + z, as Nordic's
 * tool does, y and z being 99 at most. False for anything else, and when it does not fit.
 */
bool version_to_number(const char *text, uint32_t *ret_number);

/*
 * Below 0, 0 or above 0 in *ret_order, as a is older than, the same as or newer than b. A "v"
 * before the first number and what follows the last one ("-rc1", "+build") are not compared; a
 * number that is absent is 0. False when one of them begins with no number.
 */
bool version_compare(const char *a, const char *b, int *ret_order);

#endif
