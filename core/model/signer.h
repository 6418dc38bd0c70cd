/* Who signs: a private key at hand, or a command that knows how to reach one. */
#ifndef OTADFU_MODEL_SIGNER_H
#define OTADFU_MODEL_SIGNER_H

#include "key.h"

enum { SIGNER_TIMEOUT_MS = 60000 };

/* Owns nothing: key and command are borrowed. */
struct signer {
	/* NULL: sign with key. Else for /bin/sh, whose standard input are the 32 bytes of the
	 * digest, and whose output is the signature. */
	const char *command;
	uint32_t timeout_ms; /* for command; at the end it is killed with all it started */
	int cancel_fd;       /* readable: kill it now; -1: nothing can cancel */
	/* With a command: what its signatures must verify with; NULL: not known here. */
	const struct key *key;
};

struct signer signer_with_key(const struct key *key);
struct signer signer_with_command(const char *command);

/*
 * Signs a SHA-256 digest: r and s, both big-endian (each half is to be reversed for a secure init
 * packet). What a command answers is verified when the key is known. OTADFU_E_CONFIG when the
 * command cannot be run, fails, answers what is no signature, or one of another key;
 * OTADFU_E_TIMEOUT, OTADFU_E_CANCELLED.
 */
int signer_sign(const struct signer *signer, const uint8_t digest[KEY_DIGEST_LEN],
		uint8_t ret_signature[KEY_SIGNATURE_LEN], struct failure *why);

/*
 * The signature in what a command wrote: r and s as 64 bytes, or the DER of ECDSA; either as bytes
 * or as hexadecimal text. OTADFU_E_CONFIG with the reason.
 */
int signer_parse_answer(const uint8_t *answer, size_t len, uint8_t ret_signature[KEY_SIGNATURE_LEN],
			struct failure *why);

#endif
