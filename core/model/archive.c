#include "archive.h"

#include "cleanup.h"
#include "file.h"

#include <stdarg.h>
#include <string.h>
#include <zip.h>

struct archive {
	char *path;
	uint8_t *data;
	zip_t *zip; /* reads from data */
};

static int refuse(const struct archive *archive, const char *member, struct failure *why,
		  const char *format, ...) __attribute__((format(printf, 4, 5)));

static int refuse(const struct archive *archive, const char *member, struct failure *why,
		  const char *format, ...)
{
	char reason[FAILURE_TEXT_MAX / 2];
	va_list args;

	va_start(args, format);
	vsnprintf(reason, sizeof(reason), format, args);
	va_end(args);
	return failure_set(why, OTADFU_E_PACKAGE, 0, "%s: %s: %s", archive->path, member, reason);
}

static int open_zip(struct archive *archive, size_t len, struct failure *why)
{
	zip_error_t error;
	zip_source_t *source;
	int r = OTADFU_OK;

	zip_error_init(&error);
	source = zip_source_buffer_create(archive->data, len, 0, &error);
	archive->zip = source ? zip_open_from_source(source, ZIP_RDONLY, &error) : NULL;
	if (!archive->zip) {
		zip_source_free(source);
		r = failure_set(why, OTADFU_E_PACKAGE, 0,
				"%s: not a zip file, or a damaged one: %s", archive->path,
				zip_error_strerror(&error));
	}
	zip_error_fini(&error);
	return r;
}

int archive_open(const char *path, struct archive **ret_archive, struct failure *why)
{
	struct archive *archive = calloc(1, sizeof(*archive));
	size_t len;
	int r;

	if (!archive || !(archive->path = strdup(path))) {
		archive_close(archive);
		return failure_set(why, OTADFU_E_NOMEM, 0, "%s: out of memory", path);
	}
	r = file_read(path, ARCHIVE_MAX, OTADFU_E_PACKAGE, &archive->data, &len, why);
	if (r == OTADFU_OK)
		r = open_zip(archive, len, why);
	if (r < 0) {
		archive_close(archive);
		return r;
	}
	*ret_archive = archive;
	return OTADFU_OK;
}

void archive_close(struct archive *archive)
{
	if (!archive)
		return;
	if (archive->zip)
		zip_discard(archive->zip);
	free(archive->data);
	free(archive->path);
	free(archive);
}

static size_t count_members(const struct archive *archive, const char *member,
			    zip_uint64_t *ret_last)
{
	zip_int64_t entries = zip_get_num_entries(archive->zip, 0);
	size_t found = 0;

	for (zip_int64_t i = 0; i < entries; i++) {
		const char *name = zip_get_name(archive->zip, (zip_uint64_t)i, ZIP_FL_ENC_RAW);

		if (!name || strcmp(name, member) != 0)
			continue;
		*ret_last = (zip_uint64_t)i;
		found++;
	}
	return found;
}

bool archive_holds(const struct archive *archive, const char *member)
{
	zip_uint64_t index;

	return count_members(archive, member, &index) > 0;
}

/* Two members of one name: which of them is meant depends on the reader, so neither is. */
static int find_member(const struct archive *archive, const char *member, zip_uint64_t *ret_index,
		       struct failure *why)
{
	size_t found = count_members(archive, member, ret_index);

	if (found == 0)
		return refuse(archive, member, why, "missing from the zip file");
	if (found > 1)
		return refuse(archive, member, why, "%zu members have this name", found);
	return OTADFU_OK;
}

static int check_member(struct archive *archive, const char *member, zip_uint64_t index, size_t max,
			zip_stat_t *ret_stat, struct failure *why)
{
	static const zip_uint64_t wanted =
		ZIP_STAT_SIZE | ZIP_STAT_COMP_METHOD | ZIP_STAT_ENCRYPTION_METHOD;

	if (zip_stat_index(archive->zip, index, 0, ret_stat) < 0 ||
	    (ret_stat->valid & wanted) != wanted)
		return refuse(archive, member, why, "its directory entry is damaged");
	if (ret_stat->encryption_method != ZIP_EM_NONE)
		return refuse(archive, member, why, "encrypted");
	if (ret_stat->comp_method != ZIP_CM_STORE && ret_stat->comp_method != ZIP_CM_DEFLATE)
		return refuse(archive, member, why,
			      "compressed by method %u; a package is stored or deflated",
			      ret_stat->comp_method);
	if (ret_stat->size > max)
		return refuse(archive, member, why, "%llu bytes long; the limit is %zu",
			      (unsigned long long)ret_stat->size, max);
	return OTADFU_OK;
}

/*
 * Reads to the end of the data, where libzip compares the CRC, but never more than one byte beyond
 * len: that one shows a member that is longer than its directory entry says.
 */
static int read_member(struct archive *archive, const char *member, zip_uint64_t index, size_t len,
		       uint8_t *data, struct failure *why)
{
	zip_file_t *file = zip_fopen_index(archive->zip, index, 0);
	zip_int64_t n;
	size_t got = 0;
	int r = OTADFU_OK;

	if (!file)
		return refuse(archive, member, why, "%s", zip_strerror(archive->zip));
	while ((n = zip_fread(file, data + got, len + 1 - got)) > 0)
		got += (size_t)n;
	if (n < 0)
		r = refuse(archive, member, why, "%s", zip_file_strerror(file));
	else if (got != len)
		r = refuse(archive, member, why, "not as long as its directory entry says (%zu)",
			   len);
	zip_fclose(file);
	return r;
}

int archive_read(struct archive *archive, const char *member, size_t max, uint8_t **ret_data,
		 size_t *ret_len, struct failure *why)
{
	AUTO_FREE uint8_t *data = NULL;
	zip_uint64_t index = 0;
	zip_stat_t stat;
	size_t len;
	int r;

	r = find_member(archive, member, &index, why);
	if (r == OTADFU_OK)
		r = check_member(archive, member, index, max, &stat, why);
	if (r < 0)
		return r;
	len = (size_t)stat.size;
	data = malloc(len + 1);
	if (!data)
		return failure_set(why, OTADFU_E_NOMEM, 0, "%s: out of memory", archive->path);
	r = read_member(archive, member, index, len, data, why);
	if (r < 0)
		return r;
	*ret_data = data;
	*ret_len = len;
	data = NULL;
	return OTADFU_OK;
}
