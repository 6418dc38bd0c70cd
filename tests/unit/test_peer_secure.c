/*
 * How the generations of the secure bootloader differ in what they answer: secure-dfu.md 3, 4, 6.3,
 * 8, 10 and 11. Each table says what each of them does.
 */
#include "secure_peer_bench.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* Any point on the curve: no signature here verifies. */
static const uint8_t public_key[] = {
	0x5E, 0x82, 0xF8, 0x92, 0x65, 0xCA, 0x9A, 0xE1, 0xA4, 0xEA, 0xE8, 0xB0, 0xFA,
	0x72, 0x2B, 0x29, 0x47, 0x44, 0x12, 0xB8, 0x51, 0xFE, 0x5E, 0x92, 0x2C, 0x75,
	0xF1, 0x9C, 0xAE, 0x96, 0x4E, 0xF2, 0x3A, 0xD3, 0x57, 0xAD, 0x0C, 0x74, 0xE6,
	0x80, 0x2A, 0x5F, 0x4B, 0x9A, 0x72, 0xB0, 0x77, 0xA4, 0x0C, 0x53, 0xB3, 0xB1,
	0x2E, 0x6B, 0x70, 0xA1, 0x64, 0x9D, 0xEA, 0xFD, 0x2D, 0x00, 0x3D, 0x08,
};

enum { GENERATIONS = 9 };

static const char *const sdks[GENERATIONS] = { "12.2", "13.1", "14.0", "14.1", "15.0",
					       "15.2", "15.3", "16",   "17.1" };

/* What each of sdks answers, in their order; from the first on that is NULL, as the one before. */
struct answers {
	const char *of[GENERATIONS];
};

static const char *answer_of(const struct answers *answers, size_t generation)
{
	while (!answers->of[generation])
		generation--;
	return answers->of[generation];
}

/* --- requests --- */

static void answer_to(void **state, const char *request, struct answers answers)
{
	struct secure_bench *bench = *state;

	for (size_t i = 0; i < GENERATIONS; i++) {
		secure_bench_renew(bench, sdks[i]);
		secure_bench_enter(bench);
		assert_int_equal(secure_bench_control(bench, request), 0);
		secure_bench_expect(bench, answer_of(&answers, i));
	}
}

static void an_unknown_op_code_is_an_invalid_parameter_until_sdk_15(void **state)
{
	answer_to(state, "05", (struct answers){ { [0] = "60 05 03; ", [4] = "60 05 02; " } });
}

static void an_unknown_object_type_has_its_own_result_until_sdk_15(void **state)
{
	answer_to(state, "06 03", (struct answers){ { [0] = "60 06 07; ", [4] = "60 06 05; " } });
}

static void lengths_of_requests_are_checked_until_sdk_15(void **state)
{
	answer_to(state, "02 00", (struct answers){ { [0] = "60 02 03; ", [4] = "60 02 01; " } });
}

static void an_init_packet_has_512_bytes_from_sdk_15_3_on(void **state)
{
	answer_to(state, "06 01",
		  (struct answers){ { [0] = "60 06 01 00 01 00 00 00 00 00 00 00 00 00 00; ",
				      [6] = "60 06 01 00 02 00 00 00 00 00 00 00 00 00 00; " } });
	answer_to(state, "01 01 01 01 00 00",
		  (struct answers){ { [0] = "60 01 04; ", [6] = "60 01 01; " } });
}

static void the_protocol_version_is_asked_in_vain_but_for_a_header_in_15_0_and_15_2(void **state)
{
	answer_to(state, "00",
		  (struct answers){
			  { [0] = "60 00 03; ", [4] = "60 00 01; ", [6] = "60 00 02; " } });
}

static void the_full_protocol_answers_with_a_header(void **state)
{
	struct secure_bench *bench = *state;

	bench->config.full_protocol = true;
	answer_to(state, "0A", (struct answers){ { [0] = "60 0A 03; ", [4] = "60 0A 01; " } });
}

static void abort_came_with_sdk_15(void **state)
{
	answer_to(state, "0C",
		  (struct answers){
			  { [0] = "60 0C 03; ", [4] = "disconnected 13; reset; application; " } });
}

static void the_mtu_is_larger_from_sdk_15_on(void **state)
{
	struct secure_bench *bench = *state;

	for (size_t i = 0; i < GENERATIONS; i++) {
		secure_bench_renew(bench, sdks[i]);
		secure_bench_enter(bench);
		assert_int_equal(device_exchange_mtu(bench->device, 247), i < 4 ? 23 : 247);
	}
}

