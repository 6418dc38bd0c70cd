/* Which transport is taken, and what doctor says, on a machine without bluetoothd. */
#include "sim.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* cmocka wants the four above first. */
#include <cmocka.h>

#define DEVICE                                                                                     \
	"    name: Thermo\n    hardware: nrf52840\n    bootloader: secure\n    sdk: \"17.1\"\n"

#define LEGACY "    name: Thermo\n    hardware: nrf51822\n    bootloader: legacy\n    sdk: \"11\"\n"

/* Whatever this machine has, there is no bus. */
static const char *const no_bus[] = { "DBUS_SYSTEM_BUS_ADDRESS=unix:path=/nowhere/bus", NULL };
static const struct run_settings without_bus = { .environment = no_bus };

static bool kernel_has_bluetooth(void)
{
	int fd = socket(AF_BLUETOOTH, SOCK_RAW | SOCK_CLOEXEC, 1);

	if (fd >= 0)
		close(fd);
	return fd >= 0 || errno != EAFNOSUPPORT;
}

static void assert_one_line_and_hint(const char *err)
{
	const char *hint = strstr(err, "\ntry: otadfu doctor\n");

	assert_non_null(hint);
	assert_ptr_equal(strchr(err, '\n'), hint);
	assert_string_equal(hint + strlen("\ntry: otadfu doctor"), "\n");
}

static void without_a_radio_one_line_names_each_transport_and_its_reason(void **state)
{
	struct run_result result;

	(void)state;
	if (kernel_has_bluetooth())
		skip();
	result = run_otadfu_with(&without_bus, "scan");
	assert_int_equal(result.status, 4);
	assert_string_equal(result.out, "");
	assert_contains(result.err, "otadfu: no way to a radio: bluez: no D-Bus system bus");
	assert_contains(result.err, "; l2cap: this kernel has no Bluetooth; hci: ");
	assert_contains(result.err, "; gatttool: ");
	assert_one_line_and_hint(result.err);
	run_result_clear(&result);
}

static void verbosely_each_reason_has_a_line_of_its_own(void **state)
{
	struct run_result result;

	(void)state;
	if (kernel_has_bluetooth())
		skip();
	result = run_otadfu_with(&without_bus, "scan", "--transport", "auto", "-v");
	assert_contains(result.err, "\ninfo: transport bluez not chosen: ");
	assert_contains(result.err, "\ninfo: transport l2cap not chosen: this kernel has no "
				    "Bluetooth; try \"modprobe bluetooth\"");
	assert_contains(result.err, "\ninfo: transport hci not chosen: ");
	assert_contains(result.err, "\ninfo: transport gatttool not chosen: ");
	run_result_clear(&result);
}

static void an_adapter_that_makes_no_sense_to_three_is_asked_of_the_fourth(void **state)
{
	struct run_result result =
		run_otadfu_with(&without_bus, "scan", "--adapter", "unix:/nowhere/air", "-v");

	(void)state;
	assert_int_equal(result.status, 4);
	assert_contains(result.err, "transport l2cap not chosen: \"unix:/nowhere/air\" is no "
				    "adapter");
	assert_contains(result.err, "transport hci not chosen: unix:/nowhere/air: No such file");
	run_result_clear(&result);
}

static char *make_package(const struct sim *sim)
{
	static const char *const words[] = { "--protocol", "legacy", "--random", "4096", NULL };

	return sim_make_package(sim, "app.zip", words);
}

static void an_update_without_a_radio_says_so_in_its_result(void **state)
{
	struct sim sim = sim_new(LEGACY, NULL);
	char *package = make_package(&sim);
	struct run_result result;
	json_t *object;

	(void)state;
	result = run_otadfu_with(&without_bus, "update", package, "-a", SIM_ADDRESS, "--adapter",
				 "unix:/nowhere/air", "--json");
	object = sim_result(&result);
	assert_int_equal(result.status, 4);
	assert_string_equal(json_text_at(object, "status"), "failed");
	assert_string_equal(json_text_at(object, "error.hint"), "otadfu doctor");
	assert_true(json_is_null(json_object_get(object, "transport")));
	json_decref(object);
	run_result_clear(&result);
	free(package);
	sim_remove(&sim);
}

static void a_result_names_the_transport_that_was_used(void **state)
{
	static const char *const dry[] = { "--dry-run", NULL };
	struct sim sim = sim_new(LEGACY, NULL);
	char *package = make_package(&sim);
	struct run_result result = sim_update(&sim, package, SIM_ADDRESS, dry);
	json_t *object = sim_result(&result);

	(void)state;
	assert_int_equal(result.status, 0);
	assert_string_equal(json_text_at(object, "transport"), "sim");
	json_decref(object);
	run_result_clear(&result);
	free(package);
	sim_remove(&sim);
}

