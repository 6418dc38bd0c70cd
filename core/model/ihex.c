#include "ihex.h"

#include "bytes.h"
#include "cleanup.h"
#include "hex.h"

#include <ctype.h>

enum {
	RECORD_DATA = 0x00,
	RECORD_END = 0x01,
	RECORD_SEGMENT = 0x02,
	RECORD_START_SEGMENT = 0x03,
	RECORD_LINEAR = 0x04,
	RECORD_START_LINEAR = 0x05
};
enum { RECORD_HEAD = 4, RECORD_MAX = RECORD_HEAD + 255 + 1, WINDOW = 0x10000 };
enum { MBR_END = 0x1000, OLD_MBR_END = 0x3000, UICR_START = 0x10000000 };
enum { GAP_MAX = 64 << 10, IMAGE_MAX = 16 << 20 };

static const uint32_t softdevice_magic = 0x51B1E5DB;

/* Bytes that stand together: one data record. */
struct chunk {
	uint32_t addr;
	uint32_t len;
	size_t at; /* in hex_file.bytes */
};

struct hex_file {
	struct chunk *chunks;
	size_t count;
	size_t capacity;
	uint8_t *bytes;
	size_t bytes_len;
};

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
	struct hex_file *file;
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
	struct hex_file *file = parser->file;

	if (record->len == 0)
		return OTADFU_OK;
	/* Where such a record goes on, readers of HEX do not agree. */
	if (record->offset + record->len > WINDOW)
		return fail_line(parser, "the record crosses a boundary of 64 KiB");
	if (file->count == file->capacity) {
		size_t capacity = file->capacity > 0 ? file->capacity * 2 : 1024;
		struct chunk *grown = reallocarray(file->chunks, capacity, sizeof(*grown));

		if (!grown)
			return failure_set(parser->why, OTADFU_E_NOMEM, 0, "out of memory");
		file->chunks = grown;
		file->capacity = capacity;
	}
	file->chunks[file->count++] = (struct chunk){ .addr = parser->base + record->offset,
						      .len = (uint32_t)record->len,
						      .at = file->bytes_len };
	memcpy(file->bytes + file->bytes_len, record->bytes + RECORD_HEAD, record->len);
	file->bytes_len += record->len;
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

static int parse(struct parser *parser)
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

/* Steps 1 and 2 of section 4: what the image never holds. */
static void keep_range(struct hex_file *file, uint32_t low, uint32_t high)
{
	size_t kept = 0;

	for (size_t i = 0; i < file->count; i++) {
		struct chunk chunk = file->chunks[i];

		if (chunk.addr >= high || chunk.addr + chunk.len <= low)
			continue;
		if (chunk.addr < low) {
			chunk.at += low - chunk.addr;
			chunk.len -= low - chunk.addr;
			chunk.addr = low;
		}
		if (chunk.addr + chunk.len > high)
			chunk.len = high - chunk.addr;
		file->chunks[kept++] = chunk;
	}
	file->count = kept;
}

static int compare_chunks(const void *a, const void *b)
{
	const struct chunk *x = a;
	const struct chunk *y = b;

	return (x->addr > y->addr) - (x->addr < y->addr);
}

/* End of the range that begins at chunks[*index]; a gap of GAP_MAX belongs to it. Moves *index on.
 */
static uint32_t end_of_range(const struct hex_file *file, size_t *index)
{
	uint32_t end = file->chunks[*index].addr;

	for (; *index < file->count; (*index)++) {
		const struct chunk *chunk = &file->chunks[*index];

		if (chunk->addr > end && chunk->addr - end > GAP_MAX)
			break;
		if (chunk->addr + chunk->len > end)
			end = chunk->addr + chunk->len;
	}
	return end;
}

/* "0x1000-0x12ECC, ...", the end being the first address behind. */
static void list_ranges(const struct hex_file *file, char *text, size_t size)
{
	size_t used = 0;
	size_t i = 0;

	while (i < file->count && used < size) {
		const char *comma = i > 0 ? ", " : "";
		uint32_t start = file->chunks[i].addr;
		uint32_t end = end_of_range(file, &i);

		used += (size_t)snprintf(text + used, size - used, "%s0x%X-0x%X", comma, start,
					 end);
	}
}

