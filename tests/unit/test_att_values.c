#include "att_bench.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

enum { SOON_MS = 20000, WRITTEN = 3, COMMANDED = 6, INDICATED = 8, NOTIFIED = 11, READ = 14 };

static int agree_on_mtu(struct att_bench *bench, uint16_t wanted, uint16_t *ret_mtu)
{
	return att_client_mtu(&bench->ctx, bench->link, wanted, ret_mtu,
			      att_bench_in(bench, SOON_MS));
}

static int read_value(struct att_bench *bench, uint8_t *buf, size_t cap, size_t *ret_len)
{
	return att_client_read(&bench->ctx, bench->link, READ, buf, cap, ret_len,
			       att_bench_in(bench, SOON_MS));
}

static int write_value(struct att_bench *bench, const uint8_t *data, size_t len)
{
	return att_client_write(&bench->ctx, bench->link, WRITTEN, data, len,
				att_bench_in(bench, SOON_MS));
}

static int subscribe(struct att_bench *bench, uint16_t id)
{
	return att_client_subscribe(&bench->ctx, bench->link, id, att_bench_in(bench, SOON_MS));
}

static int wait_value(struct att_bench *bench, uint16_t id, uint8_t *buf, size_t cap,
		      size_t *ret_len)
{
	return att_client_wait(&bench->ctx, bench->link, id, buf, cap, ret_len,
			       att_bench_in(bench, SOON_MS));
}

static void assert_waited(struct att_bench *bench, uint16_t id, uint8_t value)
{
	uint8_t buf[20];
	size_t len = 0;

	assert_int_equal(wait_value(bench, id, buf, sizeof(buf), &len), OTADFU_OK);
	assert_int_equal(len, 1);
	assert_int_equal(buf[0], value);
}

static void assert_said(const struct att_bench *bench, int code, int32_t detail, const char *text)
{
	assert_int_equal(bench->failure.code, code);
	assert_int_equal(bench->failure.detail, detail);
	if (!strstr(bench->failure.text, text))
		fail_msg("\"%s\" is not in \"%s\"", text, bench->failure.text);
}

/* --- MTU --- */

static void the_mtu_is_the_smaller_of_both(void **state)
{
	struct att_bench *bench = *state;
	uint16_t mtu = 0;

	att_bench_play(bench, "> 02 F7 00; < 03 B9 00");
	assert_int_equal(agree_on_mtu(bench, 247, &mtu), OTADFU_OK);
	assert_int_equal(mtu, 185);
}

static void the_mtu_is_not_more_than_we_want(void **state)
{
	struct att_bench *bench = *state;
	uint16_t mtu = 0;

	att_bench_play(bench, "> 02 F7 00; < 03 05 02");
	assert_int_equal(agree_on_mtu(bench, 247, &mtu), OTADFU_OK);
	assert_int_equal(mtu, 247);
}

static void the_mtu_is_never_below_23(void **state)
{
	struct att_bench *bench = *state;
	uint16_t mtu = 0;

	att_bench_play(bench, "> 02 F7 00; < 03 05 00");
	assert_int_equal(agree_on_mtu(bench, 247, &mtu), OTADFU_OK);
	assert_int_equal(mtu, 23);
}

static void a_peer_without_mtu_exchange_has_23(void **state)
{
	struct att_bench *bench = *state;
	uint16_t mtu = 0;

	att_bench_play(bench, "> 02 F7 00; < 01 02 00 00 06");
	assert_int_equal(agree_on_mtu(bench, 247, &mtu), OTADFU_OK);
	assert_int_equal(mtu, 23);
}

static void an_mtu_that_att_does_not_know_is_a_bug_of_the_caller(void **state)
{
	struct att_bench *bench = *state;
	uint16_t mtu = 99;

	assert_int_equal(agree_on_mtu(bench, 22, &mtu), OTADFU_E_INVALID);
	assert_int_equal(agree_on_mtu(bench, 518, &mtu), OTADFU_E_INVALID);
	assert_int_equal(mtu, 99);
}

/* --- reading --- */

