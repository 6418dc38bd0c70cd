/* Is an init packet signed by whom it should be? ECDSA on P-256 over SHA-256, nothing else. */
#ifndef OTADFU_MODEL_SIGNATURE_H
#define OTADFU_MODEL_SIGNATURE_H

#include "error.h"
#include "initpacket.h"
#include "key.h"

bool signature_is_there(const struct initpacket *init);

/*
 * Is signature, r and s each little-endian as secure bootloaders have them, that of key over data?
 */
bool signature_covers(const uint8_t signature[KEY_SIGNATURE_LEN], const uint8_t *data, size_t len,
		      const struct key *key);

/* dat[0..len) is what init was decoded from. False for what is not signed. */
bool signature_verifies(const struct initpacket *init, const uint8_t *dat, size_t len,
			const struct key *key);

/* The key it verifies with, in words, when that is one no product should be signed with; NULL. */
const char *signature_known_signer(const struct initpacket *init, const uint8_t *dat, size_t len);

#endif
