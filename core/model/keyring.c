#include "keyring.h"

int keyring_read(const struct keyring_paths *paths, struct keyring *ret_ring, struct failure *why)
{
	struct keyring ring = { 0 };

	for (const char *const *path = paths->items; *path; path++) {
		int r = key_read_public(*path, &ring.keys[ring.count], why);

		if (r < 0) {
			keyring_clear(&ring);
			return r;
		}
		ring.names[ring.count++] = *path;
	}
	*ret_ring = ring;
	return OTADFU_OK;
}

void keyring_clear(struct keyring *ring)
{
	for (size_t i = 0; i < ring->count; i++)
		key_free(ring->keys[i]);
	*ring = (struct keyring){ 0 };
}

const char *keyring_find_signer(const struct keyring *ring, const struct initpacket *init,
				const uint8_t *dat, size_t len)
{
	for (size_t i = 0; i < ring->count; i++) {
		if (signature_verifies(init, dat, len, ring->keys[i]))
			return ring->names[i];
	}
	return NULL;
}

bool keyring_verifies(const struct keyring *ring, const uint8_t *signature, const uint8_t *data,
		      size_t len)
{
	for (size_t i = 0; i < ring->count; i++) {
		if (signature_covers(signature, data, len, ring->keys[i]))
			return true;
	}
	return false;
}
