/* The secure client and the simulated device: what one release has and another has not. */
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

enum { OBJECT_LEN = 4096 };

static void name_is_set_where_the_application_takes_one(void **state)
{
	static const char *const sdks[] = { "14.0", "15.3", "17.1" };

	for (size_t i = 0; i < sizeof(sdks) / sizeof(sdks[0]); i++) {
		struct air air;

		air_update(state, &(struct air_plan){ .sdk = sdks[i] }, &air);
		assert_int_equal(air.names_set, 1);
		assert_memory_equal(air.name, "Dfu", 3);
	}
}

static void no_name_is_set_where_the_profile_wants_none(void **state)
{
	struct air air;

	air_update(state, &(struct air_plan){ .options = { "secure.unique_name=false" } }, &air);
	assert_int_equal(air.names_set, 0);
}

/* SDK 13 answers that it does not know the request. */
static void refused_name_does_not_keep_sdk_13_from_its_bootloader(void **state)
{
	struct air air;

	air_update(state, &(struct air_plan){ .sdk = "13.1" }, &air);
	assert_int_equal(air.names_set, 1);
}

static void experimental_buttonless_of_sdk_12_is_given_no_name(void **state)
{
	struct air air;

	air_update(state, &(struct air_plan){ .sdk = "12.2" }, &air);
	assert_int_equal(air.names_set, 0);
}

static void assert_refused(void *const *state, const char *sdk, const char *device, int32_t detail)
{
	struct air air;

	air_run(state, &(struct air_plan){ .sdk = sdk, .device = device }, &air);
	assert_int_equal(air.result.status, SESSION_REFUSED_BY_DEVICE);
	assert_int_equal(air.result.failure.detail, detail);
	assert_int_equal(air.data_bytes, 0);
	assert_int_equal(air.init_creates, 1);
}

static void sdk_12_refuses_every_init_packet_with_0a(void **state)
{
	assert_refused(state, "12.2", "    hw_version: 51\n", 0x0a);
	assert_refused(state, "12.2", "    app_version: 3\n", 0x0a);
}

static void later_sdks_say_what_they_refuse(void **state)
{
	static const char *const sdks[] = { "13.0", "14.1", "15.0", "15.3", "16", "17.1" };

	for (size_t i = 0; i < sizeof(sdks) / sizeof(sdks[0]); i++) {
		assert_refused(state, sdks[i], "    hw_version: 51\n", 0x0b06);
		assert_refused(state, sdks[i], "    app_version: 3\n", 0x0b05);
	}
}

/* One object again, and a slower pace from then on, which is told. */
static void assert_object_is_repeated(void *const *state, const char *sdk, const char *fault)
{
	char device[64];
	struct air air;

	snprintf(device, sizeof(device), "    faults: { %s: 20 }\n", fault);
	air_update(state, &(struct air_plan){ .sdk = sdk, .device = device }, &air);
	assert_int_equal(air.init_creates, 1);
	assert_int_equal(air.data_creates, 4);
	assert_in_range(air.result.resent_bytes, 1, OBJECT_LEN);
	assert_non_null(strstr(air.notes, "keep in the profile: secure: { receipts: 4"));
}

static void lost_packet_costs_its_object(void **state)
{
	static const char *const sdks[] = { "12.2", "13.1", "14.1", "15.0", "15.3", "16", "17.1" };

	for (size_t i = 0; i < sizeof(sdks) / sizeof(sdks[0]); i++)
		assert_object_is_repeated(state, sdks[i], "lose_packet");
}

static void damaged_packet_costs_its_object(void **state)
{
	static const char *const sdks[] = { "12.2", "13.1", "14.1", "15.0", "15.3", "16", "17.1" };

	for (size_t i = 0; i < sizeof(sdks) / sizeof(sdks[0]); i++)
		assert_object_is_repeated(state, sdks[i], "corrupt_packet");
}

/* The last packet's tail is written only where the rule of section 8 is kept. */
static void image_of_any_length_arrives_whole(void **state)
{
	static const char *const devices[] = { "    mtu: 23\n", "    mtu: 100\n", "" };

	for (size_t i = 0; i < sizeof(devices) / sizeof(devices[0]); i++) {
		for (size_t len = 4096; len < 4096 + 24; len++) {
			struct air air;

			air_update(state,
				   &(struct air_plan){ .device = devices[i], .image_len = len },
				   &air);
			assert_int_equal(air.data_bytes, len);
		}
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, scratch_setup, scratch_teardown)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(name_is_set_where_the_application_takes_one),
		TEST(no_name_is_set_where_the_profile_wants_none),
		TEST(refused_name_does_not_keep_sdk_13_from_its_bootloader),
		TEST(experimental_buttonless_of_sdk_12_is_given_no_name),
		TEST(sdk_12_refuses_every_init_packet_with_0a),
		TEST(later_sdks_say_what_they_refuse),
		TEST(lost_packet_costs_its_object),
		TEST(damaged_packet_costs_its_object),
		TEST(image_of_any_length_arrives_whole),
	};

	return cmocka_run_group_tests_name("secure_device", tests, NULL, NULL);
}
