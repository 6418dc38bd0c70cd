/* What a scan through bluetoothd reports, and when it ends. */
#include "dbusscan.h"

#include "scan_bench.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

/* cmocka wants the four above first. */
#include <cmocka.h>

/* LONG_MS is for what is to happen, however slow the machine; LASTS_MS for a whole scan of one
 * round.
 */
enum { SHORT_MS = 300, LASTS_MS = 1500, LONG_MS = 20000, ROUND_MS = 5000, ENOUGH = 77 };

#define ADDRESS "C0:11:22:33:44:55"

static void make_device(struct mock_bluez *mock, char path[MOCK_PATH_MAX])
{
	mock_bluez_add_device(mock, "hci0", ADDRESS, "random", path);
	mock_bluez_set(mock, path, MOCK_DEVICE, "Name", "s", "Thermo");
	mock_bluez_set(mock, path, MOCK_DEVICE, "Alias", "s", "My thermometer");
	mock_bluez_set(mock, path, MOCK_DEVICE, "UUIDs", "as", 1,
		       "0000fe59-0000-1000-8000-00805f9b34fb");
}

static void hear(struct mock_bluez *mock, const char *path, int rssi_dbm)
{
	mock_bluez_set(mock, path, MOCK_DEVICE, "RSSI", "n", rssi_dbm);
	mock_bluez_changed(mock, path, MOCK_DEVICE, "RSSI");
}

static void appear(struct mock_bluez *mock, void *user)
{
	char path[MOCK_PATH_MAX];

	(void)user;
	make_device(mock, path);
	mock_bluez_set(mock, path, MOCK_DEVICE, "RSSI", "n", -50);
	mock_bluez_announce(mock, path);
}

/* Known since before the scan, and heard thrice. */
static void be_heard_thrice(struct mock_bluez *mock, void *user)
{
	char path[MOCK_PATH_MAX];

	(void)user;
	make_device(mock, path);
	hear(mock, path, -50);
	hear(mock, path, -50);
	hear(mock, path, -60);
}

static int end_at(struct bench *bench, size_t count)
{
	bench->end_at = count;
	bench->end_result = ENOUGH;
	return bench_scan(bench, NULL, LONG_MS);
}

static int end_at_first(struct bench *bench)
{
	return end_at(bench, 1);
}

static void a_new_device_is_reported_as_it_advertises(void **state)
{
	static const uint8_t data[] = { 0x07, 0x09, 'T',  'h',  'e',  'r',
					'm',  'o',  0x03, 0x02, 0x59, 0xfe };
	struct bench *bench = *state;
	const struct otadfu_advert *advert = &bench->seen[0].advert;

	mock_bluez_react(bench->mock, "StartDiscovery", appear, NULL);
	assert_int_equal(end_at_first(bench), ENOUGH);
	assert_int_equal(advert->size, sizeof(*advert));
	assert_int_equal(advert->flags, OTADFU_ADV_CONNECTABLE);
	assert_memory_equal(advert->addr.bytes, "\xc0\x11\x22\x33\x44\x55", 6);
	assert_int_equal(advert->addr.type, 1);
	assert_int_equal(advert->rssi_dbm, -50);
	assert_int_equal(advert->data_len, sizeof(data));
	assert_memory_equal(advert->data, data, sizeof(data));
}

static void appear_with_everything(struct mock_bluez *mock, void *user)
{
	char path[MOCK_PATH_MAX];

	(void)user;
	mock_bluez_add_device(mock, "hci0", ADDRESS, "public", path);
	mock_bluez_set(mock, path, MOCK_DEVICE, "RSSI", "n", 127);
	mock_bluez_set(mock, path, MOCK_DEVICE, "TxPower", "n", 4);
	mock_bluez_set(mock, path, MOCK_DEVICE, "AdvertisingFlags", "ay", 1, 0x06);
	mock_bluez_set(mock, path, MOCK_DEVICE, "ManufacturerData", "a{qv}", 1, 0x0059, "ay", 2, 1,
		       2);
	mock_bluez_set(mock, path, MOCK_DEVICE, "ServiceData", "a{sv}", 1,
		       "0000fe59-0000-1000-8000-00805f9b34fb", "ay", 1, 9);
	mock_bluez_announce(mock, path);
}

static void all_that_bluetoothd_tells_is_in_the_data(void **state)
{
	static const uint8_t data[] = { 0x02, 0x01, 0x06, 0x02, 0x0a, 0x04, 0x05, 0xff, 0x59,
					0x00, 1,    2,    0x04, 0x16, 0x59, 0xfe, 9 };
	struct bench *bench = *state;
	const struct otadfu_advert *advert = &bench->seen[0].advert;

	mock_bluez_react(bench->mock, "StartDiscovery", appear_with_everything, NULL);
	assert_int_equal(end_at_first(bench), ENOUGH);
	assert_int_equal(advert->addr.type, 0);
	assert_int_equal(advert->rssi_dbm, 127);
	assert_int_equal(advert->data_len, sizeof(data));
	assert_memory_equal(advert->data, data, sizeof(data));
}

