/*
 * One connection to a simulated device, in connection events: what the central sends leaves at the
 * next event, and what the device answers at the one after it, a few packets each way. Times are
 * microseconds of the device's clock, which a link drives while it is attached.
 */
#ifndef OTADFU_SIM_LINK_H
#define OTADFU_SIM_LINK_H

#include "device.h"
#include "faults.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	LINK_DATA_MAX = 246,
	LINK_VALUE_MAX = 512,
	LINK_ATTRIBUTES_MAX = DEVICE_ATTRIBUTES_MAX,
	LINK_SUPERVISION_MS = 4000
};

struct link_config {
	uint32_t interval_us;
	uint32_t packets_per_event;
};

enum pdu_kind {
	PDU_COMMAND = 1, /* write without response */
	PDU_WRITE,
	PDU_CCCD,     /* number: the value */
	PDU_READ,     /* number: the offset; answered by a part of the value */
	PDU_MTU,      /* number: what the client takes; answered by what is in force */
	PDU_DISCOVER, /* answered by attributes */
	PDU_CONFIRM
};

struct pdu {
	enum pdu_kind kind;
	uint16_t handle;
	uint16_t number;
	size_t len;
	uint8_t data[LINK_DATA_MAX];
};

struct answer {
	uint8_t att_error; /* 0: success */
	uint16_t number;
	size_t len;
	uint8_t data[LINK_DATA_MAX];
	size_t attribute_count;
	struct device_attribute attributes[LINK_ATTRIBUTES_MAX];
};

struct link;

/* The device was connected just now. NULL: out of memory. Both pointers outlive it. */
struct link *link_new(struct device *device, struct faults *faults,
		      const struct link_config *config);
void link_free(struct link *link);

/* Lets everything on air, and in the device while it is attached, happen up to then. */
void link_run(struct link *link, uint64_t now_us);

/* When a waiting client may have something to see; UINT64_MAX: never by itself. */
uint64_t link_next_us(const struct link *link);

/* False once the device has lost it; the client may not know yet. */
bool link_is_attached(const struct link *link);
/* The client knows. */
bool link_is_gone(const struct link *link);

/* False: the controller's buffer is full, or for a request: an earlier one is unanswered. */
bool link_send(struct link *link, const struct pdu *pdu);

/* True once, when the answer to the request has come; valid until the next one is sent. */
bool link_take_answer(struct link *link, const struct answer **ret_answer);
/* The client waits no longer; a late answer is dropped. */
void link_abandon(struct link *link);

enum link_value { LINK_VALUE_NONE = 0, LINK_VALUE_TAKEN, LINK_VALUE_LOST, LINK_VALUE_TOO_LONG };

/* The oldest value of that handle. Too long for buf: it is dropped. Lost: one or more were. */
enum link_value link_take_value(struct link *link, uint16_t handle, uint8_t *buf, size_t cap,
				size_t *ret_len);

/* The client closes it: what waits is dropped. */
void link_close(struct link *link);

/* From the device: whether one more value can wait for its event; a value for the client; it closed
 * the link with that reason, 08 without a word. */
bool link_has_room(const struct link *link);
void link_on_value(struct link *link, uint16_t handle, const uint8_t *data, size_t len,
		   bool indication);
void link_on_closed(struct link *link, uint8_t reason);

#endif