static void a_short_value_takes_one_request(void **state)
{
	struct att_bench *bench = *state;
	uint8_t buf[4];
	size_t len = 0;

	att_bench_play(bench, "> 0A 0E 00; < 0B 01 02 03 04");
	assert_int_equal(read_value(bench, buf, sizeof(buf), &len), OTADFU_OK);
	assert_int_equal(len, 4);
	assert_int_equal(buf[3], 4);
}

#define PART_OF_22 "00 01 02 03 04 05 06 07 08 09 0A 0B 0C 0D 0E 0F 10 11 12 13 14 15"

static void a_long_value_is_read_to_its_end(void **state)
{
	struct att_bench *bench = *state;
	uint8_t buf[64];
	size_t len = 0;

	att_bench_play(bench, "> 0A 0E 00; < 0B " PART_OF_22 "; > 0C 0E 00 16 00; < 0D " PART_OF_22
			      "; > 0C 0E 00 2C 00; < 0D FF");
	assert_int_equal(read_value(bench, buf, sizeof(buf), &len), OTADFU_OK);
	assert_int_equal(len, 45);
	assert_int_equal(buf[43], 0x15);
	assert_int_equal(buf[44], 0xFF);
}

static void a_value_that_just_fills_its_answer_is_whole(void **state)
{
	static const char *const last_answers[] = { "< 0D", "< 01 0C 0E 00 0B", "< 01 0C 0E 00 07",
						    "< 01 0C 0E 00 06" };
	struct att_bench *bench = *state;
	uint8_t buf[64];
	size_t len = 0;

	for (size_t i = 0; i < 4; i++) {
		char script[200];

		snprintf(script, sizeof(script),
			 "> 0A 0E 00; < 0B " PART_OF_22 "; > 0C 0E 00 16 00; %s", last_answers[i]);
		att_bench_play(bench, script);
		assert_int_equal(read_value(bench, buf, sizeof(buf), &len), OTADFU_OK);
		assert_int_equal(len, 22);
		att_bench_finish(bench);
	}
}

static void a_value_longer_than_the_buffer_is_an_overflow(void **state)
{
	struct att_bench *bench = *state;
	uint8_t buf[3];
	size_t len = 99;

	att_bench_play(bench, "> 0A 0E 00; < 0B 01 02 03 04");
	assert_int_equal(read_value(bench, buf, sizeof(buf), &len), OTADFU_E_OVERFLOW);
	assert_int_equal(len, 99);
}

static void a_value_without_end_is_cut_off(void **state)
{
	struct att_bench *bench = *state;
	char script[8192] = "> 0A 0E 00; < 0B " PART_OF_22;
	uint8_t buf[600];
	size_t len = 99;

	for (unsigned int offset = 22; offset <= 506; offset += 22)
		snprintf(script + strlen(script), sizeof(script) - strlen(script),
			 "; > 0C 0E 00 %02X %02X; < 0D " PART_OF_22, offset & 0xFF, offset >> 8);
	att_bench_play(bench, script);
	assert_int_equal(read_value(bench, buf, sizeof(buf), &len), OTADFU_E_OVERFLOW);
	assert_said(bench, OTADFU_E_OVERFLOW, 0, "longer than 512 bytes");
	att_bench_finish(bench);
}

static void a_refusal_has_its_code_and_words(void **state)
{
	struct att_bench *bench = *state;
	uint8_t buf[4];
	size_t len;

	att_bench_play(bench, "> 0A 0E 00; < 01 0A 0E 00 02");
	assert_int_equal(read_value(bench, buf, sizeof(buf), &len), OTADFU_E_ATT);
	assert_said(bench, OTADFU_E_ATT, 0x02, "Read Request: read not permitted");
}

static void four_refusals_are_a_matter_of_security(void **state)
{
	struct att_bench *bench = *state;
	const uint8_t data[] = { 1 };

	for (int error = 1; error < 0x100; error++) {
		bool security = error == 0x05 || error == 0x08 || error == 0x0C || error == 0x0F;
		char script[64];

		att_bench_clear(bench);
		snprintf(script, sizeof(script), "> 12 03 00 01; < 01 12 03 00 %02X", error);
		att_bench_play(bench, script);
		assert_int_equal(write_value(bench, data, 1),
				 security ? OTADFU_E_SECURITY : OTADFU_E_ATT);
		assert_int_equal(bench->failure.detail, error);
		att_bench_finish(bench);
	}
}

