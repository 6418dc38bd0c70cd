#include "peripheral.h"

#include "address.h"
#include "beacon.h"
#include "central.h"
#include "station.h"

#include <errno.h>
#include <otadfu/error.h>
#include <otadfu/host.h>
#include <stdlib.h>
#include <string.h>

struct peripheral {
	const struct arguments *arguments;
	const struct journal *journal;
	struct scenario *scenario;
	struct station station;
	bool stationed; /* station_open was called */
	struct radio *radio;
	struct central central;
	struct beacon beacon;
	uint64_t now_us;
};

static const struct scenario_device *plan_of(const struct peripheral *peripheral)
{
	return peripheral->station.plan;
}

/* --- time --- */

static void run_device(struct peripheral *peripheral)
{
	station_run(&peripheral->station, NULL, peripheral->now_us);
}

static void save(struct peripheral *peripheral)
{
	if (station_save(&peripheral->station) < 0)
		journal_line(peripheral->journal, OTADFU_LOG_WARN,
			     "the device's state was not written to %s: %s",
			     peripheral->station.state.dir, strerror(errno));
}

/* --- from the device --- */

static void on_value(void *user, uint16_t handle, const uint8_t *data, size_t len, bool indication)
{
	struct peripheral *peripheral = user;

	central_value(&peripheral->central, handle, data, len, indication);
}

static void on_closed(void *user, uint8_t reason)
{
	struct peripheral *peripheral = user;

	central_closed(&peripheral->central, reason);
}

static bool has_room(void *user)
{
	const struct peripheral *peripheral = user;

	return central_has_room(&peripheral->central);
}

static const char *mode_name(enum device_mode mode)
{
	static const char *const names[] = { [DEVICE_OFF] = "nothing",
					     [DEVICE_APPLICATION] = "application",
					     [DEVICE_BOOTLOADER] = "bootloader",
					     [DEVICE_CONFORMANCE] = "conformance" };

	return names[mode];
}

static void on_event(void *user, const struct device_event *event)
{
	const struct peripheral *peripheral = user;
	const struct journal *journal = peripheral->journal;

	switch (event->kind) {
	case DEVICE_EVENT_BOOT:
		journal_line(journal, OTADFU_LOG_INFO, "boot: %s", mode_name(event->mode));
		break;
	case DEVICE_EVENT_RESET:
		journal_line(journal, OTADFU_LOG_INFO, "reset");
		break;
	case DEVICE_EVENT_MBR_COPY:
		journal_line(journal, OTADFU_LOG_INFO, "copied: %s, %u bytes", event->text,
			     event->number);
		break;
	case DEVICE_EVENT_ERROR_CHECK:
		journal_line(journal, OTADFU_LOG_INFO, "error check failed");
		break;
	}
}

static void refresh_advertising(struct peripheral *peripheral)
{
	const struct central *central = &peripheral->central;
	struct device_advert seen;
	/* The device may have left a link that the controller still has. */
	bool shows = central->state == CENTRAL_ABSENT &&
		     station_advertises(&peripheral->station, peripheral->now_us, &seen);

	beacon_show(&peripheral->beacon, shows ? &seen : NULL, &central->addr);
}

/* Once something has happened, by whomever. */
static void settle(struct peripheral *peripheral)
{
	central_settle(&peripheral->central);
	refresh_advertising(peripheral);
	save(peripheral);
}

/* --- from the radio --- */

static void on_connected(void *user, const struct otadfu_addr *peer)
{
	struct peripheral *peripheral = user;

	run_device(peripheral);
	central_connected(&peripheral->central, peer);
	settle(peripheral);
}

static void on_pdu(void *user, const uint8_t *data, size_t len)
{
	struct peripheral *peripheral = user;

	run_device(peripheral);
	central_take(&peripheral->central, data, len);
	settle(peripheral);
}

static void on_room(void *user)
{
	settle(user);
}

static void on_disconnected(void *user, uint8_t reason)
{
	struct peripheral *peripheral = user;

	run_device(peripheral);
	central_disconnected(&peripheral->central, reason);
	station_part(&peripheral->station);
	settle(peripheral);
}

