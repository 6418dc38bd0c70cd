/* The test service of transports/sim/CONFORMANCE.md, on a device and over the simulated link. */
#include "link.h"
#include "station.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#include <cmocka.h>

enum {
	CONTROL = 0x000E,
	ECHO = 0x0010,
	SEQUENCE = 0x0013,
	LOG = 0x0015,
	BURST = 0x0017,
	INDICATION = 0x001A,
	LONG = 0x001D,
	REFUSED = 0x001F,
	OTHER_MOVED = 0x000E,
	OTHER_LONG = 0x0010,
	OTHER_CONTROL = 0x0018
};

enum { INTERVAL_US = 15000, REFUSAL = 0x80 };

struct bench {
	char path[40];
	struct scenario *scenario;
	struct station station;
	struct link *link;
	struct device *device;
	uint64_t now_us;
};

static const struct link_config air = { .interval_us = INTERVAL_US, .packets_per_event = 6 };

static int set_up(void **state)
{
	static const char text[] = "devices:\n- {address: C0:FF:EE:00:00:01, mode: conformance}\n";
	struct bench *b = calloc(1, sizeof(*b));
	char message[SCENARIO_MESSAGE_MAX] = "";
	int fd;

	*state = b;
	strcpy(b->path, "/tmp/otadfu-conformance-XXXXXX");
	fd = mkstemp(b->path);
	assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	close(fd);
	assert_int_equal(scenario_read(b->path, &b->scenario, message), 0);
	b->now_us = 5000000;
	assert_int_equal(station_open(&b->station, b->scenario->devices, NULL, b->now_us), 0);
	b->device = b->station.device;
	b->link = station_connect(&b->station, &air);
	assert_non_null(b->link);
	return 0;
}

static int tear_down(void **state)
{
	struct bench *b = *state;

	station_disconnect(&b->station, b->link);
	station_close(&b->station);
	scenario_free(b->scenario);
	unlink(b->path);
	free(b);
	return 0;
}

static void pass_ms(struct bench *b, uint64_t ms)
{
	b->now_us += ms * 1000;
	station_run(&b->station, b->link, b->now_us);
}

static void connect_again(struct bench *b)
{
	station_disconnect(&b->station, b->link);
	b->link = station_connect(&b->station, &air);
	assert_non_null(b->link);
}

/* --- the device alone --- */

static uint8_t control(struct bench *b, const char *bytes, size_t len)
{
	return device_write(b->device, CONTROL, (const uint8_t *)bytes, len);
}

static uint16_t log_at(struct bench *b, size_t place)
{
	uint8_t bytes[64];
	size_t len = 0;

	assert_int_equal(device_read(b->device, LOG, bytes, sizeof(bytes), &len), 0);
	assert_int_equal(len, 24);
	return (uint16_t)(bytes[place] | bytes[place + 1] << 8);
}

static void it_advertises_its_service_at_its_address(void **state)
{
	struct bench *b = *state;
	struct device_advert advert;

	device_disconnect(b->device, 0x13);
	assert_true(device_advertises(b->device, &advert));
	assert_memory_equal(&advert.addr, &b->scenario->devices[0].config.address,
			    sizeof(advert.addr));
	assert_int_equal(advert.data_len, 31);
	assert_memory_equal(advert.data, "\x02\x01\x06\x11\x07\x64\xA7\x21\x8F\x5E\x0D\x3C\x9A",
			    13);
	assert_memory_equal(advert.data + 21, "\x09\x08otadfu t", 10);
}

static void an_unknown_command_is_refused(void **state)
{
	struct bench *b = *state;

	assert_int_equal(control(b, "", 0), REFUSAL);
	assert_int_equal(control(b, "\x00", 1), REFUSAL);
	assert_int_equal(control(b, "\x08", 1), REFUSAL);
	assert_int_equal(control(b, "\xFF", 1), REFUSAL);
}

static void a_command_of_another_length_is_refused(void **state)
{
	static const size_t lengths[] = { 0, 1, 5, 1, 4, 5, 1, 3 };
	struct bench *b = *state;
	char bytes[8] = { 0 };

	for (size_t op = 1; op < 8; op++) {
		bytes[0] = (char)op;
		assert_int_equal(control(b, bytes, lengths[op] - 1), REFUSAL);
		assert_int_equal(control(b, bytes, lengths[op] + 1), REFUSAL);
	}
}