/* --- writing --- */

static void a_write_returns_with_the_response(void **state)
{
	struct att_bench *bench = *state;
	const uint8_t data[] = { 1, 2 };

	att_bench_play(bench, "> 12 03 00 01 02; < 13");
	assert_int_equal(write_value(bench, data, 2), OTADFU_OK);
	att_bench_finish(bench);
}

static void the_longest_write_fills_the_mtu(void **state)
{
	struct att_bench *bench = *state;
	const uint8_t data[20] = { 0 };

	att_bench_play(bench,
		       "> 52 06 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00");
	assert_int_equal(att_client_write_cmd(&bench->ctx, bench->link, COMMANDED, data, 20, 0),
			 OTADFU_OK);
	att_bench_finish(bench);
}

static void a_longer_write_is_a_bug_of_the_caller_and_nothing_is_sent(void **state)
{
	struct att_bench *bench = *state;
	const uint8_t data[21] = { 0 };

	att_bench_play(bench, "silence 20");
	assert_int_equal(write_value(bench, data, 21), OTADFU_E_INVALID);
	assert_int_equal(att_client_write_cmd(&bench->ctx, bench->link, COMMANDED, data, 21, 0),
			 OTADFU_E_INVALID);
	assert_said(bench, OTADFU_E_INVALID, 0, "the link carries 20");
	att_bench_finish(bench);
}

static void commands_and_requests_go_in_the_order_of_the_calls(void **state)
{
	struct att_bench *bench = *state;
	const uint8_t data[] = { 1 };

	att_bench_play(bench, "> 52 06 00 01; > 52 06 00 01; > 12 03 00 01; < 13; > 52 06 00 01");
	for (int i = 0; i < 2; i++)
		assert_int_equal(att_client_write_cmd(&bench->ctx, bench->link, COMMANDED, data, 1,
						      0),
				 OTADFU_OK);
	assert_int_equal(write_value(bench, data, 1), OTADFU_OK);
	assert_int_equal(att_client_write_cmd(&bench->ctx, bench->link, COMMANDED, data, 1, 0),
			 OTADFU_OK);
	att_bench_finish(bench);
}

static void an_answer_of_another_kind_is_a_breach_of_protocol(void **state)
{
	static const char *const answers[] = { "0B", "13 00", "01 0A 03 00 01", "01 12 03" };
	struct att_bench *bench = *state;
	const uint8_t data[] = { 1 };

	for (size_t i = 0; i < 4; i++) {
		char script[64];

		att_bench_clear(bench);
		snprintf(script, sizeof(script), "> 12 03 00 01; < %s", answers[i]);
		att_bench_play(bench, script);
		assert_int_equal(write_value(bench, data, 1), OTADFU_E_PROTOCOL);
		assert_said(bench, OTADFU_E_PROTOCOL, bench->failure.detail, "Write Request");
		att_bench_finish(bench);
	}
}

static void an_answer_nobody_asked_for_is_ignored(void **state)
{
	struct att_bench *bench = *state;
	const uint8_t data[] = { 1 };

	att_bench_play(bench, "< 0B 01; < 01 12 03 00 01");
	att_bench_finish(bench);
	assert_int_equal(att_client_wait_gone(&bench->ctx, bench->link, 0), OTADFU_E_TIMEOUT);
	att_bench_play(bench, "> 12 03 00 01; < 13");
	assert_int_equal(write_value(bench, data, 1), OTADFU_OK);
}

/* --- what the peer sends --- */

static void notifications_are_turned_on(void **state)
{
	struct att_bench *bench = *state;

	att_bench_discover(bench);
	att_bench_subscribe(bench, NOTIFIED);
	att_bench_play(bench, "< 1B 0B 00 07");
	assert_waited(bench, NOTIFIED, 7);
}

