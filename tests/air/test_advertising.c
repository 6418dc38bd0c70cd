#include "pair.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

/* The host's address in a command's parameters. */
#define TO_HOST "02 00 00 EE FF C0"

static void advertising_repeats_at_its_interval_and_a_little_later(void **state)
{
	const struct pair *pair = *state;
	uint64_t least = UINT64_MAX, most = 0;

	host_scan(pair->bench, pair->host);
	host_advertise(pair->bench, pair->device);
	bench_run(pair->bench, 3000);
	for (size_t i = 1; i < host_count(pair->host, LE_REPORT); i++) {
		uint64_t gap = host_heard(pair->host, LE_REPORT, i)->at_us -
			       host_heard(pair->host, LE_REPORT, i - 1)->at_us;

		least = gap < least ? gap : least;
		most = gap > most ? gap : most;
	}
	assert_in_range(host_count(pair->host, LE_REPORT), 76, 100);
	assert_in_range(least, 30000, 32000);
	assert_in_range(most, 38000, 40000);
}

static void report_has_type_address_data_and_rssi(void **state)
{
	const struct pair *pair = *state;
	static const uint8_t expected[] = { 1,    0,    0, 0x01, 0,    0,    0xEE,
					    0xFF, 0xC0, 3, 0x02, 0x01, 0x06, (uint8_t)-60 };
	const struct heard *report;

	assert_int_equal(tell_device(pair, 0x2008,
				     "03 02 01 06 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 "
				     "00 00 00 00 00 00 00 00 00 00 00 00"),
			 0);
	host_scan(pair->bench, pair->host);
	host_advertise(pair->bench, pair->device);
	bench_run(pair->bench, 1);
	report = host_heard(pair->host, LE_REPORT, 0);
	assert_int_equal(report->len, sizeof(expected));
	assert_memory_equal(report->data, expected, sizeof(expected));
}

static void active_scan_brings_the_scan_response_too(void **state)
{
	const struct pair *pair = *state;

	assert_int_equal(tell_host(pair, 0x200B, "01 10 00 10 00 00 00"), 0);
	assert_int_equal(tell_host(pair, 0x200C, "01 00"), 0);
	host_advertise(pair->bench, pair->device);
	bench_run(pair->bench, 1);
	assert_int_equal(host_count(pair->host, LE_REPORT), 2);
	assert_int_equal(host_heard(pair->host, LE_REPORT, 1)->data[1], 4);
}

static void duplicates_are_filtered_whatever_their_data(void **state)
{
	const struct pair *pair = *state;

	assert_int_equal(tell_host(pair, 0x200C, "01 01"), 0);
	host_advertise(pair->bench, pair->device);
	bench_run(pair->bench, 500);
	assert_int_equal(tell_device(pair, 0x2008,
				     "01 01 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 "
				     "00 00 00 00 00 00 00 00 00 00 00 00"),
			 0);
	bench_run(pair->bench, 500);
	assert_int_equal(host_count(pair->host, LE_REPORT), 1);
}

static void enabling_again_makes_the_filter_forget(void **state)
{
	const struct pair *pair = *state;

	host_advertise(pair->bench, pair->device);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(tell_host(pair, 0x200C, "01 01"), 0);
		bench_run(pair->bench, 500);
	}
	assert_int_equal(host_count(pair->host, LE_REPORT), 2);
}

static void half_of_the_time_is_half_of_the_reports(void **state)
{
	const struct pair *pair = *state;

	assert_int_equal(tell_host(pair, 0x200B, "00 60 00 30 00 00 00"), 0);
	assert_int_equal(tell_host(pair, 0x200C, "01 00"), 0);
	host_advertise(pair->bench, pair->device);
	bench_run(pair->bench, 30000);
	assert_in_range(host_count(pair->host, LE_REPORT), 300, 560);
}

static void scan_by_accept_list_hears_who_is_in_it(void **state)
{
	const struct pair *pair = *state;
	struct traits traits = bench_traits("C0:FF:EE:00:00:03");
	struct host *other = bench_host(pair->bench, &traits);

	assert_int_equal(tell_host(pair, 0x2011, "00 03 00 00 EE FF C0"), 0);
	assert_int_equal(tell_host(pair, 0x200B, "00 10 00 10 00 00 01"), 0);
	assert_int_equal(tell_host(pair, 0x200C, "01 00"), 0);
	host_advertise(pair->bench, pair->device);
	host_advertise(pair->bench, other);
	bench_run(pair->bench, 100);
	for (size_t i = 0; i < host_count(pair->host, LE_REPORT); i++)
		assert_int_equal(host_heard(pair->host, LE_REPORT, i)->data[3], 0x03);
	assert_in_range(host_count(pair->host, LE_REPORT), 2, 4);
}

static void accept_list_in_use_cannot_be_changed(void **state)
{
	const struct pair *pair = *state;

	assert_int_equal(tell_host(pair, 0x200B, "00 10 00 10 00 00 01"), 0);
	assert_int_equal(tell_host(pair, 0x200C, "01 00"), 0);
	assert_int_equal(tell_host(pair, 0x2011, "00 03 00 00 EE FF C0"), 0x0C);
	assert_int_equal(tell_host(pair, 0x2012, "00 03 00 00 EE FF C0"), 0x0C);
	assert_int_equal(tell_host(pair, 0x2010, ""), 0x0C);
}

