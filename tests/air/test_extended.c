#include "pair.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

/* LE Set Extended Advertising Parameters: set 1, properties, 30 ms, public address, on 1M and 1M or
 * 2M. */
#define SET_1(properties, phy)                                                                     \
	"01 " properties " 00 30 00 00 30 00 00 07 00 00 00 00 00 00 00 00 00 7F 01 00 " phy       \
	" 05 00"

/* LE Extended Create Connection to the device, on 1M: 30 ms, 1 s. */
#define CONNECT "00 00 00 01 00 00 EE FF C0 01 10 00 10 00 18 00 18 00 00 00 64 00 00 00 00 00"

static void scan_extended(const struct pair *pair, const char *enable)
{
	assert_int_equal(tell_host(pair, 0x2041, "00 00 01 01 10 00 10 00"), 0);
	assert_int_equal(tell_host(pair, 0x2042, enable), 0);
}

static void legacy_pdus_of_a_set_are_heard_as_such(void **state)
{
	const struct pair *pair = *state;
	const struct heard *report;

	assert_int_equal(tell_device(pair, 0x2036, SET_1("13", "01")), 0);
	assert_int_equal(tell_device(pair, 0x2037, "01 03 01 03 02 01 06"), 0);
	assert_int_equal(tell_device(pair, 0x2039, "01 01 01 00 00 00"), 0);
	scan_extended(pair, "01 00 00 00 00 00");
	bench_run(pair->bench, 100);
	report = host_heard(pair->host, LE_EXTENDED_REPORT_EVENT, 0);
	assert_int_equal(report->data[1], 0x13);
	assert_int_equal(report->data[11], 0);    /* no secondary channel */
	assert_int_equal(report->data[12], 0xFF); /* nor a set's number */
	assert_int_equal((int8_t)report->data[14], -60);
	assert_int_equal(report->data[24], 3);
	/* The answer to the scan request. */
	report = host_heard(pair->host, LE_EXTENDED_REPORT_EVENT, 1);
	assert_int_equal(report->data[1], 0x1B);
}

static void legacy_host_hears_legacy_pdus_alone(void **state)
{
	const struct pair *pair = *state;

	assert_int_equal(tell_device(pair, 0x2036, SET_1("01", "01")), 0);
	assert_int_equal(tell_device(pair, 0x2039, "01 01 01 00 00 00"), 0);
	host_scan(pair->bench, pair->host);
	bench_run(pair->bench, 1000);
	assert_int_equal(host_count(pair->host, LE_REPORT), 0);
	assert_int_equal(tell_device(pair, 0x2039, "00 01 01 00 00 00"), 0);
	assert_int_equal(tell_device(pair, 0x2036, SET_1("13", "01")), 0);
	assert_int_equal(tell_device(pair, 0x2039, "01 01 01 00 00 00"), 0);
	bench_run(pair->bench, 1000);
	assert_in_range(host_count(pair->host, LE_REPORT), 20, 40);
}

static void long_data_comes_in_two_reports(void **state)
{
	const struct pair *pair = *state;
	uint8_t data[4 + 251] = { 1, 0x01, 1, 247 };
	uint8_t rest[4 + 4] = { 1, 0x02, 1, 4 };
	const struct heard *report;

	assert_int_equal(tell_device(pair, 0x2036, SET_1("01", "01")), 0);
	memset(data + 4, 7, 247);
	assert_int_equal(host_command_bytes(pair->bench, pair->device, 0x2037, data, 4 + 247), 0);
	assert_int_equal(host_command_bytes(pair->bench, pair->device, 0x2037, rest, 4 + 4), 0);
	assert_int_equal(tell_device(pair, 0x2039, "01 01 01 00 00 00"), 0);
	scan_extended(pair, "01 00 00 00 00 00");
	bench_run(pair->bench, 20);
	report = host_heard(pair->host, LE_EXTENDED_REPORT_EVENT, 0);
	assert_int_equal(report->data[1], 0x21); /* more to come */
	assert_int_equal(report->data[24], 229);
	assert_int_equal(report->data[12], 5);
	report = host_heard(pair->host, LE_EXTENDED_REPORT_EVENT, 1);
	assert_int_equal(report->data[1], 0x01);
	assert_int_equal(report->data[24], 22);
}

static void data_that_is_too_long_is_refused(void **state)
{
	const struct pair *pair = *state;
	uint8_t data[4 + 251] = { 1, 0x01, 1, 251 };

	assert_int_equal(tell_device(pair, 0x2036, SET_1("01", "01")), 0);
	assert_int_equal(host_command_bytes(pair->bench, pair->device, 0x2037, data, sizeof(data)),
			 0);
	assert_int_equal(tell_device(pair, 0x2037, "01 02 01 01 00"), 0x07);
	/* A length that lies. */
	assert_int_equal(tell_device(pair, 0x2037, "01 03 01 05 00"), 0x12);
	assert_int_equal(tell_device(pair, 0x2037, "01 03"), 0x12);
	assert_int_equal(tell_device(pair, 0x2037, "02 03 01 00"), 0x42);
}

