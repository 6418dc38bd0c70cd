/*
 * A scan that adds up what it has heard of an address: a device that goes from one mode to the
 * other and keeps its address is listed as both.
 */
#include "session_bench.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static int set_up(void **state)
{
	int r = set_up_with(state, &world_plugin);

	world.remembers = 1;
	return r;
}

static struct world_device bootloader_at(uint8_t low, const char *name)
{
	return at(low, name, OTADFU_MODE_BOOTLOADER, OTADFU_MODE_BOOTLOADER);
}

static struct world_device application_at(uint8_t low)
{
	return at(low, "Thermo", OTADFU_MODE_APPLICATION, 0);
}

/* From application to bootloader and back, all at one address. */
static void keep_the_address(void)
{
	add_device(0x10, "Thermo", OTADFU_MODE_APPLICATION, 0);
	world.enters[0] = (struct world_step){ .next = to_bootloader,
					       .then = bootloader_at(0x10, "DfuTarg") };
	world.updates[0] = (struct world_step){ .push_bytes = IMAGE_LEN,
						.next = to_application,
						.then = application_at(0x10) };
}

static void assert_updated(const struct fixture *f)
{
	assert_string_equal(f->result.failure.text, "");
	assert_int_equal(f->result.exit_status, 0);
	assert_int_equal(world.enter_calls, 1);
	assert_int_equal(world.update_calls, 1);
	assert_string_equal(f->result.ended_as, "runs its application at C0:FF:EE:00:00:10");
}

static void application_that_was_a_bootloader_yesterday_is_sent_there(void **state)
{
	struct fixture *f = *state;

	world.was_bootloader[0x10] = 1;
	keep_the_address();
	run(f);
	assert_int_equal(f->result.mode_before, OTADFU_MODE_APPLICATION);
	assert_updated(f);
}

static void application_that_was_the_bootloader_a_moment_ago_is_proven_by_asking_it(void **state)
{
	struct fixture *f = *state;

	keep_the_address();
	run(f);
	assert_updated(f);
}

static void bootloader_that_comes_back_is_asked_and_is_no_proof(void **state)
{
	struct fixture *f = *state;

	keep_the_address();
	world.updates[0].then = bootloader_at(0x10, "DfuTarg");
	run(f);
	assert_int_equal(f->result.exit_status, 6);
}

/* It is listed as a bootloader before it is one. */
static void application_that_is_slow_to_jump_is_not_taken_for_its_bootloader(void **state)
{
	struct fixture *f = *state;

	world.was_bootloader[0x10] = 1;
	add_device(0x10, "Thermo", OTADFU_MODE_APPLICATION, 0);
	add_device(0x10, "DfuTarg", OTADFU_MODE_BOOTLOADER, OTADFU_MODE_BOOTLOADER);
	world.devices[0].until_ms = 5000;
	world.devices[1].from_ms = 6000;
	world.enters[0] = (struct world_step){ .next = to_bootloader };
	world.updates[0] = (struct world_step){ .push_bytes = IMAGE_LEN,
						.next = to_application,
						.then = application_at(0x10) };
	run(f);
	assert_updated(f);
	/* The application twice, the bootloader, and the application for proof. */
	assert_int_equal(f->result.connections, 4);
}

/* A plugin of another maker may tell both modes. */
static void bootloader_that_is_listed_as_the_application_is_connected_to(void **state)
{
	struct fixture *f = *state;

	keep_the_address();
	world.enters[0].then.tells = OTADFU_MODE_APPLICATION;
	run(f);
	assert_updated(f);
	assert_string_equal(f->notes, "");
}

static void bootloader_that_is_listed_as_the_application_is_no_proof(void **state)
{
	struct fixture *f = *state;

	world.remembers = 0;
	keep_the_address();
	world.updates[0].then = bootloader_at(0x10, "DfuTarg");
	world.updates[0].then.tells = OTADFU_MODE_APPLICATION;
	run(f);
	assert_int_equal(f->result.exit_status, 6);
}

static void bootloader_that_is_listed_with_its_application_s_name_is_connected_to(void **state)
{
	struct fixture *f = *state;

	keep_the_address();
	world.enters[0].then = bootloader_at(0x10, "Thermo");
	world.enters[0].next.match |= OTADFU_NEXT_NAME;
	snprintf(world.enters[0].next.name, sizeof(world.enters[0].next.name), "Dfu12345678");
	run(f);
	assert_updated(f);
}

/* Our bootloader was there yesterday. */
static void neighbour_at_the_bootloader_s_address_is_not_taken_for_a_stranded_device(void **state)
{
	struct fixture *f = *state;

	world.was_bootloader[0x11] = 1;
	add_device(0x11, "Thermo", OTADFU_MODE_APPLICATION, 0);
	run(f);
	assert_int_equal(f->result.exit_status, 1);
	assert_non_null(strstr(f->result.failure.text, "another one's application"));
	assert_int_equal(world.connects, 1);
	assert_int_equal(world.enter_calls, 0);
	assert_int_equal(world.update_calls, 0);
}

static void system_that_comes_back_is_what_it_says_when_asked(void **state)
{
	struct fixture *f = *state;

	keep_the_address();
	world.updates[0].next.mode = 0;
	run(f);
	assert_updated(f);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(application_that_was_a_bootloader_yesterday_is_sent_there),
		TEST(application_that_was_the_bootloader_a_moment_ago_is_proven_by_asking_it),
		TEST(bootloader_that_comes_back_is_asked_and_is_no_proof),
		TEST(application_that_is_slow_to_jump_is_not_taken_for_its_bootloader),
		TEST(bootloader_that_is_listed_as_the_application_is_connected_to),
		TEST(bootloader_that_is_listed_as_the_application_is_no_proof),
		TEST(bootloader_that_is_listed_with_its_application_s_name_is_connected_to),
		TEST(neighbour_at_the_bootloader_s_address_is_not_taken_for_a_stranded_device),
		TEST(system_that_comes_back_is_what_it_says_when_asked),
	};

	return cmocka_run_group_tests_name("session_memory", tests, NULL, NULL);
}
