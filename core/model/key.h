/* A key on P-256, the one curve that bootloaders know, and what is done with it. */
#ifndef OTADFU_MODEL_KEY_H
#define OTADFU_MODEL_KEY_H

#include "error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { KEY_COORDINATE_LEN = 32, KEY_POINT_LEN = 64, KEY_PRIVATE_LEN = 32 };
enum { KEY_DIGEST_LEN = 32, KEY_SIGNATURE_LEN = 64 };
enum { KEY_PEM_MAX = 512 };

/* Its private half, where it has one, is wiped when it is freed. */
struct key;

/*
 * Who knows the passphrase of an encrypted key: fills buffer with it and returns its length, or
 * OTADFU_E_* with the reason. name is that of the file. The buffer is wiped after use.
 */
struct key_asker {
	int (*ask)(void *user, const char *name, char *buffer, size_t size, struct failure *why);
	void *user;
};

/*
 * The one key in a PEM file: "PRIVATE KEY" and "ENCRYPTED PRIVATE KEY" (PKCS#8), "EC PRIVATE KEY"
 * (SEC1) or "PUBLIC KEY" (SubjectPublicKeyInfo). OTADFU_E_CONFIG, naming the file, when it cannot
 * be read, holds none or several, is not on P-256, or is encrypted and asker is NULL or its answer
 * wrong. Caller frees.
 */
int key_read(const char *path, const struct key_asker *asker, struct key **ret_key,
	     struct failure *why);

/*
 * The same for a place where signatures are verified: nobody is asked for anything, and a private
 * key is refused, for it should not lie there.
 */
int key_read_public(const char *path, struct key **ret_key, struct failure *why);

/* The same as key_read from text[0..len); name is what messages call it. */
int key_parse(const char *name, const char *text, size_t len, const struct key_asker *asker,
	      struct key **ret_key, struct failure *why);

/* A new one, private, from the machine's random numbers. Caller frees. */
int key_make(struct key **ret_key, struct failure *why);

void key_free(struct key *key);

bool key_is_private(const struct key *key);

/*
 * r and s, or X and Y, each turned round: from big-endian to what a secure bootloader holds and a
 * secure init packet brings, or back (packages-and-init-packets.md 2.3).
 */
void key_reverse_halves(const uint8_t pair[KEY_POINT_LEN], uint8_t ret_pair[KEY_POINT_LEN]);

/* X and Y, both big-endian. */
void key_get_point(const struct key *key, uint8_t ret_point[KEY_POINT_LEN]);

/*
 * The private number, big-endian. OTADFU_E_CONFIG when the key is public only. The caller wipes
 * what it got.
 */
int key_get_private(const struct key *key, uint8_t ret_private[KEY_PRIVATE_LEN],
		    struct failure *why);

/*
 * As PEM with a NUL behind: SubjectPublicKeyInfo, or with the private half SEC1, which is what
 * Nordic's tool reads and writes. OTADFU_E_CONFIG when the key is public only. The caller wipes
 * what it got.
 */
int key_format_pem(const struct key *key, bool with_private, char ret_text[KEY_PEM_MAX],
		   struct failure *why);

/* The keys that everybody has; false behind the last. Caller frees. */
bool key_get_known(size_t index, struct key **ret_key);

/* In words, when it is one that no product should be signed with: everybody has it. Else NULL. */
const char *key_known_words(const struct key *key);

/* May somebody but its owner read that file? To be asked of a private key, and said. */
bool key_file_is_exposed(const char *path);

/*
 * ECDSA over a SHA-256 digest: r and s, both big-endian. OTADFU_E_CONFIG when the key is public
 * only.
 */
int key_sign(const struct key *key, const uint8_t digest[KEY_DIGEST_LEN],
	     uint8_t ret_signature[KEY_SIGNATURE_LEN], struct failure *why);
bool key_verifies(const struct key *key, const uint8_t digest[KEY_DIGEST_LEN],
		  const uint8_t signature[KEY_SIGNATURE_LEN]);

/*
 * Does key_sign give the same signature for the same digest? RFC 6979 comes with OpenSSL 3.2; an
 * older one draws a random number for each.
 */
bool key_signs_alike(const struct key *key);

#endif
