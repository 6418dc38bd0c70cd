/* Devices of one production run, whose addresses follow each other: which one is ours. */
#include "session_bench.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static int set_up(void **state)
{
	return set_up_with(state, &world_plugin);
}

static int set_up_blind(void **state)
{
	return set_up_with(state, &world_blind_plugin);
}

static struct world_device bootloader_at(uint8_t low, const char *name)
{
	return at(low, name, OTADFU_MODE_BOOTLOADER, OTADFU_MODE_BOOTLOADER);
}

/* The device asked for; its bootloader comes up at that address, the neighbours stay. */
static void jump_to(uint8_t low, const char *name)
{
	add_device(0x10, "Thermo", OTADFU_MODE_APPLICATION, 0);
	world.enters[0] = (struct world_step){ .next = to_bootloader,
					       .then = bootloader_at(low, name),
					       .beside = 1 };
	world.updates[0] =
		(struct world_step){ .push_bytes = IMAGE_LEN,
				     .next = to_application,
				     .then = at(0x10, "Thermo", OTADFU_MODE_APPLICATION, 0),
				     .beside = 1 };
}

static void expect_name(const char *name)
{
	world.enters[0].next.match |= OTADFU_NEXT_NAME;
	snprintf(world.enters[0].next.name, sizeof(world.enters[0].next.name), "%s", name);
}

static void bootloader_that_was_there_before_the_jump_is_a_neighbours(void **state)
{
	struct fixture *f = *state;

	jump_to(0x55, "DfuTarg");
	add_device(0x11, "DfuTarg", OTADFU_MODE_BOOTLOADER, OTADFU_MODE_BOOTLOADER);
	run(f);
	assert_int_equal(f->result.exit_status, 1);
	assert_int_equal(world.update_calls, 0);
	assert_int_equal(world.last_connect.bytes[5], 0x10);
	assert_non_null(strstr(f->result.failure.hint, "C0:FF:EE:00:00:11"));
}

static void device_is_told_from_a_bootloader_next_door_by_its_own_address(void **state)
{
	struct fixture *f = *state;

	jump_to(0x10, "DfuTarg");
	add_device(0x11, "DfuTarg", OTADFU_MODE_BOOTLOADER, OTADFU_MODE_BOOTLOADER);
	run(f);
	assert_int_equal(f->result.exit_status, 0);
	assert_int_equal(world.update_calls, 1);
	assert_string_equal(f->result.address_after, "C0:FF:EE:00:00:10");
}

static void bootloader_of_another_name_is_not_ours(void **state)
{
	struct fixture *f = *state;

	jump_to(0x11, "DfuTarg");
	expect_name("Dfu12345678");
	run(f);
	assert_int_equal(f->result.exit_status, 1);
	assert_int_equal(world.update_calls, 0);
	assert_non_null(strstr(f->result.failure.hint, "C0:FF:EE:00:00:11"));
	assert_non_null(strstr(f->result.failure.hint, "--set fake.unique_name=false"));
}

static void name_that_was_set_is_found_at_any_address(void **state)
{
	struct fixture *f = *state;

	jump_to(0x77, "Dfu12345678");
	expect_name("Dfu12345678");
	run(f);
	assert_string_equal(f->result.failure.text, "");
	assert_int_equal(f->result.exit_status, 0);
	assert_string_equal(f->result.address_after, "C0:FF:EE:00:00:10");
}

static void name_at_an_address_of_a_neighbour_is_not_connected_to(void **state)
{
	struct fixture *f = *state;

	jump_to(0x11, "Dfu12345678");
	expect_name("Dfu12345678");
	add_device(0x11, "DfuTarg", OTADFU_MODE_BOOTLOADER, OTADFU_MODE_BOOTLOADER);
	run(f);
	assert_int_equal(f->result.exit_status, 1);
	assert_int_equal(world.update_calls, 0);
}

/* Connected by address, it is the neighbour who has answered. */
static void application_behind_the_name_is_not_sent_to_its_bootloader(void **state)
{
	struct fixture *f = *state;

	jump_to(0x11, "Dfu12345678");
	world.enters[0].then.mode = OTADFU_MODE_APPLICATION;
	expect_name("Dfu12345678");
	run(f);
	assert_int_equal(f->result.exit_status, 1);
	assert_int_equal(world.enter_calls, 1);
	assert_int_equal(world.update_calls, 0);
}

/* It has lost the link, and a neighbour's application answers at its address, twice. */
static void neighbour_at_the_bootloaders_address_has_not_stayed(void **state)
{
	struct fixture *f = *state;

	jump_to(0x11, "DfuTarg");
	world.updates[0] =
		(struct world_step){ .result = OTADFU_E_DISCONNECTED,
				     .lose_link = 1,
				     .next = restart,
				     .then = at(0x11, "Thermo", OTADFU_MODE_APPLICATION, 0),
				     .beside = 1 };
	run(f);
	assert_int_equal(f->result.exit_status, 1);
	assert_int_equal(world.enter_calls, 1);
	assert_int_equal(world.update_calls, 1);
}

