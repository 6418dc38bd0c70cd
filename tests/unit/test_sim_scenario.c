#include "scenario.h"

#include <otadfu/error.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

/* One device on line 2; what is added stands behind column 82. */
#define DEVICE(rest)                                                                               \
	"devices:\n- {address: C0:FF:EE:00:00:01, hardware: nrf52840, bootloader: secure, "        \
	"sdk: \"17.1\"" rest "}\n"

static const char key_p256[] = "-----BEGIN PUBLIC KEY-----\n"
			       "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEXoL4kmXKmuGk6uiw+nIrKUdEErhR\n"
			       "/l6SLHXxnK6WTvI601etDHTmgCpfS5pysHekDFOzsS5rcKFkner9LQA9CA==\n"
			       "-----END PUBLIC KEY-----\n";

static const char key_p384[] = "-----BEGIN PUBLIC KEY-----\n"
			       "MHYwEAYHKoZIzj0CAQYFK4EEACIDYgAEwX9Fsd6xdUm55QyfHBFc9y4g3xyi/T9v\n"
			       "Szhyvufsi6+omnksSFfVkQDFo9wKKTarPhDZnZ9yMYHQTp3YWyo/BNVP0bjVVbBg\n"
			       "pP5FRZRkHqZ8uAMyrU8MvAUrGOq+/luY\n"
			       "-----END PUBLIC KEY-----\n";

/* A directory that lives as long as one test; the state of each test is its path. */
static int make_dir(void **state)
{
	char *dir = strdup("/tmp/otadfu-scenario-XXXXXX");

	*state = dir;
	return dir && mkdtemp(dir) ? 0 : -1;
}

static void path_in(const char *dir, const char *name, char path[80])
{
	snprintf(path, 80, "%s/%s", dir, name);
}

static int remove_dir(void **state)
{
	static const char *const names[] = { "s.yaml", "key.pem", "p384.pem", "app.bin",
					     "empty.bin" };
	char *dir = *state;
	char path[80];

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		path_in(dir, names[i], path);
		unlink(path);
	}
	rmdir(dir);
	free(dir);
	return 0;
}

static void put(const char *dir, const char *name, const char *text)
{
	char path[80];
	FILE *file;

	path_in(dir, name, path);
	file = fopen(path, "we");
	assert_non_null(file);
	fputs(text, file);
	assert_int_equal(fclose(file), 0);
}

static int read_text(const char *dir, const char *text, struct scenario **ret_scenario,
		     char message[SCENARIO_MESSAGE_MAX])
{
	char path[80];

	put(dir, "s.yaml", text);
	path_in(dir, "s.yaml", path);
	return scenario_read(path, ret_scenario, message);
}

static struct scenario *read_good(const char *dir, const char *text)
{
	char message[SCENARIO_MESSAGE_MAX] = "";
	struct scenario *scenario = NULL;

	if (read_text(dir, text, &scenario, message) != OTADFU_OK)
		fail_msg("%s", message);
	return scenario;
}

static void what_is_not_said_is_consistent(void **state)
{
	struct scenario *scenario = read_good(*state, DEVICE(""));
	const struct device_config *config = &scenario->devices[0].config;

	assert_int_equal(scenario->clock, SCENARIO_VIRTUAL);
	assert_null(scenario->state_dir);
	assert_int_equal(scenario->interval_us, 15000);
	assert_int_equal(scenario->packets_per_event, 6);
	assert_int_equal(config->address.type, 1);
	assert_int_equal(config->mode, DEVICE_APPLICATION);
	assert_int_equal(config->buttonless, BUTTONLESS_UNBONDED);
	assert_int_equal(config->hw_version, 52);
	assert_int_equal(config->softdevice, 0x0100);
	assert_int_equal(config->app_version, 1);
	assert_int_equal(config->bootloader_version, 1);
	assert_int_equal(config->mtu, 247);
	assert_int_equal(config->uicr_device_type, 0xFFFF);
	assert_false(config->has_public_key);
	assert_false(config->single_bank);
	assert_true(config->takes_external);
	scenario_free(scenario);
}

