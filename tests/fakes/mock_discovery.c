#include "mock_discovery.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static bool is_powered(struct mock_bluez *mock, sd_bus_message *call)
{
	return mock_bluez_is(mock, sd_bus_message_get_path(call), MOCK_ADAPTER, "Powered");
}

/* The place of this client among those that discover; of "", a free one. NULL: there is none. */
static char *find_place(struct mock_discovery *discovery, const char *client)
{
	for (size_t i = 0; i < MOCK_CLIENTS_MAX; i++) {
		if (strcmp(discovery->clients[i], client) == 0)
			return discovery->clients[i];
	}
	return NULL;
}

static bool read_filter(struct mock_discovery *discovery, sd_bus_message *call, const char *name)
{
	const char *transport;
	int duplicate_data;

	if (strcmp(name, "Transport") == 0 && sd_bus_message_read(call, "v", "s", &transport) > 0) {
		mock_copy_name(discovery->transport, transport);
		return true;
	}
	if (strcmp(name, "DuplicateData") == 0 &&
	    sd_bus_message_read(call, "v", "b", &duplicate_data) > 0) {
		discovery->duplicate_data = duplicate_data != 0;
		return true;
	}
	return false;
}

static int set_filter(struct mock_bluez *mock, sd_bus_message *call, void *user)
{
	const char *name;

	if (!is_powered(mock, call))
		return mock_bluez_refuse(call, MOCK_ERROR("NotReady"));
	mock_require(sd_bus_message_enter_container(call, 'a', "{sv}"), "filter");
	while (sd_bus_message_enter_container(call, 'e', "sv") > 0) {
		mock_require(sd_bus_message_read(call, "s", &name), "filter");
		if (!read_filter(user, call, name))
			return mock_bluez_refuse(call, MOCK_ERROR("InvalidArguments"));
		mock_require(sd_bus_message_exit_container(call), "filter");
	}
	return sd_bus_reply_method_return(call, "");
}

static int start(struct mock_bluez *mock, sd_bus_message *call, void *user)
{
	const char *client = sd_bus_message_get_sender(call);
	char *place = find_place(user, "");

	if (!is_powered(mock, call))
		return mock_bluez_refuse(call, MOCK_ERROR("NotReady"));
	if (find_place(user, client))
		return mock_bluez_refuse(call, MOCK_ERROR("InProgress"));
	mock_require(place ? 0 : -E2BIG, "clients");
	mock_copy_name(place, client);
	return sd_bus_reply_method_return(call, "");
}

static int stop(struct mock_bluez *mock, sd_bus_message *call, void *user)
{
	char *place = find_place(user, sd_bus_message_get_sender(call));

	if (!is_powered(mock, call))
		return mock_bluez_refuse(call, MOCK_ERROR("NotReady"));
	if (!place)
		return mock_bluez_refuse(call, MOCK_ERROR("Failed"));
	place[0] = '\0';
	return sd_bus_reply_method_return(call, "");
}

static void end_of(struct mock_bluez *mock, const char *client, void *user)
{
	char *place = find_place(user, client);

	(void)mock;
	if (place)
		place[0] = '\0';
}

void mock_discovery_add(struct mock_bluez *mock, struct mock_discovery *discovery)
{
	mock_bluez_add_method(mock, MOCK_ADAPTER, "SetDiscoveryFilter", "a{sv}", set_filter,
			      discovery);
	mock_bluez_add_method(mock, MOCK_ADAPTER, "StartDiscovery", "", start, discovery);
	mock_bluez_add_method(mock, MOCK_ADAPTER, "StopDiscovery", "", stop, discovery);
	mock_bluez_on_vanished(mock, end_of, discovery);
}

size_t mock_discovery_count(const struct mock_discovery *discovery)
{
	size_t count = 0;

	for (size_t i = 0; i < MOCK_CLIENTS_MAX; i++)
		count += discovery->clients[i][0] != '\0';
	return count;
}
