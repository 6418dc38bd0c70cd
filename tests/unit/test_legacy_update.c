/* Legacy updates against scripts: what the client writes, and what it makes of each answer. */
#include "legacy_client_bench.h"
#include "uuid.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

/* cmocka wants setjmp, stdarg, stddef and stdint first. */
#include <cmocka.h>

/* -- the whole way -- */

static void application_is_sent_validated_and_activated(void **state)
{
	struct bench *bench = bench_of(state);

	assert_int_equal(update(bench, WHOLE), OTADFU_OK);
	assert_int_equal(bench->next.match, OTADFU_NEXT_SAME_ADDR | OTADFU_NEXT_ADDR_MINUS_ONE);
	assert_int_equal(bench->next.mode, OTADFU_MODE_APPLICATION);
	assert_int_equal(bench->next.within_ms, 30000);
	assert_string_equal(bench->peer.phases, "IDVA");
	assert_int_equal(bench->peer.done, SHORT_LEN);
	assert_int_equal(bench->peer.total, SHORT_LEN);
}

/* legacy-dfu.md 12: 50 packets of 20 bytes, a receipt for every fourth. */
static void fifty_packets_with_receipts(void **state)
{
	struct bench *bench = bench_of(state);
	char script[2048];
	int len = snprintf(
		script, sizeof(script), "%s",
		"cp 01 04; packet 00 00 00 00 00 00 00 00 e8 03 00 00; note 10 01 01; " INIT
		"cp 08 04 00; cp 03; ");

	bench->image.data_len = IMAGE_LEN;
	bench->setup.options = "receipts=4";
	for (int at = 0; at < 960; at += 80)
		len += snprintf(script + len, sizeof(script) - (size_t)len,
				"image %d %d 20; note 11 u32:%d; ", at, at + 80, at + 80);
	snprintf(script + len, sizeof(script) - (size_t)len, "%s",
		 "image 960 1000 20; note 10 03 01; " VALID ACTIVATION);
	assert_int_equal(update(bench, script), OTADFU_OK);
}

/* Transcript app_prn_on_last: 80 bytes are two whole windows. */
static void last_packet_gives_no_receipt(void **state)
{
	struct bench *bench = bench_of(state);

	bench->image.data_len = 80;
	assert_int_equal(
		update(bench, "cp 01 04; packet u32:0 u32:0 u32:80; note 10 01 01; " INIT RECEIVE
			      "image 0 40 20; note 11 u32:40; image 40 80 20; note 10 03 01; " VALID
				      ACTIVATION),
		OTADFU_OK);
}

static void without_receipts_they_are_not_asked_for(void **state)
{
	struct bench *bench = bench_of(state);

	bench->setup.options = "receipts=0";
	assert_int_equal(update(bench, START INIT
				"cp 03; image 0 100 20; note 10 03 01; " VALID ACTIVATION),
			 OTADFU_OK);
}

static void default_is_a_receipt_for_eight_packets_of_20(void **state)
{
	struct bench *bench = bench_of(state);

	bench->setup.options = NULL;
	bench->setup.max_write = 244;
	bench->image.data_len = 200;
	assert_int_equal(update(bench, "cp 01 04; packet u32:0 u32:0 u32:200; note 10 01 01; " INIT
				       "cp 08 08 00; cp 03; image 0 160 20; note 11 u32:160; image "
				       "160 200 20; note 10 03 01; " VALID ACTIVATION),
			 OTADFU_OK);
}

static void packet_size_is_an_option_bounded_by_the_link(void **state)
{
	struct bench *bench = bench_of(state);

	bench->setup.options = "receipts=0 packet_size=64";
	bench->setup.max_write = 50;
	assert_int_equal(update(bench, START INIT
				"cp 03; image 0 100 48; note 10 03 01; " VALID ACTIVATION),
			 OTADFU_OK);
}

static void init_packet_goes_verbatim_in_chunks_of_20(void **state)
{
	struct bench *bench = bench_of(state);

	bench->image.init_len = LONG_INIT_LEN;
	assert_int_equal(update(bench,
				START "cp 02 00; init 0 40 20; cp 02 01; note 10 02 01; " DATA VALID
					ACTIVATION),
			 OTADFU_OK);
}

