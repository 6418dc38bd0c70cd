#include "ecdsa_der.h"

#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <string.h>

static bool take_half(const BIGNUM *number, uint8_t *ret_half)
{
	/* Padding is easily forgotten, and then missed in one signature of 128: section 2.2. */
	return !BN_is_negative(number) &&
	       BN_bn2binpad(number, ret_half, KEY_COORDINATE_LEN) == KEY_COORDINATE_LEN;
}

bool ecdsa_from_der(const uint8_t *der, size_t len, uint8_t ret_signature[KEY_SIGNATURE_LEN])
{
	uint8_t signature[KEY_SIGNATURE_LEN];
	const uint8_t *end = der;
	ECDSA_SIG *pair = len <= ECDSA_DER_MAX ? d2i_ECDSA_SIG(NULL, &end, (long)len) : NULL;
	bool is_good = pair && end == der + len && take_half(ECDSA_SIG_get0_r(pair), signature) &&
		       take_half(ECDSA_SIG_get0_s(pair), signature + KEY_COORDINATE_LEN);

	ECDSA_SIG_free(pair);
	ERR_clear_error();
	if (is_good)
		memcpy(ret_signature, signature, sizeof(signature));
	return is_good;
}

size_t ecdsa_to_der(const uint8_t signature[KEY_SIGNATURE_LEN], uint8_t ret_der[ECDSA_DER_MAX])
{
	ECDSA_SIG *pair = ECDSA_SIG_new();
	BIGNUM *r = BN_bin2bn(signature, KEY_COORDINATE_LEN, NULL);
	BIGNUM *s = BN_bin2bn(signature + KEY_COORDINATE_LEN, KEY_COORDINATE_LEN, NULL);
	int len = 0;

	if (pair && r && s && ECDSA_SIG_set0(pair, r, s) == 1) {
		len = i2d_ECDSA_SIG(pair, &ret_der);
	} else {
		BN_free(r);
		BN_free(s);
	}
	ECDSA_SIG_free(pair);
	return len > 0 ? (size_t)len : 0;
}
