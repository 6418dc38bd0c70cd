/* The two ways to write a P-256 signature: DER, as OpenSSL has it, and r and s behind each other.
 */
#ifndef OTADFU_MODEL_ECDSA_DER_H
#define OTADFU_MODEL_ECDSA_DER_H

#include "key.h"

enum { ECDSA_DER_MAX = 72 };

/* Each half is padded to its 32 bytes. False when der[0..len) is anything but one signature. */
bool ecdsa_from_der(const uint8_t *der, size_t len, uint8_t ret_signature[KEY_SIGNATURE_LEN]);

/* Returns the length, or 0 when there is no memory. */
size_t ecdsa_to_der(const uint8_t signature[KEY_SIGNATURE_LEN], uint8_t ret_der[ECDSA_DER_MAX]);

#endif
