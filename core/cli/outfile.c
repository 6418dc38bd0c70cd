#include "outfile.h"

#include "cleanup.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>

static int refuse_existing(const char *path, struct failure *why)
{
	failure_hint(why, "another name, or --overwrite");
	return failure_set(why, OTADFU_E_CONFIG, EEXIST, "%s: there is such a file already", path);
}

int outfile_check(const char *path, bool overwrite, struct failure *why)
{
	struct stat info;

	if (lstat(path, &info) < 0)
		return OTADFU_OK; /* what else may be wrong shows when it is written */
	if (!overwrite)
		return refuse_existing(path, why);
	/* A device or a link would be replaced by the file, not written into. */
	if (!S_ISREG(info.st_mode))
		return failure_set(why, OTADFU_E_CONFIG, 0, "%s: it is no regular file", path);
	return OTADFU_OK;
}

static int fail_write(const char *path, struct failure *why)
{
	int error = errno;

	return failure_set(why, OTADFU_E_IO, error, "%s: cannot be written: %s", path,
			   strerror(error));
}

static bool write_all(int fd, const uint8_t *data, size_t len)
{
	while (len > 0) {
		ssize_t written = write(fd, data, len);

		if (written < 0 && errno == EINTR)
			continue;
		if (written < 0)
			return false;
		data += written;
		len -= (size_t)written;
	}
	return fsync(fd) == 0;
}

static bool create(const char *path, mode_t mode, const void *data, size_t len)
{
	AUTO_CLOSE int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
	int error;

	if (fd < 0)
		return false;
	if (write_all(fd, data, len))
		return true;
	error = errno;
	unlink(path);
	errno = error;
	return false;
}

/* Not every file system knows the flag; there the earlier check has to do. */
static bool publish(const char *temporary, const char *path, bool overwrite)
{
	if (!overwrite) {
		if (renameat2(AT_FDCWD, temporary, AT_FDCWD, path, RENAME_NOREPLACE) == 0)
			return true;
		if (errno != EINVAL)
			return false;
	}
	return rename(temporary, path) == 0;
}

/* In the same folder, where a run that was killed may have left one: a number would come again. */
static char *name_temporary(const char *path)
{
	char *name = NULL;
	uint64_t number = 0;

	if (getrandom(&number, sizeof(number), 0) != sizeof(number) ||
	    asprintf(&name, "%s.%016" PRIx64 ".tmp", path, number) < 0)
		return NULL;
	return name;
}

static int write_file(const char *path, bool overwrite, mode_t mode, const void *data, size_t len,
		      struct failure *why)
{
	AUTO_FREE char *temporary = NULL;
	int r = outfile_check(path, overwrite, why);

	if (r < 0)
		return r;
	temporary = name_temporary(path);
	if (!temporary)
		return failure_set(why, OTADFU_E_NOMEM, 0, "out of memory");
	if (!create(temporary, mode, data, len))
		return fail_write(path, why);
	if (publish(temporary, path, overwrite))
		return OTADFU_OK;
	r = errno == EEXIST ? refuse_existing(path, why) : fail_write(path, why);
	unlink(temporary);
	return r;
}

int outfile_write(const char *path, bool overwrite, const void *data, size_t len,
		  struct failure *why)
{
	return write_file(path, overwrite, 0666, data, len, why);
}

int outfile_write_private(const char *path, bool overwrite, const void *data, size_t len,
			  struct failure *why)
{
	return write_file(path, overwrite, 0600, data, len, why);
}
