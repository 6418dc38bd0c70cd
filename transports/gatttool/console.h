/* One gatttool as one talks to it: lines are typed, events come back. */
#ifndef OTADFU_GATTTOOL_CONSOLE_H
#define OTADFU_GATTTOOL_CONSOLE_H

#include "parse.h"
#include "process.h"

enum { CONSOLE_TYPED_MAX = 2048 };

struct console {
	struct process process;
	struct parser parser;
	bool ended; /* the program is gone, or has let go of its terminal */
	size_t typed_len;
	char typed[CONSOLE_TYPED_MAX]; /* not taken by the terminal yet */
};

/* Starts `path -I`, with `-i adapter` unless that is NULL. 0, or a negative errno. */
int console_open(struct console *console, const char *path, const char *adapter);

/* Both end it, and return when it is reaped: console_close within 80 ms, console_kill at once. */
void console_close(struct console *console, struct otadfu_ctx *ctx);
void console_kill(struct console *console, struct otadfu_ctx *ctx);

/* False: no room before console_step has run; nothing is typed then. */
bool console_type(struct console *console, const char *line, size_t len);

/*
 * Types, and reads what there is, once: OTADFU_OK after it read something or found the program
 * gone; OTADFU_E_TIMEOUT at until_ms, OTADFU_E_CANCELLED, OTADFU_E_IO as fdwait.
 */
int console_step(struct console *console, struct otadfu_ctx *ctx, uint64_t until_ms,
		 parse_event_fn *on_event, void *user);

#endif