static void set_with_long_data_cannot_become_a_legacy_one(void **state)
{
	const struct pair *pair = *state;
	uint8_t data[4 + 32] = { 1, 0x03, 1, 32 };

	assert_int_equal(tell_device(pair, 0x2036, SET_1("01", "01")), 0);
	assert_int_equal(host_command_bytes(pair->bench, pair->device, 0x2037, data, sizeof(data)),
			 0);
	assert_int_equal(tell_device(pair, 0x2036, SET_1("13", "01")), 0x12);
}

static void extended_connection_ends_the_set(void **state)
{
	const struct pair *pair = *state;
	const struct heard *ended;

	assert_int_equal(tell_device(pair, 0x2036, SET_1("01", "02")), 0);
	assert_int_equal(tell_device(pair, 0x2039, "01 01 01 00 00 00"), 0);
	assert_int_equal(tell_host(pair, 0x2043, CONNECT), 0);
	bench_run(pair->bench, 100);
	assert_int_equal(host_heard(pair->host, LE_CONNECTED, 0)->data[0], 0);
	assert_int_equal(host_heard(pair->device, LE_CONNECTED, 0)->data[0], 0);
	ended = host_heard(pair->device, LE_SET_ENDED, 0);
	assert_int_equal(ended->data[0], 0);
	assert_int_equal(ended->data[1], 1);
	assert_int_equal(ended->data[2], FIRST_HANDLE);
}

static void legacy_initiator_does_not_hear_extended_pdus(void **state)
{
	const struct pair *pair = *state;

	assert_int_equal(tell_device(pair, 0x2036, SET_1("01", "01")), 0);
	assert_int_equal(tell_device(pair, 0x2039, "01 01 01 00 00 00"), 0);
	host_connect(pair->bench, pair->host, pair->device, 24, 100);
	bench_run(pair->bench, 1000);
	assert_int_equal(host_count(pair->host, LE_CONNECTED), 0);
}

static void extended_initiator_takes_blocks_of_two_phys(void **state)
{
	const struct pair *pair = *state;

	host_advertise(pair->bench, pair->device);
	assert_int_equal(tell_host(pair, 0x2043,
				   "00 00 00 01 00 00 EE FF C0 03 "
				   "10 00 10 00 18 00 18 00 00 00 64 00 00 00 00 00 "
				   "10 00 10 00 06 00 06 00 00 00 64 00 00 00 00 00"),
			 0);
	bench_run(pair->bench, 100);
	assert_int_equal(host_heard(pair->host, LE_CONNECTED, 0)->data[11], 24);
}

static void set_ends_after_its_duration(void **state)
{
	const struct pair *pair = *state;
	const struct heard *ended;

	assert_int_equal(tell_device(pair, 0x2036, SET_1("13", "01")), 0);
	assert_int_equal(tell_device(pair, 0x2039, "01 01 01 32 00 00"), 0);
	bench_run(pair->bench, 1000);
	ended = host_heard(pair->device, LE_SET_ENDED, 0);
	assert_int_equal(ended->data[0], 0x3C);
	assert_int_equal(ended->at_us, 500000);
}

static void set_ends_after_its_events(void **state)
{
	const struct pair *pair = *state;
	const struct heard *ended;

	assert_int_equal(tell_device(pair, 0x2036, SET_1("13", "01")), 0);
	assert_int_equal(tell_device(pair, 0x2039, "01 01 01 00 00 03"), 0);
	scan_extended(pair, "01 00 00 00 00 00");
	bench_run(pair->bench, 1000);
	ended = host_heard(pair->device, LE_SET_ENDED, 0);
	assert_int_equal(ended->data[0], 0x43);
	assert_int_equal(ended->data[4], 3);
	assert_int_equal(host_count(pair->host, LE_EXTENDED_REPORT_EVENT), 6);
}

static void scan_ends_after_its_duration(void **state)
{
	const struct pair *pair = *state;

	scan_extended(pair, "01 00 32 00 00 00");
	bench_run(pair->bench, 1000);
	assert_int_equal(host_heard(pair->host, LE_SCAN_ENDED, 0)->at_us, 500000);
	host_advertise(pair->bench, pair->device);
	bench_run(pair->bench, 1000);
	assert_int_equal(host_count(pair->host, LE_EXTENDED_REPORT_EVENT), 0);
}

