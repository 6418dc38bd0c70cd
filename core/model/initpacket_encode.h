/*
 * Init packets of both worlds, byte for byte as Nordic's tool makes them: fields in ascending
 * order, lists packed, zeros included.
 */
#ifndef OTADFU_MODEL_INITPACKET_ENCODE_H
#define OTADFU_MODEL_INITPACKET_ENCODE_H

#include "initpacket.h"

enum { INITPACKET_ENCODED_MAX = 512 };

struct initpacket_bytes {
	uint8_t data[INITPACKET_ENCODED_MAX];
	size_t len;
};

/*
 * The content of Command.init: what is signed. Every member of init->secure counts, said to be
 * there or not; its list of SoftDevices has at most INITPACKET_SECURE_SD_MAX of them.
 */
int initpacket_encode_command(const struct initpacket *init, struct initpacket_bytes *ret_command,
			      struct failure *why);

/*
 * The .dat around command[0..len), which stays as it is. signature: r and s, both big-endian; NULL:
 * an unsigned packet. OTADFU_E_PACKAGE when the whole is too long.
 */
int initpacket_encode_packet(const uint8_t *command, size_t len, const uint8_t *signature,
			     struct initpacket_bytes *ret_packet, struct failure *why);

/* r and s as secure bootloaders have them: each half the other way round (2.2). */
void initpacket_reverse_signature(const uint8_t signature[INITPACKET_SIGNATURE_LEN],
				  uint8_t ret_wire[INITPACKET_SIGNATURE_LEN]);

/*
 * A legacy .dat of init->legacy.format, which is a known one. Of 0.8 the signature last; what it
 * covers is all before it.
 */
void initpacket_encode_legacy(const struct initpacket *init, struct initpacket_bytes *ret_packet);

/* For an image that came without one: format 0.5, any device, any SoftDevice (legacy-dfu.md 6.1).
 */
void initpacket_encode_wildcard(const uint8_t *image, size_t len,
				struct initpacket_bytes *ret_packet);

#endif
