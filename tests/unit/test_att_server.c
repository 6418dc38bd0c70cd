/* Requests and answers as bytes, written from the Core Specification, Vol 3, Part F, 3.4. */
#include "att_server.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define LONG_TYPE "00 11 22 33 44 55 66 77 88 99 AA BB CC DD EE FF"
#define LONG_UUID                                                                                  \
	{                                                                                          \
		{                                                                                  \
			0xFF, 0xEE, 0xDD, 0xCC, 0xBB, 0xAA, 0x99, 0x88, 0x77, 0x66, 0x55, 0x44,    \
				0x33, 0x22, 0x11, 0x00                                             \
		}                                                                                  \
	}

struct row {
	uint16_t handle;
	uint16_t group_end;
	uint16_t type; /* 0: LONG_UUID */
	uint8_t read_error;
	const char *value;
};

/* 0010 is 60 bytes long: filled in by set_up. */
static const struct row rows[] = {
	{ 0x0001, 0x0003, 0x2800, 0, "00 18" },
	{ 0x0002, 0, 0x2803, 0, "02 03 00 00 2A" },
	{ 0x0003, 0, 0x2A00, 0, "54 68 65 72 6D 6F" },
	{ 0x0004, 0x0009, 0x2800, 0, "59 FE" },
	{ 0x0005, 0, 0x2803, 0, "0A 06 00 " LONG_TYPE },
	{ 0x0006, 0, 0, 0, "01 02 03" },
	{ 0x0007, 0, 0x2902, 0, "00 00" },
	{ 0x0008, 0, 0x2803, 0, "08 09 00 AB CD" },
	{ 0x0009, 0, 0xCDAB, ATT_E_READ_NOT_PERMITTED, "" },
	{ 0x000F, 0xFFFF, 0x2800, 0, LONG_TYPE },
	{ 0x0010, 0, 0x2AAA, 0, NULL },
	{ 0xFFFF, 0, 0x2AAA, 0, "01" },
};

struct bench {
	struct att_server server;
	struct att_database database;
	uint8_t took[ATT_VALUE_MAX]; /* by write, command or prepare */
	size_t took_len;
	uint16_t took_at;
	uint8_t write_error;
	unsigned commands;
	unsigned confirmations;
	int executed; /* -1: not; else commit */
	uint8_t execute_error;
	uint16_t mtu;
	uint16_t client_mtu;
	uint16_t readable_to; /* of attributes that are all alike; 0: all of them */
};

static size_t from_hex(const char *hex, uint8_t *bytes, size_t cap)
{
	size_t len = 0;
	unsigned byte;
	int used;

	while (len < cap && sscanf(hex, " %2x%n", &byte, &used) == 1) {
		bytes[len++] = (uint8_t)byte;
		hex += used;
	}
	return len;
}

static bool next_row(void *user, uint16_t from, struct att_attribute *ret_attribute)
{
	static const struct otadfu_uuid long_uuid = LONG_UUID;

	(void)user;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (rows[i].handle < from)
			continue;
		*ret_attribute =
			(struct att_attribute){ .type = rows[i].type ? att_uuid_from16(rows[i].type)
								     : long_uuid,
						.handle = rows[i].handle,
						.group_end = rows[i].group_end };
		return true;
	}
	return false;
}

static uint8_t read_row(void *user, uint16_t handle, uint8_t *buf, size_t cap, size_t *ret_len)
{
	const struct row *row = rows;

	(void)user;
	while (row->handle != handle)
		row++;
	if (row->read_error)
		return row->read_error;
	if (row->value) {
		*ret_len = from_hex(row->value, buf, cap);
		return 0;
	}
	for (size_t i = 0; i < 60; i++)
		buf[i] = (uint8_t)i;
	*ret_len = 60;
	return 0;
}

static void keep(struct bench *b, uint16_t handle, const uint8_t *data, size_t len)
{
	assert_true(len <= sizeof(b->took));
	memcpy(b->took, data, len);
	b->took_len = len;
	b->took_at = handle;
}

static uint8_t take_write(void *user, uint16_t handle, const uint8_t *data, size_t len)
{
	struct bench *b = user;

	keep(b, handle, data, len);
	return b->write_error;
}