static void an_older_device_has_its_own_defaults(void **state)
{
	struct scenario *scenario =
		read_good(*state, "devices:\n"
				  "- {address: 00:11:22:33:44:55, hardware: nrf51822, "
				  "bootloader: legacy, sdk: 8}\n"
				  "- {address: 00:11:22:33:44:56, hardware: nrf52832, "
				  "bootloader: secure, sdk: 12.2}\n");
	const struct device_config *legacy = &scenario->devices[0].config;
	const struct device_config *secure = &scenario->devices[1].config;

	assert_int_equal(legacy->hw_version, 51);
	assert_int_equal(legacy->softdevice, 0x0064);
	assert_int_equal(legacy->buttonless, BUTTONLESS_LEGACY);
	assert_int_equal(legacy->mtu, 23);
	assert_int_equal(secure->softdevice, 0x008C);
	assert_int_equal(secure->buttonless, BUTTONLESS_EXPERIMENTAL);
	assert_int_equal(secure->mtu, 23);
	scenario_free(scenario);
}

static void the_test_service_needs_no_more_than_an_address(void **state)
{
	struct scenario *scenario = read_good(
		*state, "devices:\n- {address: C0:FF:EE:00:00:01, mode: conformance}\n"
			"- {address: C0:FF:EE:00:00:02, mode: conformance, name: Peer, mtu: 65}\n");
	const struct device_config *first = &scenario->devices[0].config;
	const struct device_config *second = &scenario->devices[1].config;

	assert_int_equal(first->mode, DEVICE_CONFORMANCE);
	assert_string_equal(first->name, "otadfu test");
	assert_int_equal(first->mtu, 247);
	assert_string_equal(second->name, "Peer");
	assert_int_equal(second->mtu, 65);
	scenario_free(scenario);
}

static void every_key_reaches_its_place(void **state)
{
	static const char text[] = "clock: real\n"
				   "state: kept\n"
				   "link: { interval_ms: 7.5, packets_per_event: 3 }\n"
				   "devices:\n"
				   "- address: c0:ff:ee:00:00:0a\n"
				   "  address_type: public\n"
				   "  name: Thermo\n"
				   "  hardware: nrf52832\n"
				   "  bootloader: secure\n"
				   "  sdk: \"17.1\"\n"
				   "  mode: bootloader\n"
				   "  buttonless: none\n"
				   "  bank: single\n"
				   "  peer_data: true\n"
				   "  save_progress: true\n"
				   "  full_protocol: true\n"
				   "  external: false\n"
				   "  hw_version: 53\n"
				   "  softdevice: 0x00B7\n"
				   "  app_version: 7\n"
				   "  bootloader_version: 8\n"
				   "  device_type: 1\n"
				   "  device_revision: 2\n"
				   "  mtu: 65\n"
				   "  public_key: key.pem\n"
				   "  application: app.bin\n"
				   "  rssi: -90\n"
				   "  visible_after_ms: 1500\n"
				   "  faults: { cut_after_writes: 1, power_cut_after_writes: 2,\n"
				   "    lose_packet: 3, corrupt_packet: 4, "
				   "ignore_requests_after: 5 }\n";
	const struct scenario_faults faults = { 1, 2, 3, 4, 5 };
	struct scenario *scenario;
	const struct scenario_device *device;
	char path[80];

	put(*state, "key.pem", key_p256);
	put(*state, "app.bin", "application");
	scenario = read_good(*state, text);
	device = &scenario->devices[0];
	path_in(*state, "kept", path);
	assert_string_equal(scenario->state_dir, path);
	assert_int_equal(scenario->clock, SCENARIO_REAL);
	assert_int_equal(scenario->interval_us, 7500);
	assert_int_equal(scenario->packets_per_event, 3);
	assert_int_equal(device->config.address.bytes[5], 0x0A);
	assert_int_equal(device->config.address.type, 0);
	assert_string_equal(device->config.name, "Thermo");
	assert_string_equal(device->config.chip->name, "nrf52832");
	assert_string_equal(device->config.sdk, "17.1");
	assert_int_equal(device->config.mode, DEVICE_BOOTLOADER);
	assert_int_equal(device->config.buttonless, BUTTONLESS_NONE);
	assert_true(device->config.single_bank);
	assert_true(device->config.peer_data);
	assert_true(device->config.save_progress);
	assert_true(device->config.full_protocol);
	assert_false(device->config.takes_external);
	assert_int_equal(device->config.hw_version, 53);
	assert_int_equal(device->config.softdevice, 0x00B7);
	assert_int_equal(device->config.app_version, 7);
	assert_int_equal(device->config.bootloader_version, 8);
	assert_int_equal(device->config.uicr_device_type, 1);
	assert_int_equal(device->config.uicr_device_revision, 2);
	assert_int_equal(device->config.mtu, 65);
	assert_true(device->config.has_public_key);
	assert_memory_equal(device->config.public_key, "\x5E\x82\xF8\x92", 4);
	assert_memory_equal(device->config.public_key + 32, "\x3A\xD3\x57\xAD", 4);
	assert_int_equal(device->config.application_len, 11);
	assert_memory_equal(device->config.application, "application", 11);
	assert_int_equal(device->rssi_dbm, -90);
	assert_int_equal(device->visible_after_ms, 1500);
	assert_memory_equal(&device->faults, &faults, sizeof(faults));
	scenario_free(scenario);
}

