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
#include "scan.h"

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

/* The same without the command line: the profile of that name or file; NULL: defaults alone. */
int context_read_plain_profile(struct context *context, const char *name, struct failure *why);

/* Where profiles are found by name. Caller frees; NULL: out of memory. */
char *context_profile_dir(void);

/* Every plugin there is: built in, in OTADFU_PLUGIN_PATH, in --plugin-path. */
int context_load_plugins(struct context *context, struct failure *why);

/* Interrupts, profile and plugins, and everything chosen exists: for a command that uses a radio.
 */
int context_prepare_radio(struct context *context, struct failure *why);

/* scan_run over what context_prepare_radio made ready. Caller frees *ret_devices. */
int context_scan(struct context *context, uint32_t seconds, struct scan_device **ret_devices,
		 size_t *ret_count, struct failure *why);

void context_free(struct context *context);

#endif
