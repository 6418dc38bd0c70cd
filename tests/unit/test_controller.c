#include "controller.h"

#include "hci_bench.h"

#include <otadfu/error.h>
#include <otadfu/host.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

struct bench {
	struct controller *controller;
	int near, far;
	uint64_t now_ms;
	char heard[512];
	char logged[1024];
	const char *reply; /* to each PDU, in hexadecimal */
};

__attribute__((format(printf, 2, 3))) static void hear(struct bench *bench, const char *format, ...)
{
	size_t len = strlen(bench->heard);
	va_list args;

	va_start(args, format);
	vsnprintf(bench->heard + len, sizeof(bench->heard) - len, format, args);
	va_end(args);
}

static void on_ready(void *user)
{
	hear(user, "ready ");
}

static void on_connected(void *user, const struct controller_connection *connection)
{
	hear(user, "connected %02X %s ", connection->handle,
	     connection->central ? "central" : "peripheral");
}

static void on_connect_failed(void *user, uint8_t status)
{
	hear(user, "failed %02X ", status);
}

static void on_disconnected(void *user, uint16_t handle, uint8_t reason)
{
	hear(user, "disconnected %02X %02X ", handle, reason);
}

static void on_pdu(void *user, uint16_t handle, const uint8_t *data, size_t len)
{
	struct bench *bench = user;
	uint8_t reply[HCI_BENCH_BYTES_MAX];

	hear(bench, "pdu %02X %02X+%zu ", handle, len > 0 ? data[0] : 0, len);
	if (bench->reply)
		controller_send(bench->controller, handle, reply, hci_bytes(bench->reply, reply));
}

static void on_room(void *user, uint16_t handle)
{
	hear(user, "room %02X ", handle);
}

static void on_log(void *user, int level, const char *text)
{
	struct bench *bench = user;
	size_t len = strlen(bench->logged);

	snprintf(bench->logged + len, sizeof(bench->logged) - len, "%d %s\n", level, text);
}

static void begin_without_setup(struct bench *bench)
{
	const struct controller_observer observer = { .ready = on_ready,
						      .connected = on_connected,
						      .connect_failed = on_connect_failed,
						      .disconnected = on_disconnected,
						      .pdu = on_pdu,
						      .room = on_room,
						      .log = on_log,
						      .user = bench };
	int fds[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, fds),
			 0);
	*bench = (struct bench){ .near = fds[0], .far = fds[1], .now_ms = 1000 };
	bench->controller = controller_new(bench->near, &observer);
	assert_non_null(bench->controller);
}

static void end(struct bench *bench)
{
	controller_free(bench->controller);
	close(bench->near);
	close(bench->far);
}

/* As a loop around poll would. */
static int run(struct bench *bench)
{
	struct problem problem = { "" };
	int r;

	do
		r = controller_process(bench->controller, bench->now_ms, &problem);
	while (r == OTADFU_OK && controller_next_ms(bench->controller) <= bench->now_ms);
	assert_int_equal(r < 0, problem.text[0] != '\0');
	if (r < 0)
		on_log(bench, OTADFU_LOG_ERROR, problem.text);
	return r;
}

static void say(struct bench *bench, const char *text)
{
	hci_say(bench->far, text);
	assert_int_equal(run(bench), OTADFU_OK);
}

static void expect(struct bench *bench, const char *text)
{
	assert_int_equal(run(bench), OTADFU_OK);
	hci_expect(bench->far, text);
}

static void expect_heard(struct bench *bench, const char *words)
{
	assert_string_equal(bench->heard, words);
	bench->heard[0] = '\0';
}

static void set_up(struct bench *bench, const struct hci_exchange *exchanges)
{
	for (; exchanges->host; exchanges++) {
		expect(bench, exchanges->host);
		say(bench, exchanges->controller);
	}
	expect_heard(bench, "ready ");
	expect(bench, "");
}

static void begin(struct bench *bench, const struct hci_exchange *setup)
{
	begin_without_setup(bench);
	set_up(bench, setup);
}

