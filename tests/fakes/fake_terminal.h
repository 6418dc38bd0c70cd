/* What BlueZ's gatttool makes of its terminal: prompt, echo, colours, redrawing, GLib's warnings.
 */
#ifndef FAKE_TERMINAL_H
#define FAKE_TERMINAL_H

#include <stdbool.h>
#include <stddef.h>

enum { FAKE_LINE_MAX = 4096 };

struct fake_terminal {
	bool echo;                    /* readline draws, as it does where the terminal echoes */
	bool bytes;                   /* each byte is written alone */
	char inserted[FAKE_LINE_MAX]; /* lines for the middle of the next one */
	char address[18];
	bool connected;
	size_t typed_len;
	char typed[FAKE_LINE_MAX];
};

void fake_terminal_open(struct fake_terminal *terminal);

/* The next whole line that was typed; false: there is none yet, or the terminal is gone (*ret_end).
 * Never waits. */
bool fake_terminal_read(struct fake_terminal *terminal, char line[FAKE_LINE_MAX], bool *ret_end);

/* After a line was obeyed. */
void fake_terminal_prompt(const struct fake_terminal *terminal);

/* One line of gatttool's, without its end. */
void fake_terminal_say(struct fake_terminal *terminal, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* The same, in the middle of the next one that is said. */
void fake_terminal_insert(struct fake_terminal *terminal, const char *text);

/* What GLib says when the link goes. */
void fake_terminal_warn(const struct fake_terminal *terminal);

#endif
