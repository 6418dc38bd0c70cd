#include "info.h"
#include "session_bench.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <cmocka.h>

static int set_up(void **state)
{
	return set_up_with(state, &world_plugin);
}

static void bootloader_is_updated_and_seen_as_application(void **state)
{
	struct fixture *f = *state;

	device_in_bootloader();
	finish_with(0);
	run(f);
	assert_string_equal(f->result.failure.text, "");
	assert_int_equal(f->result.status, SESSION_UPDATED);
	assert_int_equal(f->result.exit_status, 0);
	assert_int_equal(f->result.bytes, IMAGE_LEN);
	assert_int_equal(f->result.resent_bytes, 0);
	assert_string_equal(f->phases, "connect probe data verify");
	assert_non_null(strstr(f->result.ended_as, "application at C0:FF:EE:00:00:0F"));
	/* The address is new: only asking the device proves the mode. */
	assert_int_equal(f->result.connections, 2);
	assert_int_equal(world.abort_calls, 0);
}

static void application_is_sent_to_its_bootloader_first(void **state)
{
	struct fixture *f = *state;

	add_device(0x10, "Thermo", OTADFU_MODE_APPLICATION, 0);
	world.enters[0] = (struct world_step){ .next = to_bootloader,
					       .then = at(0x11, "DfuTarg", OTADFU_MODE_BOOTLOADER,
							  OTADFU_MODE_BOOTLOADER) };
	world.updates[0] =
		(struct world_step){ .push_bytes = IMAGE_LEN,
				     .next = to_application,
				     .then = at(0x10, "Thermo", OTADFU_MODE_APPLICATION, 0) };
	run(f);
	assert_int_equal(f->result.exit_status, 0);
	assert_string_equal(f->phases, "connect probe enter connect probe data verify");
	/* Its own address, away from the bootloader's: advertising is proof enough. */
	assert_int_equal(f->result.connections, 2);
	assert_string_equal(f->result.ended_as,
			    "runs its application at C0:FF:EE:00:00:10 (Thermo)");
}

static void failed_connections_are_tried_again(void **state)
{
	struct fixture *f = *state;

	device_in_bootloader();
	finish_with(0);
	world.connect_results[0] = OTADFU_E_TIMEOUT;
	world.connect_results[1] = OTADFU_E_DISCONNECTED;
	run(f);
	assert_int_equal(f->result.exit_status, 0);
	assert_int_equal(world.connects, 4);
}

static void attempts_end(void **state)
{
	struct fixture *f = *state;

	device_in_bootloader();
	for (size_t i = 0; i < WORLD_STEPS; i++)
		world.connect_results[i] = OTADFU_E_DISCONNECTED;
	f->profile->connect_attempts.value = 3;
	run(f);
	assert_int_equal(f->result.status, SESSION_FAILED);
	assert_int_equal(f->result.exit_status, 1);
	assert_int_equal(world.connects, 3);
	assert_string_equal(f->result.failure.text, "connection failed to be established");
	assert_int_equal(f->result.failure.detail, 0x3e);
	assert_string_equal(f->result.failure.phase, "connect");
	assert_string_equal(f->result.failure.plugin, "world");
}

static void lost_link_starts_over_and_counts_what_was_sent_twice(void **state)
{
	struct fixture *f = *state;

	device_in_bootloader();
	world.updates[0] = (struct world_step){ .result = OTADFU_E_DISCONNECTED,
						.push_bytes = 300,
						.lose_link = 1 };
	finish_with(1);
	run(f);
	assert_int_equal(f->result.exit_status, 0);
	assert_int_equal(f->result.resent_bytes, 300);
	assert_int_equal(world.update_calls, 2);
	assert_non_null(strstr(f->notes, "supervision timeout"));
}

static void refusal_is_final_and_leaves_a_known_state(void **state)
{
	struct fixture *f = *state;

	device_in_bootloader();
	world.updates[0] = (struct world_step){ .result = OTADFU_E_REJECTED,
						.says = "hardware version differs (0B 06)" };
	run(f);
	assert_int_equal(f->result.status, SESSION_REFUSED_BY_DEVICE);
	assert_int_equal(f->result.exit_status, 5);
	assert_string_equal(f->result.failure.text, "hardware version differs (0B 06)");
	assert_int_equal(f->result.failure.detail, 7);
	assert_string_equal(f->result.failure.plugin, "fake");
	assert_int_equal(world.update_calls, 1);
	assert_int_equal(world.abort_calls, 1);
}

