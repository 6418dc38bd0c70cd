/* What <otadfu/transport.h> promises of every call on a link. */
#include "att_bench.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include <cmocka.h>

/* AT_ONCE_MS allows for sanitizers and a loaded machine. */
enum {
	SOON_MS = 20000,
	AT_ONCE_MS = 8000,
	WRITTEN = 3,
	COMMANDED = 6,
	INDICATED = 8,
	NOTIFIED = 11
};

static int discover(struct att_bench *bench, uint64_t deadline_ms)
{
	size_t count;

	return att_client_discover(&bench->ctx, bench->link, NULL, 0, &count, deadline_ms);
}

static int agree_on_mtu(struct att_bench *bench, uint64_t deadline_ms)
{
	uint16_t mtu;

	return att_client_mtu(&bench->ctx, bench->link, 247, &mtu, deadline_ms);
}

static int read_value(struct att_bench *bench, uint64_t deadline_ms)
{
	uint8_t buf[20];
	size_t len;

	return att_client_read(&bench->ctx, bench->link, NOTIFIED, buf, sizeof(buf), &len,
			       deadline_ms);
}

static int write_value(struct att_bench *bench, uint64_t deadline_ms)
{
	return att_client_write(&bench->ctx, bench->link, WRITTEN, (const uint8_t[]){ 1 }, 1,
				deadline_ms);
}

static int write_cmd(struct att_bench *bench, uint64_t deadline_ms)
{
	return att_client_write_cmd(&bench->ctx, bench->link, COMMANDED, (const uint8_t[]){ 1 }, 1,
				    deadline_ms);
}

static int subscribe(struct att_bench *bench, uint64_t deadline_ms)
{
	return att_client_subscribe(&bench->ctx, bench->link, INDICATED, deadline_ms);
}

static int wait_value(struct att_bench *bench, uint64_t deadline_ms)
{
	uint8_t buf[20];
	size_t len;

	return att_client_wait(&bench->ctx, bench->link, NOTIFIED, buf, sizeof(buf), &len,
			       deadline_ms);
}

static int wait_gone(struct att_bench *bench, uint64_t deadline_ms)
{
	return att_client_wait_gone(&bench->ctx, bench->link, deadline_ms);
}

/* Every call that may block; ready: the device is known and the socket, for write_cmd, full. */
static const struct {
	const char *name;
	int (*call)(struct att_bench *bench, uint64_t deadline_ms);
	bool ready;
} calls[] = {
	{ "discover", discover, false },  { "mtu", agree_on_mtu, false },
	{ "read", read_value, true },     { "write", write_value, true },
	{ "write_cmd", write_cmd, true }, { "subscribe", subscribe, true },
	{ "wait", wait_value, true },     { "wait_gone", wait_gone, true },
};

enum { CALLS = sizeof(calls) / sizeof(calls[0]) };

/* A new bench for one call. */
static struct att_bench *prepare(void **state, size_t i)
{
	struct att_bench *bench;

	assert_int_equal(att_bench_end(state), 0);
	assert_int_equal(att_bench_begin(state), 0);
	bench = *state;
	if (calls[i].ready) {
		att_bench_discover(bench);
		att_bench_subscribe(bench, NOTIFIED);
	}
	if (calls[i].call == write_cmd)
		assert_true(att_bench_fill(bench) > 0);
	return bench;
}

static void assert_result(size_t i, int got, int wanted)
{
	if (got != wanted)
		fail_msg("%s returned %d, not %d", calls[i].name, got, wanted);
}

static void assert_at_once(struct att_bench *bench, size_t i, uint64_t since_ms)
{
	uint64_t took_ms = att_bench_now_ms(bench) - since_ms;

	if (took_ms > AT_ONCE_MS)
		fail_msg("%s took %u ms", calls[i].name, (unsigned int)took_ms);
}