static void softdevice_comes_back_in_the_bootloader(void **state)
{
	struct bench *bench = bench_of(state);

	bench->image.kind = OTADFU_IMAGE_SD_BL;
	bench->image.sd_len = 60;
	bench->image.bl_len = 40;
	assert_int_equal(update(bench,
				"cp 01 03; packet u32:60 u32:40 u32:0; note 10 01 01; " INIT DATA
					VALID ACTIVATION),
			 OTADFU_OK);
	assert_int_equal(bench->next.match, OTADFU_NEXT_SAME_ADDR | OTADFU_NEXT_ADDR_PLUS_ONE);
	assert_int_equal(bench->next.mode, OTADFU_MODE_BOOTLOADER);
	assert_int_equal(bench->next.within_ms, 60000);
}

static void bootloader_alone_may_start_the_application(void **state)
{
	struct bench *bench = bench_of(state);

	bench->image.kind = OTADFU_IMAGE_BOOTLOADER;
	assert_int_equal(update(bench,
				"cp 01 02; packet u32:0 u32:100 u32:0; note 10 01 01; " INIT DATA
					VALID ACTIVATION),
			 OTADFU_OK);
	assert_int_equal(bench->next.match, OTADFU_NEXT_SAME_ADDR | OTADFU_NEXT_ADDR_PLUS_ONE |
						    OTADFU_NEXT_ADDR_MINUS_ONE);
	assert_int_equal(bench->next.mode, 0);
	assert_int_equal(bench->next.within_ms, 60000);
}

static void what_is_not_waited_for_is_ignored(void **state)
{
	struct bench *bench = bench_of(state);

	assert_int_equal(
		update(bench, START_REQUEST
		       "note 10 07 01 u32:400; note 11 u32:7; note 99; note 10 01 01; " INIT DATA
			       VALID ACTIVATION),
		OTADFU_OK);
}

/* legacy-dfu.md 8. */
static void slowest_answers_are_waited_for(void **state)
{
	struct bench *bench = bench_of(state);

	assert_int_equal(update(bench, START_REQUEST
				"pass 60000; note 10 01 01; " INIT_REQUEST
				"pass 10000; note 10 02 01; " RECEIVE
				"image 0 40 20; pass 10000; note 11 u32:40; image 40 80 20; note "
				"11 u32:80; image 80 100 20; pass 10000; note 10 03 01; cp 04; "
				"pass 30000; note 10 04 01; cp 05; pass 5000; lost"),
			 OTADFU_OK);
	assert_string_equal(bench->peer.notes, "");
}

static void start_of_a_large_image_is_given_time_to_erase(void **state)
{
	struct bench *bench = bench_of(state);

	bench->image.data_len = 800000;
	assert_int_equal(update(bench,
				"cp 01 04; packet u32:0 u32:0 u32:800000; silence; cp 06; lost"),
			 OTADFU_E_TIMEOUT);
	assert_said(bench, "the answer to Start did not come within 93 s");
}

static void notifications_off_cost_one_more_subscription(void **state)
{
	struct bench *bench = bench_of(state);

	assert_int_equal(update(bench, "cp 01 04 -> att fd; " WHOLE), OTADFU_OK);
	assert_int_equal(update(bench, "cp 01 04 -> att fd; cp 01 04 -> att fd; "), OTADFU_E_ATT);
	assert_int_equal(bench->peer.failure.detail, 0xfd);
}

/* -- refusals and restarts: legacy-dfu.md 11 and 12 -- */

static void interrupted_transfer_is_reset_and_begun_again(void **state)
{
	struct bench *bench = bench_of(state);

	assert_int_equal(update(bench, START_REQUEST "note 10 01 02; " RESET), OTADFU_E_BUSY);
	assert_restart_expected(bench, 1000);
	assert_int_equal(bench->peer.failure.detail, 2);
	assert_int_equal(bench->memo.under_way, 0);
	assert_int_equal(update(bench, WHOLE), OTADFU_OK);
}

static void reset_may_go_unanswered(void **state)
{
	struct bench *bench = bench_of(state);

	assert_int_equal(update(bench, START_REQUEST "note 10 01 02; cp 06 -> timeout; lost"),
			 OTADFU_E_BUSY);
	assert_restart_expected(bench, 1000);
	assert_int_equal(update(bench, START_REQUEST "note 10 01 02; cp 06 -> lost"),
			 OTADFU_E_BUSY);
	assert_restart_expected(bench, 1000);
	assert_int_equal(update(bench, START_REQUEST "note 10 01 02; cp 06; stays"), OTADFU_E_BUSY);
	assert_restart_expected(bench, 1000);
}

