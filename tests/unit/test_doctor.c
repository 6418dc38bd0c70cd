/* What doctor gathers from transports that tell what a test says. */
#include "clock.h"
#include "doctor.h"
#include "fake_ways.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* cmocka wants the four above first. */
#include <cmocka.h>

struct fixture {
	struct registry *registry;
	struct profile *profile;
	struct clock *clock;
	struct doctor doctor;
	struct failure why;
};

static const struct otadfu_addr device = { .type = 1, .bytes = { 0xC0, 0xFF, 0xEE, 0, 0, 1 } };

static int set_up(void **state)
{
	struct fixture *f = test_calloc(1, sizeof(*f));

	f->registry = ways_load(0);
	f->clock = clock_new();
	*state = f;
	return f->registry && profile_new(&f->profile) == OTADFU_OK ? 0 : -1;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	doctor_clear(&f->doctor);
	clock_free(f->clock);
	profile_free(f->profile);
	registry_free(f->registry);
	test_free(f);
	return 0;
}

static int examine_for(struct fixture *f, const struct otadfu_addr *addr)
{
	const struct doctor_job job = {
		.registry = f->registry,
		.profile = f->profile,
		.clock = f->clock,
		.cancel_fd = -1,
		.device = addr,
	};

	return doctor_examine(&job, &f->doctor, &f->why);
}

