#include "rehearsal.h"

#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#define BTVIRT        "/usr/bin/btvirt"
#define BTVIRT_SOCKET "/tmp/bt-server-le" /* it knows no other */

enum { FOREVER_MS = 900000, STEP_MS = 10, STEPS_MAX = 3000 };

int rehearsal_setup(void **state)
{
	struct rehearsal *rehearsal = calloc(1, sizeof(*rehearsal));

	if (!rehearsal)
		return -1;
	rehearsal->plan = *state;
	*state = rehearsal;
	return 0;
}

void rehearsal_on_air(struct rehearsal *rehearsal, const char *device)
{
	static const struct run_settings settings = { .timeout_ms = FOREVER_MS };
	char *log, *path;

	rehearsal->sim = sim_new(device, NULL);
	log = file_path(rehearsal->sim.folder, "air.log");
	path = file_path(rehearsal->sim.folder, "air");
	assert_true(asprintf(&rehearsal->endpoint, "unix:%s", path) > 0);
	rehearsal->radio = run_start(&settings, (const char *const[]){ AIR, "--log", log,
								       rehearsal->endpoint, NULL });
	run_wait_for(rehearsal->radio, "ready");
	free(path);
	free(log);
}

static void pause_a_step(void)
{
	const struct timespec step = { .tv_nsec = STEP_MS * 1000000L };

	nanosleep(&step, NULL);
}

static bool is_served(void)
{
	const struct sockaddr_un address = { .sun_family = AF_UNIX, .sun_path = BTVIRT_SOCKET };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	bool served = connect(fd, (const struct sockaddr *)&address, sizeof(address)) == 0;

	close(fd);
	return served;
}

void rehearsal_on_btvirt(struct rehearsal *rehearsal, const char *device)
{
	static const char *const preload[] = { "LD_PRELOAD=" NO_ALG, NULL };
	static const struct run_settings settings = { .environment = preload,
						      .timeout_ms = FOREVER_MS };

	if (access(BTVIRT, X_OK) != 0) {
		print_message("skipped: there is no " BTVIRT "\n");
		skip();
	}
	if (is_served()) {
		print_message("skipped: another btvirt is running\n");
		skip();
	}
	rehearsal->sim = sim_new(device, NULL);
	rehearsal->endpoint = strdup("unix:" BTVIRT_SOCKET);
	rehearsal->radio = run_start(&settings, (const char *const[]){ BTVIRT, "-s", NULL });
	for (int i = 0; i < STEPS_MAX && !is_served(); i++)
		pause_a_step();
}

static void stop(struct run *run)
{
	struct run_result result;

	if (!run)
		return;
	run_send_signal(run, SIGTERM);
	result = run_finish(run);
	run_result_clear(&result);
}

int rehearsal_teardown(void **state)
{
	struct rehearsal *rehearsal = *state;

	stop(rehearsal->peripheral);
	stop(rehearsal->radio);
	free(rehearsal->endpoint);
	if (rehearsal->sim.folder)
		sim_remove(&rehearsal->sim);
	free(rehearsal);
	return 0;
}

char *rehearsal_package(const struct rehearsal *rehearsal, const char *random, const char *name)
{
	const char *protocol = rehearsal->plan->protocol;
	const char *words[] = { "--protocol", protocol, "--random", random, "--app-out",
				NULL,         NULL,     "key.pem",  NULL };
	char *image = NULL, *package = NULL, *path;

	assert_true(asprintf(&image, "%s.bin", name) > 0 && asprintf(&package, "%s.zip", name) > 0);
	words[5] = image;
	words[6] = strcmp(protocol, "secure") == 0 ? "--generate-key" : NULL;
	path = sim_make_package(&rehearsal->sim, package, words);
	free(package);
	free(image);
	return path;
}

void rehearsal_begin(struct rehearsal *rehearsal)
{
	static const struct run_settings settings = { .timeout_ms = FOREVER_MS };
	const char *const argv[] = {
		PERIPHERAL, "--hci", rehearsal->endpoint, "--scenario", rehearsal->sim.scenario,
		NULL
	};

	rehearsal->peripheral = run_start(&settings, argv);
}

struct run *rehearsal_update(const struct rehearsal *rehearsal, const char *package,
			     const char *address)
{
	const char *const argv[] = { run_otadfu_path(),
				     "update",
				     package,
				     "-a",
				     address,
				     "-vvv",
				     "--transport",
				     "hci",
				     "--adapter",
				     rehearsal->endpoint,
				     "--set",
				     "hci.interval_max_us=7500",
				     "--set",
				     "hci.supervision_ms=500",
				     NULL };
	static const struct run_settings settings = { .timeout_ms = 4 * RUN_TIMEOUT_MS };

	return run_start(&settings, argv);
}

static bool runs(const struct rehearsal *rehearsal, const uint8_t *image, size_t len)
{
	char *path = file_path(rehearsal->sim.folder, "state/C0-FF-EE-00-00-01/application.bin");
	uint8_t *running = NULL;
	size_t running_len = 0;
	bool same;

	if (access(path, R_OK) == 0)
		running = file_read(path, &running_len);
	same = running && running_len == len && memcmp(running, image, len) == 0;
	free(running);
	free(path);
	return same;
}

void assert_rehearsal_runs(const struct rehearsal *rehearsal, const char *name)
{
	char *path = file_path(rehearsal->sim.folder, name);
	size_t len;
	uint8_t *image = file_read(path, &len);
	int step = 0;

	while (!runs(rehearsal, image, len) && step++ < STEPS_MAX)
		pause_a_step();
	if (step > STEPS_MAX)
		fail_msg("the device does not run %s", path);
	free(image);
	free(path);
}
