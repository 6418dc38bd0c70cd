#include "pair.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static void controller_tells_what_it_is(void **state)
{
	const struct pair *pair = *state;
	const uint8_t *reply = pair->host->reply;

	assert_int_equal(tell_host(pair, 0x1001, ""), 0);
	assert_int_equal(reply[0], 9);
	assert_int_equal(tell_host(pair, 0x1009, ""), 0);
	assert_memory_equal(reply, ((const uint8_t[]){ 2, 0, 0, 0xEE, 0xFF, 0xC0 }), 6);
	assert_int_equal(tell_host(pair, 0x2002, ""), 0);
	assert_memory_equal(reply, ((const uint8_t[]){ 251, 0, 8 }), 3);
	/* LE alone, so that hosts leave BR/EDR be. */
	assert_int_equal(tell_host(pair, 0x1003, ""), 0);
	assert_int_equal(reply[4], 0x60);
	assert_int_equal(tell_host(pair, 0x1005, ""), 0);
	assert_int_equal(reply[0] | reply[3], 0);
}

static void random_numbers_differ(void **state)
{
	const struct pair *pair = *state;
	uint8_t first[8];

	assert_int_equal(tell_host(pair, 0x2018, ""), 0);
	memcpy(first, pair->host->reply, sizeof(first));
	assert_int_equal(tell_host(pair, 0x2018, ""), 0);
	assert_memory_not_equal(pair->host->reply, first, sizeof(first));
}

static void commands_are_told_as_bits(void **state)
{
	const struct pair *pair = *state;
	const uint8_t *reply = pair->host->reply;

	assert_int_equal(tell_host(pair, 0x1002, ""), 0);
	assert_int_equal(reply[0], 0x20);         /* Disconnect */
	assert_int_equal(reply[5], 0xC0);         /* Set Event Mask, Reset */
	assert_int_equal(reply[33], 0xF0);        /* parameter request replies, data length */
	assert_int_equal(reply[35] & 0x78, 0x78); /* maximum length, PHYs */
	assert_int_equal(reply[37], 0xE3);        /* extended scan and connection */
}

static void unknown_command_has_a_status_of_its_own(void **state)
{
	const struct pair *pair = *state;

	assert_int_equal(tell_host(pair, 0x0C13, ""), 0x01);
	assert_int_equal(tell_host(pair, 0xFC01, "01 02 03"), 0x01);
}

static void command_of_wrong_length_is_invalid(void **state)
{
	const struct pair *pair = *state;

	assert_int_equal(tell_host(pair, 0x0C03, "00"), 0x12);
	assert_int_equal(tell_host(pair, 0x200D, "10 00"), 0x12);
	assert_int_equal(tell_host(pair, 0x2043, "00 00"), 0x12);
	assert_int_equal(tell_host(pair, 0x2041, "00 00 01 01 10 00"), 0x12);
	assert_int_equal(tell_host(pair, 0x2039, "01 01"), 0x12);
}

static void values_out_of_range_are_invalid(void **state)
{
	const struct pair *pair = *state;

	/* A window longer than its interval; an advertising interval of less than 20 ms; a type. */
	assert_int_equal(tell_host(pair, 0x200B, "00 10 00 11 00 00 00"), 0x12);
	assert_int_equal(tell_host(pair, 0x2006, "1F 00 1F 00 00 00 00 00 00 00 00 00 00 07 00"),
			 0x12);
	assert_int_equal(tell_host(pair, 0x2006, "30 00 30 00 05 00 00 00 00 00 00 00 00 07 00"),
			 0x12);
	assert_int_equal(tell_host(pair, 0x200A, "02"), 0x12);
}

static void parameters_cannot_change_on_the_air(void **state)
{
	const struct pair *pair = *state;

	host_scan(pair->bench, pair->host);
	assert_int_equal(tell_host(pair, 0x200B, "00 10 00 10 00 00 00"), 0x0C);
	host_advertise(pair->bench, pair->device);
	assert_int_equal(tell_device(pair, 0x2006, "30 00 30 00 00 00 00 00 00 00 00 00 00 07 00"),
			 0x0C);
}

