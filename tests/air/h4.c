#include "h4.h"

enum { COMMAND_HEADER = 1 + 3, ACL_HEADER = 1 + 4 };

/* How long a packet is as far as can be told: to the end of its header, then to its own. 0: never.
 */
static size_t length_told(const struct h4 *h4)
{
	size_t header;

	if (h4->len == 0)
		return 1;
	if (h4->buf[0] != H4_COMMAND && h4->buf[0] != H4_ACL)
		return 0;
	header = h4->buf[0] == H4_COMMAND ? COMMAND_HEADER : ACL_HEADER;
	if (h4->len < header)
		return header;
	if (h4->buf[0] == H4_COMMAND)
		return header + h4->buf[3];
	return header + (h4->buf[3] | (size_t)h4->buf[4] << 8);
}

int h4_next(struct h4 *h4, struct reader *bytes, struct h4_packet *ret_packet)
{
	size_t want;

	while ((want = length_told(h4)) > h4->len && want <= H4_MAX) {
		size_t missing = want - h4->len;
		size_t len = missing < bytes->len ? missing : bytes->len;

		if (len == 0)
			return 0;
		memcpy(h4->buf + h4->len, take_bytes(bytes, len), len);
		h4->len += len;
	}
	if (want == 0 || want > H4_MAX)
		return -1;
	*ret_packet =
		(struct h4_packet){ .type = h4->buf[0], .data = h4->buf + 1, .len = h4->len - 1 };
	h4->len = 0;
	return 1;
}
