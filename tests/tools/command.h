/* What a command does with its arguments. All: 0, or -1 with a line on stderr. */
#ifndef OTADFU_TESTS_COMMAND_H
#define OTADFU_TESTS_COMMAND_H

#include <stddef.h>
#include <stdint.h>

/* That line; about may be NULL. Always -1, to be returned. */
int complain(const char *what, const char *about);

/* text NULL: fallback. */
int parse_number(const char *text, uint32_t fallback, uint32_t max, uint32_t *ret_number);

/* path NULL: nothing is written. */
int write_file(const char *path, const void *data, size_t len);

#endif
