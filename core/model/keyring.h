/* The keys of which one must have signed. */
#ifndef OTADFU_MODEL_KEYRING_H
#define OTADFU_MODEL_KEYRING_H

#include "signature.h"

enum { KEYRING_MAX = 8 };

/* Files of public keys in PEM, NULL behind the last. Borrowed. */
struct keyring_paths {
	const char *items[KEYRING_MAX + 1];
};

/* Zero-initialise. */
struct keyring {
	size_t count;
	struct key *keys[KEYRING_MAX];
	const char *names[KEYRING_MAX]; /* of their files; borrowed */
};

/* OTADFU_E_CONFIG when one of the files holds no such key. Needs keyring_clear. */
int keyring_read(const struct keyring_paths *paths, struct keyring *ret_ring, struct failure *why);
void keyring_clear(struct keyring *ring);

/* The name of the key that the signature of init verifies with; NULL: none of them. */
const char *keyring_find_signer(const struct keyring *ring, const struct initpacket *init,
				const uint8_t *dat, size_t len);

/* Does one of them verify that signature, r and s each little-endian, over data? */
bool keyring_verifies(const struct keyring *ring, const uint8_t *signature, const uint8_t *data,
		      size_t len);

#endif
