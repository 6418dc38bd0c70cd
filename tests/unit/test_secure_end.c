/* Secure updates that end: refused, timed out, cut off, cancelled, or well. */
#include "secure_bench.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

/* cmocka wants setjmp, stdarg, stddef and stdint first. */
#include <cmocka.h>

#define READY_TO_END HELD_INIT "receipts 02; select 200; "

static void each_refusal_of_the_init_packet_is_told_in_words(void **state)
{
	static const struct {
		const char *answer;
		int32_t detail;
		const char *text;
	} cases[] = {
		{ "note 60 04 05", 0x05, "invalid object (05): most often the package is signed" },
		{ "note 60 04 04", 0x04, "insufficient resources (04)" },
		{ "note 60 04 0a", 0x0a, "operation failed (0A)" },
		{ "note 60 04 0b 03", 0x0b03, "unknown command (0B 03)" },
		{ "note 60 04 0b 04", 0x0b04, "init command invalid (0B 04)" },
		{ "note 60 04 0b 05", 0x0b05, "FW version failure (0B 05)" },
		{ "note 60 04 0b 06", 0x0b06, "HW version failure (0B 06)" },
		{ "note 60 04 0b 07", 0x0b07, "SD version failure (0B 07)" },
		{ "note 60 04 0b 08", 0x0b08, "signature missing (0B 08)" },
		{ "note 60 04 0b 09", 0x0b09, "wrong hash type (0B 09)" },
		{ "note 60 04 0b 0b", 0x0b0b, "wrong signature type (0B 0B)" },
		{ "note 60 04 0b 0d", 0x0b0d, "insufficient space (0B 0D)" },
		{ "note 60 04 77", 0x77, "unknown result (77)" },
	};
	struct bench *bench = bench_of(state);

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char script[1024];

		snprintf(script, sizeof(script), "%scp 04; %s",
			 "select-init 0; receipts 00; create-init; " INIT_PACKET, cases[i].answer);
		assert_int_equal(update(bench, script), OTADFU_E_REJECTED);
		assert_int_equal(bench->peer.failure.detail, cases[i].detail);
		assert_said(bench, cases[i].text);
		assert_int_equal(bench->next.flags, 0);
		assert_int_equal(bench->memo.under_way, 1);
	}
}

static void refused_hardware_version_is_named(void **state)
{
	struct bench *bench = bench_of(state);

	assert_int_equal(update(bench, "select-init 0; receipts 00; create-init; " INIT_PACKET
				       "cp 04; note 60 04 0b 06"),
			 OTADFU_E_REJECTED);
	assert_said(bench, "the package states hw_version 52");
}

static void refused_version_of_a_softdevice_may_mean_installed(void **state)
{
	static const char *const answers[] = { "0b 05", "0b 07", "0a" };
	struct bench *bench = bench_of(state);

	bench->image.kind = OTADFU_IMAGE_SOFTDEVICE;
	for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
		char script[1024];

		snprintf(script, sizeof(script), "%scp 04; note 60 04 %s",
			 "select-init 0; receipts 00; create-init; " INIT_PACKET, answers[i]);
		assert_int_equal(update(bench, script), OTADFU_E_REJECTED);
		assert_int_equal(bench->next.flags, OTADFU_NEXT_INSTALLED);
		assert_int_equal(bench->memo.under_way, 0);
	}
	assert_int_equal(update(bench, "select-init 0; receipts 00; create-init; " INIT_PACKET
				       "cp 04; note 60 04 0b 06"),
			 OTADFU_E_REJECTED);
	assert_int_equal(bench->next.flags, 0);
}

/* The session goes on with the next image on the link that lives. */
static void installed_part_leaves_the_link_to_the_next_image(void **state)
{
	struct bench *bench = bench_of(state);

	bench->image.kind = OTADFU_IMAGE_SD_BL;
	assert_int_equal(update(bench, "select-init 0; receipts 00; create-init; " INIT_PACKET
				       "cp 04; note 60 04 0b 05"),
			 OTADFU_E_REJECTED);
	assert_int_equal(bench->next.match, 0);
	bench->image.kind = OTADFU_IMAGE_APPLICATION;
	assert_int_equal(update(bench, WHOLE), OTADFU_OK);
}

