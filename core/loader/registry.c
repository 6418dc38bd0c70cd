#include "registry.h"

#include "tables.h"

#include <stdlib.h>
#include <string.h>

struct registry {
	struct tables **items; /* in the order of adding: a later one hides an earlier one */
	size_t count;
};

struct registry *registry_new(void)
{
	return calloc(1, sizeof(struct registry));
}

void registry_free(struct registry *registry)
{
	if (!registry)
		return;
	for (size_t i = 0; i < registry->count; i++)
		tables_free(registry->items[i]);
	free(registry->items);
	free(registry);
}

const struct registry_plugin *registry_at(const struct registry *registry, size_t index)
{
	return index < registry->count ? &registry->items[index]->plugin : NULL;
}

static const struct otadfu_transport_ops *find_transport(const struct registry_plugin *plugin,
							 const char *name)
{
	for (size_t i = 0; plugin->transports[i]; i++) {
		if (strcmp(plugin->transports[i]->name, name) == 0)
			return plugin->transports[i];
	}
	return NULL;
}

static const struct otadfu_protocol_ops *find_protocol(const struct registry_plugin *plugin,
						       const char *name)
{
	for (size_t i = 0; plugin->protocols[i]; i++) {
		if (strcmp(plugin->protocols[i]->name, name) == 0)
			return plugin->protocols[i];
	}
	return NULL;
}

const struct otadfu_transport_ops *registry_transport(const struct registry *registry,
						      const char *name)
{
	const struct otadfu_transport_ops *found = NULL;

	for (size_t i = registry->count; i-- > 0 && !found;)
		found = find_transport(&registry->items[i]->plugin, name);
	return found;
}

const struct otadfu_protocol_ops *registry_protocol(const struct registry *registry,
						    const char *name)
{
	const struct otadfu_protocol_ops *found = NULL;

	for (size_t i = registry->count; i-- > 0 && !found;)
		found = find_protocol(&registry->items[i]->plugin, name);
	return found;
}

const struct otadfu_transport_ops *registry_transport_at(const struct registry *registry,
							 size_t index)
{
	for (size_t i = 0; i < registry->count; i++) {
		const struct registry_plugin *plugin = &registry->items[i]->plugin;

		for (size_t j = 0; plugin->transports[j]; j++) {
			const struct otadfu_transport_ops *ops = plugin->transports[j];

			if (registry_transport(registry, ops->name) == ops && index-- == 0)
				return ops;
		}
	}
	return NULL;
}

const struct otadfu_protocol_ops *registry_protocol_at(const struct registry *registry,
						       size_t index)
{
	for (size_t i = 0; i < registry->count; i++) {
		const struct registry_plugin *plugin = &registry->items[i]->plugin;

		for (size_t j = 0; plugin->protocols[j]; j++) {
			const struct otadfu_protocol_ops *ops = plugin->protocols[j];

			if (registry_protocol(registry, ops->name) == ops && index-- == 0)
				return ops;
		}
	}
	return NULL;
}

/* The plugin whose table of that name is in force, of either kind. */
static const struct registry_plugin *find_owner(const struct registry *registry, const char *name)
{
	for (size_t i = registry->count; i-- > 0;) {
		const struct registry_plugin *plugin = &registry->items[i]->plugin;

		if (find_transport(plugin, name) || find_protocol(plugin, name))
			return plugin;
	}
	return NULL;
}

/*
 * One name, one table: a profile gives options by name alone, so a transport and a protocol may
 * not share one either.
 */
static int check_name(const struct registry *registry, const struct registry_plugin *plugin,
		      const char *name, bool is_transport, bool replaces, struct failure *why)
{
	const struct registry_plugin *owner = find_owner(registry, name);

	if (!owner)
		return OTADFU_OK;
	if (is_transport ? !find_transport(owner, name) : !find_protocol(owner, name))
		return failure_set(why, OTADFU_E_UNSUPPORTED, 0,
				   "%s: a %s may not be named %s, %s has a %s of that name",
				   plugin->path, is_transport ? "transport" : "protocol", name,
				   owner->path, is_transport ? "protocol" : "transport");
	if (!replaces)
		return failure_set(why, OTADFU_E_UNSUPPORTED, 0, "%s: %s is there already, from %s",
				   plugin->path, name, owner->path);
	return OTADFU_OK;
}

static int refuse_twin(const struct registry_plugin *plugin, const char *name, struct failure *why)
{
	return failure_set(why, OTADFU_E_UNSUPPORTED, 0, "%s: it names two of its tables %s",
			   plugin->path, name);
}

static int check_names(const struct registry *registry, const struct registry_plugin *plugin,
		       bool replaces, struct failure *why)
{
	int r = OTADFU_OK;

	for (size_t i = 0; plugin->transports[i] && r == OTADFU_OK; i++) {
		const char *name = plugin->transports[i]->name;

		if (find_transport(plugin, name) != plugin->transports[i] ||
		    find_protocol(plugin, name))
			return refuse_twin(plugin, name, why);
		r = check_name(registry, plugin, name, true, replaces, why);
	}
	for (size_t i = 0; plugin->protocols[i] && r == OTADFU_OK; i++) {
		const char *name = plugin->protocols[i]->name;

		if (find_protocol(plugin, name) != plugin->protocols[i])
			return refuse_twin(plugin, name, why);
		r = check_name(registry, plugin, name, false, replaces, why);
	}
	return r;
}

static int append(struct registry *registry, struct tables *tables)
{
	struct tables **items =
		reallocarray(registry->items, registry->count + 1, sizeof(*registry->items));

	if (!items)
		return OTADFU_E_NOMEM;
	registry->items = items;
	registry->items[registry->count++] = tables;
	return OTADFU_OK;
}

int registry_add(struct registry *registry, const struct otadfu_plugin *plugin, const char *path,
		 bool replaces, struct failure *why)
{
	struct tables *tables;
	int r = tables_copy(plugin, path, &tables, why);

	if (r < 0)
		return r;
	r = check_names(registry, &tables->plugin, replaces, why);
	if (r == OTADFU_OK)
		r = append(registry, tables);
	if (r < 0)
		tables_free(tables);
	return r;
}