static void take_command(void *user, uint16_t handle, const uint8_t *data, size_t len)
{
	struct bench *b = user;

	keep(b, handle, data, len);
	b->commands++;
}

static uint8_t take_part(void *user, uint16_t handle, uint16_t offset, const uint8_t *data,
			 size_t len)
{
	struct bench *b = user;

	assert_int_equal(offset, 0x0102);
	keep(b, handle, data, len);
	return b->write_error;
}

static uint8_t execute(void *user, bool commit, uint16_t *ret_handle)
{
	struct bench *b = user;

	b->executed = commit;
	if (b->execute_error)
		*ret_handle = 0x0006;
	return b->execute_error;
}

static void count_confirmation(void *user)
{
	((struct bench *)user)->confirmations++;
}

static uint16_t answer_mtu(void *user, uint16_t client_mtu)
{
	struct bench *b = user;

	b->client_mtu = client_mtu;
	return b->mtu;
}

static int set_up(void **state)
{
	struct bench *b = calloc(1, sizeof(*b));

	b->database = (struct att_database){ .next = next_row,
					     .read = read_row,
					     .write = take_write,
					     .command = take_command,
					     .prepare = take_part,
					     .execute = execute,
					     .confirmed = count_confirmation,
					     .mtu = answer_mtu };
	b->server = (struct att_server){ .database = &b->database, .user = b, .mtu = ATT_MTU_MIN };
	b->executed = -1;
	b->mtu = 247;
	*state = b;
	return 0;
}

static int tear_down(void **state)
{
	free(*state);
	return 0;
}

/* One PDU and the answer that is due; "": none. */
static void ask(struct bench *b, const char *request, const char *expected)
{
	uint8_t bytes[ATT_MTU_MAX];
	uint8_t answer[ATT_MTU_MAX];
	uint8_t wanted[ATT_MTU_MAX];
	size_t wanted_len = from_hex(expected, wanted, sizeof(wanted));
	size_t len = att_server_answer(&b->server, bytes, from_hex(request, bytes, sizeof(bytes)),
				       answer);

	for (size_t i = 0; i < len && len != wanted_len; i++)
		print_message("%02X ", answer[i]);
	assert_int_equal(len, wanted_len);
	assert_memory_equal(answer, wanted, len);
}

/* --- MTU --- */

static void the_smaller_mtu_is_in_force_after_its_answer(void **state)
{
	struct bench *b = *state;

	ask(b, "02 64 00", "03 F7 00");
	assert_int_equal(b->client_mtu, 100);
	assert_int_equal(b->server.mtu, 100);
	ask(b, "02 05 02", "03 F7 00");
	assert_int_equal(b->server.mtu, 247);
}

static void an_mtu_below_23_is_taken_for_23(void **state)
{
	struct bench *b = *state;

	ask(b, "02 05 00", "03 F7 00");
	assert_int_equal(b->server.mtu, 23);
}

/* --- Find Information --- */

static void find_information_lists_types_of_one_length(void **state)
{
	struct bench *b = *state;

	ask(b, "04 01 00 FF FF",
	    "05 01 01 00 00 28 02 00 03 28 03 00 00 2A 04 00 00 28 05 00 03 28");
	ask(b, "04 05 00 FF FF", "05 01 05 00 03 28");
	ask(b, "04 06 00 FF FF", "05 02 06 00 " LONG_TYPE);
}

static void find_information_ends_at_its_last_handle(void **state)
{
	struct bench *b = *state;

	ask(b, "04 02 00 03 00", "05 01 02 00 03 28 03 00 00 2A");
	ask(b, "04 FF FF FF FF", "05 01 FF FF AA 2A");
}

static void an_empty_range_is_not_found_at_its_beginning(void **state)
{
	struct bench *b = *state;

	ask(b, "04 0A 00 0E 00", "01 04 0A 00 0A");
	ask(b, "08 0A 00 0E 00 00 28", "01 08 0A 00 0A");
	ask(b, "10 0A 00 0E 00 00 28", "01 10 0A 00 0A");
	ask(b, "06 0A 00 0E 00 00 28 00 18", "01 06 0A 00 0A");
}