static void unanswered_start_gives_the_device_twelve_seconds(void **state)
{
	struct bench *bench = bench_of(state);

	assert_int_equal(update(bench, START_REQUEST "silence; cp 06; stays"), OTADFU_E_TIMEOUT);
	assert_restart_expected(bench, 12000);
	assert_said(bench, "the answer to Start did not come within 60 s");
	assert_said(bench, "the device said: nothing");
}

static void refused_start_is_final(void **state)
{
	static const struct {
		const char *script;
		int32_t detail;
		const char *text;
	} cases[] = {
		{ START_REQUEST "note 10 01 03", 3, "multiple of 4" },
		{ START_REQUEST "note 10 01 04", 4, "larger than the room" },
		{ START_REQUEST "note 10 01 06", 6, "operation failed" },
	};
	struct bench *bench = bench_of(state);

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(update(bench, cases[i].script), OTADFU_E_REJECTED);
		assert_int_equal(bench->peer.failure.detail, cases[i].detail);
		assert_said(bench, cases[i].text);
		assert_int_equal(bench->memo.under_way, 1);
	}
}

static void refused_init_packet_says_what_it_asks_for(void **state)
{
	struct bench *bench = bench_of(state);

	assert_int_equal(update(bench, START INIT_REQUEST "note 10 02 06"), OTADFU_E_REJECTED);
	assert_int_equal(bench->peer.failure.detail, 6);
	assert_said(bench, "(10 02 06)");
	assert_said(bench, "device type FFFF, revision FFFF, SoftDevice FFFE (any)");
}

static void refused_start_names_a_length_that_is_no_multiple_of_4(void **state)
{
	struct bench *bench = bench_of(state);

	bench->image.data_len = 99;
	assert_int_equal(update(bench, "cp 01 04; packet u32:0 u32:0 u32:99; note 10 01 03"),
			 OTADFU_E_REJECTED);
	assert_said(bench, "only lengths that are a multiple of 4; this image has 99 bytes");
}

/* As InfiniTime takes it (legacy-dfu.md 10.1). */
static void length_that_is_no_multiple_of_4_is_sent_unchanged(void **state)
{
	struct bench *bench = bench_of(state);

	bench->image.data_len = 99;
	assert_int_equal(update(bench,
				"cp 01 04; packet u32:0 u32:0 u32:99; note 10 01 01; " INIT RECEIVE
				"image 0 40 20; note 11 u32:40; image 40 80 20; note 11 u32:80; "
				"image 80 99 20; note 10 03 01; " VALID ACTIVATION),
			 OTADFU_OK);
}

static void crc_alone_is_no_init_packet_for_a_newer_bootloader(void **state)
{
	struct bench *bench = bench_of(state);

	bench->image.init_len = 2;
	assert_int_equal(update(bench, ""), OTADFU_E_PACKAGE);
	assert_said(bench, "for a bootloader of SDK 6.1 or older");
	assert_int_equal(bench->memo.under_way, 0);
}

static void custom_uuids_are_found(void **state)
{
	static const struct otadfu_chr custom[] = {
		{ .service = { { 0x00, 0x00, 0xab, 0x00, BLUETOOTH_BASE } },
		  .uuid = { { 0x00, 0x00, 0xab, 0x01, BLUETOOTH_BASE } },
		  .id = SCRIPT_CONTROL },
		{ .service = { { 0x00, 0x00, 0xab, 0x00, BLUETOOTH_BASE } },
		  .uuid = { { 0x00, 0x00, 0xab, 0x02, BLUETOOTH_BASE } },
		  .id = SCRIPT_PACKET },
		{ .service = { { 0x00, 0x00, 0xab, 0x00, BLUETOOTH_BASE } },
		  .uuid = { { 0x00, 0x00, 0xab, 0x04, BLUETOOTH_BASE } },
		  .id = SCRIPT_OTHER },
	};
	struct bench *bench = bench_of(state);

	bench->setup.chrs = custom;
	bench->setup.options = "receipts=2 service_uuid=ab00 control_uuid=AB01 "
			       "packet_uuid=0000ab02-0000-1000-8000-00805f9b34fb "
			       "version_uuid=ab04";
	assert_int_equal(update(bench, WHOLE), OTADFU_OK);
	bench->setup.options = "receipts=2 service_uuid=ab00";
	assert_int_equal(update(bench, ""), OTADFU_E_NOT_FOUND);
}

