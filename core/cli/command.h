/* The commands, and what each of them is given. */
#ifndef OTADFU_CLI_COMMAND_H
#define OTADFU_CLI_COMMAND_H

#include "args.h"

#include <stdbool.h>
#include <stddef.h>

struct context;

/* Returns the exit status. */
typedef int command_fn(struct context *context);

struct command {
	const char *name; /* one word, or two: "pkg make" */
	command_fn *run;
	unsigned options; /* ARGS_* it takes */
	size_t max_operands;
	const char *summary; /* one line */
	const char *usage;
};

command_fn cmd_update;
command_fn cmd_recover;
command_fn cmd_scan;
command_fn cmd_info;
command_fn cmd_doctor;
command_fn cmd_inspect;
command_fn cmd_gen_dat;
command_fn cmd_pkg_make;
command_fn cmd_pkg_sign;
command_fn cmd_pkg_verify;
command_fn cmd_keys_make;
command_fn cmd_keys_show;
command_fn cmd_settings_make;
command_fn cmd_settings_show;
command_fn cmd_profiles;
command_fn cmd_plugins;
command_fn cmd_help;
command_fn cmd_version;

/* The words of one command on standard output. */
void help_print_command(const struct command *command);

/*
 * The one that words (NULL-terminated) begin with, and how many of them are its name. NULL when
 * there is none. commands ends with an empty one.
 */
const struct command *command_find(const struct command *commands, const char *const *words,
				   int *ret_words);

/* Is word the first one of command's two? */
bool command_is_of(const struct command *command, const char *word);

/* There is no command that words begin with: returns OTADFU_E_CONFIG. */
int command_refuse(const struct command *commands, const char *const *words, struct failure *why);

/* A mistake on the command line: one line, and where to read more. command NULL: none was
 * understood. Returns the exit status. */
int usage_error(const struct command *command, struct failure *why);

#endif
