#include "controller.h"

#include "controller_state.h"
#include "l2cap.h"

#include <otadfu/error.h>
#include <otadfu/host.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

enum { ANSWER_MS = 2000, LOG_MAX = 160 };

void controller_say(struct controller *controller, int level, const char *format, ...)
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

	controller_say(controller, OTADFU_LOG_DEBUG,
		       "controller: HCI version %u, manufacturer 0x%04X, %u buffers of %u bytes",
		       setup->version, setup->manufacturer, setup->buffers.total,
		       setup->buffers.len);
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

static size_t index_of(const struct controller *controller, uint16_t handle)
{
	size_t i = 0;

	while (i < CONTROLLER_LINKS_MAX &&
	       !(controller->links[i].used && controller->links[i].acl.handle == handle))
		i++;
	return i;
}

struct controller_link *controller_find_link(struct controller *controller, uint16_t handle)
{
	size_t i = index_of(controller, handle);

	return i < CONTROLLER_LINKS_MAX ? &controller->links[i] : NULL;
}

struct controller_link *controller_unused_link(struct controller *controller)
{
	for (size_t i = 0; i < CONTROLLER_LINKS_MAX; i++) {
		if (!controller->links[i].used)
			return &controller->links[i];
	}
	return NULL;
}

void controller_lose_link(struct controller *controller, struct controller_link *link,
			  uint8_t reason)
{
	uint16_t handle = link->acl.handle;

	acl_lost(&link->acl, &controller->buffers);
	link->used = false;
	controller->observer.disconnected(controller->observer.user, handle, reason);
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
	int r = h4_receive(&controller->h4, controller_take_packet, controller,
			   &controller->problem);

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

bool controller_has(const struct controller *controller, enum hci_feature feature)
{
	return setup_has(&controller->setup, feature);
}

bool controller_command(struct controller *controller, const struct hci_command *command,
			command_done_fn *done, void *user)
{
	return controller_is_ready(controller) && add_command(controller, command, done, user);
}

bool controller_send(struct controller *controller, uint16_t handle, const uint8_t *pdu, size_t len)
{
	struct controller_link *link = controller_find_link(controller, handle);

	if (!link || len > ACL_PDU_MAX)
		return false;
	if (acl_queue(&link->acl, L2CAP_ATT, pdu, len))
		return true;
	link->refused = true;
	return false;
}

size_t controller_waiting(const struct controller *controller, uint16_t handle)
{
	size_t i = index_of(controller, handle);

	return i < CONTROLLER_LINKS_MAX ? acl_waiting(&controller->links[i].acl) : 0;
}

bool controller_request_parameters(struct controller *controller, uint16_t handle,
				   const struct hci_connection_parameters *wish)
{
	struct controller_link *link = controller_find_link(controller, handle);
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
	if (controller->observer.reset)
		controller->observer.reset(controller->observer.user);
	for (size_t i = 0; i < CONTROLLER_LINKS_MAX; i++) {
		if (controller->links[i].used)
			controller_lose_link(controller, &controller->links[i], reason);
	}
	commands_clear(&controller->commands);
	controller->setup = (struct setup){ 0 };
	go_on_with_setup(controller);
}
