#include "private_bus.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PATH_MAX_HERE = 256 };

static const char *const programs[] = { "/usr/bin/dbus-daemon", "/bin/dbus-daemon" };

static const char config[] =
	"<!DOCTYPE busconfig PUBLIC \"-//freedesktop//DTD D-BUS Bus Configuration 1.0//EN\"\n"
	" \"http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd\">\n"
	"<busconfig>\n"
	"  <type>session</type>\n"
	"  <listen>unix:path=%s/bus</listen>\n"
	"  <auth>EXTERNAL</auth>\n"
	"  <servicedir>%s</servicedir>\n"
	"  <policy context=\"default\">\n"
	"    <allow send_destination=\"*\" eavesdrop=\"true\"/>\n"
	"    <allow eavesdrop=\"true\"/>\n"
	"    <allow own=\"*\"/>\n"
	"    %s\n"
	"  </policy>\n"
	"</busconfig>\n";

static const char *find_program(void)
{
	for (size_t i = 0; i < sizeof(programs) / sizeof(programs[0]); i++) {
		if (access(programs[i], X_OK) == 0)
			return programs[i];
	}
	return NULL;
}

bool private_bus_is_possible(void)
{
	return find_program() != NULL;
}

static int write_config(const char *path, const char *folder, const char *rules)
{
	FILE *file = fopen(path, "we");

	if (!file)
		return -1;
	fprintf(file, config, folder, folder, rules);
	return fclose(file);
}

static void become_daemon(const char *folder, int address_fd)
{
	char config_option[PATH_MAX_HERE + 32];
	char address_option[32];
	const char *program = find_program();

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	/* It speaks of limits it may not raise. */
	if (!freopen("/dev/null", "w", stderr))
		_exit(127);
	fcntl(address_fd, F_SETFD, 0);
	snprintf(config_option, sizeof(config_option), "--config-file=%s/bus.conf", folder);
	snprintf(address_option, sizeof(address_option), "--print-address=%d", address_fd);
	execl(program, program, config_option, "--nofork", "--nopidfile", address_option,
	      (char *)NULL);
	_exit(127);
}

/* The daemon prints its address when it listens. */
static int read_address(int fd, char address[PRIVATE_BUS_ADDRESS_MAX])
{
	FILE *file = fdopen(fd, "re");
	bool read = file && fgets(address, PRIVATE_BUS_ADDRESS_MAX, file);

	if (file)
		fclose(file);
	else
		close(fd);
	if (!read)
		return -1;
	address[strcspn(address, "\n")] = '\0';
	return 0;
}

int private_bus_start(struct private_bus *bus, const char *folder, const char *rules)
{
	char path[PATH_MAX_HERE];
	int fds[2];

	*bus = (struct private_bus){ 0 };
	snprintf(path, sizeof(path), "%s/bus.conf", folder);
	if (!find_program() || write_config(path, folder, rules) < 0 || pipe2(fds, O_CLOEXEC) < 0)
		return -1;
	bus->pid = fork();
	if (bus->pid == 0)
		become_daemon(folder, fds[1]);
	close(fds[1]);
	if (bus->pid > 0 && read_address(fds[0], bus->address) == 0)
		return 0;
	private_bus_stop(bus);
	return -1;
}

void private_bus_stop(struct private_bus *bus)
{
	if (bus->pid <= 0)
		return;
	kill(bus->pid, SIGTERM);
	waitpid(bus->pid, NULL, 0);
	bus->pid = 0;
}
