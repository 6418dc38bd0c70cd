#include "terminal.h"

#include "text.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum { DEFAULT_WIDTH = 80, WIDTH_MAX = 1000 };

bool terminal_is_capable(int fd)
{
	const char *kind = getenv("TERM");

	return isatty(fd) && kind && *kind != '\0' && strcmp(kind, "dumb") != 0;
}

unsigned terminal_width(int fd)
{
	const char *columns = getenv("COLUMNS");
	struct winsize size;
	int64_t value;

	if (ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
		return size.ws_col;
	if (columns && text_to_int(columns, &value) && value > 0 && value <= WIDTH_MAX)
		return (unsigned)value;
	return DEFAULT_WIDTH;
}
