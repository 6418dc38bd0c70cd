/* The packages that Nordic published, beside the checkout for those who develop otadfu. */
#ifndef OTADFU_E2E_PUBLISHED_H
#define OTADFU_E2E_PUBLISHED_H

/* Skips the test that calls where they are not, as with all users. Caller frees. */
char *published_path(const char *name);

#endif