static void refused_application_is_never_taken_for_installed(void **state)
{
	static const uint32_t kinds[] = { OTADFU_IMAGE_APPLICATION, OTADFU_IMAGE_EXTERNAL_APP };
	struct bench *bench = bench_of(state);

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		bench->image.kind = kinds[i];
		assert_int_equal(update(bench,
					"select-init 0; receipts 00; create-init; " INIT_PACKET
					"cp 04; note 60 04 0b 05"),
				 OTADFU_E_REJECTED);
		assert_int_equal(bench->next.flags, 0);
	}
}

static void refused_requests_end_the_update(void **state)
{
	static const struct {
		const char *script;
		int32_t detail;
		const char *text;
	} cases[] = {
		{ "cp 06 01; note 60 06 05", 5, "Select" },
		{ "select-init 0; cp 02 00 00; note 60 02 02", 2, "receipts" },
		{ "select-init 0; receipts 00; cp 01 01 u32:21; note 60 01 04", 4, "init packet" },
		{ HELD_INIT "receipts 02; select 0; cp 01 02 u32:80; note 60 01 04", 4,
		  "room for the firmware" },
		{ HELD_INIT "receipts 02; select 0; " OBJECT_1 "cp 04; note 60 04 0a", 0x0a,
		  "a part of the firmware" },
	};
	struct bench *bench = bench_of(state);

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(update(bench, cases[i].script), OTADFU_E_REJECTED);
		assert_int_equal(bench->peer.failure.detail, cases[i].detail);
		assert_said(bench, cases[i].text);
	}
}

static void device_without_data_objects_breaks_the_protocol(void **state)
{
	struct bench *bench = bench_of(state);

	assert_int_equal(update(bench,
				HELD_INIT "receipts 02; cp 06 02; note 60 06 01 u32:0 u32:0 u32:0"),
			 OTADFU_E_PROTOCOL);
}

static void wrong_image_hash_is_refused_at_the_end(void **state)
{
	struct bench *bench = bench_of(state);

	assert_int_equal(update(bench, READY_TO_END "cp 04; note 60 04 0b 0c"), OTADFU_E_REJECTED);
	assert_int_equal(bench->peer.failure.detail, 0x0b0c);
	assert_said(bench, "the complete image: verification failed (0B 0C)");
	assert_int_equal(bench->memo.under_way, 0);
}

static void softdevice_refused_at_the_end_is_tried_once_more(void **state)
{
	struct bench *bench = bench_of(state);

	bench->image.kind = OTADFU_IMAGE_SOFTDEVICE;
	assert_int_equal(update(bench, READY_TO_END "cp 04; note 60 04 05"), OTADFU_E_BUSY);
	assert_true(bench->next.match & OTADFU_NEXT_SAME_ADDR);
	assert_int_equal(update(bench, READY_TO_END "cp 04; note 60 04 05"), OTADFU_E_REJECTED);
	assert_int_equal(bench->peer.failure.detail, 5);
}

static void application_refused_at_the_end_is_final(void **state)
{
	static const uint32_t kinds[] = { OTADFU_IMAGE_APPLICATION, OTADFU_IMAGE_EXTERNAL_APP };
	struct bench *bench = bench_of(state);

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		bench->image.kind = kinds[i];
		assert_int_equal(update(bench, READY_TO_END "cp 04; note 60 04 05"),
				 OTADFU_E_REJECTED);
	}
}

static void link_lost_instead_of_the_last_answer_is_success_with_a_note(void **state)
{
	struct bench *bench = bench_of(state);

	assert_int_equal(update(bench, READY_TO_END "cp 04; lost"), OTADFU_OK);
	assert_application_expected(bench);
	assert_non_null(strstr(bench->peer.notes, "without an answer"));
}

static void link_lost_before_the_last_execute_arrived_is_no_success(void **state)
{
	struct bench *bench = bench_of(state);

	assert_int_equal(update(bench, READY_TO_END "cp 04 -> lost"), OTADFU_E_DISCONNECTED);
}

#define REFUSED_AGAIN                                                                              \
	"select-init 0; receipts 00; create-init; " INIT_PACKET "cp 04; note 60 04 0b 05; "

