/*
 * bridge SCENARIO: the one device of a scenario, in real time, for a client in another process.
 *
 * Requests come on standard input, one JSON object a line, and are answered on standard output in
 * their order, one line each, by what was asked for, or by {"error": text}:
 *
 *   {"op": "scan"}                                {"advert": null | {"address", "data": [byte...]}}
 *   {"op": "connect"}, {"op": "disconnect"}       {}
 *   {"op": "discover"}      {"characteristics": [{"service", "uuid", "handle", "properties"}...]}
 *   {"op": "read", "handle"}                      {"bytes": [byte...]}
 *   {"op": "subscribe", "handle", "value"}        {}    value: 1 notifications, 2 indications
 *   {"op": "write" | "command", "handle", "bytes"}   {}    a command, once the controller takes it
 *
 * Between the answers stand {"event": "value", "handle", "bytes"} and {"event": "disconnected"}.
 * When standard input ends, the device does at once what it still has to do, and its folder is
 * written.
 */
#include "message.h"
#include "station.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { LINE_LEN = 4096 };

struct bridge {
	const struct scenario *scenario;
	struct station station;
	struct link *link; /* NULL: not connected */
	struct device_attribute list[LINK_ATTRIBUTES_MAX];
	size_t list_len;
	struct pdu pdu; /* asked for, and not answered yet; kind 0: none */
	bool sent;
};

static uint64_t now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

static bool complain(const char *what, const char *why)
{
	fprintf(stderr, "bridge: %s: %s\n", what, why);
	return false;
}

static bool refuse(const char *reason)
{
	return message_send(json_pack("{s:s}", "error", reason));
}

/* --- what comes from the device --- */

static bool pass_time(struct bridge *bridge)
{
	station_run(&bridge->station, bridge->link, now_us());
	if (station_save(&bridge->station) < 0)
		return complain("the device's state was not written", strerror(errno));
	return true;
}

static bool report_answer(struct bridge *bridge, const struct answer *answer)
{
	struct pdu pdu = bridge->pdu;

	bridge->pdu = (struct pdu){ 0 };
	bridge->sent = false;
	if (pdu.kind == PDU_DISCOVER) {
		bridge->list_len = answer->attribute_count;
		memcpy(bridge->list, answer->attributes, sizeof(bridge->list));
	}
	return message_send(message_of_answer(&pdu, answer));
}

/* A command waits for room, a request for its answer. */
static bool go_on(struct bridge *bridge)
{
	const struct answer none = { 0 };
	const struct answer *answer;

	if (!bridge->pdu.kind)
		return true;
	if (!bridge->sent) {
		bridge->sent = link_send(bridge->link, &bridge->pdu);
		return !bridge->sent || bridge->pdu.kind != PDU_COMMAND ||
		       report_answer(bridge, &none);
	}
	return !link_take_answer(bridge->link, &answer) || report_answer(bridge, answer);
}

static bool report_values(struct bridge *bridge)
{
	uint8_t data[LINK_DATA_MAX];
	size_t len;

	for (size_t i = 0; i < bridge->list_len; i++) {
		uint16_t handle = bridge->list[i].handle;

		while (link_take_value(bridge->link, handle, data, sizeof(data), &len) ==
		       LINK_VALUE_TAKEN) {
			if (!message_send(message_of_value(handle, data, len)))
				return false;
		}
	}
	return true;
}

static void hang_up(struct bridge *bridge)
{
	station_disconnect(&bridge->station, bridge->link);
	bridge->link = NULL;
	bridge->list_len = 0;
}

static bool report_loss(struct bridge *bridge)
{
	bool asked = bridge->pdu.kind != 0;

	if (!link_is_gone(bridge->link))
		return true;
	hang_up(bridge);
	bridge->pdu = (struct pdu){ 0 };
	bridge->sent = false;
	return (!asked || refuse("disconnected")) &&
	       message_send(json_pack("{s:s}", "event", "disconnected"));
}

/* An answer stands before what the device said after it. */
static bool report(struct bridge *bridge)
{
	return pass_time(bridge) &&
	       (!bridge->link || (go_on(bridge) && report_values(bridge) && report_loss(bridge)));
}

/* --- what comes from the client --- */

