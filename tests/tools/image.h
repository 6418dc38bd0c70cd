/* The images that a test package carries: read from a file, or invented. */
#ifndef OTADFU_TESTS_IMAGE_H
#define OTADFU_TESTS_IMAGE_H

#include <stddef.h>
#include <stdint.h>

/* data NULL: there is none. Free data. */
struct image {
	uint8_t *data;
	size_t len;
};

/* All: 0, or -1 with a complaint. *ret_image is to be freed in any case; zero-initialise it. */

int image_read(const char *path, struct image *ret_image);

/* LEN[:SEED]: always the same for one seed, with vectors as an application or bootloader has. */
int image_invent(const char *text, uint32_t start, struct image *ret_image);

/* One of both: a number, or a number:number, is no file name. */
int image_obtain(const char *text, uint32_t start, struct image *ret_image);

/* As image_obtain; an invented one gets the information structure of that SoftDevice. */
int image_obtain_softdevice(const char *text, uint16_t fwid, struct image *ret_image);

/* What a SoftDevice says of itself. 0, or -1: it has no information structure. */
int image_softdevice_id(const struct image *image, uint16_t *ret_fwid);

/* The second behind the first. */
int image_append(struct image *image, const struct image *second);

#endif
