/* What otadfu-peripheral does above its radio: advertising, links and their ends, faults. */
#include "peripheral_bench.h"

#include <otadfu/error.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define DEVICE(more)                                                                               \
	"- {address: C0:FF:EE:00:00:01, name: Thermo, hardware: nrf52840, bootloader: secure, "    \
	"sdk: \"17.1\"" more "}\n"
#define CONFORMANCE "- {address: C0:FF:EE:00:00:01, mode: conformance}\n"

/* Of the application: the buttonless characteristic and its configuration. */
#define SUBSCRIBE "12 18 00 02 00"
#define ENTER     "12 17 00 01"

static struct peripheral_bench *connected_to(void **state, const char *scenario)
{
	struct peripheral_bench *b = *state;

	peripheral_bench_open(b, scenario);
	peripheral_bench_connect(b);
	return b;
}

/* --- opening --- */

static void the_first_of_several_devices_is_taken_and_told(void **state)
{
	struct peripheral_bench *b = *state;

	peripheral_bench_open(b, DEVICE("") "- {address: C0:FF:EE:00:00:02, mode: conformance}\n");
	assert_int_equal(fake_radio.advert.own.bytes[5], 1);
	assert_true(peripheral_bench_logged(b, "the first of 2 devices"));
}

static void an_address_chooses_the_device(void **state)
{
	struct peripheral_bench *b = *state;
	static const struct otadfu_addr second = { { 0xC0, 0xFF, 0xEE, 0, 0, 2 }, 0, 0 };

	b->arguments.has_address = true;
	b->arguments.address = second;
	peripheral_bench_open(b, "- {address: C0:FF:EE:00:00:03, mode: conformance}\n"
				 "- {address: C0:FF:EE:00:00:02, mode: conformance}\n");
	assert_int_equal(fake_radio.advert.own.bytes[5], 2);
	assert_false(peripheral_bench_logged(b, "the first of"));
}

static void an_address_that_no_device_has_is_told(void **state)
{
	struct peripheral_bench *b = *state;

	b->arguments.has_address = true;
	assert_int_equal(peripheral_bench_try(b, DEVICE("")), OTADFU_E_CONFIG);
	assert_non_null(strstr(b->problem, "no device 00:00:00:00:00:00"));
}

static void a_wrong_scenario_is_told_with_its_place(void **state)
{
	struct peripheral_bench *b = *state;

	assert_int_equal(peripheral_bench_try(b, DEVICE(", mtu: 22")), OTADFU_E_CONFIG);
	assert_non_null(strstr(b->problem, "s.yaml:3:"));
}

static void a_controller_that_is_not_there_is_told(void **state)
{
	struct peripheral_bench *b = *state;

	fake_radio.open_result = OTADFU_E_NOT_FOUND;
	assert_int_equal(peripheral_bench_try(b, DEVICE("")), OTADFU_E_NOT_FOUND);
	assert_string_equal(b->problem, "hci9: no such controller");
}

static void a_folder_that_another_process_uses_is_told(void **state)
{
	struct peripheral_bench *b = *state;
	struct peripheral *other = NULL;

	peripheral_bench_open(b, DEVICE(""));
	assert_int_equal(peripheral_open(&b->arguments, &b->journal, b->now_us, &other, b->problem),
			 OTADFU_E_BUSY);
	assert_non_null(strstr(b->problem, "another process simulates this device"));
}

static void a_public_address_must_be_the_controllers(void **state)
{
	struct peripheral_bench *b = *state;
	static const struct otadfu_addr own = { { 0xC0, 0xFF, 0xEE, 0, 0, 1 }, 0, 0 };

	assert_int_equal(peripheral_bench_try(b, DEVICE(", address_type: public")),
			 OTADFU_E_CONFIG);
	assert_non_null(strstr(b->problem, "give the device a random one"));
	assert_false(fake_radio.open);
	fake_radio.address = own;
	peripheral_bench_open(b, DEVICE(", address_type: public"));
	assert_true(fake_radio.advertises);
}

