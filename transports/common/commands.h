/*
 * HCI commands in turn: one under way until it is answered, and none without a credit of the
 * controller (Core Specification, Vol 4, Part E, 4.4). Pure.
 */
#ifndef OTADFU_TRANSPORTS_COMMANDS_H
#define OTADFU_TRANSPORTS_COMMANDS_H

#include "hci.h"

enum { COMMANDS_MAX = 16 };

/* A command was answered; reply: what came behind the status. */
typedef void command_done_fn(void *user, uint8_t status, const uint8_t *reply);

struct pending_command {
	struct hci_command command;
	command_done_fn *done; /* may be NULL */
	void *user;
};

struct commands {
	struct pending_command items[COMMANDS_MAX]; /* the first one is under way when sent */
	size_t count;
	bool sent;
	uint8_t credits;
	uint64_t answer_by_ms; /* 0: not set yet */
};

/* Forgets all; as after a Reset, one command may be sent. */
void commands_clear(struct commands *commands);

/* False: too many wait. */
bool commands_add(struct commands *commands, const struct pending_command *pending);

/* What is to be sent now, or NULL; commands_sent says that it was. */
const struct hci_command *commands_next(const struct commands *commands);
void commands_sent(struct commands *commands);

/* Takes note of HCI_EVENT_COMMAND_DONE. True: it answers the command under way, which is taken out
 * of the queue into *ret_pending. */
bool commands_answered(struct commands *commands, const struct hci_event *event,
		       struct pending_command *ret_pending);

/* The command that has waited longer than patience_ms, since it was first asked, for an answer or a
 * credit; NULL: none. */
const struct hci_command *commands_overdue(struct commands *commands, uint64_t now_ms,
					   uint64_t patience_ms);

#endif
