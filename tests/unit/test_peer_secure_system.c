/*
 * SoftDevices, bootloaders and applications for other chips in the secure bootloader: secure-dfu.md
 * 5.1, 10 and 11.
 */
#include "secure_peer_bench.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

/* A SoftDevice of the same major version as the usual one of that SDK, and one of another. */
static const struct generation {
	const char *sdk;
	bool restarts; /* after an activation */
	uint16_t minor, major;
	uint32_t major_end;
} generations[] = {
	{ "12.2", false, 0x0091, 0x009D, 0x23000 }, { "13.1", false, 0x009E, 0x009D, 0x23000 },
	{ "14.0", false, 0x00A5, 0x00A8, 0x26000 }, { "14.1", false, 0x00A5, 0x00A8, 0x26000 },
	{ "15.0", true, 0x00AF, 0x009D, 0x23000 },  { "15.2", true, 0x00B7, 0x009D, 0x23000 },
	{ "15.3", true, 0x00AF, 0x009D, 0x23000 },  { "16", true, 0x0101, 0x009D, 0x23000 },
	{ "17.1", true, 0x0124, 0x009D, 0x23000 },
};

enum { GENERATIONS = sizeof(generations) / sizeof(generations[0]) };
enum { SD_LEN = 0x1D00C, BL_LEN = 0x4008, SOFTDEVICE = 0x1000, BOOTLOADER = 0x78000 };

static const uint64_t second_us = 1000000;

static void prepare(struct secure_bench *bench, const struct generation *generation)
{
	secure_bench_renew(bench, generation->sdk);
	secure_bench_enter(bench);
}

static void wait_seconds(struct secure_bench *bench, unsigned seconds)
{
	device_advance(bench->device, device_now_us(bench->device) + seconds * second_us);
}

static void expect_softdevice(struct secure_bench *bench, uint16_t fwid)
{
	struct device_state described = secure_bench_describe(bench);

	assert_int_equal(described.softdevice_fwid, fwid);
	assert_int_equal(described.softdevice.addr, SOFTDEVICE);
	assert_int_equal(described.softdevice.len, bench->facts.sd_size);
	assert_memory_equal(secure_bench_flash(bench, SOFTDEVICE), bench->image,
			    bench->facts.sd_size);
}

static void expect_bootloader(struct secure_bench *bench)
{
	struct device_state described = secure_bench_describe(bench);

	assert_int_equal(described.bootloader.addr, BOOTLOADER);
	assert_int_equal(described.bootloader.len, bench->facts.bl_size);
	assert_memory_equal(secure_bench_flash(bench, BOOTLOADER),
			    bench->image + bench->facts.sd_size, bench->facts.bl_size);
}

/* --- SoftDevice --- */

static void update_softdevice(struct secure_bench *bench, const struct generation *generation)
{
	prepare(bench, generation);
	secure_bench_system(bench, generation->minor, SD_LEN, 0);
	secure_bench_update(bench, "60 04 01; disconnected 13; reset; bootloader; ");
}

static void a_softdevice_is_installed_and_the_bootloader_waits(void **state)
{
	struct secure_bench *bench = *state;

	for (size_t i = 0; i < GENERATIONS; i++) {
		update_softdevice(bench, &generations[i]);
		expect_softdevice(bench, generations[i].minor);
	}
}

static void it_waits_ten_seconds_for_the_application_from_sdk_13_on(void **state)
{
	struct secure_bench *bench = *state;

	for (size_t i = 0; i < GENERATIONS; i++) {
		update_softdevice(bench, &generations[i]);
		wait_seconds(bench, 9);
		bench_log_expect(&bench->log, "");
		wait_seconds(bench, 3);
		secure_bench_expect(bench, i == 0 ? "" : "reset; application; ");
	}
}

static void whoever_begins_to_send_has_longer(void **state)
{
	struct secure_bench *bench = *state;

	for (size_t i = 0; i < GENERATIONS; i++) {
		update_softdevice(bench, &generations[i]);
		secure_bench_connect(bench);
		secure_bench_control(bench, "01 01 40 00 00 00");
		wait_seconds(bench, 100);
		secure_bench_expect(bench, "60 01 01; ");
	}
}