#define CONNECTED_40  "04 3E 13 01 00 40 00 01 01 06 05 04 03 02 C1 18 00 00 00 90 01 05"
#define CONNECTED_41  "04 3E 13 01 00 41 00 00 01 07 05 04 03 02 C1 18 00 00 00 90 01 05"
#define COMPLETED_40  "04 13 05 01 40 00 01 00"
#define RESET         "01 03 0C 00"
#define DISCONNECT_40 "01 06 04 03 40 00 13"

static void connect_40(struct bench *bench, const struct hci_exchange *setup)
{
	begin(bench, setup);
	say(bench, CONNECTED_40);
	expect_heard(bench, "connected 40 peripheral ");
}

static void send_pdu(struct bench *bench, uint16_t handle, const char *text)
{
	uint8_t pdu[HCI_BENCH_BYTES_MAX];

	assert_true(controller_send(bench->controller, handle, pdu, hci_bytes(text, pdu)));
}

/* Set-up */

static void is_set_up_by_one_command_after_the_other(void **state)
{
	struct bench bench;
	struct otadfu_addr address;

	(void)state;
	begin_without_setup(&bench);
	assert_false(controller_is_ready(bench.controller));
	set_up(&bench, hci_setup_one_buffer);
	assert_true(controller_is_ready(bench.controller));
	address = controller_address(bench.controller);
	assert_memory_equal(address.bytes, "\xC1\x22\x33\x44\x55\x66", 6);
	end(&bench);
}

/* Up to the index-th command, whose opcode it tells. */
static void set_up_until(struct bench *bench, size_t index, char ret_opcode[6])
{
	begin_without_setup(bench);
	for (size_t i = 0; i < index; i++) {
		expect(bench, hci_setup_one_buffer[i].host);
		say(bench, hci_setup_one_buffer[i].controller);
	}
	expect(bench, hci_setup_one_buffer[index].host);
	snprintf(ret_opcode, 6, "%.5s", hci_setup_one_buffer[index].host + 3);
}

static void each_refused_command_of_the_setup_ends_it_with_its_name(void **state)
{
	static const char *const names[] = { "Reset",
					     "Read Local Version",
					     "Read BD_ADDR",
					     "LE Read Local Supported Features",
					     "LE Read Buffer Size",
					     "Set Event Mask",
					     "LE Set Event Mask" };

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		char opcode[6], refusal[32];
		struct bench bench;

		set_up_until(&bench, i, opcode);
		snprintf(refusal, sizeof(refusal), "04 0E 04 01 %s 01", opcode);
		hci_say(bench.far, refusal);
		assert_int_equal(run(&bench), OTADFU_E_UNSUPPORTED);
		assert_int_equal(run(&bench), OTADFU_E_UNSUPPORTED);
		assert_non_null(strstr(bench.logged, names[i]));
		assert_non_null(strstr(bench.logged, "unknown HCI command"));
		expect_heard(&bench, "");
		end(&bench);
	}
}

static void each_unanswered_command_of_the_setup_ends_it_after_two_seconds(void **state)
{
	(void)state;
	for (size_t i = 0; hci_setup_one_buffer[i].host; i++) {
		struct bench bench;
		char opcode[6];

		set_up_until(&bench, i, opcode);
		assert_true(controller_next_ms(bench.controller) == bench.now_ms + 2000);
		bench.now_ms += 1999;
		assert_int_equal(run(&bench), OTADFU_OK);
		bench.now_ms++;
		assert_int_equal(run(&bench), OTADFU_E_TIMEOUT);
		end(&bench);
	}
}

static void a_controller_without_le_buffers_is_asked_for_its_shared_ones(void **state)
{
	struct bench bench;

	(void)state;
	begin_without_setup(&bench);
	for (size_t i = 0; i < 4; i++) {
		expect(&bench, hci_setup_one_buffer[i].host);
		say(&bench, hci_setup_one_buffer[i].controller);
	}
	expect(&bench, "01 02 20 00");
	say(&bench, "04 0E 07 01 02 20 00 00 00 00");
	expect(&bench, "01 05 10 00");
	say(&bench, "04 0E 0B 01 05 10 00 FD 03 40 08 00 00 00");
	expect(&bench, hci_setup_one_buffer[5].host);
	end(&bench);
}

