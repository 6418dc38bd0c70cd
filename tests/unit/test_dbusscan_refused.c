/* What a scan through bluetoothd says when there is none, or it cannot. */
#include "dbusscan.h"

#include "scan_bench.h"
#include "scratch.h"

#include <dirent.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

/* cmocka wants the four above first. */
#include <cmocka.h>

enum { LONG_MS = 20000 };

/* The result, and what was said with it. */
static void expect_failure(struct bench *bench, int r, int code, const char *words)
{
	assert_int_equal(r, code);
	assert_int_equal(bench->code, code);
	if (!strstr(bench->text, words))
		fail_msg("'%s' is not in '%s'", words, bench->text);
}

static int never(void *user, const struct otadfu_advert *advert)
{
	(void)user;
	(void)advert;
	return 0;
}

static void appear(struct mock_bluez *mock, void *user)
{
	char path[MOCK_PATH_MAX];

	(void)user;
	mock_bluez_add_device(mock, "hci0", "C0:11:22:33:44:55", "random", path);
	mock_bluez_set(mock, path, MOCK_DEVICE, "RSSI", "n", -50);
	mock_bluez_announce(mock, path);
}

/* A whole scan: with the first sighting its deadline has come. */
static int scan_to_the_end(struct bench *bench)
{
	mock_bluez_react(bench->mock, "StartDiscovery", appear, NULL);
	bench->skip_ms = LONG_MS;
	return bench_scan(bench, NULL, LONG_MS);
}

static int enough(void *user, const struct otadfu_advert *advert)
{
	(void)user;
	(void)advert;
	return 1;
}

static int scan_alone(struct bench *bench)
{
	return dbusscan_run(&bench->ctx, NULL, never, NULL, bench_now_ms(bench) + LONG_MS);
}

static void without_a_system_bus_it_is_unsupported(void **state)
{
	struct bench *bench = *state;

	setenv("DBUS_SYSTEM_BUS_ADDRESS", "unix:path=/nowhere/bus", 1);
	expect_failure(bench, scan_alone(bench), OTADFU_E_UNSUPPORTED, "no D-Bus system bus");
}

static void without_bluetoothd_it_is_unsupported(void **state)
{
	struct bench *bench = *state;

	mock_bluez_free(bench->mock);
	bench->mock = NULL;
	expect_failure(bench, scan_alone(bench), OTADFU_E_UNSUPPORTED, "systemctl start bluetooth");
}

static void bluetoothd_is_not_started_by_activation(void **state)
{
	static const char service[] = "[D-BUS Service]\nName=org.bluez\nExec=/bin/touch ";
	struct bench *bench = *state;
	void *folder = bench->folder;
	char path[SCRATCH_PATH_MAX];
	char text[SCRATCH_PATH_MAX * 2];

	snprintf(text, sizeof(text), "%s%s/started\n", service, bench->folder);
	scratch_write(&folder, "org.bluez.service", text, strlen(text), path);
	bench_renew_bus(bench, "");
	mock_bluez_free(bench->mock);
	bench->mock = NULL;
	expect_failure(bench, scan_alone(bench), OTADFU_E_UNSUPPORTED, "not started unasked");
	scratch_path(&folder, "started", path);
	assert_int_equal(access(path, F_OK), -1);
}

static void an_unknown_adapter_is_not_found_and_the_others_are_named(void **state)
{
	struct bench *bench = *state;

	mock_bluez_add_adapter(bench->mock, "hci1", true);
	expect_failure(bench, bench_scan(bench, "hci7", LONG_MS), OTADFU_E_NOT_FOUND,
		       "no adapter 'hci7'; it has hci0, hci1");
}

static void without_an_adapter_it_is_not_found(void **state)
{
	struct bench *bench = *state;

	mock_bluez_remove(bench->mock, "/org/bluez/hci0");
	expect_failure(bench, bench_scan(bench, NULL, LONG_MS), OTADFU_E_NOT_FOUND,
		       "no Bluetooth adapter");
}

