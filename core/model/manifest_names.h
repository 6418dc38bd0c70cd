/* Zip files from before there were manifests: the names of their members say what they are. */
#ifndef OTADFU_MODEL_MANIFEST_NAMES_H
#define OTADFU_MODEL_MANIFEST_NAMES_H

#include "archive.h"
#include "manifest.h"

/*
 * packages-and-init-packets.md 1.3: application, softdevice and bootloader, each .hex or .bin, with
 * application.dat and, for the system, system.dat. No image at all is no failure: count is 0.
 * OTADFU_E_PACKAGE, without the name of the archive, when two members could be the same image.
 */
int manifest_from_names(const struct archive *archive, struct manifest *ret_manifest,
			struct failure *why);

#endif
