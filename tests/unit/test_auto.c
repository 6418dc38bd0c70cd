/* Which transport is taken where nobody has named one. */
#include "auto.h"
#include "clock.h"
#include "fake_ways.h"
#include "log.h"
#include "way.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* cmocka wants the four above first. */
#include <cmocka.h>

struct fixture {
	struct registry *registry;
	struct profile *profile;
	struct clock *clock;
	struct log *log;
	char *said;
	size_t said_len;
	FILE *stream;
	struct adapter adapter;
	struct options *options;
	struct failure why;
};

static int set_up(void **state)
{
	struct fixture *f = test_calloc(1, sizeof(*f));

	f->registry = ways_load(0);
	f->clock = clock_new();
	f->stream = open_memstream(&f->said, &f->said_len);
	f->log = log_new(f->stream, OTADFU_LOG_INFO);
	*state = f;
	return f->registry && profile_new(&f->profile) == OTADFU_OK ? 0 : -1;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	adapter_close(&f->adapter);
	options_free(f->options);
	log_free(f->log);
	fclose(f->stream);
	free(f->said);
	clock_free(f->clock);
	profile_free(f->profile);
	registry_free(f->registry);
	test_free(f);
	return 0;
}

static void reload_without(struct fixture *f, unsigned missing)
{
	registry_free(f->registry);
	f->registry = ways_load(missing);
	assert_non_null(f->registry);
}

static int open_way(struct fixture *f)
{
	struct task task = { .clock = f->clock, .log = f->log, .cancel_fd = -1 };
	int r = way_open(&f->adapter, &task, f->registry, f->profile, &f->options, &f->why);

	fflush(f->stream);
	return r;
}

static void assert_chosen(struct fixture *f, enum way way, size_t tried)
{
	if (open_way(f) != OTADFU_OK)
		fail_msg("%s", f->why.text);
	assert_int_equal(ways.opened_count, tried);
	assert_int_equal(ways.opened[tried - 1], way);
	adapter_close(&f->adapter);
	options_free(f->options);
	f->options = NULL;
	ways.opened_count = 0;
}

static void set(struct profile_text *text, const char *value)
{
	assert_int_equal(profile_set_text(text, value, "test"), OTADFU_OK);
}

static void refuse(enum way way, int code, const char *text)
{
	ways.parts[way].code = code;
	ways.parts[way].text = text;
}

static void bluez_is_taken_where_it_opens(void **state)
{
	assert_chosen(*state, WAY_BLUEZ, 1);
}

static void the_next_in_order_is_taken_where_one_does_not_open(void **state)
{
	static const enum way order[] = { WAY_BLUEZ, WAY_L2CAP, WAY_HCI, WAY_GATTTOOL };

	for (size_t i = 0; i < 4; i++) {
		assert_chosen(*state, order[i], i + 1);
		refuse(order[i], OTADFU_E_UNSUPPORTED, "not here");
	}
}

static void every_code_of_an_adapter_that_cannot_be_had_goes_on_to_the_next(void **state)
{
	static const int codes[] = { OTADFU_E_UNSUPPORTED, OTADFU_E_NOT_FOUND, OTADFU_E_PERMISSION,
				     OTADFU_E_CONFIG,      OTADFU_E_BUSY,      OTADFU_E_IO,
				     OTADFU_E_TIMEOUT };

	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
		refuse(WAY_BLUEZ, codes[i], "not now");
		assert_chosen(*state, WAY_L2CAP, 2);
	}
}

static void an_interruption_ends_the_search(void **state)
{
	struct fixture *f = *state;

	refuse(WAY_BLUEZ, OTADFU_E_CANCELLED, NULL);
	assert_int_equal(open_way(f), OTADFU_E_CANCELLED);
	assert_int_equal(f->why.code, OTADFU_E_CANCELLED);
	assert_int_equal(ways.opened_count, 1);
}

static void hci_is_not_opened_while_l2cap_opens(void **state)
{
	refuse(WAY_BLUEZ, OTADFU_E_UNSUPPORTED, "no bluetoothd runs");
	assert_chosen(*state, WAY_L2CAP, 2);
	assert_int_equal(ways.parts[WAY_HCI].opens, 0);
}

static void what_is_not_loaded_is_left_out(void **state)
{
	reload_without(*state, 1u << WAY_BLUEZ | 1u << WAY_L2CAP | 1u << WAY_GATTTOOL);
	assert_chosen(*state, WAY_HCI, 1);
}

static void neither_the_sim_nor_a_vendors_transport_is_chosen(void **state)
{
	struct fixture *f = *state;

	reload_without(f, 0xFu);
	assert_int_equal(open_way(f), OTADFU_E_NOT_FOUND);
	assert_int_equal(ways.opened_count, 0);
	assert_string_equal(f->why.text, "no transport is loaded that would be chosen by itself");
	assert_non_null(strstr(f->why.hint, "--transport acme"));
}

static void the_word_auto_means_the_same_as_no_word(void **state)
{
	struct fixture *f = *state;

	set(&f->profile->transport, "auto");
	assert_chosen(f, WAY_BLUEZ, 1);
}

static void a_named_transport_is_the_only_one_tried(void **state)
{
	struct fixture *f = *state;

	set(&f->profile->transport, "l2cap");
	refuse(WAY_L2CAP, OTADFU_E_NOT_FOUND, "hci0 is switched off; try: bluetoothctl power on");
	assert_int_equal(open_way(f), OTADFU_E_NOT_FOUND);
	assert_int_equal(ways.opened_count, 1);
	assert_string_equal(f->why.text, "hci0 is switched off; try: bluetoothctl power on");
}

