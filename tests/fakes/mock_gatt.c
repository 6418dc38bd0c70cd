#include "mock_gatt.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
	MTU_WANTED = 517,
	MTU_MIN = 23,
	ATT_UNLIKELY = 0x0E,
	ATT_NOT_LONG = 0x0B,
	ATT_INVALID_OFFSET = 0x07
};

const char *mock_gatt_uuid16(int uuid, char text[MOCK_NAME_MAX])
{
	snprintf(text, MOCK_NAME_MAX, "%08x-0000-1000-8000-00805f9b34fb", (unsigned)uuid);
	return text;
}

const char *mock_gatt_uuid128(const uint8_t *bytes, bool reversed, char text[MOCK_NAME_MAX])
{
	size_t len = 0;

	for (size_t i = 0; i < 16; i++) {
		if (i == 4 || i == 6 || i == 8 || i == 10)
			text[len++] = '-';
		len += (size_t)sprintf(text + len, "%02x", bytes[reversed ? 15 - i : i]);
	}
	return text;
}

void mock_gatt_refuse(sd_bus_message **call, const char *text)
{
	if (*call)
		mock_require(sd_bus_reply_method_errorf(*call, MOCK_ERROR("Failed"), "%s", text),
			     text);
	*call = sd_bus_message_unref(*call);
}

static void accept_call(sd_bus_message **call)
{
	if (*call)
		mock_require(sd_bus_reply_method_return(*call, ""), "reply");
	*call = sd_bus_message_unref(*call);
}

/* src/gatt-client.c, create_gatt_dbus_error() */
static void refuse_by_att(sd_bus_message **call, uint8_t error)
{
	static const struct {
		uint8_t error;
		const char *name;
		const char *text;
	} words[] = {
		{ 0x02, MOCK_ERROR("NotPermitted"), "Read not permitted" },
		{ 0x03, MOCK_ERROR("NotPermitted"), "Write not permitted" },
		{ 0x05, MOCK_ERROR("NotPermitted"), "Not paired" },
		{ 0x0C, MOCK_ERROR("NotPermitted"), "Not paired" },
		{ 0x0F, MOCK_ERROR("NotPermitted"), "Not paired" },
		{ 0x07, MOCK_ERROR("InvalidArguments"), "Invalid offset" },
		{ 0x0D, MOCK_ERROR("InvalidArguments"), "Invalid Length" },
		{ 0x08, MOCK_ERROR("NotAuthorized"), "Operation Not Authorized" },
		{ 0x06, MOCK_ERROR("NotSupported"), "Operation is not supported" },
	};
	char text[64];

	if (!*call)
		return;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (words[i].error != error)
			continue;
		mock_require(sd_bus_reply_method_errorf(*call, words[i].name, "%s", words[i].text),
			     "reply");
		*call = sd_bus_message_unref(*call);
		return;
	}
	snprintf(text, sizeof(text), "Operation failed with ATT error: 0x%02x", error);
	mock_gatt_refuse(call, text);
}

/* --- to the device --- */

static void ask(struct mock_peer *peer, const struct pdu *pdu, sd_bus_message *call,
		struct mock_characteristic *of)
{
	peer->requests =
		mock_grow(peer->requests, peer->request_count + 1, sizeof(*peer->requests));
	peer->requests[peer->request_count++] =
		(struct mock_request){ .pdu = *pdu, .call = sd_bus_message_ref(call), .of = of };
}

static void end_request(struct mock_peer *peer)
{
	peer->asked = false;
	sd_bus_message_unref(peer->requests[0].call);
	memmove(peer->requests, peer->requests + 1,
		--peer->request_count * sizeof(*peer->requests));
}

/* Without end, as bluetoothd takes them. */
static void command(struct mock_peer *peer, const struct pdu *pdu)
{
	peer->commands =
		mock_grow(peer->commands, peer->command_count + 1, sizeof(*peer->commands));
	peer->commands[peer->command_count++] = *pdu;
}