static void a_range_from_zero_or_backwards_is_an_invalid_handle(void **state)
{
	struct bench *b = *state;

	ask(b, "04 00 00 FF FF", "01 04 00 00 01");
	ask(b, "04 05 00 04 00", "01 04 05 00 01");
	ask(b, "06 05 00 04 00 00 28 00 18", "01 06 05 00 01");
	ask(b, "08 00 00 FF FF 00 28", "01 08 00 00 01");
	ask(b, "08 05 00 04 00 00 28", "01 08 05 00 01");
	ask(b, "10 05 00 04 00 00 28", "01 10 05 00 01");
}

/* --- Find By Type Value --- */

static void find_by_type_value_gives_the_group_of_a_service(void **state)
{
	struct bench *b = *state;

	ask(b, "06 01 00 FF FF 00 28 59 FE", "07 04 00 09 00");
	ask(b, "06 01 00 FF FF 00 28 " LONG_TYPE, "07 0F 00 FF FF");
}

static void find_by_type_value_gives_an_attribute_itself(void **state)
{
	struct bench *b = *state;

	ask(b, "06 01 00 FF FF 00 2A 54 68 65 72 6D 6F", "07 03 00 03 00");
	ask(b, "06 01 00 FF FF 00 2A 54 68 65 72 6D", "01 06 01 00 0A");
}

/* --- Read By Type --- */

static void read_by_type_lists_values_of_one_length(void **state)
{
	struct bench *b = *state;

	ask(b, "08 01 00 FF FF 03 28", "09 07 02 00 02 03 00 00 2A");
	ask(b, "08 03 00 FF FF 03 28", "09 15 05 00 0A 06 00 " LONG_TYPE);
	ask(b, "08 06 00 FF FF 03 28", "09 07 08 00 08 09 00 AB CD");
}

static void read_by_type_takes_long_types(void **state)
{
	struct bench *b = *state;

	ask(b, "08 01 00 FF FF " LONG_TYPE, "09 05 06 00 01 02 03");
	ask(b, "08 01 00 FF FF FB 34 9B 5F 80 00 00 80 00 10 00 00 00 2A 00 00",
	    "09 08 03 00 54 68 65 72 6D 6F");
}

static void read_by_type_cuts_a_long_value_to_the_mtu(void **state)
{
	struct bench *b = *state;

	ask(b, "08 10 00 FF FF AA 2A",
	    "09 15 10 00 00 01 02 03 04 05 06 07 08 09 0A 0B 0C 0D 0E 0F 10 11 12");
}

static void read_by_type_names_the_value_that_cannot_be_read(void **state)
{
	struct bench *b = *state;

	ask(b, "08 01 00 FF FF AB CD", "01 08 09 00 02");
}

static void find_by_type_value_passes_over_what_cannot_be_read(void **state)
{
	struct bench *b = *state;

	ask(b, "06 01 00 FF FF AB CD", "01 06 01 00 0A");
}

static void the_last_handle_is_found(void **state)
{
	struct bench *b = *state;

	ask(b, "08 11 00 FF FF AA 2A", "09 03 FF FF 01");
	ask(b, "0A FF FF", "0B 01");
}

/* --- Read --- */

static void a_read_gives_what_fits(void **state)
{
	struct bench *b = *state;

	ask(b, "0A 03 00", "0B 54 68 65 72 6D 6F");
	ask(b, "0A 10 00", "0B 00 01 02 03 04 05 06 07 08 09 0A 0B 0C 0D 0E 0F 10 11 12 13 14 15");
}

static void a_read_blob_goes_on_from_its_offset(void **state)
{
	struct bench *b = *state;

	ask(b, "0C 10 00 36 00", "0D 36 37 38 39 3A 3B");
	ask(b, "0C 10 00 3C 00", "0D");
	ask(b, "0C 10 00 3D 00", "01 0C 10 00 07");
	ask(b, "0C 10 00 FF FF", "01 0C 10 00 07");
}

static void reading_what_is_not_there_or_not_readable_is_refused(void **state)
{
	struct bench *b = *state;

	ask(b, "0A 00 00", "01 0A 00 00 01");
	ask(b, "0A 0A 00", "01 0A 0A 00 01");
	ask(b, "0A 09 00", "01 0A 09 00 02");
	ask(b, "0C 0A 00 00 00", "01 0C 0A 00 01");
	ask(b, "0C 09 00 00 00", "01 0C 09 00 02");
}

