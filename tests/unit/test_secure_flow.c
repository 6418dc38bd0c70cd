/* The buffer model and the pace that follows from it (secure-dfu.md 7 and 8). */
#include "secure_flow.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

/* cmocka wants the four above first. */
#include <cmocka.h>

/* SDK 15.3 or later at MTU 247, over a transport that paces. */
static const struct secure_facts modern = {
	.max_write = 244,
	.command_max = 512,
	.paced = true,
	.interval_ms = 15,
	.receipts = SECURE_RECEIPTS_AUTO,
};

static void assert_pace(const struct secure_facts *facts, uint32_t payload, uint16_t burst,
			uint16_t receipts, uint32_t delay_ms)
{
	struct secure_pace pace = secure_pace_of(facts);

	assert_int_equal(pace.payload, payload);
	assert_int_equal(pace.burst, burst);
	assert_int_equal(pace.receipts, receipts);
	assert_int_equal(pace.delay_ms, delay_ms);
}

static void transport_that_paces_needs_no_receipts(void **state)
{
	(void)state;
	assert_pace(&modern, 244, 4, 0, 0);
}

static void transport_that_does_not_pace_gets_a_receipt_after_each_burst(void **state)
{
	struct secure_facts facts = modern;

	(void)state;
	facts.paced = false;
	assert_pace(&facts, 244, 11, 11, 0);
}

/* What was sent between two connection events may arrive all at once: how much is that? */
static void unknown_interval_needs_receipts(void **state)
{
	struct secure_facts facts = modern;

	(void)state;
	facts.interval_ms = 0;
	assert_pace(&facts, 244, 11, 11, 0);
}

/* Their buffers overwrite each other without a sign. */
static void bootloader_that_may_be_of_sdk_14_gets_receipts(void **state)
{
	struct secure_facts facts = modern;

	(void)state;
	facts.max_write = 20;
	facts.command_max = 256;
	assert_pace(&facts, 20, 11, 11, 0);
	facts.command_max = 512; /* 15.3 with a small MTU */
	assert_pace(&facts, 20, 4, 0, 0);
	facts.command_max = 256; /* 15.0 with a large one */
	facts.max_write = 244;
	assert_pace(&facts, 244, 4, 0, 0);
}

