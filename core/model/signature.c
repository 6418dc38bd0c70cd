#include "signature.h"

#include <openssl/evp.h>
#include <string.h>

enum { ECDSA_P256_SHA256 = 0 };

/* r and s, both big-endian, and what they are said to sign. */
struct signature {
	uint8_t pair[KEY_SIGNATURE_LEN];
	const uint8_t *content;
	size_t content_len;
};

static struct signature from_wire(const uint8_t halves[KEY_SIGNATURE_LEN], const uint8_t *content,
				  size_t content_len)
{
	struct signature signature = { .content = content, .content_len = content_len };

	key_reverse_halves(halves, signature.pair);
	return signature;
}

/* packages-and-init-packets.md 2.2: over the bytes as received; each half is little-endian. */
static bool take_secure(const struct initpacket_secure *secure, struct signature *signature)
{
	if (!secure->is_signed || secure->signature_type != ECDSA_P256_SHA256)
		return false;
	*signature = from_wire(secure->signature, secure->init_command, secure->init_command_len);
	return true;
}

/* legacy-dfu.md 6, format 0.8: over all bytes before it, big-endian. */
static bool take_legacy(const struct initpacket_legacy *legacy, const uint8_t *dat, size_t len,
			struct signature *signature)
{
	if (!legacy->has_signature)
		return false;
	memcpy(signature->pair, legacy->signature, KEY_SIGNATURE_LEN);
	signature->content = dat;
	signature->content_len = len - INITPACKET_SIGNATURE_LEN;
	return true;
}

static bool verify(const struct signature *signature, const struct key *key)
{
	uint8_t digest[KEY_DIGEST_LEN];

	return EVP_Digest(signature->content, signature->content_len, digest, NULL, EVP_sha256(),
			  NULL) == 1 &&
	       key_verifies(key, digest, signature->pair);
}

bool signature_covers(const uint8_t signature[KEY_SIGNATURE_LEN], const uint8_t *data, size_t len,
		      const struct key *key)
{
	const struct signature taken = from_wire(signature, data, len);

	return verify(&taken, key);
}

bool signature_is_there(const struct initpacket *init)
{
	return init->kind == INITPACKET_SECURE ? init->secure.is_signed
					       : init->legacy.has_signature;
}

bool signature_verifies(const struct initpacket *init, const uint8_t *dat, size_t len,
			const struct key *key)
{
	struct signature signature;
	bool is_taken = init->kind == INITPACKET_SECURE
				? take_secure(&init->secure, &signature)
				: take_legacy(&init->legacy, dat, len, &signature);

	return is_taken && verify(&signature, key);
}

const char *signature_known_signer(const struct initpacket *init, const uint8_t *dat, size_t len)
{
	const char *words = NULL;
	struct key *key;

	for (size_t i = 0; !words && key_get_known(i, &key); i++) {
		if (signature_verifies(init, dat, len, key))
			words = key_known_words(key);
		key_free(key);
	}
	return words;
}
