/* Little-endian access and a cursor that cannot pass its end, for what comes from air and wire. */
#ifndef OTADFU_TRANSPORTS_LE_H
#define OTADFU_TRANSPORTS_LE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

static inline uint16_t get_le16(const uint8_t *p)
{
	return (uint16_t)(p[0] | p[1] << 8);
}

static inline void put_le16(uint8_t *p, uint16_t value)
{
	p[0] = (uint8_t)value;
	p[1] = (uint8_t)(value >> 8);
}

/* A read past the end yields zero and sets failed, which stays set: ask once, at the end. */
struct cursor {
	const uint8_t *data;
	size_t len;
	size_t pos;
	bool failed;
};

static inline struct cursor cursor_over(const uint8_t *data, size_t len)
{
	return (struct cursor){ .data = data, .len = len };
}

static inline size_t cursor_left(const struct cursor *c)
{
	return c->failed ? 0 : c->len - c->pos;
}

/* The next len bytes, or NULL when there are fewer. */
static inline const uint8_t *cursor_take(struct cursor *c, size_t len)
{
	const uint8_t *p;

	if (c->failed || len > c->len - c->pos) {
		c->failed = true;
		return NULL;
	}
	p = c->data + c->pos;
	c->pos += len;
	return p;
}

static inline uint8_t cursor_u8(struct cursor *c)
{
	const uint8_t *p = cursor_take(c, 1);

	return p ? p[0] : 0;
}

static inline uint16_t cursor_le16(struct cursor *c)
{
	const uint8_t *p = cursor_take(c, 2);

	return p ? get_le16(p) : 0;
}

/* The same towards a buffer: a write past the end sets failed and writes nothing. */
struct filler {
	uint8_t *data;
	size_t cap;
	size_t len;
	bool failed;
};

static inline struct filler filler_over(uint8_t *data, size_t cap)
{
	return (struct filler){ .data = data, .cap = cap };
}

static inline void fill_bytes(struct filler *f, const void *data, size_t len)
{
	if (f->failed || len > f->cap - f->len) {
		f->failed = true;
		return;
	}
	if (len > 0)
		memcpy(f->data + f->len, data, len);
	f->len += len;
}

static inline void fill_u8(struct filler *f, uint8_t value)
{
	fill_bytes(f, &value, 1);
}

static inline void fill_le16(struct filler *f, uint16_t value)
{
	uint8_t bytes[2];

	put_le16(bytes, value);
	fill_bytes(f, bytes, sizeof(bytes));
}

#endif
