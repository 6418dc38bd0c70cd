#include "signer.h"

#include "ecdsa_der.h"
#include "hex.h"
#include "signer_command.h"

#include <ctype.h>
#include <string.h>

/* How many points the curve has: r and s are below that, and not 0 (FIPS 186-4, D.1.2.3). */
static const uint8_t order[KEY_COORDINATE_LEN] = {
	0xFF, 0xFF, 0xFF, 0xFF, 0x00, 0x00, 0x00, 0x00, 0xFF, 0xFF, 0xFF,
	0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xBC, 0xE6, 0xFA, 0xAD, 0xA7, 0x17,
	0x9E, 0x84, 0xF3, 0xB9, 0xCA, 0xC2, 0xFC, 0x63, 0x25, 0x51,
};

struct signer signer_with_key(const struct key *key)
{
	return (struct signer){ .key = key, .cancel_fd = -1 };
}

struct signer signer_with_command(const char *command)
{
	return (struct signer){ .command = command,
				.timeout_ms = SIGNER_TIMEOUT_MS,
				.cancel_fd = -1 };
}

static bool is_in_range(const uint8_t *half)
{
	static const uint8_t zero[KEY_COORDINATE_LEN];

	return memcmp(half, zero, KEY_COORDINATE_LEN) > 0 &&
	       memcmp(half, order, KEY_COORDINATE_LEN) < 0;
}

/* A message of 64 characters, say, or half a signature in hexadecimal. */
static bool is_text(const uint8_t *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (!isprint(bytes[i]) && !isspace(bytes[i]))
			return false;
	}
	return true;
}

static bool take_bytes(const uint8_t *bytes, size_t len, uint8_t ret_signature[KEY_SIGNATURE_LEN])
{
	uint8_t signature[KEY_SIGNATURE_LEN];

	if (len == KEY_SIGNATURE_LEN)
		memcpy(signature, bytes, len);
	else if (!ecdsa_from_der(bytes, len, signature))
		return false;
	if (!is_in_range(signature) || !is_in_range(signature + KEY_COORDINATE_LEN))
		return false;
	memcpy(ret_signature, signature, sizeof(signature));
	return true;
}

/* Digits in pairs, whitespace wherever it stands. Returns how many bytes, 0 for anything else. */
static size_t decode_hex(const uint8_t *text, size_t len, uint8_t ret_bytes[ECDSA_DER_MAX])
{
	size_t count = 0;
	int high = -1;

	for (size_t i = 0; i < len; i++) {
		int digit = hex_digit((char)text[i]);

		if (isspace(text[i]))
			continue;
		if (digit < 0 || count == ECDSA_DER_MAX)
			return 0;
		if (high >= 0)
			ret_bytes[count++] = (uint8_t)(high << 4 | digit);
		high = high >= 0 ? -1 : digit;
	}
	return high >= 0 ? 0 : count;
}

int signer_parse_answer(const uint8_t *answer, size_t len, uint8_t ret_signature[KEY_SIGNATURE_LEN],
			struct failure *why)
{
	uint8_t decoded[ECDSA_DER_MAX];
	size_t decoded_len;
	bool is_taken;

	if (len == 0)
		return failure_set(why, OTADFU_E_CONFIG, 0, "the signer wrote nothing");
	if (is_text(answer, len)) {
		decoded_len = decode_hex(answer, len, decoded);
		is_taken = take_bytes(decoded, decoded_len, ret_signature);
	} else {
		is_taken = take_bytes(answer, len, ret_signature);
	}
	if (is_taken)
		return OTADFU_OK;
	return failure_set(why, OTADFU_E_CONFIG, 0,
			   "the signer wrote %zu bytes that are no P-256 signature", len);
}

static int sign_by_command(const struct signer *signer, const uint8_t digest[KEY_DIGEST_LEN],
			   uint8_t ret_signature[KEY_SIGNATURE_LEN], struct failure *why)
{
	uint8_t signature[KEY_SIGNATURE_LEN];
	struct signer_answer answer;
	int r = signer_run_command(signer, digest, &answer, why);

	if (r == OTADFU_OK)
		r = signer_parse_answer(answer.bytes, answer.len, signature, why);
	if (r == OTADFU_OK && signer->key && !key_verifies(signer->key, digest, signature))
		r = failure_set(why, OTADFU_E_CONFIG, 0,
				"the signer's signature does not verify with the key that was "
				"named: it signs with another, or something else than the digest");
	if (r == OTADFU_E_CONFIG)
		failure_hint(why,
			     "the signer reads 32 bytes, a SHA-256 digest, and writes its "
			     "signature: r and s of 32 bytes each, or DER; hexadecimal will do");
	if (r == OTADFU_OK)
		memcpy(ret_signature, signature, sizeof(signature));
	return r;
}

int signer_sign(const struct signer *signer, const uint8_t digest[KEY_DIGEST_LEN],
		uint8_t ret_signature[KEY_SIGNATURE_LEN], struct failure *why)
{
	if (signer->command)
		return sign_by_command(signer, digest, ret_signature, why);
	return key_sign(signer->key, digest, ret_signature, why);
}
