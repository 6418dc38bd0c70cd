#include "reader.h"

#include <otadfu/error.h>
#include <string.h>

/* --- from the beginning, or anew --- */

static bool has_address(const struct controller *controller)
{
	static const struct otadfu_addr none;
	struct otadfu_addr own = controller_address(controller);

	return memcmp(own.bytes, none.bytes, sizeof(own.bytes)) != 0;
}

static void learn_locked(struct otadfu_adapter *adapter)
{
	const struct controller *controller = adapter->controller;

	adapter->central = (struct hci_central){
		.extended = controller_has(controller, HCI_FEATURE_EXTENDED),
		.has_2m = controller_has(controller, HCI_FEATURE_2M),
		.own_type = has_address(controller) ? 0 : 1,
	};
	adapter->has_data_length = controller_has(controller, HCI_FEATURE_DATA_LENGTH);
	adapter->ready = true;
}

static void on_reset(void *user)
{
	struct otadfu_adapter *adapter = user;

	pthread_mutex_lock(&adapter->lock);
	adapter_forget_locked(adapter);
	pthread_mutex_unlock(&adapter->lock);
}

/* Orders that have come since the reset go behind the address. */
static void on_ready(void *user)
{
	struct otadfu_adapter *adapter = user;
	struct hci_command own;

	pthread_mutex_lock(&adapter->lock);
	own = hci_random_address(&adapter->own_random);
	if (adapter->ready && adapter->central.own_type == 1)
		controller_command(adapter->controller, &own, NULL, NULL);
	if (!adapter->ready)
		learn_locked(adapter);
	news_tell(&adapter->air.news);
	pthread_mutex_unlock(&adapter->lock);
}

/* --- connections --- */

static bool is_expected(const struct air *air, const struct controller_connection *connection)
{
	const struct otadfu_addr *peer, *actual = &connection->peer;

	if (air->attempt == ATTEMPT_NONE || !connection->central)
		return false;
	peer = &air->attempt_link->peer;
	return peer->type == actual->type &&
	       memcmp(peer->bytes, actual->bytes, sizeof(peer->bytes)) == 0;
}

static void on_connected(void *user, const struct controller_connection *connection)
{
	struct otadfu_adapter *adapter = user;
	struct hci_command refusal = hci_disconnect(connection->handle, HCI_E_USER_ENDED);

	pthread_mutex_lock(&adapter->lock);
	if (is_expected(&adapter->air, connection)) {
		link_begin_locked(adapter->air.attempt_link, connection);
		air_attempt_ended_locked(adapter, 0);
	} else {
		adapter_order_locked(adapter, &refusal, NULL, NULL);
	}
	pthread_mutex_unlock(&adapter->lock);
}

static void on_connect_failed(void *user, uint8_t status)
{
	struct otadfu_adapter *adapter = user;

	pthread_mutex_lock(&adapter->lock);
	if (adapter->air.attempt != ATTEMPT_NONE)
		air_attempt_ended_locked(adapter, status);
	pthread_mutex_unlock(&adapter->lock);
}

static struct hci_link *find_link(struct otadfu_adapter *adapter, uint16_t handle)
{
	for (size_t i = 0; i < CONTROLLER_LINKS_MAX; i++) {
		if (link_is_at(&adapter->links[i], handle))
			return &adapter->links[i];
	}
	return NULL;
}

static void on_disconnected(void *user, uint16_t handle, uint8_t reason)
{
	struct otadfu_adapter *adapter = user;
	struct hci_link *link;

	pthread_mutex_lock(&adapter->lock);
	link = find_link(adapter, handle);
	if (link)
		link_end_locked(link, reason);
	news_tell(&adapter->air.news);
	pthread_mutex_unlock(&adapter->lock);
}

static void on_pdu(void *user, uint16_t handle, const uint8_t *data, size_t len)
{
	struct otadfu_adapter *adapter = user;
	struct hci_link *link;

	pthread_mutex_lock(&adapter->lock);
	link = find_link(adapter, handle);
	if (link)
		link_take_locked(link, data, len);
	pthread_mutex_unlock(&adapter->lock);
}

/* What found no room is tried again in each round. */
static void on_room(void *user, uint16_t handle)
{
	(void)user;
	(void)handle;
}

/* --- all else --- */

static void take_reports_locked(struct otadfu_adapter *adapter, const struct hci_event *event)
{
	struct cursor items = cursor_over(event->items, event->items_len);
	struct hci_report report;

	if (!adapter->air.scanning)
		return;
	while (hci_next_report(event, &items, &report))
		sightings_put(&adapter->air.sightings, &report);
	news_tell(&adapter->air.news);
}

static void on_event(void *user, const struct hci_event *event)
{
	struct otadfu_adapter *adapter = user;
	struct hci_link *link;

	pthread_mutex_lock(&adapter->lock);
	link = find_link(adapter, event->handle);
	if (event->kind == HCI_EVENT_REPORTS)
		take_reports_locked(adapter, event);
	else if (link)
		link_decided_locked(link, event);
	pthread_mutex_unlock(&adapter->lock);
}

static void on_log(void *user, int level, const char *text)
{
	const struct otadfu_adapter *adapter = user;

	adapter->ctx->host->log(adapter->ctx, (uint32_t)level, text);
}

struct controller_observer reader_observer(struct otadfu_adapter *adapter)
{
	return (struct controller_observer){
		.ready = on_ready,
		.reset = on_reset,
		.connected = on_connected,
		.connect_failed = on_connect_failed,
		.disconnected = on_disconnected,
		.pdu = on_pdu,
		.room = on_room,
		.event = on_event,
		.log = on_log,
		.user = adapter,
	};
}
