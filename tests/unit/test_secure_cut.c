/*
 * The link, or the power, is lost at twenty places spread over an update of the simulated device,
 * which ends whole in the same run; what is sent again is counted (secure-dfu.md 6.3).
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

enum {
	CUTS = 20,
	IMAGE_LEN = 22003,
	OBJECT_LEN = 4096,
	/* Of the sim transport: two connection events of 6 packets wait, and 6 are on their way. */
	IN_FLIGHT_PACKETS = 18,
	/* Of an update's writes: from the first data packet on, whatever the link's MTU ... */
	FIRST_DATA_WRITE = 24,
	/* ... and how many come after the last one: Checksum and Execute. */
	WRITES_AFTER_DATA = 2,
};

struct way {
	const char *sdk;
	const char *device;
	size_t payload;
};

static void update_with_fault(void *const *state, const struct way *way, const char *fault,
			      unsigned write, struct air *ret_air)
{
	struct air_plan plan = { .sdk = way->sdk, .device = way->device, .image_len = IMAGE_LEN };

	air_update_with(state, &plan, fault, write, ret_air);
}

static unsigned cut_at(const struct air *uncut, unsigned i)
{
	unsigned last = uncut->writes - WRITES_AFTER_DATA;

	return FIRST_DATA_WRITE + (last - FIRST_DATA_WRITE) * i / (CUTS - 1);
}

typedef void judge_fn(const struct way *way, const struct air *air, unsigned write);

/* Cuts at each place and has the outcome judged. */
static void cut_everywhere(void *const *state, const struct way *ways, size_t count,
			   const char *fault, judge_fn *judge)
{
	for (size_t i = 0; i < count; i++) {
		struct air uncut;

		update_with_fault(state, &ways[i], fault, AIR_NEVER, &uncut);
		assert_int_equal(uncut.result.resent_bytes, 0);
		for (unsigned j = 0; j < CUTS; j++) {
			unsigned write = cut_at(&uncut, j);
			struct air air;

			update_with_fault(state, &ways[i], fault, write, &air);
			assert_true(air.result.connections > uncut.result.connections);
			if (air.counters.packets_dropped > 0)
				fail_msg("SDK %s %s, at write %u: %u packets dropped", ways[i].sdk,
					 ways[i].device, write, air.counters.packets_dropped);
			assert_int_equal(air.data_bytes, IMAGE_LEN + air.result.resent_bytes);
			judge(&ways[i], &air, write);
		}
	}
}

#define CUT_EVERYWHERE(ways, fault, judge)                                                         \
	cut_everywhere(state, ways, sizeof(ways) / sizeof((ways)[0]), fault, judge)

static void costs_an_object_at_most(const struct way *way, const struct air *air, unsigned write)
{
	uint64_t most = OBJECT_LEN + IN_FLIGHT_PACKETS * way->payload;

	assert_int_equal(air->init_creates, 1);
	if (air->result.resent_bytes > most)
		fail_msg("SDK %s %s, at write %u: %zu bytes sent again, at most %zu", way->sdk,
			 way->device, write, (size_t)air->result.resent_bytes, (size_t)most);
}

static void costs_all_that_was_sent(const struct way *way, const struct air *air, unsigned write)
{
	assert_int_equal(air->init_creates, 1);
	if (air->result.resent_bytes != air->first_data_bytes)
		fail_msg("SDK %s %s, at write %u: %zu bytes sent again, %zu had been sent",
			 way->sdk, way->device, write, (size_t)air->result.resent_bytes,
			 (size_t)air->first_data_bytes);
}

static void ends_whole(const struct way *way, const struct air *air, unsigned write)
{
	(void)way;
	(void)air;
	(void)write;
}

static void link_loss_with_sdk_12_to_14_costs_an_object_at_most(void **state)
{
	static const struct way ways[] = {
		{ "12.2", "", 20 }, { "13.0", "", 20 }, { "13.1", "", 20 },
		{ "14.0", "", 20 }, { "14.1", "", 20 }, { "14.2", "", 20 },
	};

	CUT_EVERYWHERE(ways, "cut_after_writes", costs_an_object_at_most);
}

static void link_loss_with_sdk_15_costs_an_object_at_most(void **state)
{
	static const struct way ways[] = {
		{ "15.0", "", 244 },
		{ "15.2", "", 244 },
		{ "15.3", "", 244 },
		{ "15.3", "    mtu: 23\n", 20 },
	};

	CUT_EVERYWHERE(ways, "cut_after_writes", costs_an_object_at_most);
}

