/* Firmware that takes updates while it runs (legacy-dfu.md 10.1), against scripts. */
#include "legacy_client_bench.h"
#include "uuid.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* cmocka wants setjmp, stdarg, stddef and stdint first. */
#include <cmocka.h>

#define DFU_BASE 0x12, 0x12, 0xef, 0xde, 0x15, 0x23, 0x78, 0x5f, 0xea, 0xbc, 0xd1, 0x23
#define DFU_CHR(low, number)                                                                       \
	{                                                                                          \
		.service = { { 0x00, 0x00, 0x15, 0x30, DFU_BASE } },                               \
		.uuid = { { 0x00, 0x00, 0x15, low, DFU_BASE } }, .id = (number)                    \
	}
#define OTHER_CHR(low)                                                                             \
	{                                                                                          \
		.service = { { 0x00, 0x00, 0x18, low, BLUETOOTH_BASE } },                          \
		.uuid = { { 0x00, 0x00, 0x2a, 0x29, BLUETOOTH_BASE } }, .id = 20                   \
	}

static const struct otadfu_chr watch[] = {
	OTHER_CHR(0x00),
	OTHER_CHR(0x0a),
	OTHER_CHR(0x0f),
	DFU_CHR(0x31, SCRIPT_CONTROL),
	DFU_CHR(0x32, SCRIPT_PACKET),
	DFU_CHR(0x34, SCRIPT_OTHER),
};
/* Adafruit's. */
static const struct otadfu_chr bootloader[] = {
	OTHER_CHR(0x00),
	OTHER_CHR(0x0a),
	DFU_CHR(0x31, SCRIPT_CONTROL),
	DFU_CHR(0x32, SCRIPT_PACKET),
	DFU_CHR(0x34, SCRIPT_OTHER),
};

static struct bench *watch_of(void **state)
{
	struct bench *bench = bench_of(state);

	bench->setup.chrs = watch;
	bench->setup.chr_count = sizeof(watch) / sizeof(watch[0]);
	return bench;
}

static void assert_left_alone(const struct bench *bench)
{
	assert_int_equal(bench->next.match, OTADFU_NEXT_SAME_ADDR);
	assert_int_equal(bench->next.mode, 0);
	assert_int_equal(bench->next.not_before_ms, 12000);
	assert_int_equal(bench->next.flags, 0);
}

static uint32_t probed_mode(struct bench *bench)
{
	struct otadfu_probe probe = { .size = sizeof(probe) };

	script_begin(&bench->peer, &bench->setup, "read 08 00", &bench->memo);
	assert_int_equal(bench->setup.ops->probe(&bench->peer.ctx, &probe), OTADFU_OK);
	assert_int_equal(probe.score, 100);
	return probe.mode;
}

static void it_is_expected_at_its_address_as_application(void **state)
{
	struct bench *bench = watch_of(state);

	assert_int_equal(update(bench, WHOLE), OTADFU_OK);
	assert_int_equal(bench->next.match, OTADFU_NEXT_SAME_ADDR);
	assert_int_equal(bench->next.mode, OTADFU_MODE_APPLICATION);
	assert_int_equal(bench->next.within_ms, 180000);
	assert_non_null(strstr(bench->peer.notes, "confirm the new firmware on the device"));
}

/* Its version is always that of a bootloader. */
static void its_mode_is_not_told_once_it_was_updated(void **state)
{
	struct bench *bench = watch_of(state);

	assert_int_equal(probed_mode(bench), OTADFU_MODE_BOOTLOADER);
	assert_int_equal(update(bench, WHOLE), OTADFU_OK);
	assert_int_equal(probed_mode(bench), 0);
}

static void bootloader_with_device_information_is_none(void **state)
{
	struct bench *bench = bench_of(state);

	bench->setup.chrs = bootloader;
	bench->setup.chr_count = sizeof(bootloader) / sizeof(bootloader[0]);
	assert_int_equal(update(bench, WHOLE), OTADFU_OK);
	assert_int_equal(bench->next.match, OTADFU_NEXT_SAME_ADDR | OTADFU_NEXT_ADDR_MINUS_ONE);
}

static void profile_may_call_it_a_bootloader(void **state)
{
	struct bench *bench = watch_of(state);

	bench->setup.options = "receipts=2 mode=bootloader";
	assert_int_equal(update(bench, WHOLE), OTADFU_OK);
	assert_int_equal(bench->next.match, OTADFU_NEXT_SAME_ADDR | OTADFU_NEXT_ADDR_MINUS_ONE);
}

static void slow_answers_are_waited_for(void **state)
{
	struct bench *bench = watch_of(state);

	assert_int_equal(update(bench,
				START_REQUEST "pass 45000; note 10 01 01; " INIT_REQUEST
					      "pass 1000; note 10 02 01; " DATA
					      "cp 04; pass 1000; note 10 04 01; " ACTIVATION),
			 OTADFU_OK);
}

