#include "signature.h"

#include "cleanup.h"
#include "file.h"

#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <string.h>

enum { KEY_FILE_MAX = 16 << 10, COORDINATE_LEN = 32, POINT_LEN = 1 + 2 * COORDINATE_LEN };
enum { ECDSA_P256_SHA256 = 0, GROUP_NAME_MAX = 32 };

/* r and s, both big-endian, and what they are said to sign. */
struct signature {
	uint8_t r[COORDINATE_LEN], s[COORDINATE_LEN];
	const uint8_t *content;
	size_t content_len;
};

/* Keys that no product should be signed with; uncompressed points: 04, X, Y. */
static const struct {
	const char *words;
	uint8_t point[POINT_LEN];
} known_keys[] = {
	{ "nrfutil's debug key, whose private half everybody has",
	  { 0x04, 0x68, 0x76, 0x2B, 0x52, 0xEF, 0xE8, 0x14, 0xA2, 0x17, 0x37, 0x8E, 0x7B,
	    0x18, 0x7F, 0xBC, 0x20, 0xEB, 0xAF, 0xE8, 0xE2, 0x0F, 0x05, 0x12, 0xEA, 0xA0,
	    0x78, 0xDA, 0x10, 0xA3, 0x34, 0xC0, 0x8C, 0xC9, 0x67, 0x49, 0x61, 0x7C, 0xEF,
	    0xC0, 0xE7, 0x78, 0x4A, 0x1A, 0x32, 0x84, 0x8D, 0x84, 0xF7, 0x54, 0xD4, 0xD0,
	    0xDD, 0x9A, 0xB5, 0x60, 0x1D, 0xE8, 0xE5, 0x04, 0x90, 0x30, 0xFF, 0xCB, 0x46 } },
	{ "the key of nrfutil's sample package",
	  { 0x04, 0x37, 0x9F, 0x72, 0x25, 0x0D, 0xD2, 0x2A, 0x1D, 0xA0, 0x1C, 0xDE, 0xAC,
	    0x58, 0xD2, 0xFB, 0x63, 0x94, 0xFC, 0xAF, 0xE7, 0x18, 0xBA, 0xA0, 0x85, 0xA1,
	    0x60, 0x80, 0x22, 0x9F, 0xAE, 0x0C, 0x1B, 0x4A, 0x95, 0xE7, 0x2E, 0xFF, 0xC7,
	    0x68, 0xC9, 0xB5, 0x06, 0xCD, 0x3B, 0xEC, 0xF8, 0x02, 0x82, 0x09, 0x9E, 0x0D,
	    0x62, 0xBE, 0x5D, 0x70, 0x85, 0x44, 0x21, 0x92, 0x0B, 0xF6, 0xC4, 0x00, 0x57 } },
};

/* Nobody is asked for the passphrase of a public key. */
static int give_no_passphrase(char *buffer, int size, int is_written, void *user)
{
	(void)buffer;
	(void)size;
	(void)is_written;
	(void)user;
	return -1;
}

static int check_curve(const EVP_PKEY *key, const char *path, struct failure *why)
{
	char group[GROUP_NAME_MAX] = "";

	if (EVP_PKEY_is_a(key, "EC") &&
	    EVP_PKEY_get_group_name(key, group, sizeof(group), NULL) == 1 &&
	    strcmp(group, SN_X9_62_prime256v1) == 0)
		return OTADFU_OK;
	return failure_set(why, OTADFU_E_CONFIG, 0,
			   "%s: not a key on P-256 (prime256v1), which is all that bootloaders use",
			   path);
}

int signature_read_key(const char *path, EVP_PKEY **ret_key, struct failure *why)
{
	AUTO_FREE uint8_t *text = NULL;
	EVP_PKEY *key = NULL;
	BIO *bio;
	size_t len;
	int r = file_read(path, KEY_FILE_MAX, OTADFU_E_CONFIG, &text, &len, why);

	if (r < 0)
		return r;
	bio = BIO_new_mem_buf(text, (int)len);
	if (bio)
		key = PEM_read_bio_PUBKEY(bio, NULL, give_no_passphrase, NULL);
	BIO_free(bio);
	ERR_clear_error();
	if (!key)
		return failure_set(why, OTADFU_E_CONFIG, 0,
				   "%s: holds no public key in PEM (BEGIN PUBLIC KEY)", path);
	r = check_curve(key, path, why);
	if (r < 0)
		EVP_PKEY_free(key);
	else
		*ret_key = key;
	return r;
}

