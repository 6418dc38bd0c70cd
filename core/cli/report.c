#include "report.h"

#include "exit_status.h"
#include "json_line.h"
#include "line.h"
#include "progress.h"
#include "terminal.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum { LINE_BYTES = 1024, REDRAW_MS = 100, PERCENT_STEP = 10 };

struct report {
	struct report_settings settings;
	struct log_guard guard;
	/* Log records come from any thread and go around the bar. */
	pthread_mutex_t lock;
	struct progress progress;
	bool in_progress;   /* progress is of the image under way */
	bool bar_is_drawn;  /* the cursor stands behind it */
	uint64_t drawn_ms;  /* real time */
	unsigned told_step; /* REPORT_LINES: tenths that were written */
};

struct phase_words {
	const char *doing;
	const char *failed;
};

static const struct phase_words phase_words[] = {
	[SESSION_CONNECT] = { "connecting", "could not connect" },
	[SESSION_PROBE] = { "asking what it speaks", "when asked what it speaks" },
	[SESSION_ENTER] = { "switching to the bootloader", "could not switch to the bootloader" },
	[SESSION_INIT] = { "sending the init packet", "could not send the init packet" },
	[SESSION_DATA] = { "sending the image", "could not send the image" },
	[SESSION_VALIDATE] = { "validating", "could not validate the image" },
	[SESSION_ACTIVATE] = { "activating", "could not activate the image" },
	[SESSION_VERIFY] = { "waiting to see it again", "after the update" },
};

/* "DEVICE: TEXT", or the text alone while no device is known. */
static void write_step(FILE *stream, const char *device, const char *image, const char *text)
{
	line_write(stream, "%s%s%s%s%s", device, device[0] ? ": " : "", image ? image : "",
		   image ? ": " : "", text);
}

static void draw_bar(struct report *report)
{
	char line[LINE_BYTES];
	unsigned width = report->settings.width;

	if (width == 0)
		width = terminal_width(fileno(report->settings.out));
	/* A character in the last column would leave the cursor's place to the terminal. */
	progress_format(&report->progress, width - 1, line, sizeof(line));
	fprintf(report->settings.out, TERMINAL_CLEAR_LINE "%s", line);
	fflush(report->settings.out);
	report->bar_is_drawn = true;
	report->drawn_ms = report->settings.now_ms();
}

static void end_bar(struct report *report)
{
	if (report->bar_is_drawn) {
		draw_bar(report);
		fputc('\n', report->settings.out);
	}
	report->bar_is_drawn = false;
	report->in_progress = false;
}

static void tell_progress(struct report *report, const struct session_event *event)
{
	unsigned percent = progress_percent(&report->progress);
	char text[64];

	if (percent / PERCENT_STEP <= report->told_step)
		return;
	report->told_step = percent / PERCENT_STEP;
	snprintf(text, sizeof(text), "%u %% (%" PRIu64 " of %" PRIu64 " bytes)", percent,
		 event->done, event->total);
	write_step(report->settings.out, event->device, event->image, text);
}

static void show_progress(struct report *report, const struct session_event *event)
{
	if (!report->in_progress || report->progress.total != event->total) {
		report->progress = progress_begin(event->done, event->total, event->now_ms);
		report->in_progress = true;
		report->told_step = 0;
	}
	progress_advance(&report->progress, event->done, event->now_ms);
	if (report->settings.style == REPORT_LINES)
		tell_progress(report, event);
	else if (!report->bar_is_drawn || event->done >= event->total ||
		 report->settings.now_ms() - report->drawn_ms >= REDRAW_MS)
		draw_bar(report);
}

static void show_event(struct report *report, const struct session_event *event)
{
	FILE *out = report->settings.out;

	if (event->kind == SESSION_EVENT_PROGRESS) {
		show_progress(report, event);
		return;
	}
	end_bar(report);
	if (event->kind == SESSION_EVENT_NOTE)
		write_step(out, event->device, NULL, event->text);
	else if (event->kind == SESSION_EVENT_PHASE)
		write_step(out, event->device, event->image, phase_words[event->phase].doing);
}