static bool scan(struct bridge *bridge)
{
	struct device_advert advert;
	bool heard = station_advertises(&bridge->station, now_us(), &advert);

	return message_send(
		json_pack("{s:o?}", "advert", heard ? message_of_advert(&advert) : NULL));
}

static bool connect_device(struct bridge *bridge)
{
	const struct link_config config = { .interval_us = bridge->scenario->interval_us,
					    .packets_per_event =
						    bridge->scenario->packets_per_event };

	if (!bridge->link)
		bridge->link = station_connect(&bridge->station, &config);
	return bridge->link ? message_send(json_object()) : refuse("it does not advertise");
}

static bool disconnect_device(struct bridge *bridge)
{
	if (bridge->link)
		hang_up(bridge);
	return message_send(json_object());
}

static bool ask(struct bridge *bridge, const json_t *request)
{
	if (!bridge->link)
		return refuse("not connected");
	if (!message_to_pdu(request, &bridge->pdu))
		return refuse("not a request");
	return go_on(bridge);
}

static bool serve(struct bridge *bridge, const char *line)
{
	json_error_t error;
	json_t *request = json_loads(line, 0, &error);
	const char *op = json_string_value(json_object_get(request, "op"));
	bool served;

	if (!op)
		served = complain("standard input", "a line is no JSON object with \"op\"");
	else if (strcmp(op, "scan") == 0)
		served = scan(bridge);
	else if (strcmp(op, "connect") == 0)
		served = connect_device(bridge);
	else if (strcmp(op, "disconnect") == 0)
		served = disconnect_device(bridge);
	else
		served = ask(bridge, request);
	json_decref(request);
	return served;
}

/* False: nothing yet, or it was interrupted. While a request is unanswered none is read. */
static bool await_line(const struct bridge *bridge)
{
	struct pollfd input = { .fd = bridge->pdu.kind ? -1 : STDIN_FILENO, .events = POLLIN };
	uint64_t next_us =
		bridge->link ? station_next_us(&bridge->station, bridge->link) : UINT64_MAX;
	uint64_t now = now_us();
	uint64_t left_us = next_us > now ? next_us - now : 0;
	struct timespec left = { .tv_sec = (time_t)(left_us / 1000000),
				 .tv_nsec = (long)(left_us % 1000000 * 1000) };

	return ppoll(&input, 1, next_us == UINT64_MAX ? NULL : &left, NULL) > 0;
}

static bool run(struct bridge *bridge)
{
	char line[LINE_LEN];

	while (report(bridge)) {
		if (!await_line(bridge))
			continue;
		if (!fgets(line, sizeof(line), stdin))
			return true;
		if (!pass_time(bridge) || !serve(bridge, line))
			break;
	}
	return false;
}

static bool finish(struct bridge *bridge)
{
	if (bridge->link)
		hang_up(bridge);
	device_settle(bridge->station.device);
	bridge->station.booted = true;
	if (station_save(&bridge->station) < 0)
		return complain("the device's state was not written", strerror(errno));
	return true;
}

static bool simulate(const struct scenario *scenario)
{
	struct bridge bridge = { .scenario = scenario };
	bool ok;

	if (scenario->device_count != 1)
		return complain("the scenario", "it must have one device");
	if (station_open(&bridge.station, &scenario->devices[0], scenario->state_dir, now_us()) < 0)
		ok = complain("the device cannot start", strerror(errno));
	else
		ok = run(&bridge) && finish(&bridge);
	station_close(&bridge.station);
	return ok;
}

int main(int argc, char **argv)
{
	char message[SCENARIO_MESSAGE_MAX] = "out of memory";
	struct scenario *scenario;
	bool ok;

	if (argc != 2) {
		fputs("usage: bridge SCENARIO\n", stderr);
		return 2;
	}
	/* A line that waits in a buffer of stdio would not wake poll. */
	setvbuf(stdin, NULL, _IONBF, 0);
	if (scenario_read(argv[1], &scenario, message) < 0) {
		complain(argv[1], message);
		return 2;
	}
	ok = simulate(scenario);
	scenario_free(scenario);
	return ok ? EXIT_SUCCESS : EXIT_FAILURE;
}
