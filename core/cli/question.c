#include "question.h"

#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { ANSWER_MAX = 16 };

bool question_can_be_asked(void)
{
	return isatty(STDIN_FILENO) && isatty(STDERR_FILENO);
}

ssize_t question_read_line(char *line, size_t size, int cancel_fd)
{
	struct pollfd watched[] = {
		{ .fd = cancel_fd, .events = POLLIN },
		{ .fd = STDIN_FILENO, .events = POLLIN },
	};

	while (poll(watched, 2, -1) < 0)
		continue;
	return watched[0].revents ? 0 : read(STDIN_FILENO, line, size);
}

bool question_ask(const char *text, int cancel_fd)
{
	char answer[ANSWER_MAX] = "";
	ssize_t len;

	fprintf(stderr, "%s [y/N] ", text);
	len = question_read_line(answer, sizeof(answer) - 1, cancel_fd);
	/* The terminal has written the end of the line; nobody else does. */
	if (len <= 0)
		fputc('\n', stderr);
	answer[strcspn(answer, "\r\n")] = '\0';
	return strcasecmp(answer, "y") == 0 || strcasecmp(answer, "yes") == 0;
}
