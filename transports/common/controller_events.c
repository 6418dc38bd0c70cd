#include "controller_state.h"
#include "l2cap.h"

#include <otadfu/host.h>

/* Commands that nobody waits for. */
static void send_command(struct controller *controller, struct hci_command command)
{
	if (!controller_command(controller, &command, NULL, NULL))
		controller_say(controller, OTADFU_LOG_WARN, "too many commands wait; dropped %s",
			       hci_command_name(command.opcode));
}

/* Somebody else has reset it, or it has by itself: what it was told is forgotten. */
static void notice_reset(struct controller *controller, const struct hci_event *event)
{
	if (event->opcode != HCI_RESET || !controller_is_ready(controller))
		return;
	controller_say(controller, OTADFU_LOG_WARN,
		       "the controller was reset, though nobody asked for it");
	controller_reset(controller, HCI_E_LOCAL_HOST);
}

static void on_command_done(struct controller *controller, const struct hci_event *event)
{
	struct pending_command answered;

	if (!commands_answered(&controller->commands, event, &answered)) {
		notice_reset(controller, event);
		return;
	}
	if (event->status != 0)
		controller_say(controller, OTADFU_LOG_DEBUG, "%s refused: %s (0x%02X)",
			       hci_command_name(event->opcode), hci_status_text(event->status),
			       event->status);
	if (answered.done)
		answered.done(answered.user, event->status, event->items);
}

static void on_connected(struct controller *controller, const struct hci_event *event)
{
	struct controller_link *link = controller_unused_link(controller);
	struct controller_connection connection = { .handle = event->handle,
						    .central = event->central,
						    .peer = event->peer,
						    .parameters = event->parameters };

	if (event->status != 0) {
		controller->observer.connect_failed(controller->observer.user, event->status);
		return;
	}
	if (controller_find_link(controller, event->handle)) {
		controller_say(controller, OTADFU_LOG_WARN, "connection %u was made twice",
			       event->handle);
		return;
	}
	if (!link) {
		send_command(controller, hci_disconnect(event->handle, HCI_E_LOW_RESOURCES));
		return;
	}
	*link = (struct controller_link){ .used = true,
					  .central = event->central,
					  .acl.handle = event->handle };
	controller->observer.connected(controller->observer.user, &connection);
}

static void on_disconnected(struct controller *controller, const struct hci_event *event)
{
	struct controller_link *link = controller_find_link(controller, event->handle);

	if (link && event->status == 0)
		controller_lose_link(controller, link, event->reason);
}

static void on_completed(struct controller *controller, const struct hci_event *event)
{
	uint16_t handle, count;

	for (size_t i = 0; hci_completed(event, i, &handle, &count); i++) {
		struct controller_link *link = controller_find_link(controller, handle);

		if (link)
			acl_completed(&link->acl, &controller->buffers, count);
	}
}

static void on_hardware_error(struct controller *controller, const struct hci_event *event)
{
	controller_say(controller, OTADFU_LOG_ERROR, "the controller reports hardware error 0x%02X",
		       event->reason);
	controller_reset(controller, HCI_E_LOCAL_HOST);
}

static void tell_observer(struct controller *controller, const struct hci_event *event)
{
	if (controller->observer.event)
		controller->observer.event(controller->observer.user, event);
}

static void on_updated(struct controller *controller, const struct hci_event *event)
{
	controller_say(controller, OTADFU_LOG_DEBUG,
		       "connection %u: %s; interval %u x 1.25 ms, latency %u, timeout %u x 10 ms",
		       event->handle, hci_status_text(event->status),
		       event->parameters.interval_min, event->parameters.latency,
		       event->parameters.timeout);
	tell_observer(controller, event);
}

/* No pairing here, so there is no key. */
static void on_key_requested(struct controller *controller, const struct hci_event *event)
{
	controller_say(controller, OTADFU_LOG_DEBUG,
		       "connection %u: encryption refused, there is no key", event->handle);
	send_command(controller, hci_ltk_negative_reply(event->handle));
}

static void on_parameters_requested(struct controller *controller, const struct hci_event *event)
{
	send_command(controller,
		     hci_is_possible(&event->parameters)
			     ? hci_parameter_request_reply(event->handle, &event->parameters)
			     : hci_parameter_request_negative_reply(event->handle));
}

static void on_data_length(struct controller *controller, const struct hci_event *event)
{
	controller_say(controller, OTADFU_LOG_DEBUG, "connection %u: data length %u out, %u in",
		       event->handle, event->tx_octets, event->rx_octets);
	tell_observer(controller, event);
}

