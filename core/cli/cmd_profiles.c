#include "choices.h"
#include "cleanup.h"
#include "command.h"
#include "context.h"
#include "exit_status.h"
#include "json_line.h"
#include "line.h"
#include "report.h"

static void write_entry(const struct profile_entry *entry)
{
	const char *words = entry->problem ? entry->problem : entry->product;

	line_write(stdout, "%-16s  %s%s", entry->name, entry->problem ? "cannot be used: " : "",
		   words ? words : "");
}

static void write_entry_object(const struct profile_entry *entry)
{
	json_line_write(stdout,
			json_pack("{s:s, s:o, s:o, s:o, s:o}", "event", "profile", "name",
				  json_line_text(entry->name), "file", json_line_text(entry->path),
				  "product", json_line_text(entry->product), "problem",
				  json_line_text(entry->problem)));
}

static int list_all(const struct context *context, struct failure *why)
{
	AUTO_FREE char *shipped = context_profile_dir();
	const char *const dirs[] = { shipped, NULL };
	struct profile_list list;
	int r = profile_list(dirs, &list, why);

	if (r < 0)
		return r;
	for (size_t i = 0; i < list.count; i++) {
		if (args_count(&context->args, ARG_JSON))
			write_entry_object(&list.items[i]);
		else
			write_entry(&list.items[i]);
	}
	profile_list_clear(&list);
	return OTADFU_OK;
}

static void write_value(void *user, const char *key, const char *value, const char *origin)
{
	(void)user;
	line_write(stdout, "%-26s  %-24s  (%s)", key, value, origin);
}

static void collect_value(void *user, const char *key, const char *value, const char *origin)
{
	json_array_append_new(user,
			      json_pack("{s:s, s:o, s:o}", "key", key, "value",
					json_line_text(value), "origin", json_line_text(origin)));
}

static void write_values_object(const struct context *context, const char *name)
{
	json_t *values = json_array();

	choices_each(context->registry, context->profile, collect_value, values);
	json_line_write(stdout, json_pack("{s:s, s:o, s:o}", "event", "profile", "name",
					  json_line_text(name), "values", values));
}

static int show_one(struct context *context, const char *name, struct failure *why)
{
	int r = context_read_plain_profile(context, name, why);

	if (r == OTADFU_OK)
		r = context_load_plugins(context, why);
	if (r == OTADFU_OK)
		r = choices_check_options(context->registry, context->profile, why);
	if (r < 0)
		return r;
	if (args_count(&context->args, ARG_JSON))
		write_values_object(context, name);
	else
		choices_each(context->registry, context->profile, write_value, NULL);
	return OTADFU_OK;
}

int cmd_profiles(struct context *context)
{
	const char *name = args_text(&context->args, ARG_OPERAND);
	struct failure why = { 0 };
	int r = name ? show_one(context, name, &why) : list_all(context, &why);

	if (r < 0)
		report_failure(stderr, &why);
	return exit_status_of(r);
}
