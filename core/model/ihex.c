#include "ihex.h"

#include "bytes.h"
#include "hex.h"
#include "ihex_chunks.h"

#include <ctype.h>
#include <stdlib.h>

enum {
	RECORD_DATA = 0x00,
	RECORD_END = 0x01,
	RECORD_SEGMENT = 0x02,
	RECORD_START_SEGMENT = 0x03,
	RECORD_LINEAR = 0x04,
	RECORD_START_LINEAR = 0x05
};
enum { RECORD_HEAD = 4, RECORD_MAX = RECORD_HEAD + 255 + 1, WINDOW = 0x10000 };

/* The smallest page of flash: what parts two images is no smaller than where they begin. */
enum { PAGE = 0x400 };

struct record {
	uint8_t bytes[RECORD_MAX]; /* count, address, type, data, checksum */
	size_t len;                /* of the data */
	uint16_t offset;
	uint8_t type;
};

struct parser {
	const char *text;
	size_t len;
	size_t pos;
	size_t line;
	uint32_t base; /* from the last record 02 or 04 */
	bool ended;
	struct ihex *hex;
	struct failure *why;
};

static int fail_line(const struct parser *parser, const char *reason)
{
	return failure_set(parser->why, OTADFU_E_PACKAGE, 0, "line %zu: %s", parser->line, reason);
}

/* The next line without its end and the blanks around; false at the end of the text. */
static bool next_line(struct parser *parser, const char **ret_line, size_t *ret_len)
{
	const char *line = parser->text + parser->pos;
	size_t left = parser->len - parser->pos;
	const char *newline = left > 0 ? memchr(line, '\n', left) : NULL;
	size_t len = newline ? (size_t)(newline - line) : left;

	if (left == 0)
		return false;
	parser->pos += len + (newline != NULL);
	parser->line++;
	while (len > 0 && isspace((unsigned char)line[len - 1]))
		len--;
	while (len > 0 && isspace((unsigned char)*line)) {
		line++;
		len--;
	}
	*ret_line = line;
	*ret_len = len;
	return true;
}

static int parse_record(const struct parser *parser, const char *line, size_t len,
			struct record *record)
{
	size_t octets = (len - 1) / 2;
	uint8_t sum = 0;

	if (line[0] != ':')
		return fail_line(parser, "not a record of Intel HEX, which begins with a colon");
	if (len % 2 == 0 || octets <= RECORD_HEAD || octets > RECORD_MAX)
		return fail_line(parser, "a record is cut short or too long");
	for (size_t i = 0; i < octets; i++) {
		int octet = hex_octet(line + 1 + 2 * i);

		if (octet < 0)
			return fail_line(parser, "not a hexadecimal digit");
		record->bytes[i] = (uint8_t)octet;
		sum = (uint8_t)(sum + octet);
	}
	record->len = record->bytes[0];
	record->offset = (uint16_t)(record->bytes[1] << 8 | record->bytes[2]);
	record->type = record->bytes[3];
	if (octets != RECORD_HEAD + record->len + 1)
		return fail_line(parser, "the record has another length than it says");
	if (sum != 0)
		return fail_line(parser, "the checksum is wrong");
	return OTADFU_OK;
}

static int add_chunk(struct parser *parser, const struct record *record)
{
	struct ihex *hex = parser->hex;

	if (record->len == 0)
		return OTADFU_OK;
	/* Where such a record goes on, readers of HEX do not agree. */
	if (record->offset + record->len > WINDOW)
		return fail_line(parser, "the record crosses a boundary of 64 KiB");
	if (hex->count == hex->capacity) {
		size_t capacity = hex->capacity > 0 ? hex->capacity * 2 : 1024;
		struct chunk *grown = reallocarray(hex->chunks, capacity, sizeof(*grown));

		if (!grown)
			return failure_set(parser->why, OTADFU_E_NOMEM, 0, "out of memory");
		hex->chunks = grown;
		hex->capacity = capacity;
	}
	hex->chunks[hex->count++] = (struct chunk){ .addr = parser->base + record->offset,
						    .len = (uint32_t)record->len,
						    .at = hex->bytes_len };
	memcpy(hex->bytes + hex->bytes_len, record->bytes + RECORD_HEAD, record->len);
	hex->bytes_len += record->len;
	return OTADFU_OK;
}

