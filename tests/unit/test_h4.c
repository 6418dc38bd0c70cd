#include "h4.h"

#include <fcntl.h>
#include <otadfu/error.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

static int parse(struct h4_parser *parser, struct cursor *bytes, struct h4_packet *ret_packet)
{
	struct problem problem = { "" };
	int r = h4_parse(parser, bytes, ret_packet, &problem);

	assert_int_equal(r < 0, problem.text[0] != '\0');
	return r;
}

static void each_type_ends_where_its_header_says(void **state)
{
	static const struct {
		uint8_t bytes[8];
		size_t len;
	} packets[] = {
		{ { 1, 0x03, 0x0C, 0 }, 4 },
		{ { 1, 0x06, 0x04, 3, 0x40, 0x00, 0x13 }, 7 },
		{ { 2, 0x40, 0x20, 2, 0, 0xAA, 0xBB }, 7 },
		{ { 3, 0x40, 0x00, 1, 0xCC }, 5 },
		{ { 4, 0x13, 1, 0x00 }, 4 },
		{ { 5, 0x40, 0x00, 1, 0xC0, 0xDD }, 6 }, /* two bits of its length mean else */
	};

	(void)state;
	for (size_t i = 0; i < sizeof(packets) / sizeof(packets[0]); i++) {
		struct h4_parser parser = { .len = 0 };
		struct cursor bytes = cursor_over(packets[i].bytes, sizeof(packets[i].bytes));
		struct h4_packet packet;

		assert_int_equal(parse(&parser, &bytes, &packet), 1);
		assert_int_equal(packet.type, packets[i].bytes[0]);
		assert_int_equal(packet.len, packets[i].len - 1);
		assert_memory_equal(packet.data, packets[i].bytes + 1, packet.len);
		assert_int_equal(bytes.pos, packets[i].len);
	}
}

static void two_packets_in_one_read_are_two(void **state)
{
	const uint8_t data[] = { 4, 0x10, 1, 0x01, 4, 0x10, 1, 0x02 };
	struct cursor bytes = cursor_over(data, sizeof(data));
	struct h4_parser parser = { .len = 0 };
	struct h4_packet packet;

	(void)state;
	assert_int_equal(parse(&parser, &bytes, &packet), 1);
	assert_int_equal(packet.data[2], 0x01);
	assert_int_equal(parse(&parser, &bytes, &packet), 1);
	assert_int_equal(packet.data[2], 0x02);
	assert_int_equal(parse(&parser, &bytes, &packet), 0);
}

static void one_packet_in_many_reads_is_one(void **state)
{
	const uint8_t data[] = { 2, 0x40, 0x20, 3, 0, 0xA1, 0xA2, 0xA3 };
	struct h4_parser parser = { .len = 0 };
	struct h4_packet packet;

	(void)state;
	for (size_t i = 0; i < sizeof(data); i++) {
		struct cursor bytes = cursor_over(data + i, 1);

		assert_int_equal(parse(&parser, &bytes, &packet), i == sizeof(data) - 1);
	}
	assert_int_equal(packet.len, sizeof(data) - 1);
	assert_memory_equal(packet.data, data + 1, packet.len);
}

static void a_packet_without_payload_is_whole_with_its_header(void **state)
{
	const uint8_t data[] = { 4, 0xFF, 0 };
	struct cursor bytes = cursor_over(data, sizeof(data));
	struct h4_parser parser = { .len = 0 };
	struct h4_packet packet;

	(void)state;
	assert_int_equal(parse(&parser, &bytes, &packet), 1);
	assert_int_equal(packet.len, 2);
}

static void an_unknown_type_ends_the_stream(void **state)
{
	static const uint8_t types[] = { 0, 6, 0x41, 0xFF };

	(void)state;
	for (size_t i = 0; i < sizeof(types); i++) {
		struct cursor bytes = cursor_over(types + i, 1);
		struct h4_parser parser = { .len = 0 };
		struct h4_packet packet;

		assert_int_equal(parse(&parser, &bytes, &packet), OTADFU_E_PROTOCOL);
		assert_int_equal(parse(&parser, &bytes, &packet), OTADFU_E_PROTOCOL);
	}
}

static int parse_acl_of(uint16_t len)
{
	static uint8_t data[1 + 4 + UINT16_MAX] = { H4_ACL, 0x40, 0x20 };
	struct cursor bytes = cursor_over(data, 5U + len);
	struct h4_parser parser = { .len = 0 };
	struct h4_packet packet;

	put_le16(data + 3, len);
	return parse(&parser, &bytes, &packet);
}

static void the_longest_packet_allowed_is_taken(void **state)
{
	(void)state;
	assert_int_equal(parse_acl_of(H4_PAYLOAD_MAX), 1);
}

