/*
 * One connection: the ATT bearer of the thread that made it on one side, the reader on the other.
 * They stay in the adapter's table and are used anew: all memory of a link is there from the
 * beginning.
 */
#ifndef OTADFU_HCI_LINK_H
#define OTADFU_HCI_LINK_H

#include "answers.h"
#include "controller.h"
#include "packets.h"
#include "settings.h"

#include <otadfu/transport.h>

enum link_state {
	LINK_UNUSED = 0,
	LINK_RESERVED, /* for an attempt to connect */
	LINK_UP,
	LINK_LOST,  /* its thread does not know yet, or has not closed it */
	LINK_ENDING /* nobody's any more but the reader's, who ends it */
};

enum { /* what tune asks for, and the controller tells when it is decided */
       LINK_PARAMETERS,
       LINK_DATA_LENGTH,
       LINK_PHY,
       LINK_DECISIONS
};

/* Guarded by the adapter's lock, but for adapter and, from reservation to close, peer. */
struct hci_link {
	struct otadfu_adapter *adapter;
	struct otadfu_addr peer;
	enum link_state state;
	struct news news;
	bool wants_room; /* whom news is for */

	uint16_t handle;
	uint8_t reason; /* HCI's, of the loss */
	struct packets arrivals;
	bool arrivals_lost;
	struct packets outgoing;
	size_t in_controller; /* what the controller was given and the peer may not have */

	struct settings settings;
	struct hci_connection_parameters parameters; /* in force, as the two below */
	uint16_t tx_octets;
	uint8_t tx_phy;
	struct answers answers;
	uint32_t decisions[LINK_DECISIONS]; /* how many were told */

	uint64_t end_by_ms; /* of ENDING: then at the latest it is disconnected */
	bool end_asked;
};

/* For an attempt to connect; OTADFU_E_BUSY when there is none left. */
int link_reserve(struct otadfu_ctx *ctx, struct otadfu_adapter *adapter,
		 const struct otadfu_addr *peer, const struct settings *settings,
		 struct hci_link **ret_link);

/* From the thread that has it, in whatever state; what it has sent still goes out. */
void link_close(struct otadfu_ctx *ctx, struct hci_link *link);

/* No earlier connection to peer is left. OTADFU_E_TIMEOUT at deadline_ms. For who has the air. */
int link_await_end(struct otadfu_ctx *ctx, struct otadfu_adapter *adapter,
		   const struct otadfu_addr *peer, uint64_t deadline_ms);

/* OTADFU_E_DISCONNECTED and why, once it is lost. */
int link_check(struct otadfu_ctx *ctx, struct hci_link *link);

/* Hands it, connected, to the caller's thread. OTADFU_E_NOMEM: it has been closed. */
int link_hand_out(struct otadfu_ctx *ctx, struct hci_link *link, struct otadfu_link **ret_link);

/* The reader's side. */

bool link_is_at(const struct hci_link *link, uint16_t handle); /* UP or ENDING */
void link_begin_locked(struct hci_link *link, const struct controller_connection *connection);
void link_end_locked(struct hci_link *link, uint8_t reason);
void link_take_locked(struct hci_link *link, const uint8_t *data, size_t len);
void link_decided_locked(struct hci_link *link, const struct hci_event *event);

/* Gives the controller what waits, and ends it where that is due. True: the controller has
 * something to send. */
bool link_serve_locked(struct hci_link *link, struct controller *controller, uint64_t now_ms);

#endif
