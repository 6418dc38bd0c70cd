/* A plugin's tables, checked against design section 4 and copied into the host's own. */
#ifndef OTADFU_LOADER_TABLES_H
#define OTADFU_LOADER_TABLES_H

#include "registry.h"

/* The integers that stand first in struct otadfu_plugin in every major version. */
struct tables_header {
	uint32_t magic;
	uint32_t abi_version;
	uint32_t size;
};

/* OTADFU_E_UNSUPPORTED, with the reason and what to do, for a plugin this host cannot speak to. All
 * that can be told from the file alone. */
int tables_check_header(const struct tables_header *header, const char *path, struct failure *why);

/* Owns everything plugin points to but the strings, which stay in the library. */
struct tables {
	struct registry_plugin plugin;
	struct tables_block *blocks;
};

/*
 * Checks every struct reached from plugin: its size, its required members, names and options.
 * Copies each into a zeroed struct of this host's size, so a member that is newer than the plugin
 * is NULL. OTADFU_E_UNSUPPORTED names file, table and member. Caller frees *ret_tables.
 */
int tables_copy(const struct otadfu_plugin *plugin, const char *path, struct tables **ret_tables,
		struct failure *why);
void tables_free(struct tables *tables);

#endif
