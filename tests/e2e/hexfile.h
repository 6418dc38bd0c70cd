/* Intel HEX as tests want it, right or wrong. */
#ifndef OTADFU_E2E_HEXFILE_H
#define OTADFU_E2E_HEXFILE_H

#include <stddef.h>
#include <stdint.h>

enum { HEXFILE_MAX = 64 << 10 };

/* NUL-terminated text; zero-initialise. */
struct hexfile {
	char text[HEXFILE_MAX];
	size_t len;
};

/* Records for data at addr, 16 bytes each. Fails the test that called when it does not fit. */
void hexfile_data(struct hexfile *file, uint32_t addr, const uint8_t *data, size_t len);

/* The record that ends a file. */
void hexfile_end(struct hexfile *file);

#endif