/* --- advertising --- */

static void it_advertises_as_the_application_does(void **state)
{
	struct peripheral_bench *b = *state;

	peripheral_bench_open(b, DEVICE(""));
	assert_true(fake_radio.advertises);
	assert_false(fake_radio.advert.directed);
	assert_int_equal(fake_radio.advert.own.type, 1);
	assert_int_equal(fake_radio.advert.data_len, 11);
	assert_memory_equal(fake_radio.advert.data, "\x02\x01\x06\x07\x09Thermo", 11);
	assert_in_range(fake_radio.advert.interval_ms, 20, 100);
	assert_true(peripheral_bench_logged(b, "boot: application\n"));
	assert_false(peripheral_bench_logged(b, "the first of"));
	assert_true(peripheral_bench_logged(b, "advertising as C0:FF:EE:00:00:01 (Thermo)\n"));
}

static void a_hidden_device_appears_in_its_time(void **state)
{
	struct peripheral_bench *b = *state;

	peripheral_bench_open(b, DEVICE(", visible_after_ms: 700"));
	assert_int_equal(peripheral_next_us(b->peripheral), b->now_us + 700000);
	peripheral_bench_run(b, 699);
	assert_false(fake_radio.advertises);
	peripheral_bench_run(b, 1);
	assert_true(fake_radio.advertises);
}

static void it_does_not_advertise_while_a_central_is_connected(void **state)
{
	struct peripheral_bench *b = connected_to(state, DEVICE(""));

	assert_false(fake_radio.advertises);
	assert_true(peripheral_bench_logged(b, "connected from A0:B1:C2:D3:E4:F5\n"));
	peripheral_bench_hang_up(b, 0x13);
	assert_true(fake_radio.advertises);
	assert_true(peripheral_bench_logged(b, "disconnected: reason 0x13\n"));
}

static void the_jump_leads_to_the_next_address_after_a_silence(void **state)
{
	struct peripheral_bench *b = connected_to(state, DEVICE(""));

	peripheral_bench_ask(b, SUBSCRIBE, "13");
	peripheral_bench_ask(b, ENTER, "13");
	peripheral_bench_expect(b, "1D 17 00 20 01 01");
	peripheral_bench_run(b, 1000);
	assert_int_equal(fake_radio.asked, 0); /* not without the confirmation */
	peripheral_bench_send(b, "1E");
	peripheral_bench_expect_end(b, 0x13);
	assert_false(fake_radio.advertises);
	peripheral_bench_expect_advert(b, 0x02);
	assert_true(peripheral_bench_logged(b, "reset\n"));
	assert_true(peripheral_bench_logged(b, "boot: bootloader\n"));
	assert_true(peripheral_bench_logged(b, "advertising as C0:FF:EE:00:00:02 (DfuTarg)\n"));
}

static void a_bootloader_that_nobody_talks_to_gives_up(void **state)
{
	struct peripheral_bench *b = *state;

	peripheral_bench_open(b, DEVICE(", mode: bootloader"));
	assert_int_equal(fake_radio.advert.own.bytes[5], 2);
	peripheral_bench_run(b, 125000);
	assert_int_equal(fake_radio.advert.own.bytes[5], 1);
}

static void the_next_public_address_is_not_to_be_had(void **state)
{
	struct peripheral_bench *b = *state;
	static const struct otadfu_addr own = { { 0xC0, 0xFF, 0xEE, 0, 0, 1 }, 0, 0 };

	fake_radio.address = own;
	peripheral_bench_open(b, DEVICE(", address_type: public, mode: bootloader"));
	assert_false(fake_radio.advertises);
	assert_true(peripheral_bench_logged(b, "error: cannot advertise as C0:FF:EE:00:00:02"));
}

/* --- links --- */

static void the_mtu_is_told(void **state)
{
	struct peripheral_bench *b = connected_to(state, DEVICE(""));

	peripheral_bench_ask(b, "02 64 00", "03 F7 00");
	assert_true(peripheral_bench_logged(b, "MTU 100\n"));
}

