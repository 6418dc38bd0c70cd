#include "command.h"
#include "context.h"
#include "exit_status.h"
#include "json_line.h"
#include "plugin_check.h"
#include "plugin_name.h"
#include "report.h"

#include <inttypes.h>

static const char *kind_name(const struct otadfu_option *option)
{
	static const char *const names[] = {
		[OTADFU_OPT_INT] = "int",
		[OTADFU_OPT_BOOL] = "bool",
		[OTADFU_OPT_STRING] = "string",
		[OTADFU_OPT_CHOICE] = "choice",
	};

	return names[option->kind];
}

static void print_option(const char *owner, const struct otadfu_option *option)
{
	printf("    %s.%s  %s", owner, option->key, kind_name(option));
	if (option->kind == OTADFU_OPT_INT)
		printf(" %" PRId64 "..%" PRId64, option->min, option->max);
	if (option->kind == OTADFU_OPT_CHOICE)
		printf(" %s", option->choices);
	if (option->fallback)
		printf(", default %s", option->fallback);
	printf("\n        %s\n", option->help);
}

static void print_offer(const char *what, const char *name, const char *summary,
			const struct otadfu_option *const *options, bool in_full)
{
	printf("  %-9s  %-10s  %s\n", what, name, summary);
	for (size_t i = 0; in_full && options && options[i]; i++)
		print_option(name, options[i]);
}

static void print_plugin(const struct registry_plugin *plugin, bool in_full)
{
	printf("%s: %s %s by %s, ABI %u.%u\n", plugin->path, plugin->name, plugin->version,
	       plugin->vendor, plugin->abi_version >> 16, plugin->abi_version & 0xffff);
	for (size_t i = 0; plugin->transports[i]; i++)
		print_offer("transport", plugin->transports[i]->name,
			    plugin->transports[i]->summary, plugin->transports[i]->options,
			    in_full);
	for (size_t i = 0; plugin->protocols[i]; i++)
		print_offer("protocol", plugin->protocols[i]->name, plugin->protocols[i]->summary,
			    plugin->protocols[i]->options, in_full);
}

static json_t *describe_option(const struct otadfu_option *option)
{
	json_t *object = json_pack("{s:s, s:s, s:o, s:o}", "key", option->key, "kind",
				   kind_name(option), "default", json_line_text(option->fallback),
				   "help", json_line_text(option->help));

	if (option->kind == OTADFU_OPT_INT) {
		json_object_set_new(object, "min", json_integer(option->min));
		json_object_set_new(object, "max", json_integer(option->max));
	}
	if (option->kind == OTADFU_OPT_CHOICE)
		json_object_set_new(object, "choices", json_line_text(option->choices));
	return object;
}

static json_t *describe_offer(const char *name, const char *summary,
			      const struct otadfu_option *const *options)
{
	json_t *list = json_array();

	for (size_t i = 0; options && options[i]; i++)
		json_array_append_new(list, describe_option(options[i]));
	return json_pack("{s:s, s:o, s:o}", "name", name, "summary", json_line_text(summary),
			 "options", list);
}

static void write_object(const struct registry_plugin *plugin)
{
	json_t *transports = json_array();
	json_t *protocols = json_array();
	char abi[16];

	snprintf(abi, sizeof(abi), "%u.%u", plugin->abi_version >> 16,
		 plugin->abi_version & 0xffff);
	for (size_t i = 0; plugin->transports[i]; i++)
		json_array_append_new(transports, describe_offer(plugin->transports[i]->name,
								 plugin->transports[i]->summary,
								 plugin->transports[i]->options));
	for (size_t i = 0; plugin->protocols[i]; i++)
		json_array_append_new(protocols, describe_offer(plugin->protocols[i]->name,
								plugin->protocols[i]->summary,
								plugin->protocols[i]->options));
	json_line_write(stdout, json_pack("{s:s, s:o, s:o, s:o, s:o, s:s, s:o, s:o}", "event",
					  "plugin", "file", json_line_text(plugin->path), "name",
					  json_line_text(plugin->name), "version",
					  json_line_text(plugin->version), "vendor",
					  json_line_text(plugin->vendor), "abi", abi, "transports",
					  transports, "protocols", protocols));
}

static int write_plugins(const struct context *context, struct failure *why)
{
	const char *name = args_text(&context->args, ARG_OPERAND);
	bool json = args_count(&context->args, ARG_JSON) > 0;
	const struct registry_plugin *plugin;
	size_t written = 0;

	for (size_t i = 0; (plugin = registry_at(context->registry, i)); i++) {
		if (name && !plugin_answers_to(plugin, name))
			continue;
		if (json)
			write_object(plugin);
		else
			print_plugin(plugin, name != NULL);
		written++;
	}
	if (written > 0)
		return OTADFU_OK;
	failure_hint(why, "otadfu plugins, or name a directory with --plugin-path");
	return name ? failure_set(why, OTADFU_E_NOT_FOUND, 0, "there is no plugin \"%s\"", name)
		    : failure_set(why, OTADFU_E_NOT_FOUND, 0, "no plugin was found");
}

int cmd_plugins(struct context *context)
{
	struct failure why = { 0 };
	int r;

	if (plugin_check_words(&context->args, &why) < 0)
		return usage_error(context->command, &why);
	if (args_count(&context->args, ARG_CHECK))
		return plugin_check(context);
	r = context_load_plugins(context, &why);

	if (r == OTADFU_OK)
		r = write_plugins(context, &why);
	if (r < 0)
		report_failure(stderr, &why);
	return exit_status_of(r);
}
