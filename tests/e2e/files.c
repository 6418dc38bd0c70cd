#include "files.h"

#include <errno.h>
#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* cmocka wants some of the above first. */
#include <cmocka.h>

enum { FOLDERS_OPEN = 16 };

char *folder_new(void)
{
	const char *parent = getenv("TMPDIR");
	char *folder;

	assert_true(asprintf(&folder, "%s/otadfu-XXXXXX", parent ? parent : "/tmp") > 0);
	if (!mkdtemp(folder))
		fail_msg("cannot make %s: %s", folder, strerror(errno));
	return folder;
}

static int remove_entry(const char *path, const struct stat *info, int kind, struct FTW *place)
{
	(void)info;
	(void)kind;
	(void)place;
	return remove(path);
}

void folder_remove(char *folder)
{
	if (!folder)
		return;
	assert_int_equal(nftw(folder, remove_entry, FOLDERS_OPEN, FTW_DEPTH | FTW_PHYS), 0);
	free(folder);
}

char *file_path(const char *folder, const char *name)
{
	char *path;

	assert_true(asprintf(&path, "%s/%s", folder, name) > 0);
	return path;
}

char *file_write_bytes(const char *folder, const char *name, const void *data, size_t len)
{
	char *path = file_path(folder, name);
	FILE *file = fopen(path, "we");

	if (!file)
		fail_msg("cannot write %s: %s", path, strerror(errno));
	assert_int_equal(fwrite(data, 1, len, file), len);
	assert_int_equal(fclose(file), 0);
	return path;
}

char *file_write(const char *folder, const char *name, const char *text)
{
	return file_write_bytes(folder, name, text, strlen(text));
}

uint8_t *file_read(const char *path, size_t *ret_len)
{
	FILE *file = fopen(path, "re");
	struct stat info;
	uint8_t *data;
	size_t len;

	if (!file)
		fail_msg("cannot read %s: %s", path, strerror(errno));
	assert_int_equal(fstat(fileno(file), &info), 0);
	len = (size_t)info.st_size;
	data = calloc(1, len + 1);
	assert_non_null(data);
	assert_int_equal(fread(data, 1, len, file), len);
	fclose(file);
	if (ret_len)
		*ret_len = len;
	return data;
}