static void configurations_are_forgotten_with_the_link(void **state)
{
	struct peripheral_bench *b = connected_to(state, DEVICE(""));

	peripheral_bench_ask(b, SUBSCRIBE, "13");
	peripheral_bench_ask(b, "0A 18 00", "0B 02 00");
	peripheral_bench_hang_up(b, 0x08);
	peripheral_bench_connect(b);
	peripheral_bench_ask(b, "0A 18 00", "0B 00 00");
	peripheral_bench_ask(b, ENTER, "01 12 17 00 FD");
}

static void a_configuration_has_two_bytes_that_the_value_knows(void **state)
{
	struct peripheral_bench *b = connected_to(state, DEVICE(""));

	peripheral_bench_ask(b, "12 18 00 02", "01 12 18 00 0D");
	peripheral_bench_ask(b, "12 18 00 01 00", "01 12 18 00 FD");
	peripheral_bench_ask(b, "12 16 00 01", "01 12 16 00 03");
}

static void a_legacy_bootloader_refuses_long_writes_in_its_own_words(void **state)
{
	struct peripheral_bench *b =
		connected_to(state, "- {address: C0:FF:EE:00:00:01, hardware: nrf51822, "
				    "bootloader: legacy, sdk: \"11\", mode: bootloader}\n");

	peripheral_bench_ask(b, "16 10 00 00 00 01", "01 16 10 00 82");
	peripheral_bench_ask(b, "16 0F 00 00 00 01", "01 16 0F 00 06");
	peripheral_bench_ask(b, "18 00", "01 18 00 00 06");
}

static void a_central_that_comes_while_the_device_boots_is_cut_off(void **state)
{
	struct peripheral_bench *b = connected_to(state, DEVICE(""));

	peripheral_bench_ask(b, SUBSCRIBE, "13");
	peripheral_bench_ask(b, ENTER, "13");
	peripheral_bench_expect(b, "1D 17 00 20 01 01");
	peripheral_bench_send(b, "1E");
	peripheral_bench_expect_end(b, 0x13);
	fake_radio.advertises = true; /* the controller was a moment late */
	peripheral_bench_connect(b);
	assert_int_equal(fake_radio.asked, 0x08);
	peripheral_bench_send(b, "0A 03 00");
	peripheral_bench_expect_silence(b);
	peripheral_bench_hang_up(b, 0x08);
	peripheral_bench_expect_advert(b, 0x02);
}

/* --- the pace of the link: six packets in 15 ms --- */

static void packets_reach_the_device_no_faster_than_the_link_brings_them(void **state)
{
	struct peripheral_bench *b = connected_to(state, CONFORMANCE);

	peripheral_bench_ask(b, "12 11 00 01 00", "13");
	peripheral_bench_run(b, 100);
	for (unsigned i = 0; i < 14; i++)
		peripheral_bench_send(b, "52 10 00 61");
	assert_int_equal(fake_radio.sent_count - b->seen, 6);
	peripheral_bench_run(b, 14);
	assert_int_equal(fake_radio.sent_count - b->seen, 6);
	peripheral_bench_run(b, 1);
	assert_int_equal(fake_radio.sent_count - b->seen, 12);
	peripheral_bench_run(b, 15);
	assert_int_equal(fake_radio.sent_count - b->seen, 14);
}

static void packets_beyond_all_places_are_dropped_with_a_word(void **state)
{
	struct peripheral_bench *b = connected_to(state, CONFORMANCE);

	for (unsigned i = 0; i < 6 + 2048; i++)
		peripheral_bench_send(b, "52 13 00 00 00");
	assert_false(peripheral_bench_logged(b, "a packet is dropped"));
	peripheral_bench_send(b, "52 13 00 00 00");
	assert_true(peripheral_bench_logged(b, "warning: a packet is dropped"));
	for (unsigned i = 0; i < 2; i++)
		peripheral_bench_send(b, "52 13 00 00 00");
	peripheral_bench_hang_up(b, 0x13);
	assert_true(peripheral_bench_logged(b, "warning: dropped packets: 3"));
	peripheral_bench_connect(b);
	peripheral_bench_ask(b, "12 0E 00 01", "13"); /* none of them is left */
}