static void free_restarts_cost_no_attempt_but_end(void **state)
{
	struct fixture *f = *state;

	device_in_bootloader();
	f->profile->connect_attempts.value = 2;
	for (size_t i = 0; i < WORLD_STEPS; i++) {
		world.updates[i] = (struct world_step){ .result = OTADFU_E_BUSY, .next = restart };
		world.updates[i].next.flags = OTADFU_NEXT_FREE;
	}
	run(f);
	assert_int_equal(f->result.exit_status, 1);
	assert_int_equal(world.update_calls, 8 + 2);
}

static void interrupt_aborts_the_update_undisturbed(void **state)
{
	struct fixture *f = *state;

	device_in_bootloader();
	world.updates[0] = (struct world_step){ .result = OTADFU_E_CANCELLED, .cancels = 1 };
	run(f);
	assert_int_equal(f->result.status, SESSION_CANCELLED);
	assert_int_equal(f->result.exit_status, 130);
	assert_int_equal(world.abort_calls, 1);
	assert_false(world.abort_saw_cancel);
}

static void interrupt_beats_a_new_attempt(void **state)
{
	struct fixture *f = *state;

	device_in_bootloader();
	world.updates[0] = (struct world_step){ .result = OTADFU_E_DISCONNECTED,
						.lose_link = 1,
						.cancels = 1 };
	run(f);
	assert_int_equal(f->result.exit_status, 130);
	assert_int_equal(world.update_calls, 1);
}

static void device_that_stays_away_is_unproven(void **state)
{
	struct fixture *f = *state;

	device_in_bootloader();
	world.updates[0] = (struct world_step){ .push_bytes = IMAGE_LEN,
						.next = to_application,
						.then = at(0x55, "Other", 0, 0) };
	run(f);
	assert_int_equal(f->result.status, SESSION_UNPROVEN);
	assert_int_equal(f->result.exit_status, 6);
	assert_int_equal(world.update_calls, 1);
	assert_string_equal(f->result.failure.phase, "verify");
}

static void bootloader_that_comes_back_is_no_proof(void **state)
{
	struct fixture *f = *state;

	device_in_bootloader();
	world.updates[0] = (struct world_step){ .push_bytes = IMAGE_LEN,
						.next = to_application,
						.then = at(0x10, "DfuTarg", OTADFU_MODE_BOOTLOADER,
							   OTADFU_MODE_BOOTLOADER) };
	run(f);
	assert_int_equal(f->result.exit_status, 6);
}

static void silent_bootloader_is_asked_and_is_no_proof(void **state)
{
	struct fixture *f = *state;

	device_in_bootloader();
	world.updates[0] =
		(struct world_step){ .push_bytes = IMAGE_LEN,
				     .next = to_application,
				     .then = at(0x10, "Nobody", OTADFU_MODE_BOOTLOADER, 0) };
	run(f);
	assert_int_equal(f->result.exit_status, 6);
}

static void verify_none_does_not_wait(void **state)
{
	struct fixture *f = *state;

	device_in_bootloader();
	world.updates[0] = (struct world_step){ .push_bytes = IMAGE_LEN,
						.next = to_application,
						.then = at(0x55, "Other", 0, 0) };
	f->profile->verify.value = VERIFY_NONE;
	run(f);
	assert_int_equal(f->result.exit_status, 0);
	assert_true(f->result.duration_ms < 10000);
}

