/* Values over bluetoothd: read, written, notified; and the end of a link. */
#include "bluez_bench.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const uint8_t value[] = { 1, 2, 3 };

static struct mock_bluez *mock_of(struct bluez_bench *b)
{
	return b->bench->mock;
}

static void start_and_begin(struct bluez_bench *b)
{
	bluez_start(b);
	bluez_begin(b);
}

/* --- what was read, and what was notified --- */

/* bluetoothd signals both alike. */
static void what_was_read_is_not_taken_for_a_notification(void **state)
{
	struct bluez_bench *b = *state;
	uint8_t data[512];
	size_t len;

	start_and_begin(b);
	assert_int_equal(bluez_write(b, ECHO, value, sizeof(value)), OTADFU_OK);
	assert_int_equal(bluez_subscribe(b, ECHO), OTADFU_OK);
	assert_int_equal(bluez_read(b, ECHO, data, &len, LONG_MS), OTADFU_OK);
	assert_int_equal(len, sizeof(value));
	assert_int_equal(bluez_wait(b, ECHO, data, &len, SHORT_MS), OTADFU_E_TIMEOUT);
}

static void notify_beside(struct mock_bluez *mock, void *user)
{
	static const uint8_t other[] = { 9 };
	const char *path = user;

	mock_bluez_set_bytes(mock, path, MOCK_CHARACTERISTIC, "Value", other, sizeof(other));
	mock_bluez_changed(mock, path, MOCK_CHARACTERISTIC, "Value");
}

static void what_is_notified_while_it_is_read_is_kept(void **state)
{
	static char path[MOCK_PATH_MAX];
	struct bluez_bench *b = *state;
	uint8_t data[512];
	size_t len;

	mock_bluez_react(mock_of(b), "ReadValue", notify_beside, path);
	bluez_start(b);
	bluez_begin(b);
	snprintf(path, sizeof(path), "%s/service%04x/char%04x", PEER_PATH, bluez_id(b, CONTROL) - 1,
		 bluez_id(b, ECHO));
	assert_int_equal(bluez_subscribe(b, ECHO), OTADFU_OK);
	assert_int_equal(bluez_read(b, ECHO, data, &len, LONG_MS), OTADFU_OK);
	assert_int_equal(len, 0);
	assert_int_equal(bluez_wait(b, ECHO, data, &len, LONG_MS), OTADFU_OK);
	assert_int_equal(len, 1);
	assert_int_equal(data[0], 9);
}

static void a_second_subscription_writes_the_descriptor_again(void **state)
{
	struct bluez_bench *b = *state;
	uint8_t data[512];
	size_t len;

	start_and_begin(b);
	assert_int_equal(bluez_subscribe(b, ECHO), OTADFU_OK);
	assert_int_equal(bluez_write(b, ECHO, value, sizeof(value)), OTADFU_OK);
	assert_int_equal(bluez_subscribe(b, ECHO), OTADFU_OK);
	assert_int_equal(bluez_write(b, ECHO, value, 1), OTADFU_OK);
	assert_int_equal(bluez_wait(b, ECHO, data, &len, LONG_MS), OTADFU_OK);
	assert_int_equal(len, sizeof(value));
	assert_int_equal(bluez_wait(b, ECHO, data, &len, LONG_MS), OTADFU_OK);
	assert_int_equal(len, 1);
	bluez_stop(b);
	assert_int_equal(mock_bluez_calls(mock_of(b), "StopNotify"), 1);
	assert_int_equal(mock_bluez_calls(mock_of(b), "StartNotify"), 2);
}

/* --- refusals --- */

