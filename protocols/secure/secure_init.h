/* Reads from a secure init packet what a refusal is about. Pure; the bytes may be anything. */
#ifndef OTADFU_SECURE_INIT_H
#define OTADFU_SECURE_INIT_H

#include <stddef.h>
#include <stdint.h>

enum { SECURE_INIT_SOFTDEVICES = 16, SECURE_INIT_TEXT = 160 };

/* -1: the packet does not say. */
struct secure_init {
	int64_t fw_version;
	int64_t hw_version;
	uint32_t softdevices[SECURE_INIT_SOFTDEVICES];
	size_t softdevice_count;
};

/* What can be read of it. */
struct secure_init secure_init_read(const uint8_t *dat, size_t len);

/* "it is for hw_version 52, ..." : the field that result is about, or all of them. */
void secure_init_describe(const struct secure_init *init, uint16_t result,
			  char text[SECURE_INIT_TEXT]);

#endif