static void a_controller_without_any_buffers_is_of_no_use(void **state)
{
	struct bench bench;

	(void)state;
	begin_without_setup(&bench);
	for (size_t i = 0; i < 4; i++) {
		expect(&bench, hci_setup_one_buffer[i].host);
		say(&bench, hci_setup_one_buffer[i].controller);
	}
	expect(&bench, "01 02 20 00");
	say(&bench, "04 0E 07 01 02 20 00 00 00 00");
	expect(&bench, "01 05 10 00");
	say(&bench, "04 0E 0B 01 05 10 00 00 00 00 00 00 00 00");
	for (size_t i = 5; i < 6; i++) {
		expect(&bench, hci_setup_one_buffer[i].host);
		say(&bench, hci_setup_one_buffer[i].controller);
	}
	expect(&bench, hci_setup_one_buffer[6].host);
	hci_say(bench.far, hci_setup_one_buffer[6].controller);
	assert_int_equal(run(&bench), OTADFU_E_PROTOCOL);
	end(&bench);
}

static void events_are_asked_for_with_the_feature_that_brings_them(void **state)
{
	struct bench bench;

	(void)state;
	begin_without_setup(&bench);
	for (size_t i = 0; i < 6; i++) {
		expect(&bench, hci_setup_one_buffer[i].host);
		say(&bench, i == 3 ? "04 0E 0C 01 03 20 00 40 01 00 00 00 00 00 00"
				   : hci_setup_one_buffer[i].controller);
	}
	expect(&bench, "01 01 20 08 07 0A 00 00 00 00 00 00");
	end(&bench);
}

/* Commands */

static void tell_done(void *user, uint8_t status, const uint8_t *reply)
{
	(void)reply;
	hear(user, "done %02X ", status);
}

static void ask_to_disconnect(struct bench *bench)
{
	struct hci_command command = hci_disconnect(0x40, 0x13);

	assert_true(controller_command(bench->controller, &command, tell_done, bench));
}

static void a_command_waits_for_the_answer_to_the_one_before(void **state)
{
	struct bench bench;

	(void)state;
	begin(&bench, hci_setup_one_buffer);
	ask_to_disconnect(&bench);
	ask_to_disconnect(&bench);
	expect(&bench, DISCONNECT_40);
	expect(&bench, "");
	say(&bench, "04 0F 04 00 05 06 04");
	expect_heard(&bench, "done 00 ");
	expect(&bench, DISCONNECT_40);
	say(&bench, "04 0F 04 0C 05 06 04");
	expect_heard(&bench, "done 0C ");
	end(&bench);
}

static void a_command_waits_for_a_credit(void **state)
{
	struct bench bench;

	(void)state;
	begin(&bench, hci_setup_one_buffer);
	ask_to_disconnect(&bench);
	ask_to_disconnect(&bench);
	expect(&bench, DISCONNECT_40);
	say(&bench, "04 0F 04 00 00 06 04");
	expect_heard(&bench, "done 00 ");
	expect(&bench, "");
	say(&bench, "04 0E 03 01 00 00");
	expect(&bench, DISCONNECT_40);
	end(&bench);
}

static void a_credit_that_never_comes_ends_it(void **state)
{
	struct bench bench;

	(void)state;
	begin(&bench, hci_setup_one_buffer);
	ask_to_disconnect(&bench);
	ask_to_disconnect(&bench);
	expect(&bench, DISCONNECT_40);
	say(&bench, "04 0F 04 00 00 06 04");
	bench.now_ms += 2000;
	assert_int_equal(run(&bench), OTADFU_E_TIMEOUT);
	end(&bench);
}

static void each_command_has_two_seconds_of_its_own(void **state)
{
	struct bench bench;

	(void)state;
	begin(&bench, hci_setup_one_buffer);
	for (int i = 0; i < 3; i++) {
		ask_to_disconnect(&bench);
		expect(&bench, DISCONNECT_40);
		bench.now_ms += 1500;
		say(&bench, "04 0F 04 00 01 06 04");
	}
	end(&bench);
}

static void the_answer_to_another_command_is_not_taken_for_its_own(void **state)
{
	struct bench bench;

	(void)state;
	begin(&bench, hci_setup_one_buffer);
	ask_to_disconnect(&bench);
	expect(&bench, DISCONNECT_40);
	say(&bench, "04 0E 04 01 01 0C 00");
	expect_heard(&bench, "");
	say(&bench, "04 0F 04 00 01 06 04");
	expect_heard(&bench, "done 00 ");
	end(&bench);
}