static EVP_PKEY *make_key(const uint8_t point[POINT_LEN])
{
	char group[] = SN_X9_62_prime256v1;
	uint8_t copy[POINT_LEN];
	OSSL_PARAM params[] = {
		OSSL_PARAM_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, group, sizeof(group) - 1),
		OSSL_PARAM_octet_string(OSSL_PKEY_PARAM_PUB_KEY, copy, sizeof(copy)),
		OSSL_PARAM_END,
	};
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
	EVP_PKEY *key = NULL;

	memcpy(copy, point, sizeof(copy));
	if (ctx && EVP_PKEY_fromdata_init(ctx) == 1)
		EVP_PKEY_fromdata(ctx, &key, EVP_PKEY_PUBLIC_KEY, params);
	EVP_PKEY_CTX_free(ctx);
	return key;
}

static void copy_reversed(uint8_t *to, const uint8_t *from)
{
	for (size_t i = 0; i < COORDINATE_LEN; i++)
		to[i] = from[COORDINATE_LEN - 1 - i];
}

/* packages-and-init-packets.md 2.2: over the bytes as received; each half is little-endian. */
static bool take_secure(const struct initpacket_secure *secure, struct signature *signature)
{
	if (!secure->is_signed || secure->signature_type != ECDSA_P256_SHA256)
		return false;
	copy_reversed(signature->r, secure->signature);
	copy_reversed(signature->s, secure->signature + COORDINATE_LEN);
	signature->content = secure->init_command;
	signature->content_len = secure->init_command_len;
	return true;
}

/* legacy-dfu.md 6, format 0.8: over all bytes before it, big-endian. */
static bool take_legacy(const struct initpacket_legacy *legacy, const uint8_t *dat, size_t len,
			struct signature *signature)
{
	if (!legacy->has_signature)
		return false;
	memcpy(signature->r, legacy->signature, COORDINATE_LEN);
	memcpy(signature->s, legacy->signature + COORDINATE_LEN, COORDINATE_LEN);
	signature->content = dat;
	signature->content_len = len - INITPACKET_SIGNATURE_LEN;
	return true;
}

/* OpenSSL takes DER. Returns its length, or 0; *ret_der is freed with OPENSSL_free. */
static size_t encode_der(const struct signature *signature, uint8_t **ret_der)
{
	ECDSA_SIG *pair = ECDSA_SIG_new();
	BIGNUM *r = BN_bin2bn(signature->r, COORDINATE_LEN, NULL);
	BIGNUM *s = BN_bin2bn(signature->s, COORDINATE_LEN, NULL);
	int len = 0;

	if (pair && r && s && ECDSA_SIG_set0(pair, r, s) == 1) {
		len = i2d_ECDSA_SIG(pair, ret_der);
	} else {
		BN_free(r);
		BN_free(s);
	}
	ECDSA_SIG_free(pair);
	return len > 0 ? (size_t)len : 0;
}

static bool verify(const struct signature *signature, EVP_PKEY *key)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	uint8_t *der = NULL;
	size_t der_len = encode_der(signature, &der);
	bool good = false;

	if (ctx && der_len > 0 && EVP_DigestVerifyInit(ctx, NULL, EVP_sha256(), NULL, key) == 1)
		good = EVP_DigestVerify(ctx, der, der_len, signature->content,
					signature->content_len) == 1;
	OPENSSL_free(der);
	EVP_MD_CTX_free(ctx);
	ERR_clear_error();
	return good;
}

bool signature_is_there(const struct initpacket *init)
{
	return init->kind == INITPACKET_SECURE ? init->secure.is_signed
					       : init->legacy.has_signature;
}

bool signature_verifies(const struct initpacket *init, const uint8_t *dat, size_t len,
			EVP_PKEY *key)
{
	struct signature signature;
	bool is_taken = init->kind == INITPACKET_SECURE
				? take_secure(&init->secure, &signature)
				: take_legacy(&init->legacy, dat, len, &signature);

	return is_taken && verify(&signature, key);
}

const char *signature_known_signer(const struct initpacket *init, const uint8_t *dat, size_t len)
{
	const char *words = NULL;

	for (size_t i = 0; !words && i < sizeof(known_keys) / sizeof(known_keys[0]); i++) {
		EVP_PKEY *key = make_key(known_keys[i].point);

		if (key && signature_verifies(init, dat, len, key))
			words = known_keys[i].words;
		EVP_PKEY_free(key);
	}
	return words;
}
