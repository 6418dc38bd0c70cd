/*
 * AD structures (Core Specification, Vol 3, Part C, 11; Supplement, Part A) made from what a system
 * service has taken out of them. Pure.
 */
#ifndef OTADFU_TRANSPORTS_ADBUILD_H
#define OTADFU_TRANSPORTS_ADBUILD_H

#include <otadfu/types.h>
#include <stdbool.h>

/* As much as one property of a device becomes: whole AD structures, and no others. */
enum { AD_PART_MAX = 320, AD_NAME_MAX = 248 };

struct ad_part {
	uint16_t len;
	uint8_t bytes[AD_PART_MAX];
};

/* Each appends to part, and leaves it as it was (false) when what is given is not allowed or does
 * not fit. */
bool ad_add_flags(struct ad_part *part, uint8_t flags);
bool ad_add_tx_power(struct ad_part *part, int16_t dbm);
/* UTF-8, 1 to AD_NAME_MAX bytes. */
bool ad_add_name(struct ad_part *part, const char *name);
bool ad_add_manufacturer(struct ad_part *part, uint16_t company, const uint8_t *data, size_t len);
bool ad_add_service_data(struct ad_part *part, const struct otadfu_uuid *uuid, const uint8_t *data,
			 size_t len);
/* One list for the UUIDs of 16 bits and one for the others; of several calls, each its own. As many
 * as fit: false when some did not. */
bool ad_add_services(struct ad_part *part, const struct otadfu_uuid *uuids, size_t count);

/* "0000fe59-0000-1000-8000-00805f9b34fb", in either case; nothing else. */
bool ad_parse_uuid(const char *text, struct otadfu_uuid *ret_uuid);

#endif
