/* Intel HEX to bytes. */
#ifndef OTADFU_MODEL_IHEX_H
#define OTADFU_MODEL_IHEX_H

#include "error.h"

#include <stddef.h>
#include <stdint.h>

/*
 * Converts text[0..len) by packages-and-init-packets.md 4: MBR and UICR dropped, gaps filled with
 * FF, length rounded up to 4. A gap over 64 KiB or an image over 16 MiB is refused and the ranges
 * are listed. OTADFU_E_PACKAGE with line and reason for a file that is not HEX. Caller frees
 * *ret_data.
 */
int ihex_to_image(const char *text, size_t len, uint8_t **ret_data, size_t *ret_len,
		  uint32_t *ret_start, struct failure *why);

#endif