static void read_multiple_joins_the_values(void **state)
{
	struct bench *b = *state;

	ask(b, "0E 03 00 06 00 07 00", "0F 54 68 65 72 6D 6F 01 02 03 00 00");
	ask(b, "0E 06 00 10 00 06 00",
	    "0F 01 02 03 00 01 02 03 04 05 06 07 08 09 0A 0B 0C 0D 0E 0F 10 11 12");
}

static void read_multiple_names_the_first_that_fails(void **state)
{
	struct bench *b = *state;

	ask(b, "0E 03 00 09 00 0A 00", "01 0E 09 00 02");
	ask(b, "0E 03 00 0A 00 09 00", "01 0E 0A 00 01");
}

static void read_multiple_wants_two_handles(void **state)
{
	struct bench *b = *state;

	ask(b, "0E 03 00", "01 0E 00 00 04");
	ask(b, "0E 03 00 04", "01 0E 00 00 04");
}

/* --- Read By Group Type --- */

static void read_by_group_type_lists_services_of_one_length(void **state)
{
	struct bench *b = *state;

	ask(b, "10 01 00 FF FF 00 28", "11 06 01 00 03 00 00 18 04 00 09 00 59 FE");
	ask(b, "10 0A 00 FF FF 00 28", "11 14 0F 00 FF FF " LONG_TYPE);
	ask(b, "10 01 00 FF FF 01 28", "01 10 01 00 0A");
}

static void only_services_are_groups(void **state)
{
	struct bench *b = *state;

	ask(b, "10 01 00 FF FF 03 28", "01 10 01 00 10");
	ask(b, "10 01 00 FF FF " LONG_TYPE, "01 10 01 00 10");
}

/* --- writing --- */

static void a_write_reaches_the_database_and_is_answered(void **state)
{
	struct bench *b = *state;

	ask(b, "12 06 00 AA BB", "13");
	assert_int_equal(b->took_at, 6);
	assert_int_equal(b->took_len, 2);
	assert_memory_equal(b->took, "\xAA\xBB", 2);
	ask(b, "12 06 00", "13");
	assert_int_equal(b->took_len, 0);
}

static void a_refused_write_says_where_and_why(void **state)
{
	struct bench *b = *state;

	b->write_error = 0xFD;
	ask(b, "12 06 00 AA", "01 12 06 00 FD");
	ask(b, "12 0A 00 AA", "01 12 0A 00 01");
	ask(b, "12 00 00 AA", "01 12 00 00 01");
}

static void a_command_is_obeyed_in_silence(void **state)
{
	struct bench *b = *state;

	ask(b, "52 06 00 AA BB CC", "");
	assert_int_equal(b->commands, 1);
	assert_int_equal(b->took_len, 3);
	ask(b, "52 0A 00 AA", "");
	ask(b, "52 06", "");
	assert_int_equal(b->commands, 1);
}

static void a_signed_command_vanishes(void **state)
{
	struct bench *b = *state;

	ask(b, "D2 06 00 AA 00 01 02 03 04 05 06 07 08 09 0A 0B", "");
	assert_int_equal(b->commands, 0);
}

static void a_prepared_write_comes_back_as_it_was(void **state)
{
	struct bench *b = *state;

	ask(b, "16 06 00 02 01 AA BB", "17 06 00 02 01 AA BB");
	assert_int_equal(b->took_len, 2);
	b->write_error = ATT_E_PREPARE_QUEUE_FULL;
	ask(b, "16 06 00 02 01 AA BB", "01 16 06 00 09");
	ask(b, "16 0A 00 02 01 AA", "01 16 0A 00 01");
}

static void execute_commits_or_drops(void **state)
{
	struct bench *b = *state;

	ask(b, "18 01", "19");
	assert_int_equal(b->executed, 1);
	ask(b, "18 00", "19");
	assert_int_equal(b->executed, 0);
	b->execute_error = ATT_E_INVALID_OFFSET;
	ask(b, "18 01", "01 18 06 00 07");
	b->executed = -1;
	ask(b, "18 02", "01 18 00 00 04");
	assert_int_equal(b->executed, -1);
}

