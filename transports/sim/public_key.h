/* The key a bootloader verifies signatures with. */
#ifndef OTADFU_SIM_PUBLIC_KEY_H
#define OTADFU_SIM_PUBLIC_KEY_H

#include <stdint.h>

enum { PUBLIC_KEY_LEN = 64 };

/*
 * Reads a PEM file that holds a public key on P-256: X then Y, each big endian. NULL on success,
 * else why not; then ret_key is untouched.
 */
const char *public_key_read(const char *path, uint8_t ret_key[PUBLIC_KEY_LEN]);

#endif
