#include "hci_bench.h"
#include "radio.h"
#include "scratch.h"

#include <otadfu/error.h>
#include <otadfu/host.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

enum { ENDPOINT_MAX = SCRATCH_PATH_MAX + 8 };

/* What the observer heard, a word for each, and what a controller plays in a thread meanwhile. */
struct bench {
	struct radio *radio;
	char heard[512];
	char logged[1024];
	const char *reply; /* to each PDU, in hexadecimal */
	int listener;
	int controller; /* its descriptor, once accepted */
	const struct hci_exchange *script;
	const char *fault;
	pthread_t thread;
	uint64_t now_ms;
};

#define ADVERTISING_BEGINS "01 06 20 0F A0 00 A0 00 00 00 00 00 00 00 00 00 00 07 00"
#define DONE(opcode)       "04 0E 04 01 " opcode " 00"
#define CONNECTED          "04 3E 13 01 00 40 00 01 01 06 05 04 03 02 C1 18 00 00 00 90 01 05"

__attribute__((format(printf, 2, 3))) static void hear(struct bench *bench, const char *format, ...)
{
	size_t len = strlen(bench->heard);
	va_list args;

	va_start(args, format);
	vsnprintf(bench->heard + len, sizeof(bench->heard) - len, format, args);
	va_end(args);
}

static void on_connected(void *user, const struct otadfu_addr *peer)
{
	const uint8_t *b = peer->bytes;

	hear(user, "connected %02X:%02X:%02X:%02X:%02X:%02X/%u ", b[0], b[1], b[2], b[3], b[4],
	     b[5], peer->type);
}

static void on_pdu(void *user, const uint8_t *data, size_t len)
{
	struct bench *bench = user;
	uint8_t reply[HCI_BENCH_BYTES_MAX];

	hear(bench, "pdu %02X+%zu ", data[0], len);
	if (bench->reply)
		radio_send(bench->radio, reply, hci_bytes(bench->reply, reply));
}

static void on_room(void *user)
{
	hear(user, "room ");
}

static void on_disconnected(void *user, uint8_t reason)
{
	hear(user, "disconnected %02X ", reason);
}

static void on_log(void *user, int level, const char *text)
{
	struct bench *bench = user;
	size_t len = strlen(bench->logged);

	snprintf(bench->logged + len, sizeof(bench->logged) - len, "%d %s\n", level, text);
}

static void *play(void *user)
{
	struct bench *bench = user;

	if (bench->controller < 0)
		bench->controller = accept4(bench->listener, NULL, NULL, SOCK_CLOEXEC);
	bench->fault = hci_play(bench->controller, bench->script);
	return NULL;
}

static void begin_playing(struct bench *bench, const struct hci_exchange *script)
{
	bench->script = script;
	assert_int_equal(pthread_create(&bench->thread, NULL, play, bench), 0);
}

static void end_playing(struct bench *bench)
{
	assert_int_equal(pthread_join(bench->thread, NULL), 0);
	if (bench->fault)
		fail_msg("not as expected: %s", bench->fault);
}