static void doctor_names_a_remedy_for_each_lack(void **state)
{
	struct run_result result;

	(void)state;
	if (kernel_has_bluetooth())
		skip();
	result = run_otadfu_with(&without_bus, "doctor");
	assert_int_equal(result.status, 4);
	assert_string_equal(result.err, "");
	assert_contains(result.out, "\nLinux ");
	assert_contains(result.out, "! bluetoothd  ");
	assert_contains(result.out, "systemctl start bluetooth\n");
	assert_contains(result.out, "! kernel      without Bluetooth\n"
				    "              try: sudo modprobe bluetooth");
	assert_contains(result.out, "\n! bluez       would not: no D-Bus system bus");
	assert_contains(result.out, "\n! l2cap       would not: this kernel has no Bluetooth\n");
	assert_contains(result.out, "\n! hci         would not: this kernel has no Bluetooth\n");
	assert_contains(result.out, "\n! gatttool    would not: ");
	assert_contains(result.out, "\n  sim         does not tell\n");
	assert_contains(result.out, "\notadfu has no way to a radio here.\n");
	run_result_clear(&result);
}

static void doctor_writes_one_object_for_programs(void **state)
{
	struct run_result result =
		run_otadfu_with(&without_bus, "doctor", "--json", "--adapter", "unix:/nowhere/air");
	json_t *object = json_loads(result.out, 0, NULL);

	(void)state;
	assert_non_null(object);
	assert_ptr_equal(strchr(result.out, '\n'), result.out + result.out_len - 1);
	assert_string_equal(json_text_at(object, "event"), "doctor");
	assert_int_equal(json_int_at(object, "exit"), result.status);
	assert_int_equal(result.status, 4);
	assert_true(json_array_size(json_object_get(object, "plugins")) >= 7);
	assert_true(json_array_size(json_object_get(object, "transports")) >= 5);
	assert_true(json_is_null(json_object_get(object, "choice")));
	json_decref(object);
	run_result_clear(&result);
}

static void doctor_names_the_group_or_the_absence_of_a_serial_line(void **state)
{
	struct run_result result = run_otadfu_with(&without_bus, "doctor", "--transport", "hci",
						   "--adapter", "serial:/nowhere/ttyACM0");

	(void)state;
	assert_int_equal(result.status, 4);
	assert_contains(result.out, "! serial:/nowhere/ttyACM0  no serial line is there\n");
	assert_contains(result.out, "! hci         would not: serial:/nowhere/ttyACM0: no serial "
				    "line is there\n");
	assert_lacks(result.out, "l2cap       ");
	run_result_clear(&result);
}

static struct run_result examine_sim(const char *device, const char *address, const char *more)
{
	struct sim sim = sim_new(device, NULL);
	struct run_result result =
		run_otadfu("doctor", "-a", address, "--seconds", "1", "--transport", "sim",
			   "--adapter", sim.scenario, more);

	sim_remove(&sim);
	return result;
}

static void doctor_hears_a_device_and_what_it_is(void **state)
{
	struct run_result result = examine_sim(DEVICE, SIM_ADDRESS, NULL);

	(void)state;
	assert_int_equal(result.status, 0);
	assert_contains(result.out, "\notadfu would use sim.\nListening for 1 s ...\n");
	assert_contains(result.out, "\n" SIM_ADDRESS "\n  heard: ");
	assert_contains(result.out, "dBm, Thermo");
	run_result_clear(&result);
}

static void doctor_finds_a_bootloader_one_address_on(void **state)
{
	struct run_result result =
		examine_sim(DEVICE "    mode: bootloader\n", SIM_ADDRESS, "--json");
	json_t *object = json_loads(result.out, 0, NULL);

	(void)state;
	assert_int_equal(result.status, 0);
	assert_string_equal(json_text_at(object, "device.heard.mode"), "bootloader");
	assert_string_equal(json_text_at(object, "device.heard.address"), SIM_BOOTLOADER);
	assert_int_equal(json_int_at(object, "device.seconds"), 1);
	json_decref(object);
	run_result_clear(&result);
}

static void a_device_that_is_not_heard_fails(void **state)
{
	struct run_result result = examine_sim(DEVICE, "C0:FF:EE:00:00:77", NULL);

	(void)state;
	assert_int_equal(result.status, 1);
	assert_contains(result.out, "! not heard within 1 s\n");
	run_result_clear(&result);
}

static void doctor_refuses_what_is_no_address(void **state)
{
	struct run_result result = run_otadfu("doctor", "-a", "C0:FF");

	(void)state;
	assert_int_equal(result.status, 2);
	assert_contains(result.err, "'C0:FF' is not an address");
	run_result_clear(&result);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_a_radio_one_line_names_each_transport_and_its_reason),
		cmocka_unit_test(verbosely_each_reason_has_a_line_of_its_own),
		cmocka_unit_test(an_adapter_that_makes_no_sense_to_three_is_asked_of_the_fourth),
		cmocka_unit_test(an_update_without_a_radio_says_so_in_its_result),
		cmocka_unit_test(a_result_names_the_transport_that_was_used),
		cmocka_unit_test(doctor_names_a_remedy_for_each_lack),
		cmocka_unit_test(doctor_writes_one_object_for_programs),
		cmocka_unit_test(doctor_names_the_group_or_the_absence_of_a_serial_line),
		cmocka_unit_test(doctor_hears_a_device_and_what_it_is),
		cmocka_unit_test(doctor_finds_a_bootloader_one_address_on),
		cmocka_unit_test(a_device_that_is_not_heard_fails),
		cmocka_unit_test(doctor_refuses_what_is_no_address),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
