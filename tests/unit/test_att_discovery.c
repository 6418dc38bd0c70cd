#include "att_bench.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>

#include <cmocka.h>

/* FE59 alone, in the handles 1 to 9. */
#define SERVICE                                                                                    \
	"> 10 01 00 FF FF 00 28; < 11 06 01 00 09 00 59 FE;"                                       \
	"> 10 0A 00 FF FF 00 28; < 01 10 0A 00 0A;"
#define BUTTONLESS "50 EA DA 30 88 83 B8 9F 60 4F 15 F3 03 00 C9 8E"

static int discover(struct att_bench *bench, struct otadfu_chr *chrs, size_t cap, size_t *ret_count,
		    uint32_t within_ms)
{
	return att_client_discover(&bench->ctx, bench->link, chrs, cap, ret_count,
				   att_bench_in(bench, within_ms));
}

static void all_characteristics_are_listed_with_their_services(void **state)
{
	struct att_bench *bench = *state;
	struct otadfu_chr chrs[4];
	size_t count = 0;

	att_bench_play(bench, "> 10 01 00 FF FF 00 28; < 11 06 01 00 03 00 00 18 04 00 05 00 01 18;"
			      "> 10 06 00 FF FF 00 28; < 11 14 06 00 FF FF " BUTTONLESS ";"
			      "> 08 01 00 FF FF 03 28; < 09 07 02 00 02 03 00 00 2A;"
			      "> 08 04 00 FF FF 03 28; < 09 15 07 00 28 09 00 " BUTTONLESS ";"
			      "> 08 0A 00 FF FF 03 28; < 01 08 0A 00 0A");
	assert_int_equal(discover(bench, chrs, 4, &count, 5000), OTADFU_OK);
	assert_int_equal(count, 2);
	assert_int_equal(att_uuid16(&chrs[0].service), 0x1800);
	assert_int_equal(att_uuid16(&chrs[0].uuid), 0x2A00);
	assert_int_equal(chrs[0].id, 3);
	assert_int_equal(chrs[0].props, OTADFU_PROP_READ);
	assert_int_equal(chrs[1].service.bytes[0], 0x8E);
	assert_memory_equal(&chrs[1].uuid, &chrs[1].service, sizeof(chrs[1].uuid));
	assert_int_equal(chrs[1].id, 9);
	assert_int_equal(chrs[1].props, OTADFU_PROP_WRITE | OTADFU_PROP_INDICATE);
	att_bench_finish(bench);
}

static void a_list_that_is_too_small_is_told_the_count_and_nothing_is_asked_again(void **state)
{
	struct att_bench *bench = *state;
	struct otadfu_chr chrs[5];
	size_t count = 0;

	att_bench_discover(bench);
	assert_int_equal(discover(bench, chrs, 4, &count, 0), OTADFU_E_OVERFLOW);
	assert_int_equal(count, 5);
	assert_int_equal(discover(bench, chrs, 5, &count, 0), OTADFU_OK);
	assert_int_equal(chrs[4].id, 14);
	att_bench_play(bench, "silence 0");
	att_bench_finish(bench);
}

static void what_was_discovered_is_of_no_use_on_a_lost_link(void **state)
{
	struct att_bench *bench = *state;
	struct otadfu_chr chrs[5];
	size_t count = 99;

	att_bench_discover(bench);
	att_bench_play(bench, "close");
	att_bench_finish(bench);
	assert_int_equal(discover(bench, chrs, 5, &count, 5000), OTADFU_E_DISCONNECTED);
	assert_int_equal(count, 99);
}

static void a_device_without_services_has_no_characteristics(void **state)
{
	struct att_bench *bench = *state;
	size_t count = 99;

	att_bench_play(bench, "> 10 01 00 FF FF 00 28; < 01 10 01 00 0A;"
			      "> 08 01 00 FF FF 03 28; < 01 08 01 00 0A");
	assert_int_equal(discover(bench, NULL, 0, &count, 5000), OTADFU_OK);
	assert_int_equal(count, 0);
}

