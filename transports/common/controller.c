#include "controller.h"

#include "acl.h"
#include "h4.h"
#include "l2cap.h"
#include "setup.h"

#include <otadfu/error.h>
#include <otadfu/host.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

enum { ANSWER_MS = 2000, LOG_MAX = 160 };

struct controller_link {
	bool used;
	bool central;       /* our role */
	bool refused;       /* a PDU, so that room is to be told */
	uint8_t request_id; /* of our parameter request; 0: none is open */
	struct acl_link acl;
};

struct controller {
	struct h4 h4;
	struct controller_observer observer;
	struct problem problem;
	int failed; /* OTADFU_E_*, for good */
	struct setup setup;
	struct commands commands;
	struct acl_buffers buffers;
	struct controller_link links[CONTROLLER_LINKS_MAX];
	size_t turn; /* the link whose turn it is to send */
};

__attribute__((format(printf, 3, 4))) static void say(struct controller *controller, int level,
						      const char *format, ...)
{
	char text[LOG_MAX];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	controller->observer.log(controller->observer.user, level, text);
}

static void on_ready(struct controller *controller)
{
	const struct setup *setup = &controller->setup;

	say(controller, OTADFU_LOG_DEBUG,
	    "controller: HCI version %u, manufacturer 0x%04X, %u buffers of %u bytes",
	    setup->version, setup->manufacturer, setup->buffers.total, setup->buffers.len);
	controller->buffers = setup->buffers;
	controller->observer.ready(controller->observer.user);
}

static bool add_command(struct controller *controller, const struct hci_command *command,
			command_done_fn *done, void *user)
{
	const struct pending_command pending = { .command = *command, .done = done, .user = user };

	return commands_add(&controller->commands, &pending);
}

static void on_setup_answer(void *user, uint8_t status, const uint8_t *reply);

static void go_on_with_setup(struct controller *controller)
{
	struct hci_command command;

	if (setup_next(&controller->setup, &command))
		add_command(controller, &command, on_setup_answer, controller);
	else
		on_ready(controller);
}

static void on_setup_answer(void *user, uint8_t status, const uint8_t *reply)
{
	struct controller *controller = user;

	controller->failed =
		setup_answered(&controller->setup, status, reply, &controller->problem);
	if (!controller->failed)
		go_on_with_setup(controller);
}

/* Links */

static struct controller_link *find_link(struct controller *controller, uint16_t handle)
{
	for (size_t i = 0; i < CONTROLLER_LINKS_MAX; i++) {
		if (controller->links[i].used && controller->links[i].acl.handle == handle)
			return &controller->links[i];
	}
	return NULL;
}

static struct controller_link *find_unused_link(struct controller *controller)
{
	for (size_t i = 0; i < CONTROLLER_LINKS_MAX; i++) {
		if (!controller->links[i].used)
			return &controller->links[i];
	}
	return NULL;
}

static void lose_link(struct controller *controller, struct controller_link *link, uint8_t reason)
{
	uint16_t handle = link->acl.handle;

	acl_lost(&link->acl, &controller->buffers);
	link->used = false;
	controller->observer.disconnected(controller->observer.user, handle, reason);
}

/* Commands that nobody waits for. */
static void send_command(struct controller *controller, struct hci_command command)
{
	if (!controller_command(controller, &command, NULL, NULL))
		say(controller, OTADFU_LOG_WARN, "too many commands wait; dropped %s",
		    hci_command_name(command.opcode));
}

/* Events */

static void on_command_done(struct controller *controller, const struct hci_event *event)
{
	struct pending_command answered;

	if (!commands_answered(&controller->commands, event, &answered))
		return;
	if (event->status != 0)
		say(controller, OTADFU_LOG_DEBUG, "%s refused: %s (0x%02X)",
		    hci_command_name(event->opcode), hci_status_text(event->status), event->status);
	if (answered.done)
		answered.done(answered.user, event->status, event->items);
}