static void accept_list_has_the_size_that_it_tells(void **state)
{
	const struct pair *pair = *state;
	char parameters[32];
	unsigned size;

	assert_int_equal(tell_host(pair, 0x200F, ""), 0);
	size = pair->host->reply[0];
	for (unsigned i = 0; i <= size; i++) {
		snprintf(parameters, sizeof(parameters), "01 %02X 00 00 00 00 C0", i);
		assert_int_equal(tell_host(pair, 0x2011, parameters), i < size ? 0 : 0x07);
	}
	assert_int_equal(tell_host(pair, 0x2012, "01 00 00 00 00 00 C0"), 0);
	assert_int_equal(tell_host(pair, 0x2011, parameters), 0);
}

static void directed_advertising_is_heard_by_its_target_alone(void **state)
{
	const struct pair *pair = *state;
	struct traits traits = bench_traits("C0:FF:EE:00:00:03");
	struct host *other = bench_host(pair->bench, &traits);

	host_scan(pair->bench, pair->host);
	host_scan(pair->bench, other);
	assert_int_equal(tell_device(pair, 0x2006, "30 00 30 00 04 00 00 " TO_HOST " 07 00"), 0);
	assert_int_equal(tell_device(pair, 0x200A, "01"), 0);
	bench_run(pair->bench, 100);
	assert_int_equal(host_heard(pair->host, LE_REPORT, 0)->data[1], 1);
	assert_int_equal(host_count(other, LE_REPORT), 0);
}

static void high_duty_directed_advertising_ends_after_1280_ms(void **state)
{
	const struct pair *pair = *state;
	const struct heard *end;

	assert_int_equal(tell_device(pair, 0x2006, "00 00 00 00 01 00 00 " TO_HOST " 07 00"), 0);
	assert_int_equal(tell_device(pair, 0x200A, "01"), 0);
	bench_run(pair->bench, 2000);
	end = host_heard(pair->device, LE_CONNECTED, 0);
	assert_int_equal(end->data[0], 0x3C);
	assert_int_equal(end->at_us, 1280000);
}

static void silenced_controller_is_not_heard_until_it_speaks(void **state)
{
	const struct pair *pair = *state;

	host_scan(pair->bench, pair->host);
	host_advertise(pair->bench, pair->device);
	pair->device->controller->silent = true;
	bench_run(pair->bench, 1000);
	assert_int_equal(host_count(pair->host, LE_REPORT), 0);
	pair->device->controller->silent = false;
	bench_run(pair->bench, 1000);
	assert_in_range(host_count(pair->host, LE_REPORT), 20, 40);
}

static void vanished_controller_is_heard_no_more(void **state)
{
	const struct pair *pair = *state;

	host_scan(pair->bench, pair->host);
	host_advertise(pair->bench, pair->device);
	bench_run(pair->bench, 100);
	air_remove(&pair->bench->air, pair->device->controller);
	pair->device->controller = NULL;
	host_forget(pair->host);
	bench_run(pair->bench, 1000);
	assert_int_equal(host_count(pair->host, LE_REPORT), 0);
}

static void random_address_must_be_set_before_it_is_used(void **state)
{
	const struct pair *pair = *state;

	assert_int_equal(tell_device(pair, 0x2006, "30 00 30 00 00 01 00 00 00 00 00 00 00 07 00"),
			 0);
	assert_int_equal(tell_device(pair, 0x200A, "01"), 0x12);
	assert_int_equal(tell_device(pair, 0x2005, "0A 00 00 EE FF C0"), 0);
	assert_int_equal(tell_device(pair, 0x200A, "01"), 0);
	assert_int_equal(tell_device(pair, 0x2005, "0B 00 00 EE FF C0"), 0x0C);
	host_scan(pair->bench, pair->host);
	bench_run(pair->bench, 100);
	assert_int_equal(host_heard(pair->host, LE_REPORT, 0)->data[2], 1);
	assert_int_equal(host_heard(pair->host, LE_REPORT, 0)->data[3], 0x0A);
}

static void reports_are_left_out_when_the_host_does_not_read(void **state)
{
	const struct pair *pair = *state;

	host_scan(pair->bench, pair->host);
	host_advertise(pair->bench, pair->device);
	air_run(&pair->bench->air, 600000000);
	assert_true(outbox_is_busy(&pair->host->controller->outbox));
	assert_false(pair->host->controller->lost);
}

static void loss_takes_reports_away(void **state)
{
	const struct pair *pair = *state;

	pair->bench->air.options.loss_percent = 50;
	host_scan(pair->bench, pair->host);
	host_advertise(pair->bench, pair->device);
	bench_run(pair->bench, 30000);
	assert_in_range(host_count(pair->host, LE_REPORT), 300, 560);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		PAIR_CASE(advertising_repeats_at_its_interval_and_a_little_later),
		PAIR_CASE(report_has_type_address_data_and_rssi),
		PAIR_CASE(active_scan_brings_the_scan_response_too),
		PAIR_CASE(duplicates_are_filtered_whatever_their_data),
		PAIR_CASE(enabling_again_makes_the_filter_forget),
		PAIR_CASE(half_of_the_time_is_half_of_the_reports),
		PAIR_CASE(scan_by_accept_list_hears_who_is_in_it),
		PAIR_CASE(accept_list_in_use_cannot_be_changed),
		PAIR_CASE(accept_list_has_the_size_that_it_tells),
		PAIR_CASE(directed_advertising_is_heard_by_its_target_alone),
		PAIR_CASE(high_duty_directed_advertising_ends_after_1280_ms),
		PAIR_CASE(silenced_controller_is_not_heard_until_it_speaks),
		PAIR_CASE(vanished_controller_is_heard_no_more),
		PAIR_CASE(random_address_must_be_set_before_it_is_used),
		PAIR_CASE(reports_are_left_out_when_the_host_does_not_read),
		PAIR_CASE(loss_takes_reports_away),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