/* --- the radio is full --- */

static void what_finds_no_room_goes_later_in_order(void **state)
{
	struct peripheral_bench *b = connected_to(state, CONFORMANCE);

	peripheral_bench_ask(b, "12 11 00 01 00", "13");
	peripheral_bench_room(b, 1);
	peripheral_bench_ask(b, "12 10 00 61", "13");
	peripheral_bench_send(b, "52 10 00 62");
	peripheral_bench_expect_silence(b);
	peripheral_bench_room(b, 1);
	peripheral_bench_expect(b, "1B 10 00 61");
	peripheral_bench_expect_silence(b);
	peripheral_bench_room(b, 9);
	peripheral_bench_expect(b, "1B 10 00 62");
}

static void a_burst_fills_whatever_room_there_is_and_loses_nothing(void **state)
{
	struct peripheral_bench *b = connected_to(state, CONFORMANCE);
	char expected[40];

	peripheral_bench_ask(b, "12 18 00 01 00", "13");
	peripheral_bench_room(b, 3);
	peripheral_bench_ask(b, "12 0E 00 02 F4 01 03 00", "13");
	for (unsigned i = 0; i < 500; i++) {
		if (i % 7 == 2)
			peripheral_bench_room(b, 7);
		snprintf(expected, sizeof(expected), "1B 17 00 %02X %02X %02X", i & 0xFF, i >> 8,
			 i & 0xFF);
		peripheral_bench_expect(b, expected);
	}
	peripheral_bench_room(b, 7);
	peripheral_bench_expect_silence(b);
}

static void values_beyond_all_places_are_dropped_with_a_word(void **state)
{
	struct peripheral_bench *b = connected_to(state, CONFORMANCE);

	peripheral_bench_ask(b, "12 11 00 01 00", "13");
	peripheral_bench_room(b, 0);
	for (unsigned i = 0; i < 64; i++)
		peripheral_bench_send(b, "52 10 00 61");
	peripheral_bench_run(b, 1000);
	assert_false(peripheral_bench_logged(b, "a value is dropped"));
	peripheral_bench_send(b, "52 10 00 61");
	peripheral_bench_run(b, 1000);
	assert_true(peripheral_bench_logged(b, "warning: a value is dropped"));
}

static void one_indication_waits_for_the_other(void **state)
{
	struct peripheral_bench *b = connected_to(state, CONFORMANCE);

	peripheral_bench_ask(b, "12 1B 00 02 00", "13");
	peripheral_bench_ask(b, "12 0E 00 03", "13");
	peripheral_bench_expect(b, "1D 1A 00 01 00");
	peripheral_bench_ask(b, "12 0E 00 03", "01 12 0E 00 FE");
	peripheral_bench_send(b, "1E");
	peripheral_bench_send(b, "1E"); /* once too often */
	peripheral_bench_ask(b, "12 0E 00 03", "13");
	peripheral_bench_expect(b, "1D 1A 00 02 00");
	peripheral_bench_ask(b, "0A 15 00",
			     "0B 00 00 00 00 00 00 00 00 00 00 00 00 01 00 17 00 01 "
			     "00 00 00 01 00");
}

/* --- hold and drop --- */

static void held_answers_come_in_turn_when_the_time_is_over(void **state)
{
	struct peripheral_bench *b = connected_to(state, CONFORMANCE);

	peripheral_bench_ask(b, "12 0E 00 04 00 E8 03", "13");
	peripheral_bench_send(b, "0A 03 00");
	peripheral_bench_send(b, "52 13 00 00 00");
	peripheral_bench_send(b, "12 13 00 01 00");
	peripheral_bench_run(b, 999);
	peripheral_bench_expect_silence(b);
	peripheral_bench_run(b, 1);
	peripheral_bench_expect(b, "0B 6F 74 61 64 66 75 20 74 65 73 74");
	peripheral_bench_expect(b, "13");
	peripheral_bench_ask(b, "0A 12 00",
			     "0B 0C 13 00 64 A7 21 8F 5E 0D 3C 9A 62 4E 1D 5B 04 00 "
			     "0F 7C");
}

