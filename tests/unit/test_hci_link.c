/* What goes over a connection of the transport hci, how fast it is, and how it ends. */
#include "central_bench.h"

#include "att_client.h"
#include "connect.h"
#include "tune.h"

#include <otadfu/error.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>

#include <cmocka.h>

#define RESET          "01 03 0C 00"
#define DISCONNECT     "01 06 04 03 40 00 13"
#define COMPLETED_1    "04 13 05 01 40 00 01 00"
#define COMPLETED_4    "04 13 05 01 40 00 04 00"
#define COMMAND_PACKET "02 40 00 08 00 04 00 04 00 52 03 00 77 "
#define FOUR_PACKETS   COMMAND_PACKET COMMAND_PACKET COMMAND_PACKET COMMAND_PACKET

enum { SOON_MS = 50, LONG_MS = 20000, AT_ONCE_MS = 8000, WAITING_MAX = 16 };
/* Less than the adapter gives the last packets of a link. */
enum { PROMPT_MS = 450 };

static int send_byte(struct central_bench *b, uint32_t ms)
{
	static const uint8_t value[] = { 0x77 };

	central_bench_clear(b);
	return att_client_write_cmd(&b->ctx, b->link, 3, value, sizeof(value),
				    central_bench_in(b, ms));
}

static void disconnect(struct central_bench *b)
{
	att_client_disconnect(&b->ctx, b->link);
	b->link = NULL;
}

static void expect_lost(struct central_bench *b, const char *why)
{
	uint64_t until = central_bench_in(b, AT_ONCE_MS);

	assert_int_equal(att_client_wait_gone(&b->ctx, b->link, central_bench_in(b, LONG_MS)),
			 OTADFU_OK);
	assert_true(central_bench_in(b, 0) < until);
	assert_int_equal(send_byte(b, LONG_MS), OTADFU_E_DISCONNECTED);
	if (!strstr(b->failure.text, why))
		fail_msg("%s", b->failure.text);
}

/* --- data --- */

static void no_more_than_sixteen_packets_wait(void **state)
{
	struct central_bench *b = *state;

	central_bench_connect(b);
	for (int i = 0; i < WAITING_MAX; i++)
		assert_int_equal(send_byte(b, LONG_MS), OTADFU_OK);
	assert_int_equal(send_byte(b, SOON_MS), OTADFU_E_TIMEOUT);
	central_bench_hear(b, FOUR_PACKETS);
	hci_expect(b->controller, "");
}

static void packets_go_on_as_the_controller_has_room(void **state)
{
	struct central_bench *b = *state;

	central_bench_connect(b);
	for (int i = 0; i < WAITING_MAX; i++)
		assert_int_equal(send_byte(b, LONG_MS), OTADFU_OK);
	for (int i = 0; i < 2; i++) {
		central_bench_hear(b, FOUR_PACKETS);
		central_bench_say(b, COMPLETED_4);
	}
	assert_int_equal(send_byte(b, LONG_MS), OTADFU_OK);
}

static void peer_that_asks_for_parameters_gets_them(void **state)
{
	struct central_bench *b = *state;

	central_bench_connect(b);
	central_bench_say(b, "02 40 20 10 00 0C 00 05 00 12 01 08 00 0C 00 18 00 00 00 90 01");
	central_bench_hear(b, "02 40 00 0A 00 06 00 05 00 13 01 02 00 00 00");
	central_bench_hear(b, "01 13 20 0E 40 00 0C 00 18 00 00 00 90 01 00 00 00 00");
}

static void controller_that_passes_on_such_a_wish_is_told_yes(void **state)
{
	struct central_bench *b = *state;

	central_bench_connect(b);
	central_bench_say(b, "04 3E 0B 06 40 00 0C 00 18 00 00 00 90 01");
	central_bench_hear(b, "01 20 20 0E 40 00 0C 00 18 00 00 00 90 01 00 00 00 00");
}

static void impossible_wish_is_refused(void **state)
{
	struct central_bench *b = *state;

	central_bench_connect(b);
	central_bench_say(b, "04 3E 0B 06 40 00 18 00 0C 00 00 00 90 01");
	central_bench_hear(b, "01 21 20 03 40 00 3B");
}

/* --- several --- */

static void connect_second(struct central_bench *b, struct otadfu_link **ret_link)
{
	static const struct hci_exchange script[] = {
		{ "01 0D 20 19 30 00 30 00 00 01 02 00 00 EE FF C0 00 06 00 0C 00 00 00 90 01 00 "
		  "00 00 "
		  "00",
		  CENTRAL_PENDING
		  "04 3E 13 01 00 41 00 00 01 02 00 00 EE FF C0 0C 00 00 00 90 01 00" },
		{ "01 22 20 06 41 00 FB 00 48 08", "04 0E 06 01 22 20 00 41 00 " },
		{ NULL, NULL },
	};
	struct otadfu_addr peer = central_peer;

	peer.bytes[5] = 2;
	central_bench_play(b, script);
	assert_int_equal(connect_one(&b->ctx, b->adapter, &peer, ret_link,
				     central_bench_in(b, LONG_MS)),
			 OTADFU_OK);
	central_bench_finish(b);
}