static void every_call_keeps_its_deadline(void **state)
{
	for (size_t i = 0; i < CALLS; i++) {
		struct att_bench *bench = prepare(state, i);
		uint64_t deadline_ms = att_bench_in(bench, 30);

		assert_result(i, calls[i].call(bench, deadline_ms), OTADFU_E_TIMEOUT);
		assert_true(att_bench_now_ms(bench) >= deadline_ms);
		assert_at_once(bench, i, deadline_ms);
		assert_int_equal(bench->failure.code, OTADFU_E_TIMEOUT);
	}
}

static void every_call_whose_deadline_has_passed_returns_at_once(void **state)
{
	for (size_t i = 0; i < CALLS; i++) {
		struct att_bench *bench = prepare(state, i);
		uint64_t now_ms = att_bench_now_ms(bench);

		assert_result(i, calls[i].call(bench, 0), OTADFU_E_TIMEOUT);
		assert_at_once(bench, i, now_ms);
	}
}

static void every_call_ends_when_the_task_is_cancelled(void **state)
{
	for (size_t i = 0; i < CALLS; i++) {
		struct att_bench *bench = prepare(state, i);
		uint64_t now_ms = att_bench_now_ms(bench);

		att_bench_play(bench, "pause 20; cancel");
		assert_result(i, calls[i].call(bench, now_ms + SOON_MS), OTADFU_E_CANCELLED);
		assert_at_once(bench, i, now_ms + 20);
	}
}

static void every_call_ends_when_the_link_is_lost(void **state)
{
	for (size_t i = 0; i < CALLS; i++) {
		struct att_bench *bench = prepare(state, i);
		uint64_t now_ms = att_bench_now_ms(bench);

		att_bench_play(bench, "pause 20; close");
		assert_result(i, calls[i].call(bench, now_ms + SOON_MS),
			      calls[i].call == wait_gone ? OTADFU_OK : OTADFU_E_DISCONNECTED);
		assert_at_once(bench, i, now_ms + 20);
		assert_int_equal(bench->failure.code, OTADFU_E_DISCONNECTED);
	}
}

static void every_call_on_a_lost_link_returns_at_once(void **state)
{
	for (size_t i = 0; i < CALLS; i++) {
		struct att_bench *bench = prepare(state, i);
		uint64_t now_ms = att_bench_now_ms(bench);

		att_bench_play(bench, "close");
		att_bench_finish(bench);
		for (int round = 0; round < 3; round++)
			assert_result(i, calls[i].call(bench, now_ms + SOON_MS),
				      calls[i].call == wait_gone ? OTADFU_OK
								 : OTADFU_E_DISCONNECTED);
		assert_at_once(bench, i, now_ms);
	}
}

/* --- a peer who never ceases to send --- */

struct flood {
	pthread_t thread;
	int fd;
	atomic_bool ended;
};

static void *notify_for_ever(void *user)
{
	static const uint8_t pdu[] = { 0x1B, 0x63, 0x00, 0x01 };
	struct flood *flood = user;

	while (!atomic_load(&flood->ended))
		send(flood->fd, pdu, sizeof(pdu), MSG_NOSIGNAL | MSG_DONTWAIT);
	return NULL;
}

static void begin_flood(struct flood *flood, const struct att_bench *bench)
{
	flood->fd = bench->peer_fd;
	atomic_init(&flood->ended, false);
	assert_int_equal(pthread_create(&flood->thread, NULL, notify_for_ever, flood), 0);
}

static void end_flood(struct flood *flood)
{
	atomic_store(&flood->ended, true);
	pthread_join(flood->thread, NULL);
}

static void a_flood_keeps_no_call_beyond_its_deadline(void **state)
{
	for (size_t i = 0; i < CALLS; i++) {
		struct att_bench *bench = prepare(state, i);
		struct flood flood;
		uint64_t deadline_ms;
		int r;

		begin_flood(&flood, bench);
		deadline_ms = att_bench_in(bench, 30);
		r = calls[i].call(bench, deadline_ms);
		end_flood(&flood);
		assert_result(i, r, OTADFU_E_TIMEOUT);
		assert_at_once(bench, i, deadline_ms);
	}
}