static void a_receipt_says_success_of_a_refused_packet_until_sdk_15(void **state)
{
	static const uint8_t packet[20] = { 0 };
	struct secure_bench *bench = *state;

	for (size_t i = 0; i < GENERATIONS; i++) {
		secure_bench_renew(bench, sdks[i]);
		secure_bench_enter(bench);
		secure_bench_control(bench, "02 01 00");
		secure_bench_control(bench, "06 02");
		bench->log.text[0] = '\0';
		device_write_cmd(bench->device, 0x0010, packet, sizeof(packet));
		secure_bench_expect(bench,
				    i < 4 ? "60 03 01 00 00 00 00 00 00 00 00; " : "60 03 08; ");
	}
}

static void it_waits_120_seconds_from_sdk_14_on(void **state)
{
	struct secure_bench *bench = *state;

	for (size_t i = 0; i < GENERATIONS; i++) {
		secure_bench_renew(bench, sdks[i]);
		secure_bench_enter(bench);
		device_advance(bench->device, device_now_us(bench->device) + 119 * 1000000ull);
		bench_log_expect(&bench->log, "");
		device_advance(bench->device, device_now_us(bench->device) + 2 * 1000000ull);
		secure_bench_expect(bench, i < 2 ? "" : "reset; application; ");
	}
}

static void settings_have_a_second_version_from_sdk_15_3_on(void **state)
{
	struct secure_bench *bench = *state;

	for (size_t i = 0; i < GENERATIONS; i++) {
		secure_bench_renew(bench, sdks[i]);
		assert_int_equal(*secure_bench_flash(bench, 0x7F004), i < 6 ? 1 : 2);
	}
}

static void settings_have_a_backup_from_sdk_15_2_on(void **state)
{
	struct secure_bench *bench = *state;

	for (size_t i = 0; i < GENERATIONS; i++) {
		secure_bench_renew(bench, sdks[i]);
		assert_int_equal(memcmp(secure_bench_flash(bench, 0x7E000),
					secure_bench_flash(bench, 0x7F000), 0x58) == 0,
				 i >= 5);
		flash_program(device_flash(bench->device), 0x7F000, "damaged", 7);
		device_power_cycle(bench->device);
		secure_bench_expect(bench, i < 5 ? "bootloader; " : "application; ");
	}
}

/* --- init packets: an application with something wrong --- */

static void verdict(void **state, void (*spoil)(struct secure_bench *bench), struct answers answers)
{
	struct secure_bench *bench = *state;

	for (size_t i = 0; i < GENERATIONS; i++) {
		secure_bench_renew(bench, sdks[i]);
		spoil(bench);
		secure_bench_enter(bench);
		secure_bench_init(bench);
		secure_bench_expect(bench, answer_of(&answers, i));
	}
}

static void nothing(struct secure_bench *bench)
{
	(void)bench;
}

static void a_good_one_is_taken(void **state)
{
	verdict(state, nothing, (struct answers){ { "60 04 01; " } });
}

static void unsigned_one(struct secure_bench *bench)
{
	bench->is_unsigned = true;
}

static void unsigned_is_refused_in_four_ways(void **state)
{
	struct secure_bench *bench = *state;

	bench->config.has_public_key = true;
	memcpy(bench->config.public_key, public_key, sizeof(public_key));
	verdict(state, unsigned_one,
		(struct answers){
			{ [0] = "60 04 0A; ", [1] = "60 04 0B 03; ", [4] = "60 04 0B 08; " } });
}

static void unsigned_applications_are_taken_by_open_bootloaders_from_sdk_15_on(void **state)
{
	verdict(state, unsigned_one,
		(struct answers){
			{ [0] = "60 04 0A; ", [1] = "60 04 0B 03; ", [4] = "60 04 01; " } });
}

static void unsigned_bootloader(struct secure_bench *bench)
{
	bench->is_unsigned = true;
	secure_bench_system(bench, 0, 0, 4000);
}

static void open_bootloaders_want_system_images_signed_all_the_same(void **state)
{
	verdict(state, unsigned_bootloader,
		(struct answers){
			{ [0] = "60 04 0A; ", [1] = "60 04 0B 03; ", [4] = "60 04 0B 08; " } });
}

static void wrong_signature(void **state)
{
	struct secure_bench *bench = *state;

	bench->config.has_public_key = true;
	memcpy(bench->config.public_key, public_key, sizeof(public_key));
}