/* Commands go before requests that wait. */
static void send_waiting(struct mock_peer *peer)
{
	size_t sent = 0;

	while (sent < peer->command_count && link_send(peer->link, &peer->commands[sent]))
		sent++;
	peer->command_count -= sent;
	if (sent > 0)
		memmove(peer->commands, peer->commands + sent,
			peer->command_count * sizeof(*peer->commands));
	if (peer->command_count == 0 && peer->request_count > 0 && !peer->asked)
		peer->asked = link_send(peer->link, &peer->requests[0].pdu);
}

/* --- objects --- */

static void signal_flag(struct mock_peer *peer, const char *path, const char *interface,
			const char *name, bool value)
{
	mock_bluez_set(peer->mock, path, interface, name, "b", (int)value);
	mock_bluez_changed(peer->mock, path, interface, name);
}

static void signal_value(struct mock_peer *peer, const struct mock_characteristic *of,
			 const uint8_t *data, size_t len)
{
	mock_bluez_set_bytes(peer->mock, of->path, MOCK_CHARACTERISTIC, "Value", data, len);
	mock_bluez_changed(peer->mock, of->path, MOCK_CHARACTERISTIC, "Value");
}

static void release(struct mock_peer *peer, struct mock_characteristic *of)
{
	if (of->socket < 0)
		return;
	sd_event_source_disable_unref(of->source);
	of->source = NULL;
	close(of->socket);
	of->socket = -1;
	signal_flag(peer, of->path, MOCK_CHARACTERISTIC, "WriteAcquired", false);
}

static void remove_objects(struct mock_peer *peer)
{
	for (size_t i = 0; i < peer->count; i++) {
		mock_bluez_remove(peer->mock, peer->items[i].path);
		if (i + 1 == peer->count ||
		    strcmp(peer->items[i].service, peer->items[i + 1].service) != 0)
			mock_bluez_remove(peer->mock, peer->items[i].service);
	}
	peer->count = 0;
}

static void set_flags(struct mock_peer *peer, const struct mock_characteristic *of)
{
	static const struct {
		uint8_t prop;
		const char *name;
	} names[] = {
		{ OTADFU_PROP_READ, "read" },
		{ OTADFU_PROP_WRITE_CMD, "write-without-response" },
		{ OTADFU_PROP_WRITE, "write" },
		{ OTADFU_PROP_NOTIFY, "notify" },
		{ OTADFU_PROP_INDICATE, "indicate" },
	};
	const char *flags[5] = { "", "", "", "", "" };
	int count = 0;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (of->props & names[i].prop)
			flags[count++] = names[i].name;
	}
	mock_bluez_set(peer->mock, of->path, MOCK_CHARACTERISTIC, "Flags", "as", count, flags[0],
		       flags[1], flags[2], flags[3], flags[4]);
}

static void add_service(struct mock_peer *peer, const struct device_attribute *attribute,
			struct mock_characteristic *of)
{
	char uuid[MOCK_NAME_MAX];
	char path[MOCK_PATH_MAX];

	snprintf(path, sizeof(path), "%.40s/service%04x", peer->path, attribute->handle - 2);
	mock_copy_name(of->service, path);
	mock_bluez_set(peer->mock, of->service, MOCK_SERVICE, "UUID", "s",
		       attribute->service != 0
			       ? mock_gatt_uuid16(attribute->service, uuid)
			       : mock_gatt_uuid128(attribute->service128, false, uuid));
	mock_bluez_announce(peer->mock, of->service);
}

static bool is_of_same_service(const struct device_attribute *a, const struct device_attribute *b)
{
	return a->service == b->service &&
	       memcmp(a->service128, b->service128, sizeof(a->service128)) == 0;
}