static void characteristics_of_secondary_services_are_passed_over(void **state)
{
	struct att_bench *bench = *state;
	struct otadfu_chr chrs[2];
	size_t count = 99;

	att_bench_play(bench, "> 10 01 00 FF FF 00 28; < 11 06 01 00 03 00 59 FE 0A 00 0C 00 0F 18;"
			      "> 10 0D 00 FF FF 00 28; < 01 10 0D 00 0A;"
			      "> 08 01 00 FF FF 03 28; < 09 07 02 00 08 03 00 00 2A"
			      " 05 00 10 06 00 01 2A 0B 00 02 0C 00 19 2A;"
			      "> 08 0D 00 FF FF 03 28; < 01 08 0D 00 0A");
	assert_int_equal(discover(bench, chrs, 2, &count, 5000), OTADFU_OK);
	assert_int_equal(count, 2);
	assert_int_equal(chrs[0].id, 3);
	assert_int_equal(chrs[1].id, 12);
	assert_int_equal(att_uuid16(&chrs[1].service), 0x180F);
}

static void a_refusal_is_passed_on(void **state)
{
	struct att_bench *bench = *state;
	size_t count = 99;

	att_bench_play(bench, "> 10 01 00 FF FF 00 28; < 01 10 01 00 0E");
	assert_int_equal(discover(bench, NULL, 0, &count, 5000), OTADFU_E_ATT);
	assert_int_equal(bench->failure.detail, 0x0E);
	assert_int_equal(count, 99);
}

static void a_discovery_that_timed_out_may_be_begun_again(void **state)
{
	struct att_bench *bench = *state;
	size_t count = 99;

	assert_int_equal(discover(bench, NULL, 0, &count, 20), OTADFU_E_TIMEOUT);
	att_bench_play(bench, "> 10 01 00 FF FF 00 28; < 11 06 01 00 09 00 59 FE;" SERVICE
			      "> 08 01 00 FF FF 03 28; < 01 08 01 00 0A");
	assert_int_equal(discover(bench, NULL, 0, &count, 5000), OTADFU_OK);
	att_bench_finish(bench);
}

/* What a peer may answer, and no honest one does. */
static const char *const hostile[] = {
	/* a service that ends before it begins */
	"> 10 01 00 FF FF 00 28; < 11 06 05 00 04 00 59 FE",
	/* one that begins before the range asked for */
	"> 10 01 00 FF FF 00 28; < 11 06 01 00 04 00 59 FE; > 10 05 00 FF FF 00 28;"
	"< 11 06 04 00 06 00 59 FE",
	/* two at one place */
	"> 10 01 00 FF FF 00 28; < 11 06 01 00 04 00 59 FE 01 00 04 00 59 FE",
	/* a handle of zero */
	"> 10 01 00 FF FF 00 28; < 11 06 00 00 04 00 59 FE",
	/* a UUID of four bytes */
	"> 10 01 00 FF FF 00 28; < 11 08 01 00 04 00 59 FE 00 00",
	/* the value before its declaration */
	SERVICE "> 08 01 00 FF FF 03 28; < 09 07 05 00 02 05 00 00 2A",
	/* the value outside of the service */
	SERVICE "> 08 01 00 FF FF 03 28; < 09 07 05 00 02 0A 00 00 2A",
	/* the same again */
	SERVICE "> 08 01 00 FF FF 03 28; < 09 07 02 00 02 03 00 00 2A 02 00 02 03 00 00 2A",
	/* not even a UUID */
	SERVICE "> 08 01 00 FF FF 03 28; < 09 05 02 00 02 03 00",
	/* an answer to another request */
	"> 10 01 00 FF FF 00 28; < 09 06 01 00 04 00 59 FE",
	/* a refusal of another request */
	"> 10 01 00 FF FF 00 28; < 01 08 01 00 0A",
	/* half an item */
	"> 10 01 00 FF FF 00 28; < 11 06 01 00 04 00 59",
};

static void what_no_honest_peer_answers_ends_the_discovery(void **state)
{
	for (size_t i = 0; i < sizeof(hostile) / sizeof(hostile[0]); i++) {
		struct att_bench *bench;
		size_t count = 99;

		assert_int_equal(att_bench_end(state), 0);
		assert_int_equal(att_bench_begin(state), 0);
		bench = *state;
		att_bench_play(bench, hostile[i]);
		if (discover(bench, NULL, 0, &count, 5000) != OTADFU_E_PROTOCOL)
			fail_msg("case %zu: %s", i, bench->failure.text);
		assert_int_equal(bench->failure.code, OTADFU_E_PROTOCOL);
		assert_int_equal(count, 99);
		att_bench_finish(bench);
	}
}

/* Answers every request by one service more. */
static void *list_services_for_ever(void *user)
{
	struct att_bench *bench = user;
	uint8_t pdu[32];
	ssize_t len;

	while ((len = recv(bench->peer_fd, pdu, sizeof(pdu), 0)) == 7) {
		uint8_t answer[] = { 0x11, 6, pdu[1], pdu[2], pdu[1], pdu[2], 0x59, 0xFE };

		send(bench->peer_fd, answer, sizeof(answer), MSG_NOSIGNAL);
	}
	return NULL;
}

