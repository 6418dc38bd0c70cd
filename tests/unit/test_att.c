#include "att.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define UUID128                                                                                    \
	0x8e, 0xc9, 0x00, 0x01, 0xf3, 0x15, 0x4f, 0x60, 0x9f, 0xb8, 0x83, 0x88, 0x30, 0xda, 0xea,  \
		0x50
#define AIR128                                                                                     \
	0x50, 0xea, 0xda, 0x30, 0x88, 0x83, 0xb8, 0x9f, 0x60, 0x4f, 0x15, 0xf3, 0x01, 0x00, 0xc9,  \
		0x8e
#define UUID16(high, low)                                                                          \
	{                                                                                          \
		{                                                                                  \
			0, 0, high, low, 0, 0, 0x10, 0, 0x80, 0, 0, 0x80, 0x5f, 0x9b, 0x34, 0xfb   \
		}                                                                                  \
	}
#define BYTES(...) (const uint8_t[]){ __VA_ARGS__ }, sizeof((const uint8_t[]){ __VA_ARGS__ })
#define VALUE(...)                                                                                 \
	.value = (const uint8_t[]){ __VA_ARGS__ }, .len = sizeof((const uint8_t[]){ __VA_ARGS__ })

/* Each opcode, and each layout that it may have. */
static const struct {
	const uint8_t *bytes;
	size_t len;
	struct att_pdu pdu;
} pdus[] = {
	{ BYTES(0x01, 0x08, 0x34, 0x12, 0x0a),
	  { .opcode = ATT_ERROR_RSP, .request = 8, .handle = 0x1234, .error = 0x0a } },
	{ BYTES(0x02, 0xf7, 0x00), { .opcode = ATT_MTU_REQ, .mtu = 247 } },
	{ BYTES(0x03, 0x17, 0x00), { .opcode = ATT_MTU_RSP, .mtu = 23 } },
	{ BYTES(0x04, 1, 0, 2, 0), { .opcode = ATT_FIND_INFO_REQ, .handle = 1, .end = 2 } },
	{ BYTES(0x05, 1, 3, 0, 0x02, 0x29),
	  { .opcode = ATT_FIND_INFO_RSP, .item_len = 1, VALUE(3, 0, 0x02, 0x29) } },
	{ BYTES(0x05, 2, 3, 0, AIR128),
	  { .opcode = ATT_FIND_INFO_RSP, .item_len = 2, VALUE(3, 0, AIR128) } },
	{ BYTES(0x06, 1, 0, 0xff, 0xff, 0x00, 0x28, 0x59, 0xfe),
	  { .opcode = ATT_FIND_BY_VALUE_REQ,
	    .handle = 1,
	    .end = 0xffff,
	    .uuid = UUID16(0x28, 0x00),
	    .uuid_len = 2,
	    VALUE(0x59, 0xfe) } },
	{ BYTES(0x07, 1, 0, 9, 0), { .opcode = ATT_FIND_BY_VALUE_RSP, VALUE(1, 0, 9, 0) } },
	{ BYTES(0x08, 1, 0, 9, 0, 0x03, 0x28),
	  { .opcode = ATT_READ_BY_TYPE_REQ,
	    .handle = 1,
	    .end = 9,
	    .uuid = UUID16(0x28, 0x03),
	    .uuid_len = 2 } },
	{ BYTES(0x08, 1, 0, 9, 0, AIR128),
	  { .opcode = ATT_READ_BY_TYPE_REQ,
	    .handle = 1,
	    .end = 9,
	    .uuid = { { UUID128 } },
	    .uuid_len = 16 } },
	{ BYTES(0x09, 3, 1, 0, 7, 2, 0, 8),
	  { .opcode = ATT_READ_BY_TYPE_RSP, .item_len = 3, VALUE(1, 0, 7, 2, 0, 8) } },
	{ BYTES(0x0a, 5, 0), { .opcode = ATT_READ_REQ, .handle = 5 } },
	{ BYTES(0x0b, 1, 2, 3), { .opcode = ATT_READ_RSP, VALUE(1, 2, 3) } },
	{ BYTES(0x0c, 5, 0, 22, 0), { .opcode = ATT_READ_BLOB_REQ, .handle = 5, .offset = 22 } },
	{ BYTES(0x0d, 4), { .opcode = ATT_READ_BLOB_RSP, VALUE(4) } },
	{ BYTES(0x0e, 1, 0, 2, 0), { .opcode = ATT_READ_MULTIPLE_REQ, VALUE(1, 0, 2, 0) } },
	{ BYTES(0x0f, 9), { .opcode = ATT_READ_MULTIPLE_RSP, VALUE(9) } },
	{ BYTES(0x10, 1, 0, 9, 0, 0x00, 0x28),
	  { .opcode = ATT_READ_BY_GROUP_REQ,
	    .handle = 1,
	    .end = 9,
	    .uuid = UUID16(0x28, 0x00),
	    .uuid_len = 2 } },
	{ BYTES(0x11, 6, 1, 0, 9, 0, 0x59, 0xfe),
	  { .opcode = ATT_READ_BY_GROUP_RSP, .item_len = 6, VALUE(1, 0, 9, 0, 0x59, 0xfe) } },
	{ BYTES(0x12, 5, 0, 1), { .opcode = ATT_WRITE_REQ, .handle = 5, VALUE(1) } },
	{ BYTES(0x13), { .opcode = ATT_WRITE_RSP } },
	{ BYTES(0x16, 5, 0, 1, 0, 7),
	  { .opcode = ATT_PREPARE_WRITE_REQ, .handle = 5, .offset = 1, VALUE(7) } },
	{ BYTES(0x17, 5, 0, 1, 0, 7),
	  { .opcode = ATT_PREPARE_WRITE_RSP, .handle = 5, .offset = 1, VALUE(7) } },
	{ BYTES(0x18, 1), { .opcode = ATT_EXECUTE_WRITE_REQ, .flags = 1 } },
	{ BYTES(0x19), { .opcode = ATT_EXECUTE_WRITE_RSP } },
	{ BYTES(0x1b, 5, 0, 1), { .opcode = ATT_NOTIFICATION, .handle = 5, VALUE(1) } },
	{ BYTES(0x1d, 5, 0, 1), { .opcode = ATT_INDICATION, .handle = 5, VALUE(1) } },
	{ BYTES(0x1e), { .opcode = ATT_CONFIRMATION } },
	{ BYTES(0x52, 5, 0, 1), { .opcode = ATT_WRITE_CMD, .handle = 5, VALUE(1) } },
	{ BYTES(0xd2, 5, 0, 1, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12),
	  { .opcode = ATT_SIGNED_WRITE_CMD,
	    .handle = 5,
	    VALUE(1, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12) } },
};