static void echo_gives_back_what_was_written(void **state)
{
	struct bench *b = *state;
	uint8_t buf[512];
	size_t len = 99;

	assert_int_equal(device_read(b->device, ECHO, buf, sizeof(buf), &len), 0);
	assert_int_equal(len, 0);
	assert_int_equal(device_write(b->device, ECHO, (const uint8_t *)"hello", 5), 0);
	assert_int_equal(device_read(b->device, ECHO, buf, sizeof(buf), &len), 0);
	assert_int_equal(len, 5);
	device_write_cmd(b->device, ECHO, (const uint8_t *)"bye", 3);
	assert_int_equal(device_read(b->device, ECHO, buf, sizeof(buf), &len), 0);
	assert_int_equal(len, 3);
	assert_memory_equal(buf, "bye", 3);
}

static void fill_makes_an_echo_of_up_to_512_bytes(void **state)
{
	struct bench *b = *state;
	uint8_t buf[600];
	size_t len = 0;

	assert_int_equal(control(b, "\x07\x01\x02", 3), REFUSAL);
	assert_int_equal(control(b, "\x07\x00\x02", 3), 0);
	assert_int_equal(device_read(b->device, ECHO, buf, sizeof(buf), &len), 0);
	assert_int_equal(len, 512);
	for (size_t i = 0; i < len; i++)
		assert_int_equal(buf[i], i % 251);
}

static void long_has_300_bytes(void **state)
{
	struct bench *b = *state;
	uint8_t buf[600];
	size_t len = 0;

	assert_int_equal(device_read(b->device, LONG, buf, sizeof(buf), &len), 0);
	assert_int_equal(len, 300);
	for (size_t i = 0; i < len; i++)
		assert_int_equal(buf[i], i % 251);
}

static void refused_refuses(void **state)
{
	struct bench *b = *state;
	uint8_t buf[8];
	size_t len = 0;

	assert_int_equal(device_read(b->device, REFUSED, buf, sizeof(buf), &len), 0x05);
	assert_int_equal(device_write(b->device, REFUSED, buf, 1), 0x80);
}

static void the_log_counts_what_sequence_got(void **state)
{
	struct bench *b = *state;
	const uint8_t values[3][4] = { { 0, 0, 7 }, { 1, 0, 7, 8 }, { 2, 0 } };
	uint32_t crc = (uint32_t)crc32(0, values[0], 3);

	assert_int_equal(device_write(b->device, SEQUENCE, values[0], 3), 0);
	device_write_cmd(b->device, SEQUENCE, values[1], 4);
	device_write_cmd(b->device, SEQUENCE, values[2], 2);
	crc = (uint32_t)crc32(crc, values[1], 4);
	crc = (uint32_t)crc32(crc, values[2], 2);
	assert_int_equal(log_at(b, 0), 3);
	assert_int_equal(log_at(b, 2), 2);
	assert_int_equal(log_at(b, 4), 3);
	assert_int_equal(log_at(b, 6), 4);
	assert_int_equal(log_at(b, 8), crc & 0xFFFF);
	assert_int_equal(log_at(b, 10), crc >> 16);
}

static void numbers_in_order_count_up_to_the_first_that_is_not(void **state)
{
	struct bench *b = *state;
	static const uint8_t numbers[] = { 0, 1, 3, 2, 3 };

	for (size_t i = 0; i < sizeof(numbers); i++)
		device_write_cmd(b->device, SEQUENCE, (uint8_t[]){ numbers[i], 0 }, 2);
	assert_int_equal(log_at(b, 0), 5);
	assert_int_equal(log_at(b, 4), 2);
}

static void a_value_too_short_for_its_number_does_not_count(void **state)
{
	struct bench *b = *state;

	assert_int_equal(device_write(b->device, SEQUENCE, (uint8_t[]){ 0 }, 1), 0x0D);
	device_write_cmd(b->device, SEQUENCE, NULL, 0);
	assert_int_equal(log_at(b, 0), 0);
}

static void reset_clears_the_log(void **state)
{
	struct bench *b = *state;

	device_write_cmd(b->device, SEQUENCE, (uint8_t[]){ 9, 0 }, 2);
	assert_int_equal(control(b, "\x01", 1), 0);
	assert_int_equal(log_at(b, 0), 0);
	assert_int_equal(log_at(b, 6), 0);
	device_write_cmd(b->device, SEQUENCE, (uint8_t[]){ 0, 0 }, 2);
	assert_int_equal(log_at(b, 4), 1);
}

static void the_log_says_the_mtu_and_the_connections(void **state)
{
	struct bench *b = *state;

	assert_int_equal(log_at(b, 14), 23);
	assert_int_equal(device_exchange_mtu(b->device, 517), 247);
	assert_int_equal(log_at(b, 14), 247);
	assert_int_equal(log_at(b, 16), 1);
	connect_again(b);
	assert_int_equal(log_at(b, 16), 2);
}