static void a_flood_hides_no_cancellation(void **state)
{
	for (size_t i = 0; i < CALLS; i++) {
		struct att_bench *bench = prepare(state, i);
		struct flood flood;
		uint64_t now_ms = att_bench_now_ms(bench);
		int r;

		begin_flood(&flood, bench);
		att_bench_play(bench, "pause 20; cancel");
		r = calls[i].call(bench, now_ms + SOON_MS);
		end_flood(&flood);
		assert_result(i, r, OTADFU_E_CANCELLED);
		assert_at_once(bench, i, now_ms + 20);
	}
}

static int send_nothing(struct otadfu_ctx *ctx, void *bearer, const uint8_t *pdu, size_t len)
{
	(void)ctx, (void)bearer, (void)pdu, (void)len;
	return OTADFU_E_BUSY;
}

static int receive_another(struct otadfu_ctx *ctx, void *bearer, uint8_t *buf, size_t cap,
			   size_t *ret_len)
{
	static const uint8_t pdu[] = { 0x1B, 0x63, 0x00, 0x01 };

	(void)ctx, (void)bearer, (void)cap;
	memcpy(buf, pdu, sizeof(pdu));
	*ret_len = sizeof(pdu);
	return OTADFU_OK;
}

static int never_wait(struct otadfu_ctx *ctx, void *bearer, bool for_room, uint64_t deadline_ms)
{
	(void)ctx, (void)bearer, (void)for_room, (void)deadline_ms;
	return OTADFU_OK;
}

static int find_nothing_wrong(struct otadfu_ctx *ctx, void *bearer)
{
	(void)ctx, (void)bearer;
	return OTADFU_OK;
}

static void close_nothing(struct otadfu_ctx *ctx, void *bearer)
{
	(void)ctx, (void)bearer;
}

/* Faster than any socket. */
static const struct att_bearer_ops endless = { send_nothing, receive_another, never_wait,
					       find_nothing_wrong, close_nothing };

static void a_peer_who_is_faster_than_we_is_cut_off_at_the_deadline(void **state)
{
	struct att_bench *bench = *state;
	uint64_t deadline_ms = att_bench_in(bench, 20);

	att_client_disconnect(&bench->ctx, bench->link);
	bench->link = att_client_new(&endless, NULL);
	assert_non_null(bench->link);
	assert_int_equal(wait_gone(bench, deadline_ms), OTADFU_E_TIMEOUT);
	assert_int_equal(write_value(bench, deadline_ms), OTADFU_E_TIMEOUT);
	assert_int_equal(write_cmd(bench, deadline_ms), OTADFU_E_TIMEOUT);
	assert_true(att_bench_now_ms(bench) < deadline_ms + AT_ONCE_MS);
}

/* --- late answers --- */

static void a_request_is_held_back_until_the_late_answer_came(void **state)
{
	struct att_bench *bench = *state;

	att_bench_play(bench, "> 12 03 00 01; silence 600; < 13; > 0A 0B 00; < 0B 07");
	assert_int_equal(write_value(bench, att_bench_in(bench, 20)), OTADFU_E_TIMEOUT);
	assert_int_equal(read_value(bench, att_bench_in(bench, SOON_MS)), OTADFU_OK);
	att_bench_finish(bench);
}

static void a_late_refusal_is_discarded_too(void **state)
{
	struct att_bench *bench = *state;

	att_bench_play(bench, "> 12 03 00 01; silence 600; < 01 12 03 00 0E; > 0A 0B 00; < 0B 07");
	assert_int_equal(write_value(bench, att_bench_in(bench, 20)), OTADFU_E_TIMEOUT);
	assert_int_equal(read_value(bench, att_bench_in(bench, SOON_MS)), OTADFU_OK);
	att_bench_finish(bench);
}