static void a_longer_packet_ends_the_stream(void **state)
{
	(void)state;
	assert_int_equal(parse_acl_of(H4_PAYLOAD_MAX + 1), OTADFU_E_PROTOCOL);
	assert_int_equal(parse_acl_of(UINT16_MAX), OTADFU_E_PROTOCOL);
}

/* On descriptors */

struct pair {
	struct h4 h4;
	int far;
};

static void open_pair(struct pair *pair, int size)
{
	int fds[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, fds),
			 0);
	assert_int_equal(setsockopt(fds[0], SOL_SOCKET, SO_SNDBUF, &size, sizeof(size)), 0);
	h4_init(&pair->h4, fds[0]);
	pair->far = fds[1];
}

static void close_pair(struct pair *pair)
{
	close(pair->h4.fd);
	close(pair->far);
}

static void count(void *user, const struct h4_packet *packet)
{
	int *counted = user;

	(void)packet;
	(*counted)++;
}

static void the_other_end_closing_is_told(void **state)
{
	struct problem problem = { "" };
	struct pair pair;
	int counted = 0;

	(void)state;
	open_pair(&pair, 4096);
	assert_int_equal(write(pair.far, "\x04\x10\x01\x01", 4), 4);
	shutdown(pair.far, SHUT_RDWR);
	assert_int_equal(h4_receive(&pair.h4, count, &counted, &problem), OTADFU_E_IO);
	assert_int_equal(counted, 1);
	assert_non_null(strstr(problem.text, "closed"));
	close_pair(&pair);
}

static void nothing_to_read_is_no_failure(void **state)
{
	struct problem problem;
	struct pair pair;
	int counted = 0;

	(void)state;
	open_pair(&pair, 4096);
	assert_int_equal(h4_receive(&pair.h4, count, &counted, &problem), OTADFU_OK);
	assert_int_equal(counted, 0);
	close_pair(&pair);
}

static void writing_to_a_closed_end_is_told_and_raises_no_signal(void **state)
{
	struct problem problem;
	struct pair pair;

	(void)state;
	open_pair(&pair, 4096);
	close(pair.far);
	assert_int_equal(h4_send(&pair.h4, H4_COMMAND, (const uint8_t *)"\x03\x0C\x00", 3,
				 &problem),
			 OTADFU_E_IO);
	close(pair.h4.fd);
}

/* Until the socket takes no more; how many it took. */
static int fill(struct pair *pair, const uint8_t *data, size_t len)
{
	struct problem problem;
	int sent = 0;

	while (!h4_is_waiting(&pair->h4)) {
		assert_int_equal(h4_send(&pair->h4, H4_ACL, data, len, &problem), OTADFU_OK);
		sent++;
	}
	return sent;
}

static void a_packet_that_a_full_socket_took_in_part_arrives_whole(void **state)
{
	static const uint8_t data[4 + 1500] = { 0x40, 0x00, 0xDC, 0x05 }; /* 1,500 bytes */
	uint8_t buf[512];
	struct problem problem;
	struct pair pair;
	size_t got = 0;
	ssize_t len;
	int sent;

	(void)state;
	open_pair(&pair, 4096);
	sent = fill(&pair, data, sizeof(data));
	do {
		len = read(pair.far, buf, sizeof(buf));
		got += len > 0 ? (size_t)len : 0;
		assert_int_equal(h4_flush(&pair.h4, &problem), OTADFU_OK);
	} while (len > 0);
	assert_false(h4_is_waiting(&pair.h4));
	assert_int_equal(got, (size_t)sent * (1 + sizeof(data)));
	close_pair(&pair);
}

static void a_second_packet_is_refused_while_one_is_under_way(void **state)
{
	static const uint8_t data[4 + 1500] = { 0x40, 0x00, 0xDC, 0x05 };
	struct problem problem;
	struct pair pair;

	(void)state;
	open_pair(&pair, 4096);
	fill(&pair, data, sizeof(data));
	assert_int_equal(h4_send(&pair.h4, H4_ACL, data, sizeof(data), &problem), OTADFU_E_INVALID);
	close_pair(&pair);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_type_ends_where_its_header_says),
		cmocka_unit_test(two_packets_in_one_read_are_two),
		cmocka_unit_test(one_packet_in_many_reads_is_one),
		cmocka_unit_test(a_packet_without_payload_is_whole_with_its_header),
		cmocka_unit_test(an_unknown_type_ends_the_stream),
		cmocka_unit_test(the_longest_packet_allowed_is_taken),
		cmocka_unit_test(a_longer_packet_ends_the_stream),
		cmocka_unit_test(the_other_end_closing_is_told),
		cmocka_unit_test(nothing_to_read_is_no_failure),
		cmocka_unit_test(writing_to_a_closed_end_is_told_and_raises_no_signal),
		cmocka_unit_test(a_packet_that_a_full_socket_took_in_part_arrives_whole),
		cmocka_unit_test(a_second_packet_is_refused_while_one_is_under_way),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
