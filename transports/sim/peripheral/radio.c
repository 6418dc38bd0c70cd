#include "radio.h"

#include "advertising.h"
#include "controller.h"
#include "endpoint.h"

#include <otadfu/error.h>
#include <otadfu/host.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { SETUP_MS = 5000, PARTING_MS = 500, SUPERVISION_MS = 4000, NO_HANDLE = 0xFFFF };

struct radio {
	struct endpoint endpoint;
	struct controller *controller;
	struct radio_observer observer;
	struct advertising advertising;
	char name[80];   /* of the endpoint, for messages */
	uint8_t parting; /* the reason of the disconnection under way; 0: there is none */
	uint16_t handle; /* of the connection, or NO_HANDLE */
};

static void on_log(void *user, int level, const char *text)
{
	const struct radio *radio = user;

	if (radio->observer.log)
		radio->observer.log(radio->observer.user, level, text);
}

static void on_ready(void *user)
{
	struct radio *radio = user;

	advertising_restart(&radio->advertising);
}

static void on_connected(void *user, const struct controller_connection *connection)
{
	struct radio *radio = user;
	struct hci_command refusal = hci_disconnect(connection->handle, HCI_E_USER_ENDED);

	if (radio->handle != NO_HANDLE || connection->central) {
		controller_command(radio->controller, &refusal, NULL, NULL);
		return;
	}
	radio->handle = connection->handle;
	radio->parting = 0;
	advertising_allow(&radio->advertising, false);
	if (radio->observer.connected)
		radio->observer.connected(radio->observer.user, &connection->peer);
}

static void on_connect_failed(void *user, uint8_t status)
{
	struct radio *radio = user;

	(void)status;
	if (radio->handle == NO_HANDLE) /* the attempt has ended advertising */
		advertising_allow(&radio->advertising, true);
}

static void on_disconnected(void *user, uint16_t handle, uint8_t reason)
{
	struct radio *radio = user;

	if (handle != radio->handle)
		return;
	radio->handle = NO_HANDLE;
	advertising_allow(&radio->advertising, true);
	if (radio->observer.disconnected)
		radio->observer.disconnected(radio->observer.user, reason);
}

static void on_pdu(void *user, uint16_t handle, const uint8_t *data, size_t len)
{
	struct radio *radio = user;

	if (handle == radio->handle && radio->observer.pdu)
		radio->observer.pdu(radio->observer.user, data, len);
}

static void on_room(void *user, uint16_t handle)
{
	struct radio *radio = user;

	if (handle == radio->handle && radio->observer.room)
		radio->observer.room(radio->observer.user);
}

static int fail(const struct radio *radio, int code, const struct problem *problem,
		struct radio_problem *ret_problem)
{
	snprintf(ret_problem->text, sizeof(ret_problem->text), "%s: %.160s", radio->name,
		 problem->text);
	return code;
}

int radio_process(struct radio *radio, uint64_t now_ms, struct radio_problem *ret_problem)
{
	struct problem problem;
	int r;

	if (controller_is_ready(radio->controller))
		advertising_run(&radio->advertising, now_ms);
	r = controller_process(radio->controller, now_ms, &problem);
	return r < 0 ? fail(radio, r, &problem, ret_problem) : OTADFU_OK;
}

static uint64_t clock_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static int wait_for(void *user, int fd, short events, int timeout_ms)
{
	struct pollfd ready = { .fd = fd, .events = events };

	(void)user;
	return poll(&ready, 1, timeout_ms) == 1 ? OTADFU_OK : OTADFU_E_TIMEOUT;
}

static int wait_and_process(struct radio *radio, uint64_t until_ms,
			    struct radio_problem *ret_problem)
{
	struct pollfd ready = { .fd = radio_fd(radio), .events = radio_events(radio) };
	uint64_t now_ms = clock_ms(), wake_ms = radio_next_ms(radio);

	if (wake_ms > until_ms)
		wake_ms = until_ms;
	poll(&ready, 1, wake_ms > now_ms ? (int)(wake_ms - now_ms) : 0);
	return radio_process(radio, clock_ms(), ret_problem);
}

static int await_ready(struct radio *radio, uint64_t until_ms, struct radio_problem *ret_problem)
{
	int r = OTADFU_OK;

	while (r == OTADFU_OK && !controller_is_ready(radio->controller) && clock_ms() < until_ms)
		r = wait_and_process(radio, until_ms, ret_problem);
	if (r == OTADFU_OK && !controller_is_ready(radio->controller)) {
		snprintf(ret_problem->text, sizeof(ret_problem->text),
			 "%s: the controller was not ready within %d s", radio->name,
			 SETUP_MS / 1000);
		return OTADFU_E_TIMEOUT;
	}
	return r;
}