static void a_wrong_signature_is_an_invalid_object(void **state)
{
	wrong_signature(state);
	verdict(state, nothing, (struct answers){ { "60 04 05; " } });
}

static void other_signature_type(struct secure_bench *bench)
{
	bench->signature_type = 1;
}

static void another_signature_type_is_named_from_sdk_13_on(void **state)
{
	wrong_signature(state);
	verdict(state, other_signature_type,
		(struct answers){ { [0] = "60 04 0A; ", [1] = "60 04 0B 0B; " } });
}

static void other_hardware(struct secure_bench *bench)
{
	bench->target.hw_version = 51;
}

static void other_hardware_is_named_from_sdk_13_on(void **state)
{
	verdict(state, other_hardware,
		(struct answers){ { [0] = "60 04 0A; ", [1] = "60 04 0B 06; " } });
}

static void versions_come_before_the_signature_until_sdk_15(void **state)
{
	wrong_signature(state);
	verdict(state, other_hardware,
		(struct answers){
			{ [0] = "60 04 0A; ", [1] = "60 04 0B 06; ", [4] = "60 04 05; " } });
}

static void lower_version(struct secure_bench *bench)
{
	bench->target.version = 0;
}

static void a_lower_version_is_named_from_sdk_13_on(void **state)
{
	verdict(state, lower_version,
		(struct answers){ { [0] = "60 04 0A; ", [1] = "60 04 0B 05; " } });
}

static void equal_version(struct secure_bench *bench)
{
	bench->target.version = 1;
}

static void an_equal_version_is_taken(void **state)
{
	verdict(state, equal_version, (struct answers){ { "60 04 01; " } });
}

static void equal_bootloader(struct secure_bench *bench)
{
	bench->target.version = 1;
	secure_bench_system(bench, 0, 0, 4000);
}

static void an_equal_bootloader_version_is_not(void **state)
{
	verdict(state, equal_bootloader,
		(struct answers){ { [0] = "60 04 0A; ", [1] = "60 04 0B 05; " } });
}

static void debug(struct secure_bench *bench)
{
	bench->target.is_debug = true;
}

static void debug_is_refused_until_sdk_15_and_then_ignored(void **state)
{
	verdict(state, debug, (struct answers){ { [0] = "60 04 0A; ", [4] = "60 04 01; " } });
}

static void other_hash(struct secure_bench *bench)
{
	bench->hash_type = 1;
}

static void the_kind_of_hash_is_looked_at_here_from_sdk_15_on(void **state)
{
	verdict(state, other_hash,
		(struct answers){ { [0] = "60 04 01; ", [4] = "60 04 0B 09; " } });
}

static void size_0(struct secure_bench *bench)
{
	bench->facts.app_size = 0;
}

static void a_size_of_0_is_an_invalid_parameter_until_sdk_15(void **state)
{
	verdict(state, size_0, (struct answers){ { [0] = "60 04 03; ", [4] = "60 04 0B 04; " } });
}

static void size_0_of_a_part(struct secure_bench *bench)
{
	secure_bench_system(bench, bench->config.softdevice, 0x9000, 4000);
	bench->facts.bl_size = 0;
	bench->facts.type = 3;
}

static void of_a_combined_image_no_size_is_0_until_sdk_15(void **state)
{
	verdict(state, size_0_of_a_part,
		(struct answers){ { [0] = "60 04 03; ", [4] = "60 04 01; " } });
}

static void large_bootloader(struct secure_bench *bench)
{
	secure_bench_system(bench, 0, 0, 0x6004);
}

static void a_bootloader_larger_than_its_region_has_no_room(void **state)
{
	verdict(state, large_bootloader, (struct answers){ { "60 04 04; " } });
}

static void too_large(struct secure_bench *bench)
{
	bench->facts.app_size = 0x70000;
}

static void an_application_larger_than_the_flash_has_no_room(void **state)
{
	verdict(state, too_large, (struct answers){ { "60 04 04; " } });
}

/* --- sd_req --- */

static void other_softdevice(struct secure_bench *bench)
{
	secure_bench_require(bench, 1, 0x1234, 0);
}

static void another_softdevice_is_named_from_sdk_13_on(void **state)
{
	verdict(state, other_softdevice,
		(struct answers){ { [0] = "60 04 0A; ", [1] = "60 04 0B 07; " } });
}

static void second_softdevice(struct secure_bench *bench)
{
	secure_bench_require(bench, 2, 0x1234, bench->config.softdevice);
}

