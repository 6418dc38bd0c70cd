/*
 * measure RUNS PROGRAM [ARGUMENT...]: runs the program that often and prints, over the runs, its
 * least CPU time, its peak memory and the least time to its first output line.
 */
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

struct run {
	double cpu_ms;
	double first_line_ms;
	long peak_kib;
	int status;
};

static double now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

static double milliseconds(const struct timeval *time)
{
	return (double)time->tv_sec * 1e3 + (double)time->tv_usec / 1e3;
}

/* Reads to the end; the time of the first line's end, or 0 when there was none. */
static double drain(int fd)
{
	char buffer[4096];
	double first_ms = 0;
	ssize_t got;

	while ((got = read(fd, buffer, sizeof(buffer))) > 0 || (got < 0 && errno == EINTR)) {
		if (got > 0 && first_ms <= 0 && memchr(buffer, '\n', (size_t)got))
			first_ms = now_ms();
	}
	return first_ms;
}

static int run_once(char **argv, struct run *ret_run)
{
	posix_spawn_file_actions_t actions;
	struct rusage usage;
	double begin_ms, first_ms;
	int ends[2];
	pid_t pid;
	int r;

	if (pipe2(ends, O_CLOEXEC) < 0)
		return -1;
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
	begin_ms = now_ms();
	r = posix_spawnp(&pid, argv[0], &actions, NULL, argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	close(ends[1]);
	if (r != 0) {
		close(ends[0]);
		fprintf(stderr, "measure: %s: %s\n", argv[0], strerror(r));
		return -1;
	}
	first_ms = drain(ends[0]);
	close(ends[0]);
	if (wait4(pid, &ret_run->status, 0, &usage) != pid)
		return -1;
	ret_run->cpu_ms = milliseconds(&usage.ru_utime) + milliseconds(&usage.ru_stime);
	ret_run->first_line_ms = first_ms > 0 ? first_ms - begin_ms : -1;
	ret_run->peak_kib = usage.ru_maxrss;
	return 0;
}

int main(int argc, char **argv)
{
	int runs = argc > 2 ? atoi(argv[1]) : 0;
	struct run best = { .cpu_ms = 1e9, .first_line_ms = 1e9 };

	if (runs < 1) {
		fprintf(stderr, "usage: measure RUNS PROGRAM [ARGUMENT...]\n");
		return 2;
	}
	for (int i = 0; i < runs; i++) {
		struct run run;

		if (run_once(argv + 2, &run) < 0)
			return 1;
		if (!WIFEXITED(run.status) || WEXITSTATUS(run.status) != 0) {
			fprintf(stderr, "measure: the program failed\n");
			return 1;
		}
		best.cpu_ms = run.cpu_ms < best.cpu_ms ? run.cpu_ms : best.cpu_ms;
		best.peak_kib = run.peak_kib > best.peak_kib ? run.peak_kib : best.peak_kib;
		if (run.first_line_ms >= 0 && run.first_line_ms < best.first_line_ms)
			best.first_line_ms = run.first_line_ms;
	}
	printf("cpu_ms %.1f\npeak_mib %.1f\nfirst_line_ms %.1f\n", best.cpu_ms,
	       (double)best.peak_kib / 1024, best.first_line_ms);
	return 0;
}
