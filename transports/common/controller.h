/*
 * The host's side of one HCI controller: set-up, commands in turn, connections with their frames.
 * For either role. Never blocks, owns no thread, belongs to one at a time.
 */
#ifndef OTADFU_TRANSPORTS_CONTROLLER_H
#define OTADFU_TRANSPORTS_CONTROLLER_H

#include "commands.h"
#include "problem.h"

enum { CONTROLLER_LINKS_MAX = 16 };

struct controller;

/* One connection, as it was made. */
struct controller_connection {
	uint16_t handle;
	bool central; /* our role */
	struct otadfu_addr peer;
	struct hci_connection_parameters parameters;
};

/*
 * Called inside controller_process, disconnected inside controller_reset too. They may call all
 * functions below but controller_process and controller_free.
 */
struct controller_observer {
	void (*ready)(void *user); /* set up, at the beginning and after each reset */
	void (*reset)(void *user); /* begins: no command is answered any more; may be NULL */
	void (*connected)(void *user, const struct controller_connection *connection);
	void (*connect_failed)(void *user, uint8_t status);
	void (*disconnected)(void *user, uint16_t handle, uint8_t reason);
	void (*pdu)(void *user, uint16_t handle, const uint8_t *data, size_t len); /* of ATT */
	void (*room)(void *user, uint16_t handle); /* after controller_send said false */
	/* What advertises, and what has changed on a connection: HCI_EVENT_REPORTS, UPDATED,
	 * DATA_LENGTH, PHY. May be NULL. */
	void (*event)(void *user, const struct hci_event *event);
	void (*log)(void *user, int level, const char *text);
	void *user;
};

/* fd carries H4, does not block, and stays the caller's. NULL: out of memory. Set-up begins with
 * the first controller_process. */
struct controller *controller_new(int fd, const struct controller_observer *observer);
void controller_free(struct controller *controller);

/* To poll for; and when controller_process wants to be called without: UINT64_MAX is never. */
short controller_events(const struct controller *controller);
uint64_t controller_next_ms(const struct controller *controller);

/* Reads what came, does what is due, writes what waits. Negative: the controller is lost, and this
 * is said again whenever it is called. */
int controller_process(struct controller *controller, uint64_t now_ms, struct problem *ret_problem);

/* Set up, and not being reset. */
bool controller_is_ready(const struct controller *controller);

/* Its public address; all zero before it is ready, or when it has none. */
struct otadfu_addr controller_address(const struct controller *controller);

/* What it can do, as it said when it was set up. */
bool controller_has(const struct controller *controller, enum hci_feature feature);

/* Sends a command when those before it are answered; done may be NULL, and is not called once a
 * reset has overtaken it. False: too many wait, or the controller is not ready. */
bool controller_command(struct controller *controller, const struct hci_command *command,
			command_done_fn *done, void *user);

/* Queues an ATT PDU; false: no such connection, or too much waits. */
bool controller_send(struct controller *controller, uint16_t handle, const uint8_t *pdu,
		     size_t len);

/* PDUs, or packets of them, that the peer may not have got yet; 0: no such connection. */
size_t controller_waiting(const struct controller *controller, uint16_t handle);

/* As a peripheral: asks the central for other parameters. False: no such connection. */
bool controller_request_parameters(struct controller *controller, uint16_t handle,
				   const struct hci_connection_parameters *wish);

/* Silences it and sets it up anew; its connections are reported as disconnected, with reason. */
void controller_reset(struct controller *controller, uint8_t reason);

#endif
