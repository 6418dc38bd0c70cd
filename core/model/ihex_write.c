#include "ihex_write.h"

#include "cleanup.h"

#include <stdio.h>

enum { RECORD_DATA = 0, RECORD_END = 1, RECORD_EXTENDED_LINEAR = 4 };
enum { RECORD_BYTES = 16, SEGMENT_BITS = 16, SEGMENT_LEN = 1 << SEGMENT_BITS };

static void write_record(FILE *out, uint16_t addr, uint8_t type, const uint8_t *data, size_t len)
{
	unsigned sum = (unsigned)len + (addr >> 8) + (addr & 0xFF) + type;

	fprintf(out, ":%02X%04X%02X", (unsigned)len, addr, type);
	for (size_t i = 0; i < len; i++) {
		fprintf(out, "%02X", data[i]);
		sum += data[i];
	}
	fprintf(out, "%02X\n", -sum & 0xFF);
}

static void write_segment(FILE *out, uint32_t addr)
{
	const uint8_t high[] = { (uint8_t)(addr >> 24), (uint8_t)(addr >> 16) };

	write_record(out, 0, RECORD_EXTENDED_LINEAR, high, sizeof(high));
}

/* No record crosses a boundary of 64 KiB: its address has 16 bits. */
static void write_block(FILE *out, const struct ihex_block *block)
{
	size_t done = 0;

	while (done < block->len) {
		uint32_t addr = block->addr + (uint32_t)done;
		size_t room = SEGMENT_LEN - addr % SEGMENT_LEN;
		size_t len = block->len - done;

		if (done == 0 || addr % SEGMENT_LEN == 0)
			write_segment(out, addr);
		if (len > RECORD_BYTES)
			len = RECORD_BYTES;
		if (len > room)
			len = room;
		write_record(out, (uint16_t)addr, RECORD_DATA, block->data + done, len);
		done += len;
	}
}

int ihex_write(const struct ihex_block *blocks, size_t count, char **ret_text, size_t *ret_len,
	       struct failure *why)
{
	AUTO_FREE char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	if (!out)
		return failure_set(why, OTADFU_E_NOMEM, 0, "out of memory");
	for (size_t i = 0; i < count; i++)
		write_block(out, &blocks[i]);
	write_record(out, 0, RECORD_END, NULL, 0);
	if (fclose(out) != 0)
		return failure_set(why, OTADFU_E_NOMEM, 0, "out of memory");
	*ret_text = text;
	*ret_len = len;
	text = NULL;
	return OTADFU_OK;
}
