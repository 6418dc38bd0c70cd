#include "mock_radio.h"

#include "mock_gatt.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
	HEARD_EACH_MS = 40,
	TICK_MS = 20,
	UUIDS_MAX = MOCK_UUIDS_MAX,
	DISCONNECT_MS = 20,
	AD_NAMES = 0x08
};

struct mock_radio {
	struct mock_bluez *mock;
	struct mock_discovery *discovery;
	const struct scenario *scenario;
	struct mock_radio_habits habits;
	struct station *stations;
	struct mock_peer *peers[MOCK_PEERS_MAX];
	size_t peer_count;
	sd_event_source *timer;
	uint64_t hear_us;
	int16_t rssi_dbm;
};

static uint64_t now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

struct mock_radio_habits *mock_radio_habits(struct mock_radio *radio)
{
	return &radio->habits;
}

/* Something was asked of a device: now, and not at the next tick. */
static void hurry(struct mock_radio *radio)
{
	mock_require(sd_event_source_set_time(radio->timer, 0), "timer");
}

/* --- what advertises --- */

static struct mock_peer *find_peer(struct mock_radio *radio, const char *path)
{
	for (size_t i = 0; i < radio->peer_count; i++) {
		if (strcmp(radio->peers[i]->path, path) == 0)
			return radio->peers[i];
	}
	return NULL;
}

static void add_uuid(struct mock_peer *peer, const char *uuid)
{
	for (size_t i = 0; i < peer->uuid_count; i++) {
		if (strcmp(peer->uuids[i], uuid) == 0)
			return;
	}
	mock_require(peer->uuid_count < UUIDS_MAX ? 0 : -E2BIG, "UUIDs");
	mock_copy_name(peer->uuids[peer->uuid_count++], uuid);
}

/* AD structures, which the world has made well: services and name. */
static void read_advert(struct mock_radio *radio, struct mock_peer *peer,
			const struct device_advert *advert)
{
	for (size_t at = 0; at + 1 < advert->data_len; at += advert->data[at] + 1u) {
		const uint8_t *data = &advert->data[at + 2];
		size_t len = advert->data[at] - 1u;
		uint8_t type = advert->data[at + 1];
		char text[MOCK_NAME_MAX];

		if (type == 0x02 || type == 0x03) {
			for (size_t i = 0; i + 1 < len; i += 2)
				add_uuid(peer, mock_gatt_uuid16(data[i] | data[i + 1] << 8, text));
		} else if (type == 0x06 || type == 0x07) {
			for (size_t i = 0; i + 15 < len; i += 16)
				add_uuid(peer, mock_gatt_uuid128(&data[i], true, text));
		} else if (type == AD_NAMES || type == AD_NAMES + 1) {
			snprintf(text, sizeof(text), "%.*s", (int)len, (const char *)data);
			mock_bluez_set(radio->mock, peer->path, MOCK_DEVICE, "Name", "s", text);
		}
	}
}

static void publish_uuids(struct mock_radio *radio, const struct mock_peer *peer)
{
	const char *uuids[UUIDS_MAX] = { NULL };

	for (size_t i = 0; i < UUIDS_MAX; i++)
		uuids[i] = i < peer->uuid_count ? peer->uuids[i] : "";
	mock_bluez_set(radio->mock, peer->path, MOCK_DEVICE, "UUIDs", "as", (int)peer->uuid_count,
		       uuids[0], uuids[1], uuids[2], uuids[3], uuids[4], uuids[5], uuids[6],
		       uuids[7]);
}

static struct mock_peer *add_peer(struct mock_radio *radio, const struct otadfu_addr *addr)
{
	struct mock_peer *peer = mock_grow(NULL, 1, sizeof(*peer));
	const uint8_t *b = addr->bytes;
	char address[MOCK_NAME_MAX];

	mock_require(radio->peer_count < MOCK_PEERS_MAX ? 0 : -E2BIG, "peers");
	*peer = (struct mock_peer){ .mock = radio->mock,
				    .habits = &radio->habits,
				    .hurry = hurry,
				    .radio = radio,
				    .addr = *addr };
	snprintf(address, sizeof(address), "%02X:%02X:%02X:%02X:%02X:%02X", b[0], b[1], b[2], b[3],
		 b[4], b[5]);
	mock_bluez_add_device(radio->mock, "hci0", address, addr->type == 0 ? "public" : "random",
			      peer->path);
	mock_bluez_set(radio->mock, peer->path, MOCK_DEVICE, "Connected", "b", 0);
	mock_bluez_set(radio->mock, peer->path, MOCK_DEVICE, "ServicesResolved", "b", 0);
	mock_bluez_set(radio->mock, peer->path, MOCK_DEVICE, "Paired", "b", 0);
	mock_bluez_set(radio->mock, peer->path, MOCK_DEVICE, "Blocked", "b", 0);
	radio->peers[radio->peer_count++] = peer;
	return peer;
}

