/*
 * The devices of a simulated world, as the mock bluetoothd hears, connects and uses them, by the
 * rules of BlueZ 5.66 (src/device.c, src/gatt-client.c): one object for each address, whose
 * services stay there until those of the next connection are found out.
 */
#ifndef OTADFU_TESTS_MOCK_RADIO_H
#define OTADFU_TESTS_MOCK_RADIO_H

#include "mock_discovery.h"
#include "scenario.h"

struct mock_radio;

/* What it does otherwise than BlueZ does, or than it does at once. To be set before start, or in a
 * reaction. */
struct mock_radio_habits {
	uint16_t mtu;            /* what the property MTU says; 0: the truth */
	uint16_t acquired_mtu;   /* what AcquireWrite says; 0: the truth */
	bool hides_mtu;          /* as before 5.62 */
	bool cannot_acquire;     /* as before 5.46 */
	bool commands_only;      /* who takes write commands takes nothing else */
	bool lazy;               /* takes one packet a tick out of its sockets */
	bool believes_its_cache; /* the services of an address are those it had first */
	bool never_resolves;     /* another program has the link's ATT channel */
	bool out_of_reach;       /* what is heard is never connected */
	uint32_t disconnect_ms;  /* that it takes to disconnect */
};

/* All pointers outlive it. mock has an adapter hci0. */
struct mock_radio *mock_radio_new(struct mock_bluez *mock, struct mock_discovery *discovery,
				  const struct scenario *scenario);
/* After mock_bluez_stop(). */
void mock_radio_free(struct mock_radio *radio);

struct mock_radio_habits *mock_radio_habits(struct mock_radio *radio);

/* In a reaction: the world's device of that number ends its link without bluetoothd's doing. */
void mock_radio_cut(struct mock_radio *radio, size_t device);
/* In a reaction: it is connected on behalf of nobody on this bus. */
void mock_radio_connect(struct mock_radio *radio, size_t device);

#endif