static void the_log_counts_each_configuration_written(void **state)
{
	struct bench *b = *state;

	for (uint16_t i = 1; i <= 3; i++) {
		assert_int_equal(device_write_cccd(b->device, ECHO, 1), 0);
		assert_int_equal(log_at(b, 20), i);
	}
	assert_int_equal(control(b, "\x01", 1), 0);
	assert_int_equal(log_at(b, 20), 0);
}

static void values_need_a_subscription(void **state)
{
	struct bench *b = *state;

	assert_int_equal(control(b, "\x02\x05\x00\x04\x00", 5), 0xFD);
	assert_int_equal(control(b, "\x03", 1), 0xFD);
}

static void a_burst_longer_than_the_mtu_or_shorter_than_its_number_is_refused(void **state)
{
	struct bench *b = *state;

	device_write_cccd(b->device, BURST, 1);
	assert_int_equal(control(b, "\x02\x01\x00\x15\x00", 5), REFUSAL);
	assert_int_equal(control(b, "\x02\x01\x00\x01\x00", 5), REFUSAL);
	assert_int_equal(control(b, "\x02\x01\x00\x14\x00", 5), 0);
}

static void the_other_database_comes_with_the_next_connection_and_goes_after_reset(void **state)
{
	struct bench *b = *state;
	uint8_t buf[600];
	size_t len = 0;

	assert_int_equal(control(b, "\x06", 1), 0);
	assert_int_equal(control(b, "\x08", 1), REFUSAL);
	connect_again(b);
	assert_int_equal(device_read(b->device, OTHER_MOVED, buf, sizeof(buf), &len), 0);
	assert_int_equal(len, 1);
	assert_int_equal(buf[0], 0x2A);
	assert_int_equal(device_read(b->device, OTHER_LONG, buf, sizeof(buf), &len), 0);
	assert_int_equal(len, 300);
	assert_int_equal(device_write(b->device, OTHER_CONTROL, (uint8_t[]){ 1 }, 1), 0);
	connect_again(b);
	assert_int_equal(log_at(b, 16), 3);
}

static void a_power_cut_forgets_everything(void **state)
{
	struct bench *b = *state;
	uint8_t buf[8];
	size_t len = 9;

	device_write(b->device, ECHO, (const uint8_t *)"hello", 5);
	control(b, "\x06", 1);
	control(b, "\x05\x00\xE8\x03\x13", 5);
	device_power_cycle(b->device);
	pass_ms(b, 5000);
	connect_again(b);
	assert_int_equal(log_at(b, 16), 1);
	assert_int_equal(device_read(b->device, ECHO, buf, sizeof(buf), &len), 0);
	assert_int_equal(len, 0);
}

/* --- over the link --- */

static void send(struct bench *b, enum pdu_kind kind, uint16_t handle, const char *bytes,
		 size_t len)
{
	struct pdu pdu = { .kind = kind, .handle = handle, .len = len };

	memcpy(pdu.data, bytes, len);
	assert_true(link_send(b->link, &pdu));
}

static bool is_answered(struct bench *b)
{
	const struct answer *answer;

	if (!link_take_answer(b->link, &answer))
		return false;
	assert_int_equal(answer->att_error, 0);
	return true;
}

static void ask(struct bench *b, enum pdu_kind kind, uint16_t handle, const char *bytes, size_t len)
{
	send(b, kind, handle, bytes, len);
	pass_ms(b, 40);
	assert_true(is_answered(b));
}

static void subscribe(struct bench *b, uint16_t handle, uint16_t value)
{
	const struct pdu pdu = { .kind = PDU_CCCD, .handle = handle, .number = value };

	assert_true(link_send(b->link, &pdu));
	pass_ms(b, 40);
	assert_true(is_answered(b));
}

static void a_burst_goes_as_fast_as_the_air_takes_it_and_loses_nothing(void **state)
{
	struct bench *b = *state;
	uint8_t value[20];
	size_t len = 0;
	uint16_t taken = 0;

	subscribe(b, BURST, 1);
	send(b, PDU_WRITE, CONTROL, "\x02\xE8\x03\x14\x00", 5);
	for (int event = 0; event < 1000 / 6 + 4; event++) {
		pass_ms(b, 15);
		while (link_take_value(b->link, BURST, value, sizeof(value), &len) ==
		       LINK_VALUE_TAKEN) {
			assert_int_equal(len, 20);
			assert_int_equal(value[0] | value[1] << 8, taken);
			assert_int_equal(value[19], taken & 0xFF);
			taken++;
		}
	}
	assert_int_equal(taken, 1000);
	assert_true(is_answered(b));
	assert_int_equal(log_at(b, 18), 1000);
}

