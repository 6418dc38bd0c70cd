#include "run.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* cmocka wants some of the above first. */
#include <cmocka.h>

enum { READ_BYTES = 4096, WORDS_MAX = 64 };

extern char **environ;

/* One of the program's streams: our end of it, and what came so far. */
struct stream {
	int fd; /* -1: at its end */
	char *text;
	size_t len;
};

struct run {
	pid_t pid;
	int pid_fd;
	int terminal_fd; /* out.fd; -1: pipes */
	struct stream out, err;
	uint64_t begin_ms;
	uint64_t deadline_ms;
};

const char *run_otadfu_path(void)
{
	const char *path = getenv("OTADFU_PROGRAM");

	return path ? path : OTADFU_PROGRAM;
}

static uint64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000u + (uint64_t)now.tv_nsec / 1000000u;
}

/* --- start --- */

/* Ours, with additions before it: the first of two equal names is the one that counts. */
static char **merge_environment(const char *const *additions)
{
	size_t added = 0, ours = 0;
	char **merged;

	while (additions && additions[added])
		added++;
	while (environ[ours])
		ours++;
	merged = calloc(added + ours + 1, sizeof(*merged));
	assert_non_null(merged);
	if (added)
		memcpy(merged, additions, added * sizeof(*merged));
	memcpy(merged + added, environ, ours * sizeof(*merged));
	return merged;
}

static void open_terminal(struct run *run, unsigned columns, posix_spawn_file_actions_t *actions)
{
	const struct winsize size = { .ws_col = (unsigned short)columns, .ws_row = 24 };
	const char *name;

	run->terminal_fd = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (run->terminal_fd < 0) {
		print_message("skipped: no pseudo-terminals here (is /dev/pts mounted?)\n");
		skip();
	}
	assert_int_equal(grantpt(run->terminal_fd), 0);
	assert_int_equal(unlockpt(run->terminal_fd), 0);
	assert_int_equal(ioctl(run->terminal_fd, TIOCSWINSZ, &size), 0);
	name = ptsname(run->terminal_fd);
	assert_non_null(name);
	/* The first terminal a session leader opens becomes its own, so that Ctrl-C reaches it. */
	posix_spawn_file_actions_addopen(actions, STDIN_FILENO, name, O_RDWR, 0);
	posix_spawn_file_actions_adddup2(actions, STDIN_FILENO, STDOUT_FILENO);
	posix_spawn_file_actions_adddup2(actions, STDIN_FILENO, STDERR_FILENO);
	run->out.fd = run->terminal_fd;
}

/* Returns the program's end, to be closed once it runs. */
static int open_pipe(struct stream *stream, int fd, posix_spawn_file_actions_t *actions)
{
	int ends[2];

	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	posix_spawn_file_actions_adddup2(actions, ends[1], fd);
	stream->fd = ends[0];
	return ends[1];
}

static void choose_attributes(posix_spawnattr_t *attributes)
{
	sigset_t none, all;

	sigemptyset(&none);
	sigfillset(&all);
	posix_spawnattr_init(attributes);
	/* As from a shell, whatever the runner of the tests ignores or blocks. */
	posix_spawnattr_setsigmask(attributes, &none);
	posix_spawnattr_setsigdefault(attributes, &all);
	posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF |
						     POSIX_SPAWN_SETSID);
}

static void spawn(struct run *run, const struct run_settings *settings,
		  const posix_spawn_file_actions_t *actions, const char *const *argv)
{
	char **environment = merge_environment(settings->environment);
	posix_spawnattr_t attributes;
	char *words[WORDS_MAX + 1] = { 0 };
	int error;

	for (size_t i = 0; argv[i]; i++) {
		assert_true(i < WORDS_MAX);
		words[i] = strdup(argv[i]);
	}
	choose_attributes(&attributes);
	error = posix_spawn(&run->pid, words[0], actions, &attributes, words, environment);
	if (error != 0)
		fail_msg("cannot start %s: %s", words[0], strerror(error));
	posix_spawnattr_destroy(&attributes);
	for (size_t i = 0; words[i]; i++)
		free(words[i]);
	free(environment);
}

struct run *run_start(const struct run_settings *settings, const char *const *argv)
{
	static const struct run_settings defaults = { 0 };
	const struct run_settings *use = settings ? settings : &defaults;
	struct run *run = calloc(1, sizeof(*run));
	posix_spawn_file_actions_t actions;
	int out_end = -1, err_end = -1;

