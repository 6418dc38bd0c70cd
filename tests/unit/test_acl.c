#include "acl.h"

#include "hci_bench.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void queue(struct acl_link *link, const char *text)
{
	uint8_t data[HCI_BENCH_BYTES_MAX];

	assert_true(acl_queue(link, 4, data, hci_bytes(text, data)));
}

static void expect_next(struct acl_link *link, struct acl_buffers *buffers, const char *text)
{
	uint8_t wanted[HCI_BENCH_BYTES_MAX], got[ACL_PACKET_MAX];
	size_t len = hci_bytes(text, wanted);

	assert_int_equal(acl_next(link, buffers, got), len);
	assert_memory_equal(got, wanted, len);
}

/* 30 bytes: with the header 34, so that 27 go first and 7 follow. */
#define LONG_PDU                                                                                   \
	"1B 01 02 03 04 05 06 07 08 09 0A 0B 0C 0D 0E 0F 10 11 12 13 14 15 16 17 18 19 1A 1B 1C "  \
	"1D"
#define LONG_PART_1                                                                                \
	"40 00 1B 00 1E 00 04 00 1B 01 02 03 04 05 06 07 08 09 0A 0B 0C 0D 0E 0F 10 11 12 13 14 "  \
	"15 16"
#define LONG_PART_2 "40 10 07 00 17 18 19 1A 1B 1C 1D"
#define SHORT_PDU   "13"
#define SHORT_PART  "40 00 05 00 01 00 04 00 13"

static void a_frame_that_fits_is_one_packet(void **state)
{
	struct acl_buffers buffers = { .len = 27, .total = 1, .free = 1 };
	struct acl_link link = { .handle = 0x40 };

	(void)state;
	queue(&link, SHORT_PDU);
	expect_next(&link, &buffers, SHORT_PART);
	expect_next(&link, &buffers, "");
}

static void a_longer_frame_is_cut_to_the_controller_s_buffers(void **state)
{
	struct acl_buffers buffers = { .len = 27, .total = 4, .free = 4 };
	struct acl_link link = { .handle = 0x40 };

	(void)state;
	queue(&link, LONG_PDU);
	expect_next(&link, &buffers, LONG_PART_1);
	expect_next(&link, &buffers, LONG_PART_2);
	expect_next(&link, &buffers, "");
	assert_int_equal(buffers.free, 2);
}

static void without_a_free_buffer_nothing_is_sent(void **state)
{
	struct acl_buffers buffers = { .len = 27, .total = 1, .free = 1 };
	struct acl_link link = { .handle = 0x40 };

	(void)state;
	queue(&link, LONG_PDU);
	expect_next(&link, &buffers, LONG_PART_1);
	expect_next(&link, &buffers, "");
	acl_completed(&link, &buffers, 1);
	expect_next(&link, &buffers, LONG_PART_2);
}

static void a_reply_never_lies_between_two_fragments(void **state)
{
	struct acl_buffers buffers = { .len = 27, .total = 1, .free = 1 };
	struct acl_link link = { .handle = 0x40 };

	(void)state;
	queue(&link, LONG_PDU);
	expect_next(&link, &buffers, LONG_PART_1);
	queue(&link, SHORT_PDU);
	acl_completed(&link, &buffers, 1);
	expect_next(&link, &buffers, LONG_PART_2);
	acl_completed(&link, &buffers, 1);
	expect_next(&link, &buffers, SHORT_PART);
}

static void an_empty_pdu_is_a_frame_too(void **state)
{
	struct acl_buffers buffers = { .len = 27, .total = 1, .free = 1 };
	struct acl_link link = { .handle = 0x40 };

	(void)state;
	queue(&link, "");
	expect_next(&link, &buffers, "40 00 04 00 00 00 04 00");
}

static void no_more_buffers_come_back_than_were_taken(void **state)
{
	struct acl_buffers buffers = { .len = 27, .total = 2, .free = 2 };
	struct acl_link link = { .handle = 0x40 };

	(void)state;
	queue(&link, SHORT_PDU);
	expect_next(&link, &buffers, SHORT_PART);
	acl_completed(&link, &buffers, UINT16_MAX);
	assert_int_equal(buffers.free, 2);
	acl_completed(&link, &buffers, 1);
	assert_int_equal(buffers.free, 2);
}