static void a_request_held_back_has_its_own_deadline(void **state)
{
	struct att_bench *bench = *state;

	att_bench_play(bench, "> 12 03 00 01; silence 600; < 13; > 0A 0B 00; < 0B 07");
	assert_int_equal(write_value(bench, att_bench_in(bench, 10)), OTADFU_E_TIMEOUT);
	att_bench_clear(bench);
	assert_int_equal(read_value(bench, att_bench_in(bench, 20)), OTADFU_E_TIMEOUT);
	assert_non_null(strstr(bench->failure.text, "still owes"));
	assert_int_equal(read_value(bench, att_bench_in(bench, SOON_MS)), OTADFU_OK);
	att_bench_finish(bench);
}

static void a_request_after_a_cancelled_one_gets_its_own_answer(void **state)
{
	struct att_bench *bench = *state;
	uint8_t buf[20];
	size_t len;

	att_bench_play(bench, "> 0A 0B 00; cancel");
	assert_int_equal(read_value(bench, att_bench_in(bench, SOON_MS)), OTADFU_E_CANCELLED);
	att_bench_finish(bench);
	att_bench_resume(bench);
	att_bench_play(bench, "< 0B 01; > 0A 0B 00; < 0B 02");
	assert_int_equal(att_client_read(&bench->ctx, bench->link, NOTIFIED, buf, sizeof(buf), &len,
					 att_bench_in(bench, SOON_MS)),
			 OTADFU_OK);
	assert_int_equal(buf[0], 2);
}

static void a_late_answer_found_by_another_call_is_the_late_one(void **state)
{
	struct att_bench *bench = *state;

	att_bench_play(bench, "> 12 03 00 01; pause 400; < 13");
	assert_int_equal(write_value(bench, att_bench_in(bench, 10)), OTADFU_E_TIMEOUT);
	att_bench_finish(bench);
	assert_int_equal(wait_gone(bench, 0), OTADFU_E_TIMEOUT);
	att_bench_play(bench, "> 0A 0B 00; < 0B 07");
	assert_int_equal(read_value(bench, att_bench_in(bench, SOON_MS)), OTADFU_OK);
}

static void commands_are_not_held_back(void **state)
{
	struct att_bench *bench = *state;

	att_bench_play(bench, "> 12 03 00 01; > 52 06 00 01");
	assert_int_equal(write_value(bench, att_bench_in(bench, 10)), OTADFU_E_TIMEOUT);
	assert_int_equal(write_cmd(bench, 0), OTADFU_OK);
	att_bench_finish(bench);
}

/* --- loss --- */

static void what_was_queued_is_handed_out_before_the_loss(void **state)
{
	struct att_bench *bench = *state;

	att_bench_discover(bench);
	att_bench_subscribe(bench, NOTIFIED);
	att_bench_play(bench, "< 1B 0B 00 01; < 1B 0B 00 02; close");
	att_bench_finish(bench);
	assert_int_equal(wait_value(bench, att_bench_in(bench, SOON_MS)), OTADFU_OK);
	assert_int_equal(wait_value(bench, att_bench_in(bench, SOON_MS)), OTADFU_OK);
	assert_int_equal(wait_value(bench, att_bench_in(bench, SOON_MS)), OTADFU_E_DISCONNECTED);
}

/* A socket whose peer left something unread tells of the loss first. */
static void what_was_queued_behind_an_error_is_handed_out_too(void **state)
{
	struct att_bench *bench = *state;

	att_bench_discover(bench);
	att_bench_subscribe(bench, NOTIFIED);
	assert_int_equal(write_cmd(bench, 0), OTADFU_OK);
	att_bench_play(bench, "< 1B 0B 00 01; close");
	att_bench_finish(bench);
	assert_int_equal(wait_value(bench, att_bench_in(bench, SOON_MS)), OTADFU_OK);
	assert_int_equal(wait_value(bench, att_bench_in(bench, SOON_MS)), OTADFU_E_DISCONNECTED);
	assert_int_equal(bench->failure.detail, ECONNRESET);
	assert_non_null(strstr(bench->failure.text, "the device closed it"));
}