static void add_characteristic(struct mock_peer *peer, const struct device_attribute *attribute,
			       bool begins_service)
{
	struct mock_characteristic *of = &peer->items[peer->count++];
	uint16_t mtu = peer->habits->mtu ? peer->habits->mtu : peer->mtu;
	char uuid[MOCK_NAME_MAX];
	char path[MOCK_PATH_MAX];

	*of = (struct mock_characteristic){ .handle = attribute->handle,
					    .props = attribute->props,
					    .socket = -1 };
	if (peer->habits->commands_only && of->props & OTADFU_PROP_WRITE_CMD)
		of->props = (uint8_t)(of->props & ~OTADFU_PROP_WRITE);
	if (begins_service)
		add_service(peer, attribute, of);
	else
		memcpy(of->service, of[-1].service, sizeof(of->service));
	snprintf(path, sizeof(path), "%.52s/char%04x", of->service, attribute->handle - 1);
	mock_copy_name(of->path, path);
	mock_bluez_set(peer->mock, of->path, MOCK_CHARACTERISTIC, "UUID", "s",
		       attribute->uuid != 0 ? mock_gatt_uuid16(attribute->uuid, uuid)
					    : mock_gatt_uuid128(attribute->uuid128, false, uuid));
	mock_bluez_set(peer->mock, of->path, MOCK_CHARACTERISTIC, "Service", "o", of->service);
	if (!peer->habits->hides_mtu)
		mock_bluez_set(peer->mock, of->path, MOCK_CHARACTERISTIC, "MTU", "q", (int)mtu);
	set_flags(peer, of);
	mock_bluez_announce(peer->mock, of->path);
}

static void resolve(struct mock_peer *peer, const struct answer *answer)
{
	bool is_known = peer->habits->believes_its_cache && peer->count > 0;

	if (!is_known)
		remove_objects(peer);
	for (size_t i = 0; i < answer->attribute_count && !is_known; i++)
		add_characteristic(peer, &answer->attributes[i],
				   i == 0 || !is_of_same_service(&answer->attributes[i],
								 &answer->attributes[i - 1]));
	signal_flag(peer, peer->path, MOCK_DEVICE, "ServicesResolved", true);
}

/* --- from the device --- */

static void set_notifying(struct mock_peer *peer, struct mock_characteristic *of,
			  const char *client)
{
	for (size_t i = 0; i < MOCK_NOTIFIED_MAX; i++) {
		if (of->clients[i][0] == '\0') {
			mock_copy_name(of->clients[i], client);
			signal_flag(peer, of->path, MOCK_CHARACTERISTIC, "Notifying", true);
			return;
		}
	}
	mock_require(-E2BIG, "clients");
}

/* True: more of the value is to be asked for. */
static bool take_part(struct mock_peer *peer, struct mock_request *request,
		      const struct answer *answer)
{
	bool is_end = answer->att_error == ATT_NOT_LONG || answer->att_error == ATT_INVALID_OFFSET;

	if (answer->att_error && !(is_end && peer->value_len > 0))
		return false;
	memcpy(peer->value + peer->value_len, answer->data, answer->len);
	peer->value_len += answer->len;
	request->pdu.number = (uint16_t)peer->value_len;
	return !answer->att_error && answer->len + 1 == peer->mtu;
}

/* bluetoothd keeps what was read, and says so; then it answers. */
static void end_read(struct mock_peer *peer, struct mock_request *request)
{
	sd_bus_message *reply = NULL;

	signal_value(peer, request->of, peer->value, peer->value_len);
	mock_require(sd_bus_message_new_method_return(request->call, &reply), "reply");
	mock_require(sd_bus_message_append_array(reply, 'y', peer->value, peer->value_len),
		     "reply");
	mock_require(sd_bus_send(NULL, reply, NULL), "reply");
	sd_bus_message_unref(reply);
}

static void take_answer(struct mock_peer *peer, const struct answer *answer)
{
	struct mock_request *request = &peer->requests[0];
	bool is_read = request->pdu.kind == PDU_READ;

	if (is_read && take_part(peer, request, answer)) {
		peer->asked = false;
		return;
	}
	if (request->pdu.kind == PDU_MTU)
		peer->mtu = answer->number;
	else if (request->pdu.kind == PDU_DISCOVER)
		resolve(peer, answer);
	else if (answer->att_error && !(is_read && peer->value_len > 0))
		refuse_by_att(&request->call, answer->att_error);
	else if (is_read)
		end_read(peer, request);
	else {
		if (request->pdu.kind == PDU_CCCD && request->pdu.number != 0 && request->call)
			set_notifying(peer, request->of, sd_bus_message_get_sender(request->call));
		accept_call(&request->call);
	}
	if (is_read)
		peer->value_len = 0;
	end_request(peer);
}

