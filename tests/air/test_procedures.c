#include "pair.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

enum { INTERVAL_30_MS = 24, TIMEOUT_1_S = 100, INSTANT_MS = 8 * 30 };

static void data_length_is_told_to_both_when_it_changes(void **state)
{
	const struct pair *pair = *state;
	/* 251 octets and 2120 us one way, 27 and 328 the other. */
	static const uint8_t sender[] = { 0x40, 0, 251, 0, 0x48, 0x08, 27, 0, 0x48, 0x01 };
	static const uint8_t receiver[] = { 0x40, 0, 27, 0, 0x48, 0x01, 251, 0, 0x48, 0x08 };

	pair_connect(pair, INTERVAL_30_MS, TIMEOUT_1_S);
	assert_int_equal(tell_host(pair, 0x2022, "40 00 FB 00 48 08"), 0);
	bench_run(pair->bench, 100);
	assert_memory_equal(host_heard(pair->host, LE_LENGTH, 0)->data, sender, sizeof(sender));
	assert_memory_equal(host_heard(pair->device, LE_LENGTH, 0)->data, receiver,
			    sizeof(receiver));
	assert_int_equal(tell_host(pair, 0x2022, "40 00 FB 00 48 08"), 0);
	bench_run(pair->bench, 100);
	assert_int_equal(host_count(pair->host, LE_LENGTH), 1);
}

static void longer_pdus_carry_a_packet_at_once(void **state)
{
	const struct pair *pair = *state;
	const uint8_t data[251] = { 0 };

	pair_connect(pair, INTERVAL_30_MS, TIMEOUT_1_S);
	assert_int_equal(tell_host(pair, 0x2022, "40 00 FB 00 48 08"), 0);
	bench_run(pair->bench, 100);
	host_send(pair->bench, pair->host, FIRST_HANDLE, data, sizeof(data));
	bench_run(pair->bench, 100);
	assert_int_equal(host_count(pair->device, ACL_DATA), 1);
}

static void suggested_length_is_negotiated_on_each_new_link(void **state)
{
	const struct pair *pair = *state;

	assert_int_equal(tell_device(pair, 0x2024, "FB 00 48 08"), 0);
	pair_connect(pair, INTERVAL_30_MS, TIMEOUT_1_S);
	bench_run(pair->bench, 100);
	assert_int_equal(host_heard(pair->host, LE_LENGTH, 0)->data[6], 251);
}

static void length_out_of_range_is_refused_and_changes_nothing(void **state)
{
	const struct pair *pair = *state;

	pair_connect(pair, INTERVAL_30_MS, TIMEOUT_1_S);
	assert_int_equal(tell_host(pair, 0x2022, "40 00 1A 00 48 01"), 0x12);
	assert_int_equal(tell_host(pair, 0x2022, "40 00 FC 00 48 08"), 0x12);
	assert_int_equal(tell_host(pair, 0x2022, "41 00 FB 00 48 08"), 0x02);
	bench_run(pair->bench, 100);
	assert_int_equal(host_count(pair->host, LE_LENGTH), 0);
}

static void length_stays_with_a_peer_that_cannot(void **state)
{
	const struct traits host = bench_traits("C0:FF:EE:00:00:02");
	struct traits device = bench_traits("C0:FF:EE:00:00:01");
	const struct pair *pair;

	device.data_length = false;
	pair_tear_down(state);
	pair_open(state, NULL, &device, &host);
	pair = *state;
	pair_connect(pair, INTERVAL_30_MS, TIMEOUT_1_S);
	assert_int_equal(tell_device(pair, 0x2022, "40 00 FB 00 48 08"), 0x01);
	assert_int_equal(tell_host(pair, 0x2022, "40 00 FB 00 48 08"), 0);
	bench_run(pair->bench, 100);
	assert_int_equal(host_count(pair->host, LE_LENGTH), 0);
}

static void phy_is_told_to_both_when_it_changes(void **state)
{
	const struct pair *pair = *state;
	static const uint8_t event[] = { 0, 0x40, 0, 2, 2 };

	pair_connect(pair, INTERVAL_30_MS, TIMEOUT_1_S);
	assert_int_equal(tell_host(pair, 0x2032, "40 00 00 02 02 00 00"), 0);
	bench_run(pair->bench, INSTANT_MS);
	assert_memory_equal(host_heard(pair->host, LE_PHY, 0)->data, event, sizeof(event));
	assert_memory_equal(host_heard(pair->device, LE_PHY, 0)->data, event, sizeof(event));
	assert_int_equal(tell_host(pair, 0x2030, "40 00"), 0);
	assert_int_equal(pair->host->reply[2], 2);
}

