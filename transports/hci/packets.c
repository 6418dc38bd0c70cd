#include "packets.h"

void packets_clear(struct packets *packets)
{
	packets->first = 0;
	packets->count = 0;
}

bool packets_put(struct packets *packets, const uint8_t *data, size_t len)
{
	struct packet *packet;

	if (packets->count == PACKETS_CAP || len > sizeof(packet->data))
		return false;
	packet = &packets->items[(packets->first + packets->count++) % PACKETS_CAP];
	packet->len = (uint16_t)len;
	memcpy(packet->data, data, len);
	return true;
}

const struct packet *packets_first(const struct packets *packets)
{
	return packets->count > 0 ? &packets->items[packets->first] : NULL;
}

void packets_drop_first(struct packets *packets)
{
	packets->first = (packets->first + 1) % PACKETS_CAP;
	packets->count--;
}
