/*
 * SoftDevice, bootloader and application to every secure device, one image after the other
 * (secure-dfu.md 5.1).
 */
#include "scratch.h"
#include "secure_air.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

/* cmocka wants setjmp, stdarg, stddef and stdint first. */
#include <cmocka.h>

/* The init packet of the next image is under way then. */
enum { WRITES_AFTER_SYSTEM = 10 };

#define BOTH  .package = AIR_SYSTEM_AND_APPLICATION
#define MAJOR .softdevice = &secure_air_other_major

static void update(void *const *state, const struct air_plan *plan)
{
	struct air air;

	air_update(state, plan, &air);
	assert_int_equal(air.result.resent_bytes, 0);
	assert_int_equal(air.counters.packets_dropped, 0);
}

static void every_sdk_takes_an_application_in_both_modes(void **state)
{
	secure_air_try_all(state, (struct air_plan){ .package = AIR_APPLICATION }, update);
}

static void every_sdk_takes_a_system_in_both_modes(void **state)
{
	secure_air_try_all(state, (struct air_plan){ .package = AIR_SYSTEM }, update);
	secure_air_try_all(state, (struct air_plan){ .package = AIR_SYSTEM, MAJOR }, update);
}

static void every_sdk_takes_a_system_and_an_application_in_both_modes(void **state)
{
	secure_air_try_all(state, (struct air_plan){ BOTH }, update);
	secure_air_try_all(state, (struct air_plan){ BOTH, MAJOR }, update);
}

/* ATT error FD, in the application and in the bootloader. */
static void forgotten_subscription_is_renewed_by_writing_it_again(void **state)
{
	secure_air_try_all(state, (struct air_plan){ BOTH, .forgets_subscriptions = true }, update);
}

/* How many writes the first of the two images takes. */
static unsigned writes_of_system(void *const *state, const struct air_plan *plan)
{
	struct air_plan first = *plan;
	struct air air;

	first.package = AIR_SYSTEM;
	air_update(state, &first, &air);
	return air.writes;
}

static void cut_between_images(void *const *state, const struct air_plan *plan)
{
	unsigned last = writes_of_system(state, plan);

	for (unsigned write = last - 2; write <= last + WRITES_AFTER_SYSTEM; write++) {
		struct air air;

		air_update_with(state, plan, "cut_after_writes", write, &air);
		assert_int_equal(air.result.skipped, 0);
	}
}

static void link_loss_between_the_images_ends_whole_in_both_modes(void **state)
{
	secure_air_try_all(state, (struct air_plan){ BOTH }, cut_between_images);
	secure_air_try_each_kind(state, (struct air_plan){ BOTH, MAJOR }, cut_between_images);
}

/* Where power was lost the bootloader does not wait for it. A jump begins with a name, where one
 * may be set. */
static void lose_power_between_images(void *const *state, const struct air_plan *plan)
{
	unsigned last = writes_of_system(state, plan);
	unsigned jumps = plan->device ? 1 : 2;
	struct air air;

	air_update_with(state, plan, "power_cut_after_writes", last + 1, &air);
	assert_int_equal(air.names_set, atoi(plan->sdk) > 12 ? jumps : 0);
	assert_int_equal(air.result.skipped, 0);
}

static void application_that_starts_between_the_images_is_sent_back(void **state)
{
	secure_air_try_all(state, (struct air_plan){ BOTH }, lose_power_between_images);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, scratch_setup, scratch_teardown)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(every_sdk_takes_an_application_in_both_modes),
		TEST(every_sdk_takes_a_system_in_both_modes),
		TEST(every_sdk_takes_a_system_and_an_application_in_both_modes),
		TEST(forgotten_subscription_is_renewed_by_writing_it_again),
		TEST(link_loss_between_the_images_ends_whole_in_both_modes),
		TEST(application_that_starts_between_the_images_is_sent_back),
	};

	return cmocka_run_group_tests_name("secure_system", tests, NULL, NULL);
}