static void phy_that_stays_is_told_to_who_asked(void **state)
{
	const struct pair *pair = *state;

	pair_connect(pair, INTERVAL_30_MS, TIMEOUT_1_S);
	assert_int_equal(tell_device(pair, 0x2031, "00 01 01"), 0);
	assert_int_equal(tell_host(pair, 0x2032, "40 00 00 02 02 00 00"), 0);
	bench_run(pair->bench, INSTANT_MS);
	assert_int_equal(host_heard(pair->host, LE_PHY, 0)->data[3], 1);
	assert_int_equal(host_count(pair->device, LE_PHY), 0);
}

static void two_megabits_carry_more(void **state)
{
	const struct pair *pair = *state;
	unsigned before, after;

	pair_connect(pair, INTERVAL_30_MS, TIMEOUT_1_S);
	assert_int_equal(tell_host(pair, 0x2022, "40 00 FB 00 48 08"), 0);
	bench_run(pair->bench, 100);
	before = pair_pump(pair, 400, 251);
	assert_int_equal(tell_host(pair, 0x2032, "40 00 00 02 02 00 00"), 0);
	bench_run(pair->bench, INSTANT_MS);
	after = pair_pump(pair, 400, 251);
	assert_in_range(after, before / 3, before * 7 / 10);
}

static void parameters_are_in_force_six_events_later(void **state)
{
	const struct pair *pair = *state;
	static const uint8_t event[] = { 0, 0x40, 0, 12, 0, 4, 0, 200, 0 };
	uint64_t asked_us;

	pair_connect(pair, INTERVAL_30_MS, TIMEOUT_1_S);
	asked_us = pair->bench->air.now_us;
	assert_int_equal(tell_host(pair, 0x2013, "40 00 06 00 0C 00 04 00 C8 00 00 00 00 00"), 0);
	bench_run(pair->bench, INSTANT_MS);
	for (int i = 0; i < 2; i++) {
		const struct host *host = i ? pair->host : pair->device;

		assert_memory_equal(host_heard(host, LE_UPDATED, 0)->data, event, sizeof(event));
		assert_in_range(host_heard(host, LE_UPDATED, 0)->at_us, asked_us + 180000,
				asked_us + 240000);
	}
	assert_int_equal(pair->bench->air.links[0].parameters.interval, 12);
}

static void parameters_that_contradict_each_other_are_refused(void **state)
{
	const struct pair *pair = *state;

	pair_connect(pair, INTERVAL_30_MS, TIMEOUT_1_S);
	/* The supervision timeout must be longer than two intervals with their latency. */
	assert_int_equal(tell_host(pair, 0x2013, "40 00 50 00 50 00 04 00 64 00 00 00 00 00"),
			 0x12);
	assert_int_equal(tell_host(pair, 0x2013, "40 00 50 00 50 00 04 00 65 00 00 00 00 00"), 0);
	assert_int_equal(tell_host(pair, 0x2013, "40 00 05 00 05 00 00 00 64 00 00 00 00 00"),
			 0x12);
	assert_int_equal(tell_host(pair, 0x2013, "40 00 0C 00 06 00 00 00 64 00 00 00 00 00"),
			 0x12);
}

static void one_procedure_of_a_kind_at_a_time(void **state)
{
	const struct pair *pair = *state;
	static const char parameters[] = "40 00 06 00 06 00 00 00 64 00 00 00 00 00";

	pair_connect(pair, INTERVAL_30_MS, TIMEOUT_1_S);
	assert_int_equal(tell_host(pair, 0x2013, parameters), 0);
	assert_int_equal(tell_host(pair, 0x2013, parameters), 0x0C);
	bench_run(pair->bench, INSTANT_MS);
	assert_int_equal(tell_host(pair, 0x2013, parameters), 0);
}