enum { PDUS = sizeof(pdus) / sizeof(pdus[0]) };

static void assert_pdu(const struct att_pdu *got, const struct att_pdu *wanted)
{
	assert_int_equal(got->opcode, wanted->opcode);
	assert_int_equal(got->request, wanted->request);
	assert_int_equal(got->error, wanted->error);
	assert_int_equal(got->flags, wanted->flags);
	assert_int_equal(got->item_len, wanted->item_len);
	assert_int_equal(got->uuid_len, wanted->uuid_len);
	assert_int_equal(got->mtu, wanted->mtu);
	assert_int_equal(got->handle, wanted->handle);
	assert_int_equal(got->end, wanted->end);
	assert_int_equal(got->offset, wanted->offset);
	assert_memory_equal(&got->uuid, &wanted->uuid, sizeof(got->uuid));
	assert_int_equal(got->len, wanted->len);
	if (got->len > 0)
		assert_memory_equal(got->value, wanted->value, got->len);
}

static void a_pdu_is_taken_apart(void **state)
{
	(void)state;
	for (size_t i = 0; i < PDUS; i++) {
		struct att_pdu got;

		if (!att_decode(pdus[i].bytes, pdus[i].len, &got))
			fail_msg("%s is refused", att_opcode_text(pdus[i].pdu.opcode));
		assert_pdu(&got, &pdus[i].pdu);
	}
}

static void a_pdu_is_put_together(void **state)
{
	(void)state;
	for (size_t i = 0; i < PDUS; i++) {
		uint8_t bytes[64];

		assert_int_equal(att_encode(&pdus[i].pdu, bytes, sizeof(bytes)), pdus[i].len);
		assert_memory_equal(bytes, pdus[i].bytes, pdus[i].len);
	}
}

static void a_pdu_does_not_pass_the_end_of_its_buffer(void **state)
{
	(void)state;
	for (size_t i = 0; i < PDUS; i++) {
		uint8_t bytes[64];

		memset(bytes, 0xee, sizeof(bytes));
		assert_int_equal(att_encode(&pdus[i].pdu, bytes, pdus[i].len - 1), 0);
		assert_int_equal(bytes[pdus[i].len - 1], 0xee);
	}
}

static const struct {
	const uint8_t *bytes;
	size_t len;
} wrong[] = {
	{ BYTES(0x01, 0x08, 0x34, 0x12) },          /* no error code */
	{ BYTES(0x01, 0x08, 0x34, 0x12, 0x0a, 0) }, /* more than one */
	{ BYTES(0x02, 0xf7) },                      /* half an MTU */
	{ BYTES(0x08, 1, 0, 9, 0, 3) },             /* half a UUID */
	{ BYTES(0x08, 1, 0, 9, 0, 3, 0x28, 0, 0) }, /* a UUID of four bytes */
	{ BYTES(0x05, 1) },                         /* an empty list */
	{ BYTES(0x05, 1, 3, 0, 2, 0x29, 4) },       /* an item and a bit */
	{ BYTES(0x05, 3, 3, 0, 2, 0x29) },          /* no such format */
	{ BYTES(0x07, 1, 0) },                      /* half a range */
	{ BYTES(0x09, 0, 1, 0) },                   /* items of nothing */
	{ BYTES(0x09, 1, 1) },                      /* items without a handle */
	{ BYTES(0x0e, 1, 0) },                      /* multiple is two */
	{ BYTES(0x11, 3, 1, 0, 9) },                /* items without a range */
	{ BYTES(0x13, 0) },                         /* an answer that has no more */
	{ BYTES(0x1b, 5) },                         /* half a handle */
	{ BYTES(0xd2, 5, 0, 1, 2, 3) },             /* half a signature */
};