static void examine(struct fixture *f, const struct otadfu_addr *addr)
{
	assert_int_equal(examine_for(f, addr), OTADFU_OK);
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

static struct otadfu_finding finding(uint32_t kind, const char *subject, const char *text,
				     const char *remedy)
{
	return (struct otadfu_finding){ .size = sizeof(struct otadfu_finding),
					.kind = kind,
					.subject = subject,
					.text = text,
					.remedy = remedy };
}

#define FACT(subject, text)              finding(OTADFU_FINDING_FACT, subject, text, NULL)
#define HINDRANCE(subject, text, remedy) finding(OTADFU_FINDING_HINDRANCE, subject, text, remedy)

static void transports_stand_in_the_order_of_the_choice_and_others_behind(void **state)
{
	static const char *const names[] = { "bluez", "l2cap", "hci", "gatttool", "acme", "sim" };
	struct fixture *f = *state;

	examine(f, NULL);
	assert_int_equal(f->doctor.transport_count, 6);
	for (size_t i = 0; i < 6; i++)
		assert_string_equal(f->doctor.transports[i].ops->name, names[i]);
}

static void no_transport_is_opened(void **state)
{
	examine(*state, &device);
	assert_int_equal(ways.opened_count, 0);
}

static void one_that_would_open_works_and_one_without_examine_is_silent(void **state)
{
	struct fixture *f = *state;

	refuse(WAY_BLUEZ, OTADFU_E_UNSUPPORTED, "no bluetoothd runs");
	examine(f, NULL);
	assert_int_equal(f->doctor.transports[0].verdict, DOCTOR_FAILS);
	assert_string_equal(f->doctor.transports[0].why.text, "no bluetoothd runs");
	assert_int_equal(f->doctor.transports[1].verdict, DOCTOR_WORKS);
	assert_int_equal(f->doctor.transports[5].verdict, DOCTOR_SILENT);
	assert_string_equal(f->doctor.choice->name, "l2cap");
}

static void nothing_is_chosen_where_only_silent_ones_are_left(void **state)
{
	struct fixture *f = *state;

	for (enum way way = WAY_BLUEZ; way <= WAY_GATTTOOL; way++)
		refuse(way, OTADFU_E_UNSUPPORTED, "not here");
	examine(f, NULL);
	assert_null(f->doctor.choice);
}

static void a_named_transport_is_the_only_one_examined(void **state)
{
	struct fixture *f = *state;

	set(&f->profile->transport, "hci");
	set(&f->profile->adapter, "hci1");
	examine(f, NULL);
	assert_int_equal(f->doctor.transport_count, 1);
	assert_string_equal(f->doctor.choice->name, "hci");
	assert_string_equal(ways.parts[WAY_HCI].adapter, "hci1");
	assert_int_equal(ways.parts[WAY_BLUEZ].examinations, 0);
}

static void a_named_one_that_does_not_tell_is_believed(void **state)
{
	struct fixture *f = *state;

	set(&f->profile->transport, "sim");
	examine(f, NULL);
	assert_string_equal(f->doctor.choice->name, "sim");
}

static void the_same_finding_of_two_transports_is_kept_once(void **state)
{
	struct fixture *f = *state;

	ways.parts[WAY_L2CAP].findings[0] = FACT("adapter hci0", "ready");
	ways.parts[WAY_L2CAP].findings[1] = FACT("adapter hci1", "ready");
	ways.parts[WAY_HCI].findings[0] = FACT("adapter hci0", "ready");
	ways.parts[WAY_HCI].findings[1] = FACT("rights", "ready");
	examine(f, NULL);
	assert_int_equal(f->doctor.finding_count, 3);
	assert_string_equal(f->doctor.findings[1].subject, "adapter hci1");
	assert_string_equal(f->doctor.findings[2].subject, "rights");
}

static void a_fact_to_one_that_hinders_another_hinders(void **state)
{
	struct fixture *f = *state;

	ways.parts[WAY_L2CAP].findings[0] = FACT("adapter hci0", "switched off");
	ways.parts[WAY_HCI].findings[0] = HINDRANCE("adapter hci0", "switched off", "hciconfig up");
	ways.parts[WAY_GATTTOOL].findings[0] = HINDRANCE("adapter hci0", "switched off", "another");
	examine(f, NULL);
	assert_int_equal(f->doctor.finding_count, 1);
	assert_true(f->doctor.findings[0].hinders);
	assert_string_equal(f->doctor.findings[0].remedy, "hciconfig up");
}

static void what_hinders_without_a_device_does_not_block_the_device(void **state)
{
	struct fixture *f = *state;

	ways.parts[WAY_HCI].findings[0] = HINDRANCE("rights", "none", "sudo");
	examine(f, &device);
	assert_int_equal(f->doctor.finding_count, 1);
	assert_false(f->doctor.findings[0].is_of_device);
	assert_false(f->doctor.device_is_blocked);
}

static void what_is_told_only_of_the_device_is_about_it(void **state)
{
	struct fixture *f = *state;

	ways.parts[WAY_BLUEZ].findings[0] = FACT("bluetoothd", "5.66");
	ways.parts[WAY_BLUEZ].of_device = FACT("device", "known");
	examine(f, &device);
	assert_int_equal(f->doctor.finding_count, 2);
	assert_true(f->doctor.findings[1].is_of_device);
	assert_false(f->doctor.device_is_blocked);
}

static void a_hindrance_of_the_device_blocks_it(void **state)
{
	struct fixture *f = *state;

	refuse(WAY_BLUEZ, OTADFU_E_UNSUPPORTED, "no bluetoothd runs");
	ways.parts[WAY_L2CAP].of_device =
		HINDRANCE("adapter hci0", "connected to it", "bluetoothctl disconnect");
	examine(f, &device);
	assert_true(f->doctor.device_is_blocked);
	assert_string_equal(f->doctor.choice->name, "l2cap");
}

static void only_the_chosen_transport_is_asked_about_the_device(void **state)
{
	struct fixture *f = *state;

	ways.parts[WAY_L2CAP].of_device =
		HINDRANCE("adapter hci0", "connected to it", "bluetoothctl disconnect");
	examine(f, &device);
	assert_false(f->doctor.device_is_blocked);
	assert_int_equal(f->doctor.finding_count, 0);
	assert_int_equal(ways.parts[WAY_BLUEZ].examinations, 2);
	assert_int_equal(ways.parts[WAY_L2CAP].examinations, 1);
}

static void without_a_device_nobody_is_asked_about_one(void **state)
{
	struct fixture *f = *state;

	ways.parts[WAY_L2CAP].of_device = HINDRANCE("adapter hci0", "connected to it", NULL);
	examine(f, NULL);
	assert_int_equal(f->doctor.finding_count, 0);
	assert_int_equal(ways.parts[WAY_L2CAP].examinations, 1);
}

static void an_interruption_ends_it(void **state)
{
	struct fixture *f = *state;

	refuse(WAY_L2CAP, OTADFU_E_CANCELLED, NULL);
	assert_int_equal(examine_for(f, NULL), OTADFU_E_CANCELLED);
	assert_int_equal(ways.parts[WAY_HCI].examinations, 0);
}

static void a_finding_without_words_is_dropped(void **state)
{
	struct fixture *f = *state;

	ways.parts[WAY_L2CAP].findings[0] = FACT("adapter hci0", NULL);
	examine(f, NULL);
	assert_int_equal(f->doctor.finding_count, 0);
}

int main(void)
{
#define TEST(fact) cmocka_unit_test_setup_teardown(fact, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(transports_stand_in_the_order_of_the_choice_and_others_behind),
		TEST(no_transport_is_opened),
		TEST(one_that_would_open_works_and_one_without_examine_is_silent),
		TEST(nothing_is_chosen_where_only_silent_ones_are_left),
		TEST(a_named_transport_is_the_only_one_examined),
		TEST(a_named_one_that_does_not_tell_is_believed),
		TEST(the_same_finding_of_two_transports_is_kept_once),
		TEST(a_fact_to_one_that_hinders_another_hinders),
		TEST(what_hinders_without_a_device_does_not_block_the_device),
		TEST(what_is_told_only_of_the_device_is_about_it),
		TEST(a_hindrance_of_the_device_blocks_it),
		TEST(only_the_chosen_transport_is_asked_about_the_device),
		TEST(without_a_device_nobody_is_asked_about_one),
		TEST(an_interruption_ends_it),
		TEST(a_finding_without_words_is_dropped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
