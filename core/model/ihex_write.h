/* Intel HEX, written. */
#ifndef OTADFU_MODEL_IHEX_WRITE_H
#define OTADFU_MODEL_IHEX_WRITE_H

#include "error.h"

#include <stddef.h>
#include <stdint.h>

/* Bytes that stand together. */
struct ihex_block {
	uint32_t addr;
	const uint8_t *data; /* borrowed */
	size_t len;          /* up to the end of the address space */
};

/* All blocks and the end record, as text with a NUL behind. Caller frees. */
int ihex_write(const struct ihex_block *blocks, size_t count, char **ret_text, size_t *ret_len,
	       struct failure *why);

#endif
