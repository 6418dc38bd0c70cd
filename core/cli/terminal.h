/* What is known of the terminal a descriptor leads to. */
#ifndef OTADFU_CLI_TERMINAL_H
#define OTADFU_CLI_TERMINAL_H

#include <stdbool.h>

/* Back to the first column, and clear to the end of the line. */
#define TERMINAL_CLEAR_LINE "\r\033[K"

/* A terminal, and one that can clear its line. */
bool terminal_is_capable(int fd);

/* Columns now; COLUMNS, or 80, where the terminal does not tell. */
unsigned terminal_width(int fd);

#endif