static void two_of_one_name_are_refused_by_name(void **state)
{
	struct fixture *f = *state;

	forget_address(f);
	set_text(&f->profile->match_name, "Thermo");
	add_device(0x10, "Thermo", OTADFU_MODE_APPLICATION, 0);
	add_device(0x20, "Thermo", OTADFU_MODE_APPLICATION, 0);
	run(f);
	assert_int_equal(f->result.status, SESSION_REFUSED_BY_HOST);
	assert_int_equal(f->result.exit_status, 3);
	assert_non_null(strstr(f->result.failure.text, "C0:FF:EE:00:00:10"));
	assert_non_null(strstr(f->result.failure.text, "C0:FF:EE:00:00:20"));
	assert_int_equal(world.connects, 0);
}

static void missing_device_is_told_with_what_was_seen(void **state)
{
	struct fixture *f = *state;

	add_device(0x20, "Kettle", 0, 0);
	run(f);
	assert_int_equal(f->result.exit_status, 1);
	assert_non_null(strstr(f->result.failure.text, "C0:FF:EE:00:00:20 (Kettle)"));
	assert_int_equal(world.connects, 0);
}

static void stranded_bootloader_of_the_address_is_taken(void **state)
{
	struct fixture *f = *state;

	add_device(0x11, "DfuTarg", OTADFU_MODE_BOOTLOADER, OTADFU_MODE_BOOTLOADER);
	world.updates[0] =
		(struct world_step){ .push_bytes = IMAGE_LEN,
				     .next = to_application,
				     .then = at(0x10, "Thermo", OTADFU_MODE_APPLICATION, 0) };
	run(f);
	assert_int_equal(f->result.exit_status, 0);
	assert_non_null(strstr(f->notes, "bootloader at C0:FF:EE:00:00:11"));
}

/* A new bootloader alone may start the application, whose address no connection has used yet. */
static void stranded_device_may_come_back_at_the_address_itself(void **state)
{
	struct fixture *f = *state;

	add_device(0x11, "DfuTarg", OTADFU_MODE_BOOTLOADER, OTADFU_MODE_BOOTLOADER);
	f->package.count = 2;
	world.updates[0] =
		(struct world_step){ .push_bytes = IMAGE_LEN,
				     .next = to_application,
				     .then = at(0x10, "Thermo", OTADFU_MODE_APPLICATION, 0) };
	world.updates[0].next.mode = 0;
	world.enters[0] = (struct world_step){ .next = to_bootloader,
					       .then = at(0x11, "DfuTarg", OTADFU_MODE_BOOTLOADER,
							  OTADFU_MODE_BOOTLOADER) };
	world.updates[1] = world.updates[0];
	world.updates[1].next = to_application;
	run(f);
	assert_int_equal(f->result.exit_status, 0);
	assert_int_equal(world.enter_calls, 1);
}

static void stranger_beside_the_address_is_not_taken(void **state)
{
	struct fixture *f = *state;

	add_device(0x11, "Thermo", OTADFU_MODE_APPLICATION, 0);
	run(f);
	assert_int_equal(f->result.exit_status, 1);
	assert_int_equal(world.connects, 0);
}

static void old_application_after_the_jump_is_not_taken_for_the_bootloader(void **state)
{
	struct fixture *f = *state;

	add_device(0x10, "Thermo", OTADFU_MODE_APPLICATION, 0);
	add_device(0x11, "DfuTarg", OTADFU_MODE_BOOTLOADER, OTADFU_MODE_BOOTLOADER);
	world.devices[0].until_ms = 2000;
	world.devices[1].from_ms = 5000;
	world.enters[0] = (struct world_step){ .next = to_bootloader };
	world.updates[0] =
		(struct world_step){ .push_bytes = IMAGE_LEN,
				     .next = to_application,
				     .then = at(0x10, "Thermo", OTADFU_MODE_APPLICATION, 0) };
	run(f);
	assert_int_equal(world.update_calls, 1);
	assert_int_equal(world.enter_calls, 1);
	assert_int_equal(world.last_connect.bytes[5], 0x11);
	assert_int_equal(f->result.exit_status, 0);
}