void report_event(void *user, const struct session_event *event)
{
	struct report *report = user;

	pthread_mutex_lock(&report->lock);
	if (report->settings.style == REPORT_JSON)
		json_line_write(report->settings.out, json_line_event(event));
	else if (!report->settings.quiet)
		show_event(report, event);
	pthread_mutex_unlock(&report->lock);
}

static void make_room_for_record(void *user)
{
	struct report *report = user;

	pthread_mutex_lock(&report->lock);
	if (report->bar_is_drawn) {
		fputs(TERMINAL_CLEAR_LINE, report->settings.out);
		fflush(report->settings.out);
	}
}

static void draw_again(void *user)
{
	struct report *report = user;

	if (report->bar_is_drawn)
		draw_bar(report);
	pthread_mutex_unlock(&report->lock);
}

const struct log_guard *report_log_guard(struct report *report)
{
	return &report->guard;
}

struct report *report_new(const struct report_settings *settings)
{
	struct report *report = calloc(1, sizeof(*report));

	if (!report)
		return NULL;
	report->settings = *settings;
	report->guard = (struct log_guard){
		.before = make_room_for_record,
		.after = draw_again,
		.user = report,
	};
	pthread_mutex_init(&report->lock, NULL);
	return report;
}

void report_free(struct report *report)
{
	if (!report)
		return;
	pthread_mutex_destroy(&report->lock);
	free(report);
}

static void write_success(FILE *stream, const struct session_result *result)
{
	double seconds = (double)result->duration_ms / 1000.0;
	double speed = seconds > 0 ? (double)result->bytes / 1000.0 / seconds : 0;

	line_write(stream, "%s updated: %" PRIu64 " bytes in %.1f s (%.1f kB/s)%s%s%s%s",
		   result->device, result->bytes, seconds, speed, result->ended_as[0] ? ", " : "",
		   result->ended_as, result->firmware_after[0] ? ", firmware " : "",
		   result->firmware_after);
}

static void write_rehearsal(FILE *stream, const struct session_result *result)
{
	line_write(stream,
		   "%s: dry run: nothing stands in the way of %" PRIu64 " bytes; nothing was "
		   "changed",
		   result->device, result->bytes);
}

static void write_ending(FILE *stream, const struct session_result *result)
{
	if (result->status == SESSION_REHEARSED)
		write_rehearsal(stream, result);
	else
		write_success(stream, result);
}

static const char *find_words(const char *phase)
{
	for (unsigned i = SESSION_CONNECT; i <= SESSION_VERIFY; i++) {
		if (strcmp(session_phase_name(i), phase) == 0)
			return phase_words[i].failed;
	}
	return NULL;
}

static const char *failure_words(const struct failure *failure)
{
	return failure->text[0] ? failure->text : error_text(failure->code);
}

static void write_failure(FILE *err, const char *device, const struct failure *failure)
{
	const char *words = find_words(failure->phase);

	/* Without a phase nothing was begun with the device, and it is not what failed. */
	if (words)
		line_write(err, "otadfu: %s%s%s: %s", device, device[0] ? ": " : "", words,
			   failure_words(failure));
	else
		line_write(err, "otadfu: %s", failure_words(failure));
	if (failure->hint[0])
		line_write(err, "try: %s", failure->hint);
}

void report_failure(FILE *err, const struct failure *failure)
{
	write_failure(err, "", failure);
}

int report_finish(struct report *report, const struct session_result *result,
		  const struct package *package)
{
	const struct report_settings *settings = &report->settings;
	bool ended_well = result->exit_status == EXIT_STATUS_DONE;
	int status = result->exit_status;

	pthread_mutex_lock(&report->lock);
	end_bar(report);
	if (settings->style == REPORT_JSON)
		json_line_write(settings->out, json_line_result(result, package));
	else if (ended_well && !settings->quiet)
		write_ending(settings->out, result);
	if (!ended_well)
		write_failure(settings->err, result->device, &result->failure);
	if (fflush(settings->out) != 0 || ferror(settings->out)) {
		if (ended_well)
			write_ending(settings->err, result);
		status = status == EXIT_STATUS_DONE ? EXIT_STATUS_FAILED : status;
	}
	pthread_mutex_unlock(&report->lock);
	return status;
}
