#include "legacy_msg.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* cmocka wants the four above first. */
#include <cmocka.h>

static void each_kind_has_its_mode_and_sizes(void **state)
{
	static const struct {
		uint32_t kind;
		uint8_t mode;
		uint8_t sizes[LEGACY_SIZES_LEN];
	} cases[] = {
		{ OTADFU_IMAGE_APPLICATION, 0x04, { 0, 0, 0, 0, 0, 0, 0, 0, 0xe8, 3, 0, 0 } },
		{ OTADFU_IMAGE_SOFTDEVICE, 0x01, { 0xe8, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 } },
		{ OTADFU_IMAGE_BOOTLOADER, 0x02, { 0, 0, 0, 0, 0xe8, 3, 0, 0, 0, 0, 0, 0 } },
		{ OTADFU_IMAGE_SD_BL, 0x03, { 0xbc, 2, 0, 0, 0x2c, 1, 0, 0, 0, 0, 0, 0 } },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct otadfu_image image = {
			.kind = cases[i].kind, .data_len = 1000, .sd_len = 700, .bl_len = 300
		};
		uint8_t sizes[LEGACY_SIZES_LEN];
		uint8_t mode = 0;

		assert_true(legacy_encode_start(&image, &mode, sizes));
		assert_int_equal(mode, cases[i].mode);
		assert_memory_equal(sizes, cases[i].sizes, sizeof(sizes));
	}
}

static void external_application_cannot_be_started(void **state)
{
	struct otadfu_image image = { .kind = OTADFU_IMAGE_EXTERNAL_APP, .data_len = 4 };
	uint8_t sizes[LEGACY_SIZES_LEN];
	uint8_t mode;

	(void)state;
	assert_false(legacy_encode_start(&image, &mode, sizes));
}

static void receipts_are_asked_for_in_little_endian(void **state)
{
	static const uint8_t expected[] = { 0x08, 0x34, 0x12 };
	uint8_t request[LEGACY_RECEIPTS_LEN];

	(void)state;
	legacy_encode_receipts(0x1234, request);
	assert_memory_equal(request, expected, sizeof(expected));
}

static void notes_are_responses_or_receipts(void **state)
{
	static const uint8_t response[] = { 0x10, 0x03, 0x06 };
	static const uint8_t receipt[] = { 0x11, 0xc0, 0x03, 0x00, 0x00 };
	struct legacy_note note;

	(void)state;
	assert_true(legacy_decode_note(response, sizeof(response), &note));
	assert_int_equal(note.kind, LEGACY_RESPONSE);
	assert_int_equal(note.op, LEGACY_RECEIVE);
	assert_int_equal(note.status, LEGACY_FAILED);
	assert_true(legacy_decode_note(receipt, sizeof(receipt), &note));
	assert_int_equal(note.kind, LEGACY_RECEIPT);
	assert_int_equal(note.bytes, 960);
}

static void short_or_foreign_notes_are_not_decoded(void **state)
{
	static const uint8_t response[] = { 0x10, 0x03 };
	static const uint8_t receipt[] = { 0x11, 0xc0, 0x03, 0x00 };
	static const uint8_t foreign[] = { 0x60, 0x03, 0x01, 0x00, 0x00 };
	struct legacy_note note;

	(void)state;
	assert_false(legacy_decode_note(response, sizeof(response), &note));
	assert_false(legacy_decode_note(receipt, sizeof(receipt), &note));
	assert_false(legacy_decode_note(foreign, sizeof(foreign), &note));
	assert_false(legacy_decode_note(NULL, 0, &note));
}

/* The policy table of legacy-dfu.md 11, and the answers of 4 and 7 it does not name. */
static void each_answer_has_its_consequence(void **state)
{
	static const struct {
		uint8_t op, status;
		int code;
		bool restart;
		enum legacy_pace pace;
	} cases[] = {
		{ 1, 2, OTADFU_E_BUSY, true, LEGACY_PACE_SAME },
		{ 1, 3, OTADFU_E_REJECTED, false, LEGACY_PACE_SAME },
		{ 1, 4, OTADFU_E_REJECTED, false, LEGACY_PACE_SAME },
		{ 1, 6, OTADFU_E_REJECTED, false, LEGACY_PACE_SAME },
		{ 2, 2, OTADFU_E_INTEGRITY, true, LEGACY_PACE_SAME },
		{ 2, 6, OTADFU_E_REJECTED, false, LEGACY_PACE_SAME },
		{ 3, 2, OTADFU_E_INTEGRITY, true, LEGACY_PACE_SAME },
		{ 3, 3, OTADFU_E_REJECTED, false, LEGACY_PACE_SAME },
		{ 3, 4, OTADFU_E_INTEGRITY, true, LEGACY_PACE_SAME },
		{ 3, 6, OTADFU_E_INTEGRITY, true, LEGACY_PACE_SLOWER },
		{ 4, 2, OTADFU_E_INTEGRITY, true, LEGACY_PACE_SLOWER },
		{ 4, 5, OTADFU_E_INTEGRITY, true, LEGACY_PACE_ONE },
		{ 4, 99, OTADFU_E_REJECTED, false, LEGACY_PACE_SAME },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct legacy_verdict *verdict = legacy_verdict(cases[i].op, cases[i].status);

		assert_int_equal(verdict->code, cases[i].code);
		assert_int_equal(verdict->restart, cases[i].restart);
		assert_int_equal(verdict->pace, cases[i].pace);
		assert_non_null(verdict->advice);
	}
}