static void an_adapter_switched_off_is_named_with_the_remedy(void **state)
{
	struct bench *bench = *state;

	mock_bluez_set(bench->mock, "/org/bluez/hci0", MOCK_ADAPTER, "Powered", "b", 0);
	expect_failure(bench, bench_scan(bench, NULL, LONG_MS), OTADFU_E_NOT_FOUND,
		       "hci0 is switched off; `bluetoothctl power on`, and before that `rfkill");
}

static void a_policy_that_forbids_it_is_a_missing_permission(void **state)
{
	struct bench *bench = *state;

	bench_renew_bus(bench, "<deny send_destination=\"org.bluez\" send_type=\"method_call\"/>");
	expect_failure(bench, bench_scan(bench, NULL, LONG_MS), OTADFU_E_PERMISSION,
		       "group 'bluetooth'");
	assert_int_equal(mock_bluez_calls(bench->mock, "GetManagedObjects"), 0);
}

static void expect_refusal(void **state, const char *member, const char *error, int code,
			   const char *words)
{
	struct bench *bench = *state;

	mock_bluez_set_fault(bench->mock, member, &(struct mock_bluez_fault){ .error = error });
	expect_failure(bench, bench_scan(bench, NULL, LONG_MS), code, words);
	assert_non_null(strstr(bench->text, member));
}

static void a_discovery_under_way_is_busy(void **state)
{
	expect_refusal(state, "StartDiscovery", MOCK_ERROR("InProgress"), OTADFU_E_BUSY,
		       "occupied");
}

static void an_adapter_not_ready_is_to_be_switched_on(void **state)
{
	expect_refusal(state, "StartDiscovery", MOCK_ERROR("NotReady"), OTADFU_E_NOT_FOUND,
		       "bluetoothctl power on");
}

static void an_adapter_without_le_is_unsupported(void **state)
{
	expect_refusal(state, "SetDiscoveryFilter", MOCK_ERROR("NotSupported"),
		       OTADFU_E_UNSUPPORTED, "LE");
}

static void a_daemon_without_filters_is_too_old(void **state)
{
	expect_refusal(state, "SetDiscoveryFilter", SD_BUS_ERROR_UNKNOWN_METHOD,
		       OTADFU_E_UNSUPPORTED, "too old");
}

static void any_other_refusal_says_what_bluetoothd_said(void **state)
{
	expect_refusal(state, "StartDiscovery", MOCK_ERROR("Failed"), OTADFU_E_IO,
		       "StartDiscovery says no");
}

static void die(struct mock_bluez *mock, void *user)
{
	(void)user;
	mock_bluez_die(mock);
}

static void expect_death(struct bench *bench)
{
	uint64_t begin_ms = bench_now_ms(bench);

	expect_failure(bench, bench_scan(bench, NULL, LONG_MS), OTADFU_E_IO,
		       "bluetoothd has ended");
	assert_true(bench_now_ms(bench) - begin_ms < LONG_MS / 2);
}

static void a_daemon_that_dies_in_the_middle_is_noticed(void **state)
{
	struct bench *bench = *state;

	mock_bluez_react(bench->mock, "StartDiscovery", die, NULL);
	expect_death(bench);
}

static int die_asked(struct mock_bluez *mock, sd_bus_message *call, void *user)
{
	(void)call;
	die(mock, user);
	return 0;
}

static void a_daemon_that_dies_instead_of_answering_is_noticed(void **state)
{
	struct bench *bench = *state;

	mock_bluez_add_method(bench->mock, "org.freedesktop.DBus.ObjectManager",
			      "GetManagedObjects", "", die_asked, NULL);
	expect_death(bench);
}