static void the_installed_one_may_stand_anywhere(void **state)
{
	verdict(state, second_softdevice, (struct answers){ { "60 04 01; " } });
}

static void any_softdevice(struct secure_bench *bench)
{
	secure_bench_require(bench, 1, 0xFFFE, 0);
}

static void any_is_no_softdevice(void **state)
{
	verdict(state, any_softdevice,
		(struct answers){ { [0] = "60 04 0A; ", [1] = "60 04 0B 07; " } });
}

static void no_softdevice(struct secure_bench *bench)
{
	secure_bench_require(bench, 1, 0, 0);
}

static void none_needed_is_taken_from_sdk_15_on(void **state)
{
	verdict(state, no_softdevice,
		(struct answers){
			{ [0] = "60 04 0A; ", [1] = "60 04 0B 07; ", [4] = "60 04 01; " } });
}

static void none_or_the_installed(struct secure_bench *bench)
{
	secure_bench_require(bench, 2, 0, bench->config.softdevice);
}

static void none_with_the_installed_one_is_refused_from_sdk_15_2_on(void **state)
{
	verdict(state, none_or_the_installed,
		(struct answers){ { [0] = "60 04 01; ", [5] = "60 04 0B 07; " } });
}

static void none_or_another(struct secure_bench *bench)
{
	secure_bench_require(bench, 2, 0, 0x1234);
}

static void none_with_another_is_refused_by_all(void **state)
{
	verdict(state, none_or_another,
		(struct answers){ { [0] = "60 04 0A; ", [1] = "60 04 0B 07; " } });
}

static void empty_list(struct secure_bench *bench)
{
	secure_bench_require(bench, 0, 0, 0);
}

static void an_empty_list_is_taken_by_15_0_and_15_2_alone(void **state)
{
	verdict(state, empty_list,
		(struct answers){ { [0] = "60 04 0A; ",
				    [1] = "60 04 0B 07; ",
				    [4] = "60 04 01; ",
				    [6] = "60 04 0B 07; " } });
}

static void other_combined(struct secure_bench *bench)
{
	secure_bench_system(bench, bench->config.softdevice, 0x9000, 4000);
	secure_bench_require(bench, 1, 0x1234, 0);
}

static void softdevice_and_bootloader_may_be_for_another_softdevice_in_14_1(void **state)
{
	verdict(state, other_combined,
		(struct answers){ { [0] = "60 04 0A; ",
				    [1] = "60 04 0B 07; ",
				    [3] = "60 04 01; ",
				    [4] = "60 04 0B 07; " } });
}

static void softdevice_for_none(struct secure_bench *bench)
{
	secure_bench_system(bench, bench->config.softdevice, 0x9000, 0);
	secure_bench_require(bench, 1, 0, 0);
}

static void a_softdevice_needs_the_one_before(void **state)
{
	verdict(state, softdevice_for_none,
		(struct answers){ { [0] = "60 04 0A; ", [1] = "60 04 0B 07; " } });
}

/* --- the end --- */

static void final_answer(void **state, void (*spoil)(struct secure_bench *bench),
			 struct answers answers)
{
	struct secure_bench *bench = *state;

	for (size_t i = 0; i < GENERATIONS; i++) {
		char expected[80] = "";

		secure_bench_renew(bench, sdks[i]);
		spoil(bench);
		secure_bench_enter(bench);
		strcat(strcat(expected, answer_of(&answers, i)),
		       "disconnected 13; reset; application; ");
		secure_bench_update(bench, expected);
		assert_memory_equal(secure_bench_flash(bench, secure_bench_describe(bench)
								      .application.addr),
				    bench->application, SECURE_BENCH_APPLICATION_LEN);
	}
}

static void wrong_hash(struct secure_bench *bench)
{
	bench->wrong_hash = true;
}

static void a_hash_that_differs_is_named_from_sdk_13_on(void **state)
{
	final_answer(state, wrong_hash,
		     (struct answers){ { [0] = "60 04 05; ", [1] = "60 04 0B 0C; " } });
}

static void the_kind_of_hash_is_looked_at_in_the_end_until_sdk_15(void **state)
{
	static const char *const answers[] = { "60 04 0A; ", "60 04 0B 09; ", "60 04 0B 09; ",
					       "60 04 0B 09; " };
	struct secure_bench *bench = *state;

	for (size_t i = 0; i < 4; i++) {
		char expected[80] = "";

		secure_bench_renew(bench, sdks[i]);
		bench->hash_type = 1;
		secure_bench_enter(bench);
		strcat(strcat(expected, answers[i]), "disconnected 13; reset; application; ");
		secure_bench_update(bench, expected);
	}
}

