#include "att_words.h"
#include "parse.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { LOG_MAX = 8192 };

/* What was reported, as text: "connected; mtu 247; written; ". */
struct log {
	struct parser parser;
	unsigned errors;
	unsigned codes; /* of them with an ATT error that is known */
	char text[LOG_MAX];
};

static void add(struct log *log, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void add(struct log *log, const char *format, ...)
{
	size_t len = strlen(log->text);
	va_list args;

	va_start(args, format);
	vsnprintf(log->text + len, LOG_MAX - len, format, args);
	va_end(args);
}

static void add_bytes(struct log *log, const struct event *event)
{
	for (size_t i = 0; i < event->len && i < 2; i++)
		add(log, " %02x", event->value[i]);
	if (event->len > 2)
		add(log, "..%zu", event->len);
}

static void on_event(void *user, const struct event *event)
{
	static const char *const words[] = {
		[EVENT_CONNECTED] = "connected", [EVENT_WRITTEN] = "written",
		[EVENT_READ] = "read",           [EVENT_MTU] = "mtu",
		[EVENT_SERVICE] = "service",     [EVENT_CHARACTERISTIC] = "chr",
		[EVENT_DESCRIPTOR] = "desc",     [EVENT_VALUE] = "value",
		[EVENT_GARBLED] = "garbled",     [EVENT_MARK] = "mark",
		[EVENT_NO_LINK] = "no link",     [EVENT_LOST] = "lost",
		[EVENT_ERROR] = "error",
	};
	struct log *log = user;

	if (event->kind == EVENT_OTHER)
		return;
	add(log, "%s", words[event->kind]);
	if (event->handle)
		add(log, " %04x", event->handle);
	if (event->end)
		add(log, "-%04x", event->end);
	if (event->kind == EVENT_CHARACTERISTIC)
		add(log, " %02x %04x", event->props, event->value_handle);
	if (event->handle && !event->value)
		add(log, " %02x%02x", event->uuid.bytes[2], event->uuid.bytes[3]);
	if (event->mtu)
		add(log, " %u", event->mtu);
	add_bytes(log, event);
	if (event->text) {
		log->errors++;
		log->codes += att_error_of_words(event->text) != 0;
		add(log, " %s", event->text);
	}
	add(log, "; ");
}

static struct log *log_new(void)
{
	struct log *log = calloc(1, sizeof(*log));

	assert_non_null(log);
	return log;
}

static void assert_events(const char *printed, const char *expected)
{
	struct log *log = log_new();

	parser_feed(&log->parser, (const uint8_t *)printed, strlen(printed), on_event, log);
	assert_string_equal(log->text, expected);
	free(log);
}

/* --- recordings of BlueZ 5.66 in Debian 12, echo and prompts and all --- */

static struct log *read_recording(const char *name)
{
	struct log *log = log_new();
	char path[512];
	uint8_t data[8192];
	size_t len;
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", RECORDINGS, name);
	file = fopen(path, "rbe");
	assert_non_null(file);
	len = fread(data, 1, sizeof(data), file);
	fclose(file);
	assert_in_range(len, 1, sizeof(data) - 1);
	parser_feed(&log->parser, data, len, on_event, log);
	return log;
}

static void assert_recording(const char *name, const char *expected)
{
	struct log *log = read_recording(name);

	assert_string_equal(log->text, expected);
	free(log);
}

/* `exit` makes GLib complain as the loss of a link does. */
static void reads_a_connection_and_its_end(void **state)
{
	(void)state;
	assert_recording("connect", "connected; lost; ");
}

static void reads_a_connection_asked_for_before_the_prompt(void **state)
{
	(void)state;
	assert_recording("typed_early", "connected; lost; ");
}

static void reads_why_there_is_no_connection(void **state)
{
	(void)state;
	assert_recording("busy",
			 "error connect to C6:55:44:33:22:11: Device or resource busy (16); ");
	assert_recording("no_adapter",
			 "error connect to C6:55:44:33:22:11: No route to host (113); ");
}

#define CHARACTERISTICS                                                                            \
	"chr 0002 02 0003 2a00; chr 0005 18 0006 0001; chr 0008 04 0009 0002; "                    \
	"chr 000b 08 000c aa01; chr 000d 32 000e aa02; chr 0010 0a 0011 aa03; "
#define DESCRIPTORS                                                                                \
	"desc 0001 2800; desc 0002 2803; desc 0003 2a00; desc 0004 2800; desc 0005 2803; "         \
	"desc 0006 0001; desc 0007 2902; desc 0008 2803; desc 0009 0002; desc 000a 2800; "         \
	"desc 000b 2803; desc 000c aa01; desc 000d 2803; desc 000e aa02; desc 000f 2902; "         \
	"desc 0010 2803; desc 0011 aa03; "

static void reads_a_discovery(void **state)
{
	(void)state;
	assert_recording("discover_mtu_23",
			 "connected; error Discover all primary services failed: Attribute PDU was "
			 "invalid; " CHARACTERISTICS DESCRIPTORS "lost; ");
}

static void reads_a_second_exchange_of_the_mtu_as_an_error(void **state)
{
	static const char expected[] =
		"connected; mtu 247; error MTU exchange can only occur once per connection.; ";
	struct log *log = read_recording("discover_mtu_247");

	(void)state;
	assert_memory_equal(log->text, expected, sizeof(expected) - 1);
	free(log);
}

static void reads_values_long_and_short(void **state)
{
	static const char refused[] = "error Characteristic value/descriptor read failed: ";
	struct log *log = read_recording("reads");

	(void)state;
	assert_non_null(strstr(log->text, "read 44 66..7; read 00 01..300; mtu 247; "
					  "read 00 01..300; "));
	assert_non_null(strstr(log->text, refused));
	free(log);
}

static void overlooks_the_echo_of_writes_on_a_narrow_terminal(void **state)
{
	(void)state;
	assert_recording("writes",
			 "connected; mtu 247; written; written; value 0006 60 03..7; "
			 "written; value 0006 60 03..7; written; written; written; lost; ");
	assert_recording("pipelined",
			 "connected; mtu 247; written; written; value 0006 60 03..7; lost; ");
}

static void reads_notifications_before_and_behind_a_confirmation(void **state)
{
	struct log *log = read_recording("notifications");

	(void)state;
	assert_non_null(strstr(log->text,
			       "value 000e 40 41..8; written; written; value 000e 50 51..8; "
			       "value 000e 40 41..244; written; written; value 000e 50 51..244; "
			       "value 000e 00 01..20; written; value 000e 01 02..20; "));
	free(log);
}

static void reads_indications(void **state)
{
	(void)state;
	assert_recording("indications", "connected; value 000e 60 61..8; written; written; "
					"value 000e 70 71..8; lost; ");
}

static void knows_every_att_error_that_gatttool_has_words_for(void **state)
{
	struct log *log = read_recording("every_att_error");

	(void)state;
	assert_int_equal(log->errors, 28);
	/* 12, 13, 60, 7F, 9F, FC, FD, FE and FF it cannot name. */
	assert_int_equal(log->codes, 28 - 9);
	free(log);
}

static void reads_the_loss_of_a_link(void **state)
{
	(void)state;
	assert_recording("lost_idle", "connected; mtu 247; lost; no link; no link; ");
	assert_recording("lost_in_request", "connected; lost; no link; ");
	assert_recording("adapter_down", "connected; lost; no link; ");
}

static void reads_a_mark_and_the_refusal_of_one(void **state)
{
	struct log *log = read_recording("errors_typed");

	(void)state;
	assert_non_null(strstr(log->text, "error foo: command not found; no link; no link; "
					  "no link; connected; mark; "));
	free(log);
}

static void reads_the_att_timeout_as_a_refusal(void **state)
{
	(void)state;
	assert_recording("never_answered",
			 "connected; error Characteristic Write Request failed: Request attribute "
			 "has encountered an unlikely error; lost; ");
}

/* --- what no recording shows --- */

static void reads_services(void **state)
{
	(void)state;
	assert_events("attr handle: 0x000b, end grp handle: 0xffff uuid: "
		      "0000fe59-0000-1000-8000-00805f9b34fb\r\n",
		      "service 000b-ffff fe59; ");
}

static void reads_an_empty_value(void **state)
{
	(void)state;
	assert_events("Characteristic value/descriptor: \n", "read; ");
	assert_events("Notification handle = 0x0010 value: \n", "value 0010; ");
}

static void waits_for_the_end_of_a_line(void **state)
{
	struct log *log = log_new();

	(void)state;
	parser_feed(&log->parser, (const uint8_t *)"Connection successful", 21, on_event, log);
	assert_string_equal(log->text, "");
	parser_feed(&log->parser, (const uint8_t *)"\r\n", 2, on_event, log);
	assert_string_equal(log->text, "connected; ");
	free(log);
}

static void reads_a_line_behind_a_prompt_without_carriage_return(void **state)
{
	(void)state;
	assert_events("\x1b[0;94m[C6:55:44:33:22:11]\x1b[0m[LE]> Notification handle = 0x0010 "
		      "value: 01 02 \n",
		      "value 0010 01 02; ");
}

static void reads_a_notification_in_the_middle_of_a_confirmation(void **state)
{
	(void)state;
	assert_events("Characteristic value was Notification handle = 0x0010 value: 01 02 \n"
		      "written successfully\n",
		      "value 0010 01 02; written; ");
}

static void reads_two_notifications_in_the_middle_of_a_confirmation(void **state)
{
	(void)state;
	assert_events("Characteristic value Notification handle = 0x0010 value: 01 \n"
		      "was wriNotification handle = 0x0010 value: 02 \n"
		      "tten successfully\n",
		      "value 0010 01; value 0010 02; written; ");
}

/* Without echo nothing ends the line of a prompt. */
static void reads_a_notification_in_a_confirmation_behind_many_prompts(void **state)
{
	(void)state;
	assert_events("[C6:55:44:33:22:11][LE]> [C6:55:44:33:22:11][LE]> [C6:55:44:33:22:11][LE]> "
		      "Characteristic value was Notification handle = 0x0010 value: 01 02 \n"
		      "written successfully\n",
		      "value 0010 01 02; written; ");
}

static void reads_a_notification_in_the_middle_of_an_echo(void **state)
{
	(void)state;
	assert_events("[LE]> char-write-cmd 0x0010 0011223344556677889900112233445566778899001122"
		      "Notification handle = 0x0010 value: 01 \n334455\r\n"
		      "Characteristic value was written successfully\n",
		      "value 0010 01; written; ");
}

static void reads_a_confirmation_stuck_to_a_notification(void **state)
{
	(void)state;
	assert_events("Notification handle = 0x0010 value: 01 "
		      "Characteristic value was written successfully\n",
		      "value 0010 01; written; ");
}

static void tells_of_a_notification_that_lost_a_part(void **state)
{
	(void)state;
	assert_events("Notification handle = 0x0010 value: 01 0\n", "garbled; ");
	assert_events("Notification handle = 0x00\nIndication   handle = \n", "garbled; garbled; ");
	assert_events("Notification handle = 0x12345 value: 01 \n", "garbled; ");
}

static void overlooks_what_was_typed(void **state)
{
	(void)state;
	assert_events("[LE]> mtu\r\n[LE]> char-write-req 0x0010 0102\r\n[LE]> exit\r\n", "");
}

static void reads_a_line_behind_more_than_its_buffer_holds(void **state)
{
	char *printed = calloc(1, 3 * PARSE_LINE_MAX);

	(void)state;
	assert_non_null(printed);
	memset(printed, 'x', 2 * PARSE_LINE_MAX + 5);
	strcat(printed, "Notification handle = 0x0010 value: 01 \n");
	assert_events(printed, "value 0010 01; ");
	free(printed);
}

static void overlooks_an_escape_sequence_cut_off_by_a_line_end(void **state)
{
	(void)state;
	assert_events("\x1b[0;9\nConnection successful\n", "connected; ");
}

static void has_no_code_for_words_that_name_none(void **state)
{
	(void)state;
	assert_int_equal(att_error_of_words("Protocol error"), 0);
	assert_int_equal(att_error_of_words(
				 "Characteristic Write Request failed: Unexpected error code"),
			 0);
	assert_true(att_words_are_refusal("Discover descriptors failed: Invalid handle"));
	assert_false(att_words_are_refusal("Invalid value"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_a_connection_and_its_end),
		cmocka_unit_test(reads_a_connection_asked_for_before_the_prompt),
		cmocka_unit_test(reads_why_there_is_no_connection),
		cmocka_unit_test(reads_a_discovery),
		cmocka_unit_test(reads_a_second_exchange_of_the_mtu_as_an_error),
		cmocka_unit_test(reads_values_long_and_short),
		cmocka_unit_test(overlooks_the_echo_of_writes_on_a_narrow_terminal),
		cmocka_unit_test(reads_notifications_before_and_behind_a_confirmation),
		cmocka_unit_test(reads_indications),
		cmocka_unit_test(knows_every_att_error_that_gatttool_has_words_for),
		cmocka_unit_test(reads_the_loss_of_a_link),
		cmocka_unit_test(reads_a_mark_and_the_refusal_of_one),
		cmocka_unit_test(reads_the_att_timeout_as_a_refusal),
		cmocka_unit_test(reads_services),
		cmocka_unit_test(reads_an_empty_value),
		cmocka_unit_test(waits_for_the_end_of_a_line),
		cmocka_unit_test(reads_a_line_behind_a_prompt_without_carriage_return),
		cmocka_unit_test(reads_a_notification_in_the_middle_of_a_confirmation),
		cmocka_unit_test(reads_two_notifications_in_the_middle_of_a_confirmation),
		cmocka_unit_test(reads_a_notification_in_a_confirmation_behind_many_prompts),
		cmocka_unit_test(reads_a_notification_in_the_middle_of_an_echo),
		cmocka_unit_test(reads_a_confirmation_stuck_to_a_notification),
		cmocka_unit_test(tells_of_a_notification_that_lost_a_part),
		cmocka_unit_test(overlooks_what_was_typed),
		cmocka_unit_test(reads_a_line_behind_more_than_its_buffer_holds),
		cmocka_unit_test(overlooks_an_escape_sequence_cut_off_by_a_line_end),
		cmocka_unit_test(has_no_code_for_words_that_name_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
