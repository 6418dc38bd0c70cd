/* Intel HEX: what a file holds and where, and the image for the air out of it. */
#ifndef OTADFU_MODEL_IHEX_H
#define OTADFU_MODEL_IHEX_H

#include "error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A file, parsed. */
struct ihex;

/* What is wanted of a file that holds more than one image. */
struct ihex_range {
	bool set;      /* false: everything */
	uint32_t low;  /* the first address taken */
	uint32_t high; /* the first one not taken */
};

/* Bytes that stand together. */
struct ihex_region {
	uint32_t low;
	uint32_t high; /* the first address behind */
};

struct ihex_image {
	uint8_t *data;
	size_t len;
	uint32_t start; /* the address of data[0] */
	size_t filled;  /* bytes of FF at the end, that make len a multiple of 4 */
};

/* "LOW-HIGH", like "0x1000-0x12ECC". OTADFU_E_CONFIG when it is not of that form. */
int ihex_parse_range(const char *text, struct ihex_range *ret_range, struct failure *why);

/* OTADFU_E_PACKAGE with line and reason for text[0..len) that is not HEX. Caller frees. */
int ihex_parse(const char *text, size_t len, struct ihex **ret_hex, struct failure *why);
void ihex_free(struct ihex *hex);

/*
 * The regions in the order of their addresses, gaps of less than a page of flash not counted. At
 * most capacity are stored; returns how many there are.
 */
size_t ihex_regions(const struct ihex *hex, struct ihex_region *regions, size_t capacity);

/* The bytes at addr; false, bytes then undefined, when the file does not hold all of them. */
bool ihex_get(const struct ihex *hex, uint32_t addr, uint8_t *bytes, size_t len);

/*
 * Converts by packages-and-init-packets.md 4: MBR and UICR dropped, gaps filled with FF, length
 * rounded up to 4. range may be NULL. A gap over 64 KiB or an image over 16 MiB is refused by
 * OTADFU_E_PACKAGE and the ranges are listed. Caller frees ret_image->data.
 */
int ihex_image(const struct ihex *hex, const struct ihex_range *range, struct ihex_image *ret_image,
	       struct failure *why);

/* ihex_parse and ihex_image in one. */
int ihex_to_image(const char *text, size_t len, const struct ihex_range *range,
		  struct ihex_image *ret_image, struct failure *why);

#endif
