/* One member of a zip file. Whatever goes wrong fails the test that called. */
#ifndef OTADFU_E2E_MEMBER_H
#define OTADFU_E2E_MEMBER_H

#include <stddef.h>

/* All of it. Caller frees. */
void *member_of(const char *zip_path, const char *name, size_t *ret_len);

#endif
