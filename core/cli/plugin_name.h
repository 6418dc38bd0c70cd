/* By which names a plugin is known. */
#ifndef OTADFU_CLI_PLUGIN_NAME_H
#define OTADFU_CLI_PLUGIN_NAME_H

#include "registry.h"

#include <stdbool.h>

/* By its own, and by those of what it provides. */
bool plugin_answers_to(const struct registry_plugin *plugin, const char *name);

#endif