static void first_of_two_init_answers_counts(void **state)
{
	struct bench *bench = bench_of(state);

	assert_int_equal(attempt(bench, START INIT_REQUEST "note 10 02 06; note 10 02 01"),
			 OTADFU_E_REJECTED);
}

static void init_packet_that_did_not_arrive_is_sent_anew(void **state)
{
	struct bench *bench = bench_of(state);

	assert_int_equal(update(bench, START INIT_REQUEST "note 10 02 02; " RESET),
			 OTADFU_E_INTEGRITY);
	assert_restart_expected(bench, 1000);
}

static void overrun_asks_for_more_receipts(void **state)
{
	struct bench *bench = bench_of(state);

	bench->setup.options = "receipts=8";
	assert_int_equal(update(bench, START INIT
				"cp 08 08 00; cp 03; image 0 100 20; note 10 03 06; " RESET),
			 OTADFU_E_INTEGRITY);
	assert_restart_expected(bench, 1000);
	assert_int_equal(bench->memo.receipts, 4);
	assert_int_equal(update(bench, START INIT
				"cp 08 04 00; cp 03; image 0 80 20; note 10 03 06; " RESET),
			 OTADFU_E_INTEGRITY);
	assert_int_equal(bench->memo.receipts, 1);
}

static void overrun_without_receipts_asks_for_them(void **state)
{
	struct bench *bench = bench_of(state);

	bench->setup.options = "receipts=0";
	assert_int_equal(update(bench, START INIT "cp 03; image 0 100 20; note 10 03 06; " RESET),
			 OTADFU_E_INTEGRITY);
	assert_int_equal(bench->memo.receipts, 4);
}

static void receipt_that_differs_restarts_with_more_receipts(void **state)
{
	static const char *const receipts[] = {
		START INIT RECEIVE "image 0 40 20; note 11 u32:20; " RESET,
		START INIT RECEIVE "image 0 40 20; note 11 u32:80; " RESET,
	};

	for (size_t i = 0; i < sizeof(receipts) / sizeof(receipts[0]); i++) {
		struct bench *bench = bench_of(state);

		assert_int_equal(update(bench, receipts[i]), OTADFU_E_INTEGRITY);
		assert_restart_expected(bench, 1000);
		assert_int_equal(bench->memo.receipts, 1);
		assert_said(bench, "where 40 had been sent");
	}
}

static void answers_of_the_data_phase_restart_or_end(void **state)
{
	static const struct {
		const char *script;
		int code;
		int32_t detail;
	} cases[] = {
		{ START INIT RECEIVE "image 0 40 20; note 10 03 02; " RESET, OTADFU_E_INTEGRITY,
		  2 },
		{ START INIT RECEIVE "image 0 40 20; note 10 03 03; ", OTADFU_E_REJECTED, 3 },
		{ START INIT RECEIVE "image 0 40 20; note 10 03 04; " RESET, OTADFU_E_INTEGRITY,
		  4 },
		{ START INIT RECEIVE "image 0 40 20; note 10 03 01; " RESET, OTADFU_E_INTEGRITY,
		  1 },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct bench *bench = bench_of(state);

		assert_int_equal(update(bench, cases[i].script), cases[i].code);
		assert_int_equal(bench->peer.failure.detail, cases[i].detail);
	}
}

static void damaged_image_is_sent_again_packet_by_packet_and_then_refused(void **state)
{
	struct bench *bench = bench_of(state);

	assert_int_equal(update(bench, START INIT DATA "cp 04; note 10 04 05; " RESET),
			 OTADFU_E_INTEGRITY);
	assert_restart_expected(bench, 1000);
	assert_int_equal(
		update(bench, START INIT
		       "cp 08 01 00; cp 03; image 0 20 20; note 11 u32:20; image 20 40 20; note 11 "
		       "u32:40; image 40 60 20; note 11 u32:60; image 60 80 20; note 11 u32:80; "
		       "image 80 100 20; note 10 03 01; cp 04; note 10 04 05"),
		OTADFU_E_REJECTED);
	assert_int_equal(bench->peer.failure.detail, 5);
	assert_said(bench, "does not belong to this firmware");
}

