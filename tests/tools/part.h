/* One image of a test package with its init packet; a package has one or two. */
#ifndef OTADFU_TESTS_PART_H
#define OTADFU_TESTS_PART_H

#include "image.h"
#include "init_encode.h"

enum { SD_REQ_MAX = 16 };

enum { PART_APPLICATION = 0, PART_SOFTDEVICE = 1, PART_BOOTLOADER = 2, PART_EXTERNAL = 4 };

struct part {
	struct image image; /* as sent */
	struct init_image facts;
	struct init_target target; /* its list is sd_req */
	uint16_t sd_req[SD_REQ_MAX];
	struct init_bytes init;
};

/* Of its type: its key in the manifest, and "key".bin and .dat but for shorter names. */
const char *part_key(const struct part *part);
void part_file_name(const struct part *part, const char *suffix, char name[32]);

/* manifest.json as text; NULL: out of memory. Caller frees. format 0: secure, else that of legacy
 * init packets. */
char *part_manifest(const struct part *parts, size_t count, double format);

#endif
