/*
 * The link, or the power, is lost at twenty places spread over an update of the simulated device,
 * which ends whole in the same run (legacy-dfu.md 9 and 9.1).
 */
#include "client_air.h"
#include "scratch.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

/* cmocka wants setjmp, stdarg, stddef and stdint first. */
#include <cmocka.h>

enum { CUTS = 20, IN_FLIGHT = 18 * 20 };

#define SINGLE "    bank: single\n"
/* So that there is a way back into the bootloader after a reset. */
#define CUSTOM "    buttonless: custom\n"
#define BY_TRIGGER                                                                                 \
	.options = { "legacy.trigger_service=E95D93B0-251D-470A-A062-FB1922DFA9A8",                \
		     "legacy.trigger_characteristic=E95D93B1-251D-470A-A062-FB1922DFA9A8",         \
		     "legacy.trigger_value=01" }

typedef void judge_fn(const struct air *uncut, const struct air *air);

/*
 * Cuts at each place and has the outcome judged. The last write is Activate: who loses power then
 * may start the old firmware again, which looks the same but for its version.
 */
static void cut_everywhere(void *const *state, const struct air_plan *ways, size_t count,
			   const char *fault, judge_fn *judge)
{
	for (size_t i = 0; i < count; i++) {
		bool power = strcmp(fault, "power_cut_after_writes") == 0;
		struct air uncut;

		air_update_with(state, &ways[i], fault, AIR_NEVER, &uncut);
		assert_int_equal(uncut.result.resent_bytes, 0);
		for (unsigned j = 0; j < CUTS; j++) {
			unsigned write = 1 + (uncut.writes - 1 - power) * j / (CUTS - 1);
			struct air air;

			air_update_with(state, &ways[i], fault, write, &air);
			assert_int_equal(air.counters.packets_dropped, 0);
			if (judge)
				judge(&uncut, &air);
		}
	}
}

#define CUT_EVERYWHERE(ways, fault, judge)                                                         \
	cut_everywhere(state, ways, sizeof(ways) / sizeof((ways)[0]), fault, judge)

static const struct air_plan applications[] = {
	{ .sdk = "4.4", .device = CUSTOM, BY_TRIGGER },
	{ .sdk = "5.2", .device = CUSTOM SINGLE, BY_TRIGGER },
	{ .sdk = "6.0", .device = CUSTOM, BY_TRIGGER },
	{ .sdk = "6.1" },
	{ .sdk = "6.1", .device = SINGLE },
	{ .sdk = "7" },
	{ .sdk = "7", .device = "    peer_data: true\n" },
	{ .sdk = "8" },
	{ .sdk = "8", .device = SINGLE },
	{ .sdk = "9" },
	{ .sdk = "10", .device = SINGLE },
	{ .sdk = "11" },
	{ .sdk = "11", .device = "    peer_data: true\n" },
	{ .sdk = "11", .device = SINGLE },
	{ .sdk = "11-adafruit", .hardware = "nrf52840", .device_type = 0x0052 },
};

static void link_loss_ends_whole(void **state)
{
	CUT_EVERYWHERE(applications, "cut_after_writes", NULL);
}

static void power_loss_ends_whole(void **state)
{
	CUT_EVERYWHERE(applications, "power_cut_after_writes", NULL);
}

static const struct air_plan systems[] = {
	{ .sdk = "6.1", .package = AIR_SYSTEM_AND_APPLICATION },
	{ .sdk = "7", .package = AIR_SYSTEM_AND_APPLICATION },
	{ .sdk = "8", .package = AIR_SYSTEM_AND_APPLICATION },
	{ .sdk = "9", .package = AIR_SYSTEM_AND_APPLICATION, .device = SINGLE },
	{ .sdk = "11", .package = AIR_SYSTEM_AND_APPLICATION },
};

static void link_loss_in_a_system_update_ends_whole(void **state)
{
	CUT_EVERYWHERE(systems, "cut_after_writes", NULL);
}

static void power_loss_in_a_system_update_ends_whole(void **state)
{
	CUT_EVERYWHERE(systems, "power_cut_after_writes", NULL);
}

static const struct air_plan watches[] = {
	{ .sdk = "1", .bootloader = "infinitime", .hardware = "nrf52832" },
	{ .sdk = "1",
	  .bootloader = "infinitime",
	  .hardware = "nrf52832",
	  .device = "    mtu: 247\n" },
};

/* Section 10.1: after it was left alone. It never had to be asked twice in vain. */
static void needs_no_reset(const struct air *uncut, const struct air *air)
{
	(void)uncut;
	assert_int_equal(air->resets, 0);
	assert_in_range(air->starts, 1, 2);
}

static void watch_is_left_alone_after_link_loss_and_ends_whole(void **state)
{
	CUT_EVERYWHERE(watches, "cut_after_writes", needs_no_reset);
}

static void watch_ends_whole_after_power_loss(void **state)
{
	CUT_EVERYWHERE(watches, "power_cut_after_writes", NULL);
}

static const struct air_plan keeping[] = {
	{ .sdk = "6.1", .options = { "legacy.keeps_state=true" } },
	{ .sdk = "8", .options = { "legacy.keeps_state=true" } },
	{ .sdk = "11", .options = { "legacy.keeps_state=true" } },
	{ .sdk = "11", .device = SINGLE, .options = { "legacy.keeps_state=true" } },
};

/* Where it is asked for what it holds, it holds a part; else all began anew. */
static void costs_what_was_in_flight(const struct air *uncut, const struct air *air)
{
	(void)uncut;
	if (air->starts == 1)
		assert_in_range(air->result.resent_bytes, 0, IN_FLIGHT);
}

static void link_loss_where_state_is_kept_costs_what_was_in_flight(void **state)
{
	CUT_EVERYWHERE(keeping, "cut_after_writes", costs_what_was_in_flight);
}

/* In the midst of the data. */
static void kept_state_is_gone_on_with(void **state)
{
	for (size_t i = 0; i < sizeof(keeping) / sizeof(keeping[0]); i++) {
		struct air uncut, air;

		air_update_with(state, &keeping[i], "cut_after_writes", AIR_NEVER, &uncut);
		air_update_with(state, &keeping[i], "cut_after_writes", uncut.writes / 2, &air);
		assert_int_equal(air.questions, 1);
		assert_int_equal(air.starts, 1);
		assert_int_equal(air.resets, 0);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, scratch_setup, scratch_teardown)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(link_loss_ends_whole),
		TEST(power_loss_ends_whole),
		TEST(link_loss_in_a_system_update_ends_whole),
		TEST(power_loss_in_a_system_update_ends_whole),
		TEST(watch_is_left_alone_after_link_loss_and_ends_whole),
		TEST(watch_ends_whole_after_power_loss),
		TEST(link_loss_where_state_is_kept_costs_what_was_in_flight),
		TEST(kept_state_is_gone_on_with),
	};

	return cmocka_run_group_tests_name("legacy_cut", tests, NULL, NULL);
}