static void a_client_that_does_not_take_a_burst_is_told_of_each_loss(void **state)
{
	struct bench *b = *state;
	uint8_t value[20] = { 0 };
	size_t len = 0;
	unsigned taken = 0;
	enum link_value outcome;

	subscribe(b, BURST, 1);
	subscribe(b, ECHO, 1);
	send(b, PDU_WRITE, CONTROL, "\x02\xE8\x03\x14\x00", 5);
	pass_ms(b, 5000);
	device_write_cmd(b->device, ECHO, value, 1);
	do {
		outcome = link_take_value(b->link, BURST, value, sizeof(value), &len);
		taken += outcome == LINK_VALUE_TAKEN;
	} while (outcome == LINK_VALUE_TAKEN);
	assert_in_range(taken, 32, 64);
	assert_int_equal(outcome, LINK_VALUE_LOST);
	assert_int_equal(link_take_value(b->link, BURST, value, sizeof(value), &len),
			 LINK_VALUE_NONE);
	assert_int_equal(link_take_value(b->link, ECHO, value, sizeof(value), &len),
			 LINK_VALUE_LOST);
	assert_int_equal(log_at(b, 18), 1000);
}

static void a_burst_ends_with_its_subscription(void **state)
{
	struct bench *b = *state;

	subscribe(b, BURST, 1);
	ask(b, PDU_WRITE, CONTROL, "\x02\xE8\x03\x14\x00", 5);
	device_write_cccd(b->device, BURST, 0);
	pass_ms(b, 1000);
	device_write_cccd(b->device, BURST, 1);
	pass_ms(b, 1000);
	assert_in_range(log_at(b, 18), 1, 60);
}

static void an_indication_is_counted_when_it_is_confirmed(void **state)
{
	struct bench *b = *state;
	uint8_t value[20];
	size_t len = 0;

	subscribe(b, INDICATION, 2);
	assert_int_equal(control(b, "\x03", 1), 0);
	assert_int_equal(control(b, "\x03", 1), 0xFE);
	assert_int_equal(log_at(b, 12), 0);
	pass_ms(b, 40);
	assert_int_equal(link_take_value(b->link, INDICATION, value, sizeof(value), &len),
			 LINK_VALUE_TAKEN);
	assert_int_equal(len, 2);
	assert_memory_equal(value, "\x01\x00", 2);
	assert_int_equal(log_at(b, 12), 1);
	assert_int_equal(control(b, "\x03", 1), 0);
	pass_ms(b, 40);
	link_take_value(b->link, INDICATION, value, sizeof(value), &len);
	assert_memory_equal(value, "\x02\x00", 2);
}

static void hold_delays_every_answer_but_its_own(void **state)
{
	struct bench *b = *state;

	ask(b, PDU_WRITE, CONTROL, "\x04\x00\xE8\x03", 4);
	send(b, PDU_READ, LONG, "", 0);
	pass_ms(b, 900);
	assert_false(is_answered(b));
	pass_ms(b, 100);
	assert_true(is_answered(b));
	ask(b, PDU_READ, LONG, "", 0);
}

static void a_held_request_is_done_at_once_and_so_are_commands(void **state)
{
	struct bench *b = *state;

	ask(b, PDU_WRITE, CONTROL, "\x04\x00\xE8\x03", 4);
	send(b, PDU_WRITE, SEQUENCE, "\x00\x00", 2);
	send(b, PDU_COMMAND, SEQUENCE, "\x01\x00", 2);
	pass_ms(b, 40);
	assert_false(is_answered(b));
	assert_int_equal(log_at(b, 4), 2);
	pass_ms(b, 1000);
	assert_true(is_answered(b));
}

static void hold_for_the_next_connection_begins_and_ends_with_it(void **state)
{
	struct bench *b = *state;

	ask(b, PDU_WRITE, CONTROL, "\x04\x01\xE8\x03", 4);
	ask(b, PDU_READ, LONG, "", 0);
	connect_again(b);
	send(b, PDU_MTU, 0, "", 0);
	pass_ms(b, 900);
	assert_false(is_answered(b));
	pass_ms(b, 150);
	assert_true(is_answered(b));
	connect_again(b);
	ask(b, PDU_READ, LONG, "", 0);
}

