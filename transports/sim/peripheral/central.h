/*
 * The central that is connected to the device: its PDUs go to the device, the device's answers and
 * values to it, what the scenario wants to go wrong goes wrong. A virtual controller passes on at
 * once whatever it gets; no PDU reaches the device sooner than the scenario's link would bring it.
 * Times are microseconds of the device's clock, which its owner has brought up to now before each
 * call.
 */
#ifndef OTADFU_PERIPHERAL_CENTRAL_H
#define OTADFU_PERIPHERAL_CENTRAL_H

#include "faults.h"
#include "gatt_database.h"
#include "journal.h"
#include "queue.h"
#include "radio.h"

enum central_state {
	CENTRAL_ABSENT = 0,
	CENTRAL_PRESENT,
	CENTRAL_LEAVING, /* the device has closed the link; its last words are on their way */
	CENTRAL_PARTED   /* the radio closes the link */
};

/* All borrowed. */
struct central_parts {
	struct device *device;
	struct faults *faults;
	struct radio *radio;
	const struct journal *journal;
	uint32_t interval_us;
	uint32_t packets_per_event;
};

struct central {
	struct central_parts of;
	enum central_state state;
	struct otadfu_addr addr; /* of the last one that was connected */
	uint8_t leave_reason;
	uint64_t sent_us; /* when the radio took something last */
	struct gatt_database database;
	struct att_server server;
	struct queue arrivals; /* for the device */
	uint64_t event_us;     /* of the link: when it brings more of them */
	unsigned dropped;      /* of them, on this connection */
	uint32_t budget;       /* that the present one still brings */
	struct queue answers;
	struct queue values;
};

/* False: out of memory. Close it in any case; zeroed, it needs none. */
bool central_open(struct central *central, const struct central_parts *parts);
void central_close(struct central *central);

/* --- from the radio --- */

void central_connected(struct central *central, const struct otadfu_addr *addr);
void central_take(struct central *central, const uint8_t *data, size_t len);
void central_disconnected(struct central *central, uint8_t reason);

/* --- from the device, inside its calls --- */

void central_value(struct central *central, uint16_t handle, const uint8_t *data, size_t len,
		   bool indication);
void central_closed(struct central *central, uint8_t reason);
bool central_has_room(const struct central *central);

/* --- after each of both --- */

/* Gives the device what has arrived, sends what the radio takes, and closes the link that the
 * device has left. */
void central_settle(struct central *central);

/* When to call that without an event; UINT64_MAX: never. */
uint64_t central_next_us(const struct central *central);

#endif