static void two_at_one_address_are_refused(void **state)
{
	struct fixture *f = *state;

	add_device(0x10, "Thermo", OTADFU_MODE_APPLICATION, 0);
	add_device(0x10, "DfuTarg", OTADFU_MODE_BOOTLOADER, OTADFU_MODE_BOOTLOADER);
	run(f);
	assert_int_equal(f->result.exit_status, 3);
	assert_int_equal(world.connects, 0);
	assert_non_null(strstr(f->result.failure.text, "two devices advertise at"));
}

static void service_scan_needs_the_profiles_word(void **state)
{
	struct fixture *f = *state;

	jump_to(0x55, "DfuTarg");
	run(f);
	assert_int_equal(f->result.exit_status, 1);
	assert_int_equal(world.update_calls, 0);
}

static void only_new_device_in_dfu_mode_is_taken_where_the_profile_allows_it(void **state)
{
	struct fixture *f = *state;

	f->profile->rejoin_service_scan.value = 1;
	jump_to(0x55, "DfuTarg");
	add_device(0x20, "DfuTarg", OTADFU_MODE_BOOTLOADER, OTADFU_MODE_BOOTLOADER);
	run(f);
	assert_string_equal(f->result.failure.text, "");
	assert_int_equal(f->result.exit_status, 0);
	assert_non_null(strstr(f->notes, "C0:FF:EE:00:00:55"));
}

static void several_new_devices_in_dfu_mode_are_refused_by_name(void **state)
{
	struct fixture *f = *state;

	f->profile->rejoin_service_scan.value = 1;
	jump_to(0x55, "DfuTarg");
	add_device(0x66, "DfuTarg", OTADFU_MODE_BOOTLOADER, OTADFU_MODE_BOOTLOADER);
	world.devices[1].from_ms = 3000;
	run(f);
	assert_int_equal(f->result.status, SESSION_REFUSED_BY_HOST);
	assert_int_equal(f->result.exit_status, 3);
	assert_int_equal(world.update_calls, 0);
	assert_non_null(strstr(f->result.failure.text, "C0:FF:EE:00:00:55"));
	assert_non_null(strstr(f->result.failure.text, "C0:FF:EE:00:00:66"));
}

/* It answers at the bootloader's own address, where ours was a moment ago. */
static void application_of_a_neighbour_is_no_proof(void **state)
{
	struct fixture *f = *state;

	jump_to(0x11, "DfuTarg");
	world.updates[0].then = at(0x11, "Thermo", OTADFU_MODE_APPLICATION, 0);
	run(f);
	assert_int_equal(f->result.status, SESSION_UNPROVEN);
	assert_int_equal(f->result.exit_status, 6);
	assert_string_equal(f->result.address_after, "");
}

/* Nor where either mode would do, and its advertising tells which it is in. */
static void application_of_a_neighbour_that_tells_its_mode_is_no_proof(void **state)
{
	struct fixture *f = *state;

	jump_to(0x11, "DfuTarg");
	world.updates[0].next.mode = 0;
	world.updates[0].then =
		at(0x11, "Thermo", OTADFU_MODE_APPLICATION, OTADFU_MODE_APPLICATION);
	run(f);
	assert_int_equal(f->result.exit_status, 6);
}

/* Asked for by its bootloader's address: nobody has met its application yet. */
static void application_that_was_there_before_is_no_proof(void **state)
{
	struct fixture *f = *state;

	device_in_bootloader();
	add_device(0x0F, "Thermo", OTADFU_MODE_APPLICATION, 0);
	world.updates[0] = (struct world_step){ .push_bytes = IMAGE_LEN,
						.next = to_application,
						.then = at(0x55, "Other", 0, 0),
						.beside = 1 };
	run(f);
	assert_int_equal(f->result.exit_status, 6);
}

static void bootloader_in_the_way_is_not_taken_when_an_update_starts_over(void **state)
{
	struct fixture *f = *state;
	struct otadfu_next anywhere = { .match = OTADFU_NEXT_SAME_ADDR | OTADFU_NEXT_ADDR_PLUS_ONE |
						 OTADFU_NEXT_ADDR_MINUS_ONE,
					.within_ms = 15000 };

	f->profile->connect_attempts.value = 2;
	device_in_bootloader();
	add_device(0x11, "DfuTarg", OTADFU_MODE_BOOTLOADER, OTADFU_MODE_BOOTLOADER);
	add_device(0x0F, "DfuTarg", OTADFU_MODE_BOOTLOADER, OTADFU_MODE_BOOTLOADER);
	world.updates[0] = (struct world_step){ .result = OTADFU_E_BUSY,
						.next = anywhere,
						.then = at(0x55, "Other", 0, 0),
						.beside = 1 };
	run(f);
	assert_int_equal(f->result.exit_status, 1);
	assert_int_equal(world.update_calls, 1);
	assert_int_equal(world.last_connect.bytes[5], 0x10);
}