static void a_reset_that_nobody_asked_for_begins_anew(void **state)
{
	struct bench bench;

	(void)state;
	begin(&bench, hci_setup_one_buffer);
	say(&bench, "04 0E 04 01 03 0C 00");
	expect(&bench, "01 03 0C 00");
	/* Answered twice, it does not begin anew for ever. */
	say(&bench, "04 0E 04 01 03 0C 00 04 0E 04 01 03 0C 00");
	expect(&bench, "01 01 10 00");
	end(&bench);
}

static void no_command_comes_between_those_of_the_setup(void **state)
{
	struct hci_command command = hci_disconnect(0x40, 0x13);
	struct bench bench;

	(void)state;
	begin_without_setup(&bench);
	assert_false(controller_command(bench.controller, &command, NULL, NULL));
	set_up(&bench, hci_setup_one_buffer);
	assert_true(controller_command(bench.controller, &command, NULL, NULL));
	end(&bench);
}

static void commands_that_wait_are_bounded(void **state)
{
	struct hci_command command = hci_disconnect(0x40, 0x13);
	struct bench bench;
	int count = 0;

	(void)state;
	begin(&bench, hci_setup_one_buffer);
	while (controller_command(bench.controller, &command, NULL, NULL))
		count++;
	assert_int_equal(count, COMMANDS_MAX);
	end(&bench);
}

/* What a controller may send */

static void two_events_in_one_read_are_two(void **state)
{
	struct bench bench;

	(void)state;
	begin(&bench, hci_setup_one_buffer);
	say(&bench, CONNECTED_40 " 04 05 04 00 40 00 13");
	expect_heard(&bench, "connected 40 peripheral disconnected 40 13 ");
	end(&bench);
}

static void one_event_in_many_reads_is_one(void **state)
{
	const char *text = CONNECTED_40;
	struct bench bench;

	(void)state;
	begin(&bench, hci_setup_one_buffer);
	for (size_t i = 0; i < strlen(text); i += 3) {
		char byte[3] = { text[i], text[i + 1] };

		expect_heard(&bench, "");
		say(&bench, byte);
	}
	expect_heard(&bench, "connected 40 peripheral ");
	end(&bench);
}

static void damaged_and_unknown_packets_are_survived(void **state)
{
	static const char *const packets[] = {
		"04 3E 04 01 00 40 00",
		"04 3E 00",
		"04 13 03 02 40 00",
		"04 0E 02 01 03",
		"04 FF 02 01 02",
		"04 3E 01 7F",
		"03 40 00 02 AA BB",
		"05 40 00 02 00 AA BB",
		"01 03 0C 00",
		"02 40 20 01 00 01",
		"02 41 20 05 00 01 00 04 00 1E",
		"02 40 10 02 00 AA BB",
		"02 40 20 06 00 01 00 04 00 1E 1E",
		"02 40 20 05 00 01 00 99 00 1E",
	};
	struct bench bench;

	(void)state;
	connect_40(&bench, hci_setup_one_buffer);
	for (size_t i = 0; i < sizeof(packets) / sizeof(packets[0]); i++)
		say(&bench, packets[i]);
	expect_heard(&bench, "");
	expect(&bench, "");
	say(&bench, "02 40 20 05 00 01 00 04 00 1E");
	expect_heard(&bench, "pdu 40 1E+1 ");
	end(&bench);
}

static void bytes_that_are_no_packet_end_it(void **state)
{
	struct bench bench;

	(void)state;
	begin(&bench, hci_setup_one_buffer);
	hci_say(bench.far, "48 65 6C 6C 6F");
	assert_int_equal(run(&bench), OTADFU_E_PROTOCOL);
	end(&bench);
}

static void a_controller_that_closes_ends_it_for_good(void **state)
{
	struct bench bench;

	(void)state;
	connect_40(&bench, hci_setup_one_buffer);
	shutdown(bench.far, SHUT_RDWR);
	assert_int_equal(run(&bench), OTADFU_E_IO);
	assert_int_equal(run(&bench), OTADFU_E_IO);
	end(&bench);
}

