#include "input_file.h"

#include "cleanup.h"
#include "fuzz.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

void input_file_prepare(struct input_file *file, const char *name)
{
	const char *base = getenv("TMPDIR");

	snprintf(file->dir, sizeof(file->dir), "%s/otadfu-fuzz-XXXXXX", base ? base : "/tmp");
	fuzz_require(mkdtemp(file->dir) != NULL, "a directory can be made");
	snprintf(file->path, sizeof(file->path), "%s/%s", file->dir, name);
}

void input_file_write(const struct input_file *file, const uint8_t *data, size_t size)
{
	AUTO_CLOSE int fd = open(file->path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	fuzz_require(fd >= 0 && write(fd, data, size) == (ssize_t)size, "a file can be written");
}

void input_file_remove(const struct input_file *file)
{
	unlink(file->path);
	rmdir(file->dir);
}