static void receipts_are_asked_for_by_one_byte_that_is_not_0(void **state)
{
	static const char *const options[] = { "receipts=0", "receipts=256", "receipts=65535" };

	for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
		struct bench *bench = watch_of(state);

		bench->setup.options = options[i];
		assert_int_equal(update(bench, START INIT
					"cp 08 08 00; cp 03; image 0 100 20; note 10 03 01; " VALID
						ACTIVATION),
				 OTADFU_OK);
	}
}

static void packets_have_20_bytes_whatever_the_profile_says(void **state)
{
	struct bench *bench = watch_of(state);

	bench->setup.options = "receipts=2 packet_size=40";
	bench->setup.max_write = 244;
	assert_int_equal(update(bench, WHOLE), OTADFU_OK);
}

static void init_packet_fits_one_packet_and_ends_with_the_crc(void **state)
{
	static const uint8_t with_id[] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01,
					   0x00, 0xfe, 0xff, 0,    0,    0,    0,    0x12, 0x34 };
	struct bench *bench = watch_of(state);

	bench->image.init_len = LONG_INIT_LEN;
	assert_int_equal(update(bench, ""), OTADFU_E_PACKAGE);
	assert_said(bench, "at most 20 bytes");
	bench->image.init = with_id;
	bench->image.init_len = sizeof(with_id);
	assert_int_equal(update(bench, ""), OTADFU_E_PACKAGE);
	assert_said(bench, "make it with --dfu-ver 0.5");
}

static void nothing_but_an_application_is_begun(void **state)
{
	struct bench *bench = watch_of(state);

	bench->image.kind = OTADFU_IMAGE_BOOTLOADER;
	assert_int_equal(update(bench, ""), OTADFU_E_PACKAGE);
	assert_said(bench, "applications only");
}

static void it_is_left_alone_for_twelve_seconds_after_any_failure(void **state)
{
	static const struct {
		const char *script;
		int code;
	} cases[] = {
		{ START_REQUEST "silence; cp 06; stays", OTADFU_E_TIMEOUT },
		{ START_REQUEST "lost", OTADFU_E_DISCONNECTED },
		{ START INIT_REQUEST "silence", OTADFU_E_TIMEOUT },
		{ START INIT RECEIVE "image 0 40 20; silence", OTADFU_E_TIMEOUT },
		{ START INIT RECEIVE "image 0 40 20; lost", OTADFU_E_DISCONNECTED },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct bench *bench = watch_of(state);

		assert_int_equal(update(bench, cases[i].script), cases[i].code);
		assert_left_alone(bench);
	}
}

/* The answer to a damaged image is lost with the state that it ends. */
static void silence_at_validate_means_a_damaged_image(void **state)
{
	struct bench *bench = watch_of(state);

	assert_int_equal(update(bench, START INIT DATA "cp 04; silence"), OTADFU_E_INTEGRITY);
	assert_left_alone(bench);
	assert_int_equal(bench->memo.receipts, 1);
	assert_int_equal(
		update(bench, START INIT
		       "cp 08 01 00; cp 03; image 0 20 20; note 11 u32:20; image 20 40 20; note 11 "
		       "u32:40; image 40 60 20; note 11 u32:60; image 60 80 20; note 11 u32:80; "
		       "image 80 100 20; note 10 03 01; cp 04; silence"),
		OTADFU_E_REJECTED);
	assert_said(bench, "does not belong to this firmware");
}

static void updates_that_its_user_switched_off_are_told(void **state)
{
	struct bench *bench = watch_of(state);
	struct otadfu_probe probe = { .size = sizeof(probe) };

	script_begin(&bench->peer, &bench->setup, "read -> att 08", &bench->memo);
	assert_int_equal(bench->setup.ops->probe(&bench->peer.ctx, &probe), OTADFU_E_SECURITY);
	assert_said(bench, "enable it on the watch");
	assert_int_equal(update(bench, "cp 01 04 -> att 08"), OTADFU_E_SECURITY);
	assert_said(bench, "enable it on the watch");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_is_expected_at_its_address_as_application),
		cmocka_unit_test(its_mode_is_not_told_once_it_was_updated),
		cmocka_unit_test(bootloader_with_device_information_is_none),
		cmocka_unit_test(profile_may_call_it_a_bootloader),
		cmocka_unit_test(slow_answers_are_waited_for),
		cmocka_unit_test(receipts_are_asked_for_by_one_byte_that_is_not_0),
		cmocka_unit_test(packets_have_20_bytes_whatever_the_profile_says),
		cmocka_unit_test(init_packet_fits_one_packet_and_ends_with_the_crc),
		cmocka_unit_test(nothing_but_an_application_is_begun),
		cmocka_unit_test(it_is_left_alone_for_twelve_seconds_after_any_failure),
		cmocka_unit_test(silence_at_validate_means_a_damaged_image),
		cmocka_unit_test(updates_that_its_user_switched_off_are_told),
	};

	return cmocka_run_group_tests_name("legacy_embedded", tests, NULL, NULL);
}
