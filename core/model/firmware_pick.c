#include "firmware_pick.h"

#include "file.h"
#include "regions.h"

#include <otadfu/protocol.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { WORD = 4, LIST_MAX = 160 };

/*
 * What an image of a kind may be in a HEX. A second choice is what its addresses alone do not tell:
 * an application without SoftDevice begins behind the MBR, a debug build of a bootloader anywhere.
 */
static const struct shape {
	uint32_t kind;
	enum region_kind first;
	enum region_kind second[2];
	const char *doubt; /* said of a second choice; NULL: nothing */
} shapes[] = {
	{ OTADFU_IMAGE_APPLICATION,
	  REGION_APPLICATION,
	  { REGION_UNKNOWN, REGION_BOOTLOADER },
	  NULL },
	{ OTADFU_IMAGE_SOFTDEVICE, REGION_SOFTDEVICE, { REGION_UNKNOWN, REGION_UNKNOWN }, NULL },
	{ OTADFU_IMAGE_BOOTLOADER,
	  REGION_BOOTLOADER,
	  { REGION_APPLICATION, REGION_UNKNOWN },
	  "neither its place nor UICR shows that it is a bootloader" },
};

/* The regions that were chosen: first to last, none of another kind between them. */
struct choice {
	const struct regions *regions;
	size_t first, last;
	bool found;
};

static const struct shape *find_shape(uint32_t kind)
{
	for (size_t i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++) {
		if (shapes[i].kind == kind)
			return &shapes[i];
	}
	return NULL;
}

/* Steps 1 and 2 of section 4: never part of an image. */
static bool is_dropped(const struct region *region)
{
	return region->kind == REGION_MBR || region->kind == REGION_UICR;
}

static struct choice choose(const struct regions *regions, enum region_kind kind)
{
	struct choice choice = { .regions = regions };

	for (size_t i = 0; i < regions->count; i++) {
		if (regions->items[i].kind != kind)
			continue;
		choice.first = choice.found ? choice.first : i;
		choice.last = i;
		choice.found = true;
	}
	return choice;
}

/* A bootloader that UICR points to is none, whatever else is looked for. */
static struct choice choose_second(const struct regions *regions, const struct shape *shape)
{
	struct choice choice = { .regions = regions };

	for (size_t i = 0; i < 2 && !choice.found; i++) {
		if (shape->second[i] != REGION_BOOTLOADER || !regions->has_bootloader_address)
			choice = choose(regions, shape->second[i]);
	}
	return choice;
}

/* "softdevice 0x1000-0x27000, ..." of all regions, or of those outside of choice. */
static void list_regions(const struct regions *regions, const struct choice *choice,
			 char text[LIST_MAX])
{
	size_t used = 0;

	text[0] = '\0';
	for (size_t i = 0; i < regions->count && used < LIST_MAX; i++) {
		const struct region *region = &regions->items[i];
		bool is_chosen = choice && i >= choice->first && i <= choice->last;

		if (!is_chosen && !is_dropped(region))
			used += (size_t)snprintf(text + used, LIST_MAX - used, "%s%s 0x%X-0x%X",
						 used > 0 ? ", " : "",
						 region_kind_name(region->kind), region->low,
						 region->high);
	}
}

static int check_midst(const struct choice *choice, struct failure *why)
{
	const struct region *items = choice->regions->items;
	char list[LIST_MAX];

	for (size_t i = choice->first; i <= choice->last; i++) {
		if (items[i].kind == items[choice->first].kind)
			continue;
		list_regions(choice->regions, NULL, list);
		failure_hint(why, "otadfu inspect shows what is where, --range chooses of an "
				  "application");
		return failure_set(why, OTADFU_E_PACKAGE, 0,
				   "it holds other things between the parts of the %s: %s",
				   region_kind_name(items[choice->first].kind), list);
	}
	return OTADFU_OK;
}

/* What is behind the last one listed would be missing in the image. */
static int check_count(const struct regions *regions, struct failure *why)
{
	if (regions->count < REGIONS_MAX)
		return OTADFU_OK;
	failure_hint(why, "--range LOW-HIGH takes an application out of it");
	return failure_set(why, OTADFU_E_PACKAGE, 0,
			   "it holds %d parts or more, too many to tell what they are",
			   REGIONS_MAX);
}

