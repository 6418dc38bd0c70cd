/* What the transport hci makes of what a controller has heard. */
#include "central_bench.h"

#include "scan.h"

#include <otadfu/error.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define SCAN_PARAMS "01 0B 20 07 01 30 00 30 00 00 00", "04 0E 04 01 0B 20 00 "
#define SCAN_ON     "01 0C 20 02 01 00", "04 0E 04 01 0C 20 00 "
#define SCAN_OFF    "01 0C 20 02 00 00", "04 0E 04 01 0C 20 00 "

/* Of the device C0:FF:EE:00:00:01; the length of the event's parameters, then type and data. */
#define LEGACY_REPORT(len, type, data) "04 3E " len " 02 01 " type " " CENTRAL_PEER " " data " C5 "
#define EXTENDED_REPORT(len, type, data)                                                           \
	"04 3E " len " 0D 01 " type " " CENTRAL_PEER                                               \
	" 01 00 FF 7F C5 00 00 00 00 00 00 00 00 00 " data " "

enum { HEARD_MAX = 8, STOP = 42, LONG_MS = 20000, SOON_MS = 400 };

struct listener {
	size_t count;
	size_t wanted; /* then the scan is ended */
	struct otadfu_advert heard[HEARD_MAX];
	uint8_t data[HEARD_MAX][64];
};

static int listen_to(void *user, const struct otadfu_advert *advert)
{
	struct listener *listener = user;

	assert_true(listener->count < HEARD_MAX && advert->data_len <= 64);
	assert_int_equal(advert->data == NULL, advert->data_len == 0);
	if (advert->data)
		memcpy(listener->data[listener->count], advert->data, advert->data_len);
	listener->heard[listener->count++] = *advert;
	return listener->count == listener->wanted ? STOP : 0;
}

static struct listener hear(struct central_bench *b, const struct hci_exchange *setup,
			    const struct hci_exchange *script, size_t wanted)
{
	struct listener listener = { .wanted = wanted };

	central_bench_open(b, setup);
	central_bench_play(b, script);
	assert_int_equal(scan(&b->ctx, b->adapter, listen_to, &listener,
			      central_bench_in(b, LONG_MS)),
			 STOP);
	central_bench_finish(b);
	return listener;
}

static void each_sighting_is_told_with_what_it_is(void **state)
{
	static const struct hci_exchange script[] = {
		{ SCAN_PARAMS },
		{ SCAN_ON LEGACY_REPORT("0F", "00", "03 02 01 06")
			  LEGACY_REPORT("10", "04", "04 03 09 41 42")
				  LEGACY_REPORT("0C", "01", "00") LEGACY_REPORT("0C", "03", "00")
					  LEGACY_REPORT("0C", "00", "00") },
		{ SCAN_OFF },
		{ NULL, NULL },
	};
	static const uint32_t flags[] = { OTADFU_ADV_CONNECTABLE, OTADFU_ADV_SCAN_RESPONSE,
					  OTADFU_ADV_CONNECTABLE | OTADFU_ADV_DIRECTED, 0,
					  OTADFU_ADV_CONNECTABLE };
	struct listener l = hear(*state, hci_setup_four_buffers, script, 5);

	for (size_t i = 0; i < 5; i++) {
		assert_int_equal(l.heard[i].flags, flags[i]);
		assert_int_equal(l.heard[i].rssi_dbm, -59);
		assert_memory_equal(&l.heard[i].addr, &central_peer, sizeof(central_peer));
	}
	assert_int_equal(l.heard[0].data_len, 3);
	assert_memory_equal(l.data[0], "\x02\x01\x06", 3);
	assert_int_equal(l.heard[1].data_len, 4);
	assert_memory_equal(l.data[1], "\x03\x09\x41\x42", 4);
}

static void one_event_may_hold_several(void **state)
{
	static const struct hci_exchange script[] = {
		{ SCAN_PARAMS },
		{ SCAN_ON "04 3E 16 02 02 00 " CENTRAL_PEER " 00 C5 00 " CENTRAL_PEER " 00 C6" },
		{ SCAN_OFF },
		{ NULL, NULL },
	};
	struct listener l = hear(*state, hci_setup_four_buffers, script, 2);

	assert_int_equal(l.heard[0].rssi_dbm, -59);
	assert_int_equal(l.heard[1].rssi_dbm, -58);
}

