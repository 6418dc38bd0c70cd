/*
 * One controller, and the thread that alone speaks with it. What other threads want of it they
 * leave in here, under the lock, and wake the reader; what comes of it the reader leaves in here
 * for them. The lock guards memory only: nobody does anything but copy while holding it.
 */
#ifndef OTADFU_HCI_ADAPTER_H
#define OTADFU_HCI_ADAPTER_H

#include "controller.h"
#include "endpoint.h"
#include "link.h"
#include "sightings.h"

#include <otadfu/transport.h>

/* Scanning and connecting exclude each other; the thread that has taken the air does either. */
struct air {
	bool taken;
	struct news news;
	struct answers answers;
	bool scanning; /* sightings are wanted */
	struct sightings sightings;
	enum {
		ATTEMPT_NONE = 0,
		ATTEMPT_WANTED,    /* a connection is being made */
		ATTEMPT_TAKEN_BACK /* but nobody wants it any more */
	} attempt;
	uint8_t attempt_status; /* HCI's, of the last one */
	struct hci_link *attempt_link;
};

enum { ORDERS_MAX = 32 };

struct otadfu_adapter {
	/* Set by open, and constant from then on. */
	struct otadfu_ctx *ctx;
	char name[128]; /* of the endpoint, for messages */
	struct endpoint endpoint;
	pthread_t reader;
	int wake;                      /* an eventfd: the reader has something to do */
	struct controller *controller; /* the reader's alone */

	pthread_mutex_t lock; /* guards all below */
	bool asleep;          /* the reader waits, and must be woken */
	bool woken;           /* since it last looked */
	bool stopping;
	bool ready;
	int failed; /* OTADFU_E_*: the controller is lost, for good */
	struct problem problem;
	struct hci_central central; /* once it is ready */
	bool has_data_length;
	struct otadfu_addr own_random; /* of a controller without an address */
	struct pending_command orders[ORDERS_MAX];
	size_t order_count;
	struct air air;
	struct hci_link links[CONTROLLER_LINKS_MAX];
};

/* open and close of struct otadfu_transport_ops. */
int adapter_open(struct otadfu_ctx *ctx, const char *name, struct otadfu_adapter **ret_adapter);
void adapter_close(struct otadfu_ctx *ctx, struct otadfu_adapter *adapter);

/* Its memory, without a controller; NULL: none. Frees what it has got since. */
struct otadfu_adapter *adapter_new(struct otadfu_ctx *ctx);
void adapter_free(struct otadfu_adapter *adapter);

/* Of the functions below, those that end in _locked want the lock to be held. */

/* Leaves a command for the reader; done, on his thread and without the lock, may be NULL. False:
 * the controller is lost, or too many wait. */
bool adapter_order_locked(struct otadfu_adapter *adapter, const struct hci_command *command,
			  command_done_fn *done, void *user);

/* The same; answers tell what it came to, in any case: HCI_E_HARDWARE when the controller was reset
 * or lost before it answered. */
void adapter_ask_locked(struct otadfu_adapter *adapter, const struct hci_command *command,
			struct answers *answers);

/* Something for the reader to do. */
void adapter_wake_locked(struct otadfu_adapter *adapter);

/* The controller was reset or is lost: nothing that it was asked will be answered. */
void adapter_forget_locked(struct otadfu_adapter *adapter);

/* OTADFU_OK, or why the controller is of no use any more. */
int adapter_check(struct otadfu_ctx *ctx, struct otadfu_adapter *adapter);

/*
 * For scan and connect: from here to air_release the caller has the air for himself, and no earlier
 * attempt to connect is under way.
 */
int air_take(struct otadfu_ctx *ctx, struct otadfu_adapter *adapter, uint64_t deadline_ms);
void air_release(struct otadfu_adapter *adapter);

/* Sends a command, waits for its answer; OTADFU_OK only when it is success. */
int air_command(struct otadfu_ctx *ctx, struct otadfu_adapter *adapter,
		const struct hci_command *command, uint64_t deadline_ms);

/* Why a command was refused. */
int air_refused(struct otadfu_ctx *ctx, struct otadfu_adapter *adapter, uint16_t opcode,
		uint8_t status);

/* The attempt has come to its end, 0: connected, its link is up. Nobody may want it any more. */
void air_attempt_ended_locked(struct otadfu_adapter *adapter, uint8_t status);

#endif
