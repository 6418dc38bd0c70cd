#include "cleanup.h"
#include "file.h"
#include "key_memory.h"
#include "key_pkey.h"

#include <openssl/crypto.h>
#include <openssl/encoder.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <string.h>

enum { KEY_FILE_MAX = 16 << 10 };

/* What OpenSSL's question for a passphrase needs to know, and what came of it. */
struct query {
	const struct key_asker *asker; /* NULL: nobody */
	const char *name;
	bool is_asked;
	struct failure reason;
};

static int refuse_encrypted(const char *name, struct failure *why)
{
	failure_hint(why, "decrypt it, or run this at a terminal, which can be asked");
	return failure_set(why, OTADFU_E_CONFIG, 0,
			   "%s: an encrypted key, and nobody to ask for its passphrase", name);
}

/* OpenSSL asks again when the first answer did not help. */
static int give_passphrase(char *buffer, int size, int is_written, void *user)
{
	struct query *query = user;
	int len;

	(void)is_written;
	if (query->is_asked)
		return -1;
	query->is_asked = true;
	if (!query->asker) {
		refuse_encrypted(query->name, &query->reason);
		return -1;
	}
	len = query->asker->ask(query->asker->user, query->name, buffer, (size_t)size,
				&query->reason);
	return len < 0 ? -1 : len;
}

/* Of several OpenSSL would take one, and nobody would know which. A key has its name at both ends.
 */
static int refuse_several(const char *name, const char *text, size_t len, struct failure *why)
{
	static const char mark[] = "KEY-----";
	const char *end = text + len;
	size_t marks = 0;

	for (;;) {
		text = memmem(text, (size_t)(end - text), mark, sizeof(mark) - 1);
		if (!text)
			break;
		text += sizeof(mark) - 1;
		marks++;
	}
	if (marks <= 2)
		return OTADFU_OK;
	failure_hint(why, "a file for each");
	return failure_set(why, OTADFU_E_CONFIG, 0,
			   "%s: holds more than one key, and only one can be meant", name);
}

typedef EVP_PKEY *read_fn(BIO *bio, EVP_PKEY **key, pem_password_cb *callback, void *user);

static EVP_PKEY *read_pem(const char *text, size_t len, read_fn *read, struct query *query)
{
	BIO *bio = BIO_new_mem_buf(text, (int)len);
	EVP_PKEY *pkey = bio ? read(bio, NULL, give_passphrase, query) : NULL;

	BIO_free(bio);
	ERR_clear_error();
	if (query->is_asked)
		key_memory_wipe_dead_stack();
	return pkey;
}

static int refuse_text(const struct query *query, struct failure *why)
{
	const struct failure *reason = &query->reason;

	if (reason->code != OTADFU_OK) {
		failure_hint(why, "%s", reason->hint);
		return failure_set(why, reason->code, reason->detail, "%s", reason->text);
	}
	if (query->is_asked)
		return failure_set(why, OTADFU_E_CONFIG, 0,
				   "%s: that is not its passphrase, or the key is damaged",
				   query->name);
	return failure_set(why, OTADFU_E_CONFIG, 0,
			   "%s: holds no key in PEM (BEGIN PUBLIC KEY, BEGIN PRIVATE KEY or BEGIN "
			   "EC PRIVATE KEY)",
			   query->name);
}

int key_parse(const char *name, const char *text, size_t len, const struct key_asker *asker,
	      struct key **ret_key, struct failure *why)
{
	struct query query = { .asker = asker, .name = name };
	EVP_PKEY *pkey;
	bool is_private;
	int r;

	if (len > KEY_FILE_MAX)
		return failure_set(why, OTADFU_E_CONFIG, 0, "%s: longer than %d bytes", name,
				   KEY_FILE_MAX);
	r = refuse_several(name, text, len, why);
	if (r < 0)
		return r;
	pkey = read_pem(text, len, PEM_read_bio_PrivateKey, &query);
	is_private = pkey != NULL;
	if (!pkey && !query.is_asked)
		pkey = read_pem(text, len, PEM_read_bio_PUBKEY, &query);
	if (!pkey)
		return refuse_text(&query, why);
	return key_adopt(name, pkey, is_private, ret_key, why);
}

static int parse_public(const char *name, const char *text, size_t len, struct key **ret_key,
			struct failure *why)
{
	struct query query = { .name = name };
	EVP_PKEY *pkey;
	int r = refuse_several(name, text, len, why);

	if (r < 0)
		return r;
	pkey = read_pem(text, len, PEM_read_bio_PUBKEY, &query);
	if (pkey)
		return key_adopt(name, pkey, false, ret_key, why);
	failure_hint(why, "the public half of a private key: otadfu keys show");
	return failure_set(why, OTADFU_E_CONFIG, 0,
			   "%s: holds no public key in PEM (BEGIN PUBLIC KEY)", name);
}

int key_read_public(const char *path, struct key **ret_key, struct failure *why)
{
	AUTO_FREE uint8_t *text = NULL;
	size_t len;
	int r = file_read(path, KEY_FILE_MAX, OTADFU_E_CONFIG, &text, &len, why);

	if (r < 0)
		return r;
	r = parse_public(path, (const char *)text, len, ret_key, why);
	OPENSSL_cleanse(text, len); /* it may be the wrong file */
	return r;
}

int key_read(const char *path, const struct key_asker *asker, struct key **ret_key,
	     struct failure *why)
{
	AUTO_FREE uint8_t *text = NULL;
	size_t len;
	int r = file_read(path, KEY_FILE_MAX, OTADFU_E_CONFIG, &text, &len, why);

	if (r < 0)
		return r;
	r = key_parse(path, (const char *)text, len, asker, ret_key, why);
	OPENSSL_cleanse(text, len);
	return r;
}

static bool encode(EVP_PKEY *pkey, bool with_private, unsigned char **ret_text, size_t *ret_len)
{
	OSSL_ENCODER_CTX *ctx =
		OSSL_ENCODER_CTX_new_for_pkey(pkey,
					      with_private ? EVP_PKEY_KEYPAIR : EVP_PKEY_PUBLIC_KEY,
					      "PEM",
					      with_private ? "type-specific"
							   : "SubjectPublicKeyInfo",
					      NULL);
	bool is_done = OSSL_ENCODER_to_data(ctx, ret_text, ret_len) == 1;

	OSSL_ENCODER_CTX_free(ctx);
	ERR_clear_error();
	return is_done;
}

int key_format_pem(const struct key *key, bool with_private, char ret_text[KEY_PEM_MAX],
		   struct failure *why)
{
	unsigned char *text = NULL;
	size_t len = 0;
	int r = OTADFU_OK;

	if (with_private && !key->is_private)
		return failure_set(why, OTADFU_E_CONFIG, 0, "it has no private half");
	if (encode(key->pkey, with_private, &text, &len) && len < KEY_PEM_MAX) {
		memcpy(ret_text, text, len);
		ret_text[len] = '\0';
	} else {
		r = failure_set(why, OTADFU_E_NOMEM, 0, "OpenSSL could not write the key");
	}
	OPENSSL_clear_free(text, len);
	return r;
}
