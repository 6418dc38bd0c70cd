/* One run of a command that signs; for signer*.c alone. */
#ifndef OTADFU_MODEL_SIGNER_COMMAND_H
#define OTADFU_MODEL_SIGNER_COMMAND_H

#include "signer.h"

/* Whitespace around hexadecimal text is welcome, within reason. */
enum { SIGNER_ANSWER_MAX = 1024 };

struct signer_answer {
	uint8_t bytes[SIGNER_ANSWER_MAX + 1]; /* one more, so that a longer answer shows itself */
	size_t len;
};

/* What the command wrote, when it ended well. The failures are those of signer_sign. */
int signer_run_command(const struct signer *signer, const uint8_t digest[KEY_DIGEST_LEN],
		       struct signer_answer *ret_answer, struct failure *why);

#endif
