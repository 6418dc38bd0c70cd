/* decisions: the client meets the device of every transcript, as table.tsv says. */
#include "judge.h"
#include "line.h"
#include "plan.h"
#include "row.h"

#include "cleanup.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char usage[] =
	"usage: decisions TRANSCRIPTS TABLE [-v] [--only NAME | --complete]\n"
	"Runs the client against each transcript of TABLE.\n"
	"  -v           one line for each, and what the client did where it failed\n"
	"  --only NAME  that one, with its folder\n"
	"  --complete   every one in TRANSCRIPTS/INDEX.md must stand in TABLE once\n";

enum { EXIT_FAILED = 1, EXIT_USAGE = 2, PATH_LEN = 4096 };

struct options {
	const char *transcripts, *table;
	const char *only;
	bool verbose, complete;
};

struct tally {
	unsigned passed, failed, listed, open;
};

/* --- one row --- */

static void show_log(const struct meeting *meeting)
{
	size_t index;
	const json_t *entry;

	json_array_foreach(meeting->log, index, entry)
	{
		const char *heard = json_text_or(entry, "heard", NULL);

		if (heard)
			printf("    < %s%s\n", heard,
			       json_is_true(json_object_get(entry, "recorded")) ? "" : " *");
		else
			printf("    %.60s\n", json_text_or(entry, "did", "?"));
	}
	printf("    left the recording: %s\n    notes: %s    failure: %s\n",
	       meeting->tape.left[0] ? meeting->tape.left : "never", meeting->notes,
	       meeting->result.failure.text);
}

static bool meet(const struct options *options, const struct plan *plan, const struct row *row,
		 const char *decision, char why[JUDGE_WHY_MAX])
{
	struct meeting meeting;
	const char *problem = meeting_run(&meeting, plan);
	bool ok = !problem && judge(&meeting, plan, row->how, decision, why);

	if (problem)
		snprintf(why, JUDGE_WHY_MAX, "%s", problem);
	if (!ok && options->verbose)
		show_log(&meeting);
	meeting_end(&meeting);
	return ok;
}

static bool try_attempts(const struct options *options, const struct transcript *transcript,
			 const struct row *row, char why[JUDGE_WHY_MAX])
{
	struct attempt attempt;
	unsigned long wanted = strtoul(row->decision, NULL, 10);
	size_t count = 0;
	bool ok = true;

	for (; ok && attempt_make(transcript, row->setup, count, &attempt); count++) {
		const char *decision = judge_documented(attempt.answer);
		char reason[JUDGE_WHY_MAX] = "no decision is documented";

		ok = decision && meet(options, &attempt.plan, row, decision, reason);
		if (!ok)
			snprintf(why, JUDGE_WHY_MAX, "attempt %zu, answered %s: %.400s", count + 1,
				 attempt.answer, reason);
		attempt_free(&attempt);
	}
	if (ok && count != wanted) {
		snprintf(why, JUDGE_WHY_MAX, "%zu attempts, %lu expected", count, wanted);
		ok = false;
	}
	return ok;
}

static bool try_row(const struct options *options, const struct transcript *transcript,
		    const struct row *row, char why[JUDGE_WHY_MAX])
{
	struct plan plan;
	const char *problem;

	if (plan_is_of_attempts(row->setup))
		return try_attempts(options, transcript, row, why);
	problem = plan_make(transcript, row->setup, &plan);
	if (problem)
		snprintf(why, JUDGE_WHY_MAX, "%s", problem);
	return !problem && meet(options, &plan, row, row->decision, why);
}

static bool load_and_try(const struct options *options, const struct row *row,
			 char why[JUDGE_WHY_MAX])
{
	struct transcript transcript;
	char path[PATH_LEN];
	char reason[TRANSCRIPT_WHY_MAX];
	bool ok = false;

	snprintf(path, sizeof(path), "%s/%s.jsonl", options->transcripts, row->transcript);
	if (transcript_load(path, options->transcripts, &transcript, reason) != TRANSCRIPT_READY) {
		snprintf(why, JUDGE_WHY_MAX, "%s", reason);
	} else {
		/* What has fallen back into its application can be asked to come again. */
		transcript.config.buttonless =
			transcript_is_secure(&transcript) ? BUTTONLESS_UNBONDED : BUTTONLESS_LEGACY;
		ok = try_row(options, &transcript, row, why);
	}
	transcript_free(&transcript);
	return ok;
}

