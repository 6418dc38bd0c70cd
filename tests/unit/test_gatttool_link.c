#include "gatttool_bench.h"
#include "link.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* SLACK_MS under sanitizers, on a busy machine; what is HELD back comes later still, what comes
 * LATE behind the deadline of a call. */
enum { SLACK_MS = 5000, HELD_MS = 15000, LATE_MS = 2500 };

static uint16_t le16(const uint8_t *bytes)
{
	return (uint16_t)(bytes[0] | bytes[1] << 8);
}

static void lists_the_characteristics_with_service_and_properties(void **state)
{
	struct gatttool_bench *bench = *state;
	const struct otadfu_chr *echo = NULL;

	bench_link(bench);
	for (size_t i = 0; i < bench->chr_count; i++) {
		if (bench->chrs[i].id == bench->ids[BENCH_ECHO])
			echo = &bench->chrs[i];
	}
	assert_non_null(echo);
	assert_int_equal(le16(&echo->service.bytes[2]), 0x0100);
	assert_int_equal(echo->props, OTADFU_PROP_READ | OTADFU_PROP_WRITE | OTADFU_PROP_WRITE_CMD |
					      OTADFU_PROP_NOTIFY);
	assert_int_equal(bench->chrs[0].service.bytes[2], 0x18);
	assert_int_equal(bench->chrs[0].service.bytes[3], 0x00);
}

static void says_how_many_characteristics_there_are_when_the_room_is_too_small(void **state)
{
	struct gatttool_bench *bench = *state;
	size_t count = 0;

	bench_link(bench);
	assert_int_equal(bench->link_ops->discover(&bench->ctx, bench->link, bench->chrs, 1, &count,
						   bench_deadline(BENCH_LONG_MS)),
			 OTADFU_E_OVERFLOW);
	assert_int_equal(count, bench->chr_count);
}

static void agrees_on_the_mtu(void **state)
{
	struct gatttool_bench *bench = *state;

	bench_link(bench);
	assert_int_equal(bench->mtu, 247);
}

static void keeps_to_mtu_23_with_a_peer_that_knows_no_exchange(void **state)
{
	struct gatttool_bench *bench = *state;
	uint8_t data[21] = { 0 };

	bench_play("no-mtu");
	bench_link(bench);
	assert_int_equal(bench->mtu, 23);
	assert_failure(bench, bench_write(bench, BENCH_ECHO, data, 21, BENCH_LONG_MS),
		       OTADFU_E_INVALID, "21 bytes in one write, but the link carries 20");
	assert_int_equal(bench_write(bench, BENCH_ECHO, data, 20, BENCH_LONG_MS), OTADFU_OK);
}

static int try_mtu(struct gatttool_bench *bench, const char *tricks)
{
	bench_play(tricks);
	bench_connect(bench);
	return bench->link_ops->mtu(&bench->ctx, bench->link, 247, &bench->mtu,
				    bench_deadline(BENCH_LONG_MS));
}

static void believes_no_mtu_that_cannot_be(void **state)
{
	struct gatttool_bench *bench = *state;
	uint8_t data[21] = { 0 };

	assert_failure(bench, try_mtu(bench, "huge-mtu"), OTADFU_E_IO, "an MTU of 65535");
	assert_int_equal(bench->link_ops->write(&bench->ctx, bench->link, 3, data, 21,
						bench_deadline(BENCH_LONG_MS)),
			 OTADFU_E_INVALID);
	bench_disconnect(bench);
	assert_failure(bench, try_mtu(bench, "tiny-mtu"), OTADFU_E_IO, "an MTU of 2");
}

static void reads_a_value_longer_than_the_mtu(void **state)
{
	struct gatttool_bench *bench = *state;
	uint8_t value[512];
	size_t len = 0;

	bench_link(bench);
	assert_int_equal(bench->link_ops->read(&bench->ctx, bench->link, bench->ids[BENCH_LONG],
					       value, sizeof(value), &len,
					       bench_deadline(BENCH_LONG_MS)),
			 OTADFU_OK);
	assert_int_equal(len, 300);
	for (size_t i = 0; i < len; i++)
		assert_int_equal(value[i], i % 251);
}