static struct radio *radio_new(const char *name, const struct endpoint *endpoint,
			       const struct radio_observer *observer)
{
	struct radio *radio = calloc(1, sizeof(*radio));
	const struct controller_observer callbacks = { .ready = on_ready,
						       .connected = on_connected,
						       .connect_failed = on_connect_failed,
						       .disconnected = on_disconnected,
						       .pdu = on_pdu,
						       .room = on_room,
						       .log = on_log,
						       .user = radio };

	if (!radio)
		return NULL;
	snprintf(radio->name, sizeof(radio->name), "%s", name);
	radio->endpoint = *endpoint;
	radio->observer = *observer;
	radio->handle = NO_HANDLE;
	radio->controller = controller_new(endpoint->fd, &callbacks);
	radio->advertising = (struct advertising){ .controller = radio->controller,
						   .log = on_log,
						   .user = radio };
	if (radio->controller)
		return radio;
	free(radio);
	return NULL;
}

static void radio_free(struct radio *radio)
{
	controller_free(radio->controller);
	endpoint_close(&radio->endpoint);
	free(radio);
}

int radio_open(const char *endpoint, const struct radio_observer *observer,
	       struct radio **ret_radio, struct radio_problem *ret_problem)
{
	static const struct waiter waiter = { .wait = wait_for };
	uint64_t until_ms = clock_ms() + SETUP_MS;
	struct problem problem;
	struct endpoint opened;
	struct radio *radio;
	int r = endpoint_open(endpoint, &waiter, &opened, &problem);

	if (r < 0) {
		memcpy(ret_problem->text, problem.text, sizeof(problem.text));
		return r;
	}
	radio = radio_new(endpoint, &opened, observer);
	if (!radio) {
		endpoint_close(&opened);
		snprintf(ret_problem->text, sizeof(ret_problem->text), "out of memory");
		return OTADFU_E_NOMEM;
	}
	r = await_ready(radio, until_ms, ret_problem);
	if (r < 0) {
		radio_free(radio);
		return r;
	}
	*ret_radio = radio;
	return OTADFU_OK;
}

static bool is_parted(const struct radio *radio)
{
	return radio->handle == NO_HANDLE && advertising_is_silent(&radio->advertising);
}

void radio_close(struct radio *radio)
{
	uint64_t until_ms = clock_ms() + PARTING_MS;
	struct radio_problem problem;
	int r = OTADFU_OK;

	if (!radio)
		return;
	radio->observer = (struct radio_observer){ 0 };
	radio_advertise(radio, NULL);
	radio_disconnect(radio, HCI_E_POWER_OFF);
	while (r == OTADFU_OK && !is_parted(radio) && clock_ms() < until_ms)
		r = wait_and_process(radio, until_ms, &problem);
	if (!is_parted(radio)) {
		controller_reset(radio->controller, HCI_E_LOCAL_HOST);
		radio_process(radio, clock_ms(), &problem);
	}
	radio_free(radio);
}

int radio_fd(const struct radio *radio)
{
	return radio->endpoint.fd;
}

short radio_events(const struct radio *radio)
{
	return controller_events(radio->controller);
}

uint64_t radio_next_ms(const struct radio *radio)
{
	uint64_t controller_ms = controller_next_ms(radio->controller);
	uint64_t advertising_ms = controller_is_ready(radio->controller)
					  ? advertising_next_ms(&radio->advertising)
					  : UINT64_MAX;

	return controller_ms < advertising_ms ? controller_ms : advertising_ms;
}

struct otadfu_addr radio_address(const struct radio *radio)
{
	return controller_address(radio->controller);
}

void radio_advertise(struct radio *radio, const struct radio_advert *advert)
{
	advertising_want(&radio->advertising, advert);
}

bool radio_send(struct radio *radio, const uint8_t *pdu, size_t len)
{
	return controller_send(radio->controller, radio->handle, pdu, len);
}

static void on_disconnect_answer(void *user, uint8_t status, const uint8_t *reply)
{
	struct radio *radio = user;
	bool cuts = radio->parting == HCI_E_TIMEOUT;

	(void)reply;
	if (status == 0 || status == HCI_E_UNKNOWN_CONNECTION)
		return;
	radio->parting = 0;
	/* Few reasons may be sent, and 08 is not among them (7.1.6). A Reset ends the connection
	 * without a word to the peer, which is what 08 means. */
	if (cuts) {
		on_log(radio, OTADFU_LOG_DEBUG, "resetting the controller to cut the link");
		controller_reset(radio->controller, HCI_E_TIMEOUT);
	}
}

void radio_disconnect(struct radio *radio, uint8_t reason)
{
	struct hci_command command = hci_disconnect(radio->handle, reason);

	if (radio->handle == NO_HANDLE || radio->parting)
		return;
	if (controller_command(radio->controller, &command, on_disconnect_answer, radio))
		radio->parting = reason;
}

bool radio_ask_interval(struct radio *radio, uint16_t min_ms, uint16_t max_ms)
{
	const struct hci_connection_parameters wish = {
		.interval_min = (uint16_t)(min_ms * 4U / 5U),
		.interval_max = (uint16_t)(max_ms * 4U / 5U),
		.timeout = SUPERVISION_MS / 10,
	};

	return controller_request_parameters(radio->controller, radio->handle, &wish);
}
