#include "hci.h"

#include "hci_bench.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const struct otadfu_addr address = { .bytes = { 0xC6, 0x55, 0x44, 0x33, 0x22, 0x11 },
					    .type = 1 };
static const struct hci_connection_parameters parameters = { 6, 12, 4, 400 };

static void expect_encoded(struct hci_command command, const char *text)
{
	uint8_t wanted[HCI_BENCH_BYTES_MAX], got[HCI_COMMAND_MAX];
	size_t len = hci_bytes(text, wanted);

	assert_int_equal(hci_encode(&command, got), len);
	assert_memory_equal(got, wanted, len);
}

static void commands_are_encoded_as_the_specification_lays_them_out(void **state)
{
	(void)state;
	expect_encoded(hci_plain(HCI_RESET), "03 0C 00");
	expect_encoded(hci_disconnect(0x0EFF, 0x13), "06 04 03 FF 0E 13");
	expect_encoded(hci_mask(HCI_LE_SET_EVENT_MASK, (const uint8_t *)"\x1\2\3\4\5\6\7\x8"),
		       "01 20 08 01 02 03 04 05 06 07 08");
	expect_encoded(hci_random_address(&address), "05 20 06 11 22 33 44 55 C6");
	expect_encoded(hci_advertising_parameters(HCI_ADVERTISING_DIRECTED, 1, 10240, &address),
		       "06 20 0F 00 40 00 40 04 01 01 11 22 33 44 55 C6 07 00");
	expect_encoded(hci_advertising_enable(true), "0A 20 01 01");
	expect_encoded(hci_connection_update(0x40, &parameters),
		       "13 20 0E 40 00 06 00 0C 00 04 00 90 01 00 00 00 00");
	expect_encoded(hci_ltk_negative_reply(0x40), "1B 20 02 40 00");
	expect_encoded(hci_parameter_request_reply(0x40, &parameters),
		       "20 20 0E 40 00 06 00 0C 00 04 00 90 01 00 00 00 00");
}

static void advertising_data_is_always_sent_in_full_length(void **state)
{
	const uint8_t data[] = { 0x02, 0x01, 0x06 };
	struct hci_command command =
		hci_advertising_data(HCI_LE_SET_ADVERTISING_DATA, data, sizeof(data));

	(void)state;
	expect_encoded(command, "08 20 20 03 02 01 06 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 "
				"00 00 00 00 00 00 00 00 00 00 00 00 00");
}

#define ENHANCED_CONNECTION                                                                        \
	"3E 1F 0A 00 40 00 00 02 11 22 33 44 55 C6 01 02 03 04 05 06 07 08 09 0A 0B 0C 18 00 00 "  \
	"00 90 01 05"

static struct hci_event decode(const char *text)
{
	static uint8_t packet[HCI_BENCH_BYTES_MAX]; /* events borrow from it */
	struct hci_event event;

	assert_true(hci_decode(packet, hci_bytes(text, packet), &event));
	return event;
}

static void a_command_complete_brings_status_credits_and_reply(void **state)
{
	struct hci_event event = decode("0E 0A 02 09 10 00 66 55 44 33 22 11");

	(void)state;
	assert_int_equal(event.kind, HCI_EVENT_COMMAND_DONE);
	assert_int_equal(event.opcode, HCI_READ_BD_ADDR);
	assert_int_equal(event.command_credits, 2);
	assert_int_equal(event.status, 0);
	assert_int_equal(event.items_len, 6);
	assert_int_equal(event.items[0], 0x66);
}

static void a_refused_command_needs_no_reply(void **state)
{
	struct hci_event event = decode("0E 04 01 09 10 01");

	(void)state;
	assert_int_equal(event.status, HCI_E_UNKNOWN_COMMAND);
	assert_int_equal(event.items_len, 0);
}

static void a_command_complete_for_no_command_brings_credits_alone(void **state)
{
	struct hci_event event = decode("0E 03 05 00 00");

	(void)state;
	assert_int_equal(event.kind, HCI_EVENT_COMMAND_DONE);
	assert_int_equal(event.opcode, 0);
	assert_int_equal(event.command_credits, 5);
}