static int set_base(struct parser *parser, const struct record *record)
{
	uint32_t value =
		(uint32_t)(record->bytes[RECORD_HEAD] << 8 | record->bytes[RECORD_HEAD + 1]);

	if (record->len != 2)
		return fail_line(parser, "an address record has 2 bytes");
	parser->base = record->type == RECORD_LINEAR ? value << 16 : value << 4;
	return OTADFU_OK;
}

static int take_record(struct parser *parser, const struct record *record)
{
	if (parser->ended)
		return fail_line(parser, "there is more behind the end record");
	switch (record->type) {
	case RECORD_DATA:
		return add_chunk(parser, record);
	case RECORD_END:
		parser->ended = true;
		return OTADFU_OK;
	case RECORD_SEGMENT:
	case RECORD_LINEAR:
		return set_base(parser, record);
	case RECORD_START_SEGMENT:
	case RECORD_START_LINEAR:
		return OTADFU_OK;
	default:
		return fail_line(parser, "unknown type of record");
	}
}

static int parse_records(struct parser *parser)
{
	const char *line;
	size_t len;

	while (next_line(parser, &line, &len)) {
		struct record record;
		int r = OTADFU_OK;

		if (len > 0)
			r = parse_record(parser, line, len, &record);
		if (len > 0 && r == OTADFU_OK)
			r = take_record(parser, &record);
		if (r < 0)
			return r;
	}
	if (!parser->ended)
		return failure_set(parser->why, OTADFU_E_PACKAGE, 0,
				   "the end record is missing: the file is cut short");
	return OTADFU_OK;
}

static int compare_chunks(const void *a, const void *b)
{
	const struct chunk *x = a;
	const struct chunk *y = b;

	return (x->addr > y->addr) - (x->addr < y->addr);
}

/* Nearly every HEX is in order as it stands, and sorting takes as long as reading. */
static void sort_chunks(struct ihex *hex)
{
	for (size_t i = 1; i < hex->count; i++) {
		if (compare_chunks(&hex->chunks[i - 1], &hex->chunks[i]) <= 0)
			continue;
		qsort(hex->chunks, hex->count, sizeof(*hex->chunks), compare_chunks);
		return;
	}
}

int ihex_parse(const char *text, size_t len, struct ihex **ret_hex, struct failure *why)
{
	struct ihex *hex = calloc(1, sizeof(*hex));
	struct parser parser = { .text = text, .len = len, .hex = hex, .why = why };
	int r;

	if (!hex || !(hex->bytes = malloc(len / 2 + 1))) {
		ihex_free(hex);
		return failure_set(why, OTADFU_E_NOMEM, 0, "out of memory");
	}
	r = parse_records(&parser);
	if (r < 0) {
		ihex_free(hex);
		return r;
	}
	sort_chunks(hex);
	*ret_hex = hex;
	return OTADFU_OK;
}

void ihex_free(struct ihex *hex)
{
	if (!hex)
		return;
	free(hex->chunks);
	free(hex->bytes);
	free(hex);
}

struct ihex_region ihex_next_region(const struct ihex *hex, size_t *index, uint32_t max_gap)
{
	uint32_t low = hex->chunks[*index].addr;
	uint64_t end = low;

	for (; *index < hex->count; (*index)++) {
		const struct chunk *chunk = &hex->chunks[*index];

		if (chunk->addr > end + max_gap)
			break;
		if (chunk_end(chunk) > end)
			end = chunk_end(chunk);
	}
	return (struct ihex_region){ low, end > UINT32_MAX ? UINT32_MAX : (uint32_t)end };
}

size_t ihex_regions(const struct ihex *hex, struct ihex_region *regions, size_t capacity)
{
	size_t count = 0;
	size_t i = 0;

	while (i < hex->count) {
		struct ihex_region region = ihex_next_region(hex, &i, PAGE - 1);

		if (count < capacity)
			regions[count] = region;
		count++;
	}
	return count;
}

bool ihex_get(const struct ihex *hex, uint32_t addr, uint8_t *bytes, size_t len)
{
	uint64_t next = addr;
	uint64_t end = next + len;

	for (size_t i = 0; i < hex->count && next < end; i++) {
		const struct chunk *chunk = &hex->chunks[i];
		uint64_t until = chunk_end(chunk) < end ? chunk_end(chunk) : end;

		if (chunk->addr > next || until <= next)
			continue;
		memcpy(bytes + (next - addr), hex->bytes + chunk->at + (next - chunk->addr),
		       until - next);
		next = until;
	}
	return next == end;
}
