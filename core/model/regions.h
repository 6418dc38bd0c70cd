/* What stands where in a HEX file, as far as addresses and contents tell. */
#ifndef OTADFU_MODEL_REGIONS_H
#define OTADFU_MODEL_REGIONS_H

#include "ihex.h"
#include "softdevice.h"

enum { REGIONS_MAX = 64 };

enum region_kind {
	REGION_UNKNOWN = 0, /* behind the MBR: a SoftDevice too old to say so, or an application */
	REGION_MBR,
	REGION_SOFTDEVICE,
	REGION_APPLICATION,
	REGION_BOOTLOADER,
	REGION_MBR_PARAMETERS,
	REGION_SETTINGS,
	REGION_UICR
};

struct region {
	enum region_kind kind;
	uint32_t low;
	uint32_t high; /* the first address behind */
};

struct regions {
	size_t count; /* at most REGIONS_MAX: what comes behind is not listed */
	struct region items[REGIONS_MAX];
	bool has_softdevice;
	struct softdevice_info softdevice;
	bool has_bootloader_address; /* UICR says where it begins; else its place is a guess */
};

/* "mbr", "softdevice", "application", "bootloader", "mbr_parameters", "settings", "uicr",
 * "unknown". */
const char *region_kind_name(enum region_kind kind);

void regions_find(const struct ihex *hex, struct regions *ret_regions);

#endif
