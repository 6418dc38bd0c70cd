/* What the transport bluez finds on a machine, and what it says is missing. */
#include "bluez_bench.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define HCI0 "/org/bluez/hci0"

static struct mock_bluez *mock_of(struct bluez_bench *b)
{
	return b->bench->mock;
}

static int open_adapter(struct bluez_bench *b, const char *name)
{
	bluez_in_ms(b, 0);
	return bluez_ops()->open(bluez_ctx(b), name, &b->adapter);
}

/* --- examine --- */

struct findings {
	char text[2048];
};

static void note(void *user, const struct otadfu_finding *finding)
{
	struct findings *findings = user;
	size_t used = strlen(findings->text);

	assert_int_equal(finding->size, sizeof(*finding));
	snprintf(findings->text + used, sizeof(findings->text) - used, "%s%s: %s%s%s\n",
		 finding->kind == OTADFU_FINDING_HINDRANCE ? "! " : "", finding->subject,
		 finding->text, finding->remedy ? " -> " : "",
		 finding->remedy ? finding->remedy : "");
}

static int examine(struct bluez_bench *b, const char *name, const struct otadfu_addr *peer,
		   struct findings *findings)
{
	findings->text[0] = '\0';
	bluez_in_ms(b, 0);
	return bluez_ops()->examine(bluez_ctx(b), name, peer, note, findings);
}

/* open says no with that code and those words, and examine tells the same. */
static void assert_in_the_way(struct bluez_bench *b, const char *name, int code, const char *said,
			      const char *found)
{
	struct findings findings;

	assert_refused(open_adapter(b, name), b, code, said);
	assert_null(b->adapter);
	assert_refused(examine(b, name, NULL, &findings), b, code, said);
	if (!strstr(findings.text, found))
		fail_msg("%s", findings.text);
}

/* --- what is in the way --- */

static void no_system_bus_is_unsupported(void **state)
{
	struct bluez_bench *b = *state;

	setenv("DBUS_SYSTEM_BUS_ADDRESS", "unix:path=/nowhere", 1);
	assert_in_the_way(b, NULL, OTADFU_E_UNSUPPORTED,
			  "no D-Bus system bus is running, and so no bluetoothd; take another "
			  "transport",
			  "! bluetoothd: not running -> sudo systemctl start bluetooth");
}

static void no_bluetoothd_is_unsupported(void **state)
{
	struct bluez_bench *b = *state;

	mock_bluez_die(mock_of(b));
	assert_in_the_way(b, NULL, OTADFU_E_UNSUPPORTED, "bluetoothd is not running",
			  "! bluetoothd: not running");
}

static void no_adapter_is_not_found(void **state)
{
	struct bluez_bench *b = *state;

	mock_bluez_remove(mock_of(b), HCI0);
	bluez_run(b);
	assert_in_the_way(b, NULL, OTADFU_E_NOT_FOUND, "bluetoothd has no Bluetooth adapter",
			  "bluetoothd: running");
}

static void another_adapter_is_not_it(void **state)
{
	struct bluez_bench *b = *state;

	bluez_run(b);
	assert_in_the_way(b, "hci7", OTADFU_E_NOT_FOUND, "has no adapter 'hci7'; it has hci0",
			  "bluetoothd: running");
}

static void an_adapter_that_is_off_is_not_found(void **state)
{
	struct bluez_bench *b = *state;

	mock_bluez_set(mock_of(b), HCI0, MOCK_ADAPTER, "Powered", "b", 0);
	bluez_run(b);
	assert_in_the_way(b, NULL, OTADFU_E_NOT_FOUND,
			  "the adapter hci0 is switched off; `bluetoothctl power on`",
			  "! adapter hci0: switched off -> bluetoothctl power on");
}