static const struct refusal {
	const char *text;
	const char *where;
	const char *what;
} refusals[] = {
	{ "", ":1:1: ", "the file is empty" },
	{ "devices: [\n", ":2:1: ", "not YAML" },
	{ "- 1\n", ":1:1: ", "expected keys and values" },
	{ "clock: virtual\n", ":1:1: ", "\"devices\" is missing" },
	{ "devices: []\n", ":1:10: ", "expected a list of 1 to 1000 devices" },
	{ "devices: 5\n", ":1:10: ", "expected a list" },
	{ "devices: [5]\n", ":1:11: ", "expected keys and values" },
	{ "wings: 2\n" DEVICE(""), ":1:1: ", "unknown key \"wings\"; known here: clock, state" },
	{ "clock: soon\n" DEVICE(""), ":1:8: ", "\"soon\": expected virtual or real" },
	{ "clock: [real]\n" DEVICE(""), ":1:8: ", "expected virtual or real" },
	{ "clock: real\nclock: real\n" DEVICE(""), ":2:1: ", "\"clock\" stands here twice" },
	{ "state: \"\"\n" DEVICE(""), ":1:8: ", "expected a directory" },
	{ "link: {interval_ms: 5}\n" DEVICE(""), ":1:21: ", "from 7.5 to 4000" },
	{ "link: {interval_ms: 7.5555}\n" DEVICE(""), ":1:21: ", "\"7.5555\": expected a number" },
	{ "link: {interval_ms: .5}\n" DEVICE(""), ":1:21: ", "expected a number" },
	{ "link: {interval_ms: 15x}\n" DEVICE(""), ":1:21: ", "expected a number" },
	{ "link: {packets_per_event: 0}\n" DEVICE(""), ":1:27: ", "from 1 to 64" },
	{ "devices:\n- {address: C0:FF:EE:00:00:01}\n", ":2:3: ", "\"hardware\" is missing" },
	{ "devices:\n- {address: C0:FF:EE:00:00}\n", ":2:13: ", "expected an address such as" },
	{ "devices:\n- {address: C0:FF:EE:00:00:1G}\n", ":2:13: ", "expected an address" },
	{ "devices:\n- {address: C:FF:EE:00:00:011}\n", ":2:13: ", "expected an address" },
	{ "devices:\n- {address: C0:FF:EE:00:00::1}\n", ":2:13: ", "expected an address" },
	{ DEVICE(", color: red"), ":2:85: ", "unknown key \"color\"" },
	{ DEVICE(", mtu: \"247\""), ":2:90: ", "expected a number without quotes" },
	{ DEVICE(", mtu: 22"), ":2:90: ", "\"22\": expected a number from 23 to 247" },
	{ DEVICE(", mtu: 0x1FFFFFFFFF"), ":2:90: ", "expected a number from 23 to 247" },
	{ DEVICE(", mtu: -"), ":2:90: ", "expected" },
	{ DEVICE(", softdevice: 0x10000"), ":2:97: ", "from 0 to 65535" },
	{ DEVICE(", softdevice: -1"), ":2:97: ", "from 0 to 65535" },
	{ DEVICE(", app_version: 4294967296"), ":2:98: ", "from 0 to 4294967295" },
	{ DEVICE(", peer_data: yes"), ":2:96: ", "\"yes\": expected true or false" },
	{ DEVICE(", mode: asleep"), ":2:91: ", "expected application, bootloader or conformance" },
	{ DEVICE(", name: \"\""), ":2:91: ", "expected a text of 1 to 248 bytes" },
	{ DEVICE(", buttonless: legacy"), ":2:97: ", "expected none or experimental or unbonded" },
	{ DEVICE(", faults: {explode: 1}"), ":2:94: ", "unknown key \"explode\"" },
	{ DEVICE(", public_key: none.pem"), ":2:97: ", "none.pem: No such file or directory" },
	{ DEVICE(", public_key: s.yaml"), ":2:97: ", "no public key in PEM form in it" },
	{ DEVICE(", public_key: p384.pem"), ":2:97: ", "its key is not on the curve P-256" },
	{ DEVICE(", application: none.bin"), ":2:98: ", "none.bin: No such file or directory" },
	{ DEVICE(", application: empty.bin"), ":2:98: ", "it is empty" },
	{ DEVICE("") "- {address: c0:ff:ee:00:00:01, hardware: nrf52840, "
		     "bootloader: secure, sdk: 17.1}\n",
	  ":3:13: ", "two devices have this address" },
	{ "devices:\n- {address: C0:FF:EE:00:00:01, hardware: nrf52840, "
	  "bootloader: secure, sdk: \"18\"}\n",
	  ":2:77: ",
	  "\"18\": the secure bootloader is simulated for SDK 12.2, 13.0, 13.1, 14.0, 14.1, 14.2, "
	  "15.0, 15.2, 15.3, 16.0, 17.0, 17.1, 16, 17" },
	{ "devices:\n- {address: C0:FF:EE:00:00:01, hardware: nrf51822, "
	  "bootloader: legacy, sdk: \"5.0\"}\n",
	  ":2:77: ",
	  "\"5.0\": the legacy bootloader is simulated for SDK 4.4, 5.2, 6.0, 6.1, 7, 8, 9, 10, "
	  "11, "
	  "11-adafruit" },
	{ "devices:\n- {address: C0:FF:EE:00:00:01, hardware: nrf51822, "
	  "bootloader: infinitime, sdk: \"1\"}\n",
	  ":2:42: ", "InfiniTime runs on nrf52832 alone" },
	{ "devices:\n- {address: C0:FF:EE:00:00:01, hardware: nrf9160, "
	  "bootloader: secure, sdk: \"16\"}\n",
	  ":2:42: ", "\"nrf9160\": expected nrf51822, nrf52832 or nrf52840" },
	{ "devices:\n- {address: C0:FF:EE:00:00:01, hardware: nrf51822, "
	  "bootloader: secure, sdk: \"17.1\"}\n",
	  ":2:77: ", "\"17.1\": nRF51 chips have no secure bootloader after SDK 12" },
	{ "devices:\n- {address: C0:FF:EE:00:00:01, hardware: nrf51822, "
	  "bootloader: secure, sdk: \"13.0\"}\n",
	  ":2:77: ", "nRF51 chips have no secure bootloader" },
	{ "devices:\n- {address: C0:FF:EE:00:00:01, hardware: nrf52832, "
	  "bootloader: legacy, sdk: \"8\"}\n",
	  ":2:3: ", "\"softdevice\" is missing: SDK 8 has no usual one for nrf52832" },
	{ DEVICE(", name: \"two\\nlines\""), ":2:91: ", "expected a text" },
	{ DEVICE(", name: \"N\\0L\""), ":2:91: ", "expected a text" },
	{ "? [clock]\n: real\n" DEVICE(""), ":1:3: ", "expected a key" },
	{ DEVICE("") "---\nclock: real\n", ":3:1: ", "a second document begins here" },
	{ "clock: \x80\n", ":1:8: ", "not YAML" },
	{ "clock: real\nlink: [[[[[[[[[\n", ":2:14: ", "nested deeper than 8 levels" },
	{ "clock: *real\n", ":1:8: ", "not YAML" },
	{ "clock: &a [*a]\n" DEVICE(""), ":1:8: ", "expected virtual or real" },
};