static void what_bluetoothd_says_of_a_request_becomes_a_code(void **state)
{
	static const struct {
		const char *name;
		const char *text;
		int code;
		int32_t detail;
	} rows[] = {
		{ MOCK_ERROR("Failed"), "Operation failed with ATT error: 0x85", OTADFU_E_ATT,
		  0x85 },
		{ MOCK_ERROR("Failed"), "Operation failed with ATT error: 0x0e", OTADFU_E_ATT,
		  0x0E },
		{ MOCK_ERROR("Failed"), "Operation failed with ATT error: 0x0f", OTADFU_E_SECURITY,
		  0x0F },
		{ MOCK_ERROR("NotPermitted"), "Read not permitted", OTADFU_E_ATT, 0x02 },
		{ MOCK_ERROR("NotPermitted"), "Not paired", OTADFU_E_SECURITY, 0x05 },
		{ MOCK_ERROR("NotAuthorized"), "Operation Not Authorized", OTADFU_E_SECURITY,
		  0x08 },
		{ MOCK_ERROR("InvalidArguments"), "Invalid Length", OTADFU_E_ATT, 0x0D },
		{ MOCK_ERROR("NotSupported"), "Operation is not supported", OTADFU_E_ATT, 0x06 },
		{ MOCK_ERROR("InProgress"), "In Progress", OTADFU_E_BUSY, 0 },
		{ SD_BUS_ERROR_UNKNOWN_OBJECT, "no such object", OTADFU_E_IO, 0 },
		{ MOCK_ERROR("Failed"), "Operation failed", OTADFU_E_IO, 0 },
	};
	struct bluez_bench *b = *state;
	uint8_t data[512];
	size_t len;

	bluez_start(b);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct mock_bluez_fault fault = { .error = rows[i].name,
							.text = rows[i].text };

		bluez_renew(b);
		mock_bluez_set_fault(mock_of(b), "ReadValue", &fault);
		bluez_run(b);
		bluez_begin(b);
		assert_refused(bluez_read(b, LONG, data, &len, LONG_MS), b, rows[i].code,
			       rows[i].text);
		assert_int_equal(b->bench->detail, rows[i].detail);
	}
}

static void an_answer_that_comes_late_is_not_the_next_ones(void **state)
{
	const struct mock_bluez_fault fault = { .delay_ms = 3 * SHORT_MS };
	struct bluez_bench *b = *state;
	uint8_t data[512];
	size_t len;

	mock_bluez_set_fault(mock_of(b), "ReadValue", &fault);
	start_and_begin(b);
	assert_int_equal(bluez_write(b, ECHO, value, sizeof(value)), OTADFU_OK);
	assert_refused(bluez_read(b, LONG, data, &len, SHORT_MS), b, OTADFU_E_TIMEOUT,
		       "no answer in time");
	assert_int_equal(bluez_read(b, ECHO, data, &len, LONG_MS), OTADFU_OK);
	assert_int_equal(len, sizeof(value));
}

/* --- write commands --- */

enum { PACKETS = 200 };

static void send_packets(struct bluez_bench *b)
{
	uint16_t id = bluez_id(b, SEQUENCE);

	for (uint16_t i = 0; i < PACKETS; i++) {
		uint8_t packet[20] = { (uint8_t)i, (uint8_t)(i >> 8) };

		assert_int_equal(bluez_ops()->link->write_cmd(bluez_ctx(b), b->link, id, packet,
							      sizeof(packet),
							      bluez_in_ms(b, LONG_MS)),
				 OTADFU_OK);
	}
}

/* All of them, and in their order. */
static void assert_packets_arrived(struct bluez_bench *b)
{
	uint8_t log[512];
	size_t len;

	assert_int_equal(bluez_read(b, LOG, log, &len, LONG_MS), OTADFU_OK);
	assert_int_equal(len, 24);
	assert_int_equal(log[2] | log[3] << 8, PACKETS);
	assert_int_equal(log[4] | log[5] << 8, PACKETS);
}

static void no_request_overtakes_what_went_through_the_socket(void **state)
{
	struct bluez_bench *b = *state;

	mock_radio_habits(b->radio)->commands_only = true;
	start_and_begin(b);
	send_packets(b);
	assert_packets_arrived(b);
	bluez_stop(b);
	assert_int_equal(mock_bluez_calls(mock_of(b), "AcquireWrite"), 1);
	assert_int_equal(mock_bluez_calls(mock_of(b), "WriteValue"), 0);
}