static void on_log(void *user, int level, const char *text)
{
	const struct peripheral *peripheral = user;

	journal_line(peripheral->journal, level, "radio: %s", text);
}

/* --- opening --- */

static int read_scenario(struct peripheral *peripheral, char problem[PERIPHERAL_PROBLEM_MAX])
{
	const struct arguments *arguments = peripheral->arguments;
	static const struct otadfu_addr usual = { { 0xC0, 0xFF, 0xEE, 0, 0, 1 }, 1, 0 };
	struct otadfu_addr addr = usual;

	if (arguments->scenario)
		return scenario_read(arguments->scenario, &peripheral->scenario, problem);
	if (arguments->has_address)
		memcpy(addr.bytes, arguments->address.bytes, sizeof(addr.bytes));
	return scenario_conformance(&addr, &peripheral->scenario);
}

/* NULL: the scenario has no device of that address. */
static const struct scenario_device *choose_device(const struct peripheral *peripheral)
{
	const struct scenario *scenario = peripheral->scenario;
	const struct arguments *arguments = peripheral->arguments;

	if (!arguments->has_address)
		return scenario->devices;
	for (size_t i = 0; i < scenario->device_count; i++) {
		if (memcmp(scenario->devices[i].config.address.bytes, arguments->address.bytes,
			   6) == 0)
			return &scenario->devices[i];
	}
	return NULL;
}

static int start_device(struct peripheral *peripheral, char problem[PERIPHERAL_PROBLEM_MAX])
{
	const struct device_observer listener = { .value = on_value,
						  .disconnected = on_closed,
						  .event = on_event,
						  .has_room = has_room,
						  .user = peripheral };
	const struct arguments *arguments = peripheral->arguments;
	const struct scenario_device *plan = choose_device(peripheral);
	const char *state_dir =
		arguments->state ? arguments->state : peripheral->scenario->state_dir;
	char address[ADDRESS_TEXT_SIZE];

	if (!plan) {
		address_text(&arguments->address, address);
		snprintf(problem, PERIPHERAL_PROBLEM_MAX, "%s: there is no device %s",
			 arguments->scenario, address);
		return OTADFU_E_CONFIG;
	}
	peripheral->stationed = true;
	if (station_open(&peripheral->station, plan, state_dir, peripheral->now_us) < 0)
		return station_explain(plan, state_dir, errno, problem);
	station_listen(&peripheral->station, &listener);
	address_text(&plan->config.address, address);
	if (peripheral->scenario->device_count > 1 && !arguments->has_address)
		journal_line(peripheral->journal, OTADFU_LOG_INFO,
			     "the first of %zu devices is taken, %s; -a takes another",
			     peripheral->scenario->device_count, address);
	return OTADFU_OK;
}

static int start_radio(struct peripheral *peripheral, char problem[PERIPHERAL_PROBLEM_MAX])
{
	const struct radio_observer observer = { .connected = on_connected,
						 .pdu = on_pdu,
						 .room = on_room,
						 .disconnected = on_disconnected,
						 .log = on_log,
						 .user = peripheral };
	const struct otadfu_addr *addr = &plan_of(peripheral)->config.address;
	struct radio_problem trouble;
	char text[2][ADDRESS_TEXT_SIZE];
	struct otadfu_addr own;
	int r = radio_open(peripheral->arguments->hci, &observer, &peripheral->radio, &trouble);

	if (r < 0) {
		snprintf(problem, PERIPHERAL_PROBLEM_MAX, "%s", trouble.text);
		return r;
	}
	peripheral->beacon =
		(struct beacon){ .radio = peripheral->radio, .journal = peripheral->journal };
	if (beacon_can_be(&peripheral->beacon, addr))
		return OTADFU_OK;
	own = radio_address(peripheral->radio);
	address_text(addr, text[0]);
	address_text(&own, text[1]);
	snprintf(problem, PERIPHERAL_PROBLEM_MAX,
		 "%s is not the public address of %s, which is %s: give the device a random one",
		 text[0], peripheral->arguments->hci, text[1]);
	return OTADFU_E_CONFIG;
}