static void reset_ends_a_hold(void **state)
{
	struct bench *b = *state;

	ask(b, PDU_WRITE, CONTROL, "\x04\x00\xE8\x03", 4);
	ask(b, PDU_WRITE, CONTROL, "\x01", 1);
	ask(b, PDU_READ, LONG, "", 0);
}

static void drop_closes_the_link_in_its_time(void **state)
{
	struct bench *b = *state;

	ask(b, PDU_WRITE, CONTROL, "\x05\x00\xF4\x01\x13", 5);
	pass_ms(b, 400);
	assert_true(link_is_attached(b->link));
	pass_ms(b, 120);
	assert_true(link_is_gone(b->link));
}

static void drop_without_a_word_shows_after_the_supervision_timeout(void **state)
{
	struct bench *b = *state;

	ask(b, PDU_WRITE, CONTROL, "\x05\x00\xF4\x01\x08", 5);
	pass_ms(b, 500);
	assert_false(link_is_attached(b->link));
	pass_ms(b, LINK_SUPERVISION_MS - 200);
	assert_false(link_is_gone(b->link));
	pass_ms(b, 200);
	assert_true(link_is_gone(b->link));
}

static void drop_for_the_next_connection_ends_with_it(void **state)
{
	struct bench *b = *state;

	ask(b, PDU_WRITE, CONTROL, "\x05\x01\x64\x00\x13", 5);
	pass_ms(b, 1000);
	assert_true(link_is_attached(b->link));
	connect_again(b);
	pass_ms(b, 200);
	assert_true(link_is_gone(b->link));
	connect_again(b);
	pass_ms(b, 1000);
	assert_true(link_is_attached(b->link));
}

static void reset_ends_a_drop(void **state)
{
	struct bench *b = *state;

	ask(b, PDU_WRITE, CONTROL, "\x05\x00\xF4\x01\x13", 5);
	ask(b, PDU_WRITE, CONTROL, "\x01", 1);
	pass_ms(b, 1000);
	assert_true(link_is_attached(b->link));
}

static void a_held_answer_dies_with_its_link(void **state)
{
	struct bench *b = *state;

	ask(b, PDU_WRITE, CONTROL, "\x04\x00\xE8\x03", 4);
	device_write(b->device, CONTROL, (const uint8_t *)"\x05\x00\x64\x00\x13", 5);
	send(b, PDU_READ, LONG, "", 0);
	pass_ms(b, 200);
	assert_true(link_is_gone(b->link));
	assert_false(is_answered(b));
}

#define ON_BENCH(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		ON_BENCH(it_advertises_its_service_at_its_address),
		ON_BENCH(an_unknown_command_is_refused),
		ON_BENCH(a_command_of_another_length_is_refused),
		ON_BENCH(echo_gives_back_what_was_written),
		ON_BENCH(fill_makes_an_echo_of_up_to_512_bytes),
		ON_BENCH(long_has_300_bytes),
		ON_BENCH(refused_refuses),
		ON_BENCH(the_log_counts_what_sequence_got),
		ON_BENCH(numbers_in_order_count_up_to_the_first_that_is_not),
		ON_BENCH(a_value_too_short_for_its_number_does_not_count),
		ON_BENCH(reset_clears_the_log),
		ON_BENCH(the_log_says_the_mtu_and_the_connections),
		ON_BENCH(the_log_counts_each_configuration_written),
		ON_BENCH(values_need_a_subscription),
		ON_BENCH(a_burst_longer_than_the_mtu_or_shorter_than_its_number_is_refused),
		ON_BENCH(the_other_database_comes_with_the_next_connection_and_goes_after_reset),
		ON_BENCH(a_power_cut_forgets_everything),
		ON_BENCH(a_burst_goes_as_fast_as_the_air_takes_it_and_loses_nothing),
		ON_BENCH(a_client_that_does_not_take_a_burst_is_told_of_each_loss),
		ON_BENCH(a_burst_ends_with_its_subscription),
		ON_BENCH(an_indication_is_counted_when_it_is_confirmed),
		ON_BENCH(hold_delays_every_answer_but_its_own),
		ON_BENCH(a_held_request_is_done_at_once_and_so_are_commands),
		ON_BENCH(hold_for_the_next_connection_begins_and_ends_with_it),
		ON_BENCH(reset_ends_a_hold),
		ON_BENCH(drop_closes_the_link_in_its_time),
		ON_BENCH(drop_without_a_word_shows_after_the_supervision_timeout),
		ON_BENCH(drop_for_the_next_connection_ends_with_it),
		ON_BENCH(reset_ends_a_drop),
		ON_BENCH(a_held_answer_dies_with_its_link),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