static void a_command_status_brings_status_and_credits(void **state)
{
	struct hci_event event = decode("0F 04 0C 01 06 04");

	(void)state;
	assert_int_equal(event.kind, HCI_EVENT_COMMAND_DONE);
	assert_int_equal(event.opcode, HCI_DISCONNECT);
	assert_int_equal(event.status, 0x0C);
	assert_int_equal(event.command_credits, 1);
}

static void a_disconnection_brings_handle_and_reason(void **state)
{
	struct hci_event event = decode("05 04 00 40 00 08");

	(void)state;
	assert_int_equal(event.kind, HCI_EVENT_DISCONNECTED);
	assert_int_equal(event.handle, 0x40);
	assert_int_equal(event.reason, HCI_E_TIMEOUT);
}

static void the_upper_bits_of_a_handle_are_not_part_of_it(void **state)
{
	(void)state;
	assert_int_equal(decode("05 04 00 40 F0 08").handle, 0x40);
}

static void completed_packets_come_for_several_connections(void **state)
{
	struct hci_event event = decode("13 09 02 40 00 03 00 41 00 01 00");
	uint16_t handle, count;

	(void)state;
	assert_int_equal(event.kind, HCI_EVENT_COMPLETED);
	assert_true(hci_completed(&event, 0, &handle, &count));
	assert_int_equal(handle, 0x40);
	assert_int_equal(count, 3);
	assert_true(hci_completed(&event, 1, &handle, &count));
	assert_int_equal(handle, 0x41);
	assert_int_equal(count, 1);
	assert_false(hci_completed(&event, 2, &handle, &count));
}

static void a_connection_brings_role_peer_and_parameters(void **state)
{
	struct hci_event event =
		decode("3E 13 01 00 40 00 01 01 11 22 33 44 55 C6 18 00 02 00 90 01 05");

	(void)state;
	assert_int_equal(event.kind, HCI_EVENT_CONNECTED);
	assert_int_equal(event.status, 0);
	assert_int_equal(event.handle, 0x40);
	assert_false(event.central);
	assert_memory_equal(&event.peer, &address, sizeof(address));
	assert_int_equal(event.parameters.interval_min, 24);
	assert_int_equal(event.parameters.interval_max, 24);
	assert_int_equal(event.parameters.latency, 2);
	assert_int_equal(event.parameters.timeout, 400);
}

static void a_resolved_peer_has_the_type_of_its_identity(void **state)
{
	struct hci_event event = decode(ENHANCED_CONNECTION);

	(void)state;
	assert_int_equal(event.kind, HCI_EVENT_CONNECTED);
	assert_true(event.central);
	assert_int_equal(event.peer.type, 0);
	assert_int_equal(event.parameters.interval_min, 24);
}

static void events_of_a_connection_bring_what_changed(void **state)
{
	struct hci_event event = decode("3E 0A 03 00 40 00 0C 00 01 00 C8 00");

	(void)state;
	assert_int_equal(event.kind, HCI_EVENT_UPDATED);
	assert_int_equal(event.parameters.interval_min, 12);
	assert_int_equal(event.parameters.latency, 1);
	assert_int_equal(event.parameters.timeout, 200);

	event = decode("3E 0D 05 40 00 01 02 03 04 05 06 07 08 09 0A");
	assert_int_equal(event.kind, HCI_EVENT_KEY_REQUESTED);
	assert_int_equal(event.handle, 0x40);

	event = decode("3E 0B 06 40 00 06 00 0C 00 04 00 90 01");
	assert_int_equal(event.kind, HCI_EVENT_PARAMETERS_REQUESTED);
	assert_memory_equal(&event.parameters, &parameters, sizeof(parameters));

	event = decode("3E 0B 07 40 00 FB 00 48 08 1B 00 48 01");
	assert_int_equal(event.kind, HCI_EVENT_DATA_LENGTH);
	assert_int_equal(event.tx_octets, 251);
	assert_int_equal(event.rx_octets, 27);

	event = decode("3E 06 0C 00 40 00 02 01");
	assert_int_equal(event.kind, HCI_EVENT_PHY);
	assert_int_equal(event.tx_phy, 2);
	assert_int_equal(event.rx_phy, 1);

	event = decode("10 01 42");
	assert_int_equal(event.kind, HCI_EVENT_HARDWARE);
	assert_int_equal(event.reason, 0x42);
}