static void indications_are_turned_on_and_confirmed(void **state)
{
	struct att_bench *bench = *state;

	att_bench_discover(bench);
	att_bench_subscribe(bench, INDICATED);
	att_bench_play(bench, "< 1D 08 00 07; > 1E");
	assert_waited(bench, INDICATED, 7);
	att_bench_finish(bench);
}

static void to_subscribe_again_writes_again_and_keeps_what_waits(void **state)
{
	struct att_bench *bench = *state;

	att_bench_discover(bench);
	att_bench_subscribe(bench, NOTIFIED);
	att_bench_play(bench, "< 1B 0B 00 07; > 12 0C 00 01 00; < 13; < 1B 0B 00 08");
	assert_int_equal(subscribe(bench, NOTIFIED), OTADFU_OK);
	assert_waited(bench, NOTIFIED, 7);
	assert_waited(bench, NOTIFIED, 8);
	att_bench_finish(bench);
}

static void what_was_subscribed_stays_so_when_it_is_refused_again(void **state)
{
	struct att_bench *bench = *state;

	att_bench_discover(bench);
	att_bench_subscribe(bench, NOTIFIED);
	att_bench_play(bench, "< 1B 0B 00 07; > 12 0C 00 01 00; < 01 12 0C 00 FD");
	assert_int_equal(subscribe(bench, NOTIFIED), OTADFU_E_ATT);
	assert_waited(bench, NOTIFIED, 7);
	att_bench_finish(bench);
}

static void what_offers_neither_is_not_subscribed(void **state)
{
	struct att_bench *bench = *state;

	att_bench_discover(bench);
	att_bench_play(bench, "silence 20");
	assert_int_equal(subscribe(bench, COMMANDED), OTADFU_E_UNSUPPORTED);
	att_bench_finish(bench);
}

static void what_was_not_discovered_is_not_subscribed(void **state)
{
	struct att_bench *bench = *state;

	att_bench_discover(bench);
	assert_int_equal(subscribe(bench, 99), OTADFU_E_INVALID);
}

static void a_value_before_the_response_is_kept(void **state)
{
	struct att_bench *bench = *state;

	att_bench_discover(bench);
	att_bench_play(bench, "> 04 0C 00 0C 00; < 05 01 0C 00 02 29; > 12 0C 00 01 00;"
			      "< 1B 0B 00 07; < 13");
	assert_int_equal(subscribe(bench, NOTIFIED), OTADFU_OK);
	assert_waited(bench, NOTIFIED, 7);
}

static void what_could_not_be_subscribed_is_not_waited_for(void **state)
{
	struct att_bench *bench = *state;
	uint8_t buf[20];
	size_t len;

	att_bench_discover(bench);
	att_bench_play(bench, "> 04 0C 00 0C 00; < 05 01 0C 00 02 29; > 12 0C 00 01 00;"
			      "< 1B 0B 00 07; < 01 12 0C 00 FD");
	assert_int_equal(subscribe(bench, NOTIFIED), OTADFU_E_ATT);
	att_bench_clear(bench);
	assert_int_equal(wait_value(bench, NOTIFIED, buf, sizeof(buf), &len), OTADFU_E_INVALID);
	assert_said(bench, OTADFU_E_INVALID, 0, "not subscribed");
}

static void a_notification_does_not_disturb_a_write(void **state)
{
	struct att_bench *bench = *state;
	const uint8_t data[] = { 1 };

	att_bench_discover(bench);
	att_bench_subscribe(bench, NOTIFIED);
	att_bench_play(bench, "> 12 03 00 01; < 1B 0B 00 01; < 1B 0B 00 02; < 13; < 1B 0B 00 03");
	assert_int_equal(write_value(bench, data, 1), OTADFU_OK);
	assert_waited(bench, NOTIFIED, 1);
	assert_waited(bench, NOTIFIED, 2);
	assert_waited(bench, NOTIFIED, 3);
}

static void an_indication_during_a_write_is_confirmed_before_the_response(void **state)
{
	struct att_bench *bench = *state;
	const uint8_t data[] = { 1 };

	att_bench_discover(bench);
	att_bench_subscribe(bench, INDICATED);
	att_bench_play(bench, "> 12 03 00 01; < 1D 08 00 07; > 1E; < 13");
	assert_int_equal(write_value(bench, data, 1), OTADFU_OK);
	att_bench_finish(bench);
	assert_waited(bench, INDICATED, 7);
}

