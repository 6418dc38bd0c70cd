/* Init packets of both worlds, encoded by hand from packages-and-init-packets.md 2 and
 * legacy-dfu.md 6. */
#ifndef OTADFU_TESTS_INIT_ENCODE_H
#define OTADFU_TESTS_INIT_ENCODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { INIT_BYTES_MAX = 1024, INIT_SIGNATURE_LEN = 64, INIT_HASH_LEN = 32 };

struct init_bytes {
	uint8_t data[INIT_BYTES_MAX];
	size_t len;
};

struct init_image {
	uint32_t type; /* as on the wire; secure only */
	uint32_t sd_size, bl_size, app_size;
	uint8_t sha256[INIT_HASH_LEN]; /* natural order */
	uint16_t crc16;
};

struct init_target {
	uint32_t version;
	uint32_t hw_version;                   /* secure */
	bool is_debug;                         /* secure */
	uint16_t device_type, device_revision; /* legacy */
	const uint16_t *sd_req;
	size_t sd_req_count;
};

/* What is signed: the content of Command.init. */
void init_encode_command(const struct init_image *image, const struct init_target *target,
			 struct init_bytes *ret_command);

/* The .dat. signature: r and s, 32 bytes each, big-endian; NULL: an unsigned packet. */
void init_encode_packet(const struct init_bytes *command, const uint8_t *signature,
			struct init_bytes *ret_packet);

/* Format 5 to 8, for 0.5 to 0.8; of 8 all but the signature, which goes over it all. */
void init_encode_legacy(const struct init_image *image, const struct init_target *target,
			unsigned format, struct init_bytes *ret_packet);

/* Appends bytes as they are. */
void init_append(struct init_bytes *bytes, const void *data, size_t len);

uint16_t init_crc16(const uint8_t *data, size_t len);

#endif
