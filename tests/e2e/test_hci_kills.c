/* otadfu is killed in the midst of an update over hci, and leaves its controller and the device as
 * they are: the next run makes the device whole. In real time, on the virtual air. */
#include "rehearsal.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

/* 50 together. Devices mostly wait, so that those of all parts are updated at once. */
enum { MOMENTS = 5, PARTS = 5, SEED = 20240229 };

struct way {
	const char *name;
	struct rehearsal_plan plan;
};

static const struct way ways[] = {
	{ "secure",
	  { rehearsal_on_air, "    hardware: nrf52840\n    bootloader: secure\n    sdk: \"17.1\"\n",
	    "secure", SIM_ADDRESS } },
	{ "legacy",
	  { rehearsal_on_air, "    hardware: nrf51822\n    bootloader: legacy\n    sdk: \"11\"\n",
	    "legacy", SIM_ADDRESS } },
};

struct part {
	struct rehearsal_plan plan; /* first: a rehearsal leads back to its part */
	unsigned number;
};

enum { WAYS = sizeof(ways) / sizeof(ways[0]) };

/* 0 to below, the same in every run of the tests. */
static size_t choose(uint32_t *state, size_t below)
{
	*state ^= *state << 13;
	*state ^= *state >> 17;
	*state ^= *state << 5;
	return *state % below;
}

/* How much a run says that is left alone. */
static size_t update_whole(const struct rehearsal *rehearsal, const char *package,
			   const char *image)
{
	struct run_result run = run_finish(rehearsal_update(rehearsal, package, SIM_ADDRESS));
	size_t bytes = run.out_len + run.err_len;

	if (run.status != 0)
		fail_msg("%s: exit status %d\n%s", package, run.status, run.err);
	assert_rehearsal_runs(rehearsal, image);
	run_result_clear(&run);
	return bytes;
}

static bool update_killed(const struct rehearsal *rehearsal, const char *package, size_t moment)
{
	struct run *run = rehearsal_update(rehearsal, package, SIM_ADDRESS);
	struct run_result result;
	bool killed;

	run_wait_for_bytes(run, moment);
	run_send_signal(run, SIGKILL);
	result = run_finish(run);
	killed = result.status == -SIGKILL;
	run_result_clear(&result);
	return killed;
}

static void next_run_makes_it_whole(void **state)
{
	static const char *const images[] = { "one.bin", "two.bin" };
	struct rehearsal *rehearsal = *state;
	char *packages[2];
	unsigned part = ((const struct part *)rehearsal->plan)->number;
	uint32_t random = SEED + part;
	unsigned killed = 0;
	size_t all;

	rehearsal->plan->begin(rehearsal, rehearsal->plan->device);
	packages[0] = rehearsal_package(rehearsal, "6000:7", "one");
	packages[1] = rehearsal_package(rehearsal, "6000:8", "two");
	rehearsal_begin(rehearsal);
	all = update_whole(rehearsal, packages[1], images[1]);
	for (size_t i = 0; i < MOMENTS; i++) {
		size_t moment = all * (i * PARTS + part) / (MOMENTS * PARTS) +
				choose(&random, all / (MOMENTS * PARTS));

		killed += update_killed(rehearsal, packages[i % 2], moment);
		update_whole(rehearsal, packages[i % 2], images[i % 2]);
	}
	/* Kills that come too late would prove nothing. */
	print_message("%u of %u killed in time\n", killed, MOMENTS);
	assert_true(killed >= MOMENTS - 1);
	free(packages[0]);
	free(packages[1]);
}

static int run_part(const struct way *way, size_t number)
{
	struct part part = { .plan = way->plan, .number = (unsigned)number };
	const struct CMUnitTest tests[] = {
		{ .name = way->name,
		  .test_func = next_run_makes_it_whole,
		  .setup_func = rehearsal_setup,
		  .teardown_func = rehearsal_teardown,
		  .initial_state = &part.plan },
	};

	return cmocka_run_group_tests_name("hci_kills", tests, NULL, NULL);
}

int main(void)
{
	bool good = true;
	int status;

	for (size_t i = 0; i < WAYS * PARTS; i++) {
		pid_t part = fork();

		if (part == 0)
			exit(run_part(&ways[i / PARTS], i % PARTS) == 0 ? 0 : 1);
		good = good && part > 0;
	}
	while (wait(&status) > 0)
		good = good && WIFEXITED(status) && WEXITSTATUS(status) == 0;
	return good ? 0 : 1;
}