static void jump_that_did_not_happen_is_made_again(void **state)
{
	struct fixture *f = *state;

	add_device(0x10, "Thermo", OTADFU_MODE_APPLICATION, 0);
	world.enters[0] = (struct world_step){ .next = to_bootloader };
	world.enters[1] = (struct world_step){ .next = to_bootloader,
					       .then = at(0x11, "DfuTarg", OTADFU_MODE_BOOTLOADER,
							  OTADFU_MODE_BOOTLOADER) };
	world.updates[0] =
		(struct world_step){ .push_bytes = IMAGE_LEN,
				     .next = to_application,
				     .then = at(0x10, "Thermo", OTADFU_MODE_APPLICATION, 0) };
	run(f);
	assert_int_equal(f->result.exit_status, 0);
	assert_int_equal(world.enter_calls, 2);
	assert_int_equal(f->result.connections, 4);
}

static void application_that_never_leaves_is_a_failure(void **state)
{
	struct fixture *f = *state;

	add_device(0x10, "Thermo", OTADFU_MODE_APPLICATION, 0);
	for (size_t i = 0; i < WORLD_STEPS; i++)
		world.enters[i] = (struct world_step){ .next = to_bootloader };
	run(f);
	assert_int_equal(f->result.exit_status, 1);
	assert_int_equal(world.enter_calls, 5);
	assert_non_null(strstr(f->result.failure.text, "keeps running its application"));
}

static void unknown_transport_is_the_machines_lack(void **state)
{
	struct fixture *f = *state;

	set_text(&f->profile->transport, "carrier-pigeon");
	run(f);
	assert_int_equal(f->result.exit_status, 4);
	set_text(&f->profile->transport, "world");
	set_text(&f->profile->adapter, "missing");
	run(f);
	assert_int_equal(f->result.exit_status, 4);
	assert_string_equal(f->result.failure.text, "no such adapter");
}

static void package_of_the_other_world_reaches_no_device(void **state)
{
	struct fixture *f = *state;

	device_in_bootloader();
	f->package.kind = INITPACKET_SECURE;
	run(f);
	assert_int_equal(f->result.exit_status, 3);
	assert_int_equal(world.update_calls, 0);
	assert_int_equal(world.enter_calls, 0);
}

static void forced_package_is_sent_all_the_same(void **state)
{
	struct fixture *f = *state;

	device_in_bootloader();
	finish_with(0);
	f->package.kind = INITPACKET_SECURE;
	run_as(f, false, true);
	assert_int_equal(f->result.exit_status, 0);
	assert_int_equal(world.update_calls, 1);
}

static void dry_run_ends_before_the_first_change(void **state)
{
	struct fixture *f = *state;

	add_device(0x10, "Thermo", OTADFU_MODE_APPLICATION, 0);
	run_as(f, true, false);
	assert_int_equal(f->result.status, SESSION_REHEARSED);
	assert_int_equal(f->result.exit_status, 0);
	assert_int_equal(world.enter_calls, 0);
	assert_int_equal(world.update_calls, 0);
	assert_string_equal(f->phases, "connect probe");
	assert_string_equal(f->result.ended_as,
			    "runs its application and speaks 'fake'; nothing was sent");
}

static void dry_run_finds_what_is_in_the_way(void **state)
{
	struct fixture *f = *state;

	device_in_bootloader();
	f->package.kind = INITPACKET_SECURE;
	run_as(f, true, false);
	assert_int_equal(f->result.exit_status, 3);
}

static int ask(struct fixture *f, struct info *ret_info, int *ret_exit_status, struct failure *why)
{
	struct info_job job = {
		.registry = f->registry,
		.profile = f->profile,
		.clock = f->clock,
		.cancel_fd = -1,
	};

	return info_run(&job, ret_info, ret_exit_status, why);
}

static void info_tells_what_the_device_is_and_changes_nothing(void **state)
{
	struct fixture *f = *state;
	struct failure why = { 0 };
	struct info info;
	int exit_status;

	add_device(0x10, "Thermo", OTADFU_MODE_APPLICATION, 0);
	assert_int_equal(ask(f, &info, &exit_status, &why), OTADFU_OK);
	assert_int_equal(exit_status, 0);
	assert_string_equal(info.name, "Thermo");
	assert_string_equal(info.protocol, "fake");
	assert_int_equal(info.mode, OTADFU_MODE_APPLICATION);
	assert_int_equal(info.rssi_dbm, -60);
	assert_int_equal(info.mtu, 185);
	assert_int_equal(info.service_count, 1);
	assert_int_equal(world.enter_calls + world.update_calls + world.abort_calls, 0);
}

