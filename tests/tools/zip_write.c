#include "zip_write.h"

#include <zip.h>

static int add_member(zip_t *zip, const struct zip_member *member)
{
	zip_source_t *source = zip_source_buffer(zip, member->data, member->len, 0);
	zip_int64_t index = source ? zip_file_add(zip, member->name, source, 0) : -1;
	zip_int32_t method = member->is_deflated ? ZIP_CM_DEFLATE : ZIP_CM_STORE;

	if (index < 0) {
		zip_source_free(source);
		return -1;
	}
	return zip_set_file_compression(zip, (zip_uint64_t)index, method, 0);
}

int zip_write(const char *path, const struct zip_member *members, size_t count)
{
	zip_t *zip = zip_open(path, ZIP_CREATE | ZIP_TRUNCATE, NULL);

	if (!zip)
		return -1;
	for (size_t i = 0; i < count; i++) {
		if (add_member(zip, &members[i]) < 0) {
			zip_discard(zip);
			return -1;
		}
	}
	if (zip_close(zip) < 0) {
		zip_discard(zip);
		return -1;
	}
	return 0;
}