static void long_data_is_told_as_far_as_its_first_part_goes_and_once(void **state)
{
	static const struct hci_exchange script[] = {
		{ "01 41 20 08 00 00 01 01 30 00 30 00", "04 0E 04 01 41 20 00" },
		{ "01 42 20 06 01 00 00 00 00 00",
		  "04 0E 04 01 42 20 00 " EXTENDED_REPORT("1F", "21 00", "05 02 01 06 05 09")
			  EXTENDED_REPORT("1C", "01 00", "02 41 42")
				  EXTENDED_REPORT("1C", "09 00", "02 01 06") },
		{ "01 42 20 06 00 00 00 00 00 00", "04 0E 04 01 42 20 00" },
		{ NULL, NULL },
	};
	struct listener l = hear(*state, central_setup_extended, script, 2);

	assert_int_equal(l.heard[0].data_len, 3);
	assert_memory_equal(l.data[0], "\x02\x01\x06", 3);
	assert_int_equal(l.heard[0].flags, OTADFU_ADV_CONNECTABLE);
	assert_int_equal(l.heard[1].flags, OTADFU_ADV_CONNECTABLE | OTADFU_ADV_SCAN_RESPONSE);
	assert_int_equal(l.heard[1].rssi_dbm, -59);
}

static void damaged_report_is_dropped(void **state)
{
	static const struct hci_exchange script[] = {
		{ SCAN_PARAMS },
		{ SCAN_ON "04 3E 0C 02 01 00 " CENTRAL_PEER
			  " 09 C5 " LEGACY_REPORT("0C", "00", "00") },
		{ SCAN_OFF },
		{ NULL, NULL },
	};
	struct listener l = hear(*state, hci_setup_four_buffers, script, 1);

	assert_int_equal(l.heard[0].data_len, 0);
}

static void scan_ends_at_its_deadline(void **state)
{
	static const struct hci_exchange script[] = {
		{ SCAN_PARAMS }, { SCAN_ON }, { SCAN_OFF }, { NULL, NULL }
	};
	struct central_bench *b = *state;

	central_bench_open(b, hci_setup_four_buffers);
	central_bench_play(b, script);
	assert_int_equal(scan(&b->ctx, b->adapter, NULL, NULL, central_bench_in(b, SOON_MS)),
			 OTADFU_OK);
	central_bench_finish(b);
}

/* The task is cancelled by what it hears. */
static int cancel_it(void *user, const struct otadfu_advert *advert)
{
	assert_int_equal(advert->data_len, 0);
	central_bench_cancel(user);
	return 0;
}

static void cancelled_scan_is_turned_off(void **state)
{
	static const struct hci_exchange script[] = { { SCAN_PARAMS },
						      { SCAN_ON LEGACY_REPORT("0C", "00", "00") },
						      { SCAN_OFF },
						      { NULL, NULL } };
	struct central_bench *b = *state;

	central_bench_open(b, hci_setup_four_buffers);
	central_bench_play(b, script);
	assert_int_equal(scan(&b->ctx, b->adapter, cancel_it, b, central_bench_in(b, LONG_MS)),
			 OTADFU_E_CANCELLED);
	central_bench_finish(b);
}

static void scan_that_a_reset_has_ended_says_so(void **state)
{
	static const struct hci_exchange script[] = {
		{ SCAN_PARAMS },
		{ SCAN_ON "04 10 01 42" },
		{ "01 03 0C 00", NULL },
		{ NULL, NULL },
	};
	struct central_bench *b = *state;

	central_bench_open(b, hci_setup_four_buffers);
	central_bench_play(b, script);
	assert_int_equal(scan(&b->ctx, b->adapter, NULL, NULL, central_bench_in(b, LONG_MS)),
			 OTADFU_E_IO);
	central_bench_finish(b);
	assert_non_null(strstr(b->failure.text, "reset during the scan"));
}

static void refused_scan_says_so(void **state)
{
	static const struct hci_exchange script[] = {
		{ "01 0B 20 07 01 30 00 30 00 00 00", "04 0E 04 01 0B 20 0C" }, { NULL, NULL }
	};
	struct central_bench *b = *state;

	central_bench_open(b, hci_setup_four_buffers);
	central_bench_play(b, script);
	assert_int_equal(scan(&b->ctx, b->adapter, NULL, NULL, central_bench_in(b, LONG_MS)),
			 OTADFU_E_BUSY);
	central_bench_finish(b);
	assert_non_null(strstr(b->failure.text, "LE Set Scan Parameters"));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, central_bench_begin, central_bench_end)
	const struct CMUnitTest tests[] = {
		TEST(each_sighting_is_told_with_what_it_is),
		TEST(one_event_may_hold_several),
		TEST(long_data_is_told_as_far_as_its_first_part_goes_and_once),
		TEST(damaged_report_is_dropped),
		TEST(scan_ends_at_its_deadline),
		TEST(cancelled_scan_is_turned_off),
		TEST(scan_that_a_reset_has_ended_says_so),
		TEST(refused_scan_says_so),
	};

	return cmocka_run_group_tests_name("hci_scan", tests, NULL, NULL);
}
