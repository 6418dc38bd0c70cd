#include "hci.h"

enum { EVENT_LE_META = 0x3E, HANDLE_MASK = 0x0FFF };

enum { SUBEVENT_REPORT = 0x02, SUBEVENT_EXTENDED_REPORT = 0x0D };

static uint16_t take_handle(struct cursor *c)
{
	return cursor_le16(c) & HANDLE_MASK;
}

static void take_rest(struct cursor *c, struct hci_event *event)
{
	event->items_len = cursor_left(c);
	event->items = cursor_take(c, event->items_len);
}

/* Whoever asked for data must find it behind a success. */
static void check_reply(struct cursor *c, const struct hci_event *event)
{
	if (event->status == 0 && event->items_len < hci_reply_len(event->opcode))
		c->failed = true;
}

/* 7.7.14 */
static void decode_complete(struct cursor *c, struct hci_event *event)
{
	event->command_credits = cursor_u8(c);
	event->opcode = cursor_le16(c);
	if (event->opcode != 0)
		event->status = cursor_u8(c);
	take_rest(c, event);
	check_reply(c, event);
}

/* 7.7.15 */
static void decode_status(struct cursor *c, struct hci_event *event)
{
	event->status = cursor_u8(c);
	event->command_credits = cursor_u8(c);
	event->opcode = cursor_le16(c);
	check_reply(c, event);
}

/* 7.7.5 */
static void decode_disconnected(struct cursor *c, struct hci_event *event)
{
	event->status = cursor_u8(c);
	event->handle = take_handle(c);
	event->reason = cursor_u8(c);
}

/* 7.7.19 */
static void decode_completed(struct cursor *c, struct hci_event *event)
{
	size_t count = cursor_u8(c);

	take_rest(c, event);
	if (event->items_len != count * 4)
		c->failed = true;
}

/* 7.7.16 */
static void decode_hardware(struct cursor *c, struct hci_event *event)
{
	event->reason = cursor_u8(c);
}

static void take_actual_parameters(struct cursor *c, struct hci_event *event)
{
	event->parameters.interval_min = cursor_le16(c);
	event->parameters.interval_max = event->parameters.interval_min;
	event->parameters.latency = cursor_le16(c);
	event->parameters.timeout = cursor_le16(c);
}

static void take_peer(struct cursor *c, struct hci_event *event)
{
	uint8_t type = cursor_u8(c);
	const uint8_t *bytes = cursor_take(c, sizeof(event->peer.bytes));

	/* 2 and 3 are resolved addresses, of a public and a random identity. */
	if (bytes)
		event->peer = hci_address(bytes, type & 1);
}

static void take_connection(struct cursor *c, struct hci_event *event, size_t addresses_len)
{
	event->status = cursor_u8(c);
	event->handle = take_handle(c);
	event->central = cursor_u8(c) == 0;
	take_peer(c, event);
	cursor_take(c, addresses_len);
	take_actual_parameters(c, event);
	cursor_u8(c); /* clock accuracy */
}

/* 7.7.65.1 */
static void decode_connected(struct cursor *c, struct hci_event *event)
{
	take_connection(c, event, 0);
}

/* 7.7.65.10: the same with two resolvable addresses in between. */
static void decode_enhanced_connected(struct cursor *c, struct hci_event *event)
{
	take_connection(c, event, 2 * sizeof(event->peer.bytes));
}

/* 7.7.65.3 */
static void decode_updated(struct cursor *c, struct hci_event *event)
{
	event->status = cursor_u8(c);
	event->handle = take_handle(c);
	take_actual_parameters(c, event);
}

/* 7.7.65.5 */
static void decode_key_requested(struct cursor *c, struct hci_event *event)
{
	enum { RANDOM_AND_DIVERSIFIER = 8 + 2 };

	event->handle = take_handle(c);
	cursor_take(c, RANDOM_AND_DIVERSIFIER);
}

/* 7.7.65.6 */
static void decode_parameters_requested(struct cursor *c, struct hci_event *event)
{
	event->handle = take_handle(c);
	event->parameters.interval_min = cursor_le16(c);
	event->parameters.interval_max = cursor_le16(c);
	event->parameters.latency = cursor_le16(c);
	event->parameters.timeout = cursor_le16(c);
}

/* 7.7.65.7 */
static void decode_data_length(struct cursor *c, struct hci_event *event)
{
	event->handle = take_handle(c);
	event->tx_octets = cursor_le16(c);
	cursor_le16(c); /* transmission time */
	event->rx_octets = cursor_le16(c);
	cursor_le16(c);
}

/* 7.7.65.12 */
static void decode_phy(struct cursor *c, struct hci_event *event)
{
	event->status = cursor_u8(c);
	event->handle = take_handle(c);
	event->tx_phy = cursor_u8(c);
	event->rx_phy = cursor_u8(c);
}

/* 7.7.65.2 and 7.7.65.13 */
static void decode_reports(struct cursor *c, struct hci_event *event)
{
	cursor_u8(c); /* how many; the length says it too */
	take_rest(c, event);
}

