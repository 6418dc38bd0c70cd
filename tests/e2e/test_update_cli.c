/* The command line while a device is updated: what it shows, and how it is interrupted. */
#include "files.h"
#include "run.h"

#include <jansson.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* cmocka wants some of the above first. */
#include <cmocka.h>

#define ADDRESS            "C0:FF:EE:00:00:02"
#define BOOTLOADER_ADDRESS "C0:FF:EE:00:00:03" /* legacy-dfu.md 2 */

enum { FIRMWARE_BYTES = 16384, STOP_MS = 1000, SLOWNESS_OF_SANITIZERS = 8 };

/* A folder with a firmware, its init packet and a scenario in which a device waits for them. */
struct place {
	char *folder;
	char *firmware;
	char *init;
	char *scenario;
};

static const char scenario_format[] = "clock: %s\n"
				      "state: %s/state\n"
				      "link: { interval_ms: 15, packets_per_event: 6 }\n"
				      "devices:\n"
				      "  - address: " ADDRESS "\n"
				      "    name: Tracker\n"
				      "    hardware: nrf51822\n"
				      "    bootloader: legacy\n"
				      "    sdk: \"11\"\n"
				      "    mode: %s\n"
				      "    buttonless: legacy\n"
				      "    softdevice: 0x0087\n";

/* legacy-dfu.md 6. */
static uint16_t crc16(const uint8_t *data, size_t len)
{
	uint16_t crc = 0xffff;

	for (size_t i = 0; i < len; i++) {
		crc = (uint16_t)(crc >> 8 | crc << 8);
		crc = (uint16_t)(crc ^ data[i]);
		crc = (uint16_t)(crc ^ (crc & 0xff) >> 4);
		crc = (uint16_t)(crc ^ crc << 12);
		crc = (uint16_t)(crc ^ (crc & 0xff) << 5);
	}
	return crc;
}

static void write_firmware(struct place *place)
{
	/* As applications begin: stack pointer and reset vector. */
	static const uint8_t vectors[] = { 0x00, 0x20, 0x00, 0x20, 0x01, 0x81, 0x01, 0x00 };
	/* Any device, any application version, SoftDevice 0x0087. */
	uint8_t init[] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
			   0xff, 0x01, 0x00, 0x87, 0x00, 0x00, 0x00 };
	uint8_t *firmware = malloc(FIRMWARE_BYTES);
	uint16_t crc;

	assert_non_null(firmware);
	for (size_t i = 0; i < FIRMWARE_BYTES; i++)
		firmware[i] = (uint8_t)(i * 7 + (i >> 8));
	memcpy(firmware, vectors, sizeof(vectors));
	crc = crc16(firmware, FIRMWARE_BYTES);
	init[sizeof(init) - 2] = (uint8_t)crc;
	init[sizeof(init) - 1] = (uint8_t)(crc >> 8);
	place->firmware = file_write_bytes(place->folder, "app.bin", firmware, FIRMWARE_BYTES);
	place->init = file_write_bytes(place->folder, "app.dat", init, sizeof(init));
	free(firmware);
}

static void write_scenario(struct place *place, const char *clock, const char *mode)
{
	char scenario[1024];

	snprintf(scenario, sizeof(scenario), scenario_format, clock, place->folder, mode);
	free(place->scenario);
	place->scenario = file_write(place->folder, "scenario.yaml", scenario);
}

static struct place place_new(const char *clock, const char *mode)
{
	struct place place = { .folder = folder_new() };

	write_scenario(&place, clock, mode);
	write_firmware(&place);
	return place;
}

static void place_remove(struct place *place)
{
	free(place->firmware);
	free(place->init);
	free(place->scenario);
	folder_remove(place->folder);
}

/* extra: one more word, or NULL. */
static struct run *start_update(const struct place *place, const struct run_settings *settings,
				const char *extra)
{
	const char *const argv[] = { run_otadfu_path(),
				     "-f",
				     place->firmware,
				     "-d",
				     place->init,
				     "-a",
				     ADDRESS,
				     "--transport",
				     "sim",
				     "--adapter",
				     place->scenario,
				     extra,
				     NULL };

	return run_start(settings, argv);
}

static struct run_result update(const struct place *place, const struct run_settings *settings,
				const char *extra)
{
	return run_finish(start_update(place, settings, extra));
}

static void assert_status(const struct run_result *result, int status)
{
	if (result->status != status)
		fail_msg("exit status %d\n--- standard output:\n%s\n--- standard error:\n%s\n",
			 result->status, result->out, result->err);
}