static void several_sets_have_several_addresses(void **state)
{
	const struct pair *pair = *state;

	assert_int_equal(tell_device(pair, 0x2036, SET_1("13", "01")), 0);
	assert_int_equal(tell_device(pair, 0x2036,
				     "02 13 00 30 00 00 30 00 00 07 01 00 00 00 00 00 00 00 00 7F "
				     "01 00 01 05 00"),
			 0);
	assert_int_equal(tell_device(pair, 0x2039, "01 02 01 00 00 00 02 00 00 00"), 0x12);
	assert_int_equal(tell_device(pair, 0x2035, "02 0A 00 00 EE FF C0"), 0);
	assert_int_equal(tell_device(pair, 0x2039, "01 02 01 00 00 00 02 00 00 00"), 0);
	host_scan(pair->bench, pair->host);
	bench_run(pair->bench, 1);
	assert_int_equal(host_heard(pair->host, LE_REPORT, 0)->data[3], 0x01);
	assert_int_equal(host_heard(pair->host, LE_REPORT, 1)->data[3], 0x0A);
}

static void sets_can_be_removed_when_they_are_off(void **state)
{
	const struct pair *pair = *state;

	assert_int_equal(tell_device(pair, 0x2036, SET_1("13", "01")), 0);
	assert_int_equal(tell_device(pair, 0x2039, "01 01 01 00 00 00"), 0);
	assert_int_equal(tell_device(pair, 0x203C, "01"), 0x0C);
	assert_int_equal(tell_device(pair, 0x203D, ""), 0x0C);
	assert_int_equal(tell_device(pair, 0x2039, "00 00"), 0);
	assert_int_equal(tell_device(pair, 0x203C, "01"), 0);
	assert_int_equal(tell_device(pair, 0x203C, "01"), 0x42);
	assert_int_equal(tell_device(pair, 0x203D, ""), 0);
}

static void legacy_controller_knows_no_extended_command(void **state)
{
	const struct traits host = bench_traits("C0:FF:EE:00:00:02");
	struct traits device = bench_traits("C0:FF:EE:00:00:01");
	const struct pair *pair;

	device.extended = false;
	pair_tear_down(state);
	pair_open(state, NULL, &device, &host);
	pair = *state;
	assert_int_equal(tell_device(pair, 0x2036, SET_1("13", "01")), 0x01);
	assert_int_equal(tell_device(pair, 0x2041, "00 00 01 01 10 00 10 00"), 0x01);
	assert_int_equal(tell_device(pair, 0x2043, CONNECT), 0x01);
	assert_int_equal(tell_device(pair, 0x1002, ""), 0);
	assert_int_equal(pair->device->reply[36], 0);
	assert_int_equal(pair->device->reply[37], 0);
	assert_int_equal(tell_device(pair, 0x2003, ""), 0);
	assert_int_equal(pair->device->reply[1] & 0x10, 0);
	host_advertise(pair->bench, pair->device);
	scan_extended(pair, "01 00 00 00 00 00");
	bench_run(pair->bench, 100);
	assert_int_equal(host_heard(pair->host, LE_EXTENDED_REPORT_EVENT, 0)->data[1], 0x13);
}

static void legacy_and_extended_commands_are_not_mixed(void **state)
{
	const struct pair *pair = *state;

	scan_extended(pair, "01 00 00 00 00 00");
	assert_int_equal(tell_host(pair, 0x200C, "00 00"), 0x0C);
	assert_int_equal(tell_host(pair, 0x0C03, ""), 0);
	assert_int_equal(tell_host(pair, 0x200C, "00 00"), 0);
	assert_int_equal(tell_host(pair, 0x2042, "00 00 00 00 00 00"), 0x0C);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		PAIR_CASE(legacy_pdus_of_a_set_are_heard_as_such),
		PAIR_CASE(legacy_host_hears_legacy_pdus_alone),
		PAIR_CASE(long_data_comes_in_two_reports),
		PAIR_CASE(data_that_is_too_long_is_refused),
		PAIR_CASE(set_with_long_data_cannot_become_a_legacy_one),
		PAIR_CASE(extended_connection_ends_the_set),
		PAIR_CASE(legacy_initiator_does_not_hear_extended_pdus),
		PAIR_CASE(extended_initiator_takes_blocks_of_two_phys),
		PAIR_CASE(set_ends_after_its_duration),
		PAIR_CASE(set_ends_after_its_events),
		PAIR_CASE(scan_ends_after_its_duration),
		PAIR_CASE(several_sets_have_several_addresses),
		PAIR_CASE(sets_can_be_removed_when_they_are_off),
		PAIR_CASE(legacy_controller_knows_no_extended_command),
		PAIR_CASE(legacy_and_extended_commands_are_not_mixed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
