#include "signer_command.h"

#include "cleanup.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <sys/wait.h>

/* One command on its way. */
struct run {
	pid_t pid;
	int end_fd;    /* readable when it has ended */
	int answer_fd; /* what it writes */
	int timer_fd;  /* readable when its time is over */
	struct signer_answer answer;
};

static int fail_start(int error, struct failure *why)
{
	return failure_set(why, OTADFU_E_CONFIG, error, "the signer could not be started: %s",
			   strerror(error));
}

/* A pipe has room for the digest: written before anybody reads, it never blocks or breaks. */
static int offer_digest(const uint8_t digest[KEY_DIGEST_LEN], int *ret_fd)
{
	AUTO_CLOSE int write_fd = -1;
	int fds[2];

	if (pipe2(fds, O_CLOEXEC) < 0)
		return -errno;
	write_fd = fds[1];
	if (write(write_fd, digest, KEY_DIGEST_LEN) != KEY_DIGEST_LEN) {
		close(fds[0]);
		return -EIO;
	}
	*ret_fd = fds[0];
	return 0;
}

static int start_timer(uint32_t timeout_ms, int *ret_fd)
{
	const struct itimerspec when = {
		.it_value = { .tv_sec = timeout_ms / 1000,
			      .tv_nsec = (long)(timeout_ms % 1000) * 1000000 },
	};
	int fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);

	if (fd < 0)
		return -errno;
	timerfd_settime(fd, 0, &when, NULL);
	*ret_fd = fd;
	return 0;
}

static void choose_files(posix_spawn_file_actions_t *actions, int in_fd, int out_fd)
{
	posix_spawn_file_actions_init(actions);
	posix_spawn_file_actions_adddup2(actions, in_fd, STDIN_FILENO);
	posix_spawn_file_actions_adddup2(actions, out_fd, STDOUT_FILENO);
	posix_spawn_file_actions_addclosefrom_np(actions, STDERR_FILENO + 1);
}

/* As from a shell, whatever this program ignores or blocks; its own session, to be killed whole. */
static void choose_attributes(posix_spawnattr_t *attributes)
{
	sigset_t none, all;

	sigemptyset(&none);
	sigfillset(&all);
	posix_spawnattr_init(attributes);
	posix_spawnattr_setsigmask(attributes, &none);
	posix_spawnattr_setsigdefault(attributes, &all);
	posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK |
						     POSIX_SPAWN_SETSIGDEF);
}

static int spawn(const char *command, int in_fd, int out_fd, pid_t *ret_pid)
{
	const char *const argv[] = { "sh", "-c", command, NULL };
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	int error;

	choose_files(&actions, in_fd, out_fd);
	choose_attributes(&attributes);
	error = posix_spawn(ret_pid, "/bin/sh", &actions, &attributes, (char **)(uintptr_t)argv,
			    environ);
	posix_spawnattr_destroy(&attributes);
	posix_spawn_file_actions_destroy(&actions);
	return -error;
}

static int spawn_with_pipe(struct run *run, const char *command, int in_fd)
{
	AUTO_CLOSE int write_fd = -1;
	int fds[2];
	int r;

	if (pipe2(fds, O_CLOEXEC) < 0)
		return -errno;
	write_fd = fds[1];
	run->answer_fd = fds[0];
	r = spawn(command, in_fd, write_fd, &run->pid);
	if (r < 0)
		return r;
	run->end_fd = (int)syscall(SYS_pidfd_open, run->pid, 0);
	return run->end_fd < 0 ? -errno : 0;
}

static int start(struct run *run, const struct signer *signer, const uint8_t digest[KEY_DIGEST_LEN],
		 struct failure *why)
{
	AUTO_CLOSE int in_fd = -1;
	int r = offer_digest(digest, &in_fd);

	if (r == 0)
		r = start_timer(signer->timeout_ms, &run->timer_fd);
	if (r == 0)
		r = spawn_with_pipe(run, signer->command, in_fd);
	return r < 0 ? fail_start(-r, why) : OTADFU_OK;
}

/* Returns false at the end of what it writes. */
static bool read_some(struct run *run, int *ret_result, struct failure *why)
{
	struct signer_answer *answer = &run->answer;
	ssize_t n = read(run->answer_fd, answer->bytes + answer->len,
			 sizeof(answer->bytes) - answer->len);

	if (n < 0 && errno == EINTR)
		return true;
	if (n <= 0)
		return false;
	answer->len += (size_t)n;
	if (answer->len > SIGNER_ANSWER_MAX)
		*ret_result = failure_set(why, OTADFU_E_CONFIG, 0,
					  "the signer wrote more than %d bytes: that is no "
					  "signature",
					  SIGNER_ANSWER_MAX);
	return true;
}

/* Until the shell has ended and all it left in the pipe is read. */
static int follow(struct run *run, const struct signer *signer, struct failure *why)
{
	struct pollfd watched[] = {
		{ .fd = signer->cancel_fd, .events = POLLIN },
		{ .fd = run->timer_fd, .events = POLLIN },
		{ .fd = run->answer_fd, .events = POLLIN },
		{ .fd = run->end_fd, .events = POLLIN },
	};
	int r = OTADFU_OK;

	while (r == OTADFU_OK) {
		if (poll(watched, sizeof(watched) / sizeof(watched[0]), -1) < 0)
			continue;
		if (watched[0].revents)
			return failure_set(why, OTADFU_E_CANCELLED, 0, "interrupted");
		if (watched[1].revents)
			return failure_set(why, OTADFU_E_TIMEOUT, 0,
					   "the signer did not end within %u ms, and was killed",
					   signer->timeout_ms);
		if (watched[2].revents && !read_some(run, &r, why))
			watched[2].fd = -1;
		else if (!watched[2].revents && watched[3].revents)
			return OTADFU_OK;
	}
	return r;
}

static int judge_end(int status, struct failure *why)
{
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return OTADFU_OK;
	if (WIFEXITED(status))
		return failure_set(why, OTADFU_E_CONFIG, 0, "the signer failed, with status %d",
				   WEXITSTATUS(status));
	return failure_set(why, OTADFU_E_CONFIG, 0, "the signer was ended by signal %d (%s)",
			   WTERMSIG(status), strsignal(WTERMSIG(status)));
}

/* Until it is waited for its number belongs to it, ended or not. */
static int end(const struct run *run, int result, struct failure *why)
{
	int status = 0;
	pid_t waited;

	if (result < 0)
		kill(-run->pid, SIGKILL);
	do
		waited = waitpid(run->pid, &status, 0);
	while (waited < 0 && errno == EINTR);
	if (result < 0)
		return result;
	if (waited < 0)
		return failure_set(why, OTADFU_E_IO, errno, "how the signer ended is not known");
	return judge_end(status, why);
}

int signer_run_command(const struct signer *signer, const uint8_t digest[KEY_DIGEST_LEN],
		       struct signer_answer *ret_answer, struct failure *why)
{
	struct run run = { .end_fd = -1, .answer_fd = -1, .timer_fd = -1 };
	int r = start(&run, signer, digest, why);

	if (r == OTADFU_OK)
		r = follow(&run, signer, why);
	if (run.pid > 0)
		r = end(&run, r, why);
	cleanup_close(&run.end_fd);
	cleanup_close(&run.answer_fd);
	cleanup_close(&run.timer_fd);
	if (r == OTADFU_OK)
		*ret_answer = run.answer;
	return r;
}
