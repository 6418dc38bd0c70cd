#include "key.h"

#include "ecdsa_der.h"
#include "key_pkey.h"

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/obj_mac.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { GROUP_NAME_MAX = 32, UNCOMPRESSED = 0x04 };

/* OpenSSL 3.2 and later; its header has a name for it only there. */
#define NONCE_TYPE "nonce-type"
enum { NONCE_DETERMINISTIC = 1 };

/* Keys that came with Nordic's tools, private half or not. */
static const struct {
	const char *words;
	uint8_t point[KEY_POINT_LEN];
} known_keys[] = {
	{ "nrfutil's debug key, whose private half everybody has",
	  { 0x68, 0x76, 0x2B, 0x52, 0xEF, 0xE8, 0x14, 0xA2, 0x17, 0x37, 0x8E, 0x7B, 0x18,
	    0x7F, 0xBC, 0x20, 0xEB, 0xAF, 0xE8, 0xE2, 0x0F, 0x05, 0x12, 0xEA, 0xA0, 0x78,
	    0xDA, 0x10, 0xA3, 0x34, 0xC0, 0x8C, 0xC9, 0x67, 0x49, 0x61, 0x7C, 0xEF, 0xC0,
	    0xE7, 0x78, 0x4A, 0x1A, 0x32, 0x84, 0x8D, 0x84, 0xF7, 0x54, 0xD4, 0xD0, 0xDD,
	    0x9A, 0xB5, 0x60, 0x1D, 0xE8, 0xE5, 0x04, 0x90, 0x30, 0xFF, 0xCB, 0x46 } },
	{ "the key of nrfutil's sample package",
	  { 0x37, 0x9F, 0x72, 0x25, 0x0D, 0xD2, 0x2A, 0x1D, 0xA0, 0x1C, 0xDE, 0xAC, 0x58,
	    0xD2, 0xFB, 0x63, 0x94, 0xFC, 0xAF, 0xE7, 0x18, 0xBA, 0xA0, 0x85, 0xA1, 0x60,
	    0x80, 0x22, 0x9F, 0xAE, 0x0C, 0x1B, 0x4A, 0x95, 0xE7, 0x2E, 0xFF, 0xC7, 0x68,
	    0xC9, 0xB5, 0x06, 0xCD, 0x3B, 0xEC, 0xF8, 0x02, 0x82, 0x09, 0x9E, 0x0D, 0x62,
	    0xBE, 0x5D, 0x70, 0x85, 0x44, 0x21, 0x92, 0x0B, 0xF6, 0xC4, 0x00, 0x57 } },
};

enum { KNOWN_KEYS = sizeof(known_keys) / sizeof(known_keys[0]) };

static bool is_on_p256(const EVP_PKEY *pkey)
{
	char group[GROUP_NAME_MAX] = "";

	return EVP_PKEY_is_a(pkey, "EC") &&
	       EVP_PKEY_get_group_name(pkey, group, sizeof(group), NULL) == 1 &&
	       strcmp(group, SN_X9_62_prime256v1) == 0;
}

/* Damage may leave a point off the curve, or a private half that is of another key. */
static bool is_consistent(EVP_PKEY *pkey, bool is_private)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(NULL, pkey, NULL);
	int good = 0;

	if (ctx)
		good = is_private ? EVP_PKEY_check(ctx) : EVP_PKEY_public_check(ctx);
	EVP_PKEY_CTX_free(ctx);
	return good == 1;
}

static bool get_number(const EVP_PKEY *pkey, const char *parameter, uint8_t *ret_bytes)
{
	BIGNUM *number = NULL;
	bool is_there = EVP_PKEY_get_bn_param(pkey, parameter, &number) == 1 &&
			BN_bn2binpad(number, ret_bytes, KEY_COORDINATE_LEN) == KEY_COORDINATE_LEN;

	BN_clear_free(number);
	return is_there;
}

static int check(const char *name, EVP_PKEY *pkey, bool is_private, struct failure *why)
{
	if (!is_on_p256(pkey))
		return failure_set(why, OTADFU_E_CONFIG, 0,
				   "%s: not a key on P-256 (prime256v1), which is all that "
				   "bootloaders use",
				   name);
	if (!is_consistent(pkey, is_private))
		return failure_set(why, OTADFU_E_CONFIG, 0,
				   "%s: a damaged key: its parts do not belong together", name);
	return OTADFU_OK;
}