static void another_major_version_alone_is_refused_from_sdk_13_on(void **state)
{
	struct secure_bench *bench = *state;

	for (size_t i = 0; i < GENERATIONS; i++) {
		prepare(bench, &generations[i]);
		secure_bench_system(bench, generations[i].major, SD_LEN, 0);
		secure_bench_update(bench,
				    i == 0 ? "60 04 01; disconnected 13; reset; bootloader; "
					   : "60 04 05; disconnected 13; reset; application; ");
	}
}

static void an_image_that_is_no_softdevice_is_refused_from_sdk_15_on(void **state)
{
	struct secure_bench *bench = *state;

	for (size_t i = 4; i < GENERATIONS; i++) {
		prepare(bench, &generations[i]);
		secure_bench_system(bench, generations[i].minor, SD_LEN, 0);
		bench->image[0x2004] ^= 1;
		secure_bench_update(bench, "60 04 05; disconnected 13; reset; application; ");
	}
}

static void a_softdevice_larger_than_it_says_is_refused_from_sdk_15_on(void **state)
{
	struct secure_bench *bench = *state;

	for (size_t i = 4; i < GENERATIONS; i++) {
		prepare(bench, &generations[i]);
		secure_bench_system(bench, generations[i].minor, 0x25004, 0);
		secure_bench_update(bench, "60 04 05; disconnected 13; reset; application; ");
	}
}

/* --- bootloader --- */

static void a_bootloader_is_copied_and_the_application_kept(void **state)
{
	struct secure_bench *bench = *state;

	for (size_t i = 0; i < GENERATIONS; i++) {
		prepare(bench, &generations[i]);
		secure_bench_system(bench, 0, 0, BL_LEN);
		secure_bench_update(bench, generations[i].restarts
						   ? "60 04 01; disconnected 13; reset; bootloader "
						     "copied; reset; reset; application; "
						   : "60 04 01; disconnected 13; reset; bootloader "
						     "copied; reset; application; ");
		expect_bootloader(bench);
		assert_int_equal(secure_bench_describe(bench).bootloader_version, 2);
		assert_int_equal(secure_bench_describe(bench).application.len,
				 SECURE_BENCH_APPLICATION_LEN);
	}
}

static void its_length_counts_erased_bytes_at_its_end(void **state)
{
	struct secure_bench *bench = *state;

	for (size_t i = 0; i < GENERATIONS; i++) {
		prepare(bench, &generations[i]);
		secure_bench_system(bench, 0, 0, BL_LEN);
		memset(bench->image + BL_LEN - 0x100, 0xFF, 0x100);
		secure_bench_update_somehow(bench);
		assert_int_equal(secure_bench_describe(bench).bootloader.len, BL_LEN);
		device_power_cycle(bench->device);
		device_settle(bench->device);
		assert_int_equal(secure_bench_describe(bench).bootloader.len, BL_LEN);
	}
}

/* --- both --- */

static void update_both(struct secure_bench *bench, const struct generation *generation,
			uint16_t fwid)
{
	prepare(bench, generation);
	secure_bench_system(bench, fwid, SD_LEN, BL_LEN);
	secure_bench_update(bench, "60 04 01; disconnected 13; reset; bootloader copied; reset; "
				   "bootloader; ");
}

static void softdevice_and_bootloader_come_in_one_image(void **state)
{
	struct secure_bench *bench = *state;

	for (size_t i = 0; i < GENERATIONS; i++) {
		update_both(bench, &generations[i], generations[i].minor);
		expect_softdevice(bench, generations[i].minor);
		expect_bootloader(bench);
		wait_seconds(bench, 11);
		secure_bench_expect(bench, i == 0 ? "" : "reset; application; ");
	}
}

/* To SDK 15 on it is a reset of its own, since nothing is waited for. */
static void update_major(struct secure_bench *bench, const struct generation *generation)
{
	prepare(bench, generation);
	secure_bench_system(bench, generation->major, SD_LEN, BL_LEN);
	secure_bench_update(bench, generation->restarts
					   ? "60 04 01; disconnected 13; reset; bootloader copied; "
					     "reset; reset; bootloader; "
					   : "60 04 01; disconnected 13; reset; bootloader copied; "
					     "reset; bootloader; ");
}

