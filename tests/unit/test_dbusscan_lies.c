/* What comes over the bus is not trusted: wrong types, too much, too often. */
#include "adbuild.h"
#include "scan_bench.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>

/* cmocka wants the four above first. */
#include <cmocka.h>

enum { SHORT_MS = 300, LONG_MS = 20000, ENOUGH = 77, REMEMBERED = 1024, FLOOD = 20000 };

#define ADDRESS "C0:11:22:33:44:55"
#define MANAGER "org.freedesktop.DBus.ObjectManager"
#define CHANGED "org.freedesktop.DBus.Properties", "PropertiesChanged"

typedef void lie_fn(struct mock_bluez *mock, const char *path);

/* A device that tells the truth, but for what lie does to it. */
static void appear(struct mock_bluez *mock, void *user)
{
	char path[MOCK_PATH_MAX];
	lie_fn **lie = user;

	mock_bluez_add_device(mock, "hci0", ADDRESS, "random", path);
	mock_bluez_set(mock, path, MOCK_DEVICE, "RSSI", "n", -50);
	mock_bluez_set(mock, path, MOCK_DEVICE, "Name", "s", "Thermo");
	(*lie)(mock, path);
	mock_bluez_announce(mock, path);
}

static const struct otadfu_advert *see(struct bench *bench, lie_fn *lie)
{
	mock_bluez_react(bench->mock, "StartDiscovery", appear, &lie);
	bench->end_at = 1;
	bench->end_result = ENOUGH;
	assert_int_equal(bench_scan(bench, NULL, LONG_MS), ENOUGH);
	return &bench->seen[0].advert;
}

static int see_none(struct bench *bench, lie_fn *lie)
{
	mock_bluez_react(bench->mock, "StartDiscovery", appear, &lie);
	assert_int_equal(bench_scan(bench, NULL, SHORT_MS), OTADFU_OK);
	return (int)bench->seen_count;
}

static void lie_in_types(struct mock_bluez *mock, const char *path)
{
	mock_bluez_set(mock, path, MOCK_DEVICE, "UUIDs", "s", "fe59");
	mock_bluez_set(mock, path, MOCK_DEVICE, "TxPower", "a{sv}", 0);
	mock_bluez_set(mock, path, MOCK_DEVICE, "AdvertisingFlags", "u", 6);
	mock_bluez_set(mock, path, MOCK_DEVICE, "ManufacturerData", "a{qs}", 1, 1, "x");
	mock_bluez_set(mock, path, MOCK_DEVICE, "ServiceData", "a{sv}", 2, "fe59", "ay", 1, 1,
		       "0000fe59-0000-1000-8000-00805f9b34fb", "s", "no bytes");
}

static void properties_of_wrong_type_are_passed_over(void **state)
{
	const struct otadfu_advert *advert = see(*state, lie_in_types);

	assert_int_equal(advert->data_len, 8);
	assert_memory_equal(advert->data, "\x07\x09Thermo", 8);
}

static void have_loud_rssi(struct mock_bluez *mock, const char *path)
{
	mock_bluez_set(mock, path, MOCK_DEVICE, "RSSI", "s", "loud");
}

static void an_rssi_of_wrong_type_is_no_sighting(void **state)
{
	assert_int_equal(see_none(*state, have_loud_rssi), 0);
}

static void have_impossible_rssi(struct mock_bluez *mock, const char *path)
{
	mock_bluez_set(mock, path, MOCK_DEVICE, "RSSI", "n", -3000);
}

static void an_impossible_rssi_is_unknown(void **state)
{
	assert_int_equal(see(*state, have_impossible_rssi)->rssi_dbm, 127);
}

static void have_wrong_address(struct mock_bluez *mock, const char *path)
{
	mock_bluez_set(mock, path, MOCK_DEVICE, "Address", "s", "C0-11-22-33-44-55");
}

static void a_device_whose_address_is_none_is_not_reported(void **state)
{
	assert_int_equal(see_none(*state, have_wrong_address), 0);
}

static void have_odd_type(struct mock_bluez *mock, const char *path)
{
	mock_bluez_set(mock, path, MOCK_DEVICE, "AddressType", "s", "secret");
}

static void an_address_of_unknown_type_is_said_to_be_that(void **state)
{
	assert_int_equal(see(*state, have_odd_type)->addr.type, 255);
}

static void have_long_name(struct mock_bluez *mock, const char *path)
{
	char name[1000];

	memset(name, 'n', sizeof(name));
	name[sizeof(name) - 1] = '\0';
	mock_bluez_set(mock, path, MOCK_DEVICE, "Name", "s", name);
}

static void a_name_longer_than_any_is_left_out(void **state)
{
	assert_int_equal(see(*state, have_long_name)->data_len, 0);
}