static void unknown_events_are_let_pass(void **state)
{
	static const char *const texts[] = { "FF 03 01 02 03", "3E 01 7F", "3E 02 04 00", "08 00" };

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		assert_int_equal(decode(texts[i]).kind, HCI_EVENT_OTHER);
}

static void an_event_cut_at_any_byte_is_damaged(void **state)
{
	static const char *const texts[] = {
		"0E 0A 02 09 10 00 66 55 44 33 22 11",
		"0F 04 0C 01 06 04",
		"05 04 00 40 00 08",
		"13 09 02 40 00 03 00 41 00 01 00",
		"10 01 42",
		"3E 13 01 00 40 00 01 01 11 22 33 44 55 C6 18 00 02 00 90 01 05",
		ENHANCED_CONNECTION,
		"3E 0A 03 00 40 00 0C 00 01 00 C8 00",
		"3E 0D 05 40 00 01 02 03 04 05 06 07 08 09 0A",
		"3E 0B 06 40 00 06 00 0C 00 04 00 90 01",
		"3E 0B 07 40 00 FB 00 48 08 1B 00 48 01",
		"3E 06 0C 00 40 00 02 01",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		uint8_t packet[HCI_BENCH_BYTES_MAX];
		size_t len = hci_bytes(texts[i], packet);
		struct hci_event event;

		for (size_t cut = 0; cut < len; cut++) {
			assert_false(hci_decode(packet, cut, &event)); /* length says more */
			packet[1] = (uint8_t)(cut > 2 ? cut - 2 : 0);
			assert_false(hci_decode(packet, cut, &event)); /* length agrees */
			hci_bytes(texts[i], packet);
		}
	}
}

static void a_success_without_the_reply_it_promises_is_damaged(void **state)
{
	uint8_t packet[HCI_BENCH_BYTES_MAX];
	struct hci_event event;

	(void)state;
	assert_false(hci_decode(packet, hci_bytes("0E 04 01 02 20 00", packet), &event));
	assert_false(hci_decode(packet, hci_bytes("0F 04 00 01 02 20", packet), &event));
}

static void every_status_has_words(void **state)
{
	(void)state;
	for (unsigned status = 0; status <= UINT8_MAX; status++)
		assert_true(strlen(hci_status_text((uint8_t)status)) > 3);
	assert_string_equal(hci_status_text(0x3E), "connection failed to be established");
}

static void every_command_has_a_name(void **state)
{
	(void)state;
	assert_string_equal(hci_command_name(HCI_LE_SET_RANDOM_ADDRESS), "LE Set Random Address");
	assert_non_null(hci_command_name(0xFFFF));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(commands_are_encoded_as_the_specification_lays_them_out),
		cmocka_unit_test(advertising_data_is_always_sent_in_full_length),
		cmocka_unit_test(a_command_complete_brings_status_credits_and_reply),
		cmocka_unit_test(a_refused_command_needs_no_reply),
		cmocka_unit_test(a_command_complete_for_no_command_brings_credits_alone),
		cmocka_unit_test(a_command_status_brings_status_and_credits),
		cmocka_unit_test(a_disconnection_brings_handle_and_reason),
		cmocka_unit_test(the_upper_bits_of_a_handle_are_not_part_of_it),
		cmocka_unit_test(completed_packets_come_for_several_connections),
		cmocka_unit_test(a_connection_brings_role_peer_and_parameters),
		cmocka_unit_test(a_resolved_peer_has_the_type_of_its_identity),
		cmocka_unit_test(events_of_a_connection_bring_what_changed),
		cmocka_unit_test(unknown_events_are_let_pass),
		cmocka_unit_test(an_event_cut_at_any_byte_is_damaged),
		cmocka_unit_test(a_success_without_the_reply_it_promises_is_damaged),
		cmocka_unit_test(every_status_has_words),
		cmocka_unit_test(every_command_has_a_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
