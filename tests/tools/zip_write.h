/* Zip files as tests want them. */
#ifndef OTADFU_TESTS_ZIP_WRITE_H
#define OTADFU_TESTS_ZIP_WRITE_H

#include <stdbool.h>
#include <stddef.h>

struct zip_member {
	const char *name;
	const void *data;
	size_t len;
	bool is_deflated; /* else stored, as nrfutil does */
};

/* Replaces path. 0, or -1. */
int zip_write(const char *path, const struct zip_member *members, size_t count);

#endif
