#include "pair.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

enum { INTERVAL_30_MS = 24, TIMEOUT_1_S = 100 };

static void peer_that_does_not_advertise_is_never_connected(void **state)
{
	const struct pair *pair = *state;

	host_connect(pair->bench, pair->host, pair->device, INTERVAL_30_MS, TIMEOUT_1_S);
	bench_run(pair->bench, 60000);
	assert_int_equal(host_count(pair->host, LE_CONNECTED), 0);
	host_advertise(pair->bench, pair->device);
	bench_run(pair->bench, 100);
	assert_int_equal(host_count(pair->host, LE_CONNECTED), 1);
}

static void both_hosts_are_told_role_peer_and_parameters(void **state)
{
	const struct pair *pair = *state;
	static const uint8_t to_host[] = { 0,    0x40, 0,  0, 0, 0x01, 0,   0, 0xEE,
					   0xFF, 0xC0, 24, 0, 0, 0,    100, 0, 0 };
	static const uint8_t to_device[] = { 0,    0x40, 0,  1, 0, 0x02, 0,   0, 0xEE,
					     0xFF, 0xC0, 24, 0, 0, 0,    100, 0, 0 };

	pair_connect(pair, INTERVAL_30_MS, TIMEOUT_1_S);
	assert_memory_equal(host_heard(pair->host, LE_CONNECTED, 0)->data, to_host, 18);
	assert_memory_equal(host_heard(pair->device, LE_CONNECTED, 0)->data, to_device, 18);
}

static void enhanced_event_replaces_the_plain_one_where_it_is_wanted(void **state)
{
	const struct pair *pair = *state;

	assert_int_equal(tell_host(pair, 0x2001, "FF FF 00 00 00 00 00 00"), 0);
	host_connect(pair->bench, pair->host, pair->device, INTERVAL_30_MS, TIMEOUT_1_S);
	host_advertise(pair->bench, pair->device);
	bench_run(pair->bench, 5);
	assert_int_equal(host_heard(pair->host, LE_ENHANCED_CONNECTED, 0)->len, 30);
	assert_int_equal(host_count(pair->host, LE_CONNECTED), 0);
}

static void connecting_ends_advertising(void **state)
{
	const struct pair *pair = *state;

	pair_connect(pair, INTERVAL_30_MS, TIMEOUT_1_S);
	host_scan(pair->bench, pair->host);
	bench_run(pair->bench, 1000);
	assert_int_equal(host_count(pair->host, LE_REPORT), 0);
}

static void cancelled_attempt_ends_with_an_event_of_its_own(void **state)
{
	const struct pair *pair = *state;

	host_connect(pair->bench, pair->host, pair->device, INTERVAL_30_MS, TIMEOUT_1_S);
	assert_int_equal(tell_host(pair, 0x200E, ""), 0);
	bench_run(pair->bench, 1);
	assert_int_equal(host_heard(pair->host, LE_CONNECTED, 0)->data[0], 0x02);
	assert_int_equal(tell_host(pair, 0x200E, ""), 0x0C);
	host_advertise(pair->bench, pair->device);
	bench_run(pair->bench, 1000);
	assert_int_equal(host_count(pair->host, LE_CONNECTED), 1);
}

static void one_attempt_at_a_time(void **state)
{
	const struct pair *pair = *state;

	host_connect(pair->bench, pair->host, pair->device, INTERVAL_30_MS, TIMEOUT_1_S);
	assert_int_equal(tell_host(pair, 0x200D,
				   "10 00 10 00 00 00 09 00 00 EE FF C0 00 18 00 18 00 00 00 64 00 "
				   "00 00 00 00"),
			 0x0C);
}

static void who_is_connected_already_is_refused(void **state)
{
	const struct pair *pair = *state;

	pair_connect(pair, INTERVAL_30_MS, TIMEOUT_1_S);
	assert_int_equal(tell_host(pair, 0x200D,
				   "10 00 10 00 00 00 01 00 00 EE FF C0 00 18 00 18 00 00 00 64 00 "
				   "00 00 00 00"),
			 0x0B);
}

