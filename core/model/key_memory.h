/*
 * OpenSSL 3.0 leaves copies of a private key in memory that it has freed, and the passphrase on its
 * stack. This wipes both.
 */
#ifndef OTADFU_MODEL_KEY_MEMORY_H
#define OTADFU_MODEL_KEY_MEMORY_H

#include <stdbool.h>

/* From now on all that OpenSSL frees is wiped. False when it was used before: then it is too late.
 */
bool key_memory_protect(void);

/* After a passphrase was asked for: wipes the part of the stack that OpenSSL has just left. */
void key_memory_wipe_dead_stack(void);

#endif
