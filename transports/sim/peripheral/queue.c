#include "queue.h"

#include <stdlib.h>

bool queue_open(struct queue *queue, size_t cap)
{
	*queue = (struct queue){ .cap = cap, .parcels = calloc(cap, sizeof(*queue->parcels)) };
	return queue->parcels != NULL;
}

void queue_close(struct queue *queue)
{
	free(queue->parcels);
	*queue = (struct queue){ 0 };
}

struct parcel *queue_put(struct queue *queue)
{
	struct parcel *parcel;

	if (queue->count == queue->cap)
		return NULL;
	parcel = &queue->parcels[(queue->head + queue->count++) % queue->cap];
	*parcel = (struct parcel){ 0 };
	return parcel;
}

const struct parcel *queue_first(const struct queue *queue)
{
	return queue->count ? &queue->parcels[queue->head] : NULL;
}

void queue_drop_first(struct queue *queue)
{
	queue->head = (queue->head + 1) % queue->cap;
	queue->count--;
}

const struct parcel *queue_last(const struct queue *queue)
{
	return &queue->parcels[(queue->head + queue->count - 1) % queue->cap];
}

void queue_drop_last(struct queue *queue)
{
	queue->count--;
}

void queue_clear(struct queue *queue)
{
	queue->head = 0;
	queue->count = 0;
}
