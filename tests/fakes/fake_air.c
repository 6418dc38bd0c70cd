/*
 * fake_air SCENARIO SOCKET: the devices of a scenario of the transport sim, for fake_gatttool,
 * which comes and goes. Says "ready" on standard output. SIGTERM, or the end of its parent, ends
 * it.
 */
#include "fake_air.h"

#include "station.h"

#include <errno.h>
#include <otadfu/error.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

enum {
	CLIENTS_MAX = 16,
	LISTENER = 0,
	SIGNALS = 1,
	FIRST_CLIENT = 2,
	ADVERTISING_MS = 20,
	STEP_US = 20000
};

struct client {
	int fd; /* -1: free */
	bool asks;
	struct otadfu_addr wanted;
	struct station *station;
	struct link *link;
	bool stuck; /* a packet waits for room in the link */
	struct pdu waiting;
};

struct air {
	struct scenario *scenario;
	struct station *stations;
	struct client clients[CLIENTS_MAX];
	uint64_t time_us; /* until which the devices have run */
};

static uint64_t now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

static void give_up(const char *what, const char *why)
{
	fprintf(stderr, "fake_air: %s: %s\n", what, why);
	exit(1);
}

/* --- clients --- */

static void hang_up(struct client *client)
{
	if (client->link)
		station_disconnect(client->station, client->link);
	close(client->fd);
	*client = (struct client){ .fd = -1 };
}

static void tell(const struct client *client, const struct air_message *message)
{
	/* Who does not read is as good as gone; the next read tells. */
	(void)!send(client->fd, message, sizeof(*message), MSG_NOSIGNAL);
}

static void hear(struct client *client)
{
	struct air_message message;
	ssize_t len = recv(client->fd, &message, sizeof(message), 0);

	if (len != sizeof(message)) {
		hang_up(client);
		return;
	}
	if (message.kind == AIR_CONNECT) {
		client->asks = true;
		client->wanted = message.addr;
	} else {
		client->stuck = true;
		client->waiting = message.pdu;
	}
}

static bool is_wanted(const struct client *client, struct station *station)
{
	struct device_advert advert;

	return station_advertises(station, now_us(), &advert) && advert.connectable &&
	       memcmp(&advert.addr, &client->wanted, sizeof(advert.addr)) == 0;
}

static void try_connect(struct air *air, struct client *client)
{
	const struct link_config config = { .interval_us = air->scenario->interval_us,
					    .packets_per_event = air->scenario->packets_per_event };
	const struct air_message connected = { .kind = AIR_CONNECTED };

	for (size_t i = 0; i < air->scenario->device_count && !client->link; i++) {
		if (!is_wanted(client, &air->stations[i]))
			continue;
		client->station = &air->stations[i];
		client->link = station_connect(client->station, &config);
		client->asks = false;
		tell(client, &connected);
	}
}

/* --- links --- */

static void pass_values(const struct client *client, const struct device_attribute *attribute)
{
	struct air_message message = { .kind = AIR_VALUE };
	struct air_value *value = &message.value;

	value->handle = attribute->handle;
	value->indication = !(attribute->props & OTADFU_PROP_NOTIFY);
	while (link_take_value(client->link, value->handle, value->data, sizeof(value->data),
			       &value->len) == LINK_VALUE_TAKEN)
		tell(client, &message);
}

static void pass_answer(const struct client *client)
{
	struct air_message message = { .kind = AIR_ANSWER };
	const struct answer *answer;

	if (!link_take_answer(client->link, &answer))
		return;
	message.answer = *answer;
	tell(client, &message);
}

static void run_client(struct air *air, struct client *client)
{
	size_t count;
	const struct device_attribute *attributes;

	if (client->asks)
		try_connect(air, client);
	if (!client->link)
		return;
	station_run(client->station, client->link, air->time_us);
	if (client->stuck)
		client->stuck = !link_send(client->link, &client->waiting);
	pass_answer(client);
	attributes = device_attributes(client->station->device, &count);
	for (size_t i = 0; i < count; i++)
		pass_values(client, &attributes[i]);
	if (link_is_gone(client->link))
		hang_up(client);
}

static void run_until(struct air *air, uint64_t time_us)
{
	air->time_us = time_us;
	for (size_t i = 0; i < air->scenario->device_count; i++)
		station_run(&air->stations[i], NULL, air->time_us);
	for (size_t i = 0; i < CLIENTS_MAX; i++)
		run_client(air, &air->clients[i]);
	for (size_t i = 0; i < air->scenario->device_count; i++) {
		if (station_save(&air->stations[i]) < 0)
			give_up("state", strerror(errno));
	}
}

