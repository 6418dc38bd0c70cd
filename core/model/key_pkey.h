/* How OpenSSL holds a key; for key*.c alone. */
#ifndef OTADFU_MODEL_KEY_PKEY_H
#define OTADFU_MODEL_KEY_PKEY_H

#include "key.h"

#include <openssl/types.h>

struct key {
	EVP_PKEY *pkey;
	bool is_private;
	uint8_t point[KEY_POINT_LEN]; /* X and Y, both big-endian */
};

/*
 * Takes pkey over, which is freed on failure too. OTADFU_E_CONFIG, the reason beginning with name,
 * unless it is on P-256 and its parts belong together.
 */
int key_adopt(const char *name, EVP_PKEY *pkey, bool is_private, struct key **ret_key,
	      struct failure *why);

#endif
