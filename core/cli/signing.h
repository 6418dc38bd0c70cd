/* Who signs, as the command line says: --key or --signer, each said aloud where it is unsafe. */
#ifndef OTADFU_CLI_SIGNING_H
#define OTADFU_CLI_SIGNING_H

#include "context.h"
#include "signer.h"

struct signing {
	bool is_there; /* false: neither --key nor --signer was given, and all else is empty */
	struct signer signer;
	struct key *key; /* what signer borrows; may be NULL */
};

/*
 * --key alone: that private key. --signer: that command, held against --key, should that be given
 * too. Asks for the passphrase of an encrypted key at a terminal. Warns of a private key that
 * others can read, and of one that everybody has. Makes Ctrl-C end a signer. Needs signing_clear
 * after success only.
 */
int signing_prepare(struct context *context, struct signing *ret_signing, struct failure *why);

/* The same with names from elsewhere. Either may be NULL. */
int signing_open(struct context *context, const char *key_path, const char *command,
		 struct signing *ret_signing, struct failure *why);

void signing_clear(struct signing *signing);

/* The key of a file, private or public, with the same question and the same warnings. */
int signing_read_key(struct context *context, const char *path, struct key **ret_key,
		     struct failure *why);

#endif