static void refuses_to_cut_a_value_that_is_read(void **state)
{
	struct gatttool_bench *bench = *state;
	uint8_t value[299];
	size_t len = 7;

	bench_link(bench);
	assert_failure(bench,
		       bench->link_ops->read(&bench->ctx, bench->link, bench->ids[BENCH_LONG],
					     value, sizeof(value), &len,
					     bench_deadline(BENCH_LONG_MS)),
		       OTADFU_E_OVERFLOW, "300 bytes");
	assert_int_equal(len, 7);
}

static void writes_and_reads_back(void **state)
{
	struct gatttool_bench *bench = *state;
	uint8_t value[244], back[512];
	size_t len;

	for (size_t i = 0; i < sizeof(value); i++)
		value[i] = (uint8_t)(i * 7);
	bench_link(bench);
	assert_int_equal(bench_write(bench, BENCH_ECHO, value, sizeof(value), BENCH_LONG_MS),
			 OTADFU_OK);
	assert_int_equal(bench->link_ops->read(&bench->ctx, bench->link, bench->ids[BENCH_ECHO],
					       back, sizeof(back), &len,
					       bench_deadline(BENCH_LONG_MS)),
			 OTADFU_OK);
	assert_int_equal(len, sizeof(value));
	assert_memory_equal(back, value, len);
}

/* gatttool would cut a command off in silence, and make a long write of a request. */
static void never_types_a_write_beyond_the_mtu(void **state)
{
	struct gatttool_bench *bench = *state;
	uint8_t value[245] = { 0 };

	bench_link(bench);
	assert_failure(bench, bench_write(bench, BENCH_ECHO, value, 245, BENCH_LONG_MS),
		       OTADFU_E_INVALID, "245 bytes");
	assert_failure(bench,
		       bench->link_ops->write_cmd(&bench->ctx, bench->link, bench->ids[BENCH_ECHO],
						  value, 245, bench_deadline(BENCH_LONG_MS)),
		       OTADFU_E_INVALID, "245 bytes");
}

static void says_that_gatttool_writes_no_empty_values(void **state)
{
	struct gatttool_bench *bench = *state;

	bench_link(bench);
	assert_failure(bench, bench_write(bench, BENCH_ECHO, "", 0, BENCH_LONG_MS),
		       OTADFU_E_UNSUPPORTED, "empty");
}

static void keeps_the_order_of_commands_and_requests(void **state)
{
	struct gatttool_bench *bench = *state;
	uint8_t log[24];
	size_t len;

	bench_link(bench);
	bench_reset(bench);
	for (uint16_t i = 0; i < 200; i++) {
		const uint8_t value[20] = { (uint8_t)i, (uint8_t)(i >> 8) };
		int (*write)(struct otadfu_ctx *, struct otadfu_link *, uint16_t, const uint8_t *,
			     size_t, uint64_t) =
			i % 7 ? bench->link_ops->write_cmd : bench->link_ops->write;

		assert_int_equal(write(&bench->ctx, bench->link, bench->ids[BENCH_SEQUENCE], value,
				       sizeof(value), bench_deadline(BENCH_LONG_MS)),
				 OTADFU_OK);
	}
	assert_int_equal(bench->link_ops->read(&bench->ctx, bench->link, bench->ids[BENCH_LOG], log,
					       sizeof(log), &len, bench_deadline(BENCH_LONG_MS)),
			 OTADFU_OK);
	assert_int_equal(le16(&log[0]), 200);
	assert_int_equal(le16(&log[4]), 200);
}

static void tells_the_att_error_of_a_refusal(void **state)
{
	struct gatttool_bench *bench = *state;
	uint8_t value[4];
	size_t len;

	bench_link(bench);
	assert_failure(bench,
		       bench->link_ops->read(&bench->ctx, bench->link, bench->ids[BENCH_REFUSED],
					     value, sizeof(value), &len,
					     bench_deadline(BENCH_LONG_MS)),
		       OTADFU_E_SECURITY, "requires authentication");
	assert_int_equal(bench->detail, 0x05);
	assert_failure(bench, bench_write(bench, BENCH_REFUSED, "x", 1, BENCH_LONG_MS),
		       OTADFU_E_ATT, "(0x80)");
	assert_int_equal(bench->detail, 0x80);
}

