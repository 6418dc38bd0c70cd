/* Discovery on the adapters of the mock bluetoothd, by the rules of BlueZ 5.66, src/adapter.c. */
#ifndef OTADFU_TESTS_MOCK_DISCOVERY_H
#define OTADFU_TESTS_MOCK_DISCOVERY_H

#include "mock_bluez.h"

enum { MOCK_CLIENTS_MAX = 8 };

struct mock_discovery {
	char clients[MOCK_CLIENTS_MAX][MOCK_NAME_MAX]; /* that discover now; empty: nobody */
	char transport[MOCK_NAME_MAX];                 /* as the last filter said */
	bool duplicate_data;
};

/* discovery, zeroed, lives as long as mock does. */
void mock_discovery_add(struct mock_bluez *mock, struct mock_discovery *discovery);

size_t mock_discovery_count(const struct mock_discovery *discovery);

#endif
