/* `otadfu plugins --check`: does a plugin keep its contract? */
#ifndef OTADFU_CLI_PLUGIN_CHECK_H
#define OTADFU_CLI_PLUGIN_CHECK_H

#include "args.h"

struct context;

/* OTADFU_E_CONFIG for words of `otadfu plugins` that make no sense together or by themselves. */
int plugin_check_words(const struct args *args, struct failure *why);

/* For words that were checked. Returns the exit status. */
int plugin_check(struct context *context);

#endif