static void payload_is_whole_words_within_the_link_and_244(void **state)
{
	static const struct {
		size_t max_write;
		uint32_t packet_size, payload;
	} cases[] = {
		{ 514, 0, 244 }, { 244, 0, 244 }, { 182, 0, 180 }, { 20, 0, 20 }, { 244, 100, 100 },
		{ 244, 43, 40 }, { 20, 244, 20 }, { 244, 3, 244 }, { 10, 0, 20 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct secure_facts facts = modern;

		facts.max_write = cases[i].max_write;
		facts.packet_size = cases[i].packet_size;
		assert_int_equal(secure_pace_of(&facts).payload, cases[i].payload);
	}
}

static void profile_has_the_last_word(void **state)
{
	struct secure_facts facts = modern;

	(void)state;
	facts.receipts = 7;
	facts.packet_size = 100;
	facts.object_delay_ms = 50;
	assert_pace(&facts, 100, 11, 7, 50);
	facts.paced = false;
	facts.receipts = 0;
	assert_pace(&facts, 100, 4, 0, 50);
}

static void steps_go_down_in_burst_then_size_then_delay(void **state)
{
	struct secure_facts facts = modern;

	(void)state;
	facts.caution = secure_step_down(&facts);
	assert_pace(&facts, 244, 4, 4, 0);
	facts.caution = secure_step_down(&facts);
	assert_pace(&facts, 20, 4, 4, 0);
	facts.caution = secure_step_down(&facts);
	assert_pace(&facts, 20, 4, 4, 400);
	facts.caution = secure_step_down(&facts);
	assert_pace(&facts, 20, 1, 1, 400);
	assert_int_equal(secure_step_down(&facts), facts.caution);
}

static void steps_that_would_change_nothing_are_left_out(void **state)
{
	struct secure_facts facts = modern;

	(void)state;
	facts.max_write = 20;
	facts.caution = secure_step_down(&facts);
	assert_pace(&facts, 20, 4, 4, 0);
	facts.caution = secure_step_down(&facts);
	assert_pace(&facts, 20, 4, 4, 400);
}

static void steps_never_ask_for_more_than_the_profile(void **state)
{
	struct secure_facts facts = modern;

	(void)state;
	facts.receipts = 2;
	facts.object_delay_ms = 600;
	facts.caution = 3;
	assert_pace(&facts, 20, 4, 2, 600);
}

static void what_was_stepped_down_is_told_as_profile_lines(void **state)
{
	struct secure_facts facts = modern;
	char text[SECURE_PROFILE_TEXT];

	(void)state;
	assert_false(secure_pace_describe(&facts, text));
	facts.caution = 1;
	assert_true(secure_pace_describe(&facts, text));
	assert_string_equal(text, "receipts: 4");
	facts.caution = 3;
	assert_true(secure_pace_describe(&facts, text));
	assert_string_equal(text, "receipts: 4, packet_size: 20, object_delay_ms: 400");
}

static void limits_grow_with_the_image(void **state)
{
	(void)state;
	assert_int_equal(secure_limit_ms(30000, 4096, 100), 30000);
	assert_int_equal(secure_limit_ms(30000, 1024 * 1024, 100), 10000 + 256 * 100);
	assert_int_equal(secure_limit_ms(30000, 1024 * 1024 + 1, 100), 10000 + 257 * 100);
	assert_int_equal(secure_limit_ms(30000, SIZE_MAX, 5000), INT32_MAX);
}

/* -- the device's flash queue -- */

static void fifteen_packets_find_room_during_an_erase(void **state)
{
	struct secure_flash flash = { .erase_ms = 100 };

	(void)state;
	secure_flash_erase(&flash, 1000);
	assert_int_equal(secure_flash_wait_ms(&flash, 1000, 15), 0);
	assert_int_equal(secure_flash_wait_ms(&flash, 1000, 16), 100);
	for (int i = 0; i < 15; i++)
		secure_flash_packet(&flash, 1000, 20);
	assert_int_equal(secure_flash_wait_ms(&flash, 1000, 1), 100);
	assert_int_equal(secure_flash_wait_ms(&flash, 1000, 2), 101);
	assert_int_equal(secure_flash_wait_ms(&flash, 1101, 2), 0);
}

static void eleven_packets_find_room_beside_the_settings(void **state)
{
	struct secure_flash flash = { .erase_ms = 100 };

	(void)state;
	secure_flash_settings(&flash, 1000, secure_settings_ms(&flash));
	secure_flash_erase(&flash, 1000);
	assert_int_equal(secure_flash_wait_ms(&flash, 1000, 11), 0);
	assert_int_equal(secure_flash_wait_ms(&flash, 1000, 12), 282);
	assert_int_equal(secure_flash_wait_ms(&flash, 1000, 16), 382);
}

/* "An accepted packet of 244 bytes costs 13 flash operations." */
static void long_packets_take_their_time(void **state)
{
	struct secure_flash flash = { .erase_ms = 100 };

	(void)state;
	secure_flash_packet(&flash, 1000, 244);
	secure_flash_packet(&flash, 1000, 1);
	assert_int_equal(secure_flash_wait_ms(&flash, 1000, 15), 13);
	assert_int_equal(secure_flash_wait_ms(&flash, 1000, 16), 14);
}

static void packets_count_from_when_they_may_arrive(void **state)
{
	struct secure_flash flash = { .erase_ms = 100 };

	(void)state;
	for (int i = 0; i < 16; i++)
		secure_flash_packet(&flash, 1015, 20);
	assert_int_equal(secure_flash_wait_ms(&flash, 1000, 1), 16);
	assert_int_equal(secure_flash_wait_ms(&flash, 1015, 4), 4);
}

static void device_that_has_nothing_left_to_do_has_room(void **state)
{
	struct secure_flash flash = { .erase_ms = 100 };

	(void)state;
	secure_flash_fill(&flash, 1000);
	assert_int_equal(secure_flash_wait_ms(&flash, 1000, 16), 16 * 13);
	secure_flash_empty(&flash);
	assert_int_equal(secure_flash_wait_ms(&flash, 1000, 16), 0);
}

/* More than fits is sent only where an option has it so; time still counts. */
static void queue_that_overflows_keeps_its_last_end(void **state)
{
	struct secure_flash flash = { .erase_ms = 100 };

	(void)state;
	for (int i = 0; i < 20; i++)
		secure_flash_packet(&flash, 1000, 20);
	assert_int_equal(flash.count, SECURE_FLASH_PLACES);
	assert_int_equal(secure_flash_wait_ms(&flash, 1000, 16), 20);
}

static void flash_that_is_not_to_be_waited_for_is_always_free(void **state)
{
	struct secure_flash flash = { .erase_ms = 0 };

	(void)state;
	secure_flash_erase(&flash, 1000);
	secure_flash_settings(&flash, 1000, secure_settings_ms(&flash));
	for (int i = 0; i < 20; i++)
		secure_flash_packet(&flash, 1000, 244);
	assert_int_equal(secure_flash_wait_ms(&flash, 1000, 16), 0);
}

/* -- progress saved in flash -- */

static uint32_t saving(const struct secure_facts *facts, uint32_t answer_ms)
{
	static const struct secure_flash flash = { .erase_ms = 100 };

	return secure_saving_ms(facts, &flash, answer_ms);
}

static void late_answer_means_that_progress_is_saved(void **state)
{
	(void)state;
	assert_int_equal(saving(&modern, 0), 0);
	assert_int_equal(saving(&modern, 50), 0); /* the air's */
	assert_int_equal(saving(&modern, 200), 250);
}

/* Section 6.3: they always do, whatever the answer's time. */
static void bootloader_that_may_be_of_sdk_14_saves_progress(void **state)
{
	struct secure_facts old = modern;

	(void)state;
	old.max_write = 20;
	old.command_max = 256;
	assert_int_equal(saving(&old, 0), 141);
	assert_int_equal(saving(&old, 200), 250);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(transport_that_paces_needs_no_receipts),
		cmocka_unit_test(transport_that_does_not_pace_gets_a_receipt_after_each_burst),
		cmocka_unit_test(unknown_interval_needs_receipts),
		cmocka_unit_test(bootloader_that_may_be_of_sdk_14_gets_receipts),
		cmocka_unit_test(payload_is_whole_words_within_the_link_and_244),
		cmocka_unit_test(profile_has_the_last_word),
		cmocka_unit_test(steps_go_down_in_burst_then_size_then_delay),
		cmocka_unit_test(steps_that_would_change_nothing_are_left_out),
		cmocka_unit_test(steps_never_ask_for_more_than_the_profile),
		cmocka_unit_test(what_was_stepped_down_is_told_as_profile_lines),
		cmocka_unit_test(limits_grow_with_the_image),
		cmocka_unit_test(fifteen_packets_find_room_during_an_erase),
		cmocka_unit_test(eleven_packets_find_room_beside_the_settings),
		cmocka_unit_test(long_packets_take_their_time),
		cmocka_unit_test(packets_count_from_when_they_may_arrive),
		cmocka_unit_test(device_that_has_nothing_left_to_do_has_room),
		cmocka_unit_test(queue_that_overflows_keeps_its_last_end),
		cmocka_unit_test(flash_that_is_not_to_be_waited_for_is_always_free),
		cmocka_unit_test(late_answer_means_that_progress_is_saved),
		cmocka_unit_test(bootloader_that_may_be_of_sdk_14_saves_progress),
	};

	return cmocka_run_group_tests_name("secure_flow", tests, NULL, NULL);
}
