/* No simulated generation loses a packet with default settings; its own counters say so. */
#include "client_air.h"
#include "scratch.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* cmocka wants setjmp, stdarg, stddef and stdint first. */
#include <cmocka.h>

/* Not a multiple of 4: the tail counts too (secure-dfu.md 8). Six objects. */
enum { IMAGE_LEN = 22003 };

static const char *const sdks[] = { "12.2", "13.0", "13.1", "14.0", "14.1", "14.2", "15.0",
				    "15.2", "15.3", "16",   "17.0", "17.1", NULL };

static const char *const links[] = {
	NULL,
	"{ interval_ms: 7.5, packets_per_event: 11 }",
	"{ interval_ms: 30, packets_per_event: 2 }",
	"{ interval_ms: 50, packets_per_event: 60 }",
};

/* As if all packets between two connection events came in one instant, too. */
static void assert_lossless(void *const *state, struct air_plan plan)
{
	plan.image_len = IMAGE_LEN;
	for (size_t i = 0; sdks[i]; i++) {
		for (size_t j = 0; j < sizeof(links) / sizeof(links[0]); j++) {
			struct air air;

			plan.sdk = sdks[i];
			plan.link = links[j];
			air_update(state, &plan, &air);
			if (air.counters.packets_dropped > 0 || air.data_bytes != IMAGE_LEN)
				fail_msg("SDK %s, link %s: %u packets dropped, %zu bytes sent",
					 sdks[i], links[j] ? links[j] : "as usual",
					 air.counters.packets_dropped, (size_t)air.data_bytes);
			assert_string_equal(air.notes, "");
		}
	}
}

static void no_packet_is_lost_at_mtu_247(void **state)
{
	assert_lossless(state, (struct air_plan){ .device = "    mtu: 247\n" });
}

static void no_packet_is_lost_at_mtu_23(void **state)
{
	assert_lossless(state, (struct air_plan){ .device = "    mtu: 23\n" });
}

static void no_packet_is_lost_where_progress_is_saved_at_mtu_247(void **state)
{
	assert_lossless(state, (struct air_plan){ .device = "    mtu: 247\n"
							    "    save_progress: true\n" });
}

static void no_packet_is_lost_where_progress_is_saved_at_mtu_23(void **state)
{
	assert_lossless(state, (struct air_plan){ .device = "    mtu: 23\n"
							    "    save_progress: true\n" });
}

static void no_packet_is_lost_where_the_transport_does_not_pace(void **state)
{
	assert_lossless(state, (struct air_plan){ .device = "    mtu: 247\n", .unpaced = true });
	assert_lossless(state, (struct air_plan){ .device = "    mtu: 23\n"
							    "    save_progress: true\n",
						  .unpaced = true });
}

/* As older profiles have it. */
static void no_packet_is_lost_with_a_receipt_every_twelve(void **state)
{
	assert_lossless(state,
			(struct air_plan){ .device = "    mtu: 247\n    save_progress: true\n",
					   .options = { "secure.receipts=12" } });
	assert_lossless(state, (struct air_plan){ .device = "    mtu: 23\n",
						  .options = { "secure.receipts=12" } });
}

static void no_packet_is_lost_on_nrf51(void **state)
{
	struct air air;

	air_update(state,
		   &(struct air_plan){ .sdk = "12.2",
				       .hardware = "nrf51822",
				       .device = "    hw_version: 52\n",
				       .image_len = 22003 },
		   &air);
	assert_int_equal(air.counters.packets_dropped, 0);
	assert_int_equal(air.data_bytes, 22003);
}

/* A pace that an option sets too high is found out, and told. */
static void too_fast_a_profile_is_slowed_down_and_told(void **state)
{
	static const struct air_plan plan = {
		.image_len = IMAGE_LEN,
		.device = "    mtu: 247\n",
		.link = "{ interval_ms: 7.5, packets_per_event: 20 }",
		.options = { "secure.receipts=0", "secure.page_erase_ms=0" },
		.unpaced = true,
	};
	struct air air;

	air_update(state, &plan, &air);
	assert_true(air.counters.packets_dropped > 0);
	assert_non_null(strstr(air.notes, "keep in the profile: secure: { receipts: 4"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, scratch_setup, scratch_teardown)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(no_packet_is_lost_at_mtu_247),
		TEST(no_packet_is_lost_at_mtu_23),
		TEST(no_packet_is_lost_where_progress_is_saved_at_mtu_247),
		TEST(no_packet_is_lost_where_progress_is_saved_at_mtu_23),
		TEST(no_packet_is_lost_where_the_transport_does_not_pace),
		TEST(no_packet_is_lost_with_a_receipt_every_twelve),
		TEST(no_packet_is_lost_on_nrf51),
		TEST(too_fast_a_profile_is_slowed_down_and_told),
	};

	return cmocka_run_group_tests_name("secure_lossless", tests, NULL, NULL);
}
