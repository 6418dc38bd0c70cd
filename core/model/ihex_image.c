#include "bytes.h"
#include "cleanup.h"
#include "ihex_chunks.h"
#include "text.h"

#include <stdio.h>

enum { MBR_END = 0x1000, OLD_MBR_END = 0x3000, UICR_START = 0x10000000 };
enum { GAP_MAX = 64 << 10, IMAGE_MAX = 16 << 20, WORD = 4, RANGE_TEXT_MAX = 64 };

static const uint32_t softdevice_magic = 0x51B1E5DB;

int ihex_parse_range(const char *text, struct ihex_range *ret_range, struct failure *why)
{
	char low_text[RANGE_TEXT_MAX];
	const char *dash = strchr(text, '-');
	int64_t low = 0;
	int64_t high = 0;

	if (dash && (size_t)(dash - text) < sizeof(low_text)) {
		memcpy(low_text, text, (size_t)(dash - text));
		low_text[dash - text] = '\0';
		if (text_to_int(low_text, &low) && text_to_int(dash + 1, &high) && low >= 0 &&
		    low < high && high <= UINT32_MAX) {
			*ret_range = (struct ihex_range){ true, (uint32_t)low, (uint32_t)high };
			return OTADFU_OK;
		}
	}
	return failure_set(why, OTADFU_E_CONFIG, 0,
			   "'%s' is not a range of addresses LOW-HIGH like 0x1000-0x12ECC, HIGH "
			   "being the first address that is not taken",
			   text);
}

/*
 * The chunks that the image is made of, cut where they reach beyond. Never MBR and UICR: steps 1
 * and 2 of section 4. The view borrows the bytes; its chunks are freed by the caller.
 */
static int take_range(const struct ihex *hex, const struct ihex_range *range, struct ihex *ret_view,
		      struct failure *why)
{
	uint32_t low = range && range->set && range->low > MBR_END ? range->low : MBR_END;
	uint32_t high = range && range->set && range->high < UICR_START ? range->high : UICR_START;
	struct ihex view = { .bytes = hex->bytes,
			     .chunks = calloc(hex->count + 1, sizeof(*view.chunks)) };

	if (!view.chunks)
		return failure_set(why, OTADFU_E_NOMEM, 0, "out of memory");
	for (size_t i = 0; low < high && i < hex->count; i++) {
		struct chunk chunk = hex->chunks[i];

		if (chunk.addr >= high || chunk_end(&chunk) <= low)
			continue;
		if (chunk.addr < low) {
			chunk.at += low - chunk.addr;
			chunk.len -= low - chunk.addr;
			chunk.addr = low;
		}
		if (chunk_end(&chunk) > high)
			chunk.len = high - chunk.addr;
		view.chunks[view.count++] = chunk;
	}
	*ret_view = view;
	return OTADFU_OK;
}

/* "0x1000-0x12ECC, ...", the end being the first address behind. */
static void list_ranges(const struct ihex *hex, char *text, size_t size)
{
	size_t used = 0;
	size_t i = 0;

	text[0] = '\0';
	while (i < hex->count && used < size) {
		const char *comma = i > 0 ? ", " : "";
		struct ihex_region region = ihex_next_region(hex, &i, GAP_MAX);

		used += (size_t)snprintf(text + used, size - used, "%s0x%X-0x%X", comma, region.low,
					 region.high);
	}
}

static int refuse_nothing(const struct ihex *hex, const struct ihex_range *range,
			  struct failure *why)
{
	char ranges[FAILURE_TEXT_MAX / 2];

	if (!range || !range->set)
		return failure_set(why, OTADFU_E_PACKAGE, 0,
				   "it holds nothing between MBR and UICR (0x%X-0x%X)", MBR_END,
				   UICR_START);
	list_ranges(hex, ranges, sizeof(ranges));
	return failure_set(why, OTADFU_E_PACKAGE, 0,
			   "it holds nothing of an image in 0x%X-0x%X, but: %s", range->low,
			   range->high, ranges);
}

