/* Checksums and signatures, by zlib and OpenSSL. */
#include "secure.h"

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

enum { HALF = SECURE_SIGNATURE_LEN / 2, POINT_UNCOMPRESSED = 0x04, DER_MAX = 80 };

uint32_t secure_crc32(uint32_t crc, const uint8_t *data, size_t len)
{
	return (uint32_t)crc32_z(crc, data, len);
}

/* A chip does not run out of memory; neither may its likeness go on with a wrong digest. */
void secure_sha256(const uint8_t *data, size_t len, uint8_t ret_digest[SECURE_HASH_LEN])
{
	if (!EVP_Digest(data, len, ret_digest, NULL, EVP_sha256(), NULL))
		abort();
}

static EVP_PKEY *make_key(const uint8_t key[SECURE_SIGNATURE_LEN])
{
	uint8_t point[1 + SECURE_SIGNATURE_LEN] = { POINT_UNCOMPRESSED };
	char group[] = "prime256v1";
	OSSL_PARAM params[] = {
		OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, group, 0),
		OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, point, sizeof(point)),
		OSSL_PARAM_construct_end(),
	};
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
	EVP_PKEY *pkey = NULL;

	memcpy(point + 1, key, SECURE_SIGNATURE_LEN);
	if (!ctx || EVP_PKEY_fromdata_init(ctx) <= 0 ||
	    EVP_PKEY_fromdata(ctx, &pkey, EVP_PKEY_PUBLIC_KEY, params) <= 0)
		pkey = NULL;
	EVP_PKEY_CTX_free(ctx);
	return pkey;
}

/* Returns the length, 0 on failure. */
static size_t encode_der(const uint8_t signature[SECURE_SIGNATURE_LEN], uint8_t der[DER_MAX])
{
	ECDSA_SIG *sig = ECDSA_SIG_new();
	BIGNUM *r = BN_lebin2bn(signature, HALF, NULL);
	BIGNUM *s = BN_lebin2bn(signature + HALF, HALF, NULL);
	int len = 0;

	if (sig && r && s && ECDSA_SIG_set0(sig, r, s)) {
		len = i2d_ECDSA_SIG(sig, NULL);
		len = len > 0 && len <= DER_MAX ? i2d_ECDSA_SIG(sig, &der) : 0;
	} else {
		BN_free(r);
		BN_free(s);
	}
	ECDSA_SIG_free(sig);
	return len > 0 ? (size_t)len : 0;
}

bool secure_signature_ok(const uint8_t key[SECURE_SIGNATURE_LEN],
			 const uint8_t digest[SECURE_HASH_LEN],
			 const uint8_t signature[SECURE_SIGNATURE_LEN])
{
	uint8_t der[DER_MAX];
	size_t len = encode_der(signature, der);
	EVP_PKEY *pkey = make_key(key);
	EVP_PKEY_CTX *ctx = pkey ? EVP_PKEY_CTX_new(pkey, NULL) : NULL;
	bool ok = len > 0 && ctx && EVP_PKEY_verify_init(ctx) > 0 &&
		  EVP_PKEY_verify(ctx, der, len, digest, SECURE_HASH_LEN) == 1;

	EVP_PKEY_CTX_free(ctx);
	EVP_PKEY_free(pkey);
	return ok;
}
