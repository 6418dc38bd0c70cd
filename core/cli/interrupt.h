/*
 * Ctrl-C: SIGINT, SIGTERM and SIGHUP as a descriptor that everything which waits can watch.
 * The first signal asks for an orderly end, the second ends the process at once.
 */
#ifndef OTADFU_CLI_INTERRUPT_H
#define OTADFU_CLI_INTERRUPT_H

#include "error.h"

struct interrupt;

/*
 * Call before any other thread exists: the signals are blocked in this thread and so in all it
 * starts, and stay so for the rest of the process. A signal that was ignored when the program
 * started (nohup) stays ignored. terminal_fd: where a line may be half drawn when the second
 * signal comes; -1: nowhere.
 */
int interrupt_start(int terminal_fd, struct interrupt **ret_interrupt, struct failure *why);

/* Readable from the first signal on. Never read or close it. */
int interrupt_cancel_fd(const struct interrupt *interrupt);

/* Ends the watching. NULL is accepted. */
void interrupt_stop(struct interrupt *interrupt);

#endif
