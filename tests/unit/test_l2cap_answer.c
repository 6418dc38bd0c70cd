#include "hci_bench.h"
#include "l2cap.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

enum { PERIPHERAL = 0, CENTRAL = 1 };

static struct l2cap_answer answer_to(uint16_t channel, bool central, const char *text)
{
	uint8_t data[HCI_BENCH_BYTES_MAX];

	return l2cap_answer(channel, central, data, hci_bytes(text, data));
}

static void expect_answer(uint16_t channel, bool central, const char *text, const char *wanted)
{
	struct l2cap_answer answer = answer_to(channel, central, text);
	uint8_t bytes[HCI_BENCH_BYTES_MAX];
	size_t len = hci_bytes(wanted, bytes);

	assert_int_equal(answer.len, len);
	assert_memory_equal(answer.data, bytes, len);
}

static void a_central_accepts_connection_parameters_and_applies_them(void **state)
{
	const char *request = "12 07 08 00 0C 00 18 00 02 00 90 01";
	struct l2cap_answer answer = answer_to(L2CAP_SIGNALLING, CENTRAL, request);

	(void)state;
	expect_answer(L2CAP_SIGNALLING, CENTRAL, request, "13 07 02 00 00 00");
	assert_int_equal(answer.news, L2CAP_PARAMETERS_ACCEPTED);
	assert_int_equal(answer.parameters.interval_min, 12);
	assert_int_equal(answer.parameters.interval_max, 24);
	assert_int_equal(answer.parameters.latency, 2);
	assert_int_equal(answer.parameters.timeout, 400);
}

static void a_central_refuses_connection_parameters_that_cannot_be(void **state)
{
	static const char *const requests[] = {
		"12 07 08 00 05 00 18 00 00 00 90 01", /* less than 7.5 ms */
		"12 07 08 00 18 00 0C 00 00 00 90 01", /* the most below the least */
		"12 07 08 00 18 00 81 0C 00 00 80 0C", /* more than 4 s */
		"12 07 08 00 18 00 18 00 F4 01 80 0C", /* latency 500 */
		"12 07 08 00 18 00 18 00 00 00 09 00", /* a timeout below 100 ms */
		"12 07 08 00 18 00 18 00 00 00 81 0C", /* above 32 s */
		"12 07 08 00 06 00 80 0C 00 00 20 03", /* twice the interval of 4 s is 8 s */
	};

	(void)state;
	for (size_t i = 0; i < sizeof(requests) / sizeof(requests[0]); i++) {
		expect_answer(L2CAP_SIGNALLING, CENTRAL, requests[i], "13 07 02 00 01 00");
		assert_int_equal(answer_to(L2CAP_SIGNALLING, CENTRAL, requests[i]).news,
				 L2CAP_REFUSED);
	}
}

static void a_peripheral_rejects_connection_parameters(void **state)
{
	(void)state;
	expect_answer(L2CAP_SIGNALLING, PERIPHERAL, "12 07 08 00 0C 00 18 00 02 00 90 01",
		      "01 07 02 00 00 00");
}

static void the_answer_to_our_request_is_told(void **state)
{
	struct l2cap_answer answer = answer_to(L2CAP_SIGNALLING, PERIPHERAL, "13 07 02 00 00 00");

	(void)state;
	assert_int_equal(answer.len, 0);
	assert_int_equal(answer.news, L2CAP_PARAMETERS_ANSWERED);
	assert_int_equal(answer.id, 7);
	assert_int_equal(answer.result, L2CAP_ACCEPTED);
	answer = answer_to(L2CAP_SIGNALLING, PERIPHERAL, "13 07 02 00 01 00");
	assert_int_equal(answer.result, L2CAP_REJECTED);
}

static void a_rejected_request_is_not_granted(void **state)
{
	struct l2cap_answer answer = answer_to(L2CAP_SIGNALLING, PERIPHERAL, "01 07 02 00 00 00");

	(void)state;
	assert_int_equal(answer.news, L2CAP_PARAMETERS_ANSWERED);
	assert_int_equal(answer.result, L2CAP_REJECTED);
}