static void run_row(const struct options *options, const struct row *row, struct tally *tally)
{
	char why[JUDGE_WHY_MAX] = "";
	bool ok;

	if (row->how == ROW_UNREACHABLE) {
		tally->listed++;
		if (options->verbose)
			printf("-        %s: %s\n", row->transcript, row->decision);
		return;
	}
	ok = load_and_try(options, row, why);
	if (ok && row->open) {
		printf("%s: listed as open but decided as documented: take it off\n",
		       row->transcript);
		tally->failed++;
	} else if (ok) {
		tally->passed++;
		if (options->verbose)
			printf("%s %s (%s): %s\n",
			       row->how == ROW_RECORDED ? "recorded" : "device  ", row->transcript,
			       row->section, row->decision);
	} else if (row->open) {
		printf("open: %s: %s\n", row->transcript, row->open);
		tally->open++;
	} else {
		printf("%s (%s): %s\n", row->transcript, row->section, why);
		tally->failed++;
	}
}

/* --- is every transcript there? --- */

static void claim(const struct table *table, const char *name, struct tally *tally)
{
	unsigned rows = 0;

	for (size_t i = 0; i < table->count; i++) {
		if (!table->rows[i].extra && strcmp(table->rows[i].transcript, name) == 0) {
			table->rows[i].seen = true;
			rows++;
		}
	}
	if (rows == 1)
		return;
	printf("%s stands in the table %u times\n", name, rows);
	tally->failed++;
}

/* "## folder", then rows "| name | ..." */
static bool check_index(const char *transcripts, const struct table *table, struct tally *tally)
{
	char path[PATH_LEN], folder[128] = "", name[128], full[260];
	AUTO_FCLOSE FILE *file = NULL;
	AUTO_FREE char *line = NULL;
	size_t cap = 0;

	snprintf(path, sizeof(path), "%s/INDEX.md", transcripts);
	file = fopen(path, "re");
	if (!file) {
		fprintf(stderr, "decisions: %s: %s\n", path, strerror(errno));
		return false;
	}
	while (getline(&line, &cap, file) >= 0) {
		if (sscanf(line, "## %127s", folder) == 1 || strncmp(line, "| ", 2) != 0 ||
		    sscanf(line + 2, "%127s", name) != 1 || strcmp(name, "File") == 0)
			continue;
		snprintf(full, sizeof(full), "%s/%s", folder, name);
		claim(table, full, tally);
	}
	for (size_t i = 0; i < table->count; i++) {
		if (table->rows[i].seen || table->rows[i].extra)
			continue;
		printf("%s stands in the table, but not in the index\n", table->rows[i].transcript);
		tally->failed++;
	}
	return true;
}

/* --- all of them --- */

static int run_all(const struct options *options, const struct table *table)
{
	struct tally tally = { 0 };

	for (size_t i = 0; i < table->count; i++) {
		if (!options->only || strcmp(options->only, table->rows[i].transcript) == 0)
			run_row(options, &table->rows[i], &tally);
	}
	if (options->complete && !check_index(options->transcripts, table, &tally))
		return EXIT_USAGE;
	printf("%u decided as documented, %u failed, %u open, %u out of a client's reach\n",
	       tally.passed, tally.failed, tally.open, tally.listed);
	return tally.failed > 0 ? EXIT_FAILED : EXIT_SUCCESS;
}

static bool parse_options(int argc, char **argv, struct options *options)
{
	static const struct option known[] = { { "only", required_argument, NULL, 'o' },
					       { "complete", no_argument, NULL, 'c' },
					       { 0 } };
	int option;

	while ((option = getopt_long(argc, argv, "v", known, NULL)) != -1) {
		if (option == 'v')
			options->verbose = true;
		else if (option == 'o')
			options->only = optarg;
		else if (option == 'c')
			options->complete = true;
		else
			return false;
	}
	if (optind + 2 != argc)
		return false;
	options->transcripts = argv[optind];
	options->table = argv[optind + 1];
	return true;
}

int main(int argc, char **argv)
{
	struct options options = { 0 };
	struct table table;
	int status = EXIT_USAGE;

	if (!parse_options(argc, argv, &options)) {
		fputs(usage, stderr);
		return EXIT_USAGE;
	}
	if (table_read(options.table, &table))
		status = run_all(&options, &table);
	table_free(&table);
	return status;
}