static void delivers_a_notification_of_what_was_written(void **state)
{
	struct gatttool_bench *bench = *state;
	uint8_t value[16];
	size_t len;

	bench_link(bench);
	bench_subscribe(bench, BENCH_ECHO);
	assert_int_equal(bench_write(bench, BENCH_ECHO, "hello", 5, BENCH_LONG_MS), OTADFU_OK);
	assert_int_equal(bench_wait(bench, BENCH_ECHO, value, sizeof(value), &len, BENCH_LONG_MS),
			 OTADFU_OK);
	assert_int_equal(len, 5);
	assert_memory_equal(value, "hello", 5);
}

static void subscribes_again_and_keeps_what_waits(void **state)
{
	struct gatttool_bench *bench = *state;
	uint8_t value[2], log[24];
	size_t len;

	bench_link(bench);
	bench_reset(bench);
	bench_subscribe(bench, BENCH_ECHO);
	assert_int_equal(bench_write(bench, BENCH_ECHO, "a", 1, BENCH_LONG_MS), OTADFU_OK);
	bench_subscribe(bench, BENCH_ECHO);
	assert_int_equal(bench->link_ops->read(&bench->ctx, bench->link, bench->ids[BENCH_LOG], log,
					       sizeof(log), &len, bench_deadline(BENCH_LONG_MS)),
			 OTADFU_OK);
	assert_int_equal(le16(&log[20]), 2);
	assert_int_equal(bench_wait(bench, BENCH_ECHO, value, sizeof(value), &len, BENCH_LONG_MS),
			 OTADFU_OK);
	assert_int_equal(value[0], 'a');
}

static void confirms_indications(void **state)
{
	struct gatttool_bench *bench = *state;
	uint8_t value[2], log[24];
	size_t len;

	bench_link(bench);
	bench_reset(bench);
	bench_subscribe(bench, BENCH_INDICATION);
	assert_int_equal(bench_write(bench, BENCH_CONTROL, "\x03", 1, BENCH_LONG_MS), OTADFU_OK);
	assert_int_equal(bench_wait(bench, BENCH_INDICATION, value, sizeof(value), &len,
				    BENCH_LONG_MS),
			 OTADFU_OK);
	assert_int_equal(le16(value), 1);
	assert_int_equal(bench->link_ops->read(&bench->ctx, bench->link, bench->ids[BENCH_LOG], log,
					       sizeof(log), &len, bench_deadline(BENCH_LONG_MS)),
			 OTADFU_OK);
	assert_int_equal(le16(&log[12]), 1);
}

static void loses_none_of_a_hundred_notifications(void **state)
{
	struct gatttool_bench *bench = *state;
	uint8_t value[244];
	size_t len;

	bench_link(bench);
	bench_subscribe(bench, BENCH_BURST);
	bench_burst(bench, 100, 244);
	for (uint16_t i = 0; i < 100; i++) {
		assert_int_equal(bench_wait(bench, BENCH_BURST, value, sizeof(value), &len,
					    BENCH_LONG_MS),
				 OTADFU_OK);
		assert_int_equal(len, 244);
		assert_int_equal(le16(value), i);
	}
}

static void says_so_when_too_many_notifications_waited(void **state)
{
	struct gatttool_bench *bench = *state;
	uint8_t value[244];
	size_t len, taken = 0;
	int result;

	bench_link(bench);
	bench_subscribe(bench, BENCH_BURST);
	bench_burst(bench, 300, 20);
	assert_int_equal(bench->link_ops->wait_gone(&bench->ctx, bench->link, bench_deadline(4000)),
			 OTADFU_E_TIMEOUT);
	while ((result = bench_wait(bench, BENCH_BURST, value, sizeof(value), &len, 100)) ==
	       OTADFU_OK)
		assert_int_equal(le16(value), taken++);
	assert_failure(bench, result, OTADFU_E_OVERFLOW, "lost");
	assert_in_range(taken, 32, 299);
}

static void knows_what_is_not_subscribed(void **state)
{
	struct gatttool_bench *bench = *state;
	uint8_t value[4];
	size_t len;

	bench_link(bench);
	assert_failure(bench, bench_wait(bench, BENCH_ECHO, value, 4, &len, 100), OTADFU_E_INVALID,
		       "not subscribed");
	assert_failure(bench,
		       bench->link_ops->subscribe(&bench->ctx, bench->link, bench->ids[BENCH_LONG],
						  bench_deadline(1000)),
		       OTADFU_E_UNSUPPORTED, "neither notifies nor indicates");
}

/* --- deadlines and cancellation --- */