/* A system image first: the bootloader may start the application it has kept. */
static void start_from_the_bootloader(struct fixture *f)
{
	device_in_bootloader();
	f->package.count = 2;
	world.updates[0] =
		(struct world_step){ .push_bytes = IMAGE_LEN,
				     .next = to_application,
				     .then = at(0x0F, "Thermo", OTADFU_MODE_APPLICATION, 0) };
	world.updates[0].next.mode = 0;
	world.enters[0] = (struct world_step){ .next = to_bootloader,
					       .then = bootloader_at(0x10, "DfuTarg") };
	world.updates[1] = world.updates[0];
	world.updates[1].next = to_application;
}

static void application_that_starts_after_its_update_is_believed(void **state)
{
	struct fixture *f = *state;

	start_from_the_bootloader(f);
	run(f);
	assert_string_equal(f->result.failure.text, "");
	assert_int_equal(f->result.exit_status, 0);
	assert_int_equal(world.enter_calls, 1);
	assert_int_equal(world.update_calls, 2);
}

static void application_that_was_there_during_the_update_is_not_believed(void **state)
{
	struct fixture *f = *state;

	start_from_the_bootloader(f);
	add_device(0x0F, "Thermo", OTADFU_MODE_APPLICATION, 0);
	run(f);
	assert_int_equal(f->result.exit_status, 1);
	assert_int_equal(world.enter_calls, 0);
	assert_int_equal(world.update_calls, 1);
}

static void nobody_is_believed_where_nobody_could_listen(void **state)
{
	struct fixture *f = *state;

	start_from_the_bootloader(f);
	run(f);
	assert_int_equal(f->result.exit_status, 1);
	assert_int_equal(world.enter_calls, 0);
}

static void type_of_the_address_is_the_one_that_was_heard(void **state)
{
	struct fixture *f = *state;

	jump_to(0x11, "DfuTarg");
	run(f);
	assert_int_equal(f->result.exit_status, 0);
	assert_int_equal(world.last_connect.type, TARGET_ADDR_RANDOM);
}

static void result_tells_where_the_device_was_and_is(void **state)
{
	struct fixture *f = *state;

	jump_to(0x11, "DfuTarg");
	run(f);
	assert_string_equal(f->result.address_before, "C0:FF:EE:00:00:10");
	assert_string_equal(f->result.address_after, "C0:FF:EE:00:00:10");
	assert_int_equal(f->result.mode_before, OTADFU_MODE_APPLICATION);
}

#define scan_test(name)  cmocka_unit_test_setup_teardown(name, set_up, tear_down)
#define blind_test(name) cmocka_unit_test_setup_teardown(name, set_up_blind, tear_down)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		scan_test(bootloader_that_was_there_before_the_jump_is_a_neighbours),
		scan_test(device_is_told_from_a_bootloader_next_door_by_its_own_address),
		scan_test(bootloader_of_another_name_is_not_ours),
		scan_test(name_that_was_set_is_found_at_any_address),
		scan_test(name_at_an_address_of_a_neighbour_is_not_connected_to),
		scan_test(application_behind_the_name_is_not_sent_to_its_bootloader),
		scan_test(neighbour_at_the_bootloaders_address_has_not_stayed),
		scan_test(two_at_one_address_are_refused),
		scan_test(service_scan_needs_the_profiles_word),
		scan_test(only_new_device_in_dfu_mode_is_taken_where_the_profile_allows_it),
		scan_test(several_new_devices_in_dfu_mode_are_refused_by_name),
		scan_test(application_of_a_neighbour_is_no_proof),
		scan_test(application_of_a_neighbour_that_tells_its_mode_is_no_proof),
		scan_test(application_that_was_there_before_is_no_proof),
		scan_test(bootloader_in_the_way_is_not_taken_when_an_update_starts_over),
		scan_test(application_that_starts_after_its_update_is_believed),
		scan_test(application_that_was_there_during_the_update_is_not_believed),
		blind_test(nobody_is_believed_where_nobody_could_listen),
		scan_test(type_of_the_address_is_the_one_that_was_heard),
		scan_test(result_tells_where_the_device_was_and_is),
	};

	return cmocka_run_group_tests_name("session_neighbours", tests, NULL, NULL);
}
