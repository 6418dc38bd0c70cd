#include "regions.h"

#include "bytes.h"

enum { MBR_END = 0x1000, UICR = 0x10000000, UICR_BOOTLOADER = 0x10001014 };
enum { PAGE_MAX = 0x1000 };

/*
 * packages-and-init-packets.md 4 and 6: where bootloaders begin where UICR does not say, where
 * settings pages lie, and before them the parameters of the MBR.
 */
static const uint32_t bootloader_starts[] = { 0x28000, 0x34000, 0x38000, 0x3AC00, 0x3C000,
					      0x78000, 0x7A000, 0xE0000, 0xF4000, 0xF8000 };
static const uint32_t settings_pages[] = { 0x2F000, 0x3F000, 0x3FC00, 0x7F000, 0xFF000 };
static const uint32_t parameter_pages[] = { 0x2E000, 0x3E000, 0x7E000, 0xFE000 };

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* What the file itself says of its layout. */
struct layout {
	uint32_t softdevice_end; /* 0: no SoftDevice that says so */
	uint32_t bootloader;     /* 0: UICR does not say */
};

const char *region_kind_name(enum region_kind kind)
{
	static const char *const names[] = {
		[REGION_UNKNOWN] = "unknown",       [REGION_MBR] = "mbr",
		[REGION_SOFTDEVICE] = "softdevice", [REGION_APPLICATION] = "application",
		[REGION_BOOTLOADER] = "bootloader", [REGION_MBR_PARAMETERS] = "mbr_parameters",
		[REGION_SETTINGS] = "settings",     [REGION_UICR] = "uicr",
	};

	return names[kind < COUNT(names) ? kind : REGION_UNKNOWN];
}

static bool is_among(uint32_t addr, const uint32_t *list, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (list[i] == addr)
			return true;
	}
	return false;
}

static bool is_bootloader(uint32_t addr, const struct layout *layout)
{
	if (layout->bootloader != 0)
		return addr == layout->bootloader;
	return is_among(addr, bootloader_starts, COUNT(bootloader_starts));
}

static enum region_kind judge(uint32_t low, uint32_t high, const struct layout *layout)
{
	bool is_page = high - low <= PAGE_MAX;

	if (low >= UICR)
		return REGION_UICR;
	if (low < MBR_END)
		return REGION_MBR;
	if (low < layout->softdevice_end)
		return REGION_SOFTDEVICE;
	if (is_bootloader(low, layout))
		return REGION_BOOTLOADER;
	if (is_page && is_among(low, settings_pages, COUNT(settings_pages)))
		return REGION_SETTINGS;
	if (is_page && is_among(low, parameter_pages, COUNT(parameter_pages)))
		return REGION_MBR_PARAMETERS;
	return low == MBR_END ? REGION_UNKNOWN : REGION_APPLICATION;
}

/* The nearest address behind low where something else begins; high when there is none. */
static uint32_t find_cut(uint32_t low, uint32_t high, const struct layout *layout)
{
	const uint32_t cuts[] = { MBR_END, layout->softdevice_end, layout->bootloader };

	for (size_t i = 0; i < COUNT(cuts); i++) {
		if (cuts[i] > low && cuts[i] < high)
			high = cuts[i];
	}
	return high;
}

static void add_pieces(struct regions *regions, struct ihex_region region,
		       const struct layout *layout)
{
	while (region.low < region.high && regions->count < REGIONS_MAX) {
		uint32_t high = find_cut(region.low, region.high, layout);

		regions->items[regions->count++] =
			(struct region){ judge(region.low, high, layout), region.low, high };
		region.low = high;
	}
}

static struct layout read_layout(const struct ihex *hex, struct regions *regions)
{
	uint8_t info[SOFTDEVICE_INFO_LEN];
	uint8_t start[4];
	struct layout layout = { 0 };

	if (ihex_get(hex, SOFTDEVICE_INFO_ADDR, info, sizeof(info)))
		regions->has_softdevice =
			softdevice_read_info(info, sizeof(info), &regions->softdevice);
	if (regions->has_softdevice)
		layout.softdevice_end = regions->softdevice.end;
	if (ihex_get(hex, UICR_BOOTLOADER, start, sizeof(start)) && get_le32(start) != UINT32_MAX)
		layout.bootloader = get_le32(start);
	regions->has_bootloader_address = layout.bootloader != 0;
	return layout;
}

void regions_find(const struct ihex *hex, struct regions *ret_regions)
{
	struct ihex_region found[REGIONS_MAX];
	size_t count = ihex_regions(hex, found, REGIONS_MAX);
	struct layout layout;

	*ret_regions = (struct regions){ 0 };
	layout = read_layout(hex, ret_regions);
	for (size_t i = 0; i < count && i < REGIONS_MAX; i++)
		add_pieces(ret_regions, found[i], &layout);
}