static void reset_is_answered_at_once_and_ends_the_hold(void **state)
{
	struct peripheral_bench *b = connected_to(state, CONFORMANCE);

	peripheral_bench_ask(b, "12 0E 00 04 00 E8 03", "13");
	peripheral_bench_send(b, "12 0E 00 01");
	assert_int_equal(fake_radio.sent_count, b->seen + 1);
	peripheral_bench_expect(b, "13");
	peripheral_bench_send(b, "0A 1D 00");
	assert_int_equal(fake_radio.sent_count, b->seen + 1);
}

static void values_go_on_while_answers_are_held(void **state)
{
	struct peripheral_bench *b = connected_to(state, CONFORMANCE);

	peripheral_bench_ask(b, "12 11 00 01 00", "13");
	peripheral_bench_ask(b, "12 0E 00 04 00 E8 03", "13");
	peripheral_bench_send(b, "12 10 00 61");
	assert_int_equal(fake_radio.sent_count, b->seen + 1);
	peripheral_bench_expect(b, "1B 10 00 61");
	peripheral_bench_expect(b, "13");
}

static void a_drop_closes_the_link_with_its_reason(void **state)
{
	struct peripheral_bench *b = connected_to(state, CONFORMANCE);

	peripheral_bench_ask(b, "12 0E 00 05 00 F4 01 15", "13");
	peripheral_bench_run(b, 499);
	assert_int_equal(fake_radio.asked, 0);
	peripheral_bench_expect_end(b, 0x15);
	peripheral_bench_expect_advert(b, 0x01);
}

static void a_held_answer_is_not_given_any_more_when_the_link_closes(void **state)
{
	struct peripheral_bench *b = connected_to(state, CONFORMANCE);

	peripheral_bench_ask(b, "12 0E 00 05 00 F4 01 13", "13");
	peripheral_bench_ask(b, "12 0E 00 04 00 F5 01", "13");
	peripheral_bench_send(b, "0A 03 00");
	peripheral_bench_run(b, 500);
	assert_int_equal(fake_radio.asked, 0x13); /* at once: nothing was said of late */
	assert_false(fake_radio.advertises);
	peripheral_bench_expect_end(b, 0x13);
}

static void a_drop_without_a_word_takes_what_waits_along(void **state)
{
	struct peripheral_bench *b = connected_to(state, CONFORMANCE);

	peripheral_bench_ask(b, "12 11 00 01 00", "13");
	peripheral_bench_ask(b, "12 0E 00 05 00 F4 01 08", "13");
	peripheral_bench_room(b, 0);
	peripheral_bench_send(b, "52 10 00 61");
	peripheral_bench_run(b, 500);
	assert_int_equal(fake_radio.asked, 0x08);
	peripheral_bench_room(b, 9);
	peripheral_bench_expect_end(b, 0x08);
}

static void what_was_on_its_way_to_a_device_that_leaves_is_lost(void **state)
{
	struct peripheral_bench *b = connected_to(state, CONFORMANCE);

	peripheral_bench_ask(b, "12 0E 00 05 00 05 00 13", "13");
	for (unsigned i = 0; i < 20; i++)
		peripheral_bench_send(b, "52 13 00 00 00");
	peripheral_bench_run(b, 50);
	assert_int_equal(fake_radio.asked, 0);
	peripheral_bench_expect_end(b, 0x13);
}

/* --- faults --- */