static void a_pdu_not_of_its_length_is_refused(void **state)
{
	struct att_pdu pdu;

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		if (att_decode(wrong[i].bytes, wrong[i].len, &pdu))
			fail_msg("case %zu, a %s, is taken", i, att_opcode_text(pdu.opcode));
		assert_int_equal(pdu.opcode, wrong[i].bytes[0]);
	}
}

static void nothing_and_what_is_unknown_are_refused(void **state)
{
	struct att_pdu pdu;

	(void)state;
	assert_false(att_decode(NULL, 0, &pdu));
	assert_false(att_decode(BYTES(0x42, 1, 2), &pdu));
	assert_int_equal(pdu.opcode, 0x42);
	assert_int_equal(att_kind(0x42), ATT_KIND_UNKNOWN);
}

static void a_list_with_half_an_item_is_not_sent(void **state)
{
	uint8_t bytes[32];
	struct att_pdu pdu = { .opcode = ATT_READ_BY_TYPE_RSP, .item_len = 4, VALUE(1, 0, 7) };

	(void)state;
	assert_int_equal(att_encode(&pdu, bytes, sizeof(bytes)), 0);
}

static void a_uuid_is_sent_as_short_as_it_can_be(void **state)
{
	uint8_t bytes[32];
	struct att_pdu pdu = { .opcode = ATT_READ_BY_TYPE_REQ, .uuid = UUID16(0x29, 0x02) };

	(void)state;
	assert_int_equal(att_encode(&pdu, bytes, sizeof(bytes)), 7);
	pdu.uuid = (struct otadfu_uuid){ { UUID128 } };
	assert_int_equal(att_encode(&pdu, bytes, sizeof(bytes)), 21);
	pdu.uuid = att_uuid_from16(0x2902);
	pdu.uuid_len = 16;
	assert_int_equal(att_encode(&pdu, bytes, sizeof(bytes)), 21);
}

static void a_long_uuid_is_not_cut_to_a_short_one(void **state)
{
	uint8_t bytes[32];
	struct att_pdu pdu = { .opcode = ATT_FIND_BY_VALUE_REQ, .uuid = { { UUID128 } } };

	(void)state;
	assert_int_equal(att_encode(&pdu, bytes, sizeof(bytes)), 0);
}

static void a_uuid_outside_the_base_has_no_16_bits(void **state)
{
	static const struct otadfu_uuid longer = { { 0, 1, 0x28, 0, 0, 0, 0x10, 0, 0x80, 0, 0, 0x80,
						     0x5f, 0x9b, 0x34, 0xfb } };

	(void)state;
	assert_int_equal(att_uuid16(&longer), 0);
	assert_int_equal(att_uuid16(&(struct otadfu_uuid)UUID16(0xfe, 0x59)), 0xfe59);
}

static void each_request_names_its_response(void **state)
{
	(void)state;
	for (unsigned int opcode = 0; opcode < 256; opcode++) {
		uint8_t response = att_response_of((uint8_t)opcode);

		assert_int_equal(response != 0, att_kind((uint8_t)opcode) == ATT_KIND_REQUEST);
		if (response != 0) {
			assert_int_equal(response, opcode + 1);
			assert_int_equal(att_kind(response), ATT_KIND_RESPONSE);
		}
	}
}

static void each_error_has_words(void **state)
{
	(void)state;
	for (unsigned int error = 0; error < 256; error++)
		assert_true(strlen(att_error_text((uint8_t)error)) > 5);
	assert_string_equal(att_error_text(0x05), "insufficient authentication");
	assert_string_equal(att_error_text(0x80), "an error of the application");
	assert_string_equal(att_error_text(0x9f), "an error of the application");
	assert_string_equal(att_error_text(0xa0), "a reserved error");
	assert_string_equal(att_error_text(0xe0), "an error of profiles, without a name");
	assert_string_equal(att_error_text(0xfd), "client characteristic configuration improper");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_pdu_is_taken_apart),
		cmocka_unit_test(a_pdu_is_put_together),
		cmocka_unit_test(a_pdu_does_not_pass_the_end_of_its_buffer),
		cmocka_unit_test(a_pdu_not_of_its_length_is_refused),
		cmocka_unit_test(nothing_and_what_is_unknown_are_refused),
		cmocka_unit_test(a_list_with_half_an_item_is_not_sent),
		cmocka_unit_test(a_uuid_is_sent_as_short_as_it_can_be),
		cmocka_unit_test(a_long_uuid_is_not_cut_to_a_short_one),
		cmocka_unit_test(a_uuid_outside_the_base_has_no_16_bits),
		cmocka_unit_test(each_request_names_its_response),
		cmocka_unit_test(each_error_has_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
