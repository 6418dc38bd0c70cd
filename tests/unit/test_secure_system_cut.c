/*
 * The link, or the power, is lost at twenty places spread over an update of SoftDevice, bootloader
 * and application, which ends whole in the same run with every SDK and from both modes.
 */
#include "scratch.h"
#include "secure_air.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

/* cmocka wants setjmp, stdarg, stddef and stdint first. */
#include <cmocka.h>

enum { CUTS = 20 };

static void lose(void *const *state, const struct air_plan *plan, const char *fault)
{
	struct air uncut;

	air_update_with(state, plan, fault, AIR_NEVER, &uncut);
	for (unsigned i = 0; i < CUTS; i++) {
		unsigned write = 1 + (uncut.writes - 1) * i / (CUTS - 1);
		struct air air;

		air_update_with(state, plan, fault, write, &air);
		assert_true(air.writes > uncut.writes);
		assert_int_equal(air.counters.packets_dropped, 0);
		assert_int_equal(air.data_bytes, uncut.data_bytes + air.result.resent_bytes);
		assert_int_equal(air.result.skipped, 0);
	}
}

static void lose_link(void *const *state, const struct air_plan *plan)
{
	lose(state, plan, "cut_after_writes");
}

static void lose_power(void *const *state, const struct air_plan *plan)
{
	lose(state, plan, "power_cut_after_writes");
}

static void link_loss_in_an_application_ends_whole_in_both_modes(void **state)
{
	secure_air_try_all(state, (struct air_plan){ .package = AIR_APPLICATION }, lose_link);
}

static void link_loss_in_a_system_ends_whole_in_both_modes(void **state)
{
	secure_air_try_all(state, (struct air_plan){ .package = AIR_SYSTEM }, lose_link);
}

static void link_loss_in_a_system_and_an_application_ends_whole_in_both_modes(void **state)
{
	secure_air_try_all(state, (struct air_plan){ .package = AIR_SYSTEM_AND_APPLICATION },
			   lose_link);
}

static void link_loss_around_another_major_version_ends_whole_in_both_modes(void **state)
{
	secure_air_try_each_kind(state,
				 (struct air_plan){ .package = AIR_SYSTEM_AND_APPLICATION,
						    .softdevice = &secure_air_other_major },
				 lose_link);
}

static void power_loss_in_a_system_and_an_application_ends_whole_in_both_modes(void **state)
{
	secure_air_try_each_kind(state, (struct air_plan){ .package = AIR_SYSTEM_AND_APPLICATION },
				 lose_power);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, scratch_setup, scratch_teardown)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(link_loss_in_an_application_ends_whole_in_both_modes),
		TEST(link_loss_in_a_system_ends_whole_in_both_modes),
		TEST(link_loss_in_a_system_and_an_application_ends_whole_in_both_modes),
		TEST(link_loss_around_another_major_version_ends_whole_in_both_modes),
		TEST(power_loss_in_a_system_and_an_application_ends_whole_in_both_modes),
	};

	return cmocka_run_group_tests_name("secure_system_cut", tests, NULL, NULL);
}