static void an_application_is_activated(void **state)
{
	struct secure_bench *bench = *state;

	for (size_t i = 0; i < GENERATIONS; i++) {
		struct device_state described;

		secure_bench_renew(bench, sdks[i]);
		secure_bench_enter(bench);
		secure_bench_update(bench, i < 4 ? "60 04 01; disconnected 13; reset; application; "
						 : "60 04 01; disconnected 13; reset; reset; "
						   "application; ");
		described = secure_bench_describe(bench);
		assert_int_equal(described.app_version, 2);
		assert_int_equal(described.application.len, 5000);
		assert_memory_equal(secure_bench_flash(bench, described.application.addr),
				    bench->image, 5000);
	}
}

/* --- what is kept --- */

static void half_an_update(struct secure_bench *bench, const char *sdk)
{
	secure_bench_renew(bench, sdk);
	secure_bench_application(bench, 10000);
	secure_bench_enter(bench);
	secure_bench_init(bench);
	secure_bench_control(bench, "01 02 00 10 00 00");
	secure_bench_packets(bench, 0, 4096);
	secure_bench_control(bench, "04");
	secure_bench_control(bench, "01 02 00 10 00 00");
	secure_bench_packets(bench, 4096, 4196);
	secure_bench_expect(bench, "60 04 01; 60 01 01; 60 04 01; 60 01 01; ");
}

/* The offset that Select tells of the data; it stands behind six bytes of the answer. */
static void expect_offset(struct secure_bench *bench, const char *offset)
{
	secure_bench_control(bench, "06 02");
	assert_memory_equal(bench->log.text + 3 * 7, offset, strlen(offset));
	bench->log.text[0] = '\0';
}

static void a_disconnection_keeps_all_until_sdk_16(void **state)
{
	struct secure_bench *bench = *state;

	for (size_t i = 0; i < GENERATIONS; i++) {
		half_an_update(bench, sdks[i]);
		device_disconnect(bench->device, 0x08);
		secure_bench_connect(bench);
		expect_offset(bench, i < 7 ? "64 10 00 00" : "00 00 00 00");
	}
}

static void a_loss_of_power_keeps_whole_objects_until_sdk_15(void **state)
{
	struct secure_bench *bench = *state;

	for (size_t i = 0; i < GENERATIONS; i++) {
		half_an_update(bench, sdks[i]);
		device_power_cycle(bench->device);
		device_enter_bootloader(bench->device);
		device_settle(bench->device);
		bench->log.text[0] = '\0';
		secure_bench_connect(bench);
		expect_offset(bench, i < 4 ? "00 10 00 00" : "00 00 00 00");
		secure_bench_send(bench, i < 4 ? 4096 : 0);
		secure_bench_expect(bench, i < 4 ? "60 04 01; disconnected 13; reset; application; "
						 : "60 04 01; disconnected 13; reset; reset; "
						   "application; ");
	}
}

static void saved_progress_survives_in_sdk_15(void **state)
{
	struct secure_bench *bench = *state;

	bench->config.save_progress = true;
	half_an_update(bench, "15.3");
	device_power_cycle(bench->device);
	device_enter_bootloader(bench->device);
	device_settle(bench->device);
	bench->log.text[0] = '\0';
	secure_bench_connect(bench);
	expect_offset(bench, "00 10 00 00");
}

/* --- buffers --- */

/* Behind the erase of Create, which takes one of the places in the flash queue. */
static unsigned packets_taken(struct secure_bench *bench, unsigned sent)
{
	unsigned long long offset;

	secure_bench_application(bench, 4096);
	secure_bench_enter(bench);
	secure_bench_init(bench);
	secure_bench_expect(bench, "60 04 01; ");
	flash_hold(device_flash(bench->device));
	secure_bench_control(bench, "01 02 00 10 00 00");
	secure_bench_expect(bench, "60 01 01; ");
	secure_bench_packets(bench, 0, sent * 20);
	secure_bench_control(bench, "03");
	offset = strtoull(bench->log.text + 3 * 3, NULL, 16) +
		 (strtoull(bench->log.text + 3 * 4, NULL, 16) << 8);
	return (unsigned)(offset / 20);
}

