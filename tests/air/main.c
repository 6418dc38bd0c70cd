#include "arguments.h"
#include "control.h"
#include "ports.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

enum { EXIT_NO_CONTROLLER = 1 };

enum { POLL_SIGNALS, POLL_INPUT, POLL_PORTS, POLLS_MAX = POLL_PORTS + PORT_POLLS_MAX };

/* All of the program's life; too much for a stack. */
struct world {
	struct air air;
	struct ports ports;
	struct control control;
	int signals;
	bool input_ended;
};

static uint64_t clock_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

static int open_signals(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGPIPE); /* who reads our words may leave */
	sigprocmask(SIG_BLOCK, &set, NULL);
	sigdelset(&set, SIGPIPE);
	return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

static void wait_for(struct world *world, struct pollfd *polls, size_t count)
{
	uint64_t due_us = air_next_us(&world->air), now_us = clock_us();
	uint64_t wait_us = due_us > now_us ? due_us - now_us : 0;
	struct timespec wait = { .tv_sec = (time_t)(wait_us / 1000000),
				 .tv_nsec = (long)(wait_us % 1000000 * 1000) };

	if (ppoll(polls, count, due_us == UINT64_MAX ? NULL : &wait, NULL) < 0) {
		for (size_t i = 0; i < count; i++)
			polls[i].revents = 0;
	}
}

static void read_orders(struct world *world)
{
	char text[CONTROL_LINE_MAX];
	ssize_t len = read(STDIN_FILENO, text, sizeof(text));

	if (len > 0)
		control_take(&world->control, &world->air, text, (size_t)len, stdout);
	else
		world->input_ended = len == 0 || (errno != EAGAIN && errno != EINTR);
}

/* What is due comes before what hosts say now. */
static void run_until_signal(struct world *world)
{
	struct pollfd polls[POLLS_MAX];
	size_t count;

	do {
		polls[POLL_SIGNALS] = (struct pollfd){ .fd = world->signals, .events = POLLIN };
		polls[POLL_INPUT] = (struct pollfd){ .fd = world->input_ended ? -1 : STDIN_FILENO,
						     .events = POLLIN };
		count = POLL_PORTS + ports_poll(&world->ports, polls + POLL_PORTS);
		wait_for(world, polls, count);
		air_run(&world->air, clock_us());
		if (polls[POLL_INPUT].revents)
			read_orders(world);
		ports_run(&world->ports, polls + POLL_PORTS);
		ports_flush(&world->ports);
	} while (!polls[POLL_SIGNALS].revents);
}

static int live(const struct arguments *arguments, FILE *log)
{
	struct world *world = calloc(1, sizeof(*world));
	int result = EXIT_NO_CONTROLLER;

	if (!world)
		return result;
	world->signals = open_signals();
	air_open(&world->air, &arguments->options, log, clock_us());
	if (world->signals >= 0 && ports_open(&world->ports, &world->air, arguments) == 0) {
		puts("ready");
		fflush(stdout);
		run_until_signal(world);
		air_report(&world->air, log);
		ports_close(&world->ports);
		result = EXIT_SUCCESS;
	}
	if (world->signals >= 0)
		close(world->signals);
	free(world);
	return result;
}

int main(int argc, char *argv[])
{
	struct arguments arguments;
	FILE *log = stderr;
	int result = arguments_read(argc, argv, &arguments);

	if (result >= 0)
		return result;
	if (arguments.log)
		log = fopen(arguments.log, "ae");
	if (log)
		result = live(&arguments, log);
	else
		fprintf(stderr, "air: %s: %s\n", arguments.log, strerror(errno));
	if (log && log != stderr)
		fclose(log);
	arguments_free(&arguments);
	return result < 0 ? EXIT_NO_CONTROLLER : result;
}