static void a_blocked_adapter_is_not_found(void **state)
{
	struct bluez_bench *b = *state;

	mock_bluez_set(mock_of(b), HCI0, MOCK_ADAPTER, "Powered", "b", 0);
	mock_bluez_set(mock_of(b), HCI0, MOCK_ADAPTER, "PowerState", "s", "off-blocked");
	bluez_run(b);
	assert_in_the_way(b, NULL, OTADFU_E_NOT_FOUND,
			  "the adapter hci0 is blocked; `rfkill unblock bluetooth`",
			  "! adapter hci0: blocked by rfkill -> rfkill unblock bluetooth");
}

static void a_policy_that_forbids_it_is_a_permission(void **state)
{
	struct bluez_bench *b = *state;

	mock_radio_free(b->radio);
	b->radio = NULL;
	bench_renew_bus(b->bench, "<deny send_destination=\"org.bluez\"/>");
	bluez_run(b);
	assert_in_the_way(b, NULL, OTADFU_E_PERMISSION, "the group 'bluetooth'",
			  "! bluetoothd: the D-Bus policy keeps this user from it -> sudo adduser");
}

static void a_bluetoothd_that_hangs_is_told(void **state)
{
	const struct mock_bluez_fault fault = { .delay_ms = MOCK_SILENT };
	struct bluez_bench *b = *state;
	struct findings findings;

	mock_bluez_set_fault(mock_of(b), "GetManagedObjects", &fault);
	bluez_run(b);
	assert_refused(examine(b, NULL, NULL, &findings), b, OTADFU_E_IO,
		       "bluetoothd does not answer");
	assert_non_null(
		strstr(findings.text, "! bluetoothd: does not answer -> sudo systemctl restart"));
}

/* --- what is there --- */

static void the_first_that_is_switched_on_is_taken(void **state)
{
	struct bluez_bench *b = *state;
	struct findings findings;

	mock_bluez_set(mock_of(b), HCI0, MOCK_ADAPTER, "Powered", "b", 0);
	mock_bluez_add_adapter(mock_of(b), "hci10", true);
	mock_bluez_add_adapter(mock_of(b), "hci2", true);
	bluez_run(b);
	assert_int_equal(open_adapter(b, NULL), OTADFU_OK);
	assert_string_equal((const char *)b->adapter, "hci2");
	assert_int_equal(examine(b, NULL, NULL, &findings), OTADFU_OK);
	assert_null(strstr(findings.text, "! "));
}

static void version_and_adapter_are_told(void **state)
{
	struct bluez_bench *b = *state;
	struct findings findings;

	mock_bluez_set(mock_of(b), HCI0, MOCK_ADAPTER, "Alias", "s", "desk");
	mock_bluez_set(mock_of(b), HCI0, MOCK_ADAPTER, "Modalias", "s", "usb:v1D6Bp0246d0542");
	bluez_run(b);
	assert_int_equal(examine(b, "hci0", NULL, &findings), OTADFU_OK);
	assert_string_equal(findings.text,
			    "bluetoothd: running, BlueZ 5.66\n"
			    "adapter hci0: bluetoothd has it as 00:AA:01:00:00:00 'desk', switched "
			    "on\n");
}

static void add_peer(struct bluez_bench *b)
{
	char path[MOCK_PATH_MAX];

	mock_bluez_add_device(mock_of(b), "hci0", "C0:FF:EE:00:00:0C", "random", path);
	assert_string_equal(path, PEER_PATH);
}

static void assert_found_of_peer(struct bluez_bench *b, const char *found)
{
	struct findings findings;

	bluez_run(b);
	assert_int_equal(examine(b, NULL, &bluez_peer, &findings), OTADFU_OK);
	if (!strstr(findings.text, found))
		fail_msg("%s", findings.text);
}

static void an_unknown_device_will_be_looked_for(void **state)
{
	assert_found_of_peer(*state, "\ndevice C0:FF:EE:00:00:0C: not known to bluetoothd, which "
				     "will look for it\n");
}