static void fifteen_packets_wait_for_an_erase_from_sdk_15_on(void **state)
{
	static const char *const streaming[] = { "15.0", "15.2", "15.3", "16", "17.1" };
	struct secure_bench *bench = *state;

	for (size_t i = 0; i < 5; i++) {
		secure_bench_renew(bench, streaming[i]);
		assert_int_equal(packets_taken(bench, 20), 15);
	}
}

/* 256 bytes each in the three places of SDK 12 and 13, 128 in the seven of 14; then the object
 * starts again. */
static void chunks_wait_for_an_erase_until_sdk_15(void **state)
{
	static const struct {
		const char *sdk;
		unsigned most;
	} cases[] = { { "12.2", 51 }, { "13.1", 51 }, { "14.1", 51 } };
	struct secure_bench *bench = *state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		secure_bench_renew(bench, cases[i].sdk);
		assert_int_equal(packets_taken(bench, cases[i].most), cases[i].most);
		secure_bench_renew(bench, cases[i].sdk);
		assert_int_equal(packets_taken(bench, cases[i].most + 1), 0);
	}
}

#define TEST(function)                                                                             \
	cmocka_unit_test_setup_teardown(function, secure_bench_set_up, secure_bench_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(an_unknown_op_code_is_an_invalid_parameter_until_sdk_15),
		TEST(an_unknown_object_type_has_its_own_result_until_sdk_15),
		TEST(lengths_of_requests_are_checked_until_sdk_15),
		TEST(an_init_packet_has_512_bytes_from_sdk_15_3_on),
		TEST(the_protocol_version_is_asked_in_vain_but_for_a_header_in_15_0_and_15_2),
		TEST(the_full_protocol_answers_with_a_header),
		TEST(abort_came_with_sdk_15),
		TEST(the_mtu_is_larger_from_sdk_15_on),
		TEST(a_receipt_says_success_of_a_refused_packet_until_sdk_15),
		TEST(it_waits_120_seconds_from_sdk_14_on),
		TEST(settings_have_a_second_version_from_sdk_15_3_on),
		TEST(settings_have_a_backup_from_sdk_15_2_on),
		TEST(a_good_one_is_taken),
		TEST(unsigned_is_refused_in_four_ways),
		TEST(unsigned_applications_are_taken_by_open_bootloaders_from_sdk_15_on),
		TEST(open_bootloaders_want_system_images_signed_all_the_same),
		TEST(a_wrong_signature_is_an_invalid_object),
		TEST(another_signature_type_is_named_from_sdk_13_on),
		TEST(other_hardware_is_named_from_sdk_13_on),
		TEST(versions_come_before_the_signature_until_sdk_15),
		TEST(a_lower_version_is_named_from_sdk_13_on),
		TEST(an_equal_version_is_taken),
		TEST(an_equal_bootloader_version_is_not),
		TEST(debug_is_refused_until_sdk_15_and_then_ignored),
		TEST(the_kind_of_hash_is_looked_at_here_from_sdk_15_on),
		TEST(a_size_of_0_is_an_invalid_parameter_until_sdk_15),
		TEST(of_a_combined_image_no_size_is_0_until_sdk_15),
		TEST(a_bootloader_larger_than_its_region_has_no_room),
		TEST(an_application_larger_than_the_flash_has_no_room),
		TEST(another_softdevice_is_named_from_sdk_13_on),
		TEST(the_installed_one_may_stand_anywhere),
		TEST(any_is_no_softdevice),
		TEST(none_needed_is_taken_from_sdk_15_on),
		TEST(none_with_the_installed_one_is_refused_from_sdk_15_2_on),
		TEST(none_with_another_is_refused_by_all),
		TEST(an_empty_list_is_taken_by_15_0_and_15_2_alone),
		TEST(softdevice_and_bootloader_may_be_for_another_softdevice_in_14_1),
		TEST(a_softdevice_needs_the_one_before),
		TEST(a_hash_that_differs_is_named_from_sdk_13_on),
		TEST(the_kind_of_hash_is_looked_at_in_the_end_until_sdk_15),
		TEST(an_application_is_activated),
		TEST(a_disconnection_keeps_all_until_sdk_16),
		TEST(a_loss_of_power_keeps_whole_objects_until_sdk_15),
		TEST(saved_progress_survives_in_sdk_15),
		TEST(fifteen_packets_wait_for_an_erase_from_sdk_15_on),
		TEST(chunks_wait_for_an_erase_until_sdk_15),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
