#include "pair.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

enum { INTERVAL_30_MS = 24, TIMEOUT_1_S = 100 };

static void silence_is_noticed_after_the_supervision_timeout(void **state)
{
	const struct pair *pair = *state;
	uint64_t silent_us;

	pair_connect(pair, INTERVAL_30_MS, TIMEOUT_1_S);
	bench_run(pair->bench, 500);
	silent_us = pair->bench->air.now_us;
	pair->device->controller->silent = true;
	bench_run(pair->bench, 2000);
	for (int i = 0; i < 2; i++) {
		const struct host *host = i ? pair->host : pair->device;
		const struct heard *end = host_heard(host, DISCONNECTED, 0);

		assert_int_equal(end->data[3], 0x08);
		assert_in_range(end->at_us, silent_us + 970000, silent_us + 1000000);
	}
}

static void short_silence_is_survived(void **state)
{
	const struct pair *pair = *state;

	pair_connect(pair, INTERVAL_30_MS, TIMEOUT_1_S);
	pair->device->controller->silent = true;
	bench_run(pair->bench, 900);
	pair->device->controller->silent = false;
	bench_run(pair->bench, 5000);
	assert_int_equal(host_count(pair->host, DISCONNECTED), 0);
}

static void vanished_peer_is_noticed_after_the_supervision_timeout(void **state)
{
	const struct pair *pair = *state;
	uint64_t gone_us;

	pair_connect(pair, INTERVAL_30_MS, TIMEOUT_1_S);
	bench_run(pair->bench, 500);
	gone_us = pair->bench->air.now_us;
	air_remove(&pair->bench->air, pair->device->controller);
	pair->device->controller = NULL;
	bench_run(pair->bench, 2000);
	assert_int_equal(host_heard(pair->host, DISCONNECTED, 0)->data[3], 0x08);
	assert_in_range(host_heard(pair->host, DISCONNECTED, 0)->at_us, gone_us + 970000,
			gone_us + 1000000);
}

static void reset_says_nothing_to_anybody(void **state)
{
	const struct pair *pair = *state;

	pair_connect(pair, INTERVAL_30_MS, TIMEOUT_1_S);
	assert_int_equal(tell_host(pair, 0x0C03, ""), 0);
	bench_run(pair->bench, 900);
	assert_int_equal(host_count(pair->device, DISCONNECTED), 0);
	bench_run(pair->bench, 200);
	assert_int_equal(host_heard(pair->device, DISCONNECTED, 0)->data[3], 0x08);
	assert_int_equal(host_count(pair->host, DISCONNECTED), 0);
}

static void link_is_cut_after_the_chosen_pdu(void **state)
{
	const struct air_options options = { .seed = 1, .cuts = { { .pdu = 5 } }, .cut_count = 1 };
	const struct traits device = bench_traits("C0:FF:EE:00:00:01");
	const struct traits host = bench_traits("C0:FF:EE:00:00:02");
	const struct pair *pair;

	pair_tear_down(state);
	pair_open(state, &options, &device, &host);
	pair = *state;
	pair_connect(pair, INTERVAL_30_MS, TIMEOUT_1_S);
	for (int i = 0; i < 8; i++)
		host_send(pair->bench, pair->host, FIRST_HANDLE, "abcd", 4);
	bench_run(pair->bench, 2000);
	assert_int_equal(host_count(pair->device, ACL_DATA), 5);
	assert_int_equal(host_heard(pair->host, DISCONNECTED, 0)->data[3], 0x08);
	assert_int_equal(host_heard(pair->device, DISCONNECTED, 0)->data[3], 0x08);

	/* Once: the next link lives. */
	host_forget(pair->host);
	host_forget(pair->device);
	pair_connect(pair, INTERVAL_30_MS, TIMEOUT_1_S);
	pair_pump(pair, 20, 27);
}

static void link_is_cut_by_its_number(void **state)
{
	const struct air_options options = { .seed = 1,
					     .cuts = { { .pdu = 5, .link = 2 } },
					     .cut_count = 1 };
	const struct traits device = bench_traits("C0:FF:EE:00:00:01");
	const struct traits host = bench_traits("C0:FF:EE:00:00:02");
	const struct pair *pair;

	pair_tear_down(state);
	pair_open(state, &options, &device, &host);
	pair = *state;
	pair_connect(pair, INTERVAL_30_MS, TIMEOUT_1_S);
	pair_pump(pair, 20, 27);
	assert_int_equal(tell_host(pair, 0x0406, "40 00 13"), 0);
	bench_run(pair->bench, 100);
	host_forget(pair->host);
	host_forget(pair->device);
	pair_connect(pair, INTERVAL_30_MS, TIMEOUT_1_S);
	for (int i = 0; i < 8; i++)
		host_send(pair->bench, pair->host, FIRST_HANDLE, "abcd", 4);
	bench_run(pair->bench, 2000);
	assert_int_equal(host_count(pair->device, ACL_DATA), 5);
}

static void each_side_is_told_its_reason_of_a_disconnection(void **state)
{
	const struct pair *pair = *state;

	pair_connect(pair, INTERVAL_30_MS, TIMEOUT_1_S);
	assert_int_equal(tell_device(pair, 0x0406, "40 00 15"), 0);
	assert_int_equal(host_count(pair->device, DISCONNECTED), 0);
	bench_run(pair->bench, 35);
	assert_int_equal(host_heard(pair->device, DISCONNECTED, 0)->data[3], 0x16);
	assert_int_equal(host_heard(pair->host, DISCONNECTED, 0)->data[3], 0x15);
}

static void reason_that_may_not_be_said_is_refused(void **state)
{
	const struct pair *pair = *state;

	pair_connect(pair, INTERVAL_30_MS, TIMEOUT_1_S);
	assert_int_equal(tell_device(pair, 0x0406, "40 00 08"), 0x12);
	assert_int_equal(tell_device(pair, 0x0406, "41 00 13"), 0x02);
}

static void peer_that_falls_silent_at_once_was_never_connected(void **state)
{
	const struct pair *pair = *state;

	host_connect(pair->bench, pair->host, pair->device, INTERVAL_30_MS, TIMEOUT_1_S);
	host_advertise(pair->bench, pair->device);
	bench_run(pair->bench, 1);
	pair->device->controller->silent = true;
	bench_run(pair->bench, 1000);
	assert_int_equal(host_heard(pair->host, DISCONNECTED, 0)->data[3], 0x3E);
	assert_in_range(host_heard(pair->host, DISCONNECTED, 0)->at_us, 180000, 185000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		PAIR_CASE(silence_is_noticed_after_the_supervision_timeout),
		PAIR_CASE(short_silence_is_survived),
		PAIR_CASE(vanished_peer_is_noticed_after_the_supervision_timeout),
		PAIR_CASE(reset_says_nothing_to_anybody),
		PAIR_CASE(link_is_cut_after_the_chosen_pdu),
		PAIR_CASE(link_is_cut_by_its_number),
		PAIR_CASE(each_side_is_told_its_reason_of_a_disconnection),
		PAIR_CASE(reason_that_may_not_be_said_is_refused),
		PAIR_CASE(peer_that_falls_silent_at_once_was_never_connected),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