static void a_known_device_is_told(void **state)
{
	struct bluez_bench *b = *state;

	add_peer(b);
	mock_bluez_set(mock_of(b), PEER_PATH, MOCK_DEVICE, "Paired", "b", 1);
	assert_found_of_peer(b, "known to bluetoothd, paired, with 0 services\n"
				"device C0:FF:EE:00:00:0C: not connected\n");
}

static void a_blocked_device_is_in_the_way(void **state)
{
	struct bluez_bench *b = *state;

	add_peer(b);
	mock_bluez_set(mock_of(b), PEER_PATH, MOCK_DEVICE, "Blocked", "b", 1);
	assert_found_of_peer(b, "! device C0:FF:EE:00:00:0C: blocked in bluetoothd -> bluetoothctl "
				"unblock C0:FF:EE:00:00:0C\n");
}

static void a_link_that_another_program_holds_is_in_the_way(void **state)
{
	struct bluez_bench *b = *state;

	add_peer(b);
	mock_bluez_set(mock_of(b), PEER_PATH, MOCK_DEVICE, "Connected", "b", 1);
	assert_found_of_peer(b, "! device C0:FF:EE:00:00:0C: connected, for another program than "
				"bluetoothd (gatttool?) -> bluetoothctl disconnect");
}

static void a_link_that_another_program_uses_is_in_the_way(void **state)
{
	static const char chr[] = PEER_PATH "/service0001/char0002";
	struct bluez_bench *b = *state;

	add_peer(b);
	mock_bluez_set(mock_of(b), PEER_PATH, MOCK_DEVICE, "Connected", "b", 1);
	mock_bluez_set(mock_of(b), PEER_PATH, MOCK_DEVICE, "ServicesResolved", "b", 1);
	mock_bluez_set(mock_of(b), chr, MOCK_CHARACTERISTIC, "UUID", "s",
		       "00002a00-0000-1000-8000-00805f9b34fb");
	mock_bluez_set(mock_of(b), chr, MOCK_CHARACTERISTIC, "Notifying", "b", 1);
	assert_found_of_peer(b, "! device C0:FF:EE:00:00:0C: connected, and another program uses "
				"its services");
}

static void looking_asks_for_nothing_but_the_objects(void **state)
{
	struct bluez_bench *b = *state;
	struct findings findings;

	bluez_run(b);
	assert_int_equal(examine(b, NULL, &bluez_peer, &findings), OTADFU_OK);
	bluez_stop(b);
	assert_int_equal(mock_bluez_calls(mock_of(b), "GetManagedObjects"), 1);
	assert_int_equal(mock_bluez_calls(mock_of(b), "StartDiscovery"), 0);
	assert_int_equal(mock_bluez_calls(mock_of(b), "Connect"), 0);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		ON_BLUEZ(no_system_bus_is_unsupported),
		ON_BLUEZ(no_bluetoothd_is_unsupported),
		ON_BLUEZ(no_adapter_is_not_found),
		ON_BLUEZ(another_adapter_is_not_it),
		ON_BLUEZ(an_adapter_that_is_off_is_not_found),
		ON_BLUEZ(a_blocked_adapter_is_not_found),
		ON_BLUEZ(a_policy_that_forbids_it_is_a_permission),
		ON_BLUEZ(a_bluetoothd_that_hangs_is_told),
		ON_BLUEZ(the_first_that_is_switched_on_is_taken),
		ON_BLUEZ(version_and_adapter_are_told),
		ON_BLUEZ(an_unknown_device_will_be_looked_for),
		ON_BLUEZ(a_known_device_is_told),
		ON_BLUEZ(a_blocked_device_is_in_the_way),
		ON_BLUEZ(a_link_that_another_program_holds_is_in_the_way),
		ON_BLUEZ(a_link_that_another_program_uses_is_in_the_way),
		ON_BLUEZ(looking_asks_for_nothing_but_the_objects),
	};

	if (!private_bus_is_possible())
		return 77;
	return cmocka_run_group_tests_name("bluez_adapter", tests, NULL, NULL);
}