static void on_connected(struct controller *controller, const struct hci_event *event)
{
	struct controller_link *link = find_unused_link(controller);
	struct controller_connection connection = { .handle = event->handle,
						    .central = event->central,
						    .peer = event->peer,
						    .parameters = event->parameters };

	if (event->status != 0) {
		controller->observer.connect_failed(controller->observer.user, event->status);
		return;
	}
	if (find_link(controller, event->handle)) {
		say(controller, OTADFU_LOG_WARN, "connection %u was made twice", event->handle);
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
	struct controller_link *link = find_link(controller, event->handle);

	if (link && event->status == 0)
		lose_link(controller, link, event->reason);
}

static void on_completed(struct controller *controller, const struct hci_event *event)
{
	uint16_t handle, count;

	for (size_t i = 0; hci_completed(event, i, &handle, &count); i++) {
		struct controller_link *link = find_link(controller, handle);

		if (link)
			acl_completed(&link->acl, &controller->buffers, count);
	}
}

static void on_hardware_error(struct controller *controller, const struct hci_event *event)
{
	say(controller, OTADFU_LOG_ERROR, "the controller reports hardware error 0x%02X",
	    event->reason);
	controller_reset(controller, HCI_E_LOCAL_HOST);
}

static void on_updated(struct controller *controller, const struct hci_event *event)
{
	say(controller, OTADFU_LOG_DEBUG,
	    "connection %u: %s; interval %u x 1.25 ms, latency %u, timeout %u x 10 ms",
	    event->handle, hci_status_text(event->status), event->parameters.interval_min,
	    event->parameters.latency, event->parameters.timeout);
}

/* No pairing here, so there is no key. */
static void on_key_requested(struct controller *controller, const struct hci_event *event)
{
	say(controller, OTADFU_LOG_DEBUG, "connection %u: encryption refused, there is no key",
	    event->handle);
	send_command(controller, hci_ltk_negative_reply(event->handle));
}

static void on_parameters_requested(struct controller *controller, const struct hci_event *event)
{
	send_command(controller, hci_parameter_request_reply(event->handle, &event->parameters));
}

static void on_data_length(struct controller *controller, const struct hci_event *event)
{
	say(controller, OTADFU_LOG_DEBUG, "connection %u: data length %u out, %u in", event->handle,
	    event->tx_octets, event->rx_octets);
}

static void on_phy(struct controller *controller, const struct hci_event *event)
{
	say(controller, OTADFU_LOG_DEBUG, "connection %u: PHY %u out, %u in", event->handle,
	    event->tx_phy, event->rx_phy);
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
		say(controller, OTADFU_LOG_WARN, "the controller sent a damaged event, code 0x%02X",
		    packet->data[0]);
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
		say(controller, OTADFU_LOG_DEBUG, "connection %u: the central %s our parameters",
		    link->acl.handle, answer->result == L2CAP_ACCEPTED ? "accepted" : "refused");
		break;
	case L2CAP_REFUSED:
		say(controller, OTADFU_LOG_DEBUG, "connection %u: refused command 0x%02X of the %s",
		    link->acl.handle, answer->code, link->central ? "peripheral" : "central");
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
		say(controller, OTADFU_LOG_WARN, "connection %u: too much waits for an answer more",
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
	link = find_link(controller, handle);
	if (!link)
		return;
	switch (acl_receive(&link->acl, packet->data, packet->len, &frame)) {
	case ACL_PART:
		break;
	case ACL_WHOLE:
		on_frame(controller, link, &frame);
		break;
	case ACL_DAMAGED:
		say(controller, OTADFU_LOG_WARN, "connection %u: dropped a damaged frame", handle);
		break;
	}
}

static void on_packet(void *user, const struct h4_packet *packet)
{
	struct controller *controller = user;

	if (packet->type == H4_EVENT)
		on_event(controller, packet);
	else if (packet->type == H4_ACL)
		on_acl(controller, packet);
}

/* Sending */

/* Links take turns, a packet each; within a link frames go one after the other. */
static size_t next_acl_packet(struct controller *controller, uint8_t buf[ACL_PACKET_MAX])
{
	for (size_t i = 0; i < CONTROLLER_LINKS_MAX; i++) {
		struct controller_link *link = &controller->links[controller->turn];
		size_t len = 0;

		controller->turn = (controller->turn + 1) % CONTROLLER_LINKS_MAX;
		if (link->used)
			len = acl_next(&link->acl, &controller->buffers, buf);
		if (len > 0)
			return len;
	}
	return 0;
}

/* Data goes first: an answer is out before the Disconnect that was asked for behind it. */
static int send_next(struct controller *controller, bool *ret_sent)
{
	uint8_t buf[ACL_PACKET_MAX];
	const struct hci_command *command;
	size_t len = next_acl_packet(controller, buf);

	*ret_sent = true;
	if (len > 0)
		return h4_send(&controller->h4, H4_ACL, buf, len, &controller->problem);
	command = commands_next(&controller->commands);
	*ret_sent = command != NULL;
	if (!command)
		return OTADFU_OK;
	len = hci_encode(command, buf);
	commands_sent(&controller->commands);
	return h4_send(&controller->h4, H4_COMMAND, buf, len, &controller->problem);
}

static int send_all(struct controller *controller)
{
	bool sent = true;
	int r = h4_flush(&controller->h4, &controller->problem);

	while (r == OTADFU_OK && sent && !h4_is_waiting(&controller->h4))
		r = send_next(controller, &sent);
	return r;
}

static void tell_room(struct controller *controller)
{
	for (size_t i = 0; i < CONTROLLER_LINKS_MAX; i++) {
		struct controller_link *link = &controller->links[i];

		if (!link->used || !link->refused || !acl_has_room(&link->acl))
			continue;
		link->refused = false;
		controller->observer.room(controller->observer.user, link->acl.handle);
	}
}

static int check_patience(struct controller *controller, uint64_t now_ms)
{
	const struct hci_command *overdue =
		commands_overdue(&controller->commands, now_ms, ANSWER_MS);

	if (!overdue)
		return OTADFU_OK;
	return problem_set(
		&controller->problem, OTADFU_E_TIMEOUT,
		"no answer to %s within %d s; is a controller there, at the right speed?",
		hci_command_name(overdue->opcode), ANSWER_MS / 1000);
}

static int run(struct controller *controller, uint64_t now_ms)
{
	int r = h4_receive(&controller->h4, on_packet, controller, &controller->problem);

	if (r < 0 || controller->failed)
		return r < 0 ? r : controller->failed;
	r = send_all(controller);
	if (r < 0)
		return r;
	tell_room(controller);
	r = send_all(controller);
	return r < 0 ? r : check_patience(controller, now_ms);
}

int controller_process(struct controller *controller, uint64_t now_ms, struct problem *ret_problem)
{
	if (!controller->failed)
		controller->failed = run(controller, now_ms);
	if (controller->failed)
		*ret_problem = controller->problem;
	return controller->failed;
}

struct controller *controller_new(int fd, const struct controller_observer *observer)
{
	struct controller *controller = calloc(1, sizeof(*controller));

	if (!controller)
		return NULL;
	h4_init(&controller->h4, fd);
	controller->observer = *observer;
	commands_clear(&controller->commands);
	go_on_with_setup(controller);
	return controller;
}

void controller_free(struct controller *controller)
{
	free(controller);
}

short controller_events(const struct controller *controller)
{
	return h4_is_waiting(&controller->h4) ? POLLIN | POLLOUT : POLLIN;
}

static bool has_data(const struct controller *controller)
{
	for (size_t i = 0; i < CONTROLLER_LINKS_MAX; i++) {
		if (controller->links[i].used && controller->links[i].acl.out_len > 0)
			return true;
	}
	return false;
}

uint64_t controller_next_ms(const struct controller *controller)
{
	const struct commands *commands = &controller->commands;

	if (!h4_is_waiting(&controller->h4) &&
	    (commands_next(commands) || (controller->buffers.free > 0 && has_data(controller))))
		return 0;
	return commands->count > 0 ? commands->answer_by_ms : UINT64_MAX;
}

bool controller_is_ready(const struct controller *controller)
{
	return setup_is_done(&controller->setup);
}

struct otadfu_addr controller_address(const struct controller *controller)
{
	return controller->setup.address;
}

bool controller_command(struct controller *controller, const struct hci_command *command,
			command_done_fn *done, void *user)
{
	return controller_is_ready(controller) && add_command(controller, command, done, user);
}

bool controller_send(struct controller *controller, uint16_t handle, const uint8_t *pdu, size_t len)
{
	struct controller_link *link = find_link(controller, handle);

	if (!link || len > ACL_PDU_MAX)
		return false;
	if (acl_queue(&link->acl, L2CAP_ATT, pdu, len))
		return true;
	link->refused = true;
	return false;
}

bool controller_request_parameters(struct controller *controller, uint16_t handle,
				   const struct hci_connection_parameters *wish)
{
	struct controller_link *link = find_link(controller, handle);
	uint8_t request[L2CAP_ANSWER_MAX];
	size_t len;

	if (!link)
		return false;
	len = l2cap_request_parameters(1, wish, request);
	if (!acl_queue(&link->acl, L2CAP_SIGNALLING, request, len))
		return false;
	link->request_id = 1;
	return true;
}

void controller_reset(struct controller *controller, uint8_t reason)
{
	if (!controller_is_ready(controller))
		return; /* it is being reset */
	for (size_t i = 0; i < CONTROLLER_LINKS_MAX; i++) {
		if (controller->links[i].used)
			lose_link(controller, &controller->links[i], reason);
	}
	commands_clear(&controller->commands);
	controller->setup = (struct setup){ 0 };
	go_on_with_setup(controller);
}
