/* name -> transport or protocol, as plain arrays of trusted tables. */
#ifndef OTADFU_LOADER_REGISTRY_H
#define OTADFU_LOADER_REGISTRY_H

#include "error.h"

#include <otadfu/plugin.h>
#include <stddef.h>

/* One plugin library as the host knows it. Tables are the host's own widened copies. */
struct registry_plugin {
	const char *path;
	const char *name;
	const char *version;
	const char *vendor;
	uint32_t abi_version;
	const struct otadfu_transport_ops *const *transports; /* NULL-terminated, never NULL */
	const struct otadfu_protocol_ops *const *protocols;   /* NULL-terminated, never NULL */
};

struct registry;

/* NULL: out of memory. */
struct registry *registry_new(void);
/* Frees tables and records; libraries stay loaded until the process ends. */
void registry_free(struct registry *registry);

/*
 * Checks plugin as design section 4 says and copies its tables, members the plugin does not have
 * being NULL. A table of a name that is there already is refused unless it comes from a directory
 * the operator named (replaces true: it hides the older one of its kind; a transport and a protocol
 * never share a name). path is only for messages and is copied. OTADFU_E_UNSUPPORTED with the
 * reason and the path.
 */
int registry_add(struct registry *registry, const struct otadfu_plugin *plugin, const char *path,
		 bool replaces, struct failure *why);

/* NULL when there is none of that name. */
const struct otadfu_transport_ops *registry_transport(const struct registry *registry,
						      const char *name);
const struct otadfu_protocol_ops *registry_protocol(const struct registry *registry,
						    const char *name);

/* Every plugin that was added, in that order; NULL past the end. */
const struct registry_plugin *registry_at(const struct registry *registry, size_t index);
/* Every protocol by its effective name, hidden ones left out; NULL past the end. */
const struct otadfu_protocol_ops *registry_protocol_at(const struct registry *registry,
						       size_t index);
const struct otadfu_transport_ops *registry_transport_at(const struct registry *registry,
							 size_t index);

#endif