/* Data */

/* 30 bytes: with the header 34, so that 27 go first and 7 follow. */
#define LONG_PDU                                                                                   \
	"1B 01 02 03 04 05 06 07 08 09 0A 0B 0C 0D 0E 0F 10 11 12 13 14 15 16 17 18 19 1A 1B 1C "  \
	"1D"
#define LONG_PART_1                                                                                \
	"02 40 00 1B 00 1E 00 04 00 1B 01 02 03 04 05 06 07 08 09 0A 0B 0C 0D 0E 0F 10 11 12 13 "  \
	"14 15 16"
#define LONG_PART_2 "02 40 10 07 00 17 18 19 1A 1B 1C 1D"

static void with_one_buffer_each_fragment_waits_for_the_one_before(void **state)
{
	struct bench bench;

	(void)state;
	connect_40(&bench, hci_setup_one_buffer);
	send_pdu(&bench, 0x40, LONG_PDU);
	expect(&bench, LONG_PART_1);
	expect(&bench, "");
	say(&bench, COMPLETED_40);
	expect(&bench, LONG_PART_2);
	end(&bench);
}

static void with_four_buffers_fragments_follow_at_once(void **state)
{
	struct bench bench;

	(void)state;
	connect_40(&bench, hci_setup_four_buffers);
	send_pdu(&bench, 0x40, LONG_PDU);
	send_pdu(&bench, 0x40, LONG_PDU);
	send_pdu(&bench, 0x40, LONG_PDU);
	expect(&bench, LONG_PART_1 " " LONG_PART_2 " " LONG_PART_1 " " LONG_PART_2);
	say(&bench, "04 13 05 01 40 00 02 00");
	expect(&bench, LONG_PART_1 " " LONG_PART_2);
	end(&bench);
}

static void a_reply_waits_for_the_end_of_the_frame_under_way(void **state)
{
	struct bench bench;

	(void)state;
	connect_40(&bench, hci_setup_one_buffer);
	send_pdu(&bench, 0x40, LONG_PDU);
	expect(&bench, LONG_PART_1);
	bench.reply = "13";
	say(&bench, "02 40 20 05 00 01 00 04 00 12");    /* a request, to be answered at once */
	say(&bench, "02 40 20 06 00 02 00 06 00 0B 01"); /* and one for pairing */
	expect(&bench, "");
	say(&bench, COMPLETED_40);
	expect(&bench, LONG_PART_2);
	say(&bench, COMPLETED_40);
	expect(&bench, "02 40 00 05 00 01 00 04 00 13");
	say(&bench, COMPLETED_40);
	expect(&bench, "02 40 00 06 00 02 00 06 00 05 05");
	end(&bench);
}

static void completed_packets_of_an_unknown_connection_change_nothing(void **state)
{
	struct bench bench;

	(void)state;
	connect_40(&bench, hci_setup_one_buffer);
	send_pdu(&bench, 0x40, LONG_PDU);
	expect(&bench, LONG_PART_1);
	say(&bench, "04 13 05 01 41 00 01 00");
	expect(&bench, "");
	end(&bench);
}

static void a_link_lost_in_the_midst_of_a_frame_leaves_the_next_one_whole(void **state)
{
	struct bench bench;

	(void)state;
	connect_40(&bench, hci_setup_one_buffer);
	send_pdu(&bench, 0x40, LONG_PDU);
	expect(&bench, LONG_PART_1);
	say(&bench, "02 40 20 06 00 05 00 04 00 52 01"); /* half a frame of the central's */
	say(&bench, "04 05 04 00 40 00 08");
	expect_heard(&bench, "disconnected 40 08 ");
	expect(&bench, "");
	say(&bench, CONNECTED_40);
	expect_heard(&bench, "connected 40 peripheral ");
	say(&bench, "02 40 10 03 00 00 AA BB"); /* the rest of it belongs to nothing */
	expect_heard(&bench, "");
	send_pdu(&bench, 0x40, LONG_PDU);
	expect(&bench, LONG_PART_1);
	say(&bench, COMPLETED_40);
	expect(&bench, LONG_PART_2);
	end(&bench);
}