static void take_values(struct mock_peer *peer)
{
	uint8_t data[LINK_DATA_MAX];
	size_t len;

	for (size_t i = 0; i < peer->count; i++) {
		while (link_take_value(peer->link, peer->items[i].handle, data, sizeof(data),
				       &len) == LINK_VALUE_TAKEN) {
			if (peer->items[i].clients[0][0] != '\0')
				signal_value(peer, &peer->items[i], data, len);
		}
	}
}

/* The next packet may come. */
static void open_sockets(struct mock_peer *peer)
{
	for (size_t i = 0; i < peer->count; i++) {
		if (peer->items[i].socket >= 0)
			mock_require(sd_event_source_set_enabled(peer->items[i].source,
								 SD_EVENT_ONESHOT),
				     "socket");
	}
}

void mock_gatt_run(struct mock_peer *peer)
{
	const struct answer *answer;

	open_sockets(peer);
	take_values(peer);
	if (link_take_answer(peer->link, &answer))
		take_answer(peer, answer);
	take_values(peer);
	send_waiting(peer);
	if (link_is_gone(peer->link))
		mock_gatt_end(peer);
}

/* --- its life --- */

void mock_gatt_begin(struct mock_peer *peer, struct link *link)
{
	peer->wants_link = false;
	if (!link) {
		mock_gatt_refuse(&peer->connect_call, "le-connection-abort-by-local");
		return;
	}
	peer->link = link;
	peer->mtu = MTU_MIN;
	peer->disconnect_us = 0;
	signal_flag(peer, peer->path, MOCK_DEVICE, "Connected", true);
	accept_call(&peer->connect_call);
	if (peer->habits->never_resolves)
		return;
	ask(peer, &(struct pdu){ .kind = PDU_MTU, .number = MTU_WANTED }, NULL, NULL);
	ask(peer, &(struct pdu){ .kind = PDU_DISCOVER }, NULL, NULL);
}

static void forget_waiting(struct mock_peer *peer)
{
	while (peer->request_count > 0)
		end_request(peer);
	free(peer->requests);
	free(peer->commands);
	peer->requests = NULL;
	peer->commands = NULL;
	peer->command_count = 0;
	peer->value_len = 0;
}

void mock_gatt_end(struct mock_peer *peer)
{
	for (size_t i = 0; i < peer->request_count; i++)
		refuse_by_att(&peer->requests[i].call, ATT_UNLIKELY);
	forget_waiting(peer);
	for (size_t i = 0; i < peer->count; i++)
		release(peer, &peer->items[i]);
	station_disconnect(peer->station, peer->link);
	peer->link = NULL;
	peer->disconnect_us = 0;
	mock_bluez_set(peer->mock, peer->path, MOCK_DEVICE, "Connected", "b", 0);
	mock_bluez_set(peer->mock, peer->path, MOCK_DEVICE, "ServicesResolved", "b", 0);
	mock_bluez_changed(peer->mock, peer->path, MOCK_DEVICE, "Connected ServicesResolved");
	accept_call(&peer->disconnect_call);
}

void mock_gatt_forget(struct mock_peer *peer)
{
	if (peer->link)
		mock_gatt_end(peer);
	mock_gatt_refuse(&peer->connect_call, "br-connection-canceled");
	remove_objects(peer);
}

void mock_gatt_free(struct mock_peer *peer)
{
	forget_waiting(peer);
	for (size_t i = 0; i < peer->count; i++) {
		sd_event_source_disable_unref(peer->items[i].source);
		if (peer->items[i].socket >= 0)
			close(peer->items[i].socket);
	}
	if (peer->link)
		station_disconnect(peer->station, peer->link);
	sd_bus_message_unref(peer->connect_call);
	sd_bus_message_unref(peer->disconnect_call);
	free(peer);
}

/* --- calls --- */

static struct mock_characteristic *find(struct mock_peer *peer, const char *path)
{
	for (size_t i = 0; i < peer->count; i++) {
		if (strcmp(peer->items[i].path, path) == 0)
			return &peer->items[i];
	}
	return NULL;
}

