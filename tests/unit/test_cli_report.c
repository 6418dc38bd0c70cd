#include "report.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* cmocka wants the four above first. */
#include <cmocka.h>

#define DEVICE "C0:FF:EE:00:00:01"
#define ERASE  "\r\033[K"

/* A report whose two streams end in memory. */
struct bench {
	FILE *out, *err;
	char *out_text, *err_text;
	size_t out_len, err_len;
	struct report *report;
};

/* A clock that stands still: only the first and the last state of a bar are drawn. */
static uint64_t frozen_ms(void)
{
	return 1000;
}

static struct bench *bench_new(enum report_style style, unsigned width, bool quiet)
{
	struct bench *bench = calloc(1, sizeof(*bench));
	struct report_settings settings = {
		.style = style, .quiet = quiet, .width = width, .now_ms = frozen_ms
	};

	bench->out = settings.out = open_memstream(&bench->out_text, &bench->out_len);
	bench->err = settings.err = open_memstream(&bench->err_text, &bench->err_len);
	bench->report = report_new(&settings);
	assert_non_null(bench->report);
	return bench;
}

static void bench_free(struct bench *bench)
{
	report_free(bench->report);
	fclose(bench->out);
	fclose(bench->err);
	free(bench->out_text);
	free(bench->err_text);
	free(bench);
}

static void assert_out(struct bench *bench, const char *expected)
{
	fflush(bench->out);
	assert_string_equal(bench->out_text, expected);
}

static void assert_err(struct bench *bench, const char *expected)
{
	fflush(bench->err);
	assert_string_equal(bench->err_text, expected);
}

static void tell_phase(struct bench *bench, enum session_phase phase, const char *image)
{
	const struct session_event event = {
		.kind = SESSION_EVENT_PHASE, .device = DEVICE, .image = image, .phase = phase
	};

	report_event(bench->report, &event);
}

static void tell_progress(struct bench *bench, uint64_t done, uint64_t now_ms)
{
	const struct session_event event = {
		.kind = SESSION_EVENT_PROGRESS,
		.device = DEVICE,
		.image = "application",
		.done = done,
		.total = 60000,
		.now_ms = now_ms,
	};

	report_event(bench->report, &event);
}

static void tell_note(struct bench *bench, const char *text)
{
	const struct session_event event = { .kind = SESSION_EVENT_NOTE,
					     .device = DEVICE,
					     .text = text };

	report_event(bench->report, &event);
}

static int finish(struct bench *bench, const struct session_result *result)
{
	return report_finish(bench->report, result, NULL);
}

static const struct session_result updated = {
	.status = SESSION_UPDATED,
	.device = DEVICE,
	.bytes = 60788,
	.duration_ms = 3200,
	.ended_as = "runs its application",
};

static const struct session_result lost = {
	.status = SESSION_FAILED,
	.exit_status = 1,
	.device = DEVICE,
	.failure = { .code = OTADFU_E_DISCONNECTED,
		     .phase = "data",
		     .text = "the link was lost",
		     .hint = "move closer" },
};

static void plain_lines_tell_each_step_and_each_tenth(void **state)
{
	struct bench *bench = bench_new(REPORT_LINES, 0, false);

	(void)state;
	tell_phase(bench, SESSION_CONNECT, NULL);
	tell_phase(bench, SESSION_DATA, "application");
	tell_progress(bench, 1000, 0);
	tell_progress(bench, 6100, 10);
	tell_progress(bench, 6200, 20);
	tell_progress(bench, 60000, 30);
	assert_int_equal(finish(bench, &updated), 0);
	assert_out(bench, DEVICE ": connecting\n" DEVICE ": application: sending the image\n" DEVICE
				 ": application: 10 % (6100 of 60000 bytes)\n" DEVICE
				 ": application: 100 % (60000 of 60000 bytes)\n" DEVICE
				 " updated: 60788 bytes in 3.2 s (19.0 kB/s), "
				 "runs its application\n");
	assert_err(bench, "");
	bench_free(bench);
}