static void another_major_version_takes_the_application_away(void **state)
{
	struct secure_bench *bench = *state;

	for (size_t i = 0; i < GENERATIONS; i++) {
		update_major(bench, &generations[i]);
		expect_softdevice(bench, generations[i].major);
		expect_bootloader(bench);
		wait_seconds(bench, 11);
		bench_log_expect(&bench->log, "");
		device_power_cycle(bench->device);
		secure_bench_expect(bench, "bootloader; ");
	}
}

static void applications_start_where_the_new_softdevice_ends(void **state)
{
	struct secure_bench *bench = *state;

	for (size_t i = 0; i < GENERATIONS; i++) {
		struct device_state described;

		update_major(bench, &generations[i]);
		secure_bench_connect(bench);
		secure_bench_application(bench, 5000);
		secure_bench_require(bench, 1, generations[i].major, 0);
		secure_bench_update_somehow(bench);
		assert_int_equal(device_mode(bench->device), DEVICE_APPLICATION);
		described = secure_bench_describe(bench);
		assert_int_equal(described.application.addr, generations[i].major_end);
		assert_int_equal(described.application.len, 5000);
		assert_memory_equal(secure_bench_flash(bench, described.application.addr),
				    bench->image, 5000);
	}
}

static void the_application_that_follows_needs_the_new_softdevice(void **state)
{
	struct secure_bench *bench = *state;

	update_both(bench, &generations[6], generations[6].minor);
	secure_bench_connect(bench);
	secure_bench_application(bench, 5000);
	secure_bench_init(bench);
	secure_bench_expect(bench, "60 04 0B 07; ");
	secure_bench_require(bench, 1, generations[6].minor, 0);
	secure_bench_init(bench);
	secure_bench_expect(bench, "60 04 01; ");
}

static void another_family_is_refused_from_sdk_16_on(void **state)
{
	static const uint16_t s140_6_1_1 = 0x00B6, s140_7_0_1 = 0x00CA;
	struct secure_bench *bench = *state;

	update_both(bench, &generations[6], s140_6_1_1);
	for (size_t i = 7; i < GENERATIONS; i++) {
		prepare(bench, &generations[i]);
		secure_bench_system(bench, s140_7_0_1, SD_LEN, BL_LEN);
		secure_bench_update(bench, "60 04 05; disconnected 13; reset; application; ");
	}
}

static void the_bootloader_has_a_validation_of_its_own_from_sdk_17_on(void **state)
{
	struct secure_bench *bench = *state;

	for (size_t i = 6; i < GENERATIONS; i++) {
		prepare(bench, &generations[i]);
		secure_bench_system(bench, generations[i].minor, SD_LEN, BL_LEN);
		bench->last_validation = 9;
		secure_bench_update(bench, i < 8 ? "60 04 01; disconnected 13; reset; bootloader "
						   "copied; reset; bootloader; "
						 : "60 04 05; disconnected 13; reset; "
						   "application; ");
	}
}

/* --- an application for another chip --- */

static void prepare_external(struct secure_bench *bench, const struct generation *generation)
{
	prepare(bench, generation);
	secure_bench_application(bench, 5000);
	bench->facts.type = 4;
	secure_bench_require(bench, 1, 0xFFFE, 0);
}

static void update_external(struct secure_bench *bench, const struct generation *generation)
{
	prepare_external(bench, generation);
	secure_bench_update(bench, "60 04 01; disconnected 13; reset; application; ");
}

