/* How the transport hci makes connections, and what it does when they are not made. */
#include "central_bench.h"

#include "att_client.h"
#include "connect.h"
#include "scan.h"

#include <otadfu/error.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>

#include <cmocka.h>

#define DONE(opcode) "04 0E 04 01 " opcode " 00 "
#define CANCEL       "01 0E 20 00"
#define CANCELLED    "04 3E 13 01 02 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 "
#define DISCONNECT   "01 06 04 03 40 00 13"
#define SCAN_PARAMS  "01 0B 20 07 01 30 00 30 00 00 00"
#define SCAN_ON      "01 0C 20 02 01 00"
#define SCAN_OFF     "01 0C 20 02 00 00"
#define ADVERTISES   "04 3E 0C 02 01 00 " CENTRAL_PEER " 00 C5 "
#define NOT_THERE    "04 3E 13 01 3E 00 00 00 " CENTRAL_PEER " 00 00 00 00 00 00 00 "

enum { SOON_MS = 400, LONG_MS = 20000, AT_ONCE_MS = 8000 };

static int connect_within(struct central_bench *b, uint32_t ms)
{
	central_bench_clear(b);
	return connect_one(&b->ctx, b->adapter, &central_peer, &b->link, central_bench_in(b, ms));
}

static void legacy_controller_is_asked_by_legacy_commands(void **state)
{
	struct central_bench *b = *state;

	central_bench_connect(b);
	assert_non_null(b->link);
}

static void extended_controller_is_asked_by_extended_commands_on_both_phys(void **state)
{
	static const struct hci_exchange script[] = {
		{ "01 43 20 2A 00 00 " CENTRAL_PEER " 03 "
		  "30 00 30 00 06 00 0C 00 00 00 90 01 00 00 00 00 "
		  "30 00 30 00 06 00 0C 00 00 00 90 01 00 00 00 00",
		  "04 0F 04 00 01 43 20 " CENTRAL_CONNECTED },
		{ CENTRAL_LENGTH, CENTRAL_LENGTH_OK },
		{ "01 32 20 07 40 00 00 02 02 00 00", "04 0F 04 00 01 32 20" },
		{ NULL, NULL },
	};
	struct central_bench *b = *state;

	central_bench_open(b, central_setup_extended);
	central_bench_play(b, script);
	assert_int_equal(connect_within(b, LONG_MS), OTADFU_OK);
	central_bench_finish(b);
}

static void extended_controller_scans_by_extended_commands(void **state)
{
	static const struct hci_exchange script[] = {
		{ "01 41 20 08 00 00 01 01 30 00 30 00", DONE("41 20") },
		{ "01 42 20 06 01 00 00 00 00 00", DONE("42 20") },
		{ "01 42 20 06 00 00 00 00 00 00", DONE("42 20") },
		{ NULL, NULL },
	};
	struct central_bench *b = *state;

	central_bench_open(b, central_setup_extended);
	central_bench_play(b, script);
	assert_int_equal(scan(&b->ctx, b->adapter, NULL, NULL, central_bench_in(b, SOON_MS)),
			 OTADFU_OK);
	central_bench_finish(b);
}

static void attempt_that_nobody_answers_is_cancelled(void **state)
{
	static const struct hci_exchange script[] = {
		{ CENTRAL_CREATE, CENTRAL_PENDING },
		{ CANCEL, DONE("0E 20") CANCELLED },
		{ NULL, NULL },
	};
	struct central_bench *b = *state;

	central_bench_open(b, hci_setup_four_buffers);
	central_bench_play(b, script);
	assert_int_equal(connect_within(b, SOON_MS), OTADFU_E_TIMEOUT);
	central_bench_finish(b);
	assert_non_null(strstr(b->failure.text, "did not answer"));
}

static void cancelled_task_takes_its_attempt_back(void **state)
{
	static const struct hci_exchange script[] = {
		{ CENTRAL_CREATE, CENTRAL_PENDING },
		{ CANCEL, DONE("0E 20") CANCELLED },
		{ NULL, NULL },
	};
	struct central_bench *b = *state;

	central_bench_open(b, hci_setup_four_buffers);
	central_bench_cancel(b);
	central_bench_play(b, script);
	assert_int_equal(connect_within(b, LONG_MS), OTADFU_E_CANCELLED);
	central_bench_finish(b);
}