static void appear_silently(struct mock_bluez *mock, void *user)
{
	char path[MOCK_PATH_MAX];

	(void)user;
	mock_bluez_add_device(mock, "hci0", ADDRESS, "public", path);
	mock_bluez_set(mock, path, MOCK_DEVICE, "RSSI", "n", -1);
	mock_bluez_announce(mock, path);
}

static void a_device_that_says_nothing_has_no_data(void **state)
{
	struct bench *bench = *state;

	mock_bluez_react(bench->mock, "StartDiscovery", appear_silently, NULL);
	assert_int_equal(end_at_first(bench), ENOUGH);
	assert_int_equal(bench->seen[0].advert.data_len, 0);
}

static void each_time_a_device_is_heard_is_a_sighting(void **state)
{
	struct bench *bench = *state;
	char path[MOCK_PATH_MAX];

	make_device(bench->mock, path);
	mock_bluez_react(bench->mock, "StartDiscovery", be_heard_thrice, NULL);
	assert_int_equal(end_at(bench, 3), ENOUGH);
	assert_int_equal(bench->seen[1].advert.rssi_dbm, -50);
	assert_int_equal(bench->seen[2].advert.rssi_dbm, -60);
}

static void a_known_device_is_reported_with_what_is_known(void **state)
{
	struct bench *bench = *state;
	char path[MOCK_PATH_MAX];

	make_device(bench->mock, path);
	mock_bluez_react(bench->mock, "StartDiscovery", be_heard_thrice, NULL);
	assert_int_equal(end_at_first(bench), ENOUGH);
	assert_memory_equal(bench->seen[0].data, "\x07\x09Thermo", 8);
}

static void a_device_only_known_is_not_reported(void **state)
{
	struct bench *bench = *state;
	char path[MOCK_PATH_MAX];

	make_device(bench->mock, path);
	mock_bluez_set(bench->mock, path, MOCK_DEVICE, "RSSI", "n", -50);
	assert_int_equal(bench_scan(bench, NULL, SHORT_MS), OTADFU_OK);
	assert_int_equal(bench->seen_count, 0);
}

/* Heard before and after it. */
static void connect_elsewhere(struct mock_bluez *mock, void *user)
{
	char path[MOCK_PATH_MAX];
	char other[MOCK_PATH_MAX];

	(void)user;
	make_device(mock, path);
	hear(mock, path, -50);
	mock_bluez_set(mock, path, MOCK_DEVICE, "Connected", "b", 1);
	mock_bluez_changed(mock, path, MOCK_DEVICE, "Connected UUIDs");
	mock_bluez_add_device(mock, "hci0", "00:00:00:00:00:01", "public", other);
	mock_bluez_announce(mock, other);
	hear(mock, path, -60);
}

static void what_changes_without_advertising_is_no_sighting(void **state)
{
	struct bench *bench = *state;
	char path[MOCK_PATH_MAX];

	make_device(bench->mock, path);
	mock_bluez_react(bench->mock, "StartDiscovery", connect_elsewhere, NULL);
	assert_int_equal(end_at(bench, 2), ENOUGH);
	assert_int_equal(bench->seen[0].advert.rssi_dbm, -50);
	assert_int_equal(bench->seen[1].advert.rssi_dbm, -60);
}

static void rename_it(struct mock_bluez *mock, void *user)
{
	char path[MOCK_PATH_MAX];

	(void)user;
	make_device(mock, path);
	mock_bluez_set(mock, path, MOCK_DEVICE, "Name", "s", "DfuTarg");
	mock_bluez_set(mock, path, MOCK_DEVICE, "RSSI", "n", -40);
	mock_bluez_unset(mock, path, MOCK_DEVICE, "UUIDs");
	mock_bluez_changed(mock, path, MOCK_DEVICE, "RSSI Name UUIDs");
}

static void what_changed_and_what_is_no_longer_known_replace_what_was(void **state)
{
	struct bench *bench = *state;
	char path[MOCK_PATH_MAX];

	make_device(bench->mock, path);
	mock_bluez_react(bench->mock, "StartDiscovery", rename_it, NULL);
	assert_int_equal(end_at_first(bench), ENOUGH);
	assert_int_equal(bench->seen[0].advert.data_len, 9);
	assert_memory_equal(bench->seen[0].data,
			    "\x08\x09"
			    "DfuTarg",
			    9);
}

