/* How a parsed HEX file lies in memory; for ihex*.c alone. */
#ifndef OTADFU_MODEL_IHEX_CHUNKS_H
#define OTADFU_MODEL_IHEX_CHUNKS_H

#include "ihex.h"

/* The data of one record. No chunk crosses a boundary of 64 KiB. */
struct chunk {
	uint32_t addr;
	uint32_t len;
	size_t at; /* in ihex.bytes */
};

struct ihex {
	struct chunk *chunks; /* sorted by address */
	size_t count;
	size_t capacity;
	uint8_t *bytes;
	size_t bytes_len;
};

/* May be 2^32. */
static inline uint64_t chunk_end(const struct chunk *chunk)
{
	return (uint64_t)chunk->addr + chunk->len;
}

/*
 * The region that begins at chunks[*index], gaps up to max_gap within. Moves *index to the chunk
 * behind. The address space ends at 0xFFFFFFFF here.
 */
struct ihex_region ihex_next_region(const struct ihex *hex, size_t *index, uint32_t max_gap);

#endif