static void a_failed_write_loses_nothing_that_was_queued(void **state)
{
	struct att_bench *bench = *state;

	att_bench_discover(bench);
	att_bench_subscribe(bench, NOTIFIED);
	att_bench_play(bench, "< 1B 0B 00 01; < 1B 0B 00 02; close");
	att_bench_finish(bench);
	assert_int_equal(write_value(bench, att_bench_in(bench, SOON_MS)), OTADFU_E_DISCONNECTED);
	assert_int_equal(wait_value(bench, att_bench_in(bench, SOON_MS)), OTADFU_OK);
	assert_int_equal(wait_value(bench, att_bench_in(bench, SOON_MS)), OTADFU_OK);
	assert_int_equal(wait_value(bench, att_bench_in(bench, SOON_MS)), OTADFU_E_DISCONNECTED);
}

static void a_confirmation_that_cannot_be_sent_hides_nothing(void **state)
{
	struct att_bench *bench = *state;

	att_bench_discover(bench);
	att_bench_subscribe(bench, NOTIFIED);
	att_bench_play(bench, "< 1D 08 00 09; < 1B 0B 00 01; close");
	att_bench_finish(bench);
	att_bench_clear(bench);
	assert_int_equal(wait_value(bench, att_bench_in(bench, SOON_MS)), OTADFU_OK);
	assert_int_equal(bench->failure.code, OTADFU_OK);
	assert_int_equal(wait_value(bench, att_bench_in(bench, SOON_MS)), OTADFU_E_DISCONNECTED);
}

static void nothing_is_subscribed_again_on_a_lost_link(void **state)
{
	struct att_bench *bench = *state;

	att_bench_discover(bench);
	att_bench_subscribe(bench, INDICATED);
	att_bench_play(bench, "close");
	att_bench_finish(bench);
	assert_int_equal(subscribe(bench, att_bench_in(bench, SOON_MS)), OTADFU_E_DISCONNECTED);
}

static void a_full_queue_hides_no_loss(void **state)
{
	struct att_bench *bench = *state;

	att_bench_discover(bench);
	att_bench_subscribe(bench, NOTIFIED);
	att_bench_play(bench, "150 x < 1B 0B 00 01; close");
	att_bench_finish(bench);
	for (int i = 0; i < 2; i++)
		assert_int_equal(write_cmd(bench, att_bench_in(bench, SOON_MS)),
				 OTADFU_E_DISCONNECTED);
	assert_int_equal(discover(bench, att_bench_in(bench, SOON_MS)), OTADFU_E_DISCONNECTED);
	for (int i = 0; i < 150; i++)
		assert_int_equal(wait_value(bench, att_bench_in(bench, SOON_MS)), OTADFU_OK);
	assert_int_equal(wait_value(bench, att_bench_in(bench, SOON_MS)), OTADFU_E_DISCONNECTED);
}

static void an_empty_packet_is_no_loss(void **state)
{
	struct att_bench *bench = *state;

	att_bench_discover(bench);
	att_bench_subscribe(bench, NOTIFIED);
	att_bench_play(bench, "<; < 1B 0B 00 01; <; close");
	att_bench_finish(bench);
	assert_int_equal(wait_value(bench, att_bench_in(bench, SOON_MS)), OTADFU_OK);
	assert_int_equal(wait_value(bench, att_bench_in(bench, SOON_MS)), OTADFU_E_DISCONNECTED);
}

static void disconnect_closes_the_socket(void **state)
{
	struct att_bench *bench = *state;
	char byte;

	att_client_disconnect(&bench->ctx, bench->link);
	bench->link = NULL;
	assert_int_equal(recv(bench->peer_fd, &byte, 1, MSG_DONTWAIT), 0);
	assert_int_equal(fcntl(bench->client_fd, F_GETFD), -1);
}

/* --- no room --- */

static void a_command_goes_on_when_there_is_room_again(void **state)
{
	struct att_bench *bench = *state;
	char script[64];

	snprintf(script, sizeof(script), "pause 20; %d x > 52 06 00 FF; > 52 06 00 01",
		 att_bench_fill(bench));
	att_bench_play(bench, script);
	assert_int_equal(write_cmd(bench, att_bench_in(bench, SOON_MS)), OTADFU_OK);
	att_bench_finish(bench);
}

