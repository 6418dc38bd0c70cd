#include "notifyq.h"

#include <stdlib.h>
#include <string.h>

struct value {
	uint64_t number; /* in the order of arrival, from 1; 0: the place is free */
	uint16_t handle;
	uint16_t len;
	bool gap; /* behind it one or more of the handle are lost */
	uint8_t data[NOTIFYQ_VALUE_MAX];
};

enum { HANDLES = UINT16_MAX + 1 };

struct notifyq {
	uint64_t last_number;
	size_t count;
	uint8_t open[HANDLES / 8]; /* a bit for each handle */
	uint8_t lost[HANDLES / 8]; /* before what is kept of it */
	struct value values[NOTIFYQ_LEN];
};

static bool bit_is_set(const uint8_t *bits, uint16_t handle)
{
	return (bits[handle / 8] & 1u << handle % 8) != 0;
}

static void set_bit(uint8_t *bits, uint16_t handle)
{
	bits[handle / 8] |= (uint8_t)(1u << handle % 8);
}

static void clear_bit(uint8_t *bits, uint16_t handle)
{
	bits[handle / 8] &= (uint8_t) ~(1u << handle % 8);
}

struct notifyq *notifyq_new(void)
{
	return calloc(1, sizeof(struct notifyq));
}

void notifyq_free(struct notifyq *q)
{
	free(q);
}

static void release(struct notifyq *q, struct value *value)
{
	value->number = 0;
	q->count--;
}

void notifyq_open(struct notifyq *q, uint16_t handle)
{
	set_bit(q->open, handle);
}

void notifyq_shut(struct notifyq *q, uint16_t handle)
{
	clear_bit(q->open, handle);
	clear_bit(q->lost, handle);
	for (size_t i = 0; i < NOTIFYQ_LEN; i++) {
		if (q->values[i].number != 0 && q->values[i].handle == handle)
			release(q, &q->values[i]);
	}
}

bool notifyq_is_open(const struct notifyq *q, uint16_t handle)
{
	return bit_is_set(q->open, handle);
}

bool notifyq_is_full(const struct notifyq *q)
{
	return q->count == NOTIFYQ_LEN;
}

static size_t count_of(const struct notifyq *q, uint16_t handle)
{
	size_t count = 0;

	for (size_t i = 0; i < NOTIFYQ_LEN; i++)
		count += q->values[i].number != 0 && q->values[i].handle == handle;
	return count;
}

/* The newest value of the handle that has most, so that what it keeps has no gap. */
static struct value *choose_victim(struct notifyq *q)
{
	struct value *victim = NULL;
	size_t most = 0;

	for (size_t i = 0; i < NOTIFYQ_LEN; i++) {
		struct value *value = &q->values[i];
		size_t count = count_of(q, value->handle);

		if (count > most || (count == most && value->number > victim->number)) {
			victim = value;
			most = count;
		}
	}
	return victim;
}

enum end { OLDEST, NEWEST };

static struct value *find_at(struct notifyq *q, uint16_t handle, enum end end)
{
	struct value *found = NULL;

	for (size_t i = 0; i < NOTIFYQ_LEN; i++) {
		struct value *value = &q->values[i];

		if (value->number != 0 && value->handle == handle &&
		    (!found || (value->number > found->number) == (end == NEWEST)))
			found = value;
	}
	return found;
}

/* The loss is told where it is: what came before it is handed out first. */
static void note_loss(struct notifyq *q, uint16_t handle)
{
	struct value *newest = find_at(q, handle, NEWEST);

	if (newest)
		newest->gap = true;
	else
		set_bit(q->lost, handle);
}

/* In a full queue whoever has most gives way, which may be the one that comes. */
static bool make_place(struct notifyq *q, uint16_t handle)
{
	struct value *victim;

	if (!notifyq_is_full(q))
		return true;
	victim = choose_victim(q);
	if (victim->handle == handle)
		return false;
	release(q, victim);
	note_loss(q, victim->handle);
	return true;
}

void notifyq_push(struct notifyq *q, uint16_t handle, const uint8_t *value, size_t len)
{
	struct value *place = q->values;

	if (!notifyq_is_open(q, handle))
		return;
	if (len > NOTIFYQ_VALUE_MAX || !make_place(q, handle)) {
		note_loss(q, handle);
		return;
	}
	while (place->number != 0)
		place++;
	place->number = ++q->last_number;
	place->handle = handle;
	place->len = (uint16_t)len;
	place->gap = false;
	if (len > 0)
		memcpy(place->data, value, len);
	q->count++;
}

void notifyq_lose(struct notifyq *q)
{
	for (uint32_t handle = 0; handle < HANDLES; handle++) {
		if (notifyq_is_open(q, (uint16_t)handle))
			note_loss(q, (uint16_t)handle);
	}
}

enum notifyq_result notifyq_take(struct notifyq *q, uint16_t handle, uint8_t *buf, size_t cap,
				 size_t *ret_len)
{
	struct value *value = find_at(q, handle, OLDEST);
	enum notifyq_result result = NOTIFYQ_TAKEN;

	if (bit_is_set(q->lost, handle)) {
		clear_bit(q->lost, handle);
		return NOTIFYQ_LOST;
	}
	if (!value)
		return NOTIFYQ_NONE;
	if (value->len > cap) {
		result = NOTIFYQ_TOO_LONG;
	} else {
		if (value->len > 0)
			memcpy(buf, value->data, value->len);
		*ret_len = value->len;
	}
	if (value->gap)
		set_bit(q->lost, handle);
	release(q, value);
	return result;
}

bool notifyq_has(struct notifyq_awaited *awaited)
{
	awaited->result = notifyq_take(awaited->from, awaited->handle, awaited->buf, awaited->cap,
				       &awaited->len);
	return awaited->result != NOTIFYQ_NONE;
}