/* bluetoothd has forgotten it, and knows nothing of its name when it comes back. */
static void go_and_come_back(struct mock_bluez *mock, void *user)
{
	char path[MOCK_PATH_MAX];

	(void)user;
	make_device(mock, path);
	mock_bluez_remove(mock, path);
	mock_bluez_emit(mock, path, "org.freedesktop.DBus.Properties", "PropertiesChanged",
			"sa{sv}as", MOCK_DEVICE, 1, "RSSI", "n", -1, 0);
	appear_silently(mock, NULL);
}

static void a_device_that_was_removed_begins_anew(void **state)
{
	struct bench *bench = *state;
	char path[MOCK_PATH_MAX];

	make_device(bench->mock, path);
	mock_bluez_react(bench->mock, "StartDiscovery", go_and_come_back, NULL);
	assert_int_equal(end_at_first(bench), ENOUGH);
	assert_int_equal(bench->seen[0].advert.data_len, 0);
}

static void appear_elsewhere(struct mock_bluez *mock, void *user)
{
	char path[MOCK_PATH_MAX];

	(void)user;
	mock_bluez_add_device(mock, "hci10", ADDRESS, "public", path);
	mock_bluez_set(mock, path, MOCK_DEVICE, "RSSI", "n", -1);
	mock_bluez_announce(mock, path);
	hear(mock, path, -2);
}

static void devices_of_other_adapters_are_not_reported(void **state)
{
	struct bench *bench = *state;

	mock_bluez_add_adapter(bench->mock, "hci1", true);
	mock_bluez_add_adapter(bench->mock, "hci10", true);
	mock_bluez_react(bench->mock, "StartDiscovery", appear_elsewhere, NULL);
	assert_int_equal(bench_scan(bench, "hci1", SHORT_MS), OTADFU_OK);
	assert_int_equal(bench->seen_count, 0);
}

static void appear_at_hci2(struct mock_bluez *mock, void *user)
{
	char path[MOCK_PATH_MAX];

	(void)user;
	mock_bluez_add_device(mock, "hci2", ADDRESS, "public", path);
	hear(mock, path, -2);
	mock_bluez_announce(mock, path);
}

static void the_first_adapter_that_is_on_is_taken(void **state)
{
	struct bench *bench = *state;

	mock_bluez_set(bench->mock, "/org/bluez/hci0", MOCK_ADAPTER, "Powered", "b", 0);
	mock_bluez_add_adapter(bench->mock, "hci10", true);
	mock_bluez_add_adapter(bench->mock, "hci2", true);
	mock_bluez_react(bench->mock, "StartDiscovery", appear_at_hci2, NULL);
	assert_int_equal(end_at_first(bench), ENOUGH);
}

static void low_energy_and_every_repetition_are_asked_for(void **state)
{
	struct bench *bench = *state;

	mock_bluez_react(bench->mock, "StartDiscovery", appear, NULL);
	assert_int_equal(end_at_first(bench), ENOUGH);
	assert_string_equal(bench->discovery.transport, "le");
	assert_true(bench->discovery.duplicate_data);
}

static void it_lasts_until_its_deadline_and_stops_then(void **state)
{
	struct bench *bench = *state;
	uint64_t begin_ms = bench_now_ms(bench);

	assert_int_equal(bench_scan(bench, NULL, LASTS_MS), OTADFU_OK);
	assert_in_range(bench_now_ms(bench) - begin_ms, LASTS_MS, ROUND_MS - 1);
	/* None at all where a busy machine was not ready in time. */
	assert_int_equal(mock_bluez_calls(bench->mock, "StopDiscovery"),
			 mock_bluez_calls(bench->mock, "StartDiscovery"));
	assert_int_equal(mock_discovery_count(&bench->discovery), 0);
}

/* Instead of an answer, the deadline: the host's clock stands at it, and who waits is woken up. */
static int let_the_deadline_come(struct mock_bluez *mock, sd_bus_message *call, void *user)
{
	struct bench *bench = user;

	(void)call;
	bench->skipped_ms += SHORT_MS;
	mock_bluez_emit(mock, "/", "org.freedesktop.DBus.ObjectManager", "InterfacesAdded",
			"oa{sa{sv}}", "/nothing", 0);
	return 0;
}

static void a_discovery_that_was_not_confirmed_in_time_is_ended_too(void **state)
{
	struct bench *bench = *state;

	mock_bluez_add_method(bench->mock, MOCK_ADAPTER, "StartDiscovery", "",
			      let_the_deadline_come, bench);
	bench->stands_ms = bench_now_ms(bench);
	assert_int_equal(bench_scan(bench, NULL, SHORT_MS), OTADFU_OK);
	assert_int_equal(mock_bluez_calls(bench->mock, "StopDiscovery"), 1);
}