static void connection_made_while_it_is_taken_back_is_ended(void **state)
{
	static const struct hci_exchange script[] = {
		{ CENTRAL_CREATE, CENTRAL_PENDING },
		{ CANCEL, CENTRAL_CONNECTED "04 0E 04 01 0E 20 0C" },
		{ CENTRAL_LENGTH, CENTRAL_LENGTH_OK },
		{ DISCONNECT, "04 0F 04 00 01 06 04 " CENTRAL_GONE "16" },
		{ NULL, NULL },
	};
	struct central_bench *b = *state;

	central_bench_open(b, hci_setup_four_buffers);
	central_bench_play(b, script);
	assert_int_equal(connect_within(b, SOON_MS), OTADFU_E_TIMEOUT);
	central_bench_finish(b);
}

static void next_attempt_waits_for_the_end_of_the_last(void **state)
{
	static const struct hci_exchange script[] = {
		{ CENTRAL_CREATE, CENTRAL_PENDING },
		{ CANCEL, DONE("0E 20") CANCELLED },
		{ CENTRAL_CREATE, CENTRAL_PENDING CENTRAL_CONNECTED },
		{ CENTRAL_LENGTH, CENTRAL_LENGTH_OK },
		{ NULL, NULL },
	};
	struct central_bench *b = *state;

	central_bench_open(b, hci_setup_four_buffers);
	central_bench_play(b, script);
	assert_int_equal(connect_within(b, SOON_MS), OTADFU_E_TIMEOUT);
	assert_int_equal(connect_within(b, LONG_MS), OTADFU_OK);
	central_bench_finish(b);
}

static void controller_without_an_end_of_an_attempt_is_busy(void **state)
{
	static const struct hci_exchange script[] = {
		{ CENTRAL_CREATE, CENTRAL_PENDING },
		{ CANCEL, DONE("0E 20") },
		{ NULL, NULL },
	};
	struct central_bench *b = *state;

	central_bench_open(b, hci_setup_four_buffers);
	central_bench_play(b, script);
	assert_int_equal(connect_within(b, SOON_MS), OTADFU_E_TIMEOUT);
	assert_int_equal(connect_within(b, LONG_MS), OTADFU_E_BUSY);
	central_bench_finish(b);
}

static void controller_with_nothing_to_cancel_is_believed(void **state)
{
	static const struct hci_exchange script[] = {
		{ CENTRAL_CREATE, CENTRAL_PENDING },
		{ CANCEL, "04 0E 04 01 0E 20 0C" },
		{ CENTRAL_CREATE, "04 0F 04 09 01 0D 20" },
		{ NULL, NULL },
	};
	struct central_bench *b = *state;

	central_bench_open(b, hci_setup_four_buffers);
	central_bench_play(b, script);
	assert_int_equal(connect_within(b, SOON_MS), OTADFU_E_TIMEOUT);
	assert_int_equal(connect_within(b, LONG_MS), OTADFU_E_BUSY);
	central_bench_finish(b);
	assert_non_null(strstr(b->failure.text, "no room"));
}

static void device_that_was_not_there_is_listened_for(void **state)
{
	static const struct hci_exchange script[] = {
		{ CENTRAL_CREATE, CENTRAL_PENDING NOT_THERE },
		{ SCAN_PARAMS, DONE("0B 20") },
		{ SCAN_ON, DONE("0C 20") ADVERTISES },
		{ SCAN_OFF, DONE("0C 20") },
		{ CENTRAL_CREATE, CENTRAL_PENDING CENTRAL_CONNECTED },
		{ CENTRAL_LENGTH, CENTRAL_LENGTH_OK },
		{ NULL, NULL },
	};
	struct central_bench *b = *state;

	central_bench_open(b, hci_setup_four_buffers);
	central_bench_play(b, script);
	assert_int_equal(connect_within(b, LONG_MS), OTADFU_OK);
	central_bench_finish(b);
}

static void type_that_is_not_known_is_found_out(void **state)
{
	static const struct hci_exchange script[] = {
		{ SCAN_PARAMS, DONE("0B 20") },
		{ SCAN_ON, DONE("0C 20") ADVERTISES },
		{ SCAN_OFF, DONE("0C 20") },
		{ CENTRAL_CREATE, CENTRAL_PENDING CENTRAL_CONNECTED },
		{ CENTRAL_LENGTH, CENTRAL_LENGTH_OK },
		{ NULL, NULL },
	};
	struct otadfu_addr peers[2] = { central_peer, central_peer };
	struct central_bench *b = *state;
	size_t index = 7;

	peers[0].bytes[5] = 9;
	peers[1].type = 255;
	central_bench_open(b, hci_setup_four_buffers);
	central_bench_play(b, script);
	assert_int_equal(connect_first(&b->ctx, b->adapter, peers, 2, &b->link, &index,
				       central_bench_in(b, LONG_MS)),
			 OTADFU_OK);
	central_bench_finish(b);
	assert_int_equal(index, 1);
}

