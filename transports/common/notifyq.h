/* What a peer has notified and nobody has taken yet: bounded, and a loss does not go unnoticed. */
#ifndef OTADFU_TRANSPORTS_NOTIFYQ_H
#define OTADFU_TRANSPORTS_NOTIFYQ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { NOTIFYQ_LEN = 128, NOTIFYQ_VALUE_MAX = 514 /* the longest ATT MTU - 3 */ };

enum notifyq_result {
	NOTIFYQ_NONE = 0,
	NOTIFYQ_TAKEN,
	NOTIFYQ_LOST,    /* one or more values found no place; said once */
	NOTIFYQ_TOO_LONG /* for the caller's buffer; it is dropped */
};

struct notifyq;

/* All memory it will ever need. NULL: there is none. */
struct notifyq *notifyq_new(void);
void notifyq_free(struct notifyq *q);

/* Values of a handle are kept from open to shut, which forgets those still there. */
void notifyq_open(struct notifyq *q, uint16_t handle);
void notifyq_shut(struct notifyq *q, uint16_t handle);
bool notifyq_is_open(const struct notifyq *q, uint16_t handle);

/* Of an open handle. What finds no place is lost, and so is what is too long; each of four handles
 * finds at least 32 whatever the others have. */
void notifyq_push(struct notifyq *q, uint16_t handle, const uint8_t *value, size_t len);
bool notifyq_is_full(const struct notifyq *q);

/* Values were lost before they came here, nobody knows whose: every open handle's. */
void notifyq_lose(struct notifyq *q);

/* The oldest value of handle; a loss is told between what came before it and what came after. */
enum notifyq_result notifyq_take(struct notifyq *q, uint16_t handle, uint8_t *buf, size_t cap,
				 size_t *ret_len);

/* The same for who waits for one: false while there is none. */
struct notifyq_awaited {
	struct notifyq *from;
	uint16_t handle;
	uint8_t *buf;
	size_t cap;
	size_t len;
	enum notifyq_result result;
};

bool notifyq_has(struct notifyq_awaited *awaited);

#endif