static void what_cannot_be_acquired_is_written_by_calls(void **state)
{
	struct bluez_bench *b = *state;

	mock_radio_habits(b->radio)->commands_only = true;
	mock_radio_habits(b->radio)->cannot_acquire = true;
	start_and_begin(b);
	send_packets(b);
	assert_packets_arrived(b);
	bluez_stop(b);
	assert_int_equal(mock_bluez_calls(mock_of(b), "AcquireWrite"), 1);
	assert_int_equal(mock_bluez_calls(mock_of(b), "WriteValue"), PACKETS);
}

/* Nothing says which of the two bluetoothd looks at first. */
static void what_bluetoothd_has_not_yet_taken_is_waited_for(void **state)
{
	static const uint8_t packet[4];
	struct bluez_bench *b = *state;
	uint8_t log[512];
	size_t len;

	mock_radio_habits(b->radio)->commands_only = true;
	mock_radio_habits(b->radio)->lazy = true;
	start_and_begin(b);
	for (int i = 0; i < 10; i++)
		assert_int_equal(bluez_ops()->link->write_cmd(bluez_ctx(b), b->link,
							      bluez_id(b, SEQUENCE), packet,
							      sizeof(packet),
							      bluez_in_ms(b, LONG_MS)),
				 OTADFU_OK);
	assert_refused(bluez_read(b, LOG, log, &len, 20), b, OTADFU_E_TIMEOUT, "");
	assert_int_equal(bluez_read(b, LOG, log, &len, LONG_MS), OTADFU_OK);
	assert_int_equal(log[2], 10);
}

/* While it is acquired, bluetoothd refuses WriteValue. */
static void what_takes_requests_too_is_not_acquired(void **state)
{
	struct bluez_bench *b = *state;

	start_and_begin(b);
	send_packets(b);
	assert_packets_arrived(b);
	bluez_stop(b);
	assert_int_equal(mock_bluez_calls(mock_of(b), "AcquireWrite"), 0);
}

static void an_empty_command_does_not_close_the_socket(void **state)
{
	struct bluez_bench *b = *state;

	mock_radio_habits(b->radio)->commands_only = true;
	start_and_begin(b);
	assert_int_equal(bluez_ops()->link->write_cmd(bluez_ctx(b), b->link, bluez_id(b, ECHO),
						      NULL, 0, bluez_in_ms(b, LONG_MS)),
			 OTADFU_OK);
	send_packets(b);
	assert_packets_arrived(b);
}

/* --- the MTU --- */

static int mtu_of(struct bluez_bench *b, uint16_t *ret_mtu)
{
	assert_int_equal(bluez_connect(b, LONG_MS), OTADFU_OK);
	return bluez_ops()->link->mtu(bluez_ctx(b), b->link, 247, ret_mtu, bluez_in_ms(b, LONG_MS));
}

static void an_acquired_mtu_that_is_smaller_is_told(void **state)
{
	static const uint8_t longer[98];
	struct bluez_bench *b = *state;
	uint16_t id;

	mock_radio_habits(b->radio)->commands_only = true;
	mock_radio_habits(b->radio)->acquired_mtu = 100;
	start_and_begin(b);
	id = bluez_id(b, SEQUENCE);
	send_packets(b);
	assert_refused(bluez_ops()->link->write_cmd(bluez_ctx(b), b->link, id, longer,
						    sizeof(longer), bluez_in_ms(b, LONG_MS)),
		       b, OTADFU_E_IO, "two MTUs, 247 and 100");
	assert_packets_arrived(b);
}

static void an_acquired_mtu_that_cannot_be_is_not_believed(void **state)
{
	struct bluez_bench *b = *state;
	uint16_t mtu = 0;

	mock_radio_habits(b->radio)->commands_only = true;
	mock_radio_habits(b->radio)->hides_mtu = true;
	mock_radio_habits(b->radio)->acquired_mtu = 5;
	bluez_start(b);
	assert_refused(mtu_of(b, &mtu), b, OTADFU_E_UNSUPPORTED, "does not tell the MTU");
}