static void links_take_turns(void **state)
{
	struct bench bench;

	(void)state;
	connect_40(&bench, hci_setup_one_buffer);
	say(&bench, CONNECTED_41);
	expect_heard(&bench, "connected 41 central ");
	send_pdu(&bench, 0x40, "1B 01");
	send_pdu(&bench, 0x40, "1B 02");
	send_pdu(&bench, 0x41, "52 01");
	expect(&bench, "02 40 00 06 00 02 00 04 00 1B 01");
	say(&bench, COMPLETED_40);
	expect(&bench, "02 41 00 06 00 02 00 04 00 52 01");
	say(&bench, "04 13 05 01 41 00 01 00");
	expect(&bench, "02 40 00 06 00 02 00 04 00 1B 02");
	end(&bench);
}

static void room_is_told_only_after_a_refusal(void **state)
{
	uint8_t pdu[517] = { 0x1B };
	struct bench bench;

	(void)state;
	connect_40(&bench, hci_setup_four_buffers);
	assert_true(controller_send(bench.controller, 0x40, pdu, sizeof(pdu)));
	assert_int_equal(run(&bench), OTADFU_OK);
	expect_heard(&bench, "");
	while (controller_send(bench.controller, 0x40, pdu, sizeof(pdu)))
		;
	assert_int_equal(run(&bench), OTADFU_OK);
	expect_heard(&bench, "");
	for (int i = 0; i < 6; i++)
		say(&bench, "04 13 05 01 40 00 04 00");
	expect_heard(&bench, "room 40 ");
	end(&bench);
}

static void a_pdu_without_connection_is_refused(void **state)
{
	struct bench bench;

	(void)state;
	connect_40(&bench, hci_setup_one_buffer);
	assert_false(controller_send(bench.controller, 0x41, (const uint8_t *)"\x1E", 1));
	end(&bench);
}

/* What the peer asks for */

static void encryption_is_refused_for_there_is_no_key(void **state)
{
	struct bench bench;

	(void)state;
	connect_40(&bench, hci_setup_one_buffer);
	say(&bench, "04 3E 0D 05 40 00 01 02 03 04 05 06 07 08 09 0A");
	expect(&bench, "01 1B 20 02 40 00");
	say(&bench, "04 0E 06 01 1B 20 00 40 00");
	end(&bench);
}

static void connection_parameters_asked_for_by_the_link_layer_are_accepted(void **state)
{
	struct bench bench;

	(void)state;
	connect_40(&bench, hci_setup_one_buffer);
	say(&bench, "04 3E 0B 06 40 00 06 00 0C 00 04 00 90 01");
	expect(&bench, "01 20 20 0E 40 00 06 00 0C 00 04 00 90 01 00 00 00 00");
	end(&bench);
}

static void as_a_central_it_applies_the_parameters_that_it_accepts(void **state)
{
	struct bench bench;

	(void)state;
	begin(&bench, hci_setup_one_buffer);
	say(&bench, CONNECTED_41);
	say(&bench, "02 41 20 10 00 0C 00 05 00 12 07 08 00 06 00 0C 00 04 00 90 01");
	expect(&bench, "02 41 00 0A 00 06 00 05 00 13 07 02 00 00 00 "
		       "01 13 20 0E 41 00 06 00 0C 00 04 00 90 01 00 00 00 00");
	end(&bench);
}

static void as_a_peripheral_it_rejects_a_request_for_parameters(void **state)
{
	struct bench bench;

	(void)state;
	connect_40(&bench, hci_setup_one_buffer);
	say(&bench, "02 40 20 10 00 0C 00 05 00 12 07 08 00 06 00 0C 00 04 00 90 01");
	expect(&bench, "02 40 00 0A 00 06 00 05 00 01 07 02 00 00 00");
	end(&bench);
}

static void only_the_answer_to_its_own_request_counts(void **state)
{
	const struct hci_connection_parameters wish = { 12, 24, 0, 400 };
	struct bench bench;

	(void)state;
	connect_40(&bench, hci_setup_one_buffer);
	assert_true(controller_request_parameters(bench.controller, 0x40, &wish));
	expect(&bench, "02 40 00 10 00 0C 00 05 00 12 01 08 00 0C 00 18 00 00 00 90 01");
	bench.logged[0] = '\0';
	say(&bench, "02 40 20 0A 00 06 00 05 00 13 02 02 00 00 00");
	assert_string_equal(bench.logged, "");
	say(&bench, "02 40 20 0A 00 06 00 05 00 13 01 02 00 01 00");
	assert_non_null(strstr(bench.logged, "refused our parameters"));
	end(&bench);
}

