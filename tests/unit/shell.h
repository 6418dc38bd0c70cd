/* The command line as the other party. */
#ifndef OTADFU_TESTS_SHELL_H
#define OTADFU_TESTS_SHELL_H

#include <stdbool.h>

/* Runs a command by /bin/sh in folder; the test fails, showing it, unless it ends with status 0. */
void shell_run(const char *folder, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The same where failing is an answer: its exit status. */
int shell_status(const char *folder, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Is there a program of that name? */
bool shell_has(const char *program);

#endif