static void write_note(const struct choice *choice, const char *doubt, const char *path,
		       char ret_note[FIRMWARE_NOTE_MAX])
{
	const struct region *items = choice->regions->items;
	const char *slash = strrchr(path, '/');
	char others[LIST_MAX];

	list_regions(choice->regions, choice, others);
	if (others[0])
		snprintf(ret_note, FIRMWARE_NOTE_MAX, "%.64s: taken 0x%X-0x%X, and left: %s",
			 slash ? slash + 1 : path, items[choice->first].low,
			 items[choice->last].high, others);
	else if (doubt)
		snprintf(ret_note, FIRMWARE_NOTE_MAX, "%.64s: %s", slash ? slash + 1 : path, doubt);
}

static int find_range(const struct regions *regions, const struct shape *shape, const char *path,
		      struct ihex_range *ret_range, char ret_note[FIRMWARE_NOTE_MAX],
		      struct failure *why)
{
	struct choice choice = choose(regions, shape->first);
	const char *doubt = NULL;
	char list[LIST_MAX];
	int r = check_count(regions, why);

	if (r < 0)
		return r;
	if (!choice.found) {
		choice = choose_second(regions, shape);
		doubt = shape->doubt;
	}
	if (!choice.found) {
		list_regions(regions, NULL, list);
		return failure_set(why, OTADFU_E_PACKAGE, 0, "it holds no %s%s%s",
				   region_kind_name(shape->first), list[0] ? ", but: " : "", list);
	}
	r = check_midst(&choice, why);
	if (r < 0)
		return r;
	*ret_range = (struct ihex_range){ true, regions->items[choice.first].low,
					  regions->items[choice.last].high };
	write_note(&choice, doubt, path, ret_note);
	return OTADFU_OK;
}

static int pick_hex(const char *path, const uint8_t *text, size_t len, uint32_t kind,
		    struct ihex_range range, struct firmware *ret_firmware,
		    char ret_note[FIRMWARE_NOTE_MAX], struct failure *why)
{
	const struct shape *shape = find_shape(kind);
	struct regions regions;
	struct ihex_image image;
	struct ihex *hex;
	int r = ihex_parse((const char *)text, len, &hex, why);

	if (r < 0)
		return r;
	regions_find(hex, &regions);
	if (shape && !range.set)
		r = find_range(&regions, shape, path, &range, ret_note, why);
	if (r == OTADFU_OK)
		r = ihex_image(hex, &range, &image, why);
	ihex_free(hex);
	if (r == OTADFU_OK)
		*ret_firmware = (struct firmware){ .data = image.data,
						   .len = image.len,
						   .is_hex = true,
						   .start = image.start,
						   .filled = image.filled };
	return r;
}

/* Section 4: a .bin is taken verbatim, but for this. */
static int fill(struct firmware *firmware, struct failure *why)
{
	size_t len = (firmware->len + WORD - 1) / WORD * WORD;
	uint8_t *grown;

	if (len == firmware->len)
		return OTADFU_OK;
	grown = realloc(firmware->data, len);
	if (!grown)
		return failure_set(why, OTADFU_E_NOMEM, 0, "out of memory");
	memset(grown + firmware->len, 0xFF, len - firmware->len);
	firmware->filled += len - firmware->len;
	firmware->data = grown;
	firmware->len = len;
	return OTADFU_OK;
}

static int pick_bin(const char *path, const uint8_t *data, size_t len,
		    const struct ihex_range *range, struct firmware *ret_firmware,
		    struct failure *why)
{
	uint8_t *copy = malloc(len + 1);
	struct firmware firmware;
	int r;

	if (!copy)
		return failure_set(why, OTADFU_E_NOMEM, 0, "out of memory");
	memcpy(copy, data, len);
	r = firmware_convert(path, copy, len, range, &firmware, why);
	if (r < 0)
		return r;
	r = fill(&firmware, why);
	if (r < 0)
		free(firmware.data);
	else
		*ret_firmware = firmware;
	return r;
}

int firmware_pick(const char *path, uint32_t kind, const struct ihex_range *range,
		  struct firmware *ret_firmware, char ret_note[FIRMWARE_NOTE_MAX],
		  struct failure *why)
{
	struct failure reason = { 0 };
	uint8_t *data;
	size_t len;
	int r = file_read(path, FIRMWARE_HEX_TEXT_MAX, OTADFU_E_PACKAGE, &data, &len, why);

	if (r < 0)
		return r;
	ret_note[0] = '\0';
	if (firmware_is_hex(path, data, len))
		r = pick_hex(path, data, len, kind, range ? *range : (struct ihex_range){ 0 },
			     ret_firmware, ret_note, &reason);
	else
		r = pick_bin(path, data, len, range, ret_firmware, &reason);
	free(data);
	return r == OTADFU_OK ? r : failure_pass(why, r, &reason, path);
}
