#include "plugin_name.h"

#include <string.h>

bool plugin_answers_to(const struct registry_plugin *plugin, const char *name)
{
	if (strcmp(plugin->name, name) == 0)
		return true;
	for (size_t i = 0; plugin->transports[i]; i++) {
		if (strcmp(plugin->transports[i]->name, name) == 0)
			return true;
	}
	for (size_t i = 0; plugin->protocols[i]; i++) {
		if (strcmp(plugin->protocols[i]->name, name) == 0)
			return true;
	}
	return false;
}
