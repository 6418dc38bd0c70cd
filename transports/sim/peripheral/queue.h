/* PDUs that wait, oldest first; of a limited number. */
#ifndef OTADFU_PERIPHERAL_QUEUE_H
#define OTADFU_PERIPHERAL_QUEUE_H

#include "att.h"

struct parcel {
	uint64_t due_us;     /* not before, on the device's clock */
	uint16_t indication; /* handle of the value that it indicates; 0: it is none */
	size_t len;
	uint8_t pdu[ATT_MTU_MAX];
};

struct queue {
	size_t cap;
	size_t head;
	size_t count;
	struct parcel *parcels; /* a ring */
};

/* False: out of memory. */
bool queue_open(struct queue *queue, size_t cap);
void queue_close(struct queue *queue);

/* The place of one more, all zero; NULL: it is full. */
struct parcel *queue_put(struct queue *queue);

/* NULL: nothing waits. */
const struct parcel *queue_first(const struct queue *queue);
void queue_drop_first(struct queue *queue);

/* The newest of those that wait; there is one. */
const struct parcel *queue_last(const struct queue *queue);
void queue_drop_last(struct queue *queue);

void queue_clear(struct queue *queue);

#endif