static void a_database_without_long_writes_says_so(void **state)
{
	struct bench *b = *state;

	b->database.prepare = NULL;
	b->database.execute = NULL;
	ask(b, "16 06 00 00 00 AA", "01 16 06 00 06");
	ask(b, "18 01", "01 18 00 00 06");
}

/* --- what is no request, or none that makes sense --- */

static void a_confirmation_is_taken_in_silence(void **state)
{
	struct bench *b = *state;

	ask(b, "1E", "");
	assert_int_equal(b->confirmations, 1);
	ask(b, "1E 00", "");
	assert_int_equal(b->confirmations, 1);
}

static void a_request_of_wrong_length_is_an_invalid_pdu(void **state)
{
	static const char *const requests[] = { "02 17",
						"04 01 00 FF",
						"06 01 00 FF FF 00",
						"08 01 00 FF FF 00",
						"08 01 00 FF FF 00 28 00",
						"0A 01",
						"0A 01 00 00",
						"0C 01 00 00",
						"10 01 00 FF FF",
						"12 01",
						"16 01 00 00",
						"18",
						"18 01 00" };
	struct bench *b = *state;
	char expected[32];

	for (size_t i = 0; i < sizeof(requests) / sizeof(requests[0]); i++) {
		snprintf(expected, sizeof(expected), "01 %.2s 00 00 04", requests[i]);
		ask(b, requests[i], expected);
	}
}

static void a_request_longer_than_the_mtu_is_an_invalid_pdu(void **state)
{
	struct bench *b = *state;

	ask(b, "12 06 00 01 02 03 04 05 06 07 08 09 0A 0B 0C 0D 0E 0F 10 11 12 13 14", "13");
	ask(b, "12 06 00 01 02 03 04 05 06 07 08 09 0A 0B 0C 0D 0E 0F 10 11 12 13 14 15",
	    "01 12 00 00 04");
	ask(b, "52 06 00 01 02 03 04 05 06 07 08 09 0A 0B 0C 0D 0E 0F 10 11 12 13 14 15", "");
	assert_int_equal(b->commands, 0);
}

static void an_unknown_request_is_not_supported(void **state)
{
	struct bench *b = *state;

	ask(b, "20 03 00 06 00", "01 20 00 00 06");
	ask(b, "00", "01 00 00 00 06");
	ask(b, "3F", "01 3F 00 00 06");
}

static void an_unknown_command_vanishes(void **state)
{
	struct bench *b = *state;

	ask(b, "60 01 02", "");
	ask(b, "C0", "");
}

static void answers_and_nothing_at_all_are_not_answered(void **state)
{
	struct bench *b = *state;

	ask(b, "", "");
	ask(b, "01 0A 03 00 02", "");
	ask(b, "0B 00", "");
	ask(b, "13", "");
	ask(b, "1B 03 00 01", "");
	ask(b, "1D 03 00 01", "");
}

/* --- as much as fits --- */

enum { ALIKE_MAX = 20 };

/* Attributes of one type and value. */
static bool next_alike(void *user, uint16_t from, struct att_attribute *ret_attribute)
{
	(void)user;
	if (from > ALIKE_MAX)
		return false;
	*ret_attribute = (struct att_attribute){ .type = att_uuid_from16(0x2A00),
						 .handle = from ? from : 1 };
	return true;
}

static uint8_t read_alike(void *user, uint16_t handle, uint8_t *buf, size_t cap, size_t *ret_len)
{
	const struct bench *b = user;

	(void)cap;
	if (b->readable_to && handle > b->readable_to)
		return ATT_E_AUTHENTICATION;
	buf[0] = 0x55;
	*ret_len = 1;
	return 0;
}

static struct bench *with_all_alike(void **state, uint16_t mtu)
{
	struct bench *b = *state;

	b->database.next = next_alike;
	b->database.read = read_alike;
	b->server.mtu = mtu;
	return b;
}

