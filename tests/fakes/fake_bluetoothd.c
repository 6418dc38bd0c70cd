/*
 * fake_bluetoothd SCENARIO FOLDER: a system bus in FOLDER with a bluetoothd on it that is not
 * there, and the devices of a scenario of the transport sim. Says the bus' address on standard
 * output. SIGTERM, or the end of its parent, ends it.
 */
#include "mock_radio.h"
#include "private_bus.h"

#include <otadfu/error.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>

static void give_up(const char *what, const char *why)
{
	fprintf(stderr, "fake_bluetoothd: %s: %s\n", what, why);
	exit(1);
}

static void be_old(struct mock_radio_habits *habits)
{
	habits->hides_mtu = true;
	habits->cannot_acquire = true;
}

static void hide_mtu(struct mock_radio_habits *habits)
{
	habits->hides_mtu = true;
}

static void believe_cache(struct mock_radio_habits *habits)
{
	habits->believes_its_cache = true;
}

/* As BlueZ does. */
static void be_slow(struct mock_radio_habits *habits)
{
	habits->disconnect_ms = 2000;
}

static const struct {
	const char *name;
	void (*take_up)(struct mock_radio_habits *habits);
} tricks[] = {
	{ "old", be_old },
	{ "hides-mtu", hide_mtu },
	{ "slow", be_slow },
	{ "stale", believe_cache },
};

static void take_up_tricks(struct mock_radio_habits *habits)
{
	const char *list = getenv("FAKE_BLUETOOTHD");

	for (size_t i = 0; list && i < sizeof(tricks) / sizeof(tricks[0]); i++) {
		if (strstr(list, tricks[i].name))
			tricks[i].take_up(habits);
	}
}

/* Before any thread begins, so that none gets them. */
static sigset_t hold_signals(void)
{
	sigset_t ends;

	sigemptyset(&ends);
	sigaddset(&ends, SIGTERM);
	sigprocmask(SIG_BLOCK, &ends, NULL);
	return ends;
}

int main(int argc, char **argv)
{
	struct mock_discovery discovery = { 0 };
	char message[SCENARIO_MESSAGE_MAX];
	struct scenario *scenario;
	struct private_bus bus;
	struct mock_bluez *mock;
	struct mock_radio *radio;
	sigset_t ends;
	int signal;

	if (argc != 3)
		give_up("usage", "fake_bluetoothd SCENARIO FOLDER");
	if (scenario_read(argv[1], &scenario, message) != OTADFU_OK)
		give_up(argv[1], message);
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	/* The daemon is not to inherit a held signal. */
	if (private_bus_start(&bus, argv[2], "") < 0)
		give_up(argv[2], "dbus-daemon did not start");
	ends = hold_signals();
	mock = mock_bluez_new(bus.address);
	mock_bluez_add_adapter(mock, "hci0", true);
	mock_discovery_add(mock, &discovery);
	radio = mock_radio_new(mock, &discovery, scenario);
	take_up_tricks(mock_radio_habits(radio));
	mock_bluez_start(mock);
	puts(bus.address);
	fflush(stdout);
	sigwait(&ends, &signal);
	mock_bluez_stop(mock);
	mock_radio_free(radio);
	mock_bluez_free(mock);
	private_bus_stop(&bus);
	scenario_free(scenario);
	return 0;
}
