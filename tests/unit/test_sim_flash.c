#include "flash.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

enum { PAGE = 1024, ERASE_US = 21000, WORD_US = 46 }; /* nrf51822 */

struct fixture {
	struct timeline timeline;
	struct flash *flash;
};

struct outcome {
	int calls;
	bool ok;
};

static void note_done(void *user, bool ok)
{
	struct outcome *outcome = user;

	outcome->calls++;
	outcome->ok = ok;
}

static int set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	bool fresh;

	f->flash = flash_open(chip_find("nrf51822"), NULL, &f->timeline, &fresh);
	flash_reset(f->flash, &(struct flash_driver){ .places = 4, .write_unit = 8 });
	*state = f;
	return f->flash && fresh ? 0 : -1;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	flash_close(f->flash);
	free(f);
	return 0;
}

static void a_write_clears_bits_and_never_sets_one(void **state)
{
	struct fixture *f = *state;

	flash_write_now(f->flash, 64, "\x0F\x0F\x0F\x0F", 4);
	flash_write_now(f->flash, 64, "\xF3\xF3\xF3\xF3", 4);
	assert_memory_equal(flash_bytes(f->flash) + 64, "\x03\x03\x03\x03", 4);
}

static void an_erase_sets_a_page_and_no_more(void **state)
{
	struct fixture *f = *state;

	flash_write_now(f->flash, PAGE - 4, "\0\0\0\0\0\0\0\0", 8);
	assert_int_equal(flash_erase_now(f->flash, PAGE, 1), ERASE_US);
	assert_memory_equal(flash_bytes(f->flash) + PAGE - 4, "\0\0\0\0\xFF\xFF\xFF\xFF", 8);
	assert_int_equal(flash_erases(f->flash), 1);
}

static void a_queued_erase_takes_its_time_for_each_page(void **state)
{
	struct fixture *f = *state;
	struct outcome outcome = { 0 };

	flash_write_now(f->flash, 0, "\0\0\0\0", 4);
	assert_true(flash_queue_erase(f->flash, 0, 2, note_done, &outcome));
	timeline_advance(&f->timeline, 2 * ERASE_US - 1);
	assert_int_equal(flash_erases(f->flash), 1);
	assert_int_equal(outcome.calls, 0);
	timeline_advance(&f->timeline, 2 * ERASE_US);
	assert_int_equal(outcome.calls, 1);
	assert_true(outcome.ok);
	assert_true(flash_is_idle(f->flash));
}

static void a_write_goes_in_units_one_after_the_other(void **state)
{
	static const uint8_t data[12] = { 0 };
	struct fixture *f = *state;
	struct outcome outcome = { 0 };

	flash_queue_write(f->flash, 0, data, sizeof(data), note_done, &outcome);
	timeline_advance(&f->timeline, 2 * WORD_US);
	assert_int_equal(flash_bytes(f->flash)[7], 0x00);
	assert_int_equal(flash_bytes(f->flash)[8], 0xFF);
	timeline_advance(&f->timeline, 3 * WORD_US);
	assert_int_equal(flash_bytes(f->flash)[11], 0x00);
	assert_int_equal(outcome.calls, 1);
}

static void operations_wait_for_the_one_before(void **state)
{
	static const uint8_t data[4] = { 0 };
	struct fixture *f = *state;
	struct outcome outcome = { 0 };

	flash_queue_erase(f->flash, 0, 1, NULL, NULL);
	flash_queue_write(f->flash, 0, data, sizeof(data), note_done, &outcome);
	timeline_advance(&f->timeline, ERASE_US + WORD_US - 1);
	assert_int_equal(outcome.calls, 0);
	timeline_advance(&f->timeline, ERASE_US + WORD_US);
	assert_int_equal(outcome.calls, 1);
	assert_int_equal(flash_bytes(f->flash)[0], 0);
}

static void a_full_queue_refuses(void **state)
{
	static const uint8_t data[4] = { 0 };
	struct fixture *f = *state;

	for (int i = 0; i < 4; i++)
		assert_true(flash_queue_write(f->flash, 0, data, 4, NULL, NULL));
	assert_false(flash_queue_write(f->flash, 0, data, 4, NULL, NULL));
	assert_int_equal(flash_queued(f->flash), 4);
	timeline_advance(&f->timeline, WORD_US);
	assert_true(flash_queue_write(f->flash, 0, data, 4, NULL, NULL));
}

static void an_unaligned_or_outlying_operation_fails_and_writes_nothing(void **state)
{
	static const uint8_t data[8] = { 0 };
	static const uint32_t addrs[] = { 2, 256 * 1024 - 4, 256 * 1024, UINT32_MAX - 3 };
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof(addrs) / sizeof(addrs[0]); i++) {
		struct outcome outcome = { .ok = true };

		assert_true(flash_queue_write(f->flash, addrs[i], data, 8, note_done, &outcome));
		timeline_advance(&f->timeline, f->timeline.now_us);
		assert_int_equal(outcome.calls, 1);
		assert_false(outcome.ok);
	}
	assert_int_equal(flash_bytes(f->flash)[4], 0xFF);
	assert_int_equal(flash_bytes(f->flash)[256 * 1024 - 1], 0xFF);
}

