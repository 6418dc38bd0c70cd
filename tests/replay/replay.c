/* replay FOLDER: plays every transcript in it and tells which the simulated device meets. */
#include "player.h"

#include "cleanup.h"

#include <dirent.h>
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char usage[] =
	"usage: replay FOLDER [-v] [--only NAME] [--expected-failures FILE]\n"
	"Plays every *.jsonl in FOLDER and its sub-folders against the simulated device.\n"
	"  -v                        show the first difference of a failed one in full\n"
	"  --only NAME               that one, with or without the name of its folder\n"
	"  --expected-failures FILE  lines \"NAME: reason\" of those that are not met yet\n";

enum { EXIT_FAILED = 1, EXIT_USAGE = 2, PATH_LEN = 4096, EXCERPT = 120 };

struct options {
	const char *folder;
	const char *only;
	bool verbose;
	json_t *not_yet; /* name: reason */
};

struct tally {
	unsigned passed, skipped;
	json_t *failed; /* names */
};

/* --- the list of those not met yet --- */

static bool read_not_yet(const char *path, json_t *ret_not_yet)
{
	AUTO_FCLOSE FILE *file = fopen(path, "re");
	AUTO_FREE char *line = NULL;
	size_t cap = 0;

	if (!file) {
		fprintf(stderr, "replay: %s: %s\n", path, strerror(errno));
		return false;
	}
	while (getline(&line, &cap, file) >= 0) {
		char *colon = strchr(line, ':');

		line[strcspn(line, "\n")] = '\0';
		if (line[0] == '\0' || line[0] == '#')
			continue;
		if (!colon || colon[1] != ' ' || colon[2] == '\0') {
			fprintf(stderr, "replay: %s: \"%s\" is not NAME: REASON\n", path, line);
			return false;
		}
		*colon = '\0';
		json_object_set_new(ret_not_yet, line, json_string(colon + 2));
	}
	return true;
}

/* --- one transcript --- */

static void fail(struct tally *tally, const char *name)
{
	json_array_append_new(tally->failed, json_string(name));
}

static void show_difference(const struct options *options, const char *name,
			    const struct difference *difference)
{
	const char *expected = difference->expected ? difference->expected : "?";
	const char *got = difference->got ? difference->got : "?";

	if (options->verbose)
		printf("%s: line %zu\n  expected %s\n  got      %s\n", name, difference->line,
		       expected, got);
	else
		printf("%s: line %zu: expected %.*s, got %.*s\n", name, difference->line, EXCERPT,
		       expected, EXCERPT, got);
}

static void judge(const struct options *options, struct tally *tally, const char *name,
		  const struct transcript *transcript)
{
	const char *reason = json_string_value(json_object_get(options->not_yet, name));
	struct difference difference;
	bool ok = player_run(transcript, &difference);

	if (ok && reason) {
		printf("%s: listed as not yet but passes: take it off the list\n", name);
		fail(tally, name);
	} else if (ok) {
		tally->passed++;
	} else if (reason) {
		printf("not yet: %s: %s\n", name, reason);
		tally->skipped++;
	} else {
		show_difference(options, name, &difference);
		fail(tally, name);
	}
	json_object_del(options->not_yet, name);
	difference_free(&difference);
}

static void play_file(const struct options *options, struct tally *tally, const char *path,
		      const char *name)
{
	struct transcript transcript;
	char why[TRANSCRIPT_WHY_MAX];

	switch (transcript_load(path, options->folder, &transcript, why)) {
	case TRANSCRIPT_READY:
		judge(options, tally, name, &transcript);
		break;
	case TRANSCRIPT_SKIPPED:
		printf("skipped: %s: %s\n", name, why);
		tally->skipped++;
		break;
	case TRANSCRIPT_BROKEN:
		printf("%s: %s\n", name, why);
		fail(tally, name);
		break;
	}
	transcript_free(&transcript);
}

/* --- folders --- */

static bool is_wanted(const struct options *options, const char *name)
{
	const char *slash = strrchr(name, '/');

	return !options->only || strcmp(options->only, name) == 0 ||
	       (slash && strcmp(options->only, slash + 1) == 0);
}

/* Every transcript below folder/inside, in the order of names. */
static bool play_folder(const struct options *options, struct tally *tally, const char *inside)
{
	static const char suffix[] = ".jsonl";
	char folder[PATH_LEN];
	struct dirent **entries;
	int count;

	snprintf(folder, sizeof(folder), "%s/%s", options->folder, inside);
	count = scandir(folder, &entries, NULL, alphasort);
	if (count < 0) {
		fprintf(stderr, "replay: %s: %s\n", folder, strerror(errno));
		return false;
	}
	for (int i = 0; i < count; i++) {
		const char *entry = entries[i]->d_name;
		size_t len = strlen(entry);
		char path[PATH_LEN + 256], name[PATH_LEN];
		bool fits = snprintf(name, sizeof(name), "%s%s%s", inside, *inside ? "/" : "",
				     entry) < (int)sizeof(name);

		snprintf(path, sizeof(path), "%s/%s", folder, entry);
		if (fits && entries[i]->d_type == DT_DIR && entry[0] != '.') {
			play_folder(options, tally, name);
		} else if (fits && len > strlen(suffix) &&
			   strcmp(entry + len - strlen(suffix), suffix) == 0) {
			name[strlen(name) - strlen(suffix)] = '\0';
			if (is_wanted(options, name))
				play_file(options, tally, path, name);
		}
		free(entries[i]);
	}
	free(entries);
	return true;
}

/* A name on the list without a transcript is a mistake of ours, too. */
static void report_unknown(const struct options *options, struct tally *tally)
{
	const char *name;
	json_t *reason;

	if (options->only)
		return;
	json_object_foreach(options->not_yet, name, reason)
	{
		printf("%s: listed as not yet, but there is no such transcript\n", name);
		fail(tally, name);
	}
}

static int sum_up(const struct tally *tally)
{
	size_t failed = json_array_size(tally->failed);
	size_t index;
	const json_t *name;

	if (failed > 0)
		printf("failed:\n");
	json_array_foreach(tally->failed, index, name) printf("  %s\n", json_string_value(name));
	printf("%u passed, %zu failed, %u skipped\n", tally->passed, failed, tally->skipped);
	if (tally->passed + failed + tally->skipped == 0) {
		fprintf(stderr, "replay: no transcript found\n");
		return EXIT_USAGE;
	}
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILED;
}

static bool parse_options(int argc, char **argv, struct options *options)
{
	static const struct option known[] = {
		{ "only", required_argument, NULL, 'o' },
		{ "expected-failures", required_argument, NULL, 'e' },
		{ 0 },
	};
	int option;

	while ((option = getopt_long(argc, argv, "v", known, NULL)) != -1) {
		if (option == 'v')
			options->verbose = true;
		else if (option == 'o')
			options->only = optarg;
		else if (option != 'e' || !read_not_yet(optarg, options->not_yet))
			return false;
	}
	if (optind + 1 != argc)
		return false;
	options->folder = argv[optind];
	return true;
}

int main(int argc, char **argv)
{
	struct options options = { .not_yet = json_object() };
	struct tally tally = { .failed = json_array() };
	int status = EXIT_USAGE;

	if (!parse_options(argc, argv, &options)) {
		fputs(usage, stderr);
	} else if (play_folder(&options, &tally, "")) {
		report_unknown(&options, &tally);
		status = sum_up(&tally);
	}
	json_decref(options.not_yet);
	json_decref(tally.failed);
	return status;
}
