/* SoftDevices: their names, and what they say of themselves. */
#ifndef OTADFU_MODEL_SOFTDEVICE_H
#define OTADFU_MODEL_SOFTDEVICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Where the information stands: in flash, and in an image that begins with the SoftDevice. */
enum { SOFTDEVICE_INFO_ADDR = 0x3000, SOFTDEVICE_INFO_OFFSET = 0x2000, SOFTDEVICE_INFO_LEN = 24 };
enum { SOFTDEVICE_MAGIC = 0x51B1E5DB };

/* "S132 6.1.1", or NULL for an id that is not in packages-and-init-packets.md 3. */
const char *softdevice_name(uint16_t fwid);

/* The first address behind it; 0 for an id that is not there. For messages: never refuse by it. */
uint32_t softdevice_end(uint16_t fwid);

/*
 * "0x0100,0x0101": ids in that order, each taken once. False when it is no such list, or one of
 * more than capacity.
 */
bool softdevice_parse_list(const char *text, uint16_t *ids, size_t capacity, size_t *ret_count);

struct softdevice_info {
	uint32_t end; /* the first address behind it: where the application begins */
	uint16_t fwid;
	uint32_t id;      /* 132; 0: older ones do not say */
	uint32_t version; /* major * 1000000 + minor * 1000 + patch; 0: older ones do not say */
};

/* False when data[0..len) is not the information of a SoftDevice. */
bool softdevice_read_info(const uint8_t *data, size_t len, struct softdevice_info *ret_info);

/* The same of a whole image, .bin as in a package. */
bool softdevice_find_info(const uint8_t *image, size_t len, struct softdevice_info *ret_info);

#endif