static void discards_the_answer_that_comes_too_late(void **state)
{
	struct gatttool_bench *bench = *state;
	uint8_t value[512];
	size_t len;

	bench_link(bench);
	bench_hold(bench, 0, LATE_MS);
	assert_failure(bench, bench_write(bench, BENCH_ECHO, "a", 1, 100), OTADFU_E_TIMEOUT,
		       "no answer to the write");
	assert_int_equal(bench->link_ops->read(&bench->ctx, bench->link, bench->ids[BENCH_LONG],
					       value, sizeof(value), &len,
					       bench_deadline(BENCH_LONG_MS)),
			 OTADFU_OK);
	assert_int_equal(len, 300);
}

static void lists_services_once_though_the_first_list_comes_late(void **state)
{
	struct gatttool_bench *bench = *state;
	size_t count = 0;

	bench_link(bench);
	bench_hold(bench, 0, LATE_MS);
	assert_int_equal(bench->link_ops->discover(&bench->ctx, bench->link, bench->chrs,
						   BENCH_CHRS_MAX, &count, bench_deadline(50)),
			 OTADFU_E_TIMEOUT);
	assert_int_equal(bench->link_ops->discover(&bench->ctx, bench->link, bench->chrs,
						   BENCH_CHRS_MAX, &count,
						   bench_deadline(BENCH_LONG_MS)),
			 OTADFU_OK);
	assert_int_equal(count, bench->chr_count);
	assert_int_equal(bench->link->service_count, 3);
}

static void holds_a_request_back_no_longer_than_its_own_deadline(void **state)
{
	struct gatttool_bench *bench = *state;
	uint64_t begin_ms;

	bench_link(bench);
	bench_hold(bench, 0, HELD_MS);
	assert_int_equal(bench_write(bench, BENCH_ECHO, "a", 1, 50), OTADFU_E_TIMEOUT);
	begin_ms = bench_now_ms();
	assert_int_equal(bench_write(bench, BENCH_ECHO, "b", 1, 100), OTADFU_E_TIMEOUT);
	assert_in_range(bench_now_ms() - begin_ms, 100, 100 + SLACK_MS);
}

static void stops_at_once_when_the_task_is_cancelled(void **state)
{
	struct gatttool_bench *bench = *state;
	uint8_t value[4];
	size_t len;
	uint64_t begin_ms;

	bench_link(bench);
	bench_subscribe(bench, BENCH_BURST);
	bench_hold(bench, 0, HELD_MS);
	begin_ms = bench_now_ms();
	bench_cancel(bench, 100);
	assert_int_equal(bench_write(bench, BENCH_ECHO, "a", 1, BENCH_LONG_MS), OTADFU_E_CANCELLED);
	assert_int_equal(bench_wait(bench, BENCH_BURST, value, 4, &len, BENCH_LONG_MS),
			 OTADFU_E_CANCELLED);
	assert_int_equal(bench->link_ops->wait_gone(&bench->ctx, bench->link,
						    bench_deadline(BENCH_LONG_MS)),
			 OTADFU_E_CANCELLED);
	assert_in_range(bench_now_ms() - begin_ms, 90, 100 + SLACK_MS);
}

static void stops_connecting_when_the_task_is_cancelled(void **state)
{
	struct gatttool_bench *bench = *state;
	uint64_t begin_ms;

	bench_open(bench);
	bench->peer.bytes[5] = 0x77;
	begin_ms = bench_now_ms();
	bench_cancel(bench, 200);
	assert_int_equal(bench_try_connect(bench, BENCH_LONG_MS), OTADFU_E_CANCELLED);
	assert_in_range(bench_now_ms() - begin_ms, 190, 200 + SLACK_MS);
}

/* --- the end of the link --- */

static void notices_a_remote_disconnect_at_once(void **state)
{
	struct gatttool_bench *bench = *state;
	uint64_t begin_ms;

	bench_link(bench);
	begin_ms = bench_now_ms();
	bench_drop(bench, 200, 0x13);
	assert_int_equal(bench->link_ops->wait_gone(&bench->ctx, bench->link,
						    bench_deadline(BENCH_LONG_MS)),
			 OTADFU_OK);
	assert_in_range(bench_now_ms() - begin_ms, 200, 200 + SLACK_MS);
	assert_int_equal(bench_write(bench, BENCH_ECHO, "a", 1, BENCH_LONG_MS),
			 OTADFU_E_DISCONNECTED);
}

