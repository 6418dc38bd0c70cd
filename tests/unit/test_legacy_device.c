/* The legacy client and the simulated devices: what one generation has and another has not. */
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

#define BUTTON     "    mode: bootloader\n"
#define CUSTOM     "    buttonless: custom\n"
#define TRIGGER    "legacy.trigger_service=E95D93B0-251D-470A-A062-FB1922DFA9A8"
#define TRIGGER_AT "legacy.trigger_characteristic=E95D93B1-251D-470A-A062-FB1922DFA9A8"
#define WATCH      .sdk = "1", .bootloader = "infinitime", .hardware = "nrf52832"
#define ADAFRUIT   .sdk = "11-adafruit", .hardware = "nrf52840"

static void assert_told(const struct air *air, const char *text)
{
	if (!strstr(air->result.failure.text, text))
		fail_msg("\"%s\" is not in \"%s\"", text, air->result.failure.text);
}

/* --- all of them --- */

static void update_in_both_modes(void *const *state, struct air_plan plan)
{
	char in_bootloader[128];
	struct air air;

	snprintf(in_bootloader, sizeof(in_bootloader), "%s%s", plan.device ? plan.device : "",
		 BUTTON);
	air_update(state, &plan, &air);
	assert_int_equal(air.resets, 0);
	plan.device = in_bootloader;
	air_update(state, &plan, &air);
	assert_int_equal(air.resets, 0);
}

static void every_generation_takes_an_application_in_both_modes(void **state)
{
	static const char *const sdks[] = { "6.1", "7", "8", "9", "10", "11" };
	static const char *const banks[] = { "", "    bank: single\n", "    peer_data: true\n" };

	for (size_t i = 0; i < sizeof(sdks) / sizeof(sdks[0]); i++) {
		for (size_t j = 0; j < sizeof(banks) / sizeof(banks[0]); j++)
			update_in_both_modes(state, (struct air_plan){ .sdk = sdks[i],
								       .device = banks[j] });
	}
	update_in_both_modes(state, (struct air_plan){ ADAFRUIT, .device_type = 0x0052 });
}

/* A single bank of SDK 6.1 takes applications alone. */
static void every_generation_since_6_1_takes_a_system_in_both_modes(void **state)
{
	static const char *const sdks[] = { "7", "8", "9", "10", "11" };
	static const enum air_package packages[] = { AIR_SYSTEM, AIR_SYSTEM_AND_APPLICATION };

	for (size_t i = 0; i < 2; i++) {
		update_in_both_modes(state,
				     (struct air_plan){ .sdk = "6.1", .package = packages[i] });
		for (size_t j = 0; j < sizeof(sdks) / sizeof(sdks[0]); j++) {
			update_in_both_modes(state, (struct air_plan){ .sdk = sdks[j],
								       .package = packages[i] });
			update_in_both_modes(state,
					     (struct air_plan){ .sdk = sdks[j],
								.package = packages[i],
								.device = "    bank: single\n" });
		}
	}
}

/* ATT error FD, in the application and in the bootloader. */
static void forgotten_subscription_is_renewed_by_writing_it_again(void **state)
{
	static const char *const sdks[] = { "6.1", "7", "8", "9", "10", "11" };

	for (size_t i = 0; i < sizeof(sdks) / sizeof(sdks[0]); i++)
		update_in_both_modes(state, (struct air_plan){ .sdk = sdks[i],
							       .forgets_subscriptions = true });
}

/* --- SDK 4 to 6.0 --- */

static const char *const oldest[] = { "4.4", "5.2", "6.0" };

static void sdk_4_to_6_0_takes_the_application_s_size_alone(void **state)
{
	for (size_t i = 0; i < sizeof(oldest) / sizeof(oldest[0]); i++) {
		struct air air;

		air_update(state, &(struct air_plan){ .sdk = oldest[i], .device = BUTTON }, &air);
		assert_int_equal(air.starts, 2);
		assert_int_equal(air.receipts, 1);
	}
}