static struct mock_peer *peer_of(struct mock_radio *radio, const struct otadfu_addr *addr)
{
	for (size_t i = 0; i < radio->peer_count; i++) {
		if (memcmp(&radio->peers[i]->addr, addr, sizeof(*addr)) == 0)
			return radio->peers[i];
	}
	return NULL;
}

static void hear(struct mock_radio *radio, const struct device_advert *advert)
{
	struct mock_peer *peer = peer_of(radio, &advert->addr);
	bool is_new = !peer;

	if (is_new)
		peer = add_peer(radio, &advert->addr);
	read_advert(radio, peer, advert);
	publish_uuids(radio, peer);
	radio->rssi_dbm = (int16_t)(radio->rssi_dbm == -50 ? -51 : -50);
	mock_bluez_set(radio->mock, peer->path, MOCK_DEVICE, "RSSI", "n", (int)radio->rssi_dbm);
	if (is_new)
		mock_bluez_announce(radio->mock, peer->path);
	else
		mock_bluez_changed(radio->mock, peer->path, MOCK_DEVICE, "RSSI UUIDs Name");
}

static void listen_around(struct mock_radio *radio)
{
	uint64_t now = now_us();

	if (mock_discovery_count(radio->discovery) == 0 || now < radio->hear_us)
		return;
	radio->hear_us = now + HEARD_EACH_MS * (uint64_t)1000;
	for (size_t i = 0; i < radio->scenario->device_count; i++) {
		struct device_advert advert;

		if (station_advertises(&radio->stations[i], now, &advert))
			hear(radio, &advert);
	}
}

/* --- time --- */

/* Connects to whoever advertises at the peer's address. */
static void try_connect(struct mock_radio *radio, struct mock_peer *peer)
{
	const struct link_config config = {
		.interval_us = radio->scenario->interval_us,
		.packets_per_event = radio->scenario->packets_per_event,
	};

	for (size_t i = 0; i < radio->scenario->device_count; i++) {
		struct station *station = &radio->stations[i];
		struct device_advert advert;

		if (!station_advertises(station, now_us(), &advert) || !advert.connectable ||
		    memcmp(&advert.addr, &peer->addr, sizeof(peer->addr)) != 0)
			continue;
		peer->station = station;
		mock_gatt_begin(peer, station_connect(station, &config));
		return;
	}
}

static void run_peer(struct mock_radio *radio, struct mock_peer *peer)
{
	if (peer->wants_link && !peer->link && !radio->habits.out_of_reach)
		try_connect(radio, peer);
	if (!peer->link)
		return;
	station_run(peer->station, peer->link, now_us());
	mock_gatt_run(peer);
	if (peer->disconnect_us != 0 && now_us() >= peer->disconnect_us)
		mock_gatt_end(peer);
}

static void run_radio(struct mock_radio *radio)
{
	for (size_t i = 0; i < radio->scenario->device_count; i++)
		station_run(&radio->stations[i], NULL, now_us());
	listen_around(radio);
	for (size_t i = 0; i < radio->peer_count; i++)
		run_peer(radio, radio->peers[i]);
	for (size_t i = 0; i < radio->scenario->device_count; i++)
		mock_require(station_save(&radio->stations[i]) < 0 ? -errno : 0, "state");
}

static uint64_t next_us(const struct mock_radio *radio)
{
	uint64_t next = now_us() + TICK_MS * (uint64_t)1000;

	for (size_t i = 0; i < radio->scenario->device_count; i++) {
		uint64_t own = station_next_us(&radio->stations[i], radio->stations[i].link);

		next = own < next ? own : next;
	}
	return next;
}

static int on_timer(sd_event_source *source, uint64_t unused, void *user)
{
	struct mock_radio *radio = user;

	(void)unused;
	run_radio(radio);
	mock_require(sd_event_source_set_time(source, next_us(radio)), "timer");
	return sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
}

/* --- methods --- */

static int connect_device(struct mock_bluez *mock, sd_bus_message *call, void *user)
{
	struct mock_radio *radio = user;
	struct mock_peer *peer = find_peer(radio, sd_bus_message_get_path(call));

	(void)mock;
	if (peer->connect_call)
		return mock_bluez_refuse(call, MOCK_ERROR("InProgress"));
	if (peer->link)
		return sd_bus_reply_method_return(call, "");
	peer->connect_call = sd_bus_message_ref(call);
	peer->wants_link = true;
	hurry(radio);
	return 0;
}

static int disconnect_device(struct mock_bluez *mock, sd_bus_message *call, void *user)
{
	struct mock_radio *radio = user;
	struct mock_peer *peer = find_peer(radio, sd_bus_message_get_path(call));
	uint32_t delay_ms =
		radio->habits.disconnect_ms ? radio->habits.disconnect_ms : DISCONNECT_MS;

	(void)mock;
	peer->wants_link = false;
	mock_gatt_refuse(&peer->connect_call, "br-connection-canceled");
	if (!peer->link)
		return sd_bus_reply_method_return(call, "");
	if (peer->disconnect_us == 0)
		peer->disconnect_us = now_us() + delay_ms * (uint64_t)1000;
	sd_bus_message_unref(peer->disconnect_call);
	peer->disconnect_call = sd_bus_message_ref(call);
	return 0;
}

