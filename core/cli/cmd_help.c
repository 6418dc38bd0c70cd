#include "command.h"
#include "context.h"
#include "exit_status.h"
#include "report.h"

#include <otadfu/abi.h>
#include <string.h>

enum { SECOND_WORDS_MAX = 128 };

/* How many of words are name; 0: they are another. */
static int match_name(const char *name, const char *const *words)
{
	const char *space = strchr(name, ' ');
	size_t len = space ? (size_t)(space - name) : strlen(name);

	if (!words[0] || strlen(words[0]) != len || memcmp(words[0], name, len) != 0)
		return 0;
	if (!space)
		return 1;
	return words[1] && strcmp(words[1], space + 1) == 0 ? 2 : 0;
}

const struct command *command_find(const struct command *commands, const char *const *words,
				   int *ret_words)
{
	for (const struct command *command = commands; command->name; command++) {
		int count = match_name(command->name, words);

		if (count == 0)
			continue;
		*ret_words = count;
		return command;
	}
	return NULL;
}

bool command_is_of(const struct command *command, const char *word)
{
	size_t len = strlen(word);

	return strncmp(command->name, word, len) == 0 && command->name[len] == ' ';
}

/* "make, verify, sign"; empty where word is not the first of two. */
static void list_second_words(const struct command *commands, const char *word,
			      char text[SECOND_WORDS_MAX])
{
	size_t used = 0;

	text[0] = '\0';
	for (const struct command *command = commands; command->name; command++) {
		if (command_is_of(command, word) && used < SECOND_WORDS_MAX)
			used += (size_t)snprintf(text + used, SECOND_WORDS_MAX - used, "%s%s",
						 used > 0 ? ", " : "",
						 command->name + strlen(word) + 1);
	}
}

int command_refuse(const struct command *commands, const char *const *words, struct failure *why)
{
	char seconds[SECOND_WORDS_MAX] = "";

	if (!words[0])
		return failure_set(why, OTADFU_E_CONFIG, 0, "no command was given");
	list_second_words(commands, words[0], seconds);
	if (seconds[0] == '\0')
		return failure_set(why, OTADFU_E_CONFIG, 0, "there is no command \"%s\"", words[0]);
	failure_hint(why, "otadfu help %s", words[0]);
	return failure_set(why, OTADFU_E_CONFIG, 0, "\"%s\" is followed by one of: %s", words[0],
			   seconds);
}

int usage_error(const struct command *command, struct failure *why)
{
	failure_hint(why, "otadfu help%s%s", command ? " " : "", command ? command->name : "");
	report_failure(stderr, why);
	return EXIT_STATUS_USAGE;
}

static void print_overview(const struct command *commands)
{
	printf("otadfu updates the firmware of Nordic nRF5 devices over Bluetooth LE.\n\n");
	for (const struct command *command = commands; command->name; command++)
		printf("%s\n", command->usage);
	printf("\nCommands:\n");
	for (const struct command *command = commands; command->name; command++)
		printf("  %-13s  %s\n", command->name, command->summary);
	printf("\nWithout a command, options mean update.\n"
	       "Exit status: 0 updated and proven, 1 the device or the link failed, 2 usage, "
	       "profile\n"
	       "or scenario wrong, 3 refused before anything was written, 4 the machine lacks\n"
	       "something, 5 the device refused the firmware, 6 activated but not seen again, 130\n"
	       "interrupted.\n");
}

void help_print_command(const struct command *command)
{
	printf("%s\n\n%s.\n\n", command->usage, command->summary);
	args_print_options(stdout, command->options);
}

/* All that begin with that word; false when none does. */
static bool print_family(const struct command *commands, const char *word)
{
	bool found = false;

	for (const struct command *command = commands; command->name; command++) {
		if (!command_is_of(command, word))
			continue;
		printf("%s", found ? "\n" : "");
		help_print_command(command);
		found = true;
	}
	return found;
}

int cmd_help(struct context *context)
{
	const char *const *words = args_list(&context->args, ARG_OPERAND);
	size_t count = args_count(&context->args, ARG_OPERAND);
	struct failure why = { 0 };
	const struct command *command;
	int matched;

	if (count == 0) {
		print_overview(context->commands);
		return EXIT_STATUS_DONE;
	}
	command = command_find(context->commands, words, &matched);
	if (command && count == (size_t)matched) {
		help_print_command(command);
		return EXIT_STATUS_DONE;
	}
	if (count == 1 && print_family(context->commands, words[0]))
		return EXIT_STATUS_DONE;
	command_refuse(context->commands, command ? words + matched : words, &why);
	return usage_error(NULL, &why);
}

int cmd_version(struct context *context)
{
	(void)context;
	printf("otadfu %s (plugin ABI %u.%u)\n"
	       "Licence: Apache License 2.0. There is no warranty.\n",
	       OTADFU_VERSION, OTADFU_ABI_MAJOR, OTADFU_ABI_MINOR);
	return EXIT_STATUS_DONE;
}
