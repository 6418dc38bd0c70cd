/* The passphrase of a key, from the person at the terminal. */
#ifndef OTADFU_CLI_PASSPHRASE_H
#define OTADFU_CLI_PASSPHRASE_H

#include "error.h"

#include <stddef.h>

/*
 * Asks for that of the file name, without showing what is typed. Returns its length: buffer then
 * holds it with a NUL behind, and is for the caller to wipe. OTADFU_E_CONFIG when there is no
 * terminal (question_can_be_asked), OTADFU_E_CANCELLED when cancel_fd became readable or the input
 * ended.
 */
int passphrase_ask(const char *name, int cancel_fd, char *buffer, size_t size, struct failure *why);

#endif