static void have_many_services(struct mock_bluez *mock, const char *path)
{
	const char *const uuid = "00001530-1212-efde-1523-785feabcd123";

	mock_bluez_unset(mock, path, MOCK_DEVICE, "Name");
	mock_bluez_set(mock, path, MOCK_DEVICE, "UUIDs", "as", 18, uuid, uuid, uuid, uuid, uuid,
		       "0000fe59-0000-1000-8000-00805f9b34fb", uuid, uuid, uuid, uuid, uuid, uuid,
		       uuid, uuid, uuid, "not a uuid", uuid, uuid);
}

static void of_many_services_as_many_are_kept_as_fit(void **state)
{
	const struct otadfu_advert *advert = see(*state, have_many_services);

	assert_int_equal(advert->data_len, 4 + 2 + 15 * 16);
	assert_memory_equal(advert->data, "\x03\x02\x59\xfe\xf1\x06", 6);
}

static void have_odd_entries(struct mock_bluez *mock, const char *path)
{
	mock_bluez_set(mock, path, MOCK_DEVICE, "ManufacturerData", "a{qv}", 3, 1, "as", 0, 2, "ay",
		       1, 5, 3, "ay", 0);
}

static void entries_of_wrong_type_do_not_hide_the_others(void **state)
{
	const struct otadfu_advert *advert = see(*state, have_odd_entries);

	assert_int_equal(advert->data_len, 8 + 5 + 4);
	assert_memory_equal(advert->data + 8, "\x04\xff\x02\x00\x05\x03\xff\x03\x00", 9);
}

/* Signals whose signature is not the one of their name; then an honest one. */
static void babble(struct mock_bluez *mock, void *user)
{
	char path[MOCK_PATH_MAX];

	(void)user;
	mock_bluez_add_device(mock, "hci0", ADDRESS, "random", path);
	mock_bluez_emit(mock, "/", MANAGER, "InterfacesAdded", "s", "nonsense");
	mock_bluez_emit(mock, "/", MANAGER, "InterfacesAdded", "oas", path, 1, MOCK_DEVICE);
	mock_bluez_emit(mock, "/", MANAGER, "InterfacesRemoved", "o", path);
	mock_bluez_emit(mock, "/", MANAGER, "InterfacesRemoved", "oa{sv}", path, 0);
	mock_bluez_emit(mock, path, CHANGED, "s", MOCK_DEVICE);
	mock_bluez_emit(mock, path, CHANGED, "sas", MOCK_DEVICE, 1, "RSSI");
	mock_bluez_emit(mock, path, CHANGED, "sa{sv}", MOCK_DEVICE, 1, "RSSI", "n", -1);
	mock_bluez_emit(mock, path, CHANGED, "sa{sv}s", MOCK_DEVICE, 1, "RSSI", "n", -1, "RSSI");
	mock_bluez_emit(mock, "/org/bluez/hci0", CHANGED, "sa{sv}", MOCK_ADAPTER, 1, "Powered", "s",
			"off");
	mock_bluez_emit(mock, path, CHANGED, "sa{sv}as", MOCK_DEVICE, 1, "RSSI", "n", -42, 0);
}

static void messages_of_wrong_signature_are_passed_over(void **state)
{
	struct bench *bench = *state;
	char path[MOCK_PATH_MAX];

	mock_bluez_add_device(bench->mock, "hci0", ADDRESS, "random", path);
	mock_bluez_react(bench->mock, "StartDiscovery", babble, NULL);
	bench->end_at = 1;
	bench->end_result = ENOUGH;
	assert_int_equal(bench_scan(bench, NULL, LONG_MS), ENOUGH);
	assert_int_equal(bench->seen[0].advert.rssi_dbm, -42);
}

static void have_odd_paths(struct mock_bluez *mock, void *user)
{
	static const char *const paths[] = {
		"/org/bluez/hci0", "/org/bluez/hci01/dev_1", "/",
		"/org/bluez/hci0/dev_00000000000000000000000000000000000000000000000000000000000"
	};

	(void)user;
	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++)
		mock_bluez_emit(mock, "/", MANAGER, "InterfacesAdded", "oa{sa{sv}}", paths[i], 1,
				MOCK_DEVICE, 2, "Address", "s", ADDRESS, "RSSI", "n", -1);
}

static void devices_at_odd_paths_are_passed_over(void **state)
{
	struct bench *bench = *state;

	mock_bluez_react(bench->mock, "StartDiscovery", have_odd_paths, NULL);
	assert_int_equal(bench_scan(bench, NULL, SHORT_MS), OTADFU_OK);
	assert_int_equal(bench->seen_count, 0);
}

static int answer_nonsense(struct mock_bluez *mock, sd_bus_message *call, void *user)
{
	(void)mock;
	return sd_bus_reply_method_return(call, "s", user);
}

static void a_list_of_devices_that_is_none_fails(void **state)
{
	struct bench *bench = *state;
	char nonsense[] = "nothing here";

	mock_bluez_add_method(bench->mock, MANAGER, "GetManagedObjects", "", answer_nonsense,
			      nonsense);
	assert_int_equal(bench_scan(bench, NULL, LONG_MS), OTADFU_E_IO);
	assert_non_null(strstr(bench->text, "cannot be read"));
}