static void an_indication_nobody_wants_is_confirmed_too(void **state)
{
	struct att_bench *bench = *state;

	att_bench_play(bench, "< 1D 63 00 07; > 1E");
	assert_int_equal(att_client_wait_gone(&bench->ctx, bench->link, att_bench_in(bench, 100)),
			 OTADFU_E_TIMEOUT);
	att_bench_finish(bench);
}

static void a_command_takes_in_what_has_come(void **state)
{
	struct att_bench *bench = *state;
	const uint8_t data[] = { 1 };

	att_bench_play(bench, "< 1D 63 00 07");
	att_bench_finish(bench);
	att_bench_play(bench, "> 1E; > 52 06 00 01");
	assert_int_equal(att_client_write_cmd(&bench->ctx, bench->link, COMMANDED, data, 1, 0),
			 OTADFU_OK);
	att_bench_finish(bench);
}

static void the_peer_is_answered_whatever_he_asks(void **state)
{
	struct att_bench *bench = *state;

	att_bench_play(bench, "< 02 F7 00; > 03 17 00; < 0A 01 00; > 01 0A 01 00 01; < 52 01 00 02;"
			      "< 18 00; > 01 18 00 00 06; < 42 00; < 1B; < 1D; silence 20");
	assert_int_equal(att_client_wait_gone(&bench->ctx, bench->link, att_bench_in(bench, 200)),
			 OTADFU_E_TIMEOUT);
	att_bench_finish(bench);
}

static void a_hundred_notifications_before_a_response_are_all_kept(void **state)
{
	struct att_bench *bench = *state;
	const uint8_t data[] = { 1 };

	att_bench_discover(bench);
	att_bench_subscribe(bench, NOTIFIED);
	att_bench_play(bench, "> 12 03 00 01; 100 x < 1B 0B 00 07; < 13");
	assert_int_equal(write_value(bench, data, 1), OTADFU_OK);
	for (int i = 0; i < 100; i++)
		assert_waited(bench, NOTIFIED, 7);
}

static void two_hundred_without_a_reader_are_what_was_kept_and_one_overflow(void **state)
{
	struct att_bench *bench = *state;
	const uint8_t data[] = { 1 };
	uint8_t buf[20];
	size_t len = 99;

	att_bench_discover(bench);
	att_bench_subscribe(bench, NOTIFIED);
	att_bench_play(bench, "> 12 03 00 01; 200 x < 1B 0B 00 07; < 13; < 1B 0B 00 08");
	assert_int_equal(write_value(bench, data, 1), OTADFU_OK);
	for (int i = 0; i < NOTIFYQ_LEN; i++)
		assert_waited(bench, NOTIFIED, 7);
	assert_int_equal(wait_value(bench, NOTIFIED, buf, sizeof(buf), &len), OTADFU_E_OVERFLOW);
	assert_said(bench, OTADFU_E_OVERFLOW, 0, "lost");
	assert_int_equal(len, 99);
	assert_waited(bench, NOTIFIED, 8);
}

static void a_flood_of_one_leaves_room_for_another(void **state)
{
	struct att_bench *bench = *state;
	const uint8_t data[] = { 1 };

	att_bench_discover(bench);
	att_bench_subscribe(bench, NOTIFIED);
	att_bench_subscribe(bench, WRITTEN);
	att_bench_play(bench, "> 12 03 00 01; 200 x < 1B 0B 00 07; 32 x < 1B 03 00 08; < 13");
	assert_int_equal(write_value(bench, data, 1), OTADFU_OK);
	for (int i = 0; i < 32; i++)
		assert_waited(bench, WRITTEN, 8);
}

