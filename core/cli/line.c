#include "line.h"

#include "text.h"

#include <stdarg.h>

enum { LINE_BYTES = 1024 };

void line_write(FILE *stream, const char *format, ...)
{
	char line[LINE_BYTES];
	va_list args;

	va_start(args, format);
	vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	text_make_printable(line);
	fprintf(stream, "%s\n", line);
	fflush(stream);
}
