/* Is an init packet signed by whom it should be? ECDSA on P-256 over SHA-256, nothing else. */
#ifndef OTADFU_MODEL_SIGNATURE_H
#define OTADFU_MODEL_SIGNATURE_H

#include "error.h"
#include "initpacket.h"

#include <openssl/types.h>

/*
 * A public key in PEM. OTADFU_E_CONFIG when it cannot be read or is not on P-256. Free with
 * EVP_PKEY_free.
 */
int signature_read_key(const char *path, EVP_PKEY **ret_key, struct failure *why);

bool signature_is_there(const struct initpacket *init);

/* dat[0..len) is what init was decoded from. False for what is not signed. */
bool signature_verifies(const struct initpacket *init, const uint8_t *dat, size_t len,
			EVP_PKEY *key);

/* The key it verifies with, in words, when that is one no product should be signed with; NULL. */
const char *signature_known_signer(const struct initpacket *init, const uint8_t *dat, size_t len);

#endif
