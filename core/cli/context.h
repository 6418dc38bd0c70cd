/* What the commands share: the command line, the profile under it, the plugins, log and clock. */
#ifndef OTADFU_CLI_CONTEXT_H
#define OTADFU_CLI_CONTEXT_H

#include "args.h"
#include "clock.h"
#include "command.h"
#include "interrupt.h"
#include "log.h"
#include "profile.h"
#include "registry.h"

struct context {
	const struct command *commands; /* ends with an empty one */
	const struct command *command;  /* the one that runs */
	struct args args;
	struct log *log;
	struct clock *clock;
	/* From here NULL until a command asks for it. */
	struct profile *profile;
	struct registry *registry;
	struct interrupt *interrupt;
};

/* Defaults, the profile, and the command line over both. */
int context_read_profile(struct context *context, struct failure *why);

/* Every plugin there is: built in, in OTADFU_PLUGIN_PATH, in --plugin-path. */
int context_load_plugins(struct context *context, struct failure *why);

void context_free(struct context *context);

#endif