static void an_unaligned_or_outlying_erase_fails(void **state)
{
	struct fixture *f = *state;
	struct outcome outcome = { .ok = true };

	flash_queue_erase(f->flash, 512, 1, note_done, &outcome);
	timeline_advance(&f->timeline, 0);
	assert_false(outcome.ok);
	outcome.ok = true;
	flash_queue_erase(f->flash, 255 * PAGE, 2, note_done, &outcome);
	timeline_advance(&f->timeline, 0);
	assert_int_equal(outcome.calls, 2);
	assert_false(outcome.ok);
	assert_int_equal(flash_erases(f->flash), 0);
}

/* secure-dfu.md 8: the last 1-3 bytes of a unit are lost, unless they are all of it. */
static void a_unit_is_cut_to_whole_words_but_at_least_one(void **state)
{
	static const uint8_t data[14] = { 0 };
	struct fixture *f = *state;

	flash_queue_write(f->flash, 0, data, 6, NULL, NULL);
	flash_queue_write(f->flash, 32, data, 10, NULL, NULL);
	timeline_advance(&f->timeline, ERASE_US);
	assert_memory_equal(flash_bytes(f->flash), "\0\0\0\0\xFF\xFF", 6);
	assert_memory_equal(flash_bytes(f->flash) + 32, "\0\0\0\0\0\0\0\0\0\0\xFF", 11);
}

static void while_held_nothing_finishes_but_what_is_pumped(void **state)
{
	static const uint8_t data[12] = { 0 };
	struct fixture *f = *state;
	struct outcome outcome = { 0 };

	flash_hold(f->flash);
	flash_queue_erase(f->flash, PAGE, 1, NULL, NULL);
	flash_queue_write(f->flash, 0, data, sizeof(data), note_done, &outcome);
	timeline_advance(&f->timeline, 10 * ERASE_US);
	assert_int_equal(flash_queued(f->flash), 2);
	flash_pump(f->flash, 2);
	assert_int_equal(flash_bytes(f->flash)[7], 0);
	assert_int_equal(outcome.calls, 0);
	flash_release(f->flash);
	timeline_advance(&f->timeline, 11 * ERASE_US);
	assert_int_equal(outcome.calls, 1);
}

static void pumping_an_empty_queue_ends(void **state)
{
	struct fixture *f = *state;

	flash_hold(f->flash);
	flash_pump(f->flash, 1000);
	assert_true(flash_is_idle(f->flash));
}

static void a_reset_drops_what_waits(void **state)
{
	static const uint8_t data[4] = { 0 };
	struct fixture *f = *state;
	struct outcome outcome = { 0 };

	flash_queue_write(f->flash, 0, data, 4, note_done, &outcome);
	flash_reset(f->flash, &(struct flash_driver){ .places = 1 });
	timeline_advance(&f->timeline, ERASE_US);
	assert_int_equal(outcome.calls, 0);
	assert_int_equal(flash_bytes(f->flash)[0], 0xFF);
}

static void a_file_keeps_the_flash_and_has_one_user(void **state)
{
	char path[] = "/tmp/otadfu-flash-XXXXXX";
	struct fixture *f = *state;
	const struct chip *chip = chip_find("nrf51822");
	struct flash *flash;
	bool fresh;

	close(mkstemp(path));
	flash = flash_open(chip, path, &f->timeline, &fresh);
	assert_non_null(flash);
	assert_true(fresh);
	assert_null(flash_open(chip, path, &f->timeline, &fresh));
	assert_int_equal(errno, EWOULDBLOCK);
	flash_write_now(flash, 8, "kept", 4);
	flash_close(flash);
	flash = flash_open(chip, path, &f->timeline, &fresh);
	assert_non_null(flash);
	assert_false(fresh);
	assert_memory_equal(flash_bytes(flash) + 8, "kept", 4);
	flash_close(flash);
	assert_null(flash_open(chip_find("nrf52840"), path, &f->timeline, &fresh));
	assert_int_equal(errno, EINVAL);
	unlink(path);
}

static void a_file_that_cannot_be_made_is_an_error(void **state)
{
	struct fixture *f = *state;
	bool fresh;

	assert_null(
		flash_open(chip_find("nrf51822"), "/nonexistent/flash.bin", &f->timeline, &fresh));
	assert_int_equal(errno, ENOENT);
}

#define WITH_FLASH(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_FLASH(a_write_clears_bits_and_never_sets_one),
		WITH_FLASH(an_erase_sets_a_page_and_no_more),
		WITH_FLASH(a_queued_erase_takes_its_time_for_each_page),
		WITH_FLASH(a_write_goes_in_units_one_after_the_other),
		WITH_FLASH(operations_wait_for_the_one_before),
		WITH_FLASH(a_full_queue_refuses),
		WITH_FLASH(an_unaligned_or_outlying_operation_fails_and_writes_nothing),
		WITH_FLASH(an_unaligned_or_outlying_erase_fails),
		WITH_FLASH(a_unit_is_cut_to_whole_words_but_at_least_one),
		WITH_FLASH(while_held_nothing_finishes_but_what_is_pumped),
		WITH_FLASH(pumping_an_empty_queue_ends),
		WITH_FLASH(a_reset_drops_what_waits),
		WITH_FLASH(a_file_keeps_the_flash_and_has_one_user),
		WITH_FLASH(a_file_that_cannot_be_made_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
