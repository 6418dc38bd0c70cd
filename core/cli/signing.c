#include "signing.h"

#include "passphrase.h"
#include "text.h"

#include <sys/auxv.h>

enum { SIGNER_SECONDS_MAX = 3600 };

static int ask(void *user, const char *name, char *buffer, size_t size, struct failure *why)
{
	struct context *context = user;
	int r = OTADFU_OK;

	if (!context->interrupt)
		r = interrupt_start(-1, &context->interrupt, why);
	return r < 0 ? r
		     : passphrase_ask(name, interrupt_cancel_fd(context->interrupt), buffer, size,
				      why);
}

static void warn(const struct context *context, const char *path, const struct key *key)
{
	const char *words = key_known_words(key);

	if (key_is_private(key) && key_file_is_exposed(path))
		log_write(context->log, OTADFU_LOG_WARN, NULL, NULL,
			  "%s: others can read this private key: chmod 600", path);
	if (words)
		log_write(context->log, OTADFU_LOG_WARN, NULL, NULL,
			  "%s: THIS IS %s: what is signed with it, everybody can sign; make one of "
			  "your own: otadfu keys make",
			  path, words);
}

int signing_read_key(struct context *context, const char *path, struct key **ret_key,
		     struct failure *why)
{
	const struct key_asker asker = { .ask = ask, .user = context };
	struct key *key;
	int r = key_read(path, &asker, &key, why);

	if (r < 0)
		return r;
	warn(context, path, key);
	*ret_key = key;
	return OTADFU_OK;
}

static int choose_timeout(const struct args *args, uint32_t *timeout_ms, struct failure *why)
{
	const char *text = args_text(args, ARG_SIGNER_TIMEOUT);
	int64_t seconds;

	if (!text)
		return OTADFU_OK;
	if (!text_to_int(text, &seconds) || seconds < 1 || seconds > SIGNER_SECONDS_MAX)
		return failure_set(why, OTADFU_E_CONFIG, 0,
				   "--signer-timeout wants a whole number from 1 to %d, not \"%s\"",
				   SIGNER_SECONDS_MAX, text);
	*timeout_ms = (uint32_t)seconds * 1000;
	return OTADFU_OK;
}

static int use_command(struct context *context, const char *command, struct signing *signing,
		       struct failure *why)
{
	int r = OTADFU_OK;

	/* A command line, or a profile, from somebody with fewer rights. */
	if (getauxval(AT_SECURE) != 0)
		return failure_set(why, OTADFU_E_PERMISSION, 0,
				   "a program with raised privileges (set-user-ID or file "
				   "capabilities) runs no signer");
	signing->signer = signer_with_command(command);
	r = choose_timeout(&context->args, &signing->signer.timeout_ms, why);
	if (r == OTADFU_OK && !context->interrupt)
		r = interrupt_start(-1, &context->interrupt, why);
	if (r < 0)
		return r;
	signing->signer.cancel_fd = interrupt_cancel_fd(context->interrupt);
	signing->signer.key = signing->key;
	return OTADFU_OK;
}

static int use_key(const struct context *context, const char *path, struct signing *signing,
		   struct failure *why)
{
	signing->signer = signer_with_key(signing->key);
	if (!key_is_private(signing->key)) {
		failure_hint(why, "the private key, or --signer for one that is kept elsewhere");
		return failure_set(why, OTADFU_E_CONFIG, 0, "%s: a public key cannot sign", path);
	}
	log_write(context->log, OTADFU_LOG_INFO, NULL, NULL,
		  key_signs_alike(signing->key)
			  ? "%s: the same input gives the same signature"
			  : "%s: each signature is another: OpenSSL before 3.2 draws a random "
			    "number",
		  path);
	return OTADFU_OK;
}

int signing_open(struct context *context, const char *path, const char *command,
		 struct signing *ret_signing, struct failure *why)
{
	struct signing signing = { .is_there = path || command };
	int r = OTADFU_OK;

	if (path)
		r = signing_read_key(context, path, &signing.key, why);
	if (r == OTADFU_OK && command)
		r = use_command(context, command, &signing, why);
	else if (r == OTADFU_OK && path)
		r = use_key(context, path, &signing, why);
	if (r < 0)
		signing_clear(&signing);
	else
		*ret_signing = signing;
	return r;
}

int signing_prepare(struct context *context, struct signing *ret_signing, struct failure *why)
{
	return signing_open(context, args_text(&context->args, ARG_KEY),
			    args_text(&context->args, ARG_SIGNER), ret_signing, why);
}

void signing_clear(struct signing *signing)
{
	key_free(signing->key);
	*signing = (struct signing){ 0 };
}