static void every_status_has_words(void **state)
{
	(void)state;
	for (uint8_t status = LEGACY_SUCCESS; status <= LEGACY_FAILED; status++)
		assert_string_not_equal(legacy_status_text(status), "unknown status");
	assert_string_equal(legacy_status_text(0), "unknown status");
	assert_string_equal(legacy_status_text(7), "unknown status");
	assert_string_equal(legacy_status_text(255), "unknown status");
	assert_string_equal(legacy_op_text(255), "a request");
}

/* legacy-dfu.md 6: what follows the list of SoftDevices, in each format. */
static void crc_stands_behind_the_list_of_softdevices(void **state)
{
	static const uint8_t alone[] = { 0xc6, 0x6f };
	static const uint8_t two_ids[] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
					   0x02, 0x00, 0x64, 0x00, 0x67, 0x00, 0x29, 0xb1 };
	static const uint8_t padded[] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
					  0x01, 0x00, 0xfe, 0xff, 0x29, 0xb1, 0x00, 0x00 };
	static const uint8_t numbered[] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01,
					    0x00, 0xfe, 0xff, 0x00, 0x00, 0x00, 0x00, 0x29, 0xb1 };

	(void)state;
	assert_ptr_equal(legacy_init_crc(alone, sizeof(alone)), alone);
	assert_ptr_equal(legacy_init_crc(two_ids, sizeof(two_ids)), two_ids + 14);
	assert_ptr_equal(legacy_init_crc(padded, sizeof(padded)), padded + 12);
	assert_ptr_equal(legacy_init_crc(numbered, sizeof(numbered)), numbered + 16);
}

static void init_packet_with_a_hash_or_cut_short_has_no_crc(void **state)
{
	uint8_t dat[128] = { 0 };

	(void)state;
	dat[8] = 1;
	for (size_t len = 0; len <= sizeof(dat); len++) {
		const uint8_t *crc = legacy_init_crc(dat, len);

		assert_int_equal(crc != NULL, len == 2 || len == 14 || len == 16 || len == 18);
	}
	dat[12] = 1;
	assert_null(legacy_init_crc(dat, 18));
	dat[8] = dat[9] = 0xff;
	assert_null(legacy_init_crc(dat, sizeof(dat)));
}

static void init_packet_is_described(void **state)
{
	static const uint8_t dat[] = { 0x52, 0x00, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
				       0x02, 0x00, 0x64, 0x00, 0xfe, 0xff, 0x29, 0xb1 };
	char text[LEGACY_INIT_TEXT];

	(void)state;
	legacy_describe_init(dat, sizeof(dat), text);
	assert_string_equal(text, "device type 0052, revision FFFF, SoftDevice 0064, FFFE (any)");
}

static void cut_init_packets_are_described_as_far_as_they_go(void **state)
{
	uint8_t dat[64];
	char text[LEGACY_INIT_TEXT];

	(void)state;
	memset(dat, 0xff, sizeof(dat));
	for (size_t len = 0; len <= sizeof(dat); len++) {
		legacy_describe_init(dat, len, text);
		assert_true(strlen(text) > 0);
	}
	legacy_describe_init(dat, 9, text);
	assert_string_equal(text, "only 9 bytes, too short for an init packet");
	dat[8] = dat[9] = 0;
	legacy_describe_init(dat, 12, text);
	assert_string_equal(text, "device type FFFF, revision FFFF, SoftDevice none");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_kind_has_its_mode_and_sizes),
		cmocka_unit_test(external_application_cannot_be_started),
		cmocka_unit_test(receipts_are_asked_for_in_little_endian),
		cmocka_unit_test(notes_are_responses_or_receipts),
		cmocka_unit_test(short_or_foreign_notes_are_not_decoded),
		cmocka_unit_test(each_answer_has_its_consequence),
		cmocka_unit_test(every_status_has_words),
		cmocka_unit_test(crc_stands_behind_the_list_of_softdevices),
		cmocka_unit_test(init_packet_with_a_hash_or_cut_short_has_no_crc),
		cmocka_unit_test(init_packet_is_described),
		cmocka_unit_test(cut_init_packets_are_described_as_far_as_they_go),
	};

	return cmocka_run_group_tests_name("legacy_msg", tests, NULL, NULL);
}