static void sdk_4_to_6_1_is_given_time_around_start(void **state)
{
	static const char *const sdks[] = { "4.4", "5.2", "6.0", "6.1" };

	for (size_t i = 0; i < sizeof(sdks) / sizeof(sdks[0]); i++) {
		struct air air;

		air_update(state, &(struct air_plan){ .sdk = sdks[i], .device = BUTTON }, &air);
		assert_true(air.settle_ms >= 1000);
		assert_true(air.first_wait_ms >= 2000);
	}
}

static void sdk_4_to_6_0_takes_no_softdevice_and_says_so(void **state)
{
	for (size_t i = 0; i < sizeof(oldest) / sizeof(oldest[0]); i++) {
		struct air air;

		air_run(state,
			&(struct air_plan){
				.sdk = oldest[i], .device = BUTTON, .package = AIR_SYSTEM },
			&air);
		assert_int_equal(air.result.status, SESSION_REFUSED_BY_DEVICE);
		assert_told(&air, "up to SDK 6.0: none but an application");
		assert_int_equal(air.data_bytes, 0);
	}
}

/* There is no way in without a button. */
static void sdk_6_0_in_its_application_is_no_dfu_device(void **state)
{
	struct air air;

	air_run(state, &(struct air_plan){ .sdk = "6.0" }, &air);
	assert_int_equal(air.result.status, SESSION_FAILED);
	assert_told(&air, "does not speak any DFU protocol");
}

static void sdk_6_1_jumps_and_takes_three_sizes(void **state)
{
	struct air air;

	air_update(state, &(struct air_plan){ .sdk = "6.1" }, &air);
	assert_int_equal(air.starts, 1);
	assert_int_equal(air.receipts, 8);
}

/* --- what bootloaders refuse, and when --- */

static void init_packet_of_another_format_is_found_at_validate_and_refused_in_the_end(void **state)
{
	struct air air;

	air_run(state, &(struct air_plan){ .format = 6 }, &air);
	assert_int_equal(air.result.status, SESSION_REFUSED_BY_DEVICE);
	assert_told(&air, "or is of a format this bootloader does not know");
	assert_int_equal(air.starts, 2);
	assert_int_equal(air.activations, 0);
}

static void init_packet_goes_as_it_is_whatever_the_version(void **state)
{
	struct air air;

	/* 0.8 states nothing about a signature (section 1.1). */
	air_update(state, &(struct air_plan){ .sdk = "11", .format = 5 }, &air);
	air_update(state, &(struct air_plan){ .sdk = "7", .format = 5 }, &air);
	air_run(state, &(struct air_plan){ .sdk = "11", .format = 8 }, &air);
	assert_int_equal(air.result.status, SESSION_REFUSED_BY_DEVICE);
}

/* Section 9.1: nobody is told that the old application still works. */
static void refused_image_costs_the_application_of_a_single_bank_alone(void **state)
{
	static const struct {
		const char *device;
		size_t application_len;
	} banks[] = { { "", 4096 }, { "    bank: single\n", 0 } };

	for (size_t i = 0; i < sizeof(banks) / sizeof(banks[0]); i++) {
		struct air air;

		air_run(state, &(struct air_plan){ .device = banks[i].device, .wrong_crc = true },
			&air);
		assert_int_equal(air.result.status, SESSION_REFUSED_BY_DEVICE);
		assert_int_equal(air.receipts, 1);
		assert_int_equal(air.application_len, banks[i].application_len);
		assert_null(strstr(air.result.failure.text, "application"));
		assert_string_equal(air.result.ended_as, "");
	}
}

/* --- Adafruit --- */

static void adafruit_takes_its_own_device_type_alone(void **state)
{
	struct air air;

	air_run(state, &(struct air_plan){ ADAFRUIT, .device_type = 0xFFFF }, &air);
	assert_int_equal(air.result.status, SESSION_REFUSED_BY_DEVICE);
	assert_told(&air, "device type FFFF");
	assert_int_equal(air.data_bytes, 0);
	air_update(state, &(struct air_plan){ ADAFRUIT, .device_type = 0x0052 }, &air);
}