/* It reached the device all the same, which now refuses what it runs. */
static void system_part_refused_after_a_lost_last_execute_is_there(void **state)
{
	static const char *const ends[] = { REFUSED_AGAIN "cp 0c; lost",
					    REFUSED_AGAIN "cp 0c -> lost",
					    REFUSED_AGAIN "cp 0c; note 60 0c 02; stays" };

	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		struct bench *bench = bench_of(state);

		bench->image.kind = OTADFU_IMAGE_BOOTLOADER;
		assert_int_equal(update(bench, READY_TO_END "cp 04 -> lost"),
				 OTADFU_E_DISCONNECTED);
		assert_int_equal(attempt(bench, ends[i]), OTADFU_OK);
		assert_int_equal(bench->next.flags, 0);
		assert_true(bench->next.match & OTADFU_NEXT_ADDR_PLUS_ONE);
		assert_int_equal(bench->next.mode, 0);
		assert_non_null(strstr(bench->peer.notes, "runs this bootloader already"));
		assert_int_equal(bench->memo.executing, 0);
	}
}

static void system_part_refused_after_an_answered_last_execute_is_refused(void **state)
{
	struct bench *bench = bench_of(state);

	bench->image.kind = OTADFU_IMAGE_BOOTLOADER;
	assert_int_equal(update(bench, READY_TO_END "cp 04; note 60 04 05"), OTADFU_E_BUSY);
	assert_int_equal(update(bench, REFUSED_AGAIN), OTADFU_E_REJECTED);
	assert_int_equal(bench->next.flags, OTADFU_NEXT_INSTALLED);
}

static void device_that_keeps_the_link_has_still_validated(void **state)
{
	struct bench *bench = bench_of(state);

	assert_int_equal(update(bench, READY_TO_END "execute; stays"), OTADFU_OK);
	assert_application_expected(bench);
}

static void every_wait_ends_and_says_what_was_awaited(void **state)
{
	static const struct {
		const char *script;
		const char *text;
	} cases[] = {
		{ "cp 06 01; silence", "the answer to Select did not come within 5 s; the last the "
				       "device said: nothing" },
		{ "select-init 0; receipts 00; cp 01 01 u32:21; silence",
		  "the answer to Create did not come within 10 s" },
		{ "select-init 21; receipts 00; cp 04; silence",
		  "the answer to Execute did not come within 20 s; the last the device said: 60 02 "
		  "01" },
		{ HELD_INIT
		  "receipts 02; select 0; create 80; image 0 40 20; silence; cp 03; silence",
		  "the answer to Checksum did not come within 5 s" },
		{ READY_TO_END "cp 04; silence",
		  "the answer to the last Execute did not come within 30 s" },
	};
	struct bench *bench = bench_of(state);

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(update(bench, cases[i].script), OTADFU_E_TIMEOUT);
		assert_said(bench, cases[i].text);
		assert_int_equal(bench->next.match, 0);
	}
}

/* secure-dfu.md 8. */
static void slowest_answers_are_waited_for(void **state)
{
	struct bench *bench = bench_of(state);

	bench->image.data_len = 80;
	assert_int_equal(update(bench, "cp 06 01; pass 5000; note 60 06 01 u32:512 u32:0 u32:0; cp "
				       "02 00 00; pass 5000; note 60 02 01; cp 01 01 u32:21; pass "
				       "10000; note 60 01 01; " INIT_PACKET
				       "cp 04; pass 20000; note 60 04 01; receipts 02; select 0; "
				       "cp 01 02 u32:80; pass 10000; note 60 01 01; " BYTES_1
				       "cp 04; pass 30000; note 60 04 01; pass 10000; lost"),
			 OTADFU_OK);
	assert_string_equal(bench->peer.notes, "");
}

static int operations_of_a_whole_update(struct bench *bench)
{
	assert_int_equal(update(bench, WHOLE), OTADFU_OK);
	return bench->peer.operations;
}

/* The last two operations wait for the answer to the last Execute and for the loss. */
static void lost_link_before_validation_is_never_success(void **state)
{
	struct bench *bench = bench_of(state);
	int operations = operations_of_a_whole_update(bench);

	for (int i = 0; i < operations - 2; i++) {
		bench->setup.cut_at = i;
		assert_int_equal(attempt(bench, WHOLE), OTADFU_E_DISCONNECTED);
		assert_int_equal(bench->next.match,
				 OTADFU_NEXT_SAME_ADDR | OTADFU_NEXT_ADDR_MINUS_ONE);
		assert_int_equal(bench->next.mode, 0);
		assert_said(bench, "the link was lost while");
	}
	for (int i = operations - 2; i < operations; i++) {
		bench->setup.cut_at = i;
		assert_int_equal(attempt(bench, WHOLE), OTADFU_OK);
	}
}

