#include "interrupt.h"

#include "exit_status.h"
#include "terminal.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

struct interrupt {
	int terminal_fd;
	int signal_fd;
	int cancel_fd;
	int quit_fd;
	pthread_t watcher;
};

static _Noreturn void leave_at_once(const struct interrupt *self)
{
	if (self->terminal_fd >= 0)
		dprintf(self->terminal_fd, TERMINAL_CLEAR_LINE);
	_exit(EXIT_STATUS_INTERRUPTED);
}

static void *watch(void *user)
{
	const struct interrupt *self = user;
	struct pollfd watched[] = {
		{ .fd = self->quit_fd, .events = POLLIN },
		{ .fd = self->signal_fd, .events = POLLIN },
	};
	bool asked = false;

	for (;;) {
		struct signalfd_siginfo info;

		if (poll(watched, 2, -1) < 0)
			continue;
		if (watched[0].revents)
			return NULL;
		if (read(self->signal_fd, &info, sizeof(info)) != (ssize_t)sizeof(info))
			continue;
		if (asked)
			leave_at_once(self);
		asked = true;
		eventfd_write(self->cancel_fd, 1);
	}
}

static void choose_signals(sigset_t *ret_signals)
{
	static const int ending[] = { SIGINT, SIGTERM, SIGHUP };

	sigemptyset(ret_signals);
	for (size_t i = 0; i < sizeof(ending) / sizeof(ending[0]); i++) {
		struct sigaction action;

		if (sigaction(ending[i], NULL, &action) == 0 && action.sa_handler != SIG_IGN)
			sigaddset(ret_signals, ending[i]);
	}
}

static void close_descriptors(struct interrupt *self)
{
	const int fds[] = { self->signal_fd, self->cancel_fd, self->quit_fd };

	for (size_t i = 0; i < sizeof(fds) / sizeof(fds[0]); i++) {
		if (fds[i] >= 0)
			close(fds[i]);
	}
}

int interrupt_start(int terminal_fd, struct interrupt **ret_interrupt, struct failure *why)
{
	struct interrupt *self = calloc(1, sizeof(*self));
	sigset_t signals;
	int error;

	if (!self)
		return failure_set(why, OTADFU_E_NOMEM, 0, "out of memory");
	choose_signals(&signals);
	pthread_sigmask(SIG_BLOCK, &signals, NULL);
	self->terminal_fd = terminal_fd;
	self->signal_fd = signalfd(-1, &signals, SFD_CLOEXEC);
	self->cancel_fd = eventfd(0, EFD_CLOEXEC);
	self->quit_fd = eventfd(0, EFD_CLOEXEC);
	error = self->signal_fd < 0 || self->cancel_fd < 0 || self->quit_fd < 0 ? errno : 0;
	if (error == 0)
		error = pthread_create(&self->watcher, NULL, watch, self);
	if (error != 0) {
		close_descriptors(self);
		free(self);
		return failure_set(why, OTADFU_E_IO, error, "cannot watch for Ctrl-C: %s",
				   strerror(error));
	}
	*ret_interrupt = self;
	return OTADFU_OK;
}

int interrupt_cancel_fd(const struct interrupt *interrupt)
{
	return interrupt->cancel_fd;
}

void interrupt_stop(struct interrupt *interrupt)
{
	if (!interrupt)
		return;
	eventfd_write(interrupt->quit_fd, 1);
	pthread_join(interrupt->watcher, NULL);
	close_descriptors(interrupt);
	free(interrupt);
}