static void elsewhere_than_on_a_terminal_lines_are_plain(void **state)
{
	struct place place = place_new("virtual", "application");
	struct run_result result = update(&place, NULL, NULL);

	(void)state;
	assert_status(&result, 0);
	assert_contains(result.out, ": application: 100 % (16384 of 16384 bytes)\n");
	assert_contains(result.out, " updated: 16384 bytes in ");
	assert_null(strpbrk(result.out, "\r\033"));
	assert_string_equal(result.err, "");
	run_result_clear(&result);
	place_remove(&place);
}

static void on_a_terminal_a_bar_never_wraps(void **state)
{
	static const char *const environment[] = { "TERM=xterm", NULL };
	const struct run_settings terminal = { .columns = 40, .environment = environment };
	struct place place = place_new("virtual", "application");
	struct run_result result = update(&place, &terminal, NULL);
	unsigned bars = 0;

	(void)state;
	assert_status(&result, 0);
	for (const char *bar = result.out; (bar = strstr(bar, "\r\033[K")); bars++) {
		bar += strlen("\r\033[K");
		assert_true(strcspn(bar, "\r\n") < 40);
	}
	assert_true(bars >= 2);
	assert_contains(result.out, "] 100 %  16.4/16.4 kB\r\n");
	assert_contains(result.out, " updated: 16384 bytes in ");
	run_result_clear(&result);
	place_remove(&place);
}

static void a_dumb_terminal_gets_plain_lines(void **state)
{
	static const char *const environment[] = { "TERM=dumb", NULL };
	const struct run_settings terminal = { .columns = 40, .environment = environment };
	struct place place = place_new("virtual", "application");
	struct run_result result = update(&place, &terminal, NULL);

	(void)state;
	assert_status(&result, 0);
	assert_lacks(result.out, "\033");
	run_result_clear(&result);
	place_remove(&place);
}

/* The last object of out, all others having been read as JSON too. Caller drops it. */
static json_t *read_last_line(const struct run_result *result)
{
	json_t *last = NULL;

	for (const char *line = result->out; *line;) {
		size_t len = strcspn(line, "\n");

		json_decref(last);
		last = json_loadb(line, len, 0, NULL);
		if (!last || !json_object_get(last, "event") || line[len] != '\n')
			fail_msg("not a line of JSON: %s", line);
		line += len + 1;
	}
	assert_non_null(last);
	return last;
}

static void json_ends_with_one_result(void **state)
{
	struct place place = place_new("virtual", "application");
	struct run_result result = update(&place, NULL, "--json");
	json_t *last = read_last_line(&result);
	json_t *image = json_array_get(json_object_get(last, "images"), 0);

	(void)state;
	assert_status(&result, 0);
	assert_string_equal(json_string_value(json_object_get(last, "event")), "result");
	assert_string_equal(json_string_value(json_object_get(last, "status")), "updated");
	assert_string_equal(json_string_value(json_object_get(image, "kind")), "application");
	assert_int_equal(json_integer_value(json_object_get(image, "bytes")), FIRMWARE_BYTES);
	assert_true(json_real_value(json_object_get(last, "seconds")) > 0);
	assert_true(json_is_null(json_object_get(last, "error")));
	assert_contains(result.out, "{\"event\":\"phase\",\"device\":\"" ADDRESS
				    "\",\"image\":null,\"phase\":\"enter\"}\n");
	assert_contains(result.out, "\"done\":16384,\"total\":16384}\n");
	assert_string_equal(result.err, "");
	json_decref(last);
	run_result_clear(&result);
	place_remove(&place);
}

static void quiet_success_says_nothing(void **state)
{
	struct place place = place_new("virtual", "application");
	struct run_result result = update(&place, NULL, "-q");

	(void)state;
	assert_status(&result, 0);
	assert_string_equal(result.out, "");
	assert_string_equal(result.err, "");
	run_result_clear(&result);
	place_remove(&place);
}

static void output_nobody_reads_does_not_hide_the_result(void **state)
{
	const struct run_settings closed = { .close_stdout = true };
	struct place place = place_new("virtual", "application");
	struct run_result result = update(&place, &closed, NULL);

	(void)state;
	assert_status(&result, 1);
	assert_contains(result.err, " updated: 16384 bytes in ");
	assert_contains(result.err, "cannot write to standard output");
	run_result_clear(&result);
	place_remove(&place);
}

/* Else the descriptor that cancels would take the number of standard output, and other words
 * would be said of it. */
static void closed_standard_descriptors_are_not_taken(void **state)
{
	static const char line[] = "exec \"$0\" -f \"$1\" -d \"$2\" -a " ADDRESS
				   " --transport sim --adapter \"$3\" <&- >&-";
	struct place place = place_new("virtual", "application");
	const char *const argv[] = { "/bin/sh",      "-c",       line,           run_otadfu_path(),
				     place.firmware, place.init, place.scenario, NULL };
	struct run_result result = run_finish(run_start(NULL, argv));

	(void)state;
	assert_status(&result, 1);
	assert_contains(result.err, " updated: 16384 bytes in ");
	assert_contains(result.err, "cannot write to standard output: Bad file descriptor");
	run_result_clear(&result);
	place_remove(&place);
}