static void link_loss_with_sdk_16_and_17_costs_what_was_sent(void **state)
{
	static const struct way ways[] = {
		{ "16", "", 244 },
		{ "17.0", "", 244 },
		{ "17.1", "", 244 },
		{ "17.1", "    mtu: 23\n", 20 },
	};

	CUT_EVERYWHERE(ways, "cut_after_writes", costs_all_that_was_sent);
}

static void link_loss_where_progress_is_saved_costs_an_object_at_most(void **state)
{
	static const struct way ways[] = {
		{ "15.3", "    save_progress: true\n", 244 },
		{ "16", "    save_progress: true\n", 244 },
		{ "17.1", "    save_progress: true\n", 244 },
		{ "17.1", "    save_progress: true\n    mtu: 23\n", 20 },
	};

	CUT_EVERYWHERE(ways, "cut_after_writes", costs_an_object_at_most);
}

static void power_loss_with_sdk_12_to_14_costs_an_object_at_most(void **state)
{
	static const struct way ways[] = { { "12.2", "", 20 },
					   { "13.1", "", 20 },
					   { "14.1", "", 20 } };

	CUT_EVERYWHERE(ways, "power_cut_after_writes", costs_an_object_at_most);
}

static void power_loss_from_sdk_15_on_costs_what_was_sent(void **state)
{
	static const struct way ways[] = {
		{ "15.0", "", 244 }, { "15.3", "", 244 }, { "16", "", 244 }, { "17.1", "", 244 }
	};

	CUT_EVERYWHERE(ways, "power_cut_after_writes", costs_all_that_was_sent);
}

static void power_loss_where_progress_is_saved_ends_whole(void **state)
{
	static const struct way ways[] = { { "15.3", "    save_progress: true\n", 244 },
					   { "17.1", "    save_progress: true\n", 244 } };

	CUT_EVERYWHERE(ways, "power_cut_after_writes", ends_whole);
}

/* From the first write of all to the init packet's Execute: the jump is there, too. */
static void loss_before_the_data_costs_no_byte_of_it(void **state)
{
	static const char *const faults[] = { "cut_after_writes", "power_cut_after_writes" };
	static const char *const sdks[] = { "12.2", "14.1", "15.3", "17.1" };

	for (size_t i = 0; i < 2 * sizeof(sdks) / sizeof(sdks[0]); i++) {
		struct way way = { .sdk = sdks[i / 2], .device = "" };

		for (unsigned write = 1; write < 15; write++) {
			struct air air;

			update_with_fault(state, &way, faults[i % 2], write, &air);
			assert_int_equal(air.result.resent_bytes, 0);
			assert_in_range(air.init_creates, 1, 2);
		}
	}
}

/* The device has it, and its answer is lost: an update that is begun again ends whole, too. */
static void loss_over_the_last_execute_ends_whole(void **state)
{
	static const char *const sdks[] = { "12.2", "13.1", "14.1", "15.0", "15.3", "16", "17.1" };

	for (size_t i = 0; i < sizeof(sdks) / sizeof(sdks[0]); i++) {
		struct way way = { .sdk = sdks[i], .device = "" };
		struct air uncut, air;

		update_with_fault(state, &way, "cut_after_writes", AIR_NEVER, &uncut);
		update_with_fault(state, &way, "cut_after_writes", uncut.writes, &air);
		assert_true(air.result.connections > uncut.result.connections);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, scratch_setup, scratch_teardown)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(link_loss_with_sdk_12_to_14_costs_an_object_at_most),
		TEST(link_loss_with_sdk_15_costs_an_object_at_most),
		TEST(link_loss_with_sdk_16_and_17_costs_what_was_sent),
		TEST(link_loss_where_progress_is_saved_costs_an_object_at_most),
		TEST(power_loss_with_sdk_12_to_14_costs_an_object_at_most),
		TEST(power_loss_from_sdk_15_on_costs_what_was_sent),
		TEST(power_loss_where_progress_is_saved_ends_whole),
		TEST(loss_before_the_data_costs_no_byte_of_it),
		TEST(loss_over_the_last_execute_ends_whole),
	};

	return cmocka_run_group_tests_name("secure_cut", tests, NULL, NULL);
}