/* Guards of section 4: what would make a huge image is never meant. */
static int check_ranges(const struct ihex *view, struct failure *why)
{
	char ranges[FAILURE_TEXT_MAX / 2];
	size_t next = 0;
	struct ihex_region first = ihex_next_region(view, &next, GAP_MAX);

	list_ranges(view, ranges, sizeof(ranges));
	if (next < view->count) {
		failure_hint(why, "--range LOW-HIGH takes one of them");
		return failure_set(why, OTADFU_E_PACKAGE, 0,
				   "it holds parts far apart, which are not one image: %s", ranges);
	}
	if (first.high - first.low > IMAGE_MAX)
		return failure_set(why, OTADFU_E_PACKAGE, 0, "larger than %d MiB: %s",
				   IMAGE_MAX >> 20, ranges);
	return OTADFU_OK;
}

/*
 * Chunks come sorted: what is already painted at and behind chunk->addr was painted by the one
 * chunk that reached furthest, without a gap.
 */
static int paint(const struct ihex *view, struct ihex_image *image, struct failure *why)
{
	uint32_t end = 0;

	for (size_t i = 0; i < view->count; i++) {
		const struct chunk *chunk = &view->chunks[i];
		uint32_t at = chunk->addr - image->start;
		uint32_t painted = end > at ? end - at : 0;

		if (painted > chunk->len)
			painted = chunk->len;
		if (memcmp(image->data + at, view->bytes + chunk->at, painted) != 0)
			return failure_set(why, OTADFU_E_PACKAGE, 0,
					   "two records give different bytes for 0x%X",
					   chunk->addr);
		memcpy(image->data + at, view->bytes + chunk->at, chunk->len);
		if (at + chunk->len > end)
			end = at + chunk->len;
	}
	image->len = end;
	return OTADFU_OK;
}

static bool has_magic(const struct ihex_image *image, uint32_t addr)
{
	return addr >= image->start &&
	       addr - image->start + sizeof(softdevice_magic) <= image->len &&
	       get_le32(image->data + (addr - image->start)) == softdevice_magic;
}

/* Step 3: with early S132 SoftDevices the MBR reaches to 0x3000. */
static bool has_old_mbr(const struct ihex_image *image)
{
	bool found = false;

	for (uint32_t addr = 0x4004; addr <= 0x7004; addr += 0x1000)
		found = found || has_magic(image, addr);
	return found && image->start < OLD_MBR_END && !has_magic(image, 0x3004);
}

static int build_image(const struct ihex *view, struct ihex_image *ret_image, struct failure *why)
{
	size_t index = 0;
	struct ihex_region region = ihex_next_region(view, &index, GAP_MAX);
	size_t capacity = region.high - region.low + WORD;
	AUTO_FREE uint8_t *data = malloc(capacity);
	struct ihex_image image = { .data = data, .start = region.low };

	if (!data)
		return failure_set(why, OTADFU_E_NOMEM, 0, "out of memory");
	memset(data, 0xFF, capacity);
	if (paint(view, &image, why) < 0)
		return OTADFU_E_PACKAGE;
	if (has_old_mbr(&image)) {
		image.len -= OLD_MBR_END - image.start;
		memmove(data, data + (OLD_MBR_END - image.start), image.len);
		image.start = OLD_MBR_END;
	}
	for (; image.len % WORD != 0; image.filled++)
		data[image.len++] = 0xFF;
	*ret_image = image;
	data = NULL;
	return OTADFU_OK;
}

int ihex_image(const struct ihex *hex, const struct ihex_range *range, struct ihex_image *ret_image,
	       struct failure *why)
{
	struct ihex view;
	int r = take_range(hex, range, &view, why);

	if (r < 0)
		return r;
	r = view.count > 0 ? check_ranges(&view, why) : refuse_nothing(hex, range, why);
	if (r == OTADFU_OK)
		r = build_image(&view, ret_image, why);
	free(view.chunks);
	return r;
}

int ihex_to_image(const char *text, size_t len, const struct ihex_range *range,
		  struct ihex_image *ret_image, struct failure *why)
{
	struct ihex *hex;
	int r = ihex_parse(text, len, &hex, why);

	if (r < 0)
		return r;
	r = ihex_image(hex, range, ret_image, why);
	ihex_free(hex);
	return r;
}
