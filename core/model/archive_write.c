#include "archive_write.h"

#include "cleanup.h"

#include <zip.h>

/* 1980-01-01 00:00, the first that a zip file can state. */
enum { DOS_TIME = 0, DOS_DATE = 0 << 9 | 1 << 5 | 1 };

/* What libzip says of an archive, before it is dropped. */
static int fail(zip_t *zip, struct failure *why)
{
	return failure_set(why, OTADFU_E_NOMEM, 0, "the zip file cannot be made: %s",
			   zip_strerror(zip));
}

static int add_member(zip_t *zip, const struct archive_member *member, struct failure *why)
{
	zip_source_t *source = zip_source_buffer(zip, member->data, member->len, 0);
	zip_int64_t index = source ? zip_file_add(zip, member->name, source, 0) : -1;

	if (index < 0) {
		zip_source_free(source);
		return fail(zip, why);
	}
	if (zip_set_file_compression(zip, (zip_uint64_t)index, ZIP_CM_STORE, 0) < 0 ||
	    zip_file_set_dostime(zip, (zip_uint64_t)index, DOS_TIME, DOS_DATE, 0) < 0)
		return fail(zip, why);
	return OTADFU_OK;
}

/* Members are borrowed until the archive is closed, and source holds it then. */
static int fill(zip_source_t *source, const struct archive_member *members, size_t count,
		struct failure *why)
{
	zip_t *zip = zip_open_from_source(source, ZIP_CREATE | ZIP_TRUNCATE, NULL);
	int r = OTADFU_OK;

	if (!zip)
		return failure_set(why, OTADFU_E_NOMEM, 0, "the zip file cannot be made");
	zip_source_keep(source); /* closing the archive drops a reference */
	for (size_t i = 0; r == OTADFU_OK && i < count; i++)
		r = add_member(zip, &members[i], why);
	if (r == OTADFU_OK && zip_close(zip) == 0)
		return OTADFU_OK;
	r = r < 0 ? r : fail(zip, why);
	zip_discard(zip);
	return r;
}

static int read_all(zip_source_t *source, uint8_t **ret_data, size_t *ret_len, struct failure *why)
{
	AUTO_FREE uint8_t *data = NULL;
	zip_stat_t stat;
	bool whole = false;

	if (zip_source_stat(source, &stat) == 0 && stat.valid & ZIP_STAT_SIZE)
		data = malloc(stat.size);
	if (data && zip_source_open(source) == 0) {
		whole = zip_source_read(source, data, stat.size) == (zip_int64_t)stat.size;
		zip_source_close(source);
	}
	if (!whole)
		return failure_set(why, OTADFU_E_NOMEM, 0, "the zip file cannot be made");
	*ret_data = data;
	*ret_len = stat.size;
	data = NULL;
	return OTADFU_OK;
}

int archive_write(const struct archive_member *members, size_t count, uint8_t **ret_data,
		  size_t *ret_len, struct failure *why)
{
	zip_source_t *source = zip_source_buffer_create(NULL, 0, 0, NULL);
	int r = source ? fill(source, members, count, why)
		       : failure_set(why, OTADFU_E_NOMEM, 0, "out of memory");

	if (r == OTADFU_OK)
		r = read_all(source, ret_data, ret_len, why);
	zip_source_free(source);
	return r;
}
