#include "process.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

enum { TERMINAL_NAME_MAX = 64, TERMINAL_COLUMNS = 4000 };

extern char **environ;

/* What readline, GLib and the C library would take from the operator's surroundings. */
static const char *const settings[] = {
	"TERM=dumb", "COLUMNS=4000", "LC_ALL=C", "INPUTRC=/dev/null", "G_DEBUG=",
};

enum { SETTINGS_COUNT = sizeof(settings) / sizeof(settings[0]) };

/* --- the terminal --- */

/*
 * Without canonical mode no input is lost however much is typed ahead; without echo readline
 * draws nothing but prompts.
 */
static int prepare_terminal(int fd)
{
	const struct winsize size = { .ws_col = TERMINAL_COLUMNS, .ws_row = 24 };
	struct termios mode;

	if (grantpt(fd) < 0 || unlockpt(fd) < 0 || tcgetattr(fd, &mode) < 0)
		return -errno;
	cfmakeraw(&mode);
	if (tcsetattr(fd, TCSANOW, &mode) < 0 || ioctl(fd, TIOCSWINSZ, &size) < 0)
		return -errno;
	return 0;
}

static int open_terminal(char name[TERMINAL_NAME_MAX], int *ret_fd)
{
	int fd = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK);
	int result;

	if (fd < 0)
		return -errno;
	result = prepare_terminal(fd);
	if (result == 0)
		result = -ptsname_r(fd, name, TERMINAL_NAME_MAX);
	if (result < 0) {
		close(fd);
		return result;
	}
	*ret_fd = fd;
	return 0;
}

/* --- the program --- */

static bool is_overridden(const char *variable)
{
	for (size_t i = 0; i < SETTINGS_COUNT; i++) {
		size_t name_len = strcspn(settings[i], "=") + 1;

		if (strncmp(variable, settings[i], name_len) == 0)
			return true;
	}
	return false;
}

/* Ours with the settings; the strings are borrowed. NULL: out of memory. */
static char **make_environment(void)
{
	size_t ours = 0, len = 0;
	char **made;

	while (environ[ours])
		ours++;
	made = calloc(ours + SETTINGS_COUNT + 1, sizeof(*made));
	if (!made)
		return NULL;
	for (size_t i = 0; i < ours; i++) {
		if (!is_overridden(environ[i]))
			made[len++] = environ[i];
	}
	for (size_t i = 0; i < SETTINGS_COUNT; i++)
		made[len++] = (char *)(uintptr_t)settings[i];
	return made;
}

/*
 * The first terminal that a session leader opens becomes its own: should we be killed, the kernel
 * hangs it up, and that ends the program.
 */
static void choose_files(posix_spawn_file_actions_t *actions, const char *terminal)
{
	posix_spawn_file_actions_init(actions);
	posix_spawn_file_actions_addopen(actions, STDIN_FILENO, terminal, O_RDWR, 0);
	posix_spawn_file_actions_adddup2(actions, STDIN_FILENO, STDOUT_FILENO);
	posix_spawn_file_actions_adddup2(actions, STDIN_FILENO, STDERR_FILENO);
	posix_spawn_file_actions_addclosefrom_np(actions, STDERR_FILENO + 1);
}

/* As from a shell, whatever this program ignores or blocks. */
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

static int spawn(const char *path, const char *const *argv, const char *terminal, pid_t *ret_pid)
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	char **environment = make_environment();
	int error;

	if (!environment)
		return -ENOMEM;
	choose_files(&actions, terminal);
	choose_attributes(&attributes);
	error = posix_spawn(ret_pid, path, &actions, &attributes, (char **)(uintptr_t)argv,
			    environment);
	posix_spawnattr_destroy(&attributes);
	posix_spawn_file_actions_destroy(&actions);
	free(environment);
	return -error;
}

int process_start(struct process *process, const char *path, const char *const *argv)
{
	char terminal[TERMINAL_NAME_MAX];
	int fd = -1;
	int result = open_terminal(terminal, &fd);

	if (result < 0)
		return result;
	result = spawn(path, argv, terminal, &process->pid);
	if (result < 0) {
		close(fd);
		return result;
	}
	process->terminal_fd = fd;
	return 0;
}

/* Until the program has let go of its terminal, as it does at its end. */
static void await_hangup(const struct process *process, struct otadfu_ctx *ctx, uint32_t grace_ms)
{
	struct pollfd watched = { .fd = process->terminal_fd, .events = POLLIN };
	uint64_t begin_ms = ctx->host->now_ms(ctx);
	uint64_t passed_ms = 0;
	char unread[4096];

	while (passed_ms < grace_ms && poll(&watched, 1, (int)(grace_ms - passed_ms)) != 0) {
		if (read(process->terminal_fd, unread, sizeof(unread)) < 0 && errno == EIO)
			return;
		passed_ms = ctx->host->now_ms(ctx) - begin_ms;
	}
}

void process_end(struct process *process, struct otadfu_ctx *ctx, const char *farewell,
		 uint32_t grace_ms)
{
	if (farewell && write(process->terminal_fd, farewell, strlen(farewell)) > 0)
		await_hangup(process, ctx, grace_ms);
	kill(process->pid, SIGKILL);
	while (waitpid(process->pid, NULL, 0) < 0 && errno == EINTR)
		;
	close(process->terminal_fd);
}
