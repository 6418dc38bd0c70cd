/* otadfu-peripheral: a simulated device on an HCI controller, for tests and for rehearsals. */
#include "peripheral.h"

#include <errno.h>
#include <otadfu/error.h>
#include <otadfu/host.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

enum { EXIT_DONE = 0, EXIT_LOST = 1, EXIT_USAGE = 2, EXIT_MACHINE = 4 };

static int exit_status_of(int code)
{
	switch (code) {
	case OTADFU_OK:
		return EXIT_DONE;
	case OTADFU_E_CONFIG:
		return EXIT_USAGE;
	case OTADFU_E_UNSUPPORTED:
	case OTADFU_E_NOT_FOUND:
	case OTADFU_E_PERMISSION:
		return EXIT_MACHINE;
	default:
		return EXIT_LOST;
	}
}

static uint64_t clock_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

/* Becomes readable when somebody wants the program to end. */
static int open_signals(void)
{
	sigset_t signals;

	sigemptyset(&signals);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGTERM);
	signal(SIGPIPE, SIG_IGN);
	sigprocmask(SIG_BLOCK, &signals, NULL);
	return signalfd(-1, &signals, SFD_CLOEXEC);
}

static struct timespec time_until(uint64_t due_us)
{
	uint64_t now_us = clock_us();
	uint64_t left_us = due_us > now_us ? due_us - now_us : 0;

	return (struct timespec){ .tv_sec = (time_t)(left_us / 1000000),
				  .tv_nsec = (long)(left_us % 1000000) * 1000 };
}

static int run(struct peripheral *peripheral, int signals, char problem[PERIPHERAL_PROBLEM_MAX])
{
	struct pollfd ready[] = { { .fd = signals, .events = POLLIN },
				  { .fd = peripheral_fd(peripheral) } };
	int r = OTADFU_OK;

	while (r == OTADFU_OK) {
		uint64_t due_us = peripheral_next_us(peripheral);
		struct timespec left = time_until(due_us);

		ready[1].events = peripheral_events(peripheral);
		if (ppoll(ready, 2, due_us == UINT64_MAX ? NULL : &left, NULL) < 0 &&
		    errno != EINTR) {
			snprintf(problem, PERIPHERAL_PROBLEM_MAX, "poll: %s", strerror(errno));
			return OTADFU_E_IO;
		}
		if (ready[0].revents)
			return OTADFU_OK;
		r = peripheral_process(peripheral, clock_us(), problem);
	}
	return r;
}

int main(int argc, char *argv[])
{
	struct journal journal = { .stream = stderr, .level = OTADFU_LOG_INFO };
	char problem[PERIPHERAL_PROBLEM_MAX] = "";
	struct peripheral *peripheral = NULL;
	struct arguments arguments;
	int signals;
	int r = arguments_read(argc, argv, &arguments);

	if (r != ARGUMENTS_GOOD)
		return r;
	journal.level += (int)arguments.verbose;
	signals = open_signals();
	r = peripheral_open(&arguments, &journal, clock_us(), &peripheral, problem);
	if (r == OTADFU_OK)
		r = run(peripheral, signals, problem);
	peripheral_close(peripheral, clock_us());
	if (r == OTADFU_OK)
		journal_line(&journal, OTADFU_LOG_INFO, "stopped");
	else
		fprintf(stderr, "otadfu-peripheral: %s\n", problem);
	close(signals);
	return exit_status_of(r);
}