static void a_late_answer_is_waited_for(void **state)
{
	struct bench *bench = *state;

	mock_bluez_set_fault(bench->mock, "StartDiscovery",
			     &(struct mock_bluez_fault){ .delay_ms = 500 });
	assert_int_equal(scan_to_the_end(bench), OTADFU_OK);
	assert_int_equal(mock_bluez_calls(bench->mock, "StopDiscovery"), 1);
}

/* Instead of an answer: the host's clock passes what is waited for one, and it is woken up. */
static int let_time_pass(struct mock_bluez *mock, sd_bus_message *call, void *user)
{
	struct bench *bench = user;

	(void)call;
	bench->skipped_ms += 3000;
	mock_bluez_emit(mock, "/", "org.freedesktop.DBus.ObjectManager", "InterfacesAdded",
			"oa{sa{sv}}", "/nothing", 0);
	return 0;
}

static void no_answer_is_a_failure_of_the_daemon(void **state)
{
	struct bench *bench = *state;

	mock_bluez_add_method(bench->mock, MOCK_ADAPTER, "SetDiscoveryFilter", "a{sv}",
			      let_time_pass, bench);
	expect_failure(bench, bench_scan(bench, NULL, LONG_MS), OTADFU_E_IO,
		       "SetDiscoveryFilter was not answered");
	assert_int_equal(bench->detail, ETIMEDOUT);
}

static void no_answer_to_the_stop_holds_nobody_up(void **state)
{
	struct bench *bench = *state;
	uint64_t begin_ms = bench_now_ms(bench);

	mock_bluez_set_fault(bench->mock, "StopDiscovery",
			     &(struct mock_bluez_fault){ .delay_ms = MOCK_SILENT });
	assert_int_equal(scan_to_the_end(bench), OTADFU_OK);
	assert_int_equal(mock_bluez_calls(bench->mock, "StopDiscovery"), 1);
	assert_true(bench_now_ms(bench) - begin_ms < LONG_MS + LONG_MS / 2);
	assert_int_equal(bench->code, 0);
}

static void a_stop_that_is_refused_is_no_failure(void **state)
{
	struct bench *bench = *state;

	mock_bluez_set_fault(bench->mock, "StopDiscovery",
			     &(struct mock_bluez_fault){ .error = MOCK_ERROR("Failed") });
	assert_int_equal(scan_to_the_end(bench), OTADFU_OK);
	assert_int_equal(mock_bluez_calls(bench->mock, "StopDiscovery"), 1);
	assert_int_equal(bench->code, 0);
}

static void switch_off(struct mock_bluez *mock, void *user)
{
	(void)user;
	mock_bluez_set(mock, "/org/bluez/hci0", MOCK_ADAPTER, "Powered", "b", 0);
	mock_bluez_changed(mock, "/org/bluez/hci0", MOCK_ADAPTER, "Powered");
}

static void an_adapter_that_is_switched_off_meanwhile_ends_it(void **state)
{
	struct bench *bench = *state;

	mock_bluez_react(bench->mock, "StartDiscovery", switch_off, NULL);
	expect_failure(bench, bench_scan(bench, NULL, LONG_MS), OTADFU_E_NOT_FOUND,
		       "hci0 is switched off");
}

static void unplug(struct mock_bluez *mock, void *user)
{
	(void)user;
	mock_bluez_remove(mock, "/org/bluez/hci0");
}

static void an_adapter_that_is_unplugged_ends_it(void **state)
{
	struct bench *bench = *state;

	mock_bluez_react(bench->mock, "StartDiscovery", unplug, NULL);
	expect_failure(bench, bench_scan(bench, NULL, LONG_MS), OTADFU_E_IO, "unplugged");
}

static void cancel(struct mock_bluez *mock, void *user)
{
	struct bench *bench = user;

	(void)mock;
	assert_int_equal(eventfd_write(bench->cancel_fd, 1), 0);
}