static void commands_lose_nothing_of_two_hundred(void **state)
{
	struct att_bench *bench = *state;
	const uint8_t data[] = { 1 };

	att_bench_discover(bench);
	att_bench_subscribe(bench, NOTIFIED);
	att_bench_play(bench, "200 x < 1B 0B 00 07");
	att_bench_finish(bench);
	for (int i = 0; i < 10; i++)
		assert_int_equal(att_client_write_cmd(&bench->ctx, bench->link, COMMANDED, data, 1,
						      0),
				 OTADFU_OK);
	for (int i = 0; i < 200; i++)
		assert_waited(bench, NOTIFIED, 7);
}

static void a_value_too_long_for_the_caller_is_dropped(void **state)
{
	struct att_bench *bench = *state;
	uint8_t buf[2];
	size_t len = 99;

	att_bench_discover(bench);
	att_bench_subscribe(bench, NOTIFIED);
	att_bench_play(bench, "< 1B 0B 00 01 02 03; < 1B 0B 00 04");
	assert_int_equal(wait_value(bench, NOTIFIED, buf, sizeof(buf), &len), OTADFU_E_OVERFLOW);
	assert_int_equal(len, 99);
	assert_waited(bench, NOTIFIED, 4);
}

static void values_of_two_characteristics_do_not_mix(void **state)
{
	struct att_bench *bench = *state;

	att_bench_discover(bench);
	att_bench_subscribe(bench, NOTIFIED);
	att_bench_subscribe(bench, INDICATED);
	att_bench_play(bench, "< 1B 0B 00 01; < 1D 08 00 02; > 1E; < 1B 0B 00 03");
	assert_waited(bench, INDICATED, 2);
	assert_waited(bench, NOTIFIED, 1);
	assert_waited(bench, NOTIFIED, 3);
}

int main(void)
{
#define TEST(fact) cmocka_unit_test_setup_teardown(fact, att_bench_begin, att_bench_end)
	const struct CMUnitTest tests[] = {
		TEST(the_mtu_is_the_smaller_of_both),
		TEST(the_mtu_is_not_more_than_we_want),
		TEST(the_mtu_is_never_below_23),
		TEST(a_peer_without_mtu_exchange_has_23),
		TEST(an_mtu_that_att_does_not_know_is_a_bug_of_the_caller),
		TEST(a_short_value_takes_one_request),
		TEST(a_long_value_is_read_to_its_end),
		TEST(a_value_that_just_fills_its_answer_is_whole),
		TEST(a_value_longer_than_the_buffer_is_an_overflow),
		TEST(a_value_without_end_is_cut_off),
		TEST(a_refusal_has_its_code_and_words),
		TEST(four_refusals_are_a_matter_of_security),
		TEST(a_write_returns_with_the_response),
		TEST(the_longest_write_fills_the_mtu),
		TEST(a_longer_write_is_a_bug_of_the_caller_and_nothing_is_sent),
		TEST(commands_and_requests_go_in_the_order_of_the_calls),
		TEST(an_answer_of_another_kind_is_a_breach_of_protocol),
		TEST(an_answer_nobody_asked_for_is_ignored),
		TEST(notifications_are_turned_on),
		TEST(indications_are_turned_on_and_confirmed),
		TEST(to_subscribe_again_writes_again_and_keeps_what_waits),
		TEST(what_was_subscribed_stays_so_when_it_is_refused_again),
		TEST(what_offers_neither_is_not_subscribed),
		TEST(what_was_not_discovered_is_not_subscribed),
		TEST(a_value_before_the_response_is_kept),
		TEST(what_could_not_be_subscribed_is_not_waited_for),
		TEST(a_notification_does_not_disturb_a_write),
		TEST(an_indication_during_a_write_is_confirmed_before_the_response),
		TEST(an_indication_nobody_wants_is_confirmed_too),
		TEST(a_command_takes_in_what_has_come),
		TEST(the_peer_is_answered_whatever_he_asks),
		TEST(a_hundred_notifications_before_a_response_are_all_kept),
		TEST(two_hundred_without_a_reader_are_what_was_kept_and_one_overflow),
		TEST(a_flood_of_one_leaves_room_for_another),
		TEST(commands_lose_nothing_of_two_hundred),
		TEST(a_value_too_long_for_the_caller_is_dropped),
		TEST(values_of_two_characteristics_do_not_mix),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