static void listen_at(struct bench *bench, void **state, char endpoint[ENDPOINT_MAX])
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	char path[SCRATCH_PATH_MAX];

	*bench = (struct bench){ .controller = -1, .now_ms = 1000 };
	scratch_path(state, "controller", path);
	unlink(path);
	assert_true(strlen(path) < sizeof(address.sun_path));
	memcpy(address.sun_path, path, strlen(path));
	snprintf(endpoint, ENDPOINT_MAX, "unix:%s", path);
	bench->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(bench->listener, (struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(listen(bench->listener, 1), 0);
}

static int open_radio(struct bench *bench, void **state, const struct hci_exchange *setup,
		      struct radio_problem *ret_problem)
{
	const struct radio_observer observer = { .connected = on_connected,
						 .pdu = on_pdu,
						 .room = on_room,
						 .disconnected = on_disconnected,
						 .log = on_log,
						 .user = bench };
	char endpoint[ENDPOINT_MAX];
	int r;

	listen_at(bench, state, endpoint);
	begin_playing(bench, setup);
	r = radio_open(endpoint, &observer, &bench->radio, ret_problem);
	end_playing(bench);
	return r;
}

static void begin(struct bench *bench, void **state, const struct hci_exchange *setup)
{
	struct radio_problem problem = { "" };

	if (open_radio(bench, state, setup, &problem) < 0)
		fail_msg("%s", problem.text);
}

static void end(struct bench *bench)
{
	close(bench->controller);
	radio_close(bench->radio);
	close(bench->listener);
}

/* As a loop around poll would. */
static int run(struct bench *bench)
{
	struct radio_problem problem = { "" };
	int r;

	do
		r = radio_process(bench->radio, bench->now_ms, &problem);
	while (r == OTADFU_OK && radio_next_ms(bench->radio) <= bench->now_ms);
	assert_int_equal(r < 0, problem.text[0] != '\0');
	return r;
}

static void say(struct bench *bench, const char *text)
{
	hci_say(bench->controller, text);
	assert_int_equal(run(bench), OTADFU_OK);
}

static void expect(struct bench *bench, const char *text)
{
	assert_int_equal(run(bench), OTADFU_OK);
	hci_expect(bench->controller, text);
}

/* What the host sends, one answer at a time. */
static void exchange(struct bench *bench, const char *host, const char *controller)
{
	expect(bench, host);
	say(bench, controller);
}

static void expect_heard(struct bench *bench, const char *words)
{
	assert_string_equal(bench->heard, words);
	bench->heard[0] = '\0';
}

static const struct radio_advert plain_advert = { .interval_ms = 100,
						  .data = { 0x02, 0x01, 0x06 },
						  .data_len = 3 };

static void expect_plain_advertising(struct bench *bench)
{
	exchange(bench, ADVERTISING_BEGINS, DONE("06 20"));
	exchange(bench,
		 "01 08 20 20 03 02 01 06 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 "
		 "00 00 00 00 00 00 00 00 00",
		 DONE("08 20"));
	exchange(bench,
		 "01 09 20 20 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 "
		 "00 00 00 00 00 00 00 00 00",
		 DONE("09 20"));
	exchange(bench, "01 0A 20 01 01", DONE("0A 20"));
	expect(bench, "");
}

static void advertise(struct bench *bench)
{
	radio_advertise(bench->radio, &plain_advert);
	expect_plain_advertising(bench);
}

static void connect_central(struct bench *bench)
{
	advertise(bench);
	say(bench, CONNECTED);
	expect(bench, "");
	bench->heard[0] = '\0';
}

static void knows_the_public_address_when_it_is_open(void **state)
{
	struct bench bench;
	struct otadfu_addr address;

	begin(&bench, state, hci_setup_one_buffer);
	address = radio_address(bench.radio);
	assert_memory_equal(address.bytes, "\xC1\x22\x33\x44\x55\x66", 6);
	assert_int_equal(address.type, 0);
	end(&bench);
}

static void an_open_that_the_controller_refuses_names_endpoint_and_command(void **state)
{
	static const struct hci_exchange refusing[] = {
		{ "01 03 0C 00", "04 0E 04 01 03 0C 03" },
		{ NULL, NULL },
	};
	struct radio_problem problem = { "" };
	struct bench bench;

	assert_int_equal(open_radio(&bench, state, refusing, &problem), OTADFU_E_UNSUPPORTED);
	assert_non_null(strstr(problem.text, "unix:"));
	assert_non_null(strstr(problem.text, "Reset"));
	assert_non_null(strstr(problem.text, "hardware failure"));
	close(bench.controller);
	close(bench.listener);
}

static void nothing_at_the_endpoint_is_not_found(void **state)
{
	const struct radio_observer observer = { .log = on_log };
	char path[SCRATCH_PATH_MAX], endpoint[ENDPOINT_MAX];
	struct radio_problem problem = { "" };
	struct radio *radio = NULL;

	scratch_path(state, "nowhere", path);
	snprintf(endpoint, sizeof(endpoint), "unix:%s", path);
	assert_int_equal(radio_open(endpoint, &observer, &radio, &problem), OTADFU_E_NOT_FOUND);
	assert_null(radio);
	assert_non_null(strstr(problem.text, path));
}

static void advertises_undirected_with_data_and_an_empty_scan_response(void **state)
{
	struct bench bench;

	begin(&bench, state, hci_setup_one_buffer);
	expect(&bench, "");
	advertise(&bench);
	end(&bench);
}

static void wanting_the_same_again_sends_nothing(void **state)
{
	struct bench bench;

	begin(&bench, state, hci_setup_one_buffer);
	advertise(&bench);
	radio_advertise(bench.radio, &plain_advert);
	expect(&bench, "");
	end(&bench);
}

static void advertises_directed_from_a_random_address_without_data(void **state)
{
	const struct radio_advert advert = {
		.own = { .bytes = { 0xC2, 1, 2, 3, 4, 5 }, .type = 1 },
		.directed = true,
		.peer = { .bytes = { 0xA0, 9, 8, 7, 6, 5 }, .type = 0 },
		.interval_ms = 20,
	};
	struct bench bench;

	begin(&bench, state, hci_setup_one_buffer);
	radio_advertise(bench.radio, &advert);
	exchange(&bench, "01 05 20 06 05 04 03 02 01 C2", DONE("05 20"));
	exchange(&bench, "01 06 20 0F 20 00 20 00 04 01 00 05 06 07 08 09 A0 07 00", DONE("06 20"));
	exchange(&bench, "01 0A 20 01 01", DONE("0A 20"));
	expect(&bench, "");
	end(&bench);
}

static void another_address_is_set_only_while_nothing_is_on_the_air(void **state)
{
	struct radio_advert moved = plain_advert;
	struct bench bench;

	begin(&bench, state, hci_setup_one_buffer);
	advertise(&bench);
	moved.own = (struct otadfu_addr){ .bytes = { 0xC2, 1, 2, 3, 4, 6 }, .type = 1 };
	radio_advertise(bench.radio, &moved);
	exchange(&bench, "01 0A 20 01 00", DONE("0A 20"));
	exchange(&bench, "01 05 20 06 06 04 03 02 01 C2", DONE("05 20"));
	expect(&bench, "01 06 20 0F A0 00 A0 00 00 01 00 00 00 00 00 00 00 07 00");
	end(&bench);
}

static void a_wish_changed_in_the_midst_of_commands_begins_anew(void **state)
{
	struct radio_advert moved = plain_advert;
	struct bench bench;

	begin(&bench, state, hci_setup_one_buffer);
	radio_advertise(bench.radio, &plain_advert);
	expect(&bench, ADVERTISING_BEGINS);
	moved.own = (struct otadfu_addr){ .bytes = { 0xC2, 1, 2, 3, 4, 6 }, .type = 1 };
	radio_advertise(bench.radio, &moved);
	expect(&bench, "");
	say(&bench, DONE("06 20"));
	expect(&bench, "01 05 20 06 06 04 03 02 01 C2");
	end(&bench);
}

static void a_wish_taken_back_in_the_midst_of_commands_ends_them(void **state)
{
	struct bench bench;

	begin(&bench, state, hci_setup_one_buffer);
	radio_advertise(bench.radio, &plain_advert);
	expect(&bench, ADVERTISING_BEGINS);
	radio_advertise(bench.radio, NULL);
	say(&bench, DONE("06 20"));
	expect(&bench, "");
	end(&bench);
}

static void wanting_nothing_ends_advertising(void **state)
{
	struct bench bench;

	begin(&bench, state, hci_setup_one_buffer);
	advertise(&bench);
	radio_advertise(bench.radio, NULL);
	exchange(&bench, "01 0A 20 01 00", DONE("0A 20"));
	expect(&bench, "");
	end(&bench);
}

static void refused_advertising_is_told_once_and_tried_again_each_second(void **state)
{
	struct bench bench;

	begin(&bench, state, hci_setup_one_buffer);
	radio_advertise(bench.radio, &plain_advert);
	for (int i = 0; i < 3; i++) {
		exchange(&bench, ADVERTISING_BEGINS, "04 0E 04 01 06 20 0C");
		expect(&bench, "");
		assert_true(radio_next_ms(bench.radio) == bench.now_ms + 1000);
		bench.now_ms += 1000;
		exchange(&bench, "01 0A 20 01 00", DONE("0A 20"));
	}
	assert_non_null(strstr(bench.logged, "command disallowed"));
	assert_null(strstr(strstr(bench.logged, "trying again") + 1, "trying again"));
	end(&bench);
}

static void refused_to_turn_advertising_off_it_goes_on_with_the_next_step(void **state)
{
	struct radio_advert moved = plain_advert;
	struct bench bench;

	begin(&bench, state, hci_setup_one_buffer);
	advertise(&bench);
	moved.interval_ms = 50;
	radio_advertise(bench.radio, &moved);
	exchange(&bench, "01 0A 20 01 00", "04 0E 04 01 0A 20 0C");
	bench.now_ms += 1000;
	expect(&bench, "01 06 20 0F 50 00 50 00 00 00 00 00 00 00 00 00 00 07 00");
	end(&bench);
}

static void a_connection_is_told_with_the_central_s_address(void **state)
{
	struct bench bench;

	begin(&bench, state, hci_setup_one_buffer);
	advertise(&bench);
	say(&bench, CONNECTED);
	expect_heard(&bench, "connected C1:02:03:04:05:06/1 ");
	end(&bench);
}

static void an_enhanced_connection_complete_is_one_too(void **state)
{
	struct bench bench;

	begin(&bench, state, hci_setup_one_buffer);
	advertise(&bench);
	say(&bench, "04 3E 1F 0A 00 40 00 01 03 06 05 04 03 02 C1 00 00 00 00 00 00 11 22 33 44 55 "
		    "66 18 00 00 00 90 01 05");
	expect_heard(&bench, "connected C1:02:03:04:05:06/1 ");
	end(&bench);
}

static void nothing_is_advertised_while_a_central_is_connected(void **state)
{
	struct radio_advert other = plain_advert;
	struct bench bench;

	begin(&bench, state, hci_setup_one_buffer);
	connect_central(&bench);
	other.interval_ms = 50;
	radio_advertise(bench.radio, &other);
	expect(&bench, "");
	end(&bench);
}

static void advertises_again_when_the_central_is_gone(void **state)
{
	struct bench bench;

	begin(&bench, state, hci_setup_one_buffer);
	connect_central(&bench);
	say(&bench, "04 05 04 00 40 00 13");
	expect_heard(&bench, "disconnected 13 ");
	expect_plain_advertising(&bench);
	end(&bench);
}

static void a_connection_attempt_that_failed_leaves_it_advertising(void **state)
{
	struct bench bench;

	begin(&bench, state, hci_setup_one_buffer);
	advertise(&bench);
	say(&bench, "04 3E 13 01 3C 00 00 01 01 06 05 04 03 02 C1 00 00 00 00 00 00 00");
	expect_heard(&bench, "");
	expect_plain_advertising(&bench);
	end(&bench);
}

static void a_second_central_is_sent_away(void **state)
{
	struct bench bench;

	begin(&bench, state, hci_setup_one_buffer);
	connect_central(&bench);
	say(&bench, "04 3E 13 01 00 41 00 01 01 06 05 04 03 02 C1 18 00 00 00 90 01 05");
	exchange(&bench, "01 06 04 03 41 00 13", "04 0F 04 00 01 06 04");
	say(&bench, "04 05 04 00 41 00 16");
	expect_heard(&bench, "");
	end(&bench);
}

static void pdus_pass_both_ways(void **state)
{
	struct bench bench;

	begin(&bench, state, hci_setup_one_buffer);
	connect_central(&bench);
	bench.reply = "0B 2A";
	say(&bench, "02 40 20 07 00 03 00 04 00 0A 03 00");
	expect_heard(&bench, "pdu 0A+3 ");
	expect(&bench, "02 40 00 06 00 02 00 04 00 0B 2A");
	end(&bench);
}

static void nothing_is_sent_without_a_connection(void **state)
{
	struct bench bench;

	begin(&bench, state, hci_setup_one_buffer);
	assert_false(radio_send(bench.radio, (const uint8_t *)"\x1B", 1));
	expect(&bench, "");
	end(&bench);
}

static void room_is_told_once_after_a_refusal_and_then_the_longest_pdu_is_taken(void **state)
{
	uint8_t pdu[100] = { 0x1B }, longest[517] = { 0x1B };
	struct bench bench;
	int rounds;

	begin(&bench, state, hci_setup_four_buffers);
	connect_central(&bench);
	while (radio_send(bench.radio, pdu, sizeof(pdu)))
		;
	expect_heard(&bench, "");
	for (rounds = 0; !bench.heard[0] && rounds < 100; rounds++) {
		assert_int_equal(run(&bench), OTADFU_OK);
		say(&bench, "04 13 05 01 40 00 04 00");
	}
	expect_heard(&bench, "room ");
	assert_true(radio_send(bench.radio, longest, sizeof(longest)));
	end(&bench);
}

static void a_disconnection_is_asked_for_once_with_its_reason(void **state)
{
	struct bench bench;

	begin(&bench, state, hci_setup_one_buffer);
	connect_central(&bench);
	radio_disconnect(bench.radio, 0x13);
	radio_disconnect(bench.radio, 0x13);
	exchange(&bench, "01 06 04 03 40 00 13", "04 0F 04 00 01 06 04");
	expect(&bench, "");
	say(&bench, "04 05 04 00 40 00 16");
	expect_heard(&bench, "disconnected 16 ");
	end(&bench);
}

static void each_connection_can_be_ended(void **state)
{
	struct bench bench;

	begin(&bench, state, hci_setup_one_buffer);
	advertise(&bench);
	for (int i = 0; i < 2; i++) {
		say(&bench, CONNECTED);
		radio_disconnect(bench.radio, 0x13);
		exchange(&bench, "01 06 04 03 40 00 13", "04 0F 04 00 01 06 04");
		say(&bench, "04 05 04 00 40 00 16");
		expect_plain_advertising(&bench);
	}
	end(&bench);
}

static void an_answer_is_out_before_the_disconnection_behind_it(void **state)
{
	struct bench bench;

	begin(&bench, state, hci_setup_one_buffer);
	connect_central(&bench);
	radio_send(bench.radio, (const uint8_t *)"\x13", 1);
	radio_disconnect(bench.radio, 0x13);
	expect(&bench, "02 40 00 05 00 01 00 04 00 13 01 06 04 03 40 00 13");
	end(&bench);
}

static void play_setup_again(struct bench *bench)
{
	for (const struct hci_exchange *step = hci_setup_one_buffer; step->host; step++)
		exchange(bench, step->host, step->controller);
}

static void a_controller_that_does_not_send_08_is_reset_instead(void **state)
{
	struct bench bench;

	begin(&bench, state, hci_setup_one_buffer);
	connect_central(&bench);
	radio_disconnect(bench.radio, 0x08);
	exchange(&bench, "01 06 04 03 40 00 08", "04 0F 04 12 01 06 04");
	expect_heard(&bench, "disconnected 08 ");
	play_setup_again(&bench);
	expect_plain_advertising(&bench);
	end(&bench);
}

static void a_controller_that_sends_08_is_not_reset(void **state)
{
	struct bench bench;

	begin(&bench, state, hci_setup_one_buffer);
	connect_central(&bench);
	radio_disconnect(bench.radio, 0x08);
	exchange(&bench, "01 06 04 03 40 00 08", "04 0F 04 00 01 06 04");
	say(&bench, "04 05 04 00 40 00 08");
	expect_heard(&bench, "disconnected 08 ");
	expect_plain_advertising(&bench);
	end(&bench);
}

static void a_cut_that_comes_too_late_resets_nothing(void **state)
{
	struct bench bench;

	begin(&bench, state, hci_setup_one_buffer);
	connect_central(&bench);
	radio_disconnect(bench.radio, 0x08);
	expect(&bench, "01 06 04 03 40 00 08");
	say(&bench, "04 05 04 00 40 00 13 04 0F 04 02 01 06 04");
	expect_heard(&bench, "disconnected 13 ");
	expect_plain_advertising(&bench);
	end(&bench);
}

static void what_was_said_before_the_reset_is_not_believed_after_it(void **state)
{
	struct bench bench;

	begin(&bench, state, hci_setup_one_buffer);
	connect_central(&bench);
	radio_disconnect(bench.radio, 0x08);
	exchange(&bench, "01 06 04 03 40 00 08", "04 0F 04 12 01 06 04");
	expect_heard(&bench, "disconnected 08 ");
	say(&bench, CONNECTED);
	say(&bench, "02 40 20 07 00 03 00 04 00 0A 03 00");
	expect_heard(&bench, "");
	play_setup_again(&bench);
	expect_plain_advertising(&bench);
	end(&bench);
}

static void the_central_is_asked_for_an_interval_and_its_answer_is_logged(void **state)
{
	struct bench bench;

	begin(&bench, state, hci_setup_one_buffer);
	assert_false(radio_ask_interval(bench.radio, 15, 30));
	connect_central(&bench);
	assert_true(radio_ask_interval(bench.radio, 15, 30));
	expect(&bench, "02 40 00 10 00 0C 00 05 00 12 01 08 00 0C 00 18 00 00 00 90 01");
	say(&bench, "02 40 20 0A 00 06 00 05 00 13 01 02 00 00 00");
	assert_non_null(strstr(bench.logged, "accepted"));
	end(&bench);
}

static uint64_t clock_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static void close_says_power_off_and_waits_for_the_end_of_the_connection(void **state)
{
	static const struct hci_exchange parting[] = {
		{ "01 06 04 03 40 00 15", "04 0F 04 00 01 06 04 04 05 04 00 40 00 16" },
		{ NULL, NULL },
	};
	struct bench bench;

	begin(&bench, state, hci_setup_one_buffer);
	connect_central(&bench);
	begin_playing(&bench, parting);
	radio_close(bench.radio);
	end_playing(&bench);
	expect_heard(&bench, "");
	close(bench.controller);
	close(bench.listener);
}

static void close_ends_advertising(void **state)
{
	static const struct hci_exchange parting[] = {
		{ "01 0A 20 01 00", DONE("0A 20") },
		{ NULL, NULL },
	};
	struct bench bench;

	begin(&bench, state, hci_setup_one_buffer);
	advertise(&bench);
	begin_playing(&bench, parting);
	radio_close(bench.radio);
	end_playing(&bench);
	close(bench.controller);
	close(bench.listener);
}

static void close_resets_a_controller_that_does_not_part_and_takes_half_a_second(void **state)
{
	struct bench bench;
	uint64_t began_ms, took_ms;

	begin(&bench, state, hci_setup_one_buffer);
	connect_central(&bench);
	began_ms = clock_ms();
	radio_close(bench.radio);
	took_ms = clock_ms() - began_ms;
	assert_in_range(took_ms, 490, 900);
	hci_expect(bench.controller, "01 06 04 03 40 00 15 01 03 0C 00");
	close(bench.controller);
	close(bench.listener);
}

static void a_controller_that_goes_away_is_told_by_name(void **state)
{
	struct radio_problem problem = { "" };
	struct bench bench;

	begin(&bench, state, hci_setup_one_buffer);
	close(bench.controller);
	assert_int_equal(radio_process(bench.radio, bench.now_ms, &problem), OTADFU_E_IO);
	assert_non_null(strstr(problem.text, "unix:"));
	assert_int_equal(radio_process(bench.radio, bench.now_ms, &problem), OTADFU_E_IO);
	bench.controller = -1;
	end(&bench);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(knows_the_public_address_when_it_is_open),
		cmocka_unit_test(an_open_that_the_controller_refuses_names_endpoint_and_command),
		cmocka_unit_test(nothing_at_the_endpoint_is_not_found),
		cmocka_unit_test(advertises_undirected_with_data_and_an_empty_scan_response),
		cmocka_unit_test(wanting_the_same_again_sends_nothing),
		cmocka_unit_test(advertises_directed_from_a_random_address_without_data),
		cmocka_unit_test(another_address_is_set_only_while_nothing_is_on_the_air),
		cmocka_unit_test(a_wish_changed_in_the_midst_of_commands_begins_anew),
		cmocka_unit_test(a_wish_taken_back_in_the_midst_of_commands_ends_them),
		cmocka_unit_test(wanting_nothing_ends_advertising),
		cmocka_unit_test(refused_advertising_is_told_once_and_tried_again_each_second),
		cmocka_unit_test(refused_to_turn_advertising_off_it_goes_on_with_the_next_step),
		cmocka_unit_test(a_connection_is_told_with_the_central_s_address),
		cmocka_unit_test(an_enhanced_connection_complete_is_one_too),
		cmocka_unit_test(nothing_is_advertised_while_a_central_is_connected),
		cmocka_unit_test(advertises_again_when_the_central_is_gone),
		cmocka_unit_test(a_connection_attempt_that_failed_leaves_it_advertising),
		cmocka_unit_test(a_second_central_is_sent_away),
		cmocka_unit_test(pdus_pass_both_ways),
		cmocka_unit_test(nothing_is_sent_without_a_connection),
		cmocka_unit_test(
			room_is_told_once_after_a_refusal_and_then_the_longest_pdu_is_taken),
		cmocka_unit_test(a_disconnection_is_asked_for_once_with_its_reason),
		cmocka_unit_test(each_connection_can_be_ended),
		cmocka_unit_test(an_answer_is_out_before_the_disconnection_behind_it),
		cmocka_unit_test(a_controller_that_does_not_send_08_is_reset_instead),
		cmocka_unit_test(a_controller_that_sends_08_is_not_reset),
		cmocka_unit_test(a_cut_that_comes_too_late_resets_nothing),
		cmocka_unit_test(what_was_said_before_the_reset_is_not_believed_after_it),
		cmocka_unit_test(the_central_is_asked_for_an_interval_and_its_answer_is_logged),
		cmocka_unit_test(close_says_power_off_and_waits_for_the_end_of_the_connection),
		cmocka_unit_test(close_ends_advertising),
		cmocka_unit_test(
			close_resets_a_controller_that_does_not_part_and_takes_half_a_second),
		cmocka_unit_test(a_controller_that_goes_away_is_told_by_name),
	};

	return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