static void changes_of_the_link_are_logged(void **state)
{
	struct bench bench;

	(void)state;
	connect_40(&bench, hci_setup_one_buffer);
	say(&bench, "04 3E 0A 03 00 40 00 0C 00 01 00 C8 00");
	assert_non_null(strstr(bench.logged, "interval 12 x 1.25 ms"));
	say(&bench, "04 3E 0B 07 40 00 FB 00 48 08 1B 00 48 01");
	assert_non_null(strstr(bench.logged, "data length 251 out, 27 in"));
	say(&bench, "04 3E 06 0C 00 40 00 02 01");
	assert_non_null(strstr(bench.logged, "PHY 2 out, 1 in"));
	expect_heard(&bench, "");
	end(&bench);
}

/* Connections */

static void a_connection_that_failed_is_told(void **state)
{
	struct bench bench;

	(void)state;
	begin(&bench, hci_setup_one_buffer);
	say(&bench, "04 3E 13 01 3E 00 00 00 01 06 05 04 03 02 C1 00 00 00 00 00 00 00");
	expect_heard(&bench, "failed 3E ");
	end(&bench);
}

static void a_connection_made_twice_is_one(void **state)
{
	struct bench bench;

	(void)state;
	connect_40(&bench, hci_setup_one_buffer);
	say(&bench, CONNECTED_40);
	expect_heard(&bench, "");
	end(&bench);
}

static void a_connection_beyond_the_table_is_ended(void **state)
{
	struct bench bench;

	(void)state;
	begin(&bench, hci_setup_one_buffer);
	for (int i = 0; i < CONTROLLER_LINKS_MAX; i++) {
		char text[128];

		snprintf(text, sizeof(text),
			 "04 3E 13 01 00 %02X 00 00 01 06 05 04 03 02 C1 18 00 00 00 90 01 05", i);
		say(&bench, text);
		expect(&bench, "");
		bench.heard[0] = '\0';
	}
	say(&bench, CONNECTED_40);
	expect_heard(&bench, "");
	expect(&bench, "01 06 04 03 40 00 14");
	end(&bench);
}

static void a_disconnection_that_failed_is_none(void **state)
{
	struct bench bench;

	(void)state;
	connect_40(&bench, hci_setup_one_buffer);
	say(&bench, "04 05 04 0C 40 00 13");
	say(&bench, "04 05 04 00 41 00 13");
	expect_heard(&bench, "");
	end(&bench);
}

static void a_hardware_error_loses_all_connections_and_sets_up_anew(void **state)
{
	struct bench bench;

	(void)state;
	connect_40(&bench, hci_setup_one_buffer);
	say(&bench, CONNECTED_41);
	bench.heard[0] = '\0';
	send_pdu(&bench, 0x40, LONG_PDU);
	expect(&bench, LONG_PART_1);
	say(&bench, "04 10 01 42");
	expect_heard(&bench, "disconnected 40 16 disconnected 41 16 ");
	set_up(&bench, hci_setup_one_buffer);
	say(&bench, CONNECTED_40);
	bench.heard[0] = '\0';
	send_pdu(&bench, 0x40, LONG_PDU);
	expect(&bench, LONG_PART_1);
	end(&bench);
}

static void a_reset_overtakes_commands_and_is_sent_at_once(void **state)
{
	struct bench bench;

	(void)state;
	begin(&bench, hci_setup_one_buffer);
	ask_to_disconnect(&bench);
	ask_to_disconnect(&bench);
	expect(&bench, DISCONNECT_40);
	controller_reset(bench.controller, HCI_E_LOCAL_HOST);
	expect(&bench, RESET);
	say(&bench, "04 0F 04 00 01 06 04"); /* too late */
	expect_heard(&bench, "");
	expect(&bench, "");
	say(&bench, "04 0E 04 01 03 0C 00");
	expect(&bench, hci_setup_one_buffer[1].host);
	end(&bench);
}