static void adafruit_gets_short_packets_over_a_large_mtu(void **state)
{
	struct air air;

	air_update(state,
		   &(struct air_plan){ ADAFRUIT, .device_type = 0x0052,
				       .device = "    mtu: 247\n" },
		   &air);
	assert_int_equal(air.longest_packet, 20);
}

/* --- InfiniTime --- */

static void watch_is_updated_without_a_jump_and_seen_again(void **state)
{
	struct air air;

	air_update(state, &(struct air_plan){ WATCH }, &air);
	assert_int_equal(air.starts, 1);
	assert_non_null(strstr(air.result.ended_as, "runs its application at C0:FF:EE:00:00:01"));
	assert_non_null(strstr(air.notes, "confirm the new firmware on the device"));
	/* Once for the update, once for the proof. */
	assert_int_equal(air.result.connections, 2);
}

static void watch_that_was_locked_is_told_in_words(void **state)
{
	struct air air;

	air_run(state, &(struct air_plan){ WATCH, .device = "    locked: true\n" }, &air);
	assert_int_equal(air.result.status, SESSION_FAILED);
	assert_int_equal(air.result.failure.detail, 8);
	assert_told(&air, "enable it on the watch");
}

static void watch_gets_what_it_can_take_whatever_the_profile_says(void **state)
{
	static const struct air_plan plans[] = {
		{ WATCH, .device = "    mtu: 247\n",
		  .options = { "legacy.packet_size=244", "legacy.receipts=0" } },
		{ WATCH, .options = { "legacy.packet_size=16", "legacy.receipts=256" } },
	};

	for (size_t i = 0; i < sizeof(plans) / sizeof(plans[0]); i++) {
		struct air air;

		air_update(state, &plans[i], &air);
		assert_int_equal(air.longest_packet, 20);
		assert_int_equal(air.receipts, 8);
		assert_int_equal(air.starts, 1);
	}
}

static void watch_takes_an_image_of_any_length(void **state)
{
	for (size_t len = 9996; len <= 10001; len++) {
		struct air air;

		air_update(state, &(struct air_plan){ WATCH, .image_len = len }, &air);
	}
}

static void watch_that_cannot_take_the_package_is_not_begun_with(void **state)
{
	static const struct air_plan plans[] = {
		{ WATCH, .package = AIR_SYSTEM },
		{ WATCH, .format = 6 },
		{ WATCH, .format = 8 },
	};

	for (size_t i = 0; i < sizeof(plans) / sizeof(plans[0]); i++) {
		struct air air;

		air_run(state, &plans[i], &air);
		assert_int_equal(air.result.status, SESSION_REFUSED_BY_HOST);
		assert_int_equal(air.starts, 0);
	}
}

/* It does not even say so. */
static void watch_is_sent_a_damaged_image_twice_and_no_more(void **state)
{
	struct air air;

	air_run(state, &(struct air_plan){ WATCH, .wrong_crc = true }, &air);
	assert_int_equal(air.result.status, SESSION_REFUSED_BY_DEVICE);
	assert_int_equal(air.starts, 2);
	assert_int_equal(air.activations, 0);
}

/* More than it has room for: it says nothing at all. */
static void start_that_is_never_answered_is_tried_twice(void **state)
{
	struct air air;

	air_run(state, &(struct air_plan){ WATCH, .image_len = 0x3B000 }, &air);
	assert_int_equal(air.result.status, SESSION_FAILED);
	assert_told(&air, "did not answer Start");
	assert_int_equal(air.starts, 2);
}

/* --- a way in of the product's own --- */

static void trigger_of_the_profile_leads_into_any_generation(void **state)
{
	static const char *const sdks[] = { "4.4", "6.0", "6.1", "7", "8", "11" };

	for (size_t i = 0; i < sizeof(sdks) / sizeof(sdks[0]); i++) {
		struct air air;

		air_update(state,
			   &(struct air_plan){
				   .sdk = sdks[i],
				   .device = CUSTOM,
				   .options = { TRIGGER, TRIGGER_AT, "legacy.trigger_value=01" } },
			   &air);
	}
}