static void the_buffers_of_a_lost_connection_come_back(void **state)
{
	struct acl_buffers buffers = { .len = 27, .total = 4, .free = 4 };
	struct acl_link lost = { .handle = 0x40 }, other = { .handle = 0x41 };

	(void)state;
	queue(&lost, LONG_PDU);
	queue(&lost, LONG_PDU);
	expect_next(&lost, &buffers, LONG_PART_1);
	expect_next(&lost, &buffers, LONG_PART_2);
	expect_next(&lost, &buffers, LONG_PART_1);
	queue(&other, SHORT_PDU);
	expect_next(&other, &buffers, "41 00 05 00 01 00 04 00 13");
	acl_lost(&lost, &buffers);
	assert_int_equal(buffers.free, 3);
	expect_next(&lost, &buffers, "");
}

static void the_queue_is_bounded_and_tells_room_for_any_frame(void **state)
{
	struct acl_buffers buffers = { .len = ACL_FRAME_MAX, .total = 1, .free = 1 };
	struct acl_link link = { .handle = 0x40 };
	uint8_t pdu[ACL_PDU_MAX] = { 0x1B }, packet[ACL_PACKET_MAX];
	size_t count = 0;

	(void)state;
	while (acl_queue(&link, 4, pdu, sizeof(pdu)))
		count++;
	assert_int_equal(count, ACL_QUEUE_MAX / ACL_FRAME_MAX);
	assert_false(acl_has_room(&link));
	assert_int_equal(acl_next(&link, &buffers, packet), ACL_PACKET_MAX);
	assert_true(acl_has_room(&link));
	assert_true(acl_queue(&link, 4, pdu, sizeof(pdu)));
}

static void a_pdu_longer_than_any_is_refused(void **state)
{
	struct acl_link link = { .handle = 0x40 };
	uint8_t pdu[ACL_PDU_MAX + 1] = { 0 };

	(void)state;
	assert_false(acl_queue(&link, 4, pdu, sizeof(pdu)));
}

static enum acl_arrival receive(struct acl_link *link, const char *text, struct acl_frame *frame)
{
	uint8_t packet[HCI_BENCH_BYTES_MAX];

	return acl_receive(link, packet, hci_bytes(text, packet), frame);
}

static void expect_frame(struct acl_link *link, const char *packet, uint16_t channel,
			 const char *text)
{
	uint8_t wanted[HCI_BENCH_BYTES_MAX];
	size_t len = hci_bytes(text, wanted);
	struct acl_frame frame;

	assert_int_equal(receive(link, packet, &frame), ACL_WHOLE);
	assert_int_equal(frame.channel, channel);
	assert_int_equal(frame.len, len);
	assert_memory_equal(frame.data, wanted, len);
}

static void a_frame_in_one_packet_is_whole(void **state)
{
	struct acl_link link = { .handle = 0x40 };

	(void)state;
	expect_frame(&link, "40 20 07 00 03 00 04 00 0A 03 00", 4, "0A 03 00");
	expect_frame(&link, "40 20 04 00 00 00 05 00", 5, "");
}

static void fragments_are_put_together(void **state)
{
	struct acl_link link = { .handle = 0x40 };
	struct acl_frame frame;

	(void)state;
	assert_int_equal(receive(&link, "40 20 06 00 05 00 04 00 52 01", &frame), ACL_PART);
	assert_int_equal(receive(&link, "40 10 02 00 00 AA", &frame), ACL_PART);
	expect_frame(&link, "40 10 01 00 BB", 4, "52 01 00 AA BB");
}

static void even_the_header_may_be_cut(void **state)
{
	struct acl_link link = { .handle = 0x40 };
	struct acl_frame frame;

	(void)state;
	assert_int_equal(receive(&link, "40 20 01 00 02", &frame), ACL_PART);
	assert_int_equal(receive(&link, "40 10 00 00", &frame), ACL_PART);
	assert_int_equal(receive(&link, "40 10 02 00 00 04", &frame), ACL_PART);
	expect_frame(&link, "40 10 03 00 00 0A 03", 4, "0A 03");
}