static void two_links_share_a_controller_and_nothing_else(void **state)
{
	static const uint8_t value[] = { 0x78 };
	struct central_bench *b = *state;
	struct otadfu_link *second;

	central_bench_connect(b);
	connect_second(b, &second);
	assert_int_equal(att_client_write_cmd(&b->ctx, second, 5, value, sizeof(value),
					      central_bench_in(b, LONG_MS)),
			 OTADFU_OK);
	central_bench_hear(b, "02 41 00 08 00 04 00 04 00 52 05 00 78");
	central_bench_say(b, "04 05 04 00 41 00 08");
	assert_int_equal(att_client_wait_gone(&b->ctx, second, central_bench_in(b, LONG_MS)),
			 OTADFU_OK);
	att_client_disconnect(&b->ctx, second);
	assert_int_equal(send_byte(b, LONG_MS), OTADFU_OK);
	central_bench_hear(b, COMMAND_PACKET);
}

/* --- tune --- */

static int tune_to(struct central_bench *b, const struct otadfu_link_params *wanted,
		   struct otadfu_link_params *ret_actual)
{
	*ret_actual = (struct otadfu_link_params){ .size = sizeof(*ret_actual) };
	return tune(&b->ctx, b->link, wanted, ret_actual, central_bench_in(b, LONG_MS));
}

static void tune_tells_what_the_connection_was_made_with(void **state)
{
	struct central_bench *b = *state;
	struct otadfu_link_params actual;

	central_bench_connect(b);
	assert_int_equal(tune_to(b, NULL, &actual), OTADFU_OK);
	assert_int_equal(actual.interval_us, 15000);
	assert_int_equal(actual.supervision_ms, 4000);
	assert_int_equal(actual.latency, 0);
	assert_int_equal(actual.tx_octets, 27);
	assert_int_equal(actual.tx_phy, 1);
	assert_int_equal(actual.encrypted, 0);
}

static void tune_tells_what_it_has_come_to(void **state)
{
	static const struct otadfu_link_params wanted = { .size = sizeof(wanted),
							  .interval_us = 7500,
							  .tx_octets = 251 };
	static const struct hci_exchange script[] = {
		{ "01 13 20 0E 40 00 06 00 06 00 00 00 90 01 00 00 00 00",
		  "04 0F 04 00 01 13 20 04 3E 0A 03 00 40 00 08 00 00 00 90 01" },
		{ CENTRAL_LENGTH, CENTRAL_LENGTH_OK "04 3E 0B 07 40 00 80 00 48 08 1B 00 48 01" },
		{ NULL, NULL },
	};
	struct central_bench *b = *state;
	struct otadfu_link_params actual;

	central_bench_connect(b);
	central_bench_play(b, script);
	assert_int_equal(tune_to(b, &wanted, &actual), OTADFU_OK);
	central_bench_finish(b);
	assert_int_equal(actual.interval_us, 10000);
	assert_int_equal(actual.tx_octets, 128);
}

static void wish_that_is_refused_is_no_failure(void **state)
{
	static const struct otadfu_link_params wanted = { .size = sizeof(wanted),
							  .interval_us = 7500 };
	static const struct hci_exchange script[] = {
		{ "01 13 20 0E 40 00 06 00 06 00 00 00 90 01 00 00 00 00", "04 0F 04 1A 01 13 20" },
		{ NULL, NULL },
	};
	struct central_bench *b = *state;
	struct otadfu_link_params actual;

	central_bench_connect(b);
	central_bench_play(b, script);
	assert_int_equal(tune_to(b, &wanted, &actual), OTADFU_OK);
	central_bench_finish(b);
	assert_int_equal(actual.interval_us, 15000);
}

static void tune_writes_no_more_than_the_caller_knows(void **state)
{
	struct central_bench *b = *state;
	struct otadfu_link_params actual;

	central_bench_connect(b);
	memset(&actual, 0xA5, sizeof(actual));
	actual.size = offsetof(struct otadfu_link_params, supervision_ms);
	assert_int_equal(tune(&b->ctx, b->link, NULL, &actual, central_bench_in(b, LONG_MS)),
			 OTADFU_OK);
	assert_int_equal(actual.interval_us, 15000);
	assert_int_equal(actual.supervision_ms, 0xA5A5A5A5);
}

/* --- the end --- */

static void silent_device_is_lost(void **state)
{
	struct central_bench *b = *state;

	central_bench_connect(b);
	central_bench_say(b, CENTRAL_GONE "08");
	expect_lost(b, "not heard any more");
}

static void controller_that_goes_away_takes_its_links_along(void **state)
{
	struct central_bench *b = *state;

	central_bench_connect(b);
	shutdown(b->controller, SHUT_RDWR);
	expect_lost(b, "the controller");
	assert_int_equal(adapter_check(&b->ctx, b->adapter), OTADFU_E_IO);
}