static void connection_by_accept_list_takes_who_is_in_it(void **state)
{
	const struct pair *pair = *state;
	const struct traits traits = bench_traits("C0:FF:EE:00:00:03");
	struct host *other = bench_host(pair->bench, &traits);

	assert_int_equal(tell_host(pair, 0x2011, "00 03 00 00 EE FF C0"), 0);
	assert_int_equal(tell_host(pair, 0x200D,
				   "10 00 10 00 01 00 00 00 00 00 00 00 00 18 00 18 00 00 00 64 00 "
				   "00 00 00 00"),
			 0);
	host_advertise(pair->bench, pair->device);
	bench_run(pair->bench, 500);
	assert_int_equal(host_count(pair->host, LE_CONNECTED), 0);
	host_advertise(pair->bench, other);
	bench_run(pair->bench, 100);
	assert_int_equal(host_heard(pair->host, LE_CONNECTED, 0)->data[5], 0x03);
}

static void directed_advertising_takes_its_target_alone(void **state)
{
	const struct pair *pair = *state;
	const struct traits traits = bench_traits("C0:FF:EE:00:00:03");
	struct host *other = bench_host(pair->bench, &traits);

	host_connect(pair->bench, other, pair->device, INTERVAL_30_MS, TIMEOUT_1_S);
	assert_int_equal(tell_device(pair, 0x2006, "30 00 30 00 04 00 00 02 00 00 EE FF C0 07 00"),
			 0);
	assert_int_equal(tell_device(pair, 0x200A, "01"), 0);
	bench_run(pair->bench, 500);
	assert_int_equal(host_count(other, LE_CONNECTED), 0);
	host_connect(pair->bench, pair->host, pair->device, INTERVAL_30_MS, TIMEOUT_1_S);
	bench_run(pair->bench, 100);
	assert_int_equal(host_count(pair->host, LE_CONNECTED), 1);
}

static void data_goes_both_ways(void **state)
{
	const struct pair *pair = *state;
	static const uint8_t down[] = { 3, 0, 4, 0, 0x02, 0xF7, 0x00 };
	static const uint8_t up[] = { 3, 0, 4, 0, 0x03, 0xF7, 0x00 };

	pair_connect(pair, INTERVAL_30_MS, TIMEOUT_1_S);
	host_send(pair->bench, pair->host, FIRST_HANDLE, down, sizeof(down));
	host_send(pair->bench, pair->device, FIRST_HANDLE, up, sizeof(up));
	bench_run(pair->bench, 35);
	/* 0x2000: it starts a frame. */
	assert_int_equal(host_heard(pair->device, ACL_DATA, 0)->data[1], 0x20);
	assert_memory_equal(host_heard(pair->device, ACL_DATA, 0)->data + 4, down, sizeof(down));
	assert_memory_equal(host_heard(pair->host, ACL_DATA, 0)->data + 4, up, sizeof(up));
	assert_int_equal(host_count(pair->host, COMPLETED_PACKETS), 1);
	assert_int_equal(host_count(pair->device, COMPLETED_PACKETS), 1);
}

static void long_packet_arrives_in_pdus_of_27_octets(void **state)
{
	const struct pair *pair = *state;
	uint8_t data[60];

	for (size_t i = 0; i < sizeof(data); i++)
		data[i] = (uint8_t)i;
	pair_connect(pair, INTERVAL_30_MS, TIMEOUT_1_S);
	host_send(pair->bench, pair->host, FIRST_HANDLE, data, sizeof(data));
	bench_run(pair->bench, 40);
	assert_int_equal(host_count(pair->device, ACL_DATA), 3);
	for (size_t i = 0; i < 3; i++) {
		const struct heard *part = host_heard(pair->device, ACL_DATA, i);

		assert_int_equal(part->data[1] >> 4, i == 0 ? 2 : 1);
		assert_int_equal(part->len - 4, i == 2 ? 6 : 27);
		assert_memory_equal(part->data + 4, data + 27 * i, part->len - 4);
	}
	assert_int_equal(host_count(pair->host, COMPLETED_PACKETS), 1);
}

