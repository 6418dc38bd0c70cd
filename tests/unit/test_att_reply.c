#include "att.h"
#include "att_reply.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

enum { OWN_MTU = 247 };

#define BYTES(...) (const uint8_t[]){ __VA_ARGS__ }, sizeof((const uint8_t[]){ __VA_ARGS__ })

static void assert_reply(const uint8_t *pdu, size_t len, const uint8_t *wanted, size_t wanted_len)
{
	uint8_t reply[ATT_REPLY_MAX];

	assert_int_equal(att_reply(pdu, len, OWN_MTU, reply), wanted_len);
	assert_memory_equal(reply, wanted, wanted_len);
}

static void assert_silence(const uint8_t *pdu, size_t len)
{
	uint8_t reply[ATT_REPLY_MAX];

	assert_int_equal(att_reply(pdu, len, OWN_MTU, reply), 0);
}

static void an_mtu_request_is_told_our_mtu(void **state)
{
	(void)state;
	assert_reply(BYTES(0x02, 0x17, 0x00), BYTES(0x03, 0xf7, 0x00));
}

static void an_indication_is_confirmed(void **state)
{
	(void)state;
	assert_reply(BYTES(0x1d, 0x08, 0x00, 0x01), BYTES(0x1e));
}

static void whoever_looks_for_attributes_finds_none(void **state)
{
	(void)state;
	assert_reply(BYTES(0x04, 1, 0, 0xff, 0xff), BYTES(0x01, 0x04, 1, 0, 0x0a));
	assert_reply(BYTES(0x06, 1, 0, 0xff, 0xff, 0, 0x28, 1, 2), BYTES(0x01, 0x06, 1, 0, 0x0a));
	assert_reply(BYTES(0x08, 3, 0, 0xff, 0xff, 0, 0x2a), BYTES(0x01, 0x08, 3, 0, 0x0a));
	assert_reply(BYTES(0x10, 1, 0, 0xff, 0xff, 0, 0x28), BYTES(0x01, 0x10, 1, 0, 0x0a));
}

static void an_empty_range_has_an_invalid_handle(void **state)
{
	(void)state;
	assert_reply(BYTES(0x10, 0, 0, 0xff, 0xff, 0, 0x28), BYTES(0x01, 0x10, 0, 0, 0x01));
	assert_reply(BYTES(0x04, 5, 0, 4, 0), BYTES(0x01, 0x04, 5, 0, 0x01));
}

static void no_handle_is_valid(void **state)
{
	(void)state;
	assert_reply(BYTES(0x0a, 3, 0), BYTES(0x01, 0x0a, 3, 0, 0x01));
	assert_reply(BYTES(0x12, 3, 0, 1), BYTES(0x01, 0x12, 3, 0, 0x01));
}

static void a_malformed_request_is_an_invalid_pdu(void **state)
{
	(void)state;
	assert_reply(BYTES(0x02, 0x17), BYTES(0x01, 0x02, 0, 0, 0x04));
}

static void other_requests_are_not_supported(void **state)
{
	(void)state;
	assert_reply(BYTES(0x18, 1), BYTES(0x01, 0x18, 0, 0, 0x06));
	assert_reply(BYTES(0x20, 1, 0), BYTES(0x01, 0x20, 0, 0, 0x06));
}

static void commands_and_answers_get_no_reply(void **state)
{
	(void)state;
	assert_silence(NULL, 0);
	assert_silence(BYTES(0x52, 1, 0, 2));
	assert_silence(BYTES(0x62, 1, 0, 2));
	assert_silence(BYTES(0x13));
	assert_silence(BYTES(0x1b, 1, 0, 2));
	assert_silence(BYTES(0x1e));
	assert_silence(BYTES(0x1d, 1));
	assert_silence(BYTES(0x21, 1));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_mtu_request_is_told_our_mtu),
		cmocka_unit_test(an_indication_is_confirmed),
		cmocka_unit_test(whoever_looks_for_attributes_finds_none),
		cmocka_unit_test(an_empty_range_has_an_invalid_handle),
		cmocka_unit_test(no_handle_is_valid),
		cmocka_unit_test(a_malformed_request_is_an_invalid_pdu),
		cmocka_unit_test(other_requests_are_not_supported),
		cmocka_unit_test(commands_and_answers_get_no_reply),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