static void a_retried_image_is_counted_again(void **state)
{
	struct bench *bench = bench_new(REPORT_LINES, 0, false);

	(void)state;
	tell_progress(bench, 30000, 0);
	tell_phase(bench, SESSION_CONNECT, NULL);
	tell_progress(bench, 30000, 0);
	assert_out(bench,
		   DEVICE ": application: 50 % (30000 of 60000 bytes)\n" DEVICE
			  ": connecting\n" DEVICE ": application: 50 % (30000 of 60000 bytes)\n");
	bench_free(bench);
}

static void a_terminal_draws_first_and_last_state_within_one_tick(void **state)
{
	struct bench *bench = bench_new(REPORT_TERMINAL, 40, false);

	(void)state;
	tell_progress(bench, 0, 0);
	tell_progress(bench, 20000, 100);
	tell_progress(bench, 30000, 200);
	tell_phase(bench, SESSION_VALIDATE, "application");
	assert_out(bench, ERASE "[-----------------]   0 %   0.0/60.0 kB" ERASE
				"[########---------]  50 %  30.0/60.0 kB\n" DEVICE
				": application: validating\n");
	bench_free(bench);
}

static void at_eighty_columns_speed_and_time_are_told(void **state)
{
	struct bench *bench = bench_new(REPORT_TERMINAL, 80, false);

	(void)state;
	tell_progress(bench, 0, 0);
	tell_progress(bench, 60000, 4000);
	fflush(bench->out);
	assert_non_null(strstr(bench->out_text, "100 %  60.0/60.0 kB   15.0 kB/s  0:00 left"));
	bench_free(bench);
}

static void a_failure_ends_the_bar_with_a_newline(void **state)
{
	struct bench *bench = bench_new(REPORT_TERMINAL, 40, false);

	(void)state;
	tell_progress(bench, 0, 0);
	assert_int_equal(finish(bench, &lost), 1);
	assert_int_equal(bench->out_text[bench->out_len - 1], '\n');
	assert_err(bench, "otadfu: " DEVICE ": could not send the image: the link was lost\n"
			  "try: move closer\n");
	bench_free(bench);
}

static void a_log_record_goes_around_the_bar(void **state)
{
	struct bench *bench = bench_new(REPORT_TERMINAL, 40, false);
	struct log *log = log_new(bench->out, OTADFU_LOG_WARN);

	(void)state;
	log_set_guard(log, report_log_guard(bench->report));
	tell_progress(bench, 0, 0);
	log_write(log, OTADFU_LOG_WARN, NULL, NULL, "hello");
	assert_out(bench, ERASE "[-----------------]   0 %   0.0/60.0 kB" ERASE
				"warning: hello\n" ERASE "[-----------------]   0 %   0.0/60.0 kB");
	log_free(log);
	bench_free(bench);
}

static void quiet_says_nothing_but_errors(void **state)
{
	struct bench *bench = bench_new(REPORT_TERMINAL, 80, true);

	(void)state;
	tell_phase(bench, SESSION_CONNECT, NULL);
	tell_progress(bench, 60000, 0);
	assert_int_equal(finish(bench, &lost), 1);
	assert_out(bench, "");
	assert_err(bench, "otadfu: " DEVICE ": could not send the image: the link was lost\n"
			  "try: move closer\n");
	bench_free(bench);
}

static void quiet_success_is_silent(void **state)
{
	struct bench *bench = bench_new(REPORT_LINES, 0, true);

	(void)state;
	assert_int_equal(finish(bench, &updated), 0);
	assert_out(bench, "");
	assert_err(bench, "");
	bench_free(bench);
}

static void json_ends_with_the_result_even_when_quiet(void **state)
{
	struct bench *bench = bench_new(REPORT_JSON, 0, true);
	const char *last;

	(void)state;
	tell_phase(bench, SESSION_CONNECT, NULL);
	tell_note(bench, "a note");
	assert_int_equal(finish(bench, &lost), 1);
	fflush(bench->out);
	last = strchr(bench->out_text, '\n') + 1;
	assert_int_equal(strncmp(last, "{\"event\":\"result\"", 17), 0);
	assert_string_equal(strchr(last, '\n'), "\n");
	bench_free(bench);
}

