#include "published.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

char *published_path(const char *name)
{
	const char *shared = getenv("OTADFU_SHARED");
	char *path = NULL;

	if (!shared) {
		print_message("skipped: OTADFU_SHARED names no folder with Nordic's packages\n");
		skip();
	}
	assert_true(asprintf(&path, "%s/firmware/%s", shared, name) >= 0);
	return path;
}