static int await_centrals(struct peripheral *peripheral)
{
	const struct central_parts parts = {
		.device = peripheral->station.device,
		.faults = &peripheral->station.faults,
		.radio = peripheral->radio,
		.journal = peripheral->journal,
		.interval_us = peripheral->scenario->interval_us,
		.packets_per_event = peripheral->scenario->packets_per_event,
	};

	return central_open(&peripheral->central, &parts) ? OTADFU_OK : OTADFU_E_NOMEM;
}

static int open_all(struct peripheral *peripheral, char problem[PERIPHERAL_PROBLEM_MAX])
{
	int r = read_scenario(peripheral, problem);

	if (r == OTADFU_OK)
		r = start_device(peripheral, problem);
	if (r == OTADFU_OK)
		r = start_radio(peripheral, problem);
	if (r == OTADFU_OK)
		r = await_centrals(peripheral);
	return r;
}

int peripheral_open(const struct arguments *arguments, const struct journal *journal,
		    uint64_t now_us, struct peripheral **ret_peripheral,
		    char problem[PERIPHERAL_PROBLEM_MAX])
{
	struct peripheral *peripheral = calloc(1, sizeof(*peripheral));
	int r;

	snprintf(problem, PERIPHERAL_PROBLEM_MAX, "out of memory");
	if (!peripheral)
		return OTADFU_E_NOMEM;
	peripheral->arguments = arguments;
	peripheral->journal = journal;
	peripheral->now_us = now_us;
	r = open_all(peripheral, problem);
	if (r < 0) {
		peripheral_close(peripheral, now_us);
		return r;
	}
	journal_line(journal, OTADFU_LOG_INFO, "boot: %s",
		     mode_name(device_mode(peripheral->station.device)));
	settle(peripheral);
	*ret_peripheral = peripheral;
	return OTADFU_OK;
}

void peripheral_close(struct peripheral *peripheral, uint64_t now_us)
{
	if (!peripheral)
		return;
	radio_close(peripheral->radio);
	central_close(&peripheral->central);
	if (peripheral->station.device) {
		peripheral->now_us = now_us;
		peripheral->station.booted = true;
		save(peripheral);
	}
	if (peripheral->stationed)
		station_close(&peripheral->station);
	scenario_free(peripheral->scenario);
	free(peripheral);
}

/* --- the loop --- */

int peripheral_fd(const struct peripheral *peripheral)
{
	return radio_fd(peripheral->radio);
}

short peripheral_events(const struct peripheral *peripheral)
{
	return radio_events(peripheral->radio);
}

static uint64_t earlier(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

uint64_t peripheral_next_us(const struct peripheral *peripheral)
{
	const struct station *station = &peripheral->station;
	uint64_t central_us = central_next_us(&peripheral->central);
	uint64_t radio_ms = radio_next_ms(peripheral->radio);
	uint64_t next_us = station_next_us(station, NULL);
	uint64_t seen_us =
		station->born_us + plan_of(peripheral)->visible_after_ms * UINT64_C(1000);

	if (seen_us > peripheral->now_us)
		next_us = earlier(next_us, seen_us);
	if (central_us != UINT64_MAX)
		next_us = earlier(next_us, central_us + station->offset_us);
	if (radio_ms != UINT64_MAX)
		next_us = earlier(next_us, radio_ms * 1000);
	return next_us;
}

int peripheral_process(struct peripheral *peripheral, uint64_t now_us,
		       char problem[PERIPHERAL_PROBLEM_MAX])
{
	struct radio_problem trouble;
	int r;

	peripheral->now_us = now_us;
	run_device(peripheral);
	settle(peripheral);
	r = radio_process(peripheral->radio, now_us / 1000, &trouble);
	if (r < 0)
		snprintf(problem, PERIPHERAL_PROBLEM_MAX, "%s", trouble.text);
	return r;
}
