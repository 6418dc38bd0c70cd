#include "command.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int complain(const char *what, const char *about)
{
	fprintf(stderr, "make_package: %s%s%s\n", what, about ? ": " : "", about ? about : "");
	return -1;
}

int parse_number(const char *text, uint32_t fallback, uint32_t max, uint32_t *ret_number)
{
	char *end;
	unsigned long value;

	*ret_number = fallback;
	if (!text)
		return 0;
	errno = 0;
	value = strtoul(text, &end, 0);
	if (errno != 0 || end == text || *end != '\0' || value > max)
		return complain("not a number, or too large", text);
	*ret_number = (uint32_t)value;
	return 0;
}

int write_file(const char *path, const void *data, size_t len)
{
	FILE *file = path ? fopen(path, "we") : NULL;
	size_t written;

	if (!path)
		return 0;
	if (!file)
		return complain(strerror(errno), path);
	written = fwrite(data, 1, len, file);
	if (fclose(file) != 0 || written != len)
		return complain("cannot be written", path);
	return 0;
}