/* Whatever the file had, it is written as every reader knows it. */
static bool choose_plain_form(EVP_PKEY *pkey)
{
	return EVP_PKEY_set_int_param(pkey, OSSL_PKEY_PARAM_EC_INCLUDE_PUBLIC, 1) == 1 &&
	       EVP_PKEY_set_utf8_string_param(pkey, OSSL_PKEY_PARAM_EC_ENCODING,
					      OSSL_PKEY_EC_ENCODING_GROUP) == 1 &&
	       EVP_PKEY_set_utf8_string_param(pkey, OSSL_PKEY_PARAM_EC_POINT_CONVERSION_FORMAT,
					      OSSL_PKEY_EC_POINT_CONVERSION_FORMAT_UNCOMPRESSED) ==
		       1;
}

static bool take_point(const EVP_PKEY *pkey, uint8_t ret_point[KEY_POINT_LEN])
{
	return get_number(pkey, OSSL_PKEY_PARAM_EC_PUB_X, ret_point) &&
	       get_number(pkey, OSSL_PKEY_PARAM_EC_PUB_Y, ret_point + KEY_COORDINATE_LEN);
}

int key_adopt(const char *name, EVP_PKEY *pkey, bool is_private, struct key **ret_key,
	      struct failure *why)
{
	struct key *key = calloc(1, sizeof(*key));
	int r = key ? check(name, pkey, is_private, why) : OTADFU_E_NOMEM;

	if (r == OTADFU_OK && !(choose_plain_form(pkey) && take_point(pkey, key->point)))
		r = OTADFU_E_NOMEM;
	ERR_clear_error();
	if (r < 0) {
		EVP_PKEY_free(pkey);
		free(key);
		return failure_set(why, r, 0, "%s: out of memory", name);
	}
	key->pkey = pkey;
	key->is_private = is_private;
	*ret_key = key;
	return OTADFU_OK;
}

/* False when X and Y are no point of the curve. */
static bool make_public(const uint8_t point[KEY_POINT_LEN], struct key **ret_key)
{
	char group[] = SN_X9_62_prime256v1;
	uint8_t encoded[1 + KEY_POINT_LEN] = { UNCOMPRESSED };
	OSSL_PARAM params[] = {
		OSSL_PARAM_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, group, sizeof(group) - 1),
		OSSL_PARAM_octet_string(OSSL_PKEY_PARAM_PUB_KEY, encoded, sizeof(encoded)),
		OSSL_PARAM_END,
	};
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
	EVP_PKEY *pkey = NULL;

	memcpy(encoded + 1, point, KEY_POINT_LEN);
	if (ctx && EVP_PKEY_fromdata_init(ctx) == 1)
		EVP_PKEY_fromdata(ctx, &pkey, EVP_PKEY_PUBLIC_KEY, params);
	EVP_PKEY_CTX_free(ctx);
	ERR_clear_error();
	return pkey && key_adopt("point", pkey, false, ret_key, NULL) == OTADFU_OK;
}

int key_make(struct key **ret_key, struct failure *why)
{
	EVP_PKEY *pkey = EVP_EC_gen(SN_X9_62_prime256v1);

	ERR_clear_error();
	if (!pkey)
		return failure_set(why, OTADFU_E_IO, 0, "OpenSSL could not make a key");
	return key_adopt("the new key", pkey, true, ret_key, why);
}

void key_free(struct key *key)
{
	if (!key)
		return;
	EVP_PKEY_free(key->pkey); /* wipes the private half */
	free(key);
}

bool key_is_private(const struct key *key)
{
	return key->is_private;
}

void key_get_point(const struct key *key, uint8_t ret_point[KEY_POINT_LEN])
{
	memcpy(ret_point, key->point, KEY_POINT_LEN);
}

void key_reverse_halves(const uint8_t pair[KEY_POINT_LEN], uint8_t ret_pair[KEY_POINT_LEN])
{
	for (size_t i = 0; i < KEY_COORDINATE_LEN; i++) {
		size_t mirrored = KEY_COORDINATE_LEN - 1 - i;

		ret_pair[i] = pair[mirrored];
		ret_pair[KEY_COORDINATE_LEN + i] = pair[KEY_COORDINATE_LEN + mirrored];
	}
}

