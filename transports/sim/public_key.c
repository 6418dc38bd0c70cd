#include "public_key.h"

#include <errno.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <stdio.h>
#include <string.h>

enum { COORDINATE_LEN = PUBLIC_KEY_LEN / 2 };

static int take_coordinate(const EVP_PKEY *key, const char *name, uint8_t *ret_bytes)
{
	BIGNUM *value = NULL;
	int len = -1;

	if (EVP_PKEY_get_bn_param(key, name, &value))
		len = BN_bn2binpad(value, ret_bytes, COORDINATE_LEN);
	BN_free(value);
	return len == COORDINATE_LEN ? 0 : -1;
}

static int take_point(const EVP_PKEY *key, uint8_t ret_key[PUBLIC_KEY_LEN])
{
	uint8_t point[PUBLIC_KEY_LEN];
	char group[32];

	if (!EVP_PKEY_get_group_name(key, group, sizeof(group), NULL) ||
	    strcmp(group, "prime256v1") != 0)
		return -1;
	if (take_coordinate(key, OSSL_PKEY_PARAM_EC_PUB_X, point) < 0 ||
	    take_coordinate(key, OSSL_PKEY_PARAM_EC_PUB_Y, point + COORDINATE_LEN) < 0)
		return -1;
	memcpy(ret_key, point, sizeof(point));
	return 0;
}

/* Else a file that claims to be encrypted would make the library ask at the terminal. */
static int know_no_passphrase(char *buf, int cap, int writing, void *user)
{
	(void)buf, (void)cap, (void)writing, (void)user;
	return -1;
}

const char *public_key_read(const char *path, uint8_t ret_key[PUBLIC_KEY_LEN])
{
	FILE *file = fopen(path, "re");
	const char *problem = NULL;
	EVP_PKEY *key;

	if (!file)
		return strerror(errno);
	key = PEM_read_PUBKEY(file, NULL, know_no_passphrase, NULL);
	fclose(file);
	if (!key)
		problem = "no public key in PEM form in it";
	else if (take_point(key, ret_key) < 0)
		problem = "its key is not on the curve P-256";
	EVP_PKEY_free(key);
	return problem;
}