static void trigger_that_does_nothing_is_told(void **state)
{
	struct air air;

	air_run(state,
		&(struct air_plan){ .device = CUSTOM,
				    .options = { TRIGGER, TRIGGER_AT, "legacy.trigger_value=02" } },
		&air);
	assert_int_equal(air.result.status, SESSION_FAILED);
	assert_told(&air, "legacy.trigger_value");
}

/* --- the end --- */

static void answer_to_activate_that_is_lost_is_no_failure(void **state)
{
	static const char *const sdks[] = { "6.1", "7", "8", "11" };

	for (size_t i = 0; i < sizeof(sdks) / sizeof(sdks[0]); i++) {
		struct air uncut, air;
		char device[64];

		air_update(state, &(struct air_plan){ .sdk = sdks[i] }, &uncut);
		snprintf(device, sizeof(device), "    faults: { cut_after_writes: %u }\n",
			 uncut.writes);
		air_update(state, &(struct air_plan){ .sdk = sdks[i], .device = device }, &air);
		assert_int_equal(air.starts, 1);
		assert_int_equal(air.activations, 1);
	}
}

static void lost_packet_restarts_with_more_receipts_and_is_told(void **state)
{
	static const char *const sdks[] = { "6.1", "8", "11" };

	for (size_t i = 0; i < sizeof(sdks) / sizeof(sdks[0]); i++) {
		struct air air;

		air_update(state,
			   &(struct air_plan){ .sdk = sdks[i],
					       .device = "    faults: { lose_packet: 40 }\n" },
			   &air);
		/* The second is refused: the device still holds the first. */
		assert_int_equal(air.starts, 3);
		assert_int_equal(air.resets, 1);
		assert_non_null(strstr(air.notes, "keep in the profile: legacy: { receipts: "));
	}
}

static void damaged_packet_is_found_at_validate_and_all_sent_again(void **state)
{
	struct air air;

	air_update(state,
		   &(struct air_plan){ .sdk = "11",
				       .device = "    faults: { corrupt_packet: 40 }\n" },
		   &air);
	assert_int_equal(air.starts, 2);
	assert_int_equal(air.receipts, 1);
	assert_int_equal(air.data_bytes, 24000);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, scratch_setup, scratch_teardown)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(every_generation_takes_an_application_in_both_modes),
		TEST(every_generation_since_6_1_takes_a_system_in_both_modes),
		TEST(forgotten_subscription_is_renewed_by_writing_it_again),
		TEST(sdk_4_to_6_0_takes_the_application_s_size_alone),
		TEST(sdk_4_to_6_1_is_given_time_around_start),
		TEST(sdk_4_to_6_0_takes_no_softdevice_and_says_so),
		TEST(sdk_6_0_in_its_application_is_no_dfu_device),
		TEST(sdk_6_1_jumps_and_takes_three_sizes),
		TEST(init_packet_of_another_format_is_found_at_validate_and_refused_in_the_end),
		TEST(init_packet_goes_as_it_is_whatever_the_version),
		TEST(refused_image_costs_the_application_of_a_single_bank_alone),
		TEST(adafruit_takes_its_own_device_type_alone),
		TEST(adafruit_gets_short_packets_over_a_large_mtu),
		TEST(watch_is_updated_without_a_jump_and_seen_again),
		TEST(watch_that_was_locked_is_told_in_words),
		TEST(watch_gets_what_it_can_take_whatever_the_profile_says),
		TEST(watch_takes_an_image_of_any_length),
		TEST(watch_that_cannot_take_the_package_is_not_begun_with),
		TEST(watch_is_sent_a_damaged_image_twice_and_no_more),
		TEST(start_that_is_never_answered_is_tried_twice),
		TEST(trigger_of_the_profile_leads_into_any_generation),
		TEST(trigger_that_does_nothing_is_told),
		TEST(answer_to_activate_that_is_lost_is_no_failure),
		TEST(lost_packet_restarts_with_more_receipts_and_is_told),
		TEST(damaged_packet_is_found_at_validate_and_all_sent_again),
	};

	return cmocka_run_group_tests_name("legacy_device", tests, NULL, NULL);
}
