#include "secure_init.h"
#include "secure_msg.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* cmocka wants the four above first. */
#include <cmocka.h>

static void assert_request(struct secure_request request, const uint8_t *bytes, size_t len)
{
	assert_int_equal(request.len, len);
	assert_memory_equal(request.bytes, bytes, len);
}

static void requests_have_exact_lengths(void **state)
{
	static const uint8_t create[] = { 0x01, 0x02, 0x00, 0x10, 0x00, 0x00 };
	static const uint8_t receipts[] = { 0x02, 0x0c, 0x00 };
	static const uint8_t checksum[] = { 0x03 };
	static const uint8_t select[] = { 0x06, 0x01 };

	(void)state;
	assert_request(secure_create(SECURE_DATA, 4096), create, sizeof(create));
	assert_request(secure_set_receipts(12), receipts, sizeof(receipts));
	assert_request(secure_plain(SECURE_CHECKSUM), checksum, sizeof(checksum));
	assert_request(secure_select(SECURE_COMMAND), select, sizeof(select));
}

/* secure-dfu.md 13. */
static void select_and_checksum_carry_progress(void **state)
{
	static const uint8_t select[] = { 0x60, 0x06, 0x01, 0x00, 0x10, 0x00, 0x00, 0x64,
					  0x10, 0x00, 0x00, 0x08, 0x7a, 0x80, 0x7e };
	static const uint8_t checksum[] = { 0x60, 0x03, 0x01, 0x8c, 0x00, 0x00,
					    0x00, 0x08, 0x7a, 0x80, 0x7e };
	struct secure_answer answer;

	(void)state;
	assert_true(secure_decode(select, sizeof(select), &answer));
	assert_int_equal(answer.max_size, 4096);
	assert_int_equal(answer.offset, 4196);
	assert_int_equal(answer.crc, 0x7e807a08);
	assert_true(secure_decode(checksum, sizeof(checksum), &answer));
	assert_int_equal(answer.offset, 140);
	assert_int_equal(answer.crc, 0x7e807a08);
}

static void extended_errors_become_one_number(void **state)
{
	static const uint8_t extended[] = { 0x60, 0x04, 0x0b, 0x06 };
	static const uint8_t cut[] = { 0x60, 0x04, 0x0b };
	struct secure_answer answer;

	(void)state;
	assert_true(secure_decode(extended, sizeof(extended), &answer));
	assert_int_equal(answer.op, SECURE_EXECUTE);
	assert_int_equal(answer.result, 0x0b06);
	assert_true(secure_decode(cut, sizeof(cut), &answer));
	assert_int_equal(answer.result, 0x0b00);
}

static void cut_or_foreign_answers_are_not_decoded(void **state)
{
	static const uint8_t select[] = { 0x60, 0x06, 0x01, 0x00, 0x10, 0x00, 0x00, 0x64,
					  0x10, 0x00, 0x00, 0x08, 0x7a, 0x80, 0x7e };
	static const uint8_t foreign[] = { 0x20, 0x01, 0x01 };
	struct secure_answer answer;

	(void)state;
	for (size_t len = 0; len < sizeof(select); len++)
		assert_false(secure_decode(select, len, &answer));
	assert_false(secure_decode(foreign, sizeof(foreign), &answer));
}

static void refused_answers_need_no_payload(void **state)
{
	static const uint8_t refused[] = { 0x60, 0x06, 0x05 };
	struct secure_answer answer;

	(void)state;
	assert_true(secure_decode(refused, sizeof(refused), &answer));
	assert_int_equal(answer.result, SECURE_INVALID_OBJECT);
}

static void every_result_has_words(void **state)
{
	static const uint16_t listed[] = { 0x00,   0x01,   0x02,   0x03,   0x04,   0x05,
					   0x07,   0x08,   0x0a,   0x0b00, 0x0b01, 0x0b02,
					   0x0b03, 0x0b04, 0x0b05, 0x0b06, 0x0b07, 0x0b08,
					   0x0b09, 0x0b0a, 0x0b0b, 0x0b0c, 0x0b0d };

	(void)state;
	for (size_t i = 0; i < sizeof(listed) / sizeof(listed[0]); i++)
		assert_string_not_equal(secure_result_text(listed[i]), "unknown result");
	assert_string_equal(secure_result_text(0x06), "unknown result");
	assert_string_equal(secure_result_text(0x0b0e), "unknown result");
	assert_string_equal(secure_result_advice(0x0b0e), "");
}

static void codes_read_as_on_the_wire(void **state)
{
	char text[SECURE_CODE_TEXT];

	(void)state;
	secure_format_code(0x0b06, text);
	assert_string_equal(text, "0B 06");
	secure_format_code(0x0a, text);
	assert_string_equal(text, "0A");
}

