#include "acl.h"

enum { HANDLE_MASK = 0x0FFF, BOUNDARY_SHIFT = 12, BOUNDARY_MASK = 3 };

enum {                          /* packet boundary flags */
       BOUNDARY_FIRST = 0,      /* to the controller, not to be flushed */
       BOUNDARY_CONTINUING = 1, /* either way */
};

static size_t frame_len(const uint8_t *frame)
{
	return (size_t)L2CAP_HEADER_LEN + get_le16(frame);
}

bool acl_queue(struct acl_link *link, uint16_t channel, const uint8_t *data, size_t len)
{
	struct filler out = filler_over(link->out + link->out_len, ACL_QUEUE_MAX - link->out_len);

	if (len > ACL_PDU_MAX)
		return false;
	fill_le16(&out, (uint16_t)len);
	fill_le16(&out, channel);
	fill_bytes(&out, data, len);
	if (out.failed)
		return false;
	link->out_len += out.len;
	link->out_count++;
	return true;
}

bool acl_has_room(const struct acl_link *link)
{
	return ACL_QUEUE_MAX - link->out_len >= ACL_FRAME_MAX;
}

size_t acl_waiting(const struct acl_link *link)
{
	return link->out_count + link->in_flight;
}

static void drop_sent_frame(struct acl_link *link, size_t len)
{
	link->out_len -= len;
	link->out_count--;
	memmove(link->out, link->out + len, link->out_len);
	link->sent = 0;
}

size_t acl_next(struct acl_link *link, struct acl_buffers *buffers, uint8_t buf[ACL_PACKET_MAX])
{
	int boundary = link->sent > 0 ? BOUNDARY_CONTINUING : BOUNDARY_FIRST;
	size_t whole, len;

	if (link->out_len == 0 || buffers->free == 0)
		return 0;
	whole = frame_len(link->out);
	len = whole - link->sent;
	if (len > buffers->len)
		len = buffers->len;
	put_le16(buf, (uint16_t)(link->handle | boundary << BOUNDARY_SHIFT));
	put_le16(buf + 2, (uint16_t)len);
	memcpy(buf + ACL_HEADER_LEN, link->out + link->sent, len);
	link->sent += len;
	if (link->sent == whole)
		drop_sent_frame(link, whole);
	link->in_flight++;
	buffers->free--;
	return ACL_HEADER_LEN + len;
}

void acl_completed(struct acl_link *link, struct acl_buffers *buffers, uint16_t count)
{
	if (count > link->in_flight)
		count = link->in_flight;
	link->in_flight = (uint16_t)(link->in_flight - count);
	buffers->free = (uint16_t)(buffers->free + count);
}

void acl_lost(struct acl_link *link, struct acl_buffers *buffers)
{
	acl_completed(link, buffers, link->in_flight);
	*link = (struct acl_link){ .handle = link->handle };
}

bool acl_parse(const uint8_t *packet, size_t len, uint16_t *ret_handle, bool *ret_continues)
{
	uint16_t word;

	if (len < ACL_HEADER_LEN)
		return false;
	word = get_le16(packet);
	*ret_handle = word & HANDLE_MASK;
	*ret_continues = (word >> BOUNDARY_SHIFT & BOUNDARY_MASK) == BOUNDARY_CONTINUING;
	return true;
}

/* Counts what it has no room for, so that the end of a frame too long is found. */
static void keep(struct acl_link *link, const uint8_t *data, size_t len)
{
	if (link->in_len < sizeof(link->in)) {
		size_t room = sizeof(link->in) - link->in_len;

		memcpy(link->in + link->in_len, data, len < room ? len : room);
	}
	link->in_len += len;
}

enum acl_arrival acl_receive(struct acl_link *link, const uint8_t *packet, size_t len,
			     struct acl_frame *ret_frame)
{
	uint16_t handle;
	bool continues;
	size_t whole;

	if (!acl_parse(packet, len, &handle, &continues) || (continues && !link->in_began))
		return ACL_DAMAGED;
	if (!continues)
		link->in_len = 0; /* what was not finished never will be */
	link->in_began = true;
	keep(link, packet + ACL_HEADER_LEN, len - ACL_HEADER_LEN);
	if (link->in_len < L2CAP_HEADER_LEN)
		return ACL_PART;
	whole = frame_len(link->in);
	if (link->in_len < whole)
		return ACL_PART;
	link->in_began = false;
	if (link->in_len > whole || whole > sizeof(link->in))
		return ACL_DAMAGED;
	*ret_frame = (struct acl_frame){ .channel = get_le16(link->in + 2),
					 .data = link->in + L2CAP_HEADER_LEN,
					 .len = whole - L2CAP_HEADER_LEN };
	return ACL_WHOLE;
}
