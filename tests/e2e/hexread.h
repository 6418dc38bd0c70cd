/* Intel HEX as a programmer reads it, by the rules of the format alone. */
#ifndef OTADFU_E2E_HEXREAD_H
#define OTADFU_E2E_HEXREAD_H

#include <stddef.h>
#include <stdint.h>

enum { HEXREAD_MAX = 8 << 10 };

/* What is written at addr without a gap, up to HEXREAD_MAX; none there: len is 0. */
struct hexread {
	uint8_t bytes[HEXREAD_MAX];
	size_t len;
};

/* The test fails for a file that breaks a rule: form, checksum, one record that ends it. */
struct hexread hexread_at(const char *path, uint32_t addr);

#endif