static void event_carries_what_fits_into_its_time(void **state)
{
	const struct pair *pair = *state;

	/* 27 octets one way, none the other, at 1M: 296 + 150 + 80 + 150 us; 11 of them in 7.5 ms.
	 */
	pair_connect(pair, 6, TIMEOUT_1_S);
	assert_in_range(pair_pump(pair, 1100, 27), 745, 1030);
}

static void packets_of_an_event_can_be_limited(void **state)
{
	const struct air_options options = { .seed = 1, .packets_per_event = 4 };
	const struct traits device = bench_traits("C0:FF:EE:00:00:01");
	const struct traits host = bench_traits("C0:FF:EE:00:00:02");
	const struct pair *pair;

	pair_tear_down(state);
	pair_open(state, &options, &device, &host);
	pair = *state;
	pair_connect(pair, INTERVAL_30_MS, TIMEOUT_1_S);
	assert_in_range(pair_pump(pair, 80, 27), 570, 630);
}

static void credits_come_back_as_packets_go_out(void **state)
{
	const struct pair *pair = *state;

	pair_connect(pair, INTERVAL_30_MS, TIMEOUT_1_S);
	pair_pump(pair, 100, 27);
	assert_int_equal(host_count(pair->host, COMPLETED_PACKETS), 100);
	assert_int_equal(host_count(pair->device, ACL_DATA), 100);
	assert_int_equal(pair->host->controller->overruns, 0);
	assert_int_equal(pair->host->controller->pool.used, 0);
}

static void host_that_sends_without_credits_is_caught(void **state)
{
	const struct pair *pair = *state;

	pair_connect(pair, INTERVAL_30_MS, TIMEOUT_1_S);
	for (int i = 0; i < 10; i++)
		host_send(pair->bench, pair->host, FIRST_HANDLE, "abcd", 4);
	bench_run(pair->bench, 1000);
	assert_int_equal(pair->host->controller->overruns, 2);
	assert_int_equal(host_count(pair->device, ACL_DATA), 8);
	fflush(pair->bench->log_file);
	assert_non_null(strstr(pair->bench->log, "more data than it had credits for"));
}

static void loss_delays_data_and_loses_none(void **state)
{
	const struct pair *pair = *state;

	pair_connect(pair, 6, TIMEOUT_1_S);
	pair->bench->air.options.loss_percent = 30;
	assert_in_range(pair_pump(pair, 400, 27), 600, 3000);
	assert_int_equal(host_count(pair->device, ACL_DATA), 400);
}

static void host_that_does_not_read_holds_data_up_and_keeps_its_link(void **state)
{
	const struct pair *pair = *state;
	const uint8_t data[27] = { 0 };

	pair_connect(pair, 6, TIMEOUT_1_S);
	/* Nobody drains the outbox of the device. */
	while (!outbox_is_busy(&pair->device->controller->outbox))
		assert_true(outbox_put(&pair->device->controller->outbox, data, sizeof(data)));
	controller_take(pair->host->controller, (const uint8_t[]){ 2, 0x40, 0, 1, 0, 7 }, 6);
	air_run(&pair->bench->air, 5000000);
	assert_int_equal(pair->host->controller->pool.used, 1);
	assert_int_equal(host_count(pair->host, DISCONNECTED), 0);
}

