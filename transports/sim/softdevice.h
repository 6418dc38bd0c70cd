/* SoftDevices as they lie in flash: an information structure that bootloaders read. */
#ifndef OTADFU_SIM_SOFTDEVICE_H
#define OTADFU_SIM_SOFTDEVICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	SOFTDEVICE_START = 0x1000, /* after the MBR */
	SOFTDEVICE_INFO = 0x2000,  /* offset of the structure in the image */
	SOFTDEVICE_INFO_LEN = 0x18
};

struct softdevice {
	uint16_t fwid;
	uint32_t id;      /* 130, 132, 140, ... */
	uint32_t version; /* major * 1000000 + minor * 1000 + patch */
	uint32_t size;    /* with the MBR: where the application starts */
};

/* By FWID; an unknown one gets the usual size of that chip, id and version 0. */
struct softdevice softdevice_find(uint16_t fwid, const char *chip);

/* False: no SoftDevice there. image points to its first byte. */
bool softdevice_read(const uint8_t *image, size_t len, struct softdevice *ret_softdevice);

/* An image of len bytes that no chip could run, but with a true information structure. */
void softdevice_generate(const struct softdevice *softdevice, uint8_t *image, size_t len);

#endif