static void the_adapters_name_goes_to_each(void **state)
{
	struct fixture *f = *state;

	set(&f->profile->adapter, "unix:/run/x");
	refuse(WAY_BLUEZ, OTADFU_E_CONFIG, "\"unix:/run/x\" is no adapter");
	refuse(WAY_L2CAP, OTADFU_E_CONFIG, "\"unix:/run/x\" is no adapter");
	assert_chosen(f, WAY_HCI, 3);
	assert_string_equal(ways.parts[WAY_HCI].adapter, "unix:/run/x");
}

static void the_log_tells_what_was_chosen_and_why_the_others_were_not(void **state)
{
	struct fixture *f = *state;

	refuse(WAY_BLUEZ, OTADFU_E_UNSUPPORTED, "no bluetoothd runs; start it");
	assert_chosen(f, WAY_L2CAP, 2);
	assert_non_null(
		strstr(f->said, "transport bluez not chosen: no bluetoothd runs; start it\n"));
	assert_non_null(strstr(f->said, "transport l2cap (auto)\n"));
}

static void refuse_all(void)
{
	refuse(WAY_BLUEZ, OTADFU_E_UNSUPPORTED, "no bluetoothd runs; start it");
	refuse(WAY_L2CAP, OTADFU_E_NOT_FOUND, "hci0 is switched off; try: bluetoothctl power on");
	refuse(WAY_HCI, OTADFU_E_PERMISSION, "no right to take hci0; run it by sudo");
	refuse(WAY_GATTTOOL, OTADFU_E_NOT_FOUND, "no gatttool. BlueZ calls it deprecated");
}

static void one_line_names_each_that_did_not_open_and_its_reason(void **state)
{
	struct fixture *f = *state;

	refuse_all();
	assert_true(open_way(f) < 0);
	assert_string_equal(f->why.text,
			    "no way to a radio: bluez: no bluetoothd runs; l2cap: hci0 is switched "
			    "off; hci: no right to take hci0; gatttool: no gatttool");
	assert_string_equal(f->why.hint, "otadfu doctor");
	assert_null(f->options);
}

static void the_code_of_all_is_that_which_tells_most(void **state)
{
	static const struct {
		int codes[4];
		int expected;
	} rows[] = {
		{ { OTADFU_E_UNSUPPORTED, OTADFU_E_NOT_FOUND, OTADFU_E_PERMISSION,
		    OTADFU_E_CONFIG },
		  OTADFU_E_PERMISSION },
		{ { OTADFU_E_UNSUPPORTED, OTADFU_E_BUSY, OTADFU_E_PERMISSION, OTADFU_E_NOT_FOUND },
		  OTADFU_E_BUSY },
		{ { OTADFU_E_CONFIG, OTADFU_E_CONFIG, OTADFU_E_NOT_FOUND, OTADFU_E_CONFIG },
		  OTADFU_E_NOT_FOUND },
		{ { OTADFU_E_TIMEOUT, OTADFU_E_UNSUPPORTED, OTADFU_E_IO, OTADFU_E_CONFIG },
		  OTADFU_E_UNSUPPORTED },
		{ { OTADFU_E_CONFIG, OTADFU_E_IO, OTADFU_E_CONFIG, OTADFU_E_CONFIG }, OTADFU_E_IO },
		{ { OTADFU_E_CONFIG, OTADFU_E_CONFIG, OTADFU_E_CONFIG, OTADFU_E_CONFIG },
		  OTADFU_E_CONFIG },
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		for (size_t j = 0; j < 4; j++)
			refuse((enum way)j, rows[i].codes[j], "no");
		failure_clear(&f->why);
		ways.opened_count = 0;
		assert_int_equal(open_way(f), rows[i].expected);
		assert_int_equal(f->why.code, rows[i].expected);
	}
}

static void reasons_that_are_too_long_are_cut_and_nothing_breaks(void **state)
{
	struct fixture *f = *state;
	char text[400];

	memset(text, 'x', sizeof(text));
	text[sizeof(text) - 1] = '\0';
	for (size_t i = 0; i < 4; i++)
		refuse((enum way)i, OTADFU_E_NOT_FOUND, text);
	assert_int_equal(open_way(f), OTADFU_E_NOT_FOUND);
	assert_in_range(strlen(f->why.text), 100, FAILURE_TEXT_MAX - 1);
}

int main(void)
{
#define TEST(fact) cmocka_unit_test_setup_teardown(fact, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(bluez_is_taken_where_it_opens),
		TEST(the_next_in_order_is_taken_where_one_does_not_open),
		TEST(every_code_of_an_adapter_that_cannot_be_had_goes_on_to_the_next),
		TEST(an_interruption_ends_the_search),
		TEST(hci_is_not_opened_while_l2cap_opens),
		TEST(what_is_not_loaded_is_left_out),
		TEST(neither_the_sim_nor_a_vendors_transport_is_chosen),
		TEST(the_word_auto_means_the_same_as_no_word),
		TEST(a_named_transport_is_the_only_one_tried),
		TEST(the_adapters_name_goes_to_each),
		TEST(the_log_tells_what_was_chosen_and_why_the_others_were_not),
		TEST(one_line_names_each_that_did_not_open_and_its_reason),
		TEST(the_code_of_all_is_that_which_tells_most),
		TEST(reasons_that_are_too_long_are_cut_and_nothing_breaks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