static void cancellation_ends_it_at_any_step(void **state)
{
	struct bench *bench = bench_of(state);
	int operations = operations_of_a_whole_update(bench);

	for (int i = 0; i < operations; i++) {
		bench->setup.cancel_at = i;
		assert_int_equal(attempt(bench, WHOLE), OTADFU_E_CANCELLED);
	}
}

static void bootloader_that_wants_a_bond_is_told_in_words(void **state)
{
	static const char *const scripts[] = { "cp 06 01 -> att 05", "cp 06 01 -> att 0f" };
	struct bench *bench = bench_of(state);

	for (size_t i = 0; i < sizeof(scripts) / sizeof(scripts[0]); i++) {
		assert_int_equal(update(bench, scripts[i]), OTADFU_E_SECURITY);
		assert_said(bench, "wants an encrypted link");
		assert_said(bench, "pair again while the application runs");
	}
}

static void empty_package_never_reaches_the_device(void **state)
{
	struct bench *bench = bench_of(state);

	bench->image.data_len = 0;
	assert_int_equal(update(bench, ""), OTADFU_E_PACKAGE);
	bench->image.data_len = IMAGE_LEN;
	bench->image.init_len = 0;
	assert_int_equal(update(bench, ""), OTADFU_E_PACKAGE);
}

static void abort_is_sent_only_when_an_object_was_begun(void **state)
{
	struct bench *bench = bench_of(state);
	const struct otadfu_protocol_ops *ops = bench->setup.ops;

	script_begin(&bench->peer, &bench->setup, "", &bench->memo);
	assert_int_equal(ops->abort(&bench->peer.ctx), OTADFU_OK);
	script_end(&bench->peer);

	assert_int_equal(attempt(bench, "select-init 0; receipts 00; create-init; lost"),
			 OTADFU_E_DISCONNECTED);
	script_begin(&bench->peer, &bench->setup, "cp 0c -> timeout", &bench->memo);
	bench->peer.subscribed = true;
	assert_int_equal(ops->abort(&bench->peer.ctx), OTADFU_E_TIMEOUT);
	assert_in_range(bench->peer.now_ms, 1000000, 1000800);
	script_end(&bench->peer);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_refusal_of_the_init_packet_is_told_in_words),
		cmocka_unit_test(refused_hardware_version_is_named),
		cmocka_unit_test(refused_version_of_a_softdevice_may_mean_installed),
		cmocka_unit_test(installed_part_leaves_the_link_to_the_next_image),
		cmocka_unit_test(refused_application_is_never_taken_for_installed),
		cmocka_unit_test(refused_requests_end_the_update),
		cmocka_unit_test(device_without_data_objects_breaks_the_protocol),
		cmocka_unit_test(wrong_image_hash_is_refused_at_the_end),
		cmocka_unit_test(softdevice_refused_at_the_end_is_tried_once_more),
		cmocka_unit_test(application_refused_at_the_end_is_final),
		cmocka_unit_test(link_lost_instead_of_the_last_answer_is_success_with_a_note),
		cmocka_unit_test(link_lost_before_the_last_execute_arrived_is_no_success),
		cmocka_unit_test(system_part_refused_after_a_lost_last_execute_is_there),
		cmocka_unit_test(system_part_refused_after_an_answered_last_execute_is_refused),
		cmocka_unit_test(device_that_keeps_the_link_has_still_validated),
		cmocka_unit_test(every_wait_ends_and_says_what_was_awaited),
		cmocka_unit_test(slowest_answers_are_waited_for),
		cmocka_unit_test(lost_link_before_validation_is_never_success),
		cmocka_unit_test(cancellation_ends_it_at_any_step),
		cmocka_unit_test(bootloader_that_wants_a_bond_is_told_in_words),
		cmocka_unit_test(empty_package_never_reaches_the_device),
		cmocka_unit_test(abort_is_sent_only_when_an_object_was_begun),
	};

	return cmocka_run_group_tests_name("secure_end", tests, NULL, NULL);
}
