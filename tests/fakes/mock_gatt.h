/* One link of the mock bluetoothd: a GATT client to a simulated device, with its objects. */
#ifndef OTADFU_TESTS_MOCK_GATT_H
#define OTADFU_TESTS_MOCK_GATT_H

#include "mock_bluez.h"
#include "mock_radio.h"
#include "station.h"

#define MOCK_SERVICE        "org.bluez.GattService1"
#define MOCK_CHARACTERISTIC "org.bluez.GattCharacteristic1"

enum { MOCK_PEERS_MAX = 16, MOCK_UUIDS_MAX = 8, MOCK_NOTIFIED_MAX = 4 };

struct mock_characteristic {
	char path[MOCK_PATH_MAX];
	char service[MOCK_PATH_MAX];
	uint16_t handle;
	uint8_t props;
	char clients[MOCK_NOTIFIED_MAX][MOCK_NAME_MAX]; /* that are notified; empty: nobody */
	sd_bus_message *acquiring;
	int socket; /* -1: not acquired */
	sd_event_source *source;
	bool writes;
};

/* To the device, in turn. call NULL: bluetoothd's own, or its client is gone. */
struct mock_request {
	struct pdu pdu;
	sd_bus_message *call;
	struct mock_characteristic *of;
};

struct mock_peer {
	struct mock_bluez *mock;
	const struct mock_radio_habits *habits;
	void (*hurry)(struct mock_radio *radio); /* runs it now, and not at its next tick */
	struct mock_radio *radio;
	struct otadfu_addr addr;
	char path[MOCK_PATH_MAX];
	char uuids[MOCK_UUIDS_MAX][MOCK_NAME_MAX];
	size_t uuid_count;

	struct station *station;
	struct link *link; /* NULL: not connected */
	bool wants_link;
	sd_bus_message *connect_call;
	sd_bus_message *disconnect_call;
	uint64_t disconnect_us; /* 0: not yet */

	uint16_t mtu;
	struct mock_characteristic items[LINK_ATTRIBUTES_MAX];
	size_t count;
	struct mock_request *requests; /* the first is with the device when asked is set */
	size_t request_count;
	bool asked;
	struct pdu *commands;
	size_t command_count;
	uint8_t value[LINK_VALUE_MAX + LINK_DATA_MAX]; /* read so far */
	size_t value_len;
};

/* link NULL: it went away at once. */
void mock_gatt_begin(struct mock_peer *peer, struct link *link);
/* After station_run(). */
void mock_gatt_run(struct mock_peer *peer);
/* The link is over, by whomever. */
void mock_gatt_end(struct mock_peer *peer);
/* And everything else that is known. */
void mock_gatt_forget(struct mock_peer *peer);
/* Nobody is told any more. */
void mock_gatt_free(struct mock_peer *peer);

/* A method of MOCK_CHARACTERISTIC. */
int mock_gatt_call(struct mock_peer *peer, sd_bus_message *call);
void mock_gatt_end_client(struct mock_peer *peer, const char *client);

/* Answers *call, which may be NULL and is NULL then, with org.bluez.Error.Failed. */
void mock_gatt_refuse(sd_bus_message **call, const char *text);

/* Into text, which they return. reversed: as it is on air. */
const char *mock_gatt_uuid16(int uuid, char text[MOCK_NAME_MAX]);
const char *mock_gatt_uuid128(const uint8_t *bytes, bool reversed, char text[MOCK_NAME_MAX]);

#endif