static void says_disconnected_to_every_call_after_the_loss(void **state)
{
	struct gatttool_bench *bench = *state;
	const uint64_t deadline_ms = bench_deadline(BENCH_LONG_MS);
	const struct otadfu_link_ops *ops = bench->link_ops;
	uint8_t value[4];
	size_t len;
	uint16_t echo;

	bench_link(bench);
	echo = bench->ids[BENCH_ECHO];
	bench_subscribe(bench, BENCH_ECHO);
	bench_drop(bench, 50, 0x13);
	assert_int_equal(ops->wait_gone(&bench->ctx, bench->link, deadline_ms), OTADFU_OK);
	assert_int_equal(ops->mtu(&bench->ctx, bench->link, 23, &bench->mtu, deadline_ms),
			 OTADFU_E_DISCONNECTED);
	assert_int_equal(ops->discover(&bench->ctx, bench->link, bench->chrs, 1, &len, deadline_ms),
			 OTADFU_E_DISCONNECTED);
	assert_int_equal(ops->read(&bench->ctx, bench->link, echo, value, 4, &len, deadline_ms),
			 OTADFU_E_DISCONNECTED);
	assert_int_equal(ops->write_cmd(&bench->ctx, bench->link, echo, value, 4, deadline_ms),
			 OTADFU_E_DISCONNECTED);
	assert_int_equal(ops->subscribe(&bench->ctx, bench->link, echo, deadline_ms),
			 OTADFU_E_DISCONNECTED);
	assert_int_equal(ops->wait(&bench->ctx, bench->link, echo, value, 4, &len, deadline_ms),
			 OTADFU_E_DISCONNECTED);
	assert_int_equal(ops->wait_gone(&bench->ctx, bench->link, deadline_ms), OTADFU_OK);
}

static void notices_a_loss_that_gatttool_does_not_tell(void **state)
{
	struct gatttool_bench *bench = *state;
	uint64_t begin_ms;

	bench_play("quiet");
	bench_link(bench);
	begin_ms = bench_now_ms();
	bench_drop(bench, 100, 0x13);
	assert_int_equal(bench->link_ops->wait_gone(&bench->ctx, bench->link,
						    bench_deadline(BENCH_LONG_MS)),
			 OTADFU_OK);
	assert_in_range(bench_now_ms() - begin_ms, 100, 1000 + SLACK_MS);
}

static void ends_a_request_when_the_link_goes(void **state)
{
	struct gatttool_bench *bench = *state;

	bench_link(bench);
	bench_hold(bench, 0, HELD_MS);
	assert_int_equal(bench_write(bench, BENCH_ECHO, "a", 1, 50), OTADFU_E_TIMEOUT);
	bench_disconnect(bench);
	bench_link(bench);
	bench_drop(bench, LATE_MS, 0x08);
	assert_failure(bench,
		       bench->link_ops->wait_gone(&bench->ctx, bench->link, bench_deadline(100)),
		       OTADFU_E_TIMEOUT, "end of the link");
	bench_hold(bench, 0, HELD_MS);
	assert_failure(bench, bench_write(bench, BENCH_ECHO, "a", 1, BENCH_LONG_MS),
		       OTADFU_E_DISCONNECTED, "link was lost");
}

/* gatttool says "unlikely error" first. */
static void knows_a_loss_from_a_refusal(void **state)
{
	struct gatttool_bench *bench = *state;
	uint8_t value[4];
	size_t len;

	bench_link(bench);
	bench_drop(bench, LATE_MS, 0x13);
	bench_hold(bench, 0, HELD_MS);
	assert_failure(bench,
		       bench->link_ops->read(&bench->ctx, bench->link, bench->ids[BENCH_LONG],
					     value, sizeof(value), &len,
					     bench_deadline(BENCH_LONG_MS)),
		       OTADFU_E_DISCONNECTED, "link was lost");
}

static void knows_a_loss_that_gatttool_does_not_tell_from_a_refusal(void **state)
{
	bench_play("quiet");
	knows_a_loss_from_a_refusal(state);
}

static void knows_a_refusal_from_a_loss(void **state)
{
	struct gatttool_bench *bench = *state;

	bench_play("unlikely");
	bench_link(bench);
	assert_failure(bench, bench_write(bench, BENCH_REFUSED, "x", 1, BENCH_LONG_MS),
		       OTADFU_E_ATT, "(0x0E)");
	assert_int_equal(bench_write(bench, BENCH_ECHO, "x", 1, BENCH_LONG_MS), OTADFU_OK);
}

