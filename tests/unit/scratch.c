#include "scratch.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* cmocka wants the four above first. */
#include <cmocka.h>

int scratch_setup(void **state)
{
	char *dir = strdup("/tmp/otadfu-test-XXXXXX");

	*state = dir;
	return dir && mkdtemp(dir) ? 0 : -1;
}

int scratch_teardown(void **state)
{
	DIR *dir = opendir(*state);
	struct dirent *entry;

	while (dir && (entry = readdir(dir)) != NULL) {
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			unlinkat(dirfd(dir), entry->d_name, 0);
	}
	if (dir)
		closedir(dir);
	rmdir(*state);
	free(*state);
	return 0;
}

void scratch_path(void *const *state, const char *name, char path[SCRATCH_PATH_MAX])
{
	snprintf(path, SCRATCH_PATH_MAX, "%s/%s", (const char *)*state, name);
}

void scratch_write(void *const *state, const char *name, const void *data, size_t len,
		   char path[SCRATCH_PATH_MAX])
{
	FILE *file;

	scratch_path(state, name, path);
	file = fopen(path, "we");
	assert_non_null(file);
	assert_int_equal(fwrite(data, 1, len, file), len);
	assert_int_equal(fclose(file), 0);
}
