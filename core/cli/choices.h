/* What profile and command line chose, against what the plugins offer. */
#ifndef OTADFU_CLI_CHOICES_H
#define OTADFU_CLI_CHOICES_H

#include "log.h"
#include "profile.h"
#include "registry.h"

/*
 * Everything chosen must exist: the transport, the protocol, each option and its value. CONFIG
 * when no transport was chosen or an option is wrong, NOT_FOUND for a name no plugin has; both
 * tell what there is.
 */
int choices_check(const struct registry *registry, const struct profile *profile,
		  struct failure *why);

/* Tells the log, as info, each value and where it came from. For choices that were checked. */
void choices_explain(const struct registry *registry, const struct profile *profile,
		     struct log *log);

#endif
