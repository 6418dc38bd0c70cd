#include "file.h"

#include "cleanup.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

enum { FIRST_CAPACITY = 64 << 10 };

/* Reads up to max + 1 bytes, so that a longer file shows itself. Returns 0 or an errno. */
static int read_bounded(int fd, size_t max, uint8_t **data, size_t *len)
{
	size_t capacity = 0;

	for (;;) {
		ssize_t n;

		if (*len == capacity) {
			uint8_t *grown;

			capacity = capacity == 0 ? FIRST_CAPACITY : capacity * 2;
			if (capacity > max + 1)
				capacity = max + 1;
			grown = realloc(*data, capacity + 1);
			if (!grown)
				return ENOMEM;
			*data = grown;
		}
		n = read(fd, *data + *len, capacity - *len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return errno;
		*len += (size_t)n;
		if (n == 0 || *len > max)
			return 0;
	}
}

/* A pipe or a device may never end, or never begin: only regular files are read. */
static int open_regular(const char *path, int *ret_fd, struct failure *why)
{
	AUTO_CLOSE int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct stat stat = { 0 };
	int error = fd < 0 || fstat(fd, &stat) < 0 ? errno : 0;

	if (error == 0 && S_ISDIR(stat.st_mode))
		error = EISDIR;
	if (error == 0 && S_ISREG(stat.st_mode)) {
		*ret_fd = fd;
		fd = -1;
		return OTADFU_OK;
	}
	return failure_set(why, OTADFU_E_CONFIG, error, "%s: cannot be read: %s", path,
			   error != 0 ? strerror(error) : "it is not a regular file");
}

int file_read(const char *path, size_t max, int too_large_code, uint8_t **ret_data, size_t *ret_len,
	      struct failure *why)
{
	AUTO_CLOSE int fd = -1;
	AUTO_FREE uint8_t *data = NULL;
	size_t len = 0;
	int r = open_regular(path, &fd, why);
	int error;

	if (r < 0)
		return r;
	error = read_bounded(fd, max, &data, &len);
	if (error == ENOMEM)
		return failure_set(why, OTADFU_E_NOMEM, error, "%s: out of memory", path);
	if (error != 0)
		return failure_set(why, OTADFU_E_CONFIG, error, "%s: cannot be read: %s", path,
				   strerror(error));
	if (len > max)
		return failure_set(why, too_large_code, 0, "%s: longer than %zu bytes", path, max);
	data[len] = '\0';
	*ret_data = data;
	*ret_len = len;
	data = NULL;
	return OTADFU_OK;
}
