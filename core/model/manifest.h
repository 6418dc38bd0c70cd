/* The manifest of a package: which members are images, and of what kind. */
#ifndef OTADFU_MODEL_MANIFEST_H
#define OTADFU_MODEL_MANIFEST_H

#include "error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { MANIFEST_IMAGES_MAX = 4, MANIFEST_NAME_MAX = 256 };

struct manifest_image {
	uint32_t kind; /* OTADFU_IMAGE_*, as the key says */
	char bin_file[MANIFEST_NAME_MAX];
	char dat_file[MANIFEST_NAME_MAX];
	/* The bootloader of a SoftDevice with bootloader that lie in two files; else empty. */
	char second_file[MANIFEST_NAME_MAX];
	uint32_t sd_size; /* parts of a SoftDevice with bootloader; 0: not stated */
	uint32_t bl_size;
};

/* Owns nothing. */
struct manifest {
	bool is_legacy; /* dfu_version is there */
	size_t count;
	struct manifest_image images[MANIFEST_IMAGES_MAX]; /* in the order of transfer */
};

/*
 * Reads JSON text[0..len) by packages-and-init-packets.md 1.1 to 1.3. OTADFU_E_PACKAGE with the
 * reason, for broken JSON with line and column. Names are plain: no path, no control character.
 */
int manifest_parse(const char *text, size_t len, struct manifest *ret_manifest,
		   struct failure *why);

#endif