static void links_end_with_a_hardware_error_and_the_controller_serves_again(void **state)
{
	static const struct hci_exchange again[] = {
		{ CENTRAL_CREATE, CENTRAL_PENDING CENTRAL_CONNECTED },
		{ CENTRAL_LENGTH, CENTRAL_LENGTH_OK },
		{ NULL, NULL },
	};
	struct central_bench *b = *state;

	central_bench_connect(b);
	central_bench_say(b, "04 10 01 42");
	expect_lost(b, "reset");
	central_bench_play(b, hci_setup_four_buffers);
	central_bench_finish(b);
	disconnect(b);
	central_bench_play(b, again);
	assert_int_equal(connect_one(&b->ctx, b->adapter, &central_peer, &b->link,
				     central_bench_in(b, LONG_MS)),
			 OTADFU_OK);
	central_bench_finish(b);
}

static void links_end_when_somebody_else_resets_the_controller(void **state)
{
	struct central_bench *b = *state;

	central_bench_connect(b);
	central_bench_say(b, "04 0E 04 01 03 0C 00");
	expect_lost(b, "reset");
	central_bench_hear(b, RESET);
}

static void what_was_sent_goes_out_before_the_link_is_ended(void **state)
{
	struct central_bench *b = *state;
	struct pollfd more;
	uint64_t until;

	central_bench_connect(b);
	assert_int_equal(send_byte(b, LONG_MS), OTADFU_OK);
	until = central_bench_in(b, PROMPT_MS);
	disconnect(b);
	central_bench_hear(b, COMMAND_PACKET);
	more = (struct pollfd){ .fd = b->controller, .events = POLLIN };
	/* Unless a busy machine has slept over what it is given. */
	assert_true(poll(&more, 1, 0) == 0 || central_bench_in(b, 0) >= until);
	central_bench_say(b, COMPLETED_1);
	central_bench_hear(b, DISCONNECT);
}

static void link_ends_though_the_device_takes_nothing(void **state)
{
	struct central_bench *b = *state;
	uint64_t until;

	central_bench_connect(b);
	assert_int_equal(send_byte(b, LONG_MS), OTADFU_OK);
	until = central_bench_in(b, PROMPT_MS);
	disconnect(b);
	assert_true(central_bench_in(b, 0) < until);
	central_bench_hear(b, COMMAND_PACKET);
	central_bench_hear(b, DISCONNECT);
}

static void next_connection_to_the_device_waits_for_the_end_of_the_last(void **state)
{
	static const struct hci_exchange script[] = {
		{ DISCONNECT, "04 0F 04 00 01 06 04" },
		{ NULL, NULL },
	};
	static const struct hci_exchange again[] = {
		{ NULL, CENTRAL_GONE "16" },
		{ CENTRAL_CREATE, CENTRAL_PENDING CENTRAL_CONNECTED },
		{ CENTRAL_LENGTH, CENTRAL_LENGTH_OK },
		{ NULL, NULL },
	};
	struct central_bench *b = *state;

	central_bench_connect(b);
	central_bench_play(b, script);
	disconnect(b);
	assert_int_equal(connect_one(&b->ctx, b->adapter, &central_peer, &b->link,
				     central_bench_in(b, SOON_MS)),
			 OTADFU_E_TIMEOUT);
	central_bench_finish(b);
	hci_expect(b->controller, "");
	central_bench_play(b, again);
	assert_int_equal(connect_one(&b->ctx, b->adapter, &central_peer, &b->link,
				     central_bench_in(b, LONG_MS)),
			 OTADFU_OK);
	central_bench_finish(b);
}

static void closed_adapter_leaves_its_controller_reset(void **state)
{
	struct central_bench *b = *state;
	uint64_t until;

	central_bench_connect(b);
	disconnect(b);
	central_bench_hear(b, DISCONNECT);
	until = central_bench_in(b, PROMPT_MS);
	adapter_close(&b->ctx, b->adapter);
	b->adapter = NULL;
	assert_true(central_bench_in(b, 0) < until);
	central_bench_hear(b, RESET);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, central_bench_begin, central_bench_end)
	const struct CMUnitTest tests[] = {
		TEST(no_more_than_sixteen_packets_wait),
		TEST(packets_go_on_as_the_controller_has_room),
		TEST(peer_that_asks_for_parameters_gets_them),
		TEST(controller_that_passes_on_such_a_wish_is_told_yes),
		TEST(impossible_wish_is_refused),
		TEST(two_links_share_a_controller_and_nothing_else),
		TEST(tune_tells_what_the_connection_was_made_with),
		TEST(tune_tells_what_it_has_come_to),
		TEST(wish_that_is_refused_is_no_failure),
		TEST(tune_writes_no_more_than_the_caller_knows),
		TEST(silent_device_is_lost),
		TEST(controller_that_goes_away_takes_its_links_along),
		TEST(links_end_with_a_hardware_error_and_the_controller_serves_again),
		TEST(links_end_when_somebody_else_resets_the_controller),
		TEST(what_was_sent_goes_out_before_the_link_is_ended),
		TEST(link_ends_though_the_device_takes_nothing),
		TEST(next_connection_to_the_device_waits_for_the_end_of_the_last),
		TEST(closed_adapter_leaves_its_controller_reset),
	};

	return cmocka_run_group_tests_name("hci_link", tests, NULL, NULL);
}