static void what_the_listener_returns_ends_it_and_is_returned(void **state)
{
	struct bench *bench = *state;
	char path[MOCK_PATH_MAX];

	make_device(bench->mock, path);
	mock_bluez_react(bench->mock, "StartDiscovery", be_heard_thrice, NULL);
	bench->end_at = 2;
	bench->end_result = OTADFU_E_TIMEOUT;
	assert_int_equal(bench_scan(bench, NULL, LONG_MS), OTADFU_E_TIMEOUT);
	assert_int_equal(bench->seen_count, 2);
	assert_int_equal(mock_discovery_count(&bench->discovery), 0);
}

/* The radio must be free again for a connection, also when the task has been cancelled meanwhile.
 */
static void the_end_of_the_discovery_is_waited_for(void **state)
{
	struct bench *bench = *state;
	uint64_t begin_ms = bench_now_ms(bench);

	mock_bluez_set_fault(bench->mock, "StopDiscovery",
			     &(struct mock_bluez_fault){ .delay_ms = 150 });
	mock_bluez_react(bench->mock, "StartDiscovery", appear, NULL);
	bench->cancels = true;
	assert_int_equal(end_at_first(bench), ENOUGH);
	assert_true(bench_now_ms(bench) - begin_ms >= 150);
}

static int appear_without_an_answer(struct mock_bluez *mock, sd_bus_message *call, void *user)
{
	(void)call;
	appear(mock, user);
	return 0;
}

static void a_sighting_before_the_answer_to_the_start_counts(void **state)
{
	struct bench *bench = *state;

	mock_bluez_add_method(bench->mock, MOCK_ADAPTER, "StartDiscovery", "",
			      appear_without_an_answer, NULL);
	assert_int_equal(end_at_first(bench), ENOUGH);
	assert_int_equal(bench->code, 0); /* nor was the answer waited for */
}

static void another_programs_discovery_goes_on(void **state)
{
	struct bench *bench = *state;

	strcpy(bench->discovery.clients[0], ":1.another");
	assert_int_equal(bench_scan(bench, NULL, SHORT_MS), OTADFU_OK);
	assert_string_equal(bench->discovery.clients[0], ":1.another");
	assert_int_equal(mock_discovery_count(&bench->discovery), 1);
}

/* The clock jumps to the end of the first round. */
static void discovery_is_begun_anew_every_five_seconds(void **state)
{
	struct bench *bench = *state;
	char path[MOCK_PATH_MAX];

	make_device(bench->mock, path);
	mock_bluez_react(bench->mock, "StartDiscovery", be_heard_thrice, NULL);
	bench->skip_ms = ROUND_MS;
	bench->end_at = 2;
	bench->end_result = ENOUGH;
	assert_int_equal(bench_scan(bench, NULL, LONG_MS), ENOUGH);
	assert_int_equal(mock_bluez_calls(bench->mock, "StartDiscovery"), 2);
	assert_int_equal(mock_bluez_calls(bench->mock, "StopDiscovery"), 2);
}

static void a_deadline_that_has_passed_is_no_failure(void **state)
{
	struct bench *bench = *state;

	assert_int_equal(bench_scan(bench, NULL, 0), OTADFU_OK);
	assert_int_equal(mock_bluez_calls(bench->mock, "StartDiscovery"), 0);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
#define with_bench(test) cmocka_unit_test_setup_teardown(test, bench_setup, bench_teardown)
		with_bench(a_new_device_is_reported_as_it_advertises),
		with_bench(all_that_bluetoothd_tells_is_in_the_data),
		with_bench(a_device_that_says_nothing_has_no_data),
		with_bench(each_time_a_device_is_heard_is_a_sighting),
		with_bench(a_known_device_is_reported_with_what_is_known),
		with_bench(a_device_only_known_is_not_reported),
		with_bench(what_changes_without_advertising_is_no_sighting),
		with_bench(what_changed_and_what_is_no_longer_known_replace_what_was),
		with_bench(a_device_that_was_removed_begins_anew),
		with_bench(devices_of_other_adapters_are_not_reported),
		with_bench(the_first_adapter_that_is_on_is_taken),
		with_bench(low_energy_and_every_repetition_are_asked_for),
		with_bench(it_lasts_until_its_deadline_and_stops_then),
		with_bench(a_discovery_that_was_not_confirmed_in_time_is_ended_too),
		with_bench(what_the_listener_returns_ends_it_and_is_returned),
		with_bench(the_end_of_the_discovery_is_waited_for),
		with_bench(a_sighting_before_the_answer_to_the_start_counts),
		with_bench(another_programs_discovery_goes_on),
		with_bench(discovery_is_begun_anew_every_five_seconds),
		with_bench(a_deadline_that_has_passed_is_no_failure),
	};

	if (!private_bus_is_possible()) {
		printf("skipped: dbus-daemon is not installed\n");
		return 77;
	}
	return cmocka_run_group_tests_name("dbusscan", tests, NULL, NULL);
}