/* A host with as many links as it may have. */
static void connect_many(const struct pair *pair, unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		char address[ADDRESS_TEXT_SIZE];
		struct traits traits;
		struct host *peer;

		snprintf(address, sizeof(address), "C0:FF:EE:00:01:%02X", i);
		traits = bench_traits(address);
		peer = bench_host(pair->bench, &traits);
		host_connect(pair->bench, pair->host, peer, INTERVAL_30_MS, TIMEOUT_1_S);
		host_advertise(pair->bench, peer);
		bench_run(pair->bench, 5);
		assert_int_equal(host_count(peer, LE_CONNECTED), 1);
	}
}

static void controller_has_several_links_with_handles_of_their_own(void **state)
{
	const struct pair *pair = *state;

	connect_many(pair, 3);
	for (uint16_t i = 0; i < 3; i++) {
		assert_int_equal(host_heard(pair->host, LE_CONNECTED, i)->data[1],
				 FIRST_HANDLE + i);
		host_send(pair->bench, pair->host, (uint16_t)(FIRST_HANDLE + i), &i, 1);
	}
	bench_run(pair->bench, 100);
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(host_heard(&pair->bench->hosts[2 + i], ACL_DATA, 0)->data[4], i);
}

static void one_of_several_links_is_lost_alone(void **state)
{
	const struct pair *pair = *state;

	connect_many(pair, 3);
	pair->bench->hosts[3].controller->silent = true;
	bench_run(pair->bench, 3000);
	assert_int_equal(host_count(pair->host, DISCONNECTED), 1);
	assert_int_equal(host_heard(pair->host, DISCONNECTED, 0)->data[1], FIRST_HANDLE + 1);
}

static void links_of_a_controller_share_its_time(void **state)
{
	const struct pair *pair = *state;
	unsigned alone, shared;

	pair_connect(pair, INTERVAL_30_MS, TIMEOUT_1_S);
	alone = pair_pump(pair, 100, 251);
	connect_many(pair, 3);
	shared = pair_pump(pair, 100, 251);
	assert_in_range(shared, alone * 3, alone * 6);
}

static void links_are_limited(void **state)
{
	const struct traits device = bench_traits("C0:FF:EE:00:00:01");
	struct traits host = bench_traits("C0:FF:EE:00:00:02");
	const struct pair *pair;

	host.links = 2;
	pair_tear_down(state);
	pair_open(state, NULL, &device, &host);
	pair = *state;
	connect_many(pair, 2);
	assert_int_equal(tell_host(pair, 0x200D,
				   "10 00 10 00 00 00 01 00 00 EE FF C0 00 18 00 18 00 00 00 64 00 "
				   "00 00 00 00"),
			 0x09);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		PAIR_CASE(peer_that_does_not_advertise_is_never_connected),
		PAIR_CASE(both_hosts_are_told_role_peer_and_parameters),
		PAIR_CASE(enhanced_event_replaces_the_plain_one_where_it_is_wanted),
		PAIR_CASE(connecting_ends_advertising),
		PAIR_CASE(cancelled_attempt_ends_with_an_event_of_its_own),
		PAIR_CASE(one_attempt_at_a_time),
		PAIR_CASE(who_is_connected_already_is_refused),
		PAIR_CASE(connection_by_accept_list_takes_who_is_in_it),
		PAIR_CASE(directed_advertising_takes_its_target_alone),
		PAIR_CASE(data_goes_both_ways),
		PAIR_CASE(long_packet_arrives_in_pdus_of_27_octets),
		PAIR_CASE(event_carries_what_fits_into_its_time),
		PAIR_CASE(packets_of_an_event_can_be_limited),
		PAIR_CASE(credits_come_back_as_packets_go_out),
		PAIR_CASE(host_that_sends_without_credits_is_caught),
		PAIR_CASE(loss_delays_data_and_loses_none),
		PAIR_CASE(host_that_does_not_read_holds_data_up_and_keeps_its_link),
		PAIR_CASE(controller_has_several_links_with_handles_of_their_own),
		PAIR_CASE(one_of_several_links_is_lost_alone),
		PAIR_CASE(links_of_a_controller_share_its_time),
		PAIR_CASE(links_are_limited),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