static const struct event_facts {
	uint8_t code;
	uint8_t subevent;
	enum hci_event_kind kind;
	void (*decode)(struct cursor *c, struct hci_event *event);
} events[] = {
	{ 0x05, 0, HCI_EVENT_DISCONNECTED, decode_disconnected },
	{ 0x0E, 0, HCI_EVENT_COMMAND_DONE, decode_complete },
	{ 0x0F, 0, HCI_EVENT_COMMAND_DONE, decode_status },
	{ 0x10, 0, HCI_EVENT_HARDWARE, decode_hardware },
	{ 0x13, 0, HCI_EVENT_COMPLETED, decode_completed },
	{ EVENT_LE_META, 0x01, HCI_EVENT_CONNECTED, decode_connected },
	{ EVENT_LE_META, SUBEVENT_REPORT, HCI_EVENT_REPORTS, decode_reports },
	{ EVENT_LE_META, 0x03, HCI_EVENT_UPDATED, decode_updated },
	{ EVENT_LE_META, 0x05, HCI_EVENT_KEY_REQUESTED, decode_key_requested },
	{ EVENT_LE_META, 0x06, HCI_EVENT_PARAMETERS_REQUESTED, decode_parameters_requested },
	{ EVENT_LE_META, 0x07, HCI_EVENT_DATA_LENGTH, decode_data_length },
	{ EVENT_LE_META, 0x0A, HCI_EVENT_CONNECTED, decode_enhanced_connected },
	{ EVENT_LE_META, 0x0C, HCI_EVENT_PHY, decode_phy },
	{ EVENT_LE_META, SUBEVENT_EXTENDED_REPORT, HCI_EVENT_REPORTS, decode_reports },
};

static const struct event_facts *find_event(const struct hci_event *event)
{
	for (size_t i = 0; i < sizeof(events) / sizeof(events[0]); i++) {
		if (events[i].code == event->code && events[i].subevent == event->subevent)
			return &events[i];
	}
	return NULL;
}

bool hci_decode(const uint8_t *packet, size_t len, struct hci_event *ret_event)
{
	struct cursor c = cursor_over(packet, len);
	struct hci_event event = { 0 };
	const struct event_facts *facts;
	size_t parameters_len;

	event.code = cursor_u8(&c);
	parameters_len = cursor_u8(&c);
	if (parameters_len != cursor_left(&c))
		return false;
	if (event.code == EVENT_LE_META)
		event.subevent = cursor_u8(&c);
	facts = find_event(&event);
	if (facts) {
		event.kind = facts->kind;
		facts->decode(&c, &event);
	}
	if (c.failed)
		return false;
	*ret_event = event;
	return true;
}

/* The address, and 2 and 3 for resolved ones; false: it has none. */
static bool take_advertiser(struct cursor *c, struct hci_report *report)
{
	uint8_t type = cursor_u8(c);
	const uint8_t *bytes = cursor_take(c, sizeof(report->address.bytes));

	if (bytes)
		report->address = hci_address(bytes, type & 1);
	return type <= 3;
}

static void take_data(struct cursor *c, struct hci_report *report)
{
	report->data_len = cursor_u8(c);
	report->data = cursor_take(c, report->data_len);
}

/* 7.7.65.2 */
static bool take_report(struct cursor *c, struct hci_report *report)
{
	enum { UNDIRECTED = 0, DIRECTED = 1, RESPONSE = 4 };
	uint8_t type = cursor_u8(c);
	bool has_address = take_advertiser(c, report);

	take_data(c, report);
	report->rssi_dbm = (int8_t)cursor_u8(c);
	report->connectable = type == UNDIRECTED || type == DIRECTED;
	report->directed = type == DIRECTED;
	report->scan_response = type == RESPONSE;
	return has_address;
}

/* 7.7.65.13 */
static bool take_extended_report(struct cursor *c, struct hci_report *report)
{
	enum { CONNECTABLE = 0x01, DIRECTED = 0x04, RESPONSE = 0x08, CONTINUES = 0x20, CUT = 0x40 };
	enum { PHYS_SET_AND_POWER = 4, PERIODIC_AND_TARGET = 2 + 7 };
	uint16_t type = cursor_le16(c);
	bool has_address = take_advertiser(c, report);

	cursor_take(c, PHYS_SET_AND_POWER);
	report->rssi_dbm = (int8_t)cursor_u8(c);
	cursor_take(c, PERIODIC_AND_TARGET);
	take_data(c, report);
	report->connectable = type & CONNECTABLE;
	report->directed = type & DIRECTED;
	report->scan_response = type & RESPONSE;
	report->partial = type & (CONTINUES | CUT);
	report->continues = type & CONTINUES;
	return has_address;
}

bool hci_next_report(const struct hci_event *event, struct cursor *items,
		     struct hci_report *ret_report)
{
	bool extended = event->subevent == SUBEVENT_EXTENDED_REPORT;
	bool has_address = false;

	while (!has_address && cursor_left(items) > 0) {
		struct hci_report report = { 0 };

		has_address = extended ? take_extended_report(items, &report)
				       : take_report(items, &report);
		if (items->failed)
			return false;
		if (has_address)
			*ret_report = report;
	}
	return has_address;
}

bool hci_completed(const struct hci_event *event, size_t index, uint16_t *ret_handle,
		   uint16_t *ret_count)
{
	const uint8_t *item;

	if (index >= event->items_len / 4)
		return false;
	item = event->items + index * 4;
	*ret_handle = get_le16(item) & HANDLE_MASK;
	*ret_count = get_le16(item + 2);
	return true;
}