static void a_hidden_mtu_comes_with_what_is_acquired(void **state)
{
	struct bluez_bench *b = *state;
	uint16_t mtu = 0;

	mock_radio_habits(b->radio)->commands_only = true;
	mock_radio_habits(b->radio)->hides_mtu = true;
	bluez_start(b);
	assert_int_equal(bluez_connect(b, LONG_MS), OTADFU_OK);
	assert_int_equal(bluez_ops()->link->mtu(bluez_ctx(b), b->link, 247, &mtu,
						bluez_in_ms(b, LONG_MS)),
			 OTADFU_OK);
	assert_int_equal(mtu, 247);
}

static void an_mtu_that_cannot_be_is_not_believed(void **state)
{
	static const uint16_t lies[] = { 1, 22, 518, 65535 };
	struct bluez_bench *b = *state;
	uint16_t mtu = 0;

	bluez_start(b);
	for (size_t i = 0; i < sizeof(lies) / sizeof(lies[0]); i++) {
		bluez_renew(b);
		mock_radio_habits(b->radio)->mtu = lies[i];
		bluez_run(b);
		assert_refused(mtu_of(b, &mtu), b, OTADFU_E_UNSUPPORTED, "does not tell the MTU");
		assert_int_equal(mtu, 0);
	}
}

static void without_a_known_mtu_values_are_short(void **state)
{
	static const uint8_t longer[21];
	struct bluez_bench *b = *state;

	mock_radio_habits(b->radio)->hides_mtu = true;
	bluez_start(b);
	assert_int_equal(bluez_connect(b, LONG_MS), OTADFU_OK);
	assert_int_equal(bluez_ops()->link->discover(bluez_ctx(b), b->link, b->chrs, CHRS_MAX,
						     &b->chr_count, bluez_in_ms(b, LONG_MS)),
			 OTADFU_OK);
	assert_int_equal(bluez_write(b, ECHO, longer, 20), OTADFU_OK);
	assert_refused(bluez_write(b, ECHO, longer, 21), b, OTADFU_E_INVALID, "carries 20");
}

/* --- the end --- */

static void cut(struct mock_bluez *mock, void *radio)
{
	(void)mock;
	mock_radio_cut(radio, 0);
}

static void cut_soon(struct mock_bluez *mock, void *radio)
{
	mock_bluez_later(mock, SHORT_MS, cut, radio);
}

static void die(struct mock_bluez *mock, void *unused)
{
	(void)unused;
	mock_bluez_die(mock);
}

static void die_soon(struct mock_bluez *mock, void *unused)
{
	(void)unused;
	mock_bluez_later(mock, SHORT_MS, die, NULL);
}

static void forget(struct mock_bluez *mock, void *unused)
{
	(void)unused;
	mock_bluez_remove(mock, PEER_PATH);
}

static void forget_soon(struct mock_bluez *mock, void *unused)
{
	(void)unused;
	mock_bluez_later(mock, SHORT_MS, forget, NULL);
}

static void wait_for_the_end(struct bluez_bench *b, const char *said)
{
	uint64_t began_ms = bench_now_ms(b->bench);
	uint8_t data[512];
	size_t len;

	assert_refused(bluez_wait(b, ECHO, data, &len, LONG_MS), b, OTADFU_E_DISCONNECTED, said);
	assert_true(bench_now_ms(b->bench) - began_ms < LONG_MS / 2);
	assert_refused(bluez_write(b, ECHO, value, 1), b, OTADFU_E_DISCONNECTED, said);
	assert_int_equal(bluez_ops()->link->wait_gone(bluez_ctx(b), b->link,
						      bluez_in_ms(b, LONG_MS)),
			 OTADFU_OK);
}

static void a_lost_link_is_found_at_once(void **state)
{
	struct bluez_bench *b = *state;

	mock_bluez_react(mock_of(b), "StartNotify", cut_soon, b->radio);
	start_and_begin(b);
	assert_int_equal(bluez_subscribe(b, ECHO), OTADFU_OK);
	wait_for_the_end(b, "C0:FF:EE:00:00:0C: the link was lost");
}