static void forget_peer(struct mock_radio *radio, struct mock_peer *peer)
{
	mock_gatt_forget(peer);
	mock_bluez_remove(radio->mock, peer->path);
	for (size_t i = 0; i < radio->peer_count; i++) {
		if (radio->peers[i] == peer)
			radio->peers[i] = radio->peers[--radio->peer_count];
	}
	mock_gatt_free(peer);
}

static int remove_device(struct mock_bluez *mock, sd_bus_message *call, void *user)
{
	struct mock_radio *radio = user;
	struct mock_peer *peer;
	const char *path;

	(void)mock;
	mock_require(sd_bus_message_read(call, "o", &path), "o");
	peer = find_peer(radio, path);
	if (!peer)
		return mock_bluez_refuse(call, MOCK_ERROR("DoesNotExist"));
	forget_peer(radio, peer);
	return sd_bus_reply_method_return(call, "");
}

static int use_characteristic(struct mock_bluez *mock, sd_bus_message *call, void *user)
{
	struct mock_radio *radio = user;

	(void)mock;
	for (size_t i = 0; i < radio->peer_count; i++) {
		struct mock_peer *peer = radio->peers[i];
		const char *path = sd_bus_message_get_path(call);
		size_t len = strlen(peer->path);

		if (strncmp(path, peer->path, len) == 0 && path[len] == '/') {
			hurry(radio);
			return mock_gatt_call(peer, call);
		}
	}
	return mock_bluez_refuse(call, SD_BUS_ERROR_UNKNOWN_OBJECT);
}

static void end_client(struct mock_bluez *mock, const char *client, void *user)
{
	struct mock_radio *radio = user;

	(void)mock;
	for (size_t i = 0; i < radio->peer_count; i++)
		mock_gatt_end_client(radio->peers[i], client);
	hurry(radio);
}

void mock_radio_cut(struct mock_radio *radio, size_t device)
{
	for (size_t i = 0; i < radio->peer_count; i++) {
		if (radio->peers[i]->link && radio->peers[i]->station == &radio->stations[device])
			mock_gatt_end(radio->peers[i]);
	}
}

void mock_radio_connect(struct mock_radio *radio, size_t device)
{
	struct device_advert advert;
	struct mock_peer *peer;

	mock_require(station_advertises(&radio->stations[device], now_us(), &advert) ? 0 : -ENOENT,
		     "advertising");
	peer = peer_of(radio, &advert.addr);
	if (!peer)
		peer = add_peer(radio, &advert.addr);
	peer->wants_link = true;
	run_peer(radio, peer);
}

/* --- all of it --- */

struct mock_radio *mock_radio_new(struct mock_bluez *mock, struct mock_discovery *discovery,
				  const struct scenario *scenario)
{
	struct mock_radio *radio = mock_grow(NULL, 1, sizeof(*radio));
	static const struct {
		const char *member;
		const char *signature;
	} uses[] = {
		{ "ReadValue", "a{sv}" }, { "WriteValue", "aya{sv}" }, { "AcquireWrite", "a{sv}" },
		{ "StartNotify", "" },    { "StopNotify", "" },
	};

	*radio = (struct mock_radio){
		.mock = mock, .discovery = discovery, .scenario = scenario, .rssi_dbm = -50
	};
	radio->stations = mock_grow(NULL, scenario->device_count, sizeof(*radio->stations));
	for (size_t i = 0; i < scenario->device_count; i++) {
		radio->stations[i] = (struct station){ 0 };
		mock_require(station_open(&radio->stations[i], &scenario->devices[i],
					  scenario->state_dir, now_us()) < 0
				     ? -errno
				     : 0,
			     "device");
	}
	mock_bluez_add_method(mock, MOCK_DEVICE, "Connect", "", connect_device, radio);
	mock_bluez_add_method(mock, MOCK_DEVICE, "Disconnect", "", disconnect_device, radio);
	mock_bluez_add_method(mock, MOCK_ADAPTER, "RemoveDevice", "o", remove_device, radio);
	for (size_t i = 0; i < sizeof(uses) / sizeof(uses[0]); i++)
		mock_bluez_add_method(mock, MOCK_CHARACTERISTIC, uses[i].member, uses[i].signature,
				      use_characteristic, radio);
	mock_bluez_on_vanished(mock, end_client, radio);
	mock_require(sd_event_add_time(mock_bluez_event(mock), &radio->timer, CLOCK_MONOTONIC, 0, 1,
				       on_timer, radio),
		     "timer");
	return radio;
}

void mock_radio_free(struct mock_radio *radio)
{
	if (!radio)
		return;
	for (size_t i = 0; i < radio->peer_count; i++)
		mock_gatt_free(radio->peers[i]);
	for (size_t i = 0; i < radio->scenario->device_count; i++)
		station_close(&radio->stations[i]);
	sd_event_source_unref(radio->timer);
	free(radio->stations);
	free(radio);
}
