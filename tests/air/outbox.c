#include "outbox.h"

enum { PREFIX = 2 };

static void append(struct outbox *outbox, uint8_t octet)
{
	outbox->data[(outbox->start + outbox->len++) % OUTBOX_SIZE] = octet;
}

static uint8_t octet_at(const struct outbox *outbox, size_t position)
{
	return outbox->data[(outbox->start + position) % OUTBOX_SIZE];
}

static size_t first_length(const struct outbox *outbox)
{
	return outbox->len ? octet_at(outbox, 0) | (size_t)octet_at(outbox, 1) << 8 : 0;
}

bool outbox_put(struct outbox *outbox, const uint8_t *packet, size_t len)
{
	if (len > PACKET_MAX || PREFIX + len > OUTBOX_SIZE - outbox->len)
		return false;
	append(outbox, (uint8_t)len);
	append(outbox, (uint8_t)(len >> 8));
	for (size_t i = 0; i < len; i++)
		append(outbox, packet[i]);
	return true;
}

bool outbox_is_busy(const struct outbox *outbox)
{
	return outbox->len > OUTBOX_SIZE / 2;
}

size_t outbox_first(const struct outbox *outbox, uint8_t packet[PACKET_MAX])
{
	size_t left = first_length(outbox) - outbox->sent;

	for (size_t i = 0; i < left; i++)
		packet[i] = octet_at(outbox, PREFIX + outbox->sent + i);
	return left;
}

void outbox_sent(struct outbox *outbox, size_t len)
{
	size_t whole = first_length(outbox);

	outbox->sent += len;
	if (outbox->sent < whole)
		return;
	outbox->start = (outbox->start + PREFIX + whole) % OUTBOX_SIZE;
	outbox->len -= PREFIX + whole;
	outbox->sent = 0;
}