static void too_early_validation_restarts(void **state)
{
	struct bench *bench = bench_of(state);

	assert_int_equal(update(bench, START INIT DATA "cp 04; note 10 04 02; " RESET),
			 OTADFU_E_INTEGRITY);
	assert_restart_expected(bench, 1000);
}

static void every_wait_ends_and_says_what_was_awaited(void **state)
{
	static const struct {
		const char *script;
		const char *text;
	} cases[] = {
		{ START INIT_REQUEST "silence",
		  "the answer to the init packet did not come within 10 s" },
		{ START INIT RECEIVE "image 0 40 20; silence",
		  "a receipt did not come within 10 s" },
		{ START INIT RECEIVE "image 0 40 20; note 11 u32:40; image 40 80 20; note 11 "
				     "u32:80; image 80 100 20; silence",
		  "the answer to the last packet did not come within 10 s; the last the device "
		  "said: 11 50 00 00 00" },
		{ START INIT DATA "cp 04; silence",
		  "the answer to Validate did not come within 30 s" },
		{ "cp 01 04 -> timeout", "while writing Start" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct bench *bench = bench_of(state);

		assert_int_equal(update(bench, cases[i].script), OTADFU_E_TIMEOUT);
		assert_said(bench, cases[i].text);
		assert_int_equal(bench->next.match, 0);
	}
}

/* -- the end -- */

static void activation_needs_no_answer(void **state)
{
	static const char *const scripts[] = {
		START INIT DATA VALID "cp 05 -> timeout; lost",
		START INIT DATA VALID "cp 05 -> att 0e; lost",
		START INIT DATA VALID "cp 05 -> lost",
		START INIT DATA VALID "cp 05; stays",
	};

	for (size_t i = 0; i < sizeof(scripts) / sizeof(scripts[0]); i++) {
		struct bench *bench = bench_of(state);

		assert_int_equal(update(bench, scripts[i]), OTADFU_OK);
		assert_int_equal(bench->next.mode, OTADFU_MODE_APPLICATION);
	}
}

static void activation_refused_on_a_link_that_lives_is_a_failure(void **state)
{
	struct bench *bench = bench_of(state);

	assert_int_equal(update(bench, START INIT DATA VALID "cp 05 -> att 0e; stays"),
			 OTADFU_E_ATT);
	assert_int_equal(bench->next.match, 0);
}

static int operations_of_a_whole_update(struct bench *bench)
{
	assert_int_equal(update(bench, WHOLE), OTADFU_OK);
	return bench->peer.operations;
}

/* The last two operations are the write of 05 and the wait for the loss. */
static void lost_link_before_activation_is_never_success(void **state)
{
	struct bench *bench = bench_of(state);
	int operations = operations_of_a_whole_update(bench);

	for (int i = 0; i < operations - 2; i++) {
		bench->setup.cut_at = i;
		assert_int_equal(attempt(bench, WHOLE), OTADFU_E_DISCONNECTED);
		assert_restart_expected(bench, 0);
		assert_int_equal(bench->next.flags, OTADFU_NEXT_DIRECTED);
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

static void cancellation_during_a_restart_is_cancellation(void **state)
{
	struct bench *bench = bench_of(state);

	bench->setup.cancel_at = 4;
	assert_int_equal(attempt(bench, START_REQUEST "note 10 01 02; " RESET), OTADFU_E_CANCELLED);
}

static void empty_package_never_reaches_the_device(void **state)
{
	struct bench *bench = bench_of(state);

	bench->image.data_len = 0;
	assert_int_equal(update(bench, ""), OTADFU_E_PACKAGE);
	bench->image.data_len = SHORT_LEN;
	bench->image.init_len = 0;
	assert_int_equal(update(bench, ""), OTADFU_E_PACKAGE);
	bench->image.init_len = INIT_LEN;
	bench->image.kind = OTADFU_IMAGE_EXTERNAL_APP;
	assert_int_equal(update(bench, ""), OTADFU_E_PACKAGE);
}

/* Section 4: the device adds the sizes up, and nothing else. */
static void parts_that_are_not_the_whole_never_reach_the_device(void **state)
{
	static const uint32_t parts[][2] = { { 60, 30 }, { 0, 100 }, { 100, 0 }, { 60, 60 } };
	struct bench *bench = bench_of(state);

	bench->image.kind = OTADFU_IMAGE_SD_BL;
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		bench->image.sd_len = parts[i][0];
		bench->image.bl_len = parts[i][1];
		assert_int_equal(update(bench, ""), OTADFU_E_PACKAGE);
		assert_int_equal(bench->memo.under_way, 0);
	}
}

static void packet_size_is_rounded_to_words(void **state)
{
	struct bench *bench = bench_of(state);

	bench->setup.options = "receipts=0 packet_size=19";
	assert_int_equal(update(bench, START INIT
				"cp 03; image 0 100 16; note 10 03 01; " VALID ACTIVATION),
			 OTADFU_OK);
}

static void abort_resets_only_a_device_that_was_started(void **state)
{
	struct bench *bench = bench_of(state);
	const struct otadfu_protocol_ops *ops = bench->setup.ops;

	script_begin(&bench->peer, &bench->setup, "", &bench->memo);
	assert_int_equal(ops->abort(&bench->peer.ctx), OTADFU_OK);
	script_end(&bench->peer);

	bench->memo.under_way = 1;
	script_begin(&bench->peer, &bench->setup, "cp 06 -> timeout", &bench->memo);
	bench->peer.subscribed = true;
	assert_int_equal(ops->abort(&bench->peer.ctx), OTADFU_E_TIMEOUT);
	assert_in_range(bench->peer.now_ms, 1000000, 1000800);
	script_end(&bench->peer);
	assert_int_equal(bench->memo.under_way, 0);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(application_is_sent_validated_and_activated),
		cmocka_unit_test(fifty_packets_with_receipts),
		cmocka_unit_test(last_packet_gives_no_receipt),
		cmocka_unit_test(without_receipts_they_are_not_asked_for),
		cmocka_unit_test(default_is_a_receipt_for_eight_packets_of_20),
		cmocka_unit_test(packet_size_is_an_option_bounded_by_the_link),
		cmocka_unit_test(init_packet_goes_verbatim_in_chunks_of_20),
		cmocka_unit_test(softdevice_comes_back_in_the_bootloader),
		cmocka_unit_test(bootloader_alone_may_start_the_application),
		cmocka_unit_test(what_is_not_waited_for_is_ignored),
		cmocka_unit_test(slowest_answers_are_waited_for),
		cmocka_unit_test(start_of_a_large_image_is_given_time_to_erase),
		cmocka_unit_test(notifications_off_cost_one_more_subscription),
		cmocka_unit_test(interrupted_transfer_is_reset_and_begun_again),
		cmocka_unit_test(reset_may_go_unanswered),
		cmocka_unit_test(unanswered_start_gives_the_device_twelve_seconds),
		cmocka_unit_test(refused_start_is_final),
		cmocka_unit_test(refused_init_packet_says_what_it_asks_for),
		cmocka_unit_test(refused_start_names_a_length_that_is_no_multiple_of_4),
		cmocka_unit_test(length_that_is_no_multiple_of_4_is_sent_unchanged),
		cmocka_unit_test(crc_alone_is_no_init_packet_for_a_newer_bootloader),
		cmocka_unit_test(custom_uuids_are_found),
		cmocka_unit_test(first_of_two_init_answers_counts),
		cmocka_unit_test(init_packet_that_did_not_arrive_is_sent_anew),
		cmocka_unit_test(overrun_asks_for_more_receipts),
		cmocka_unit_test(overrun_without_receipts_asks_for_them),
		cmocka_unit_test(receipt_that_differs_restarts_with_more_receipts),
		cmocka_unit_test(answers_of_the_data_phase_restart_or_end),
		cmocka_unit_test(damaged_image_is_sent_again_packet_by_packet_and_then_refused),
		cmocka_unit_test(too_early_validation_restarts),
		cmocka_unit_test(every_wait_ends_and_says_what_was_awaited),
		cmocka_unit_test(activation_needs_no_answer),
		cmocka_unit_test(activation_refused_on_a_link_that_lives_is_a_failure),
		cmocka_unit_test(lost_link_before_activation_is_never_success),
		cmocka_unit_test(cancellation_ends_it_at_any_step),
		cmocka_unit_test(cancellation_during_a_restart_is_cancellation),
		cmocka_unit_test(empty_package_never_reaches_the_device),
		cmocka_unit_test(parts_that_are_not_the_whole_never_reach_the_device),
		cmocka_unit_test(packet_size_is_rounded_to_words),
		cmocka_unit_test(abort_resets_only_a_device_that_was_started),
	};

	return cmocka_run_group_tests_name("legacy_update", tests, NULL, NULL);
}
