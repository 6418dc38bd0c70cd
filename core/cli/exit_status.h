/* What the shell learns (design section 7). */
#ifndef OTADFU_CLI_EXIT_STATUS_H
#define OTADFU_CLI_EXIT_STATUS_H

enum exit_status {
	EXIT_STATUS_DONE = 0,
	EXIT_STATUS_FAILED = 1,  /* the device or the link */
	EXIT_STATUS_USAGE = 2,   /* command line, profile or scenario */
	EXIT_STATUS_REFUSED = 3, /* the package, before anything was written */
	EXIT_STATUS_MACHINE = 4, /* it lacks an adapter, a permission, a plugin */
	EXIT_STATUS_INTERRUPTED = 130,
};

/* For a failure before a session began; a session says its own status. */
int exit_status_of(int code);

#endif
