#include "acl.h"

#include <stdlib.h>

bool acl_pool_open(struct acl_pool *pool, unsigned count)
{
	*pool = (struct acl_pool){ .buffers = calloc(count, sizeof(struct acl_buffer)) };
	for (unsigned i = 0; pool->buffers && i < count; i++) {
		pool->buffers[i].next = pool->free;
		pool->free = &pool->buffers[i];
	}
	return pool->buffers != NULL;
}

void acl_pool_close(struct acl_pool *pool)
{
	free(pool->buffers);
	*pool = (struct acl_pool){ 0 };
}

bool acl_put(struct acl_pool *pool, struct acl_queue *queue, bool starts, const uint8_t *data,
	     size_t len)
{
	struct acl_buffer *buffer = pool->free;

	if (!buffer)
		return false;
	pool->free = buffer->next;
	pool->used++;
	buffer->next = NULL;
	buffer->starts = starts;
	buffer->sent = 0;
	buffer->len = len;
	memcpy(buffer->data, data, len);
	if (queue->last)
		queue->last->next = buffer;
	else
		queue->first = buffer;
	queue->last = buffer;
	return true;
}

void acl_drop_first(struct acl_pool *pool, struct acl_queue *queue)
{
	struct acl_buffer *buffer = queue->first;

	queue->first = buffer->next;
	if (!queue->first)
		queue->last = NULL;
	buffer->next = pool->free;
	pool->free = buffer;
	pool->used--;
}

void acl_clear(struct acl_pool *pool, struct acl_queue *queue)
{
	while (queue->first)
		acl_drop_first(pool, queue);
}
