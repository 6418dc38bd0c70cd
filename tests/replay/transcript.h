/*
 * One recorded scenario (tests/transcripts/README.md): a header that describes a device, the
 * steps, and the state they end in.
 */
#ifndef OTADFU_REPLAY_TRANSCRIPT_H
#define OTADFU_REPLAY_TRANSCRIPT_H

#include "device.h"

#include <jansson.h>

enum { TRANSCRIPT_WHY_MAX = 256 };

struct bytes {
	uint8_t *data; /* NULL: none */
	size_t len;
};

struct transcript {
	json_t *header;
	json_t *lines; /* array; the last one is the end */
	struct bytes firmware, firmware2, init, init2;
	struct bytes
		application; /* installed before the first step; ours, the recorder's is unknown */
	char sdk[16];
	struct device_config config;
};

enum transcript_result {
	TRANSCRIPT_READY,
	TRANSCRIPT_SKIPPED, /* not over BLE, or for no simulated device; the reason in why */
	TRANSCRIPT_BROKEN
};

/* folder is where its image files are looked for, then the folder above. */
enum transcript_result transcript_load(const char *path, const char *folder,
				       struct transcript *ret_transcript,
				       char why[TRANSCRIPT_WHY_MAX]);
void transcript_free(struct transcript *transcript);

/* False when text is not an even number of hexadecimal digits. */
bool bytes_from_hex(const char *text, struct bytes *ret_bytes);
char *hex_from_bytes(const uint8_t *data, size_t len); /* NULL: out of memory */

/* A member of an object, or what it is when absent, null or of another type. */
uint32_t json_number_or(const json_t *object, const char *key, uint32_t otherwise);
const char *json_text_or(const json_t *object, const char *key, const char *otherwise);

#endif