static void a_request_that_found_no_room_is_not_answered_late(void **state)
{
	struct att_bench *bench = *state;
	char script[96];
	int sent = att_bench_fill(bench);

	assert_int_equal(write_value(bench, att_bench_in(bench, 10)), OTADFU_E_TIMEOUT);
	assert_non_null(strstr(bench->failure.text, "no room"));
	snprintf(script, sizeof(script), "%d x > 52 06 00 FF; > 0A 0B 00; < 0B 07", sent);
	att_bench_play(bench, script);
	assert_int_equal(read_value(bench, att_bench_in(bench, SOON_MS)), OTADFU_OK);
	att_bench_finish(bench);
}

static void a_confirmation_waits_for_room_and_goes_first(void **state)
{
	struct att_bench *bench = *state;
	char script[96];
	int sent = att_bench_fill(bench);

	att_bench_play(bench, "< 1D 08 00 09");
	att_bench_finish(bench);
	assert_int_equal(wait_gone(bench, att_bench_in(bench, 10)), OTADFU_E_TIMEOUT);
	snprintf(script, sizeof(script), "%d x > 52 06 00 FF; > 1E; > 52 06 00 01", sent);
	att_bench_play(bench, script);
	assert_int_equal(write_cmd(bench, att_bench_in(bench, SOON_MS)), OTADFU_OK);
	att_bench_finish(bench);
}

static void who_asks_without_waiting_for_answers_gets_a_few(void **state)
{
	struct att_bench *bench = *state;
	char script[96];
	int sent = att_bench_fill(bench);

	att_bench_play(bench, "10 x < 02 F7 00");
	att_bench_finish(bench);
	assert_int_equal(wait_gone(bench, att_bench_in(bench, 10)), OTADFU_E_TIMEOUT);
	snprintf(script, sizeof(script), "%d x > 52 06 00 FF; 4 x > 03 17 00; silence 20", sent);
	att_bench_play(bench, script);
	assert_int_equal(wait_gone(bench, att_bench_in(bench, 100)), OTADFU_E_TIMEOUT);
	att_bench_finish(bench);
}

int main(void)
{
#define TEST(fact) cmocka_unit_test_setup_teardown(fact, att_bench_begin, att_bench_end)
	const struct CMUnitTest tests[] = {
		TEST(every_call_keeps_its_deadline),
		TEST(every_call_whose_deadline_has_passed_returns_at_once),
		TEST(every_call_ends_when_the_task_is_cancelled),
		TEST(every_call_ends_when_the_link_is_lost),
		TEST(every_call_on_a_lost_link_returns_at_once),
		TEST(a_flood_keeps_no_call_beyond_its_deadline),
		TEST(a_flood_hides_no_cancellation),
		TEST(a_peer_who_is_faster_than_we_is_cut_off_at_the_deadline),
		TEST(a_request_is_held_back_until_the_late_answer_came),
		TEST(a_late_refusal_is_discarded_too),
		TEST(a_request_held_back_has_its_own_deadline),
		TEST(a_request_after_a_cancelled_one_gets_its_own_answer),
		TEST(a_late_answer_found_by_another_call_is_the_late_one),
		TEST(commands_are_not_held_back),
		TEST(what_was_queued_is_handed_out_before_the_loss),
		TEST(what_was_queued_behind_an_error_is_handed_out_too),
		TEST(a_failed_write_loses_nothing_that_was_queued),
		TEST(a_confirmation_that_cannot_be_sent_hides_nothing),
		TEST(nothing_is_subscribed_again_on_a_lost_link),
		TEST(a_full_queue_hides_no_loss),
		TEST(an_empty_packet_is_no_loss),
		TEST(disconnect_closes_the_socket),
		TEST(a_command_goes_on_when_there_is_room_again),
		TEST(a_request_that_found_no_room_is_not_answered_late),
		TEST(a_confirmation_waits_for_room_and_goes_first),
		TEST(who_asks_without_waiting_for_answers_gets_a_few),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
