/* Where to go on with what a device already holds (secure-dfu.md 6). Pure: tables and sums. */
#ifndef OTADFU_SECURE_RESUME_H
#define OTADFU_SECURE_RESUME_H

#include <stddef.h>
#include <stdint.h>

/* What Select and Checksum say: so many bytes, with this CRC-32 from the first one on. */
struct secure_held {
	uint32_t offset;
	uint32_t crc;
};

enum secure_way {
	SECURE_WAY_CREATE,   /* create the object that begins at start and send it */
	SECURE_WAY_CONTINUE, /* go on at offset in the open object that began at start */
	SECURE_WAY_EXECUTE,  /* all of it is there: execute, then the next object at offset */
	SECURE_WAY_RESTART,  /* create the command object anew, and everything after it */
};

struct secure_plan {
	enum secure_way way;
	uint32_t start;
	uint32_t offset;
};

uint32_t secure_crc(const uint8_t *data, size_t len);

/* Section 6.1. */
struct secure_plan secure_plan_command(const struct secure_held *held, const uint8_t *init,
				       uint32_t len);

/* Section 6.2. object_max: size of a whole data object, not 0. */
struct secure_plan secure_plan_data(const struct secure_held *held, uint32_t object_max,
				    const uint8_t *data, uint32_t len);

#endif
