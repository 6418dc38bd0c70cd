/* Bounded little-endian access to what hosts say, and to what they are told. */
#ifndef AIR_BYTES_H
#define AIR_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* A read past the end yields zeros and sets failed, which stays set. */
struct reader {
	const uint8_t *data;
	size_t len;
	bool failed;
};

static inline const uint8_t *take_bytes(struct reader *reader, size_t len)
{
	const uint8_t *bytes = reader->data;

	if (reader->failed || len > reader->len) {
		reader->failed = true;
		return NULL;
	}
	reader->data += len;
	reader->len -= len;
	return bytes;
}

static inline uint64_t take_number(struct reader *reader, size_t octets)
{
	const uint8_t *bytes = take_bytes(reader, octets);
	uint64_t number = 0;

	for (size_t i = octets; bytes && i > 0; i--)
		number = number << 8 | bytes[i - 1];
	return number;
}

static inline uint8_t take_u8(struct reader *reader)
{
	return (uint8_t)take_number(reader, 1);
}

static inline uint16_t take_u16(struct reader *reader)
{
	return (uint16_t)take_number(reader, 2);
}

enum { WRITER_MAX = 255 /* what an event's length can say */ };

/* What does not fit sets failed and is left out. */
struct writer {
	uint8_t data[WRITER_MAX];
	size_t len;
	bool failed;
};

static inline void put_bytes(struct writer *writer, const void *bytes, size_t len)
{
	if (writer->failed || len > WRITER_MAX - writer->len) {
		writer->failed = true;
		return;
	}
	if (len > 0)
		memcpy(writer->data + writer->len, bytes, len);
	writer->len += len;
}

static inline void put_number(struct writer *writer, uint64_t number, size_t octets)
{
	for (size_t i = 0; i < octets; i++) {
		uint8_t octet = (uint8_t)(number >> 8 * i);

		put_bytes(writer, &octet, 1);
	}
}

static inline void put_u8(struct writer *writer, uint8_t number)
{
	put_number(writer, number, 1);
}

static inline void put_u16(struct writer *writer, uint16_t number)
{
	put_number(writer, number, 2);
}

#endif