/* What gatttool sends after it has answered for the peer goes nowhere, and it does not say so. */
static void takes_an_answer_after_thirty_seconds_for_the_end_of_the_link(void **state)
{
	struct gatttool_bench *bench = *state;

	bench_play("unlikely");
	bench_link(bench);
	bench_hold(bench, 0, LATE_MS);
	assert_int_equal(bench_write(bench, BENCH_REFUSED, "x", 1, 100), OTADFU_E_TIMEOUT);
	bench->skew_ms = 30000;
	assert_failure(bench, bench_write(bench, BENCH_ECHO, "x", 1, 30000 + BENCH_LONG_MS),
		       OTADFU_E_DISCONNECTED, "link was lost");
}

static void hands_out_what_came_before_the_link_went(void **state)
{
	struct gatttool_bench *bench = *state;
	uint8_t value[20];
	size_t len;

	bench_link(bench);
	bench_subscribe(bench, BENCH_BURST);
	bench_burst(bench, 5, 20);
	bench_drop(bench, 1000, 0x13);
	assert_int_equal(bench->link_ops->wait_gone(&bench->ctx, bench->link,
						    bench_deadline(BENCH_LONG_MS)),
			 OTADFU_OK);
	for (uint16_t i = 0; i < 5; i++) {
		assert_int_equal(bench_wait(bench, BENCH_BURST, value, 20, &len, 100), OTADFU_OK);
		assert_int_equal(le16(value), i);
	}
	assert_int_equal(bench_wait(bench, BENCH_BURST, value, 20, &len, 100),
			 OTADFU_E_DISCONNECTED);
}

static void connects_again_after_the_first_link(void **state)
{
	struct gatttool_bench *bench = *state;

	bench_link(bench);
	bench_disconnect(bench);
	bench_link(bench);
	assert_int_equal(bench_write(bench, BENCH_ECHO, "again", 5, BENCH_LONG_MS), OTADFU_OK);
}

#define bench_test(name) cmocka_unit_test_setup_teardown(name, bench_set_up, bench_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		bench_test(lists_the_characteristics_with_service_and_properties),
		bench_test(says_how_many_characteristics_there_are_when_the_room_is_too_small),
		bench_test(agrees_on_the_mtu),
		bench_test(keeps_to_mtu_23_with_a_peer_that_knows_no_exchange),
		bench_test(believes_no_mtu_that_cannot_be),
		bench_test(reads_a_value_longer_than_the_mtu),
		bench_test(refuses_to_cut_a_value_that_is_read),
		bench_test(writes_and_reads_back),
		bench_test(never_types_a_write_beyond_the_mtu),
		bench_test(says_that_gatttool_writes_no_empty_values),
		bench_test(keeps_the_order_of_commands_and_requests),
		bench_test(tells_the_att_error_of_a_refusal),
		bench_test(delivers_a_notification_of_what_was_written),
		bench_test(subscribes_again_and_keeps_what_waits),
		bench_test(confirms_indications),
		bench_test(loses_none_of_a_hundred_notifications),
		bench_test(says_so_when_too_many_notifications_waited),
		bench_test(knows_what_is_not_subscribed),
		bench_test(discards_the_answer_that_comes_too_late),
		bench_test(lists_services_once_though_the_first_list_comes_late),
		bench_test(holds_a_request_back_no_longer_than_its_own_deadline),
		bench_test(stops_at_once_when_the_task_is_cancelled),
		bench_test(stops_connecting_when_the_task_is_cancelled),
		bench_test(notices_a_remote_disconnect_at_once),
		bench_test(says_disconnected_to_every_call_after_the_loss),
		bench_test(notices_a_loss_that_gatttool_does_not_tell),
		bench_test(ends_a_request_when_the_link_goes),
		bench_test(knows_a_loss_from_a_refusal),
		bench_test(knows_a_loss_that_gatttool_does_not_tell_from_a_refusal),
		bench_test(knows_a_refusal_from_a_loss),
		bench_test(takes_an_answer_after_thirty_seconds_for_the_end_of_the_link),
		bench_test(hands_out_what_came_before_the_link_went),
		bench_test(connects_again_after_the_first_link),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
