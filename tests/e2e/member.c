#include "member.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <zip.h>

#include <cmocka.h>

void *member_of(const char *zip_path, const char *name, size_t *ret_len)
{
	zip_t *zip = zip_open(zip_path, ZIP_RDONLY, NULL);
	zip_stat_t stat;
	zip_file_t *file;
	void *bytes;

	assert_non_null(zip);
	assert_int_equal(zip_stat(zip, name, 0, &stat), 0);
	bytes = malloc(stat.size);
	file = zip_fopen(zip, name, 0);
	assert_non_null(file);
	assert_int_equal(zip_fread(file, bytes, stat.size), stat.size);
	zip_fclose(file);
	zip_close(zip);
	*ret_len = stat.size;
	return bytes;
}
