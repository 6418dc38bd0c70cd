/*
 * Runs otadfu as its users do: as a process, on pipes or on a terminal of its own. Whatever goes
 * wrong in here fails the test that called.
 */
#ifndef OTADFU_E2E_RUN_H
#define OTADFU_E2E_RUN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The program under test: $OTADFU_PROGRAM, or the one of this build. */
const char *run_otadfu_path(void);

enum { RUN_TIMEOUT_MS = 90000 };

/* All may be 0. */
struct run_settings {
	const char *const *environment; /* "NAME=VALUE", added to ours; NULL-terminated */
	const char *directory;          /* to start in */
	const char *stdout_path;        /* where standard output goes instead of out */
	unsigned columns;               /* not 0: on a terminal so wide; out holds everything */
	unsigned timeout_ms;            /* 0: RUN_TIMEOUT_MS */
	bool close_stdout;              /* the reader of standard output goes away at once */
};

struct run_result {
	int status; /* the exit status; negative: the signal that ended it */
	char *out;  /* NUL-terminated */
	char *err;
	size_t out_len, err_len;
	uint64_t duration_ms;
};

struct run;

/* Starts argv[0] with argv (NULL-terminated). settings may be NULL. */
struct run *run_start(const struct run_settings *settings, const char *const *argv);

/* Waits until standard output, or what the terminal shows, holds text. */
void run_wait_for(struct run *run, const char *text);

/* Waits until it has written so many bytes, on standard output and standard error together, or has
 * closed both. */
void run_wait_for_bytes(struct run *run, size_t bytes);

/* Since the start. */
uint64_t run_elapsed_ms(const struct run *run);

void run_send_signal(struct run *run, int signal);

/* Types on the terminal; "\x03" is Ctrl-C. */
void run_type(struct run *run, const char *text);

/* Waits for the end. Frees run. Needs run_result_clear. */
struct run_result run_finish(struct run *run);

void run_result_clear(struct run_result *result);

/* From start to end: otadfu with the words given. */
struct run_result run_otadfu_words(const struct run_settings *settings, const char *const *words);
#define run_otadfu(...) run_otadfu_words(NULL, (const char *const[]){ __VA_ARGS__, NULL })
#define run_otadfu_with(settings, ...)                                                             \
	run_otadfu_words(settings, (const char *const[]){ __VA_ARGS__, NULL })

/* Fails, showing all of it, unless text holds part. */
void assert_contains(const char *text, const char *part);
void assert_lacks(const char *text, const char *part);

#endif
