/* gatttool as a child process on a pseudo-terminal of its own. */
#ifndef OTADFU_GATTTOOL_PROCESS_H
#define OTADFU_GATTTOOL_PROCESS_H

#include <otadfu/host.h>
#include <sys/types.h>

struct process {
	pid_t pid;
	int terminal_fd; /* our end: does not block; EIO once the program is gone */
};

/*
 * Starts the program at path with argv (NULL-terminated, argv[0] the name). The terminal is raw,
 * so wide that no line wraps, and does not echo. 0, or a negative errno.
 */
int process_start(struct process *process, const char *path, const char *const *argv);

/*
 * Types farewell, if not NULL, and gives the program grace_ms to obey; then kills it. It is reaped
 * when this returns.
 */
void process_end(struct process *process, struct otadfu_ctx *ctx, const char *farewell,
		 uint32_t grace_ms);

#endif