static const struct usual {
	const char *hardware, *bootloader, *sdk;
	uint16_t softdevice;
} usual[] = {
	{ "nrf51822", "legacy", "6.1", 0x005A },  { "nrf51822", "legacy", "7", 0x005A },
	{ "nrf51822", "legacy", "8", 0x0064 },    { "nrf51822", "legacy", "10", 0x0064 },
	{ "nrf51822", "legacy", "11", 0x0080 },   { "nrf51822", "secure", "12.2", 0x0087 },
	{ "nrf52832", "legacy", "11", 0x0081 },   { "nrf52832", "secure", "12.2", 0x008C },
	{ "nrf52832", "secure", "13.1", 0x0098 }, { "nrf52832", "secure", "14.1", 0x009D },
	{ "nrf52832", "secure", "15.0", 0x00A8 }, { "nrf52832", "secure", "15.2", 0x00AF },
	{ "nrf52832", "secure", "15.3", 0x00B7 }, { "nrf52832", "secure", "16", 0x00CB },
	{ "nrf52832", "secure", "17.1", 0x0101 }, { "nrf52840", "secure", "15.3", 0x00B6 },
	{ "nrf52840", "secure", "16.0", 0x00CA }, { "nrf52840", "secure", "17", 0x0100 },
};

static void each_sdk_has_its_usual_softdevice(void **state)
{
	for (size_t i = 0; i < sizeof(usual) / sizeof(usual[0]); i++) {
		struct scenario *scenario;
		char text[160];

		snprintf(text, sizeof(text),
			 "devices:\n- {address: C0:FF:EE:00:00:01, hardware: %s, bootloader: %s, "
			 "sdk: \"%s\"}\n",
			 usual[i].hardware, usual[i].bootloader, usual[i].sdk);
		scenario = read_good(*state, text);
		assert_int_equal(scenario->devices[0].config.softdevice, usual[i].softdevice);
		scenario_free(scenario);
	}
}

