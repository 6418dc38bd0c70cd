/* What profile and command line chose, against what the plugins offer. */
#ifndef OTADFU_CLI_CHOICES_H
#define OTADFU_CLI_CHOICES_H

#include "args.h"
#include "log.h"
#include "profile.h"
#include "registry.h"

/*
 * Everything chosen must exist: the transport, where the choice is not left to us (auto.h), the
 * protocol, each option and its value. CONFIG when an option is wrong, NOT_FOUND for a name no
 * plugin has, which tells what there is.
 */
int choices_check(const struct registry *registry, const struct profile *profile,
		  struct failure *why);

/* On the command line: a device is named in one way, or not at all. */
int choices_check_words(const struct args *args, struct failure *why);

/* Which device is meant is known. */
int choices_check_device(const struct profile *profile, struct failure *why);

/* Each option set must be one of a plugin's, with a value it takes. CONFIG otherwise. */
int choices_check_options(const struct registry *registry, const struct profile *profile,
			  struct failure *why);

typedef void choice_fn(void *user, const char *key, const char *value, const char *origin);

/*
 * Each value of profile that is set, and each option of the transport and the protocol it names
 * (of all where it names none), defaults too: "connect.attempts", "5", "default".
 */
void choices_each(const struct registry *registry, const struct profile *profile,
		  choice_fn *on_choice, void *user);

/* Tells the log, as info, each value and where it came from. For choices that were checked. */
void choices_explain(const struct registry *registry, const struct profile *profile,
		     struct log *log);

#endif
