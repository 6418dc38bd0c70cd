/* What every fuzz target shares. */
#ifndef OTADFU_TESTS_FUZZ_H
#define OTADFU_TESTS_FUZZ_H

#include "error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The target: called by libFuzzer with what it invents, by corpus.c with the files of a corpus. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Ends the program, naming what should have held; libFuzzer takes that for a crash. */
void fuzz_require(bool holds, const char *what);

/* A refusal is recorded with its own code and says why. */
void fuzz_require_reason(int result, const struct failure *why);

#endif