	assert_non_null(run);
	run->terminal_fd = run->out.fd = run->err.fd = -1;
	posix_spawn_file_actions_init(&actions);
	if (use->directory)
		posix_spawn_file_actions_addchdir_np(&actions, use->directory);
	if (use->columns > 0) {
		open_terminal(run, use->columns, &actions);
	} else {
		posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
		out_end = open_pipe(&run->out, STDOUT_FILENO, &actions);
		err_end = open_pipe(&run->err, STDERR_FILENO, &actions);
	}
	if (use->stdout_path)
		posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, use->stdout_path,
						 O_WRONLY | O_CREAT | O_TRUNC, 0600);
	if (use->close_stdout) {
		close(run->out.fd);
		run->out.fd = -1;
	}
	run->begin_ms = now_ms();
	run->deadline_ms = run->begin_ms + (use->timeout_ms ? use->timeout_ms : RUN_TIMEOUT_MS);
	spawn(run, use, &actions, argv);
	run->pid_fd = (int)syscall(SYS_pidfd_open, run->pid, 0);
	assert_true(run->pid_fd >= 0);
	posix_spawn_file_actions_destroy(&actions);
	if (out_end >= 0)
		close(out_end);
	if (err_end >= 0)
		close(err_end);
	return run;
}

/* --- watch --- */

static void collect(struct stream *stream)
{
	ssize_t got;

	stream->text = realloc(stream->text, stream->len + READ_BYTES + 1);
	assert_non_null(stream->text);
	got = read(stream->fd, stream->text + stream->len, READ_BYTES);
	/* A terminal says EIO when its last user is gone. */
	if (got <= 0) {
		close(stream->fd);
		stream->fd = -1;
		got = 0;
	}
	stream->len += (size_t)got;
	stream->text[stream->len] = '\0';
}

static const char *text_of(const struct stream *stream)
{
	return stream->text ? stream->text : "";
}

static void give_up(struct run *run, const char *waited_for)
{
	kill(run->pid, SIGKILL);
	waitpid(run->pid, NULL, 0);
	fail_msg("timeout waiting for %s\n--- standard output:\n%s\n--- standard error:\n%s\n",
		 waited_for, text_of(&run->out), text_of(&run->err));
}

static int time_left_ms(const struct run *run)
{
	uint64_t now = now_ms();

	return now < run->deadline_ms ? (int)(run->deadline_ms - now) : 0;
}

/* Takes what comes next; false at the end of both streams. */
static bool collect_next(struct run *run, const char *waited_for)
{
	struct pollfd watched[] = {
		{ .fd = run->out.fd, .events = POLLIN },
		{ .fd = run->err.fd, .events = POLLIN },
	};

	if (run->out.fd < 0 && run->err.fd < 0)
		return false;
	if (poll(watched, 2, time_left_ms(run)) <= 0)
		give_up(run, waited_for);
	if (watched[0].revents)
		collect(&run->out);
	if (watched[1].revents)
		collect(&run->err);
	return true;
}

void run_wait_for(struct run *run, const char *text)
{
	while (!strstr(text_of(&run->out), text)) {
		if (!collect_next(run, text))
			fail_msg("ended without \"%s\"\n--- standard output:\n%s\n"
				 "--- standard error:\n%s\n",
				 text, text_of(&run->out), text_of(&run->err));
	}
}

void run_wait_for_bytes(struct run *run, size_t bytes)
{
	while (run->out.len + run->err.len < bytes && collect_next(run, "so much output"))
		;
}

uint64_t run_elapsed_ms(const struct run *run)
{
	return now_ms() - run->begin_ms;
}

void run_send_signal(struct run *run, int signal)
{
	assert_int_equal(kill(run->pid, signal), 0);
}

void run_type(struct run *run, const char *text)
{
	size_t len = strlen(text);

	assert_int_equal(write(run->terminal_fd, text, len), len);
}

/* --- end --- */

static int wait_for_status(struct run *run)
{
	struct pollfd watched = { .fd = run->pid_fd, .events = POLLIN };
	int status;

	if (poll(&watched, 1, time_left_ms(run)) <= 0)
		give_up(run, "the end of the program");
	assert_int_equal(waitpid(run->pid, &status, 0), run->pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

static char *take_text(struct stream *stream)
{
	char *text = stream->text ? stream->text : strdup("");

	assert_non_null(text);
	return text;
}

struct run_result run_finish(struct run *run)
{
	struct run_result result = { 0 };

	while (collect_next(run, "the end of its output"))
		;
	result.status = wait_for_status(run);
	result.duration_ms = run_elapsed_ms(run);
	result.out = take_text(&run->out);
	result.out_len = run->out.len;
	result.err = take_text(&run->err);
	result.err_len = run->err.len;
	close(run->pid_fd);
	free(run);
	return result;
}

void run_result_clear(struct run_result *result)
{
	free(result->out);
	free(result->err);
	*result = (struct run_result){ 0 };
}

struct run_result run_otadfu_words(const struct run_settings *settings, const char *const *words)
{
	const char *argv[WORDS_MAX + 1] = { run_otadfu_path() };

	for (size_t i = 0; words[i]; i++) {
		assert_true(i + 1 < WORDS_MAX);
		argv[i + 1] = words[i];
	}
	return run_finish(run_start(settings, argv));
}

void assert_contains(const char *text, const char *part)
{
	if (!strstr(text, part))
		fail_msg("no \"%s\" in:\n%s", part, text);
}

void assert_lacks(const char *text, const char *part)
{
	if (strstr(text, part))
		fail_msg("\"%s\" in:\n%s", part, text);
}