/* secure-dfu.md 8: no tail is lost when the last 1 to 3 bytes go alone. */
static void packets_are_whole_words_but_for_the_last_three_bytes(void **state)
{
	static const struct {
		size_t left, payload, len;
	} cases[] = {
		{ 4096, 244, 244 }, { 192, 244, 192 }, { 193, 244, 192 },
		{ 195, 244, 192 },  { 21, 20, 20 },    { 7, 20, 4 },
		{ 4, 20, 4 },       { 3, 20, 3 },      { 1, 244, 1 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(secure_packet_len(cases[i].left, cases[i].payload), cases[i].len);
}

static void no_packet_is_empty_and_no_tail_is_cut(void **state)
{
	(void)state;
	for (size_t total = 1; total < 600; total++) {
		for (size_t left = total; left > 0;) {
			size_t len = secure_packet_len(left, 244);

			assert_in_range(len, 1, left);
			assert_true(len % 20 % 4 == 0 || len % 20 < 4);
			left -= len;
		}
	}
}

/* -- the init packet -- */

/* fw_version 2, hw_version 52, sd_req 0100 and 0101, type application, app_size 1000. */
static const uint8_t init_command[] = { 0x0a, 0x13, 0x08, 0x01, 0x12, 0x0f, 0x08,
					0x02, 0x10, 0x34, 0x1a, 0x04, 0x80, 0x02,
					0x81, 0x02, 0x20, 0x00, 0x38, 0xe8, 0x07 };

static void assert_described(const uint8_t *dat, size_t len, uint16_t result, const char *expected)
{
	struct secure_init init = secure_init_read(dat, len);
	char text[SECURE_INIT_TEXT];

	secure_init_describe(&init, result, text);
	assert_string_equal(text, expected);
}

static void unsigned_init_packet_is_read(void **state)
{
	(void)state;
	assert_described(init_command, sizeof(init_command), SECURE_HARDWARE_FAILURE,
			 " hw_version 52");
	assert_described(init_command, sizeof(init_command), SECURE_VERSION_FAILURE,
			 " fw_version 2");
	assert_described(init_command, sizeof(init_command), SECURE_SOFTDEVICE_FAILURE,
			 " SoftDevice 0100 or 0101");
	assert_described(init_command, sizeof(init_command), SECURE_INVALID_OBJECT,
			 " hw_version 52, fw_version 2, SoftDevice 0100 or 0101");
}

static void signed_init_packet_is_read(void **state)
{
	uint8_t dat[sizeof(init_command) + 8] = { 0x12, sizeof(init_command) + 6 };

	(void)state;
	memcpy(dat + 2, init_command, sizeof(init_command));
	memcpy(dat + 2 + sizeof(init_command), (const uint8_t[]){ 0x10, 0, 0x1a, 2, 0xab, 0xcd },
	       6);
	assert_described(dat, sizeof(dat), SECURE_HARDWARE_FAILURE, " hw_version 52");
}

static void unpacked_softdevices_are_read(void **state)
{
	static const uint8_t dat[] = { 0x0a, 0x0a, 0x08, 0x01, 0x12, 0x06,
				       0x18, 0x80, 0x02, 0x18, 0x81, 0x02 };

	(void)state;
	assert_described(dat, sizeof(dat), SECURE_SOFTDEVICE_FAILURE, " SoftDevice 0100 or 0101");
}

static void missing_fields_are_said_to_be_missing(void **state)
{
	(void)state;
	assert_described(NULL, 0, SECURE_FAILED, " no hw_version, no fw_version, SoftDevice none");
}

/* Cut, and with each byte set to each of a few values: read somehow, never past its end. */
static void damaged_init_packets_are_survived(void **state)
{
	static const uint8_t values[] = { 0x00, 0x7f, 0x80, 0xff };
	char text[SECURE_INIT_TEXT];

	(void)state;
	for (size_t len = 0; len <= sizeof(init_command); len++) {
		for (size_t at = 0; at < len; at++) {
			for (size_t i = 0; i < sizeof(values); i++) {
				uint8_t *dat = malloc(len);
				struct secure_init init;

				assert_non_null(dat);
				memcpy(dat, init_command, len);
				dat[at] = values[i];
				init = secure_init_read(dat, len);
				secure_init_describe(&init, SECURE_FAILED, text);
				free(dat);
			}
		}
	}
}

static void many_softdevices_fit_the_text(void **state)
{
	struct secure_init init = { .fw_version = UINT32_MAX,
				    .hw_version = UINT32_MAX,
				    .softdevice_count = SECURE_INIT_SOFTDEVICES };
	char text[SECURE_INIT_TEXT];

	(void)state;
	for (size_t i = 0; i < SECURE_INIT_SOFTDEVICES; i++)
		init.softdevices[i] = UINT32_MAX;
	secure_init_describe(&init, SECURE_FAILED, text);
	assert_in_range(strlen(text), 1, SECURE_INIT_TEXT - 1);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(requests_have_exact_lengths),
		cmocka_unit_test(select_and_checksum_carry_progress),
		cmocka_unit_test(extended_errors_become_one_number),
		cmocka_unit_test(cut_or_foreign_answers_are_not_decoded),
		cmocka_unit_test(refused_answers_need_no_payload),
		cmocka_unit_test(every_result_has_words),
		cmocka_unit_test(codes_read_as_on_the_wire),
		cmocka_unit_test(packets_are_whole_words_but_for_the_last_three_bytes),
		cmocka_unit_test(no_packet_is_empty_and_no_tail_is_cut),
		cmocka_unit_test(unsigned_init_packet_is_read),
		cmocka_unit_test(signed_init_packet_is_read),
		cmocka_unit_test(unpacked_softdevices_are_read),
		cmocka_unit_test(missing_fields_are_said_to_be_missing),
		cmocka_unit_test(damaged_init_packets_are_survived),
		cmocka_unit_test(many_softdevices_fit_the_text),
	};

	return cmocka_run_group_tests_name("secure_msg", tests, NULL, NULL);
}
