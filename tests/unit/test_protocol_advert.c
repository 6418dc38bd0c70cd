#include "advert.h"
#include "uuid.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

/* cmocka wants the four above first. */
#include <cmocka.h>

/* As the bootloaders of the transcripts advertise. */
static const uint8_t secure_data[] = { 0x02, 0x01, 0x06, 0x03, 0x02, 0x59, 0xfe, 0x08,
				       0x09, 'D',  'f',  'u',  'T',  'a',  'r',  'g' };
static const uint8_t legacy_data[] = { 0x02, 0x01, 0x06, 0x11, 0x06, 0x23, 0xd1,
				       0xbc, 0xea, 0x5f, 0x78, 0x23, 0x15, 0xde,
				       0xef, 0x12, 0x12, 0x30, 0x15, 0x00, 0x00 };
static const struct otadfu_uuid secure_service = { { 0x00, 0x00, 0xfe, 0x59, BLUETOOTH_BASE } };
static const struct otadfu_uuid legacy_service = { .bytes = { 0x00, 0x00, 0x15, 0x30, 0x12, 0x12,
							      0xef, 0xde, 0x15, 0x23, 0x78, 0x5f,
							      0xea, 0xbc, 0xd1, 0x23 } };

static const struct otadfu_uuid other_service = { { 0x00, 0x00, 0x15, 0x30, BLUETOOTH_BASE } };

static struct otadfu_advert advert_of(const uint8_t *data, size_t len)
{
	return (struct otadfu_advert){ .data = data, .data_len = (uint16_t)len };
}

static void services_of_both_sizes_are_found(void **state)
{
	struct otadfu_advert secure = advert_of(secure_data, sizeof(secure_data));
	struct otadfu_advert legacy = advert_of(legacy_data, sizeof(legacy_data));

	(void)state;
	assert_true(advert_has_service(&secure, &secure_service));
	assert_false(advert_has_service(&secure, &other_service));
	assert_true(advert_has_service(&legacy, &legacy_service));
	assert_false(advert_has_service(&secure, &legacy_service));
}

static void long_form_of_a_short_service_is_found(void **state)
{
	static const uint8_t data[] = { 0x11, 0x07, 0xfb, 0x34, 0x9b, 0x5f, 0x80, 0x00, 0x00,
					0x80, 0x00, 0x10, 0x00, 0x00, 0x59, 0xfe, 0x00, 0x00 };
	struct otadfu_advert advert = advert_of(data, sizeof(data));

	(void)state;
	assert_true(advert_has_service(&advert, &secure_service));
	assert_false(advert_has_service(&advert, &other_service));
}

/* FE59 in the place of the 16 bits, but of another base. */
static void long_service_is_not_found_by_its_short_part(void **state)
{
	static const struct otadfu_uuid custom = { { 0x00, 0x00, 0xfe, 0x59, 0x12, 0x12, 0xef, 0xde,
						     0x15, 0x23, 0x78, 0x5f, 0xea, 0xbc, 0xd1,
						     0x23 } };
	struct otadfu_advert advert = advert_of(secure_data, sizeof(secure_data));

	(void)state;
	assert_false(advert_has_service(&advert, &custom));
}

static void names_are_compared_whole(void **state)
{
	struct otadfu_advert advert = advert_of(secure_data, sizeof(secure_data));

	(void)state;
	assert_true(advert_has_name(&advert, "DfuTarg"));
	assert_false(advert_has_name(&advert, "DfuTar"));
	assert_false(advert_has_name(&advert, "DfuTarget"));
}

static void second_service_of_a_list_is_found(void **state)
{
	static const uint8_t data[] = { 0x05, 0x03, 0x0d, 0x18, 0x59, 0xfe };
	static const struct otadfu_uuid at_odd_place = { { 0x00, 0x00, 0x59, 0x18,
							   BLUETOOTH_BASE } };
	struct otadfu_advert advert = advert_of(data, sizeof(data));

	(void)state;
	assert_true(advert_has_service(&advert, &secure_service));
	assert_false(advert_has_service(&advert, &at_odd_place));
}

static void data_cut_anywhere_is_not_read_past_its_end(void **state)
{
	(void)state;
	for (size_t len = 0; len < sizeof(legacy_data); len++) {
		uint8_t copy[sizeof(legacy_data)];
		struct otadfu_advert advert = advert_of(copy + sizeof(copy) - len, len);

		for (size_t i = 0; i < len; i++)
			copy[sizeof(copy) - len + i] = legacy_data[i];
		assert_false(advert_has_service(&advert, &legacy_service));
	}
}

static void no_data_holds_nothing(void **state)
{
	static const uint8_t zeros[31];
	static const struct otadfu_uuid zero = { { 0x00, 0x00, 0x00, 0x00, BLUETOOTH_BASE } };
	struct otadfu_advert padded = advert_of(zeros, sizeof(zeros));
	struct otadfu_advert none = advert_of(NULL, 0);

	(void)state;
	assert_false(advert_has_service(&none, &secure_service));
	assert_false(advert_has_name(&none, ""));
	assert_false(advert_has_service(&padded, &zero));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(services_of_both_sizes_are_found),
		cmocka_unit_test(long_form_of_a_short_service_is_found),
		cmocka_unit_test(long_service_is_not_found_by_its_short_part),
		cmocka_unit_test(names_are_compared_whole),
		cmocka_unit_test(second_service_of_a_list_is_found),
		cmocka_unit_test(data_cut_anywhere_is_not_read_past_its_end),
		cmocka_unit_test(no_data_holds_nothing),
	};

	return cmocka_run_group_tests_name("protocol_advert", tests, NULL, NULL);
}