/* What was slept over on a busy machine is made up for in steps: a link keeps few values. */
static void run(struct air *air)
{
	const uint64_t now = now_us();

	while (air->time_us != 0 && air->time_us + STEP_US < now)
		run_until(air, air->time_us + STEP_US);
	run_until(air, now);
}

/* --- the loop --- */

static int wait_ms(const struct air *air)
{
	uint64_t next_us = UINT64_MAX;
	uint64_t now = now_us();
	bool asked = false;

	for (size_t i = 0; i < air->scenario->device_count; i++) {
		uint64_t own_us = station_next_us(&air->stations[i], air->stations[i].link);

		next_us = own_us < next_us ? own_us : next_us;
	}
	for (size_t i = 0; i < CLIENTS_MAX; i++)
		asked |= air->clients[i].asks || air->clients[i].link;
	if (next_us <= now)
		return 0;
	next_us = (next_us - now) / 1000 + 1;
	return asked && next_us > ADVERTISING_MS ? ADVERTISING_MS
	       : next_us > 1000                  ? 1000
						 : (int)next_us;
}

static void welcome(struct air *air, int listener)
{
	int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);

	for (size_t i = 0; i < CLIENTS_MAX && fd >= 0; i++) {
		if (air->clients[i].fd < 0) {
			air->clients[i].fd = fd;
			return;
		}
	}
	give_up("accept", "too many clients");
}

static void serve(struct air *air, int listener, int signals)
{
	struct pollfd watched[FIRST_CLIENT + CLIENTS_MAX] = {
		[LISTENER] = { .fd = listener, .events = POLLIN },
		[SIGNALS] = { .fd = signals, .events = POLLIN },
	};

	while (!watched[SIGNALS].revents) {
		run(air);
		for (size_t i = 0; i < CLIENTS_MAX; i++)
			watched[FIRST_CLIENT + i] = (struct pollfd){
				.fd = air->clients[i].stuck ? -1 : air->clients[i].fd,
				.events = POLLIN,
			};
		if (poll(watched, FIRST_CLIENT + CLIENTS_MAX, wait_ms(air)) < 0)
			continue;
		run(air); /* what is said now is not said in the time slept over */
		for (size_t i = 0; i < CLIENTS_MAX; i++) {
			if (watched[FIRST_CLIENT + i].revents && air->clients[i].fd >= 0)
				hear(&air->clients[i]);
		}
		if (watched[LISTENER].revents)
			welcome(air, listener);
	}
}

static int watch_signals(void)
{
	sigset_t ends;

	prctl(PR_SET_PDEATHSIG, SIGTERM);
	sigemptyset(&ends);
	sigaddset(&ends, SIGTERM);
	sigprocmask(SIG_BLOCK, &ends, NULL);
	return signalfd(-1, &ends, SFD_CLOEXEC);
}

static int listen_at(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);

	snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	if (fd < 0 || bind(fd, (const struct sockaddr *)&address, sizeof(address)) < 0 ||
	    listen(fd, CLIENTS_MAX) < 0)
		give_up(path, strerror(errno));
	return fd;
}

static void populate(struct air *air, const char *path)
{
	char message[SCENARIO_MESSAGE_MAX];

	if (scenario_read(path, &air->scenario, message) != OTADFU_OK)
		give_up(path, message);
	air->stations = calloc(air->scenario->device_count, sizeof(*air->stations));
	if (!air->stations)
		give_up(path, strerror(errno));
	for (size_t i = 0; i < air->scenario->device_count; i++) {
		if (station_open(&air->stations[i], &air->scenario->devices[i],
				 air->scenario->state_dir, now_us()) < 0)
			give_up(path, strerror(errno));
	}
	for (size_t i = 0; i < CLIENTS_MAX; i++)
		air->clients[i].fd = -1;
}

static void leave(struct air *air)
{
	for (size_t i = 0; i < CLIENTS_MAX; i++) {
		if (air->clients[i].fd >= 0)
			hang_up(&air->clients[i]);
	}
	run(air);
	for (size_t i = 0; i < air->scenario->device_count; i++)
		station_close(&air->stations[i]);
	free(air->stations);
	scenario_free(air->scenario);
}

int main(int argc, char **argv)
{
	struct air air = { 0 };
	int listener, signals;

	if (argc != 3)
		give_up("usage", "fake_air SCENARIO SOCKET");
	signals = watch_signals();
	populate(&air, argv[1]);
	listener = listen_at(argv[2]);
	puts("ready");
	fflush(stdout);
	serve(&air, listener, signals);
	leave(&air);
	close(listener);
	close(signals);
	return 0;
}