static void unknown_commands_are_rejected(void **state)
{
	static const char *const commands[] = {
		"02 07 04 00 01 00 40 00",                   /* Connection Request, of BR/EDR */
		"14 07 0A 00 80 00 40 00 17 00 17 00 01 00", /* LE Credit Based Connection */
		"7F 07 00 00",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		expect_answer(L2CAP_SIGNALLING, PERIPHERAL, commands[i], "01 07 02 00 00 00");
}

static void a_command_longer_than_23_bytes_is_rejected_with_the_limit(void **state)
{
	(void)state;
	expect_answer(L2CAP_SIGNALLING, CENTRAL,
		      "12 07 14 00 0C 00 18 00 02 00 90 01 00 00 00 00 00 00 00 00 00 00 00 00",
		      "01 07 04 00 01 00 17 00");
}

static void a_request_of_the_wrong_length_is_rejected(void **state)
{
	(void)state;
	expect_answer(L2CAP_SIGNALLING, CENTRAL, "12 07 07 00 0C 00 18 00 02 00 90",
		      "01 07 02 00 00 00");
	expect_answer(L2CAP_SIGNALLING, CENTRAL, "12 07 09 00 0C 00 18 00 02 00 90 01 00",
		      "01 07 02 00 00 00");
}

static void what_is_no_request_is_not_answered(void **state)
{
	static const char *const frames[] = {
		"",
		"12",
		"12 07 08",
		"12 07 08 00",                            /* shorter than its length says */
		"12 07 08 00 0C 00 18 00 02 00 90 01 00", /* longer */
		"12 00 08 00 0C 00 18 00 02 00 90 01",    /* identifier 0 is illegal */
		"03 07 00 00",
		"15 07 00 00",
		"13 07 00 00",
		"01 07 00 00",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(frames) / sizeof(frames[0]); i++)
		assert_int_equal(answer_to(L2CAP_SIGNALLING, CENTRAL, frames[i]).len, 0);
}

static void pairing_is_answered_with_not_supported(void **state)
{
	(void)state;
	expect_answer(L2CAP_SMP, PERIPHERAL, "01 03 00 01 10 07 07", "05 05");
	expect_answer(L2CAP_SMP, CENTRAL, "0B 01", "05 05");
}

static void other_pairing_commands_are_not_answered(void **state)
{
	(void)state;
	expect_answer(L2CAP_SMP, PERIPHERAL, "05 05", "");
	expect_answer(L2CAP_SMP, PERIPHERAL, "03 00", "");
	expect_answer(L2CAP_SMP, PERIPHERAL, "", "");
}

static void other_channels_are_not_answered(void **state)
{
	(void)state;
	expect_answer(0x0040, CENTRAL, "12 07 08 00 0C 00 18 00 02 00 90 01", "");
}

static void a_wish_is_encoded_as_the_specification_lays_it_out(void **state)
{
	const struct hci_connection_parameters wish = { 12, 24, 0, 400 };
	uint8_t buf[L2CAP_ANSWER_MAX], wanted[HCI_BENCH_BYTES_MAX];
	size_t len = hci_bytes("12 09 08 00 0C 00 18 00 00 00 90 01", wanted);

	(void)state;
	assert_int_equal(l2cap_request_parameters(9, &wish, buf), len);
	assert_memory_equal(buf, wanted, len);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_central_accepts_connection_parameters_and_applies_them),
		cmocka_unit_test(a_central_refuses_connection_parameters_that_cannot_be),
		cmocka_unit_test(a_peripheral_rejects_connection_parameters),
		cmocka_unit_test(the_answer_to_our_request_is_told),
		cmocka_unit_test(a_rejected_request_is_not_granted),
		cmocka_unit_test(unknown_commands_are_rejected),
		cmocka_unit_test(a_command_longer_than_23_bytes_is_rejected_with_the_limit),
		cmocka_unit_test(a_request_of_the_wrong_length_is_rejected),
		cmocka_unit_test(what_is_no_request_is_not_answered),
		cmocka_unit_test(pairing_is_answered_with_not_supported),
		cmocka_unit_test(other_pairing_commands_are_not_answered),
		cmocka_unit_test(other_channels_are_not_answered),
		cmocka_unit_test(a_wish_is_encoded_as_the_specification_lays_it_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
