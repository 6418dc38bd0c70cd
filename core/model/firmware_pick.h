/* One image out of a firmware file that may hold more than that. */
#ifndef OTADFU_MODEL_FIRMWARE_PICK_H
#define OTADFU_MODEL_FIRMWARE_PICK_H

#include "firmware.h"

enum { FIRMWARE_NOTE_MAX = 256 };

/*
 * Reads the image of kind (OTADFU_IMAGE_*), filled to a multiple of 4 as bootloaders want it. Of a
 * HEX the regions that are of that kind; range (may be NULL), where it is set, chooses instead. A
 * .bin is taken as it is. What deserves a word is in ret_note, which is else empty.
 * OTADFU_E_PACKAGE, beginning with path, as firmware_read, and when the file holds no such image,
 * or other things in its midst.
 */
int firmware_pick(const char *path, uint32_t kind, const struct ihex_range *range,
		  struct firmware *ret_firmware, char ret_note[FIRMWARE_NOTE_MAX],
		  struct failure *why);

#endif
