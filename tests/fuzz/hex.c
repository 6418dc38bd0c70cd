/* Intel HEX: what it holds, the image out of it, and the image of its first region alone. */
#include "fuzz.h"
#include "ihex.h"
#include "regions.h"

#include <stdlib.h>
#include <string.h>

enum { MBR_END = 0x1000, UICR_START = 0x10000000, IMAGE_MAX = 16 << 20, WORD = 4 };

static void judge_image(const struct ihex *hex, const struct ihex_image *image)
{
	uint8_t word[WORD];

	fuzz_require(image->len > 0 && image->len <= IMAGE_MAX && image->len % WORD == 0,
		     "an image is words, and not too many");
	fuzz_require(image->filled < WORD, "no word is made up");
	fuzz_require(image->start >= MBR_END &&
			     image->start + image->len - image->filled <= UICR_START,
		     "it lies between MBR and UICR");
	if (image->filled == 0 && ihex_get(hex, image->start, word, sizeof(word)))
		fuzz_require(memcmp(image->data, word, sizeof(word)) == 0,
			     "it begins with what the file holds there");
}

static void convert(const struct ihex *hex, const struct ihex_range *range)
{
	struct ihex_image image = { 0 };
	struct failure why = { 0 };
	int r = ihex_image(hex, range, &image, &why);

	if (r == OTADFU_OK)
		judge_image(hex, &image);
	else
		fuzz_require_reason(r, &why);
	free(image.data);
}

static void judge_regions(const struct ihex *hex)
{
	struct regions regions;

	regions_find(hex, &regions);
	fuzz_require(regions.count <= REGIONS_MAX, "the regions are counted");
	for (size_t i = 0; i < regions.count; i++) {
		fuzz_require(regions.items[i].low <= regions.items[i].high,
			     "a region has a length");
		fuzz_require(region_kind_name(regions.items[i].kind) != NULL, "it has a name");
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct failure why = { 0 };
	struct ihex_region first;
	struct ihex *hex = NULL;
	int r = ihex_parse((const char *)data, size, &hex, &why);

	if (r < 0) {
		fuzz_require_reason(r, &why);
		return 0;
	}
	judge_regions(hex);
	convert(hex, NULL);
	if (ihex_regions(hex, &first, 1) > 0)
		convert(hex, &(struct ihex_range){ true, first.low, first.high });
	ihex_free(hex);
	return 0;
}