static void a_list_is_as_long_as_the_mtu_lets_it_be(void **state)
{
	struct bench *b = with_all_alike(state, 25);

	ask(b, "04 01 00 FF FF",
	    "05 01 01 00 00 2A 02 00 00 2A 03 00 00 2A 04 00 00 2A 05 00 00 2A");
	ask(b, "08 01 00 FF FF 00 2A",
	    "09 03 01 00 55 02 00 55 03 00 55 04 00 55 05 00 55 06 00 55 07 00 55");
	ask(b, "06 01 00 FF FF 00 2A 55",
	    "07 01 00 01 00 02 00 02 00 03 00 03 00 04 00 04 00 05 00 "
	    "05 00 06 00 06 00");
	b->server.mtu = 26;
	ask(b, "04 01 00 FF FF",
	    "05 01 01 00 00 2A 02 00 00 2A 03 00 00 2A 04 00 00 2A 05 00 00 2A 06 00 00 2A");
}

static void a_list_ends_before_what_cannot_be_read(void **state)
{
	struct bench *b = with_all_alike(state, 23);

	b->readable_to = 2;
	ask(b, "08 01 00 FF FF 00 2A", "09 03 01 00 55 02 00 55");
	ask(b, "08 03 00 FF FF 00 2A", "01 08 03 00 05");
}

/* --- a larger MTU --- */

static void a_larger_mtu_makes_larger_answers(void **state)
{
	struct bench *b = *state;

	ask(b, "02 29 00", "03 F7 00");
	ask(b, "0A 10 00",
	    "0B 00 01 02 03 04 05 06 07 08 09 0A 0B 0C 0D 0E 0F 10 11 12 13 14 15 16 17 18 19 1A "
	    "1B 1C 1D 1E 1F 20 21 22 23 24 25 26 27");
	ask(b, "10 01 00 FF FF 00 28", "11 06 01 00 03 00 00 18 04 00 09 00 59 FE");
}

#define ON_BENCH(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		ON_BENCH(the_smaller_mtu_is_in_force_after_its_answer),
		ON_BENCH(an_mtu_below_23_is_taken_for_23),
		ON_BENCH(find_information_lists_types_of_one_length),
		ON_BENCH(find_information_ends_at_its_last_handle),
		ON_BENCH(an_empty_range_is_not_found_at_its_beginning),
		ON_BENCH(a_range_from_zero_or_backwards_is_an_invalid_handle),
		ON_BENCH(find_by_type_value_gives_the_group_of_a_service),
		ON_BENCH(find_by_type_value_gives_an_attribute_itself),
		ON_BENCH(find_by_type_value_passes_over_what_cannot_be_read),
		ON_BENCH(read_by_type_lists_values_of_one_length),
		ON_BENCH(read_by_type_takes_long_types),
		ON_BENCH(read_by_type_cuts_a_long_value_to_the_mtu),
		ON_BENCH(read_by_type_names_the_value_that_cannot_be_read),
		ON_BENCH(the_last_handle_is_found),
		ON_BENCH(a_read_gives_what_fits),
		ON_BENCH(a_read_blob_goes_on_from_its_offset),
		ON_BENCH(reading_what_is_not_there_or_not_readable_is_refused),
		ON_BENCH(read_multiple_joins_the_values),
		ON_BENCH(read_multiple_names_the_first_that_fails),
		ON_BENCH(read_multiple_wants_two_handles),
		ON_BENCH(read_by_group_type_lists_services_of_one_length),
		ON_BENCH(only_services_are_groups),
		ON_BENCH(a_write_reaches_the_database_and_is_answered),
		ON_BENCH(a_refused_write_says_where_and_why),
		ON_BENCH(a_command_is_obeyed_in_silence),
		ON_BENCH(a_signed_command_vanishes),
		ON_BENCH(a_prepared_write_comes_back_as_it_was),
		ON_BENCH(execute_commits_or_drops),
		ON_BENCH(a_database_without_long_writes_says_so),
		ON_BENCH(a_confirmation_is_taken_in_silence),
		ON_BENCH(a_request_of_wrong_length_is_an_invalid_pdu),
		ON_BENCH(a_request_longer_than_the_mtu_is_an_invalid_pdu),
		ON_BENCH(an_unknown_request_is_not_supported),
		ON_BENCH(an_unknown_command_vanishes),
		ON_BENCH(answers_and_nothing_at_all_are_not_answered),
		ON_BENCH(a_list_is_as_long_as_the_mtu_lets_it_be),
		ON_BENCH(a_list_ends_before_what_cannot_be_read),
		ON_BENCH(a_larger_mtu_makes_larger_answers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