static void central_accepts_the_parameters_that_the_peripheral_asks_for(void **state)
{
	const struct pair *pair = *state;
	static const uint8_t request[] = { 0x40, 0, 6, 0, 12, 0, 0, 0, 100, 0 };

	pair_connect(pair, INTERVAL_30_MS, TIMEOUT_1_S);
	assert_int_equal(tell_device(pair, 0x2013, "40 00 06 00 0C 00 00 00 64 00 00 00 00 00"), 0);
	bench_run(pair->bench, 100);
	assert_memory_equal(host_heard(pair->host, LE_REQUEST, 0)->data, request, sizeof(request));
	assert_int_equal(tell_host(pair, 0x2020, "40 00 06 00 0C 00 00 00 64 00 00 00 00 00"), 0);
	bench_run(pair->bench, INSTANT_MS);
	assert_int_equal(host_heard(pair->device, LE_UPDATED, 0)->data[0], 0);
	assert_int_equal(host_heard(pair->host, LE_UPDATED, 0)->data[3], 12);
	assert_int_equal(tell_host(pair, 0x2020, "40 00 06 00 0C 00 00 00 64 00 00 00 00 00"),
			 0x0C);
}

static void central_rejects_the_parameters_that_the_peripheral_asks_for(void **state)
{
	const struct pair *pair = *state;

	pair_connect(pair, INTERVAL_30_MS, TIMEOUT_1_S);
	assert_int_equal(tell_device(pair, 0x2013, "40 00 06 00 0C 00 00 00 64 00 00 00 00 00"), 0);
	bench_run(pair->bench, 100);
	assert_int_equal(tell_host(pair, 0x2021, "40 00 3B"), 0);
	assert_int_equal(host_heard(pair->device, LE_UPDATED, 0)->data[0], 0x3B);
	assert_int_equal(host_count(pair->host, LE_UPDATED), 0);
}

static void central_whose_host_does_not_listen_rejects_by_itself(void **state)
{
	const struct pair *pair = *state;

	assert_int_equal(tell_host(pair, 0x2001, "1F 00 00 00 00 00 00 00"), 0);
	pair_connect(pair, INTERVAL_30_MS, TIMEOUT_1_S);
	assert_int_equal(tell_device(pair, 0x2013, "40 00 06 00 0C 00 00 00 64 00 00 00 00 00"), 0);
	bench_run(pair->bench, 100);
	assert_int_equal(host_heard(pair->device, LE_UPDATED, 0)->data[0], 0x1A);
}

static void features_and_version_of_the_peer_are_told(void **state)
{
	const struct pair *pair = *state;

	pair_connect(pair, INTERVAL_30_MS, TIMEOUT_1_S);
	assert_int_equal(tell_host(pair, 0x2016, "40 00"), 0);
	assert_int_equal(tell_host(pair, 0x041D, "40 00"), 0);
	bench_run(pair->bench, 100);
	assert_int_equal(host_heard(pair->host, LE_FEATURES, 0)->data[3], 0x2A);
	assert_int_equal(host_heard(pair->host, LE_FEATURES, 0)->data[4], 0x11);
	assert_int_equal(host_heard(pair->host, REMOTE_VERSION, 0)->data[3], 9);
}

static void silent_peer_answers_no_procedure(void **state)
{
	const struct pair *pair = *state;

	pair_connect(pair, INTERVAL_30_MS, TIMEOUT_1_S);
	pair->device->controller->silent = true;
	assert_int_equal(tell_host(pair, 0x2016, "40 00"), 0);
	assert_int_equal(tell_host(pair, 0x0406, "40 00 13"), 0);
	bench_run(pair->bench, 2000);
	assert_int_equal(host_count(pair->host, LE_FEATURES), 0);
	assert_int_equal(host_heard(pair->host, DISCONNECTED, 0)->data[3], 0x08);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		PAIR_CASE(data_length_is_told_to_both_when_it_changes),
		PAIR_CASE(longer_pdus_carry_a_packet_at_once),
		PAIR_CASE(suggested_length_is_negotiated_on_each_new_link),
		PAIR_CASE(length_out_of_range_is_refused_and_changes_nothing),
		PAIR_CASE(length_stays_with_a_peer_that_cannot),
		PAIR_CASE(phy_is_told_to_both_when_it_changes),
		PAIR_CASE(phy_that_stays_is_told_to_who_asked),
		PAIR_CASE(two_megabits_carry_more),
		PAIR_CASE(parameters_are_in_force_six_events_later),
		PAIR_CASE(parameters_that_contradict_each_other_are_refused),
		PAIR_CASE(one_procedure_of_a_kind_at_a_time),
		PAIR_CASE(central_accepts_the_parameters_that_the_peripheral_asks_for),
		PAIR_CASE(central_rejects_the_parameters_that_the_peripheral_asks_for),
		PAIR_CASE(central_whose_host_does_not_listen_rejects_by_itself),
		PAIR_CASE(features_and_version_of_the_peer_are_told),
		PAIR_CASE(silent_peer_answers_no_procedure),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
