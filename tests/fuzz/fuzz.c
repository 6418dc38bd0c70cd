#include "fuzz.h"

#include <stdio.h>
#include <stdlib.h>

/* Not assert(): the tests are built with NDEBUG too. */
void fuzz_require(bool holds, const char *what)
{
	if (holds)
		return;
	fprintf(stderr, "does not hold: %s\n", what);
	abort();
}

void fuzz_require_reason(int result, const struct failure *why)
{
	fuzz_require(result < 0, "a result is 0 or an error");
	fuzz_require(why->code == result, "the recorded code is the one returned");
	fuzz_require(why->text[0] != '\0', "a refusal says why");
}