static void info_of_a_missing_device_is_a_failure(void **state)
{
	struct fixture *f = *state;
	struct failure why = { 0 };
	struct info info;
	int exit_status;

	assert_int_equal(ask(f, &info, &exit_status, &why), OTADFU_E_NOT_FOUND);
	assert_int_equal(exit_status, 1);
	assert_non_null(strstr(why.text, "seen: nothing"));
}

static void link_is_kept_where_next_names_no_place(void **state)
{
	struct fixture *f = *state;

	device_in_bootloader();
	f->package.count = 2;
	world.updates[0] = (struct world_step){ .push_bytes = IMAGE_LEN };
	finish_with(1);
	run(f);
	assert_int_equal(f->result.exit_status, 0);
	assert_int_equal(f->result.images_done, 2);
	assert_string_equal(f->phases, "connect probe data data verify");
	assert_int_equal(world.update_calls, 2);
	assert_int_equal(world.connects, 2);
}

static void installed_part_is_passed_over(void **state)
{
	struct fixture *f = *state;

	device_in_bootloader();
	f->package.count = 2;
	world.updates[0] =
		(struct world_step){ .result = OTADFU_E_REJECTED, .says = "same version" };
	world.updates[0].next = restart;
	world.updates[0].next.flags = OTADFU_NEXT_INSTALLED;
	finish_with(1);
	run(f);
	assert_int_equal(f->result.exit_status, 0);
	assert_string_equal(f->result.failure.text, "");
	assert_int_equal(world.update_calls, 2);
	assert_int_equal(f->result.skipped, 1);
	assert_int_equal(f->result.bytes, IMAGE_LEN);
}

static void device_without_dfu_is_left_alone(void **state)
{
	struct fixture *f = *state;

	add_device(0x10, "Lamp", 0, 0);
	run(f);
	assert_int_equal(f->result.exit_status, 1);
	assert_int_equal(world.update_calls, 0);
	assert_non_null(strstr(f->result.failure.text, "does not speak any DFU protocol"));
}

#define session_test(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		session_test(bootloader_is_updated_and_seen_as_application),
		session_test(application_is_sent_to_its_bootloader_first),
		session_test(failed_connections_are_tried_again),
		session_test(attempts_end),
		session_test(lost_link_starts_over_and_counts_what_was_sent_twice),
		session_test(refusal_is_final_and_leaves_a_known_state),
		session_test(free_restarts_cost_no_attempt_but_end),
		session_test(interrupt_aborts_the_update_undisturbed),
		session_test(interrupt_beats_a_new_attempt),
		session_test(device_that_stays_away_is_unproven),
		session_test(bootloader_that_comes_back_is_no_proof),
		session_test(silent_bootloader_is_asked_and_is_no_proof),
		session_test(verify_none_does_not_wait),
		session_test(two_of_one_name_are_refused_by_name),
		session_test(missing_device_is_told_with_what_was_seen),
		session_test(stranded_bootloader_of_the_address_is_taken),
		session_test(stranded_device_may_come_back_at_the_address_itself),
		session_test(stranger_beside_the_address_is_not_taken),
		session_test(old_application_after_the_jump_is_not_taken_for_the_bootloader),
		session_test(jump_that_did_not_happen_is_made_again),
		session_test(application_that_never_leaves_is_a_failure),
		session_test(unknown_transport_is_the_machines_lack),
		session_test(package_of_the_other_world_reaches_no_device),
		session_test(forced_package_is_sent_all_the_same),
		session_test(dry_run_ends_before_the_first_change),
		session_test(dry_run_finds_what_is_in_the_way),
		session_test(info_tells_what_the_device_is_and_changes_nothing),
		session_test(info_of_a_missing_device_is_a_failure),
		session_test(link_is_kept_where_next_names_no_place),
		session_test(installed_part_is_passed_over),
		session_test(device_without_dfu_is_left_alone),
	};

	return cmocka_run_group_tests_name("session", tests, NULL, NULL);
}