static void a_refusal_names_file_line_column_and_what_was_expected(void **state)
{
	put(*state, "p384.pem", key_p384);
	put(*state, "empty.bin", "");
	for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++) {
		const struct refusal *refusal = &refusals[i];
		char message[SCENARIO_MESSAGE_MAX] = "";
		struct scenario *scenario = NULL;
		char start[120];

		snprintf(start, sizeof(start), "%s/s.yaml%s", (char *)*state, refusal->where);
		assert_int_equal(read_text(*state, refusal->text, &scenario, message),
				 OTADFU_E_CONFIG);
		if (strncmp(message, start, strlen(start)) != 0 ||
		    !strstr(message, refusal->what) || strchr(message, '\n'))
			fail_msg("case %zu: \"%s\" is not \"%s... %s\"", i, message, start,
				 refusal->what);
	}
}

/* A file that is refused: text, times times behind head. */
static void read_repeated(void **state, const char *head, const char *text, unsigned times,
			  char message[SCENARIO_MESSAGE_MAX])
{
	struct scenario *scenario = NULL;
	char path[80];
	FILE *file;

	path_in(*state, "s.yaml", path);
	file = fopen(path, "we");
	assert_non_null(file);
	fputs(head, file);
	for (unsigned i = 0; i < times; i++)
		fputs(text, file);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(scenario_read(path, &scenario, message), OTADFU_E_CONFIG);
	assert_null(scenario);
}

