/* One question to the person at the terminal. */
#ifndef OTADFU_CLI_QUESTION_H
#define OTADFU_CLI_QUESTION_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* Somebody can be asked: standard input and standard error are a terminal. */
bool question_can_be_asked(void);

/* True for a yes. Anything else, the end of the input, or cancel_fd becoming readable is a no. */
bool question_ask(const char *text, int cancel_fd);

/*
 * What read(2) says of a line from standard input, and 0 when cancel_fd became readable: Ctrl-C
 * comes through it, and a read that waits would not notice.
 */
ssize_t question_read_line(char *line, size_t size, int cancel_fd);

#endif