static void expect_cancelled(struct bench *bench)
{
	uint64_t begin_ms = bench_now_ms(bench);

	assert_int_equal(bench_scan(bench, NULL, LONG_MS), OTADFU_E_CANCELLED);
	assert_true(bench_now_ms(bench) - begin_ms < LONG_MS / 2);
	assert_int_equal(bench->code, 0);
}

static void it_is_cancelled_at_once(void **state)
{
	struct bench *bench = *state;

	mock_bluez_later(bench->mock, 100, cancel, bench);
	expect_cancelled(bench);
}

static void it_is_cancelled_while_it_waits_for_an_answer(void **state)
{
	struct bench *bench = *state;

	mock_bluez_set_fault(bench->mock, "StartDiscovery",
			     &(struct mock_bluez_fault){ .delay_ms = MOCK_SILENT });
	mock_bluez_later(bench->mock, 100, cancel, bench);
	expect_cancelled(bench);
}

static int count_descriptors(void)
{
	DIR *dir = opendir("/proc/self/fd");
	int count = 0;

	assert_non_null(dir);
	while (readdir(dir))
		count++;
	closedir(dir);
	return count;
}

static void no_descriptor_is_left_whatever_happens(void **state)
{
	static const char *const members[] = { "GetManagedObjects", "SetDiscoveryFilter",
					       "StartDiscovery", "StopDiscovery" };
	struct bench *bench = *state;
	int before = count_descriptors();

	mock_bluez_react(bench->mock, "StartDiscovery", appear, NULL);
	mock_bluez_start(bench->mock);
	for (size_t i = 0; i < 5; i++)
		dbusscan_run(&bench->ctx, i < 4 ? "hci0" : "hci9", never, NULL,
			     bench_now_ms(bench) + 20);
	assert_int_equal(dbusscan_run(&bench->ctx, "hci0", enough, NULL,
				      bench_now_ms(bench) + LONG_MS),
			 1);
	mock_bluez_stop(bench->mock);
	assert_int_equal(count_descriptors(), before);
	for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++)
		assert_true(mock_bluez_calls(bench->mock, members[i]) > 0);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
#define with_bench(test) cmocka_unit_test_setup_teardown(test, bench_setup, bench_teardown)
		with_bench(without_a_system_bus_it_is_unsupported),
		with_bench(without_bluetoothd_it_is_unsupported),
		with_bench(bluetoothd_is_not_started_by_activation),
		with_bench(an_unknown_adapter_is_not_found_and_the_others_are_named),
		with_bench(without_an_adapter_it_is_not_found),
		with_bench(an_adapter_switched_off_is_named_with_the_remedy),
		with_bench(a_policy_that_forbids_it_is_a_missing_permission),
		with_bench(a_discovery_under_way_is_busy),
		with_bench(an_adapter_not_ready_is_to_be_switched_on),
		with_bench(an_adapter_without_le_is_unsupported),
		with_bench(a_daemon_without_filters_is_too_old),
		with_bench(any_other_refusal_says_what_bluetoothd_said),
		with_bench(a_daemon_that_dies_in_the_middle_is_noticed),
		with_bench(a_daemon_that_dies_instead_of_answering_is_noticed),
		with_bench(a_late_answer_is_waited_for),
		with_bench(no_answer_is_a_failure_of_the_daemon),
		with_bench(no_answer_to_the_stop_holds_nobody_up),
		with_bench(a_stop_that_is_refused_is_no_failure),
		with_bench(an_adapter_that_is_switched_off_meanwhile_ends_it),
		with_bench(an_adapter_that_is_unplugged_ends_it),
		with_bench(it_is_cancelled_at_once),
		with_bench(it_is_cancelled_while_it_waits_for_an_answer),
		with_bench(no_descriptor_is_left_whatever_happens),
	};

	if (!private_bus_is_possible()) {
		printf("skipped: dbus-daemon is not installed\n");
		return 77;
	}
	return cmocka_run_group_tests_name("dbusscan_refused", tests, NULL, NULL);
}