static bool is_under_way(const struct mock_peer *peer, const struct mock_characteristic *of,
			 enum pdu_kind kind)
{
	for (size_t i = 0; i < peer->request_count; i++) {
		if (peer->requests[i].of == of && peer->requests[i].pdu.kind == kind)
			return true;
	}
	return false;
}

static int read_value(struct mock_peer *peer, struct mock_characteristic *of, sd_bus_message *call)
{
	if (is_under_way(peer, of, PDU_READ))
		return mock_bluez_refuse(call, MOCK_ERROR("InProgress"));
	ask(peer, &(struct pdu){ .kind = PDU_READ, .handle = of->handle }, call, of);
	return 0;
}

static void read_type(sd_bus_message *call, char type[MOCK_NAME_MAX])
{
	const char *name;
	const char *value;

	type[0] = '\0';
	mock_require(sd_bus_message_enter_container(call, 'a', "{sv}"), "options");
	while (sd_bus_message_enter_container(call, 'e', "sv") > 0) {
		mock_require(sd_bus_message_read(call, "s", &name), "options");
		mock_require(sd_bus_message_read(call, "v", "s", &value), name);
		if (strcmp(name, "type") == 0)
			mock_copy_name(type, value);
		mock_require(sd_bus_message_exit_container(call), "options");
	}
}

static int write_value(struct mock_peer *peer, struct mock_characteristic *of, sd_bus_message *call)
{
	struct pdu pdu = { .kind = PDU_WRITE, .handle = of->handle };
	char type[MOCK_NAME_MAX];
	const void *data;

	if (of->socket >= 0)
		return sd_bus_reply_method_errorf(call, MOCK_ERROR("NotPermitted"),
						  "Write acquired");
	if (is_under_way(peer, of, PDU_WRITE))
		return mock_bluez_refuse(call, MOCK_ERROR("InProgress"));
	mock_require(sd_bus_message_read_array(call, 'y', &data, &pdu.len), "value");
	mock_require(pdu.len <= sizeof(pdu.data) ? 0 : -E2BIG, "value");
	if (pdu.len > 0)
		memcpy(pdu.data, data, pdu.len);
	read_type(call, type);
	if (strcmp(type, "command") != 0) {
		ask(peer, &pdu, call, of);
		return 0;
	}
	pdu.kind = PDU_COMMAND;
	command(peer, &pdu);
	return sd_bus_reply_method_return(call, "");
}

/* What is there, so that its end comes after it. An empty packet ends it. */
static int on_packet(sd_event_source *source, int fd, uint32_t events, void *user)
{
	struct mock_peer *peer = user;
	struct pdu pdu = { .kind = PDU_COMMAND };
	ssize_t len = recv(fd, pdu.data, sizeof(pdu.data), MSG_DONTWAIT);

	(void)source;
	(void)events;
	for (size_t i = 0; i < peer->count; i++) {
		if (peer->items[i].socket != fd)
			continue;
		if (len <= 0) {
			release(peer, &peer->items[i]);
			return 0;
		}
		pdu.len = (size_t)len;
		pdu.handle = peer->items[i].handle;
		command(peer, &pdu);
	}
	if (!peer->habits->lazy)
		peer->hurry(peer->radio);
	return 0;
}

static int acquire_write(struct mock_peer *peer, struct mock_characteristic *of,
			 sd_bus_message *call)
{
	uint16_t mtu = peer->habits->acquired_mtu ? peer->habits->acquired_mtu : peer->mtu;
	int fds[2];
	int r;

	if (peer->habits->cannot_acquire)
		return mock_bluez_refuse(call, SD_BUS_ERROR_UNKNOWN_METHOD);
	if (of->socket >= 0)
		return sd_bus_reply_method_errorf(call, MOCK_ERROR("NotPermitted"),
						  "Write acquired");
	if (!(of->props & OTADFU_PROP_WRITE_CMD))
		return mock_bluez_refuse(call, MOCK_ERROR("NotSupported"));
	mock_require(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds) < 0
			     ? -errno
			     : 0,
		     "socketpair");
	of->socket = fds[0];
	mock_require(sd_event_add_io(mock_bluez_event(peer->mock), &of->source, of->socket, EPOLLIN,
				     on_packet, peer),
		     "socket");
	r = sd_bus_reply_method_return(call, "hq", fds[1], mtu);
	close(fds[1]);
	signal_flag(peer, of->path, MOCK_CHARACTERISTIC, "WriteAcquired", true);
	return r;
}

