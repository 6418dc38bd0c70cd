#include "command.h"
#include "context.h"
#include "exit_status.h"
#include "report.h"

#include <otadfu/abi.h>
#include <string.h>

const struct command *command_find(const struct command *commands, const char *name)
{
	for (const struct command *command = commands; command->name; command++) {
		if (strcmp(command->name, name) == 0)
			return command;
	}
	return NULL;
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
		printf("  %-8s  %s\n", command->name, command->summary);
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

int cmd_help(struct context *context)
{
	const char *name = args_text(&context->args, ARG_OPERAND);
	const struct command *command = name ? command_find(context->commands, name) : NULL;
	struct failure why = { 0 };

	if (name && !command) {
		failure_set(&why, OTADFU_E_CONFIG, 0, "there is no command \"%s\"", name);
		return usage_error(NULL, &why);
	}
	if (command)
		help_print_command(command);
	else
		print_overview(context->commands);
	return EXIT_STATUS_DONE;
}

int cmd_version(struct context *context)
{
	(void)context;
	printf("otadfu %s (plugin ABI %u.%u)\n"
	       "Licence: Apache License 2.0. There is no warranty.\n",
	       OTADFU_VERSION, OTADFU_ABI_MAJOR, OTADFU_ABI_MINOR);
	return EXIT_STATUS_DONE;
}