static void appear_as(struct mock_bluez *mock, unsigned number, char path[MOCK_PATH_MAX])
{
	char address[18];

	snprintf(address, sizeof(address), "C0:00:00:00:%02X:%02X", number / 256, number % 256);
	mock_bluez_add_device(mock, "hci0", address, "random", path);
	mock_bluez_set(mock, path, MOCK_DEVICE, "RSSI", "n", -50);
	mock_bluez_announce(mock, path);
}

/* More than are remembered. The first is heard again before one must be forgotten. */
static void crowd(struct mock_bluez *mock, void *user)
{
	char first[MOCK_PATH_MAX];
	char path[MOCK_PATH_MAX];

	(void)user;
	appear_as(mock, 0, first);
	appear_as(mock, 1, path);
	mock_bluez_changed(mock, first, MOCK_DEVICE, "RSSI");
	for (unsigned i = 2; i <= REMEMBERED; i++)
		appear_as(mock, i, path);
	mock_bluez_changed(mock, first, MOCK_DEVICE, "RSSI");
}

static void of_a_crowd_the_one_heard_the_longest_ago_is_forgotten(void **state)
{
	struct bench *bench = *state;

#ifdef __SANITIZE_THREAD__
	print_message("a thousand devices in time are too many for ThreadSanitizer\n");
	skip();
#endif
	mock_bluez_react(bench->mock, "StartDiscovery", crowd, NULL);
	bench->end_at = REMEMBERED + 3;
	bench->end_result = ENOUGH;
	/* No round ends meanwhile: what is heard between two is not told. */
	bench->stands_ms = bench_now_ms(bench);
	assert_int_equal(bench_scan(bench, NULL, LONG_MS), ENOUGH);
	assert_memory_equal(bench->seen[REMEMBERED + 2].advert.addr.bytes,
			    "\xc0\x00\x00\x00\x00\x00", 6);
}

static void flood(struct mock_bluez *mock, void *user)
{
	char path[MOCK_PATH_MAX];

	(void)user;
	mock_bluez_add_device(mock, "hci0", ADDRESS, "random", path);
	mock_bluez_set(mock, path, MOCK_DEVICE, "RSSI", "n", -50);
	for (size_t i = 0; i < FLOOD; i++)
		mock_bluez_changed(mock, path, MOCK_DEVICE, "RSSI");
}

static void a_flood_does_not_hide_the_deadline(void **state)
{
	struct bench *bench = *state;
	char path[MOCK_PATH_MAX];
	uint64_t begin_ms;

	mock_bluez_add_device(bench->mock, "hci0", ADDRESS, "random", path);
	mock_bluez_react(bench->mock, "StartDiscovery", flood, NULL);
	/* The deadline is over with the first sighting, and most of the flood still to come. */
	bench->skip_ms = LONG_MS;
	begin_ms = bench_now_ms(bench);
	assert_int_equal(bench_scan(bench, NULL, LONG_MS), OTADFU_OK);
	assert_int_equal(bench->seen_count, 1);
	/* That it sends the flood takes the bluetoothd seconds. */
	assert_in_range(bench_now_ms(bench) - begin_ms, LONG_MS, 2 * LONG_MS);
}

/* Cancelled before it began: at most what came with the answers is handed out. */
static void a_flood_does_not_hide_a_cancellation(void **state)
{
	struct bench *bench = *state;
	char path[MOCK_PATH_MAX];

	mock_bluez_add_device(bench->mock, "hci0", ADDRESS, "random", path);
	mock_bluez_react(bench->mock, "SetDiscoveryFilter", flood, NULL);
	assert_int_equal(eventfd_write(bench->cancel_fd, 1), 0);
	assert_int_equal(bench_scan(bench, NULL, LONG_MS), OTADFU_E_CANCELLED);
	assert_in_range(bench->seen_count, 0, 1);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
#define with_bench(test) cmocka_unit_test_setup_teardown(test, bench_setup, bench_teardown)
		with_bench(properties_of_wrong_type_are_passed_over),
		with_bench(an_rssi_of_wrong_type_is_no_sighting),
		with_bench(an_impossible_rssi_is_unknown),
		with_bench(a_device_whose_address_is_none_is_not_reported),
		with_bench(an_address_of_unknown_type_is_said_to_be_that),
		with_bench(a_name_longer_than_any_is_left_out),
		with_bench(of_many_services_as_many_are_kept_as_fit),
		with_bench(entries_of_wrong_type_do_not_hide_the_others),
		with_bench(messages_of_wrong_signature_are_passed_over),
		with_bench(devices_at_odd_paths_are_passed_over),
		with_bench(a_list_of_devices_that_is_none_fails),
		with_bench(of_a_crowd_the_one_heard_the_longest_ago_is_forgotten),
		with_bench(a_flood_does_not_hide_the_deadline),
		with_bench(a_flood_does_not_hide_a_cancellation),
	};

	if (!private_bus_is_possible()) {
		printf("skipped: dbus-daemon is not installed\n");
		return 77;
	}
	return cmocka_run_group_tests_name("dbusscan_lies", tests, NULL, NULL);
}