static void what_was_on_its_way_when_the_link_is_cut_is_lost(void **state)
{
	struct peripheral_bench *b =
		connected_to(state, "- {address: C0:FF:EE:00:00:01, mode: conformance, faults: "
				    "{cut_after_writes: 8}}\n");

	for (unsigned i = 0; i < 20; i++)
		peripheral_bench_send(b, "52 13 00 00 00");
	peripheral_bench_run(b, 15);
	assert_int_equal(fake_radio.asked, 0x08);
	peripheral_bench_run(b, 1000);
	peripheral_bench_expect_end(b, 0x08);
	peripheral_bench_connect(b);
	peripheral_bench_ask(b, "0A 15 00",
			     "0B 08 00 08 00 01 00 02 00 55 4B BB EC 00 00 17 00 02 00 "
			     "00 00 00 00");
}

static void a_cut_leaves_the_write_done_and_unanswered(void **state)
{
	struct peripheral_bench *b = connected_to(state, DEVICE(", faults: {cut_after_writes: 2}"));

	peripheral_bench_ask(b, SUBSCRIBE, "13");
	peripheral_bench_send(b, ENTER);
	peripheral_bench_expect_end(b, 0x08);
	assert_true(peripheral_bench_logged(b, "fault: link cut after write 2\n"));
	assert_true(fake_radio.advertises);
	peripheral_bench_connect(b);
	peripheral_bench_ask(b, SUBSCRIBE, "13"); /* each happens once */
}

static void a_power_cut_is_a_lost_link_and_a_boot(void **state)
{
	struct peripheral_bench *b =
		connected_to(state,
			     DEVICE(", mode: bootloader, faults: {power_cut_after_writes: 1}"));

	peripheral_bench_send(b, "12 0E 00 01 00");
	peripheral_bench_expect_end(b, 0x08);
	assert_true(peripheral_bench_logged(b, "fault: power cut after write 1\n"));
	peripheral_bench_expect_advert(b, 0x01);
}

static void requests_after_the_limit_are_ignored(void **state)
{
	struct peripheral_bench *b =
		connected_to(state, DEVICE(", faults: {ignore_requests_after: 2}"));

	peripheral_bench_ask(b, "02 F7 00", "03 F7 00");
	peripheral_bench_ask(b, SUBSCRIBE, "13");
	peripheral_bench_send(b, "0A 03 00");
	peripheral_bench_run(b, 1000);
	peripheral_bench_expect_silence(b);
	assert_true(peripheral_bench_logged(b, "fault: a request is ignored\n"));
}

static void packets_are_lost_and_corrupted(void **state)
{
	struct peripheral_bench *b = connected_to(
		state, DEVICE(", mode: bootloader, faults: {lose_packet: 2, corrupt_packet: 3}"));

	peripheral_bench_ask(b, "12 0E 00 01 00", "13");
	peripheral_bench_ask(b, "12 0D 00 01 01 08 00 00 00", "13");
	peripheral_bench_expect(b, "1B 0D 00 60 01 01");
	for (int i = 0; i < 3; i++)
		peripheral_bench_send(b, "52 10 00 00 00");
	peripheral_bench_ask(b, "12 0D 00 03", "13");
	/* The checksum of 00 00 00 10. */
	peripheral_bench_expect(b, "1B 0D 00 60 03 01 04 00 00 00 78 CF F3 3C");
	assert_true(peripheral_bench_logged(b, "fault: a packet is lost\n"));
}

/* --- the end --- */

static void the_state_is_written_when_it_closes_and_when_a_link_ends(void **state)
{
	struct peripheral_bench *b = connected_to(state, DEVICE(""));
	char text[400] = "";

	peripheral_bench_hang_up(b, 0x13);
	peripheral_bench_state(b, "device.json", (uint8_t *)text, sizeof(text) - 1);
	assert_non_null(strstr(text, "\"connections\": 1"));
	peripheral_bench_connect(b);
	peripheral_bench_close(b);
	assert_false(fake_radio.open);
	peripheral_bench_state(b, "device.json", (uint8_t *)text, sizeof(text) - 1);
	assert_non_null(strstr(text, "\"connections\": 2"));
}

