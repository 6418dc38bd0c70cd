/* The key pair that a test package is signed with: ECDSA on P-256. */
#ifndef OTADFU_TESTS_SIGNING_KEY_H
#define OTADFU_TESTS_SIGNING_KEY_H

#include <openssl/types.h>
#include <stddef.h>
#include <stdint.h>

/* NULL when it cannot be made, or read. Free with EVP_PKEY_free. */
EVP_PKEY *signing_key_generate(void);
EVP_PKEY *signing_key_read(const char *path);

/* PEM. 0, or -1. A private key is readable by its owner alone. */
int signing_key_write_private(EVP_PKEY *key, const char *path);
int signing_key_write_public(EVP_PKEY *key, const char *path);

/* r and s of ECDSA over the SHA-256 of data, 32 bytes each, big-endian. 0, or -1. */
int signing_key_sign(EVP_PKEY *key, const uint8_t *data, size_t len, uint8_t ret_signature[64]);

#endif