static void on_phy(struct controller *controller, const struct hci_event *event)
{
	controller_say(controller, OTADFU_LOG_DEBUG, "connection %u: PHY %u out, %u in",
		       event->handle, event->tx_phy, event->rx_phy);
	tell_observer(controller, event);
}

static void (*const handlers[])(struct controller *controller, const struct hci_event *event) = {
	[HCI_EVENT_COMMAND_DONE] = on_command_done,
	[HCI_EVENT_DISCONNECTED] = on_disconnected,
	[HCI_EVENT_COMPLETED] = on_completed,
	[HCI_EVENT_HARDWARE] = on_hardware_error,
	[HCI_EVENT_CONNECTED] = on_connected,
	[HCI_EVENT_UPDATED] = on_updated,
	[HCI_EVENT_KEY_REQUESTED] = on_key_requested,
	[HCI_EVENT_PARAMETERS_REQUESTED] = on_parameters_requested,
	[HCI_EVENT_DATA_LENGTH] = on_data_length,
	[HCI_EVENT_PHY] = on_phy,
	[HCI_EVENT_REPORTS] = tell_observer,
};

/* What was under way when the Reset was sent speaks of connections that are gone. */
static bool is_awaited(const struct controller *controller, const struct hci_event *event)
{
	return event->kind == HCI_EVENT_COMMAND_DONE ||
	       (event->kind != HCI_EVENT_OTHER && controller_is_ready(controller));
}

static void on_event(struct controller *controller, const struct h4_packet *packet)
{
	struct hci_event event;

	if (!hci_decode(packet->data, packet->len, &event))
		controller_say(controller, OTADFU_LOG_WARN,
			       "the controller sent a damaged event, code 0x%02X", packet->data[0]);
	else if (is_awaited(controller, &event))
		handlers[event.kind](controller, &event);
}

/* Frames */

static void on_news(struct controller *controller, struct controller_link *link,
		    const struct l2cap_answer *answer)
{
	switch (answer->news) {
	case L2CAP_NO_NEWS:
		break;
	case L2CAP_PARAMETERS_ACCEPTED:
		send_command(controller,
			     hci_connection_update(link->acl.handle, &answer->parameters));
		break;
	case L2CAP_PARAMETERS_ANSWERED:
		if (answer->id != link->request_id)
			break;
		link->request_id = 0;
		controller_say(controller, OTADFU_LOG_DEBUG,
			       "connection %u: the central %s our parameters", link->acl.handle,
			       answer->result == L2CAP_ACCEPTED ? "accepted" : "refused");
		break;
	case L2CAP_REFUSED:
		controller_say(controller, OTADFU_LOG_DEBUG,
			       "connection %u: refused command 0x%02X of the %s", link->acl.handle,
			       answer->code, link->central ? "peripheral" : "central");
		break;
	}
}

static void on_frame(struct controller *controller, struct controller_link *link,
		     const struct acl_frame *frame)
{
	struct l2cap_answer answer;

	if (frame->channel == L2CAP_ATT) {
		controller->observer.pdu(controller->observer.user, link->acl.handle, frame->data,
					 frame->len);
		return;
	}
	answer = l2cap_answer(frame->channel, link->central, frame->data, frame->len);
	if (answer.len > 0 && !acl_queue(&link->acl, frame->channel, answer.data, answer.len))
		controller_say(controller, OTADFU_LOG_WARN,
			       "connection %u: too much waits for an answer more",
			       link->acl.handle);
	on_news(controller, link, &answer);
}

static void on_acl(struct controller *controller, const struct h4_packet *packet)
{
	struct acl_frame frame;
	struct controller_link *link;
	uint16_t handle;
	bool continues;

	if (!acl_parse(packet->data, packet->len, &handle, &continues))
		return;
	link = controller_find_link(controller, handle);
	if (!link)
		return;
	switch (acl_receive(&link->acl, packet->data, packet->len, &frame)) {
	case ACL_PART:
		break;
	case ACL_WHOLE:
		on_frame(controller, link, &frame);
		break;
	case ACL_DAMAGED:
		controller_say(controller, OTADFU_LOG_WARN,
			       "connection %u: dropped a damaged frame", handle);
		break;
	}
}

void controller_take_packet(void *user, const struct h4_packet *packet)
{
	struct controller *controller = user;

	if (packet->type == H4_EVENT)
		on_event(controller, packet);
	else if (packet->type == H4_ACL)
		on_acl(controller, packet);
}