static void a_full_descriptor_is_waited_for(void **state)
{
	uint8_t pdu[517] = { 0x1B }, drained[4096];
	int size = 1;
	struct bench bench;
	size_t got = 0;
	ssize_t len;

	(void)state;
	connect_40(&bench, hci_setup_four_buffers);
	setsockopt(bench.near, SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
	while (!(controller_events(bench.controller) & POLLOUT)) {
		controller_send(bench.controller, 0x40, pdu, sizeof(pdu));
		say(&bench, "04 13 05 01 40 00 04 00");
	}
	assert_true(controller_next_ms(bench.controller) > bench.now_ms);
	do {
		len = read(bench.far, drained, sizeof(drained));
		got += len > 0 ? (size_t)len : 0;
		assert_int_equal(run(&bench), OTADFU_OK);
	} while (len > 0);
	assert_int_equal(controller_events(bench.controller), POLLIN);
	assert_true(got > 0);
	end(&bench);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(is_set_up_by_one_command_after_the_other),
		cmocka_unit_test(each_refused_command_of_the_setup_ends_it_with_its_name),
		cmocka_unit_test(each_unanswered_command_of_the_setup_ends_it_after_two_seconds),
		cmocka_unit_test(a_controller_without_le_buffers_is_asked_for_its_shared_ones),
		cmocka_unit_test(a_controller_without_any_buffers_is_of_no_use),
		cmocka_unit_test(events_are_asked_for_with_the_feature_that_brings_them),
		cmocka_unit_test(a_command_waits_for_the_answer_to_the_one_before),
		cmocka_unit_test(a_command_waits_for_a_credit),
		cmocka_unit_test(a_credit_that_never_comes_ends_it),
		cmocka_unit_test(each_command_has_two_seconds_of_its_own),
		cmocka_unit_test(the_answer_to_another_command_is_not_taken_for_its_own),
		cmocka_unit_test(a_reset_that_nobody_asked_for_begins_anew),
		cmocka_unit_test(no_command_comes_between_those_of_the_setup),
		cmocka_unit_test(commands_that_wait_are_bounded),
		cmocka_unit_test(two_events_in_one_read_are_two),
		cmocka_unit_test(one_event_in_many_reads_is_one),
		cmocka_unit_test(damaged_and_unknown_packets_are_survived),
		cmocka_unit_test(bytes_that_are_no_packet_end_it),
		cmocka_unit_test(a_controller_that_closes_ends_it_for_good),
		cmocka_unit_test(with_one_buffer_each_fragment_waits_for_the_one_before),
		cmocka_unit_test(with_four_buffers_fragments_follow_at_once),
		cmocka_unit_test(a_reply_waits_for_the_end_of_the_frame_under_way),
		cmocka_unit_test(completed_packets_of_an_unknown_connection_change_nothing),
		cmocka_unit_test(a_link_lost_in_the_midst_of_a_frame_leaves_the_next_one_whole),
		cmocka_unit_test(links_take_turns),
		cmocka_unit_test(room_is_told_only_after_a_refusal),
		cmocka_unit_test(a_pdu_without_connection_is_refused),
		cmocka_unit_test(encryption_is_refused_for_there_is_no_key),
		cmocka_unit_test(connection_parameters_asked_for_by_the_link_layer_are_accepted),
		cmocka_unit_test(as_a_central_it_applies_the_parameters_that_it_accepts),
		cmocka_unit_test(as_a_peripheral_it_rejects_a_request_for_parameters),
		cmocka_unit_test(only_the_answer_to_its_own_request_counts),
		cmocka_unit_test(changes_of_the_link_are_logged),
		cmocka_unit_test(a_connection_that_failed_is_told),
		cmocka_unit_test(a_connection_made_twice_is_one),
		cmocka_unit_test(a_connection_beyond_the_table_is_ended),
		cmocka_unit_test(a_disconnection_that_failed_is_none),
		cmocka_unit_test(a_hardware_error_loses_all_connections_and_sets_up_anew),
		cmocka_unit_test(a_reset_overtakes_commands_and_is_sent_at_once),
		cmocka_unit_test(a_full_descriptor_is_waited_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
