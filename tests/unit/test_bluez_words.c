/* What bluetoothd says, in codes. */
#include "words.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <otadfu/error.h>

#include <cmocka.h>

#define DEVICE "/org/bluez/hci0/dev_C0_FF_EE_00_00_0C"

static void an_att_error_by_number_is_that_error(void **state)
{
	struct verdict verdict =
		words_of_request("org.bluez.Error.Failed", "Operation failed with ATT error: 0x8a");

	(void)state;
	assert_int_equal(verdict.code, OTADFU_E_ATT);
	assert_int_equal(verdict.att_error, 0x8A);
}

static void a_number_that_is_none_is_not_taken_for_one(void **state)
{
	static const char *const texts[] = { "ATT error: 0x", "ATT error: 0x8", "ATT error: 0xg1",
					     "ATT error: 0x00", "" };

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		assert_int_equal(words_of_request("org.bluez.Error.Failed", texts[i]).att_error, 0);
}

static void an_error_without_a_text_has_a_code(void **state)
{
	(void)state;
	assert_int_equal(words_of_request("org.bluez.Error.Failed", NULL).code, OTADFU_E_IO);
	assert_int_equal(words_of_connect("org.bluez.Error.Failed", NULL).code, OTADFU_E_IO);
	assert_int_equal(words_of_connect("org.bluez.Error.InProgress", NULL).code, OTADFU_E_BUSY);
}

static void an_end_of_the_link_may_look_like_a_refusal(void **state)
{
	static const struct {
		const char *text;
		bool may;
	} rows[] = {
		{ "Operation failed with ATT error: 0x0e", true },
		{ "Not connected", true },
		{ "Operation failed", true },
		{ "Operation failed with ATT error: 0x80", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct verdict verdict = words_of_request("org.bluez.Error.Failed", rows[i].text);

		assert_int_equal(words_mean_loss(&verdict), rows[i].may);
	}
}

static void a_path_tells_service_and_characteristic(void **state)
{
	struct gatt_path place;

	(void)state;
	assert_true(words_parse_path(DEVICE, DEVICE "/service000a/char00Ff", &place));
	assert_int_equal(place.service, 0x000A);
	assert_int_equal(place.characteristic, 0x00FF);
	assert_true(words_parse_path(DEVICE, DEVICE "/service000a", &place));
	assert_int_equal(place.characteristic, 0);
}

static void another_path_is_none(void **state)
{
	static const char *const paths[] = {
		"",
		"/",
		DEVICE,
		DEVICE "/",
		DEVICE "/service000",
		DEVICE "/service000a/",
		DEVICE "/service000a0",
		DEVICE "/service000a/char000",
		DEVICE "/service000a/char0000",
		DEVICE "/service000a/char0001/desc0002",
		DEVICE "0/service000a",
		"/org/bluez/hci0/dev_C0_FF_EE_00_00_0D/service000a",
	};
	struct gatt_path place;

	(void)state;
	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++)
		assert_false(words_parse_path(DEVICE, paths[i], &place));
}

static void the_version_is_in_the_modalias(void **state)
{
	unsigned major = 0, minor = 0;

	(void)state;
	assert_true(words_parse_version("usb:v1D6Bp0246d0542", &major, &minor));
	assert_int_equal(major, 5);
	assert_int_equal(minor, 66);
	assert_false(words_parse_version("usb:v0000p0246d0542", &major, &minor));
	assert_false(words_parse_version("usb:v1D6Bp0246d054", &major, &minor));
	assert_false(words_parse_version("", &major, &minor));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_att_error_by_number_is_that_error),
		cmocka_unit_test(a_number_that_is_none_is_not_taken_for_one),
		cmocka_unit_test(an_error_without_a_text_has_a_code),
		cmocka_unit_test(an_end_of_the_link_may_look_like_a_refusal),
		cmocka_unit_test(a_path_tells_service_and_characteristic),
		cmocka_unit_test(another_path_is_none),
		cmocka_unit_test(the_version_is_in_the_modalias),
	};

	return cmocka_run_group_tests_name("bluez_words", tests, NULL, NULL);
}