static void a_continuation_of_nothing_is_damaged(void **state)
{
	struct acl_link link = { .handle = 0x40 };
	struct acl_frame frame;

	(void)state;
	assert_int_equal(receive(&link, "40 10 02 00 00 AA", &frame), ACL_DAMAGED);
	expect_frame(&link, "40 20 05 00 01 00 04 00 1E", 4, "1E");
	assert_int_equal(receive(&link, "40 10 02 00 00 AA", &frame), ACL_DAMAGED);
}

static void a_frame_overrun_by_its_fragments_is_damaged(void **state)
{
	struct acl_link link = { .handle = 0x40 };
	struct acl_frame frame;

	(void)state;
	assert_int_equal(receive(&link, "40 20 06 00 03 00 04 00 0A 03", &frame), ACL_PART);
	assert_int_equal(receive(&link, "40 10 02 00 00 AA", &frame), ACL_DAMAGED);
	assert_int_equal(receive(&link, "40 20 06 00 01 00 04 00 0A 03", &frame), ACL_DAMAGED);
	expect_frame(&link, "40 20 05 00 01 00 04 00 1E", 4, "1E");
}

static void a_new_frame_ends_one_that_was_not_finished(void **state)
{
	struct acl_link link = { .handle = 0x40 };
	struct acl_frame frame;

	(void)state;
	assert_int_equal(receive(&link, "40 20 06 00 05 00 04 00 52 01", &frame), ACL_PART);
	expect_frame(&link, "40 20 05 00 01 00 04 00 1E", 4, "1E");
}

static void a_frame_too_long_is_dropped_and_the_next_one_taken(void **state)
{
	struct acl_link link = { .handle = 0x40 };
	uint8_t packet[4 + 1000] = { 0x40, 0x20, 0xE8, 0x03, 0xFF, 0xFF, 4, 0 };
	size_t left = 4 + UINT16_MAX - 1000;
	struct acl_frame frame;

	(void)state;
	assert_int_equal(acl_receive(&link, packet, sizeof(packet), &frame), ACL_PART);
	packet[1] = 0x10;
	for (; left > 1000; left -= 1000)
		assert_int_equal(acl_receive(&link, packet, sizeof(packet), &frame), ACL_PART);
	assert_int_equal(acl_receive(&link, packet, 4 + left, &frame), ACL_DAMAGED);
	expect_frame(&link, "40 20 05 00 01 00 04 00 1E", 4, "1E");
}

static void a_packet_without_header_is_damaged(void **state)
{
	struct acl_link link = { .handle = 0x40 };
	struct acl_frame frame;

	(void)state;
	assert_int_equal(receive(&link, "40 20 00", &frame), ACL_DAMAGED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_frame_that_fits_is_one_packet),
		cmocka_unit_test(a_longer_frame_is_cut_to_the_controller_s_buffers),
		cmocka_unit_test(without_a_free_buffer_nothing_is_sent),
		cmocka_unit_test(a_reply_never_lies_between_two_fragments),
		cmocka_unit_test(an_empty_pdu_is_a_frame_too),
		cmocka_unit_test(no_more_buffers_come_back_than_were_taken),
		cmocka_unit_test(the_buffers_of_a_lost_connection_come_back),
		cmocka_unit_test(the_queue_is_bounded_and_tells_room_for_any_frame),
		cmocka_unit_test(a_pdu_longer_than_any_is_refused),
		cmocka_unit_test(a_frame_in_one_packet_is_whole),
		cmocka_unit_test(fragments_are_put_together),
		cmocka_unit_test(even_the_header_may_be_cut),
		cmocka_unit_test(a_continuation_of_nothing_is_damaged),
		cmocka_unit_test(a_frame_overrun_by_its_fragments_is_damaged),
		cmocka_unit_test(a_new_frame_ends_one_that_was_not_finished),
		cmocka_unit_test(a_frame_too_long_is_dropped_and_the_next_one_taken),
		cmocka_unit_test(a_packet_without_header_is_damaged),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