static int require_private(const struct key *key, struct failure *why)
{
	if (key->is_private)
		return OTADFU_OK;
	return failure_set(why, OTADFU_E_CONFIG, 0, "a public key: the private one is needed");
}

int key_get_private(const struct key *key, uint8_t ret_private[KEY_PRIVATE_LEN],
		    struct failure *why)
{
	int r = require_private(key, why);

	if (r == OTADFU_OK && !get_number(key->pkey, OSSL_PKEY_PARAM_PRIV_KEY, ret_private))
		r = failure_set(why, OTADFU_E_NOMEM, 0, "out of memory");
	return r;
}

bool key_get_known(size_t index, struct key **ret_key)
{
	return index < KNOWN_KEYS && make_public(known_keys[index].point, ret_key);
}

const char *key_known_words(const struct key *key)
{
	for (size_t i = 0; i < KNOWN_KEYS; i++) {
		if (memcmp(known_keys[i].point, key->point, KEY_POINT_LEN) == 0)
			return known_keys[i].words;
	}
	return NULL;
}

bool key_file_is_exposed(const char *path)
{
	struct stat info;

	return stat(path, &info) == 0 && (info.st_mode & (S_IRGRP | S_IROTH)) != 0;
}

/* A context to sign digests with; NULL: out of memory. */
static EVP_PKEY_CTX *begin_signing(const struct key *key)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(NULL, key->pkey, NULL);

	if (ctx && EVP_PKEY_sign_init(ctx) == 1 &&
	    EVP_PKEY_CTX_set_signature_md(ctx, EVP_sha256()) == 1)
		return ctx;
	EVP_PKEY_CTX_free(ctx);
	return NULL;
}

static bool can_choose_nonce(EVP_PKEY_CTX *ctx)
{
	const OSSL_PARAM *settable = EVP_PKEY_CTX_settable_params(ctx);

	return settable && OSSL_PARAM_locate_const(settable, NONCE_TYPE) != NULL;
}

/* The same input gives the same package, where the library can do that. */
static bool choose_nonce(EVP_PKEY_CTX *ctx)
{
	unsigned type = NONCE_DETERMINISTIC;
	const OSSL_PARAM params[] = {
		OSSL_PARAM_uint(NONCE_TYPE, &type),
		OSSL_PARAM_END,
	};

	return !can_choose_nonce(ctx) || EVP_PKEY_CTX_set_params(ctx, params) == 1;
}

bool key_signs_alike(const struct key *key)
{
	EVP_PKEY_CTX *ctx = begin_signing(key);
	bool is_alike = ctx && can_choose_nonce(ctx);

	EVP_PKEY_CTX_free(ctx);
	ERR_clear_error();
	return is_alike;
}

int key_sign(const struct key *key, const uint8_t digest[KEY_DIGEST_LEN],
	     uint8_t ret_signature[KEY_SIGNATURE_LEN], struct failure *why)
{
	uint8_t der[ECDSA_DER_MAX];
	size_t der_len = sizeof(der);
	int r = require_private(key, why);
	EVP_PKEY_CTX *ctx = r == OTADFU_OK ? begin_signing(key) : NULL;
	bool is_signed = ctx && choose_nonce(ctx) &&
			 EVP_PKEY_sign(ctx, der, &der_len, digest, KEY_DIGEST_LEN) == 1 &&
			 ecdsa_from_der(der, der_len, ret_signature);

	EVP_PKEY_CTX_free(ctx);
	ERR_clear_error();
	if (r == OTADFU_OK && !is_signed)
		r = failure_set(why, OTADFU_E_IO, 0, "OpenSSL could not sign");
	return r;
}

bool key_verifies(const struct key *key, const uint8_t digest[KEY_DIGEST_LEN],
		  const uint8_t signature[KEY_SIGNATURE_LEN])
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(NULL, key->pkey, NULL);
	uint8_t der[ECDSA_DER_MAX];
	size_t der_len = ecdsa_to_der(signature, der);
	bool is_good = ctx && der_len > 0 && EVP_PKEY_verify_init(ctx) == 1 &&
		       EVP_PKEY_CTX_set_signature_md(ctx, EVP_sha256()) == 1 &&
		       EVP_PKEY_verify(ctx, der, der_len, digest, KEY_DIGEST_LEN) == 1;

	EVP_PKEY_CTX_free(ctx);
	ERR_clear_error();
	return is_good;
}
