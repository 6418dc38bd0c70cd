/*
 * The LE peripheral role on one HCI controller: advertises, takes one connection at a time, carries
 * ATT PDUs. Never blocks; belongs to one thread. What a controller or a central sends wrong is
 * logged and survived; what ends the controller (unplugged, closed) is told by radio_process.
 */
#ifndef OTADFU_PERIPHERAL_RADIO_H
#define OTADFU_PERIPHERAL_RADIO_H

#include <otadfu/types.h>
#include <stdbool.h>

struct radio;

enum { RADIO_ADVERT_MAX = 31 };

struct radio_advert {
	struct otadfu_addr own;  /* type public: must be the controller's; random: set in it */
	bool directed;           /* to peer alone: no data */
	struct otadfu_addr peer; /* of directed */
	uint16_t interval_ms;    /* 20 to 10,240 */
	uint8_t data[RADIO_ADVERT_MAX];
	size_t data_len;
};

/* Called inside radio_process, log in radio_open too; may call radio_send, radio_advertise and
 * radio_disconnect. NULL: nobody wants to know. */
struct radio_observer {
	void (*connected)(void *user, const struct otadfu_addr *peer);
	void (*pdu)(void *user, const uint8_t *data, size_t len); /* of ATT, from the central */
	void (*room)(void *user); /* after radio_send said false: it takes one again */
	void (*disconnected)(void *user, uint8_t reason);     /* by whomever */
	void (*log)(void *user, int level, const char *text); /* OTADFU_LOG_* */
	void *user;
};

struct radio_problem {
	char text[256]; /* for a person: what failed, what to try */
};

/*
 * endpoint: "hci1" (HCI_CHANNEL_USER; the adapter is brought down first), "unix:PATH",
 * "tcp:HOST:PORT" or "serial:DEV[,BAUD]". Opens it, resets and sets up the controller; blocks for
 * 5 s at most. Negative OTADFU_E_* with *ret_problem otherwise.
 */
int radio_open(const char *endpoint, const struct radio_observer *observer,
	       struct radio **ret_radio, struct radio_problem *ret_problem);

/* Ends advertising and the connection (reason 15, power off) and waits at most 500 ms for the
 * controller to say that it is gone: no ghost link is left. */
void radio_close(struct radio *radio);

/* To poll for, with these events; and when radio_process wants to be called without them. */
int radio_fd(const struct radio *radio);
short radio_events(const struct radio *radio);
uint64_t radio_next_ms(const struct radio *radio); /* CLOCK_MONOTONIC; UINT64_MAX: never */

/* Reads what came, writes what waits. Negative: the controller is lost. */
int radio_process(struct radio *radio, uint64_t now_ms, struct radio_problem *ret_problem);

/* The controller's public address; all zero when it has none. */
struct otadfu_addr radio_address(const struct radio *radio);

/* From now on, whenever no central is connected; NULL: no more. Cheap when nothing changes. */
void radio_advertise(struct radio *radio, const struct radio_advert *advert);

/* False: no connection, or too much waits (see observer.room). */
bool radio_send(struct radio *radio, const uint8_t *pdu, size_t len);

/*
 * Closes the connection with that reason: 13 user, 15 power off. 08 (supervision timeout): as if
 * the device had died; a controller that refuses to send 08 is reset instead, so that it falls
 * silent. observer.disconnected follows.
 */
void radio_disconnect(struct radio *radio, uint8_t reason);

/* Asks the central for a connection interval within these, as devices do soon after a connection
 * was made; its answer is logged. False: no connection, or too much waits. */
bool radio_ask_interval(struct radio *radio, uint16_t min_ms, uint16_t max_ms);

#endif