static void a_device_that_is_forgotten_is_lost(void **state)
{
	struct bluez_bench *b = *state;

	mock_bluez_react(mock_of(b), "StartNotify", forget_soon, NULL);
	start_and_begin(b);
	assert_int_equal(bluez_subscribe(b, ECHO), OTADFU_OK);
	wait_for_the_end(b, "bluetoothd has forgotten the device");
}

static void with_bluetoothd_its_link_ends_at_once(void **state)
{
	struct bluez_bench *b = *state;

	mock_bluez_react(mock_of(b), "StartNotify", die_soon, NULL);
	start_and_begin(b);
	assert_int_equal(bluez_subscribe(b, ECHO), OTADFU_OK);
	wait_for_the_end(b, "bluetoothd has ended");
}

static void the_adapter_survives_its_bluetoothd(void **state)
{
	struct bluez_bench *b = *state;

	mock_bluez_react(mock_of(b), "StartNotify", die_soon, NULL);
	start_and_begin(b);
	assert_int_equal(bluez_subscribe(b, ECHO), OTADFU_OK);
	wait_for_the_end(b, "bluetoothd has ended");
	bluez_disconnect(b);
	assert_int_equal(bluez_connect(b, 20 * SHORT_MS), OTADFU_E_UNSUPPORTED);
	bluez_renew(b);
	bluez_run(b);
	bluez_begin(b);
}

static void a_request_under_way_ends_with_the_link(void **state)
{
	const struct mock_bluez_fault fault = { .delay_ms = MOCK_SILENT };
	struct bluez_bench *b = *state;
	uint8_t data[512];
	size_t len;

	mock_bluez_set_fault(mock_of(b), "ReadValue", &fault);
	mock_bluez_react(mock_of(b), "StartNotify", cut_soon, b->radio);
	start_and_begin(b);
	assert_int_equal(bluez_subscribe(b, ECHO), OTADFU_OK);
	assert_refused(bluez_read(b, LONG, data, &len, LONG_MS), b, OTADFU_E_DISCONNECTED,
		       "the link was lost");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		ON_BLUEZ(what_was_read_is_not_taken_for_a_notification),
		ON_BLUEZ(what_is_notified_while_it_is_read_is_kept),
		ON_BLUEZ(a_second_subscription_writes_the_descriptor_again),
		ON_BLUEZ(what_bluetoothd_says_of_a_request_becomes_a_code),
		ON_BLUEZ(an_answer_that_comes_late_is_not_the_next_ones),
		ON_BLUEZ(no_request_overtakes_what_went_through_the_socket),
		ON_BLUEZ(what_cannot_be_acquired_is_written_by_calls),
		ON_BLUEZ(what_bluetoothd_has_not_yet_taken_is_waited_for),
		ON_BLUEZ(what_takes_requests_too_is_not_acquired),
		ON_BLUEZ(an_empty_command_does_not_close_the_socket),
		ON_BLUEZ(an_acquired_mtu_that_is_smaller_is_told),
		ON_BLUEZ(an_acquired_mtu_that_cannot_be_is_not_believed),
		ON_BLUEZ(a_hidden_mtu_comes_with_what_is_acquired),
		ON_BLUEZ(an_mtu_that_cannot_be_is_not_believed),
		ON_BLUEZ(without_a_known_mtu_values_are_short),
		ON_BLUEZ(a_lost_link_is_found_at_once),
		ON_BLUEZ(a_device_that_is_forgotten_is_lost),
		ON_BLUEZ(with_bluetoothd_its_link_ends_at_once),
		ON_BLUEZ(the_adapter_survives_its_bluetoothd),
		ON_BLUEZ(a_request_under_way_ends_with_the_link),
	};

	if (!private_bus_is_possible())
		return 77;
	return cmocka_run_group_tests_name("bluez_link", tests, NULL, NULL);
}