static void a_lost_controller_ends_it_with_what_the_radio_says(void **state)
{
	struct peripheral_bench *b = *state;

	peripheral_bench_open(b, DEVICE(""));
	fake_radio.process_result = OTADFU_E_IO;
	assert_int_equal(peripheral_process(b->peripheral, b->now_us, b->problem), OTADFU_E_IO);
	assert_string_equal(b->problem, "the controller is gone");
}

static void a_larger_level_shows_every_packet(void **state)
{
	struct peripheral_bench *b = *state;

	b->journal.level = 3;
	connected_to(state, DEVICE(""));
	peripheral_bench_ask(b, "0A 03 00", "0B 54 68 65 72 6D 6F");
	assert_true(peripheral_bench_logged(b, "< Read Request: 0A 03 00\n"));
	assert_true(peripheral_bench_logged(b, "> Read Response: 0B 54 68 65 72 6D 6F\n"));
}

#define ON_BENCH(test)                                                                             \
	cmocka_unit_test_setup_teardown(test, peripheral_bench_set_up, peripheral_bench_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		ON_BENCH(the_first_of_several_devices_is_taken_and_told),
		ON_BENCH(an_address_chooses_the_device),
		ON_BENCH(an_address_that_no_device_has_is_told),
		ON_BENCH(a_wrong_scenario_is_told_with_its_place),
		ON_BENCH(a_controller_that_is_not_there_is_told),
		ON_BENCH(a_folder_that_another_process_uses_is_told),
		ON_BENCH(a_public_address_must_be_the_controllers),
		ON_BENCH(it_advertises_as_the_application_does),
		ON_BENCH(a_hidden_device_appears_in_its_time),
		ON_BENCH(it_does_not_advertise_while_a_central_is_connected),
		ON_BENCH(the_jump_leads_to_the_next_address_after_a_silence),
		ON_BENCH(a_bootloader_that_nobody_talks_to_gives_up),
		ON_BENCH(the_next_public_address_is_not_to_be_had),
		ON_BENCH(the_mtu_is_told),
		ON_BENCH(configurations_are_forgotten_with_the_link),
		ON_BENCH(a_configuration_has_two_bytes_that_the_value_knows),
		ON_BENCH(a_legacy_bootloader_refuses_long_writes_in_its_own_words),
		ON_BENCH(a_central_that_comes_while_the_device_boots_is_cut_off),
		ON_BENCH(packets_reach_the_device_no_faster_than_the_link_brings_them),
		ON_BENCH(packets_beyond_all_places_are_dropped_with_a_word),
		ON_BENCH(what_finds_no_room_goes_later_in_order),
		ON_BENCH(a_burst_fills_whatever_room_there_is_and_loses_nothing),
		ON_BENCH(values_beyond_all_places_are_dropped_with_a_word),
		ON_BENCH(one_indication_waits_for_the_other),
		ON_BENCH(held_answers_come_in_turn_when_the_time_is_over),
		ON_BENCH(reset_is_answered_at_once_and_ends_the_hold),
		ON_BENCH(values_go_on_while_answers_are_held),
		ON_BENCH(a_drop_closes_the_link_with_its_reason),
		ON_BENCH(a_held_answer_is_not_given_any_more_when_the_link_closes),
		ON_BENCH(a_drop_without_a_word_takes_what_waits_along),
		ON_BENCH(what_was_on_its_way_to_a_device_that_leaves_is_lost),
		ON_BENCH(what_was_on_its_way_when_the_link_is_cut_is_lost),
		ON_BENCH(a_cut_leaves_the_write_done_and_unanswered),
		ON_BENCH(a_power_cut_is_a_lost_link_and_a_boot),
		ON_BENCH(requests_after_the_limit_are_ignored),
		ON_BENCH(packets_are_lost_and_corrupted),
		ON_BENCH(the_state_is_written_when_it_closes_and_when_a_link_ends),
		ON_BENCH(a_lost_controller_ends_it_with_what_the_radio_says),
		ON_BENCH(a_larger_level_shows_every_packet),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