static void a_scenario_is_not_larger_than_256_kib(void **state)
{
	char message[SCENARIO_MESSAGE_MAX];

	read_repeated(state, "", "# a comment of 24 bytes\n", 12000, message);
	assert_non_null(strstr(message, "/s.yaml: larger than 256 KiB"));
}

static void values_and_anchors_are_bounded(void **state)
{
	char message[SCENARIO_MESSAGE_MAX];

	read_repeated(state, "devices: [", "1, ", 70000, message);
	assert_non_null(strstr(message, "/s.yaml:1:"));
	assert_non_null(strstr(message, "more than 65536 values"));
	read_repeated(state, "devices: [", "&a 1,\n", 2000, message);
	assert_non_null(strstr(message, "/s.yaml:1001:1: more than 1000 anchors"));
}

/* To libyaml alone these would be minutes. */
static void half_a_scenario_of_brackets_is_refused_at_once(void **state)
{
	char message[SCENARIO_MESSAGE_MAX];

	read_repeated(state, "", "[", 200000, message);
	assert_non_null(strstr(message, "/s.yaml:1:9: nested deeper than 8 levels"));
	read_repeated(state, "", "{a: ", 60000, message);
	assert_non_null(strstr(message, "nested deeper than 8 levels"));
}

static void a_folder_is_no_scenario(void **state)
{
	char message[SCENARIO_MESSAGE_MAX];
	struct scenario *scenario = NULL;

	assert_int_equal(scenario_read(*state, &scenario, message), OTADFU_E_CONFIG);
	assert_non_null(strstr(message, ": Is a directory"));
	assert_null(scenario);
}

static void a_key_file_that_claims_to_be_encrypted_asks_nobody(void **state)
{
	static const char pem[] =
		"-----BEGIN PUBLIC KEY-----\n"
		"Proc-Type: 4,ENCRYPTED\n"
		"DEK-Info: AES-128-CBC,00112233445566778899AABBCCDDEEFF\n\n"
		"MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEXoL4kmXKmuGk6uiw+nIrKUdEErhR\n"
		"-----END PUBLIC KEY-----\n";
	char message[SCENARIO_MESSAGE_MAX];
	struct scenario *scenario = NULL;

	put(*state, "key.pem", pem);
	assert_int_equal(read_text(*state, DEVICE(", public_key: key.pem"), &scenario, message),
			 OTADFU_E_CONFIG);
	assert_non_null(strstr(message, "no public key in PEM form in it"));
}

static void a_file_that_is_not_there_is_named(void **state)
{
	char message[SCENARIO_MESSAGE_MAX];
	struct scenario *scenario = NULL;

	(void)state;
	assert_int_equal(scenario_read("/nonexistent/s.yaml", &scenario, message), OTADFU_E_CONFIG);
	assert_string_equal(message, "/nonexistent/s.yaml: No such file or directory");
	assert_null(scenario);
}

#define IN_DIR(test) cmocka_unit_test_setup_teardown(test, make_dir, remove_dir)

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_DIR(what_is_not_said_is_consistent),
		IN_DIR(an_older_device_has_its_own_defaults),
		IN_DIR(the_test_service_needs_no_more_than_an_address),
		IN_DIR(every_key_reaches_its_place),
		IN_DIR(each_sdk_has_its_usual_softdevice),
		IN_DIR(a_refusal_names_file_line_column_and_what_was_expected),
		IN_DIR(a_scenario_is_not_larger_than_256_kib),
		IN_DIR(values_and_anchors_are_bounded),
		IN_DIR(half_a_scenario_of_brackets_is_refused_at_once),
		IN_DIR(a_folder_is_no_scenario),
		IN_DIR(a_key_file_that_claims_to_be_encrypted_asks_nobody),
		cmocka_unit_test(a_file_that_is_not_there_is_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
