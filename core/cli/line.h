/* One line of text for a person. */
#ifndef OTADFU_CLI_LINE_H
#define OTADFU_CLI_LINE_H

#include <stdio.h>

/*
 * Writes the text and a newline, and flushes. It stays one line whatever its parts hold: names come
 * from the air, texts from files.
 */
void line_write(FILE *stream, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