static void connection_to_another_device_is_ended(void **state)
{
	static const struct hci_exchange script[] = {
		{ CENTRAL_CREATE, CENTRAL_PENDING "04 3E 13 01 00 40 00 00 01 02 00 00 EE FF C0 "
						  "0C 00 00 00 90 01 00" },
		{ DISCONNECT, "04 0F 04 00 01 06 04 " CENTRAL_GONE "16" },
		{ CANCEL, DONE("0E 20") CANCELLED },
		{ NULL, NULL },
	};
	struct central_bench *b = *state;

	central_bench_open(b, hci_setup_four_buffers);
	central_bench_play(b, script);
	assert_int_equal(connect_within(b, SOON_MS), OTADFU_E_TIMEOUT);
	central_bench_finish(b);
}

static void lost_controller_ends_the_attempt_at_once(void **state)
{
	struct central_bench *b = *state;
	uint64_t until;

	central_bench_open(b, hci_setup_four_buffers);
	shutdown(b->controller, SHUT_WR);
	until = central_bench_in(b, AT_ONCE_MS);
	assert_int_equal(connect_within(b, LONG_MS), OTADFU_E_IO);
	assert_true(central_bench_in(b, 0) < until);
	assert_non_null(strstr(b->failure.text, "closed the connection"));
}

static void controller_that_says_nothing_is_told_so(void **state)
{
	static const struct hci_exchange script[] = { { "01 03 0C 00", NULL }, { NULL, NULL } };
	struct central_bench *b = *state;

	central_bench_play(b, script);
	assert_int_equal(adapter_open(&b->ctx, b->endpoint, &b->adapter), OTADFU_E_TIMEOUT);
	central_bench_finish(b);
	assert_non_null(strstr(b->failure.text, "no answer to Reset"));
}

static void cancelled_task_does_not_wait_for_a_controller(void **state)
{
	static const struct hci_exchange script[] = { { NULL, NULL } };
	struct central_bench *b = *state;
	uint64_t until = central_bench_in(b, AT_ONCE_MS);

	central_bench_cancel(b);
	central_bench_play(b, script);
	assert_int_equal(adapter_open(&b->ctx, b->endpoint, &b->adapter), OTADFU_E_CANCELLED);
	central_bench_finish(b);
	assert_true(central_bench_in(b, 0) < until);
}

static void parameters_that_no_connection_has_are_refused(void **state)
{
	struct central_bench *b = *state;

	central_bench_open(b, hci_setup_four_buffers);
	b->option = "supervision_ms";
	b->option_value = 20; /* the longest interval is 15 ms */
	assert_int_equal(connect_within(b, SOON_MS), OTADFU_E_CONFIG);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, central_bench_begin, central_bench_end)
	const struct CMUnitTest tests[] = {
		TEST(legacy_controller_is_asked_by_legacy_commands),
		TEST(extended_controller_is_asked_by_extended_commands_on_both_phys),
		TEST(extended_controller_scans_by_extended_commands),
		TEST(attempt_that_nobody_answers_is_cancelled),
		TEST(cancelled_task_takes_its_attempt_back),
		TEST(connection_made_while_it_is_taken_back_is_ended),
		TEST(next_attempt_waits_for_the_end_of_the_last),
		TEST(controller_without_an_end_of_an_attempt_is_busy),
		TEST(controller_with_nothing_to_cancel_is_believed),
		TEST(device_that_was_not_there_is_listened_for),
		TEST(type_that_is_not_known_is_found_out),
		TEST(connection_to_another_device_is_ended),
		TEST(lost_controller_ends_the_attempt_at_once),
		TEST(controller_that_says_nothing_is_told_so),
		TEST(cancelled_task_does_not_wait_for_a_controller),
		TEST(parameters_that_no_connection_has_are_refused),
	};

	return cmocka_run_group_tests_name("hci_connect", tests, NULL, NULL);
}