static void foreign_text_cannot_move_the_cursor(void **state)
{
	struct bench *bench = bench_new(REPORT_LINES, 0, false);

	(void)state;
	tell_note(bench, "evil\x1b[2J\nname");
	assert_out(bench, DEVICE ": evil?[2J?name\n");
	bench_free(bench);
}

static void without_a_phase_the_device_is_not_blamed(void **state)
{
	const struct session_result result = {
		.status = SESSION_REFUSED_BY_HOST,
		.exit_status = 3,
		.device = DEVICE,
		.failure = { .code = OTADFU_E_PACKAGE, .text = "app.zip: not a zip archive" },
	};
	struct bench *bench = bench_new(REPORT_LINES, 0, false);

	(void)state;
	assert_int_equal(finish(bench, &result), 3);
	assert_err(bench, "otadfu: app.zip: not a zip archive\n");
	bench_free(bench);
}

static void a_failure_without_text_is_still_told(void **state)
{
	const struct failure why = { .code = OTADFU_E_NOMEM };
	struct bench *bench = bench_new(REPORT_LINES, 0, false);

	(void)state;
	report_failure(bench->err, &why);
	assert_err(bench, "otadfu: out of memory\n");
	bench_free(bench);
}

static void a_rehearsal_does_not_sound_like_an_update(void **state)
{
	const struct session_result rehearsed = {
		.status = SESSION_REHEARSED,
		.device = DEVICE,
		.bytes = 60788,
	};
	struct bench *bench = bench_new(REPORT_LINES, 0, false);

	(void)state;
	assert_int_equal(finish(bench, &rehearsed), 0);
	assert_out(bench, DEVICE ": dry run: nothing stands in the way of 60788 bytes; nothing was "
				 "changed\n");
	assert_err(bench, "");
	bench_free(bench);
}

/* Finishes on a stream that takes nothing. */
static int finish_unwritable(const struct session_result *result, struct bench *bench)
{
	struct report_settings settings = { .now_ms = frozen_ms,
					    .out = fopen("/dev/full", "we"),
					    .err = bench->err };
	struct report *report = report_new(&settings);
	int status = report_finish(report, result, NULL);

	report_free(report);
	fclose(settings.out);
	return status;
}

static void an_unwritable_output_is_no_success_but_the_result_is_told(void **state)
{
	struct bench *bench = bench_new(REPORT_LINES, 0, false);

	(void)state;
	assert_int_equal(finish_unwritable(&updated, bench), 1);
	assert_err(bench, DEVICE " updated: 60788 bytes in 3.2 s (19.0 kB/s), "
				 "runs its application\n");
	bench_free(bench);
}

static void an_unwritable_output_keeps_the_devices_exit_status(void **state)
{
	struct session_result refused = lost;
	struct bench *bench = bench_new(REPORT_LINES, 0, false);

	(void)state;
	refused.exit_status = 5;
	assert_int_equal(finish_unwritable(&refused, bench), 5);
	bench_free(bench);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(plain_lines_tell_each_step_and_each_tenth),
		cmocka_unit_test(a_retried_image_is_counted_again),
		cmocka_unit_test(a_terminal_draws_first_and_last_state_within_one_tick),
		cmocka_unit_test(at_eighty_columns_speed_and_time_are_told),
		cmocka_unit_test(a_failure_ends_the_bar_with_a_newline),
		cmocka_unit_test(a_log_record_goes_around_the_bar),
		cmocka_unit_test(quiet_says_nothing_but_errors),
		cmocka_unit_test(quiet_success_is_silent),
		cmocka_unit_test(json_ends_with_the_result_even_when_quiet),
		cmocka_unit_test(foreign_text_cannot_move_the_cursor),
		cmocka_unit_test(without_a_phase_the_device_is_not_blamed),
		cmocka_unit_test(a_failure_without_text_is_still_told),
		cmocka_unit_test(a_rehearsal_does_not_sound_like_an_update),
		cmocka_unit_test(an_unwritable_output_is_no_success_but_the_result_is_told),
		cmocka_unit_test(an_unwritable_output_keeps_the_devices_exit_status),
	};

	return cmocka_run_group_tests_name("cli_report", tests, NULL, NULL);
}
