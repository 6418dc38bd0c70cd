/* What a command that signs wrote: a signature is the same one in every form. */
#include "ecdsa_der.h"
#include "fuzz.h"
#include "signer.h"

#include <stdio.h>
#include <string.h>

static void require_same(const uint8_t *answer, size_t len, const uint8_t *expected)
{
	uint8_t signature[KEY_SIGNATURE_LEN];

	fuzz_require(signer_parse_answer(answer, len, signature, NULL) == OTADFU_OK &&
			     memcmp(signature, expected, sizeof(signature)) == 0,
		     "it is the same signature in another form");
}

static void require_same_as_text(const uint8_t *signature)
{
	char text[2 * KEY_SIGNATURE_LEN + 1];

	for (size_t i = 0; i < KEY_SIGNATURE_LEN; i++)
		snprintf(text + 2 * i, 3, "%02X", signature[i]);
	require_same((const uint8_t *)text, strlen(text), signature);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t signature[KEY_SIGNATURE_LEN] = { 0 };
	uint8_t der[ECDSA_DER_MAX];
	size_t der_len;
	struct failure why = { 0 };
	int r = signer_parse_answer(data, size, signature, &why);

	if (r < 0) {
		fuzz_require_reason(r, &why);
		return 0;
	}
	der_len = ecdsa_to_der(signature, der);
	/* DER so short, one in 2^56, could as well be r and s. */
	if (der_len != KEY_SIGNATURE_LEN)
		require_same(der, der_len, signature);
	require_same_as_text(signature);
	return 0;
}