static void le_events_are_masked_after_a_reset(void **state)
{
	const struct pair *pair = *state;

	assert_int_equal(tell_host(pair, 0x0C03, ""), 0);
	host_scan(pair->bench, pair->host);
	host_advertise(pair->bench, pair->device);
	bench_run(pair->bench, 1000);
	assert_int_equal(pair->host->count, 0);
	assert_int_equal(tell_host(pair, 0x0C01, "10 00 00 00 00 00 00 20"), 0);
	bench_run(pair->bench, 1000);
	assert_in_range(host_count(pair->host, LE_REPORT), 20, 40);
	host_forget(pair->host);
	assert_int_equal(tell_host(pair, 0x2001, "01 00 00 00 00 00 00 00"), 0);
	bench_run(pair->bench, 1000);
	assert_int_equal(pair->host->count, 0);
}

static void encryption_is_not_supported(void **state)
{
	const struct pair *pair = *state;

	pair_connect(pair, 24, 100);
	assert_int_equal(tell_host(pair, 0x2019,
				   "40 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 "
				   "00 00 00 00 00 00 00"),
			 0x11);
}

static void data_for_no_link_is_dropped(void **state)
{
	const struct pair *pair = *state;

	host_send(pair->bench, pair->host, FIRST_HANDLE, "abcd", 4);
	bench_run(pair->bench, 1000);
	assert_int_equal(pair->host->controller->pool.used, 0);
	assert_int_equal(pair->host->controller->overruns, 0);
	assert_false(pair->host->controller->lost);
}

static void data_longer_than_a_buffer_is_caught(void **state)
{
	const struct pair *pair = *state;
	const uint8_t data[252] = { 0 };

	pair_connect(pair, 24, 100);
	host_send(pair->bench, pair->host, FIRST_HANDLE, data, sizeof(data));
	host_send(pair->bench, pair->host, FIRST_HANDLE | 0x2000, data, 4);
	host_send(pair->bench, pair->host, FIRST_HANDLE, data, 0);
	assert_int_equal(pair->host->controller->overruns, 3);
	assert_int_equal(pair->host->controller->pool.used, 0);
}

static void what_is_no_packet_is_the_end(void **state)
{
	const struct pair *pair = *state;
	static const uint8_t bytes[] = { H4_COMMAND, 3, 0x0C, 0, 7 };

	controller_take(pair->host->controller, bytes, sizeof(bytes));
	assert_true(pair->host->controller->lost);
}

static void packets_may_come_in_pieces(void **state)
{
	const struct pair *pair = *state;
	static const uint8_t bytes[] = { H4_COMMAND, 9, 0x10, 0, H4_COMMAND, 9, 0x10, 0 };

	for (size_t i = 0; i < sizeof(bytes); i++)
		controller_take(pair->host->controller, bytes + i, 1);
	bench_run(pair->bench, 1);
	assert_int_equal(host_count(pair->host, COMMAND_COMPLETE), 2);
}

static void addresses_are_distinct(void **state)
{
	const struct pair *pair = *state;
	struct traits traits = bench_traits("C0:FF:EE:00:00:01");
	const struct host *third = bench_host(pair->bench, &traits);
	const struct host *fourth;

	assert_int_equal(third->controller->traits.address.bytes[0], 0x03);
	traits.has_address = false;
	fourth = bench_host(pair->bench, &traits);
	assert_memory_not_equal(fourth->controller->traits.address.bytes, traits.address.bytes,
				ADDRESS_LEN);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		PAIR_CASE(controller_tells_what_it_is),
		PAIR_CASE(random_numbers_differ),
		PAIR_CASE(commands_are_told_as_bits),
		PAIR_CASE(unknown_command_has_a_status_of_its_own),
		PAIR_CASE(command_of_wrong_length_is_invalid),
		PAIR_CASE(values_out_of_range_are_invalid),
		PAIR_CASE(parameters_cannot_change_on_the_air),
		PAIR_CASE(le_events_are_masked_after_a_reset),
		PAIR_CASE(encryption_is_not_supported),
		PAIR_CASE(data_for_no_link_is_dropped),
		PAIR_CASE(data_longer_than_a_buffer_is_caught),
		PAIR_CASE(what_is_no_packet_is_the_end),
		PAIR_CASE(packets_may_come_in_pieces),
		PAIR_CASE(addresses_are_distinct),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
