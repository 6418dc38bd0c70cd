#include "passphrase.h"

#include "question.h"

#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

static ssize_t ask_unseen(const char *name, char *line, size_t size, int cancel_fd)
{
	struct termios usual, unseen;
	ssize_t len;

	if (tcgetattr(STDIN_FILENO, &usual) < 0)
		return -1;
	/* Ctrl-C comes through cancel_fd, so that the terminal gets its echo back. */
	unseen = usual;
	unseen.c_lflag &= ~(tcflag_t)ECHO;
	/* No other key may end or stop it meanwhile. */
	unseen.c_cc[VQUIT] = _POSIX_VDISABLE;
	unseen.c_cc[VSUSP] = _POSIX_VDISABLE;
	tcsetattr(STDIN_FILENO, TCSAFLUSH, &unseen);
	fprintf(stderr, "Passphrase of %s: ", name);
	len = question_read_line(line, size, cancel_fd);
	fputc('\n', stderr);
	tcsetattr(STDIN_FILENO, TCSAFLUSH, &usual);
	return len;
}

int passphrase_ask(const char *name, int cancel_fd, char *buffer, size_t size, struct failure *why)
{
	ssize_t len;

	if (!question_can_be_asked()) {
		failure_hint(why, "run this at a terminal, or decrypt the key, or sign by a "
				  "--signer that knows how to unlock it");
		return failure_set(
			why, OTADFU_E_CONFIG, 0,
			"%s: an encrypted key, and no terminal to ask for its passphrase", name);
	}
	len = ask_unseen(name, buffer, size - 1, cancel_fd);
	if (len <= 0)
		return failure_set(why, OTADFU_E_CANCELLED, 0, "no passphrase was given");
	buffer[len] = '\0';
	buffer[strcspn(buffer, "\r\n")] = '\0';
	return (int)strlen(buffer);
}
