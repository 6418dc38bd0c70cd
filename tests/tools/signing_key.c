#include "signing_key.h"

#include <fcntl.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <stdio.h>
#include <unistd.h>

enum { COORDINATE_LEN = 32, DER_MAX = 80 };

EVP_PKEY *signing_key_generate(void)
{
	return EVP_EC_gen("P-256");
}

EVP_PKEY *signing_key_read(const char *path)
{
	FILE *file = fopen(path, "re");
	EVP_PKEY *key = file ? PEM_read_PrivateKey(file, NULL, NULL, NULL) : NULL;

	if (file)
		fclose(file);
	return key;
}

int signing_key_write_private(EVP_PKEY *key, const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	FILE *file = fd >= 0 ? fdopen(fd, "w") : NULL;
	int written;

	if (!file)
		return -1;
	written = PEM_write_PrivateKey(file, key, NULL, NULL, 0, NULL, NULL);
	return fclose(file) == 0 && written == 1 ? 0 : -1;
}

int signing_key_write_public(EVP_PKEY *key, const char *path)
{
	FILE *file = fopen(path, "we");
	int written;

	if (!file)
		return -1;
	written = PEM_write_PUBKEY(file, key);
	return fclose(file) == 0 && written == 1 ? 0 : -1;
}

/* DER drops leading zeros, the signature in a package keeps them. */
static int split_der(const uint8_t *der, size_t len, uint8_t signature[2 * COORDINATE_LEN])
{
	ECDSA_SIG *parsed = d2i_ECDSA_SIG(NULL, &der, (long)len);
	int r = -1;

	if (parsed && BN_bn2binpad(ECDSA_SIG_get0_r(parsed), signature, COORDINATE_LEN) > 0 &&
	    BN_bn2binpad(ECDSA_SIG_get0_s(parsed), signature + COORDINATE_LEN, COORDINATE_LEN) > 0)
		r = 0;
	ECDSA_SIG_free(parsed);
	return r;
}

int signing_key_sign(EVP_PKEY *key, const uint8_t *data, size_t len, uint8_t ret_signature[64])
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	uint8_t der[DER_MAX];
	size_t der_len = sizeof(der);
	int r = -1;

	if (ctx && EVP_DigestSignInit(ctx, NULL, EVP_sha256(), NULL, key) == 1 &&
	    EVP_DigestSign(ctx, der, &der_len, data, len) == 1)
		r = split_der(der, der_len, ret_signature);
	EVP_MD_CTX_free(ctx);
	return r;
}
