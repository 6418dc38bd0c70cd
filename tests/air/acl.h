/* A controller's buffers for data from its host, shared by its links. */
#ifndef AIR_ACL_H
#define AIR_ACL_H

#include "bytes.h"
#include "h4.h"

enum { ACL_LEN_MIN = 27, ACL_COUNT_MAX = 64 };

struct acl_buffer {
	struct acl_buffer *next;
	bool starts; /* a L2CAP frame */
	size_t len;
	size_t sent;
	uint8_t data[ACL_LEN_MAX];
};

struct acl_pool {
	struct acl_buffer *buffers;
	struct acl_buffer *free;
	unsigned used;
};

/* What waits for one link. All zero: nothing. */
struct acl_queue {
	struct acl_buffer *first;
	struct acl_buffer *last;
};

bool acl_pool_open(struct acl_pool *pool, unsigned count);
void acl_pool_close(struct acl_pool *pool);

/* False: the host has sent more than it had credits for. len is at most ACL_LEN_MAX. */
bool acl_put(struct acl_pool *pool, struct acl_queue *queue, bool starts, const uint8_t *data,
	     size_t len);
void acl_drop_first(struct acl_pool *pool, struct acl_queue *queue);
void acl_clear(struct acl_pool *pool, struct acl_queue *queue);

#endif
