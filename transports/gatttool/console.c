#include "console.h"

#include "fdwait.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

/* Obeying `exit` takes it 5 ms, 20 in an emulated machine. */
enum { EXIT_GRACE_MS = 60, READ_BYTES = 4096 };

int console_open(struct console *console, const char *path, const char *adapter)
{
	const char *argv[] = { "gatttool", "-I", adapter ? "-i" : NULL, adapter, NULL };

	*console = (struct console){ 0 };
	return process_start(&console->process, path, argv);
}

void console_close(struct console *console, struct otadfu_ctx *ctx)
{
	/* Behind half a line it would end that line, and perhaps send half a value. */
	bool can_type = !console->ended && console->typed_len == 0;

	process_end(&console->process, ctx, can_type ? "exit\n" : NULL, EXIT_GRACE_MS);
}

bool console_type(struct console *console, const char *line, size_t len)
{
	if (len > sizeof(console->typed) - console->typed_len)
		return false;
	memcpy(console->typed + console->typed_len, line, len);
	console->typed_len += len;
	return true;
}

void console_kill(struct console *console, struct otadfu_ctx *ctx)
{
	process_end(&console->process, ctx, NULL, 0);
}

static void flush(struct console *console)
{
	ssize_t written = write(console->process.terminal_fd, console->typed, console->typed_len);

	if (written <= 0)
		return; /* the reading side tells when the program is gone */
	console->typed_len -= (size_t)written;
	memmove(console->typed, console->typed + written, console->typed_len);
}

static void receive(struct console *console, parse_event_fn *on_event, void *user)
{
	uint8_t data[READ_BYTES];
	ssize_t len = read(console->process.terminal_fd, data, sizeof(data));

	if (len > 0)
		parser_feed(&console->parser, data, (size_t)len, on_event, user);
	else if (len == 0 || (errno != EAGAIN && errno != EINTR))
		console->ended = true;
}

int console_step(struct console *console, struct otadfu_ctx *ctx, uint64_t until_ms,
		 parse_event_fn *on_event, void *user)
{
	struct pollfd watched = { .fd = console->process.terminal_fd };
	int result;

	if (console->typed_len > 0)
		flush(console);
	do {
		watched.events = console->typed_len > 0 ? POLLIN | POLLOUT : POLLIN;
		result = fdwait(ctx, &watched, 1, until_ms);
		if (result != OTADFU_OK)
			return result;
		if (watched.revents & POLLOUT)
			flush(console);
	} while (watched.revents == POLLOUT);
	receive(console, on_event, user);
	return OTADFU_OK;
}