static void an_external_application_is_kept_beside_the_own_from_sdk_15_3_on(void **state)
{
	struct secure_bench *bench = *state;

	for (size_t i = 6; i < GENERATIONS; i++) {
		struct device_state described;

		update_external(bench, &generations[i]);
		described = secure_bench_describe(bench);
		assert_int_equal(described.external.len, 5000);
		assert_memory_equal(secure_bench_flash(bench, described.external.addr),
				    bench->image, 5000);
		assert_int_equal(described.application.len, SECURE_BENCH_APPLICATION_LEN);
		assert_int_equal(described.app_version, 1);
		/* The bank code stands in the settings. */
		assert_int_equal(*secure_bench_flash(bench, 0x7F02C), 0xB1);
		device_power_cycle(bench->device);
		secure_bench_expect(bench, "application; ");
		assert_int_equal(secure_bench_describe(bench).external.len, 5000);
	}
}

static void an_external_application_is_unknown_before(void **state)
{
	static const char *const answers[] = { "60 04 0A; ", "60 04 0A; ",    "60 04 0A; ",
					       "60 04 0A; ", "60 04 0B 04; ", "60 04 0B 04; " };
	struct secure_bench *bench = *state;

	for (size_t i = 0; i < 6; i++) {
		prepare_external(bench, &generations[i]);
		if (i < 4)
			secure_bench_require(bench, 1, bench->config.softdevice, 0);
		secure_bench_init(bench);
		secure_bench_expect(bench, i == 0 || i > 3 ? answers[i] : "60 04 0B 04; ");
	}
}

static void an_external_application_is_unknown_where_it_is_not_built_in(void **state)
{
	struct secure_bench *bench = *state;

	bench->config.takes_external = false;
	prepare_external(bench, &generations[6]);
	secure_bench_init(bench);
	secure_bench_expect(bench, "60 04 0B 04; ");
}

static void an_external_application_must_be_signed(void **state)
{
	struct secure_bench *bench = *state;

	prepare_external(bench, &generations[6]);
	bench->is_unsigned = true;
	secure_bench_init(bench);
	secure_bench_expect(bench, "60 04 0B 08; ");
}

static void an_external_application_needs_some_softdevice(void **state)
{
	struct secure_bench *bench = *state;

	prepare_external(bench, &generations[6]);
	secure_bench_require(bench, 1, 0, 0);
	secure_bench_init(bench);
	secure_bench_expect(bench, "60 04 0B 07; ");
}

static void what_is_received_over_an_external_application_ends_it(void **state)
{
	struct secure_bench *bench = *state;

	update_external(bench, &generations[6]);
	secure_bench_enter(bench);
	secure_bench_application(bench, 6000);
	secure_bench_require(bench, 1, bench->config.softdevice, 0);
	secure_bench_init(bench);
	secure_bench_control(bench, "01 02 00 10 00 00");
	device_power_cycle(bench->device);
	device_settle(bench->device);
	assert_int_equal(secure_bench_describe(bench).external.len, 0);
}

#define TEST(function)                                                                             \
	cmocka_unit_test_setup_teardown(function, secure_bench_set_up, secure_bench_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_softdevice_is_installed_and_the_bootloader_waits),
		TEST(it_waits_ten_seconds_for_the_application_from_sdk_13_on),
		TEST(whoever_begins_to_send_has_longer),
		TEST(another_major_version_alone_is_refused_from_sdk_13_on),
		TEST(an_image_that_is_no_softdevice_is_refused_from_sdk_15_on),
		TEST(a_softdevice_larger_than_it_says_is_refused_from_sdk_15_on),
		TEST(a_bootloader_is_copied_and_the_application_kept),
		TEST(its_length_counts_erased_bytes_at_its_end),
		TEST(softdevice_and_bootloader_come_in_one_image),
		TEST(another_major_version_takes_the_application_away),
		TEST(applications_start_where_the_new_softdevice_ends),
		TEST(the_application_that_follows_needs_the_new_softdevice),
		TEST(another_family_is_refused_from_sdk_16_on),
		TEST(the_bootloader_has_a_validation_of_its_own_from_sdk_17_on),
		TEST(an_external_application_is_kept_beside_the_own_from_sdk_15_3_on),
		TEST(an_external_application_is_unknown_before),
		TEST(an_external_application_is_unknown_where_it_is_not_built_in),
		TEST(an_external_application_must_be_signed),
		TEST(an_external_application_needs_some_softdevice),
		TEST(what_is_received_over_an_external_application_ends_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