static void a_database_without_end_is_cut_off(void **state)
{
	struct att_bench *bench = *state;
	pthread_t peer;
	size_t count = 99;

	assert_int_equal(pthread_create(&peer, NULL, list_services_for_ever, bench), 0);
	assert_int_equal(discover(bench, NULL, 0, &count, 20000), OTADFU_E_PROTOCOL);
	assert_non_null(strstr(bench->failure.text, "more than 256 services"));
	shutdown(bench->peer_fd, SHUT_RDWR);
	pthread_join(peer, NULL);
}

static void the_peer_may_ask_for_our_mtu_meanwhile(void **state)
{
	struct att_bench *bench = *state;
	size_t count = 99;
	uint16_t mtu;

	att_bench_play(bench, "> 02 F7 00; < 03 17 00; > 10 01 00 FF FF 00 28; < 02 F7 00;"
			      "> 03 F7 00; < 01 10 01 00 0A; > 08 01 00 FF FF 03 28;"
			      "< 10 01 00 FF FF 00 28; > 01 10 01 00 0A; < 01 08 01 00 0A");
	assert_int_equal(att_client_mtu(&bench->ctx, bench->link, 247, &mtu,
					att_bench_in(bench, 5000)),
			 OTADFU_OK);
	assert_int_equal(discover(bench, NULL, 0, &count, 5000), OTADFU_OK);
	att_bench_finish(bench);
}

static int subscribe(struct att_bench *bench, uint16_t id)
{
	return att_client_subscribe(&bench->ctx, bench->link, id, att_bench_in(bench, 5000));
}

static void the_descriptor_is_found_among_others(void **state)
{
	struct att_bench *bench = *state;
	struct otadfu_chr chr;
	size_t count = 0;

	att_bench_play(bench, SERVICE "> 08 01 00 FF FF 03 28; < 09 07 02 00 10 03 00 01 00;"
				      "> 08 04 00 FF FF 03 28; < 01 08 04 00 0A");
	assert_int_equal(discover(bench, &chr, 1, &count, 5000), OTADFU_OK);
	att_bench_play(bench, "> 04 04 00 09 00; < 05 02 04 00 " BUTTONLESS ";"
			      "> 04 05 00 09 00; < 05 01 05 00 01 29 06 00 02 29 07 00 04 29;"
			      "> 12 06 00 01 00; < 13");
	assert_int_equal(subscribe(bench, 3), OTADFU_OK);
	att_bench_finish(bench);
}

static void a_characteristic_ends_where_the_next_begins(void **state)
{
	struct att_bench *bench = *state;

	att_bench_discover(bench);
	att_bench_play(bench, "> 04 04 00 04 00; < 01 04 04 00 0A; silence 20");
	assert_int_equal(subscribe(bench, 3), OTADFU_E_PROTOCOL);
	assert_non_null(strstr(bench->failure.text, "no descriptor"));
	att_bench_finish(bench);
}

static void a_descriptor_outside_of_the_range_is_not_taken(void **state)
{
	struct att_bench *bench = *state;

	att_bench_discover(bench);
	att_bench_play(bench, "> 04 04 00 04 00; < 05 01 09 00 02 29; silence 20");
	assert_int_equal(subscribe(bench, 3), OTADFU_E_PROTOCOL);
	att_bench_finish(bench);
}

int main(void)
{
#define TEST(fact) cmocka_unit_test_setup_teardown(fact, att_bench_begin, att_bench_end)
	const struct CMUnitTest tests[] = {
		TEST(all_characteristics_are_listed_with_their_services),
		TEST(a_list_that_is_too_small_is_told_the_count_and_nothing_is_asked_again),
		TEST(what_was_discovered_is_of_no_use_on_a_lost_link),
		TEST(a_device_without_services_has_no_characteristics),
		TEST(characteristics_of_secondary_services_are_passed_over),
		TEST(a_refusal_is_passed_on),
		TEST(a_discovery_that_timed_out_may_be_begun_again),
		TEST(what_no_honest_peer_answers_ends_the_discovery),
		TEST(a_database_without_end_is_cut_off),
		TEST(the_peer_may_ask_for_our_mtu_meanwhile),
		TEST(the_descriptor_is_found_among_others),
		TEST(a_characteristic_ends_where_the_next_begins),
		TEST(a_descriptor_outside_of_the_range_is_not_taken),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
