/* A package as the zip file that carries it. */
#ifndef OTADFU_MODEL_PACKAGE_WRITE_H
#define OTADFU_MODEL_PACKAGE_WRITE_H

#include "package.h"

/* The name of its members without what follows the dot: "app", "sd_bl". kind is OTADFU_IMAGE_*. */
const char *package_stem(uint32_t kind);

/*
 * manifest.json (packages-and-init-packets.md 1.1, 1.2), in the order and layout of Nordic's tool.
 * Caller frees; NULL: out of memory.
 */
char *package_manifest(const struct package *package);

/*
 * The bytes of a zip file that holds manifest and images: the same for the same package. Caller
 * frees *ret_data.
 */
int package_write(const struct package *package, uint8_t **ret_data, size_t *ret_len,
		  struct failure *why);

#endif