static int check_ranges(const struct hex_file *file, struct failure *why)
{
	char ranges[FAILURE_TEXT_MAX / 2];
	size_t next = 0;
	uint32_t end;

	if (file->count == 0)
		return failure_set(why, OTADFU_E_PACKAGE, 0,
				   "it holds nothing between MBR and UICR (0x%X-0x%X)", MBR_END,
				   UICR_START);
	end = end_of_range(file, &next);
	list_ranges(file, ranges, sizeof(ranges));
	if (next < file->count) {
		failure_hint(why, "make a .bin of the part that is wanted, and use that");
		return failure_set(why, OTADFU_E_PACKAGE, 0,
				   "it holds parts far apart, which are not one image: %s", ranges);
	}
	if (end - file->chunks[0].addr > IMAGE_MAX)
		return failure_set(why, OTADFU_E_PACKAGE, 0, "larger than %d MiB: %s",
				   IMAGE_MAX >> 20, ranges);
	return OTADFU_OK;
}

/*
 * Chunks come sorted: what is already painted at and behind chunk.addr was painted by the one chunk
 * that reached furthest, without a gap.
 */
static int paint(const struct hex_file *file, uint32_t start, uint8_t *image, uint32_t *ret_len,
		 struct failure *why)
{
	uint32_t end = 0;

	for (size_t i = 0; i < file->count; i++) {
		const struct chunk *chunk = &file->chunks[i];
		uint32_t at = chunk->addr - start;
		uint32_t painted = end > at ? end - at : 0;

		if (painted > chunk->len)
			painted = chunk->len;
		if (memcmp(image + at, file->bytes + chunk->at, painted) != 0)
			return failure_set(why, OTADFU_E_PACKAGE, 0,
					   "two records give different bytes for 0x%X",
					   chunk->addr);
		memcpy(image + at, file->bytes + chunk->at, chunk->len);
		if (at + chunk->len > end)
			end = at + chunk->len;
	}
	*ret_len = end;
	return OTADFU_OK;
}

static bool has_magic(const uint8_t *image, size_t len, uint32_t start, uint32_t addr)
{
	return addr >= start && addr - start + sizeof(softdevice_magic) <= len &&
	       get_le32(image + (addr - start)) == softdevice_magic;
}

/* Step 3: with early S132 SoftDevices the MBR reaches to 0x3000. */
static bool has_old_mbr(const uint8_t *image, size_t len, uint32_t start)
{
	bool found = false;

	for (uint32_t addr = 0x4004; addr <= 0x7004; addr += 0x1000)
		found = found || has_magic(image, len, start, addr);
	return found && start < OLD_MBR_END && !has_magic(image, len, start, 0x3004);
}

static int build_image(const struct hex_file *file, uint8_t **ret_data, size_t *ret_len,
		       uint32_t *ret_start, struct failure *why)
{
	const struct chunk *last = &file->chunks[file->count - 1];
	uint32_t start = file->chunks[0].addr;
	size_t capacity = last->addr - start + RECORD_MAX; /* rounding up included */
	uint8_t *image = malloc(capacity);
	uint32_t len = 0;

	if (!image)
		return failure_set(why, OTADFU_E_NOMEM, 0, "out of memory");
	memset(image, 0xFF, capacity);
	if (paint(file, start, image, &len, why) < 0) {
		free(image);
		return OTADFU_E_PACKAGE;
	}
	if (has_old_mbr(image, len, start)) {
		len -= OLD_MBR_END - start;
		memmove(image, image + (OLD_MBR_END - start), len);
		start = OLD_MBR_END;
	}
	while (len % 4 != 0)
		image[len++] = 0xFF;
	*ret_data = image;
	*ret_len = len;
	*ret_start = start;
	return OTADFU_OK;
}

int ihex_to_image(const char *text, size_t len, uint8_t **ret_data, size_t *ret_len,
		  uint32_t *ret_start, struct failure *why)
{
	struct hex_file file = { 0 };
	struct parser parser = { .text = text, .len = len, .file = &file, .why = why };
	int r;

	file.bytes = malloc(len / 2 + 1);
	if (!file.bytes)
		return failure_set(why, OTADFU_E_NOMEM, 0, "out of memory");
	r = parse(&parser);
	if (r == OTADFU_OK) {
		keep_range(&file, MBR_END, UICR_START);
		if (file.count > 0)
			qsort(file.chunks, file.count, sizeof(*file.chunks), compare_chunks);
		r = check_ranges(&file, why);
	}
	if (r == OTADFU_OK)
		r = build_image(&file, ret_data, ret_len, ret_start, why);
	free(file.chunks);
	free(file.bytes);
	return r;
}
