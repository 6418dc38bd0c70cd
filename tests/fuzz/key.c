/* A key file: what is taken for a key is written and read again, and signs what it verifies. */
#include "key.h"
#include "fuzz.h"

#include <string.h>

enum { INPUT_MAX = 16 << 10 };

static void judge(const struct key *key)
{
	uint8_t point[KEY_POINT_LEN], again[KEY_POINT_LEN];
	char text[KEY_PEM_MAX];
	struct key *read = NULL;

	key_get_point(key, point);
	fuzz_require(key_format_pem(key, key_is_private(key), text, NULL) == OTADFU_OK,
		     "a key can be written");
	fuzz_require(key_parse("again", text, strlen(text), NULL, &read, NULL) == OTADFU_OK,
		     "and read again");
	key_get_point(read, again);
	fuzz_require(memcmp(point, again, sizeof(point)) == 0 &&
			     key_is_private(read) == key_is_private(key),
		     "it is the same key");
	key_free(read);
}

static void judge_signing(const struct key *key)
{
	static const uint8_t digest[KEY_DIGEST_LEN] = { 1 };
	uint8_t signature[KEY_SIGNATURE_LEN];
	bool is_signed = key_sign(key, digest, signature, NULL) == OTADFU_OK;

	fuzz_require(is_signed == key_is_private(key), "a private key signs, no other does");
	fuzz_require(!is_signed || key_verifies(key, digest, signature),
		     "its halves belong together");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct failure why = { 0 };
	struct key *key = NULL;
	int r = key_parse("input", (const char *)data, size, NULL, &key, &why);

	if (r < 0) {
		fuzz_require_reason(r, &why);
		return 0;
	}
	fuzz_require(size <= INPUT_MAX, "no key is so long");
	judge(key);
	judge_signing(key);
	key_free(key);
	return 0;
}
