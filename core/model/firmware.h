/* A firmware file: a .bin as it is, Intel HEX converted. */
#ifndef OTADFU_MODEL_FIRMWARE_H
#define OTADFU_MODEL_FIRMWARE_H

#include "ihex.h"

/* HEX text is at most a little under three times as long as what it stands for. */
enum { FIRMWARE_MAX = 16 << 20, FIRMWARE_HEX_TEXT_MAX = 4 * FIRMWARE_MAX };

struct firmware {
	uint8_t *data;
	size_t len;
	bool is_hex;    /* from here on: only then */
	uint32_t start; /* the address of data[0] */
	size_t filled;  /* bytes of FF added at the end */
};

/* By the name's ending where it has one of .hex, .ihex and .bin, else by the first character. */
bool firmware_is_hex(const char *name, const uint8_t *data, size_t len);

/*
 * Takes data over, which is freed on failure too. range (may be NULL) chooses from HEX:
 * OTADFU_E_CONFIG for a .bin. OTADFU_E_PACKAGE, without the name, when it is no HEX, holds
 * nothing, or is larger than FIRMWARE_MAX.
 */
int firmware_convert(const char *name, uint8_t *data, size_t len, const struct ihex_range *range,
		     struct firmware *ret_firmware, struct failure *why);

/* The same from a file, the reason beginning with path. Caller frees ret_firmware->data. */
int firmware_read(const char *path, const struct ihex_range *range, struct firmware *ret_firmware,
		  struct failure *why);

#endif
