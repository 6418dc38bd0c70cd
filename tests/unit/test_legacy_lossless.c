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

enum { IMAGE_LEN = 20004 };

#define BY_BUTTON "    mode: bootloader\n"

static const struct air_plan generations[] = {
	{ .sdk = "4.4", .device = BY_BUTTON },
	{ .sdk = "5.2", .device = BY_BUTTON },
	{ .sdk = "6.0", .device = BY_BUTTON },
	{ .sdk = "6.0", .device = BY_BUTTON "    bank: single\n" },
	{ .sdk = "6.1" },
	{ .sdk = "6.1", .device = "    bank: single\n" },
	{ .sdk = "7" },
	{ .sdk = "7", .device = "    peer_data: true\n" },
	{ .sdk = "8" },
	{ .sdk = "8", .device = "    bank: single\n" },
	{ .sdk = "9" },
	{ .sdk = "10", .device = "    bank: single\n" },
	{ .sdk = "11" },
	{ .sdk = "11", .device = "    bank: single\n" },
	{ .sdk = "11", .hardware = "nrf52832" },
	{ .sdk = "11-adafruit",
	  .hardware = "nrf52840",
	  .device = "    mtu: 247\n",
	  .device_type = 0x0052 },
	{ .sdk = "1", .bootloader = "infinitime", .hardware = "nrf52832" },
	{ .sdk = "1",
	  .bootloader = "infinitime",
	  .hardware = "nrf52832",
	  .device = "    mtu: 247\n" },
};

static const char *const links[] = {
	NULL,
	"{ interval_ms: 7.5, packets_per_event: 60 }",
	"{ interval_ms: 30, packets_per_event: 2 }",
	"{ interval_ms: 50, packets_per_event: 60 }",
};

static void no_generation_loses_a_packet(void **state)
{
	for (size_t i = 0; i < sizeof(generations) / sizeof(generations[0]); i++) {
		for (size_t j = 0; j < sizeof(links) / sizeof(links[0]); j++) {
			struct air_plan plan = generations[i];
			struct air air;

			plan.image_len = IMAGE_LEN;
			plan.link = links[j];
			air_update(state, &plan, &air);
			if (air.counters.packets_dropped > 0 || air.data_bytes != IMAGE_LEN)
				fail_msg("SDK %s, link %s: %u packets dropped, %zu bytes sent",
					 plan.sdk, links[j] ? links[j] : "as usual",
					 air.counters.packets_dropped, (size_t)air.data_bytes);
			assert_null(strstr(air.notes, "profile"));
			assert_int_equal(air.longest_packet, 20);
		}
	}
}

/* Section 7: with 10, which other tools use, the ninth packet finds no buffer while flash works. */
static void too_fast_a_profile_is_slowed_down_and_told(void **state)
{
	static const struct air_plan plan = {
		.image_len = IMAGE_LEN,
		.link = "{ interval_ms: 7.5, packets_per_event: 60 }",
		.options = { "legacy.receipts=60" },
	};
	struct air air;

	air_update(state, &plan, &air);
	assert_true(air.counters.packets_dropped > 0);
	assert_int_equal(air.receipts, 4);
	assert_non_null(strstr(air.notes, "keep in the profile: legacy: { receipts: 4 }"));
}

static void longer_packets_that_arrive_damaged_are_given_up_and_told(void **state)
{
	static const struct air_plan plan = {
		.sdk = "11-adafruit",
		.hardware = "nrf52840",
		.device = "    mtu: 247\n",
		.device_type = 0x0052,
		.options = { "legacy.packet_size=244" },
	};
	struct air air;

	air_update(state, &plan, &air);
	assert_int_equal(air.longest_packet, 244);
	assert_int_equal(air.starts, 2);
	assert_non_null(
		strstr(air.notes, "keep in the profile: legacy: { receipts: 1, packet_size: 20 }"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, scratch_setup, scratch_teardown)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(no_generation_loses_a_packet),
		TEST(too_fast_a_profile_is_slowed_down_and_told),
		TEST(longer_packets_that_arrive_damaged_are_given_up_and_told),
	};

	return cmocka_run_group_tests_name("legacy_lossless", tests, NULL, NULL);
}
