#include "h4.h"

#include <errno.h>
#include <otadfu/error.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

enum { READS_MAX = 32 };

/* Vol 4, Part E, 5.4. The length is the last field of the header. */
static const struct format {
	uint8_t header_len;
	uint8_t length_size;
	uint16_t length_mask;
} formats[] = {
	[H4_COMMAND] = { .header_len = 3, .length_size = 1, .length_mask = 0x00FF },
	[H4_ACL] = { .header_len = 4, .length_size = 2, .length_mask = 0xFFFF },
	[H4_SCO] = { .header_len = 3, .length_size = 1, .length_mask = 0x00FF },
	[H4_EVENT] = { .header_len = 2, .length_size = 1, .length_mask = 0x00FF },
	[H4_ISO] = { .header_len = 4, .length_size = 2, .length_mask = 0x3FFF },
};

static const struct format *find_format(uint8_t type)
{
	if (type >= sizeof(formats) / sizeof(formats[0]) || formats[type].header_len == 0)
		return NULL;
	return &formats[type];
}

/* How long a packet is as far as its first len bytes tell; len itself when it is whole. buf begins
 * with a known type. */
static size_t known_len(const uint8_t *buf, size_t len)
{
	const struct format *format;
	size_t header_len;
	uint16_t length;

	if (len == 0)
		return 1;
	format = find_format(buf[0]);
	header_len = 1U + format->header_len;
	if (len < header_len)
		return header_len;
	length = format->length_size == 1 ? buf[header_len - 1] : get_le16(buf + header_len - 2);
	return header_len + (length & format->length_mask);
}

static int check_prefix(const struct h4_parser *parser, struct problem *ret_problem)
{
	if (parser->len > 0 && !find_format(parser->buf[0]))
		return problem_set(ret_problem, OTADFU_E_PROTOCOL,
				   "byte 0x%02X begins no HCI packet: is this H4, at the right "
				   "speed?",
				   parser->buf[0]);
	if (known_len(parser->buf, parser->len) > H4_PACKET_MAX)
		return problem_set(ret_problem, OTADFU_E_PROTOCOL,
				   "HCI packet of %zu bytes, %d are allowed: is this H4, at the "
				   "right speed?",
				   known_len(parser->buf, parser->len), H4_PACKET_MAX);
	return OTADFU_OK;
}

int h4_parse(struct h4_parser *parser, struct cursor *bytes, struct h4_packet *ret_packet,
	     struct problem *ret_problem)
{
	for (;;) {
		size_t left = cursor_left(bytes);
		size_t missing;
		int r = check_prefix(parser, ret_problem);

		if (r < 0)
			return r;
		missing = known_len(parser->buf, parser->len) - parser->len;
		if (missing == 0)
			break;
		if (left == 0)
			return 0;
		if (missing > left)
			missing = left;
		memcpy(parser->buf + parser->len, cursor_take(bytes, missing), missing);
		parser->len += missing;
	}
	*ret_packet = (struct h4_packet){ .type = (enum h4_type)parser->buf[0],
					  .data = parser->buf + 1,
					  .len = parser->len - 1 };
	parser->len = 0;
	return 1;
}

void h4_init(struct h4 *h4, int fd)
{
	struct stat st;

	*h4 = (struct h4){ .fd = fd, .is_socket = fstat(fd, &st) == 0 && S_ISSOCK(st.st_mode) };
}

static int parse_all(struct h4 *h4, struct cursor bytes, h4_packet_fn *on_packet, void *user,
		     struct problem *ret_problem)
{
	struct h4_packet packet;
	int r;

	while ((r = h4_parse(&h4->parser, &bytes, &packet, ret_problem)) > 0)
		on_packet(user, &packet);
	return r;
}

static bool is_transient(int error)
{
	return error == EAGAIN || error == EWOULDBLOCK || error == EINTR;
}

int h4_receive(struct h4 *h4, h4_packet_fn *on_packet, void *user, struct problem *ret_problem)
{
	/* A user channel hands out one packet a read, and cuts off what does not fit. */
	uint8_t buf[H4_PACKET_MAX];

	for (int i = 0; i < READS_MAX; i++) {
		ssize_t len = read(h4->fd, buf, sizeof(buf));
		int r;

		if (len < 0 && is_transient(errno))
			return OTADFU_OK;
		if (len < 0)
			return problem_set(ret_problem, OTADFU_E_IO, "the controller is gone: %s",
					   strerror(errno));
		if (len == 0)
			return problem_set(ret_problem, OTADFU_E_IO,
					   "the controller closed the connection");
		r = parse_all(h4, cursor_over(buf, (size_t)len), on_packet, user, ret_problem);
		if (r < 0)
			return r;
	}
	return OTADFU_OK;
}

/* A user channel takes one whole packet a write, which this is, unless a stream took a part. */
static ssize_t write_rest(const struct h4 *h4)
{
	const uint8_t *data = h4->out + h4->written;
	size_t len = h4->out_len - h4->written;

	return h4->is_socket ? send(h4->fd, data, len, MSG_NOSIGNAL) : write(h4->fd, data, len);
}

int h4_flush(struct h4 *h4, struct problem *ret_problem)
{
	while (h4_is_waiting(h4)) {
		ssize_t len = write_rest(h4);

		if (len < 0 && is_transient(errno))
			return OTADFU_OK;
		if (len < 0)
			return problem_set(ret_problem, OTADFU_E_IO, "the controller is gone: %s",
					   strerror(errno));
		h4->written += (size_t)len;
	}
	return OTADFU_OK;
}

int h4_send(struct h4 *h4, enum h4_type type, const uint8_t *data, size_t len,
	    struct problem *ret_problem)
{
	struct filler out = filler_over(h4->out, sizeof(h4->out));

	if (h4_is_waiting(h4) || len >= sizeof(h4->out))
		return problem_set(ret_problem, OTADFU_E_INVALID,
				   "no second packet before the first, and none too long");
	fill_u8(&out, (uint8_t)type);
	fill_bytes(&out, data, len);
	h4->out_len = out.len;
	h4->written = 0;
	return h4_flush(h4, ret_problem);
}

bool h4_is_waiting(const struct h4 *h4)
{
	return h4->written < h4->out_len;
}
