#include "fake_terminal.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

static void put(const struct fake_terminal *terminal, const char *text, size_t len)
{
	size_t step = terminal->bytes ? 1 : len;

	for (size_t at = 0; at < len;) {
		ssize_t written =
			write(STDOUT_FILENO, text + at, len - at < step ? len - at : step);

		if (written < 0 && errno != EINTR)
			return;
		at += written > 0 ? (size_t)written : 0;
		if (terminal->bytes)
			nanosleep(&(struct timespec){ .tv_nsec = 20000 }, NULL);
	}
}

static void put_text(const struct fake_terminal *terminal, const char *text)
{
	put(terminal, text, strlen(text));
}

/* readline takes the terminal over: it draws itself, or not at all. */
void fake_terminal_open(struct fake_terminal *terminal)
{
	struct termios mode;

	if (tcgetattr(STDIN_FILENO, &mode) < 0)
		return;
	terminal->echo |= (mode.c_lflag & ECHO) != 0;
	mode.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
	mode.c_iflag &= ~(tcflag_t)(ICRNL | INLCR);
	tcsetattr(STDIN_FILENO, TCSADRAIN, &mode);
	fake_terminal_prompt(terminal);
}

static void fill(struct fake_terminal *terminal, bool *ret_end)
{
	struct pollfd input = { .fd = STDIN_FILENO, .events = POLLIN };
	ssize_t len;

	while (terminal->typed_len < FAKE_LINE_MAX && poll(&input, 1, 0) > 0) {
		len = read(STDIN_FILENO, terminal->typed + terminal->typed_len,
			   FAKE_LINE_MAX - terminal->typed_len);
		if (len <= 0) {
			*ret_end = true;
			return;
		}
		terminal->typed_len += (size_t)len;
	}
}

bool fake_terminal_read(struct fake_terminal *terminal, char line[FAKE_LINE_MAX], bool *ret_end)
{
	char *end;
	size_t len;

	fill(terminal, ret_end);
	end = memchr(terminal->typed, '\n', terminal->typed_len);
	if (!end)
		return false;
	len = (size_t)(end - terminal->typed);
	memcpy(line, terminal->typed, len);
	line[len] = '\0';
	terminal->typed_len -= len + 1;
	memmove(terminal->typed, end + 1, terminal->typed_len);
	if (terminal->echo) {
		put_text(terminal, line);
		put_text(terminal, "\r\n");
	}
	return true;
}

void fake_terminal_prompt(const struct fake_terminal *terminal)
{
	char prompt[64];

	snprintf(prompt, sizeof(prompt), "%s[%17s]%s[LE]> ",
		 terminal->connected ? "\x1b[0;94m" : "", terminal->address,
		 terminal->connected ? "\x1b[0m" : "");
	put_text(terminal, prompt);
}

/* readline takes its line away for what is said, and draws it again below. */
static void hide_prompt(const struct fake_terminal *terminal)
{
	char blank[64];

	snprintf(blank, sizeof(blank), "\r%*s\r", terminal->connected ? 36 : 25, "");
	put_text(terminal, blank);
}

static void put_line(const struct fake_terminal *terminal, const char *text)
{
	if (terminal->echo)
		hide_prompt(terminal);
	put_text(terminal, text);
	put_text(terminal, "\r\n");
	if (terminal->echo)
		fake_terminal_prompt(terminal);
}

void fake_terminal_say(struct fake_terminal *terminal, const char *format, ...)
{
	char text[FAKE_LINE_MAX];
	char first[FAKE_LINE_MAX * 2];
	size_t half;
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	if (terminal->inserted[0] == '\0') {
		put_line(terminal, text);
		return;
	}
	half = strlen(text) / 2;
	snprintf(first, sizeof(first), "%.*s%s%s", (int)half, text, terminal->inserted,
		 text + half);
	terminal->inserted[0] = '\0';
	put_line(terminal, first);
}

void fake_terminal_insert(struct fake_terminal *terminal, const char *text)
{
	size_t len = strlen(terminal->inserted);

	snprintf(terminal->inserted + len, sizeof(terminal->inserted) - len, "%s\n", text);
}

void fake_terminal_warn(const struct fake_terminal *terminal)
{
	char text[128];

	snprintf(text, sizeof(text),
		 "\n(gatttool:%d): GLib-\x1b[1;33mWARNING\x1b[0m **: \x1b[34m12:00:00.000\x1b[0m: "
		 "Invalid file descriptor.\n",
		 (int)getpid());
	put_text(terminal, text);
}
