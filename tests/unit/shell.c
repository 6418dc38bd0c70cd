#include "shell.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>

/* cmocka wants the four above first. */
#include <cmocka.h>

enum { COMMAND_MAX = 2048, WORDS_MAX = 1536 };

static int run(const char *folder, const char *words)
{
	char command[COMMAND_MAX];
	int len = snprintf(command, sizeof(command), "cd '%s' && { %s; } >shell.log 2>&1", folder,
			   words);
	int status;

	assert_in_range(len, 1, sizeof(command) - 1);
	status = system(command);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void show_log(const char *folder)
{
	char command[COMMAND_MAX];

	snprintf(command, sizeof(command), "cat '%s/shell.log' >&2", folder);
	if (system(command) != 0)
		fprintf(stderr, "no output is kept\n");
}

void shell_run(const char *folder, const char *format, ...)
{
	char words[WORDS_MAX];
	va_list args;
	int status;

	va_start(args, format);
	vsnprintf(words, sizeof(words), format, args);
	va_end(args);
	status = run(folder, words);
	if (status == 0)
		return;
	show_log(folder);
	fail_msg("status %d: %s", status, words);
}

int shell_status(const char *folder, const char *format, ...)
{
	char words[WORDS_MAX];
	va_list args;

	va_start(args, format);
	vsnprintf(words, sizeof(words), format, args);
	va_end(args);
	return run(folder, words);
}

bool shell_has(const char *program)
{
	char command[COMMAND_MAX];

	snprintf(command, sizeof(command), "command -v %s >/dev/null", program);
	return system(command) == 0;
}