static void a_package_for_another_protocol_is_refused(void **state)
{
	struct place place = place_new("virtual", "application");
	struct run_result result = update(&place, NULL, "--secure");

	(void)state;
	assert_status(&result, 3);
	assert_contains(result.err, "this is a legacy package");
	run_result_clear(&result);
	place_remove(&place);
}

static void ctrl_c_ends_within_a_second_and_the_device_can_be_updated_again(void **state)
{
	static const char *const environment[] = { "TERM=xterm", NULL };
	const struct run_settings terminal = { .columns = 80, .environment = environment };
	struct place place = place_new("real", "application");
	struct run *run = start_update(&place, &terminal, NULL);
	struct run_result result;
	uint64_t typed_ms;

	(void)state;
	run_wait_for(run, " kB/s ");
	typed_ms = run_elapsed_ms(run);
	run_type(run, "\x03");
	result = run_finish(run);
	assert_status(&result, 130);
	assert_true(result.duration_ms - typed_ms < STOP_MS * SLOWNESS_OF_SANITIZERS);
	assert_contains(result.out, ": could not send the image");
	assert_int_equal(result.out[result.out_len - 1], '\n');
	run_result_clear(&result);

	/* The same device; its time need not be waited for again. */
	write_scenario(&place, "virtual", "application");
	result = update(&place, NULL, NULL);
	assert_status(&result, 0);
	run_result_clear(&result);
	place_remove(&place);
}

static void a_request_to_end_is_a_result_too(void **state)
{
	struct place place = place_new("real", "application");
	struct run *run = start_update(&place, NULL, "--json");
	struct run_result result;
	json_t *last;

	(void)state;
	run_wait_for(run, "\"progress\"");
	run_send_signal(run, SIGTERM);
	result = run_finish(run);
	last = read_last_line(&result);
	assert_status(&result, 130);
	assert_string_equal(json_string_value(json_object_get(last, "status")), "cancelled");
	json_decref(last);
	run_result_clear(&result);
	place_remove(&place);
}

static void scan_marks_what_can_be_updated(void **state)
{
	struct place place = place_new("virtual", "bootloader");
	struct run_result result = run_otadfu("scan", "--transport", "sim", "--adapter",
					      place.scenario, "--seconds", "2");

	(void)state;
	assert_status(&result, 0);
	assert_contains(result.out, "* " BOOTLOADER_ADDRESS "/random");
	assert_contains(result.out, "legacy      bootloader");
	run_result_clear(&result);
	place_remove(&place);
}

static void scan_tells_machines_what_advertises(void **state)
{
	struct place place = place_new("virtual", "bootloader");
	struct run_result result =
		run_otadfu("scan", "--transport", "sim", "--adapter", place.scenario, "--json");
	json_t *device = read_last_line(&result);

	(void)state;
	assert_status(&result, 0);
	assert_string_equal(json_string_value(json_object_get(device, "event")), "device");
	assert_string_equal(json_string_value(json_object_get(device, "address")),
			    BOOTLOADER_ADDRESS);
	assert_string_equal(json_string_value(json_object_get(device, "address_type")), "random");
	assert_string_equal(json_string_value(json_object_get(device, "name")), "DfuTarg");
	assert_string_equal(json_string_value(json_object_get(device, "protocol")), "legacy");
	assert_string_equal(json_string_value(json_object_get(device, "mode")), "bootloader");
	assert_true(json_is_boolean(json_object_get(device, "connectable")));
	assert_non_null(json_object_get(device, "rssi"));
	json_decref(device);
	run_result_clear(&result);
	place_remove(&place);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(elsewhere_than_on_a_terminal_lines_are_plain),
		cmocka_unit_test(on_a_terminal_a_bar_never_wraps),
		cmocka_unit_test(a_dumb_terminal_gets_plain_lines),
		cmocka_unit_test(json_ends_with_one_result),
		cmocka_unit_test(quiet_success_says_nothing),
		cmocka_unit_test(output_nobody_reads_does_not_hide_the_result),
		cmocka_unit_test(closed_standard_descriptors_are_not_taken),
		cmocka_unit_test(a_package_for_another_protocol_is_refused),
		cmocka_unit_test(ctrl_c_ends_within_a_second_and_the_device_can_be_updated_again),
		cmocka_unit_test(a_request_to_end_is_a_result_too),
		cmocka_unit_test(scan_marks_what_can_be_updated),
		cmocka_unit_test(scan_tells_machines_what_advertises),
	};

	return cmocka_run_group_tests_name("e2e_update_cli", tests, NULL, NULL);
}