static char *find_client(struct mock_characteristic *of, const char *client)
{
	for (size_t i = 0; i < MOCK_NOTIFIED_MAX; i++) {
		if (strcmp(of->clients[i], client) == 0)
			return of->clients[i];
	}
	return NULL;
}

static bool is_notified(const struct mock_characteristic *of)
{
	for (size_t i = 0; i < MOCK_NOTIFIED_MAX; i++) {
		if (of->clients[i][0] != '\0')
			return true;
	}
	return false;
}

static void write_cccd(struct mock_peer *peer, struct mock_characteristic *of, bool on,
		       sd_bus_message *call)
{
	struct pdu pdu = { .kind = PDU_CCCD, .handle = of->handle };

	if (on)
		pdu.number = of->props & OTADFU_PROP_NOTIFY ? 1 : 2;
	ask(peer, &pdu, call, of);
}

static int start_notify(struct mock_peer *peer, struct mock_characteristic *of,
			sd_bus_message *call)
{
	const char *client = sd_bus_message_get_sender(call);

	if (peer->disconnect_us != 0)
		return mock_bluez_refuse(call, MOCK_ERROR("NotConnected"));
	if (!(of->props & (OTADFU_PROP_NOTIFY | OTADFU_PROP_INDICATE)))
		return mock_bluez_refuse(call, MOCK_ERROR("NotSupported"));
	if (find_client(of, client))
		return sd_bus_reply_method_return(call, "");
	if (!is_notified(of)) {
		write_cccd(peer, of, true, call);
		return 0;
	}
	set_notifying(peer, of, client);
	return sd_bus_reply_method_return(call, "");
}

static bool end_notify(struct mock_peer *peer, struct mock_characteristic *of, const char *client)
{
	char *place = find_client(of, client);

	if (!place)
		return false;
	place[0] = '\0';
	if (is_notified(of))
		return true;
	signal_flag(peer, of->path, MOCK_CHARACTERISTIC, "Notifying", false);
	if (peer->link)
		write_cccd(peer, of, false, NULL);
	return true;
}

static int stop_notify(struct mock_peer *peer, struct mock_characteristic *of, sd_bus_message *call)
{
	if (!end_notify(peer, of, sd_bus_message_get_sender(call)))
		return mock_bluez_refuse(call, MOCK_ERROR("Failed"));
	return sd_bus_reply_method_return(call, "");
}

int mock_gatt_call(struct mock_peer *peer, sd_bus_message *call)
{
	static const struct {
		const char *member;
		int (*serve)(struct mock_peer *peer, struct mock_characteristic *of,
			     sd_bus_message *call);
	} members[] = {
		{ "ReadValue", read_value },       { "WriteValue", write_value },
		{ "AcquireWrite", acquire_write }, { "StartNotify", start_notify },
		{ "StopNotify", stop_notify },
	};
	struct mock_characteristic *of = find(peer, sd_bus_message_get_path(call));

	if (!of)
		return mock_bluez_refuse(call, SD_BUS_ERROR_UNKNOWN_OBJECT);
	if (!peer->link)
		return sd_bus_reply_method_errorf(call, MOCK_ERROR("Failed"), "Not connected");
	for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
		if (strcmp(members[i].member, sd_bus_message_get_member(call)) == 0)
			return members[i].serve(peer, of, call);
	}
	return mock_bluez_refuse(call, SD_BUS_ERROR_UNKNOWN_METHOD);
}

void mock_gatt_end_client(struct mock_peer *peer, const char *client)
{
	for (size_t i = 0; i < peer->count; i++)
		end_notify(peer, &peer->items[i], client);
}
