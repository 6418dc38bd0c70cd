#include "plugin_check.h"

#include "choices.h"
#include "cleanup.h"
#include "context.h"
#include "exit_status.h"
#include "plugin_name.h"
#include "plugin_report.h"
#include "report.h"
#include "text.h"

#include <string.h>
#include <sys/auxv.h>

enum { SLACK_DEFAULT_MS = 50, SLACK_MAX_MS = 1000 };

static int read_slack(const struct args *args, uint32_t *ret_slack_ms, struct failure *why)
{
	const char *text = args_text(args, ARG_SLACK);
	int64_t slack_ms = SLACK_DEFAULT_MS;

	if (text && (!text_to_int(text, &slack_ms) || slack_ms < 1 || slack_ms > SLACK_MAX_MS))
		return failure_set(why, OTADFU_E_CONFIG, 0,
				   "--slack wants a whole number of milliseconds from 1 to %d, not "
				   "\"%s\"",
				   SLACK_MAX_MS, text);
	*ret_slack_ms = (uint32_t)slack_ms;
	return OTADFU_OK;
}

static int check_pattern(const char *pattern, struct failure *why)
{
	const struct conformance_listener listener = { .patterns =
							       (const char *[]){ pattern, NULL } };
	char names[FAILURE_TEXT_MAX] = "";
	const char *name;
	size_t used = 0;

	for (size_t i = 0; (name = conformance_case_name(i)); i++) {
		if (conformance_is_wanted(&listener, name))
			return OTADFU_OK;
		if (used < sizeof(names))
			used += (size_t)snprintf(names + used, sizeof(names) - used, "%s%s",
						 used ? " " : "", name);
	}
	failure_hint(why, "%.500s", names);
	return failure_set(why, OTADFU_E_CONFIG, 0, "no case is named \"%s\"", pattern);
}

/* Words that mean nothing without another one. */
static int check_company(const struct args *args, struct failure *why)
{
	static const struct {
		enum argument argument;
		const char *word;
		enum argument needs;
		const char *needed;
	} rules[] = {
		{ ARG_PEER, "--peer", ARG_CHECK, "--check FILE.so|NAME" },
		{ ARG_CASE, "--case", ARG_CHECK, "--check FILE.so|NAME" },
		{ ARG_TRANSPORT, "--transport", ARG_PEER, "--check and --peer ADDRESS" },
		{ ARG_ADAPTER, "--adapter", ARG_PEER, "--check and --peer ADDRESS" },
		{ ARG_SET, "--set", ARG_PEER, "--check and --peer ADDRESS" },
		{ ARG_SLACK, "--slack", ARG_PEER, "--check and --peer ADDRESS" },
	};

	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
		if (args_count(args, rules[i].argument) && !args_count(args, rules[i].needs))
			return failure_set(why, OTADFU_E_CONFIG, 0, "%s goes with %s",
					   rules[i].word, rules[i].needed);
	}
	if (args_count(args, ARG_CHECK) && args_count(args, ARG_OPERAND))
		return failure_set(why, OTADFU_E_CONFIG, 0, "do not know what to do with \"%s\"",
				   args_text(args, ARG_OPERAND));
	return OTADFU_OK;
}

int plugin_check_words(const struct args *args, struct failure *why)
{
	const char *peer = args_text(args, ARG_PEER);
	struct otadfu_addr addr;
	uint32_t slack_ms;
	int r = check_company(args, why);

	if (r == OTADFU_OK && peer)
		r = target_parse_addr(peer, &addr, why);
	for (const char *const *pattern = args_list(args, ARG_CASE); *pattern && r == OTADFU_OK;
	     pattern++)
		r = check_pattern(*pattern, why);
	return r < 0 ? r : read_slack(args, &slack_ms, why);
}

/* --- which plugin --- */

static bool is_path(const char *word)
{
	size_t len = strlen(word);

	return strchr(word, '/') || (len > 3 && strcmp(word + len - 3, ".so") == 0);
}

/* Who may name a file could run code of his own with our privileges. */
static int allow_file(const char *path, struct failure *why)
{
	if (getauxval(AT_SECURE) == 0)
		return OTADFU_OK;
	return failure_set(why, OTADFU_E_PERMISSION, 0,
			   "%s is refused: otadfu runs with more privileges than its caller", path);
}

/* The last to answer is the one in force. */
static int find_by_name(struct context *context, const char *name, char **ret_path,
			struct failure *why)
{
	const struct registry_plugin *plugin;
	const char *path = NULL;
	int r = context_load_plugins(context, why);

	for (size_t i = 0; r == OTADFU_OK && (plugin = registry_at(context->registry, i)); i++) {
		if (plugin_answers_to(plugin, name))
			path = plugin->path;
	}
	if (r < 0)
		return r;
	if (!path) {
		failure_hint(why, "otadfu plugins, or name its file");
		return failure_set(why, OTADFU_E_NOT_FOUND, 0, "there is no plugin \"%s\"", name);
	}
	*ret_path = strdup(path);
	return *ret_path ? OTADFU_OK : failure_set(why, OTADFU_E_NOMEM, 0, "out of memory");
}

static int find_file(struct context *context, const char *word, char **ret_path,
		     struct failure *why)
{
	if (!is_path(word))
		return find_by_name(context, word, ret_path, why);
	*ret_path = strdup(word);
	return *ret_path ? allow_file(word, why)
			 : failure_set(why, OTADFU_E_NOMEM, 0, "out of memory");
}

/* --- the live part --- */

/* The one that was named, in either way, or the only one. */
static int choose_transport(const struct args *args, const struct registry_plugin *plugin,
			    const struct otadfu_transport_ops **ret_transport, struct failure *why)
{
	const char *named = args_text(args, ARG_TRANSPORT);
	const char *word = args_text(args, ARG_CHECK);

	for (size_t i = 0; plugin->transports[i]; i++) {
		const char *name = plugin->transports[i]->name;
		bool is_meant = named ? strcmp(name, named) == 0 : strcmp(name, word) == 0;

		if (is_meant || (!named && !plugin->transports[1])) {
			*ret_transport = plugin->transports[i];
			return OTADFU_OK;
		}
	}
	if (named)
		return failure_set(why, OTADFU_E_CONFIG, 0, "%s has no transport \"%s\"",
				   plugin->name, named);
	if (!plugin->transports[0])
		return failure_set(why, OTADFU_E_CONFIG, 0,
				   "%s has no transport that a --peer could show anything of",
				   plugin->name);
	failure_hint(why, "--transport NAME");
	return failure_set(why, OTADFU_E_CONFIG, 0, "%s has several transports", plugin->name);
}

static int check_live(struct context *context, const struct conformance_listener *listener,
		      struct failure *why)
{
	struct conformance_job job = {
		.clock = context->clock,
		.log = context->log,
		.interrupt_fd = interrupt_cancel_fd(context->interrupt),
	};
	struct options *options = NULL;
	int r = choose_transport(&context->args, registry_at(context->registry, 0), &job.transport,
				 why);

	if (r == OTADFU_OK)
		r = context_read_profile(context, why);
	if (r == OTADFU_OK)
		r = choices_check_options(context->registry, context->profile, why);
	if (r == OTADFU_OK)
		r = target_parse_addr(args_text(&context->args, ARG_PEER), &job.peer, why);
	if (r == OTADFU_OK)
		r = read_slack(&context->args, &job.slack_ms, why);
	if (r == OTADFU_OK)
		r = options_resolve(job.transport->name, job.transport->options,
				    &context->profile->settings, &options, why);
	if (r < 0)
		return r;
	job.options = options;
	job.adapter = context->profile->adapter.value;
	r = conformance_check_transport(listener, &job, why);
	options_free(options);
	return r;
}

/* Only what is in this file: a setting of another plugin is a mistake here. */
static int check_file(struct context *context, const char *path,
		      const struct conformance_listener *listener, struct failure *why)
{
	registry_free(context->registry);
	context->registry = registry_new();
	if (!context->registry)
		return failure_set(why, OTADFU_E_NOMEM, 0, "out of memory");
	/* That it does not load is a finding, not the end of the world. */
	if (conformance_load(listener, path, getauxval(AT_SECURE) != 0, context->registry) < 0)
		return OTADFU_OK;
	conformance_check_plugin(listener, registry_at(context->registry, 0));
	return args_count(&context->args, ARG_PEER) ? check_live(context, listener, why)
						    : OTADFU_OK;
}

/* An adapter that is missing or busy is the machine's fault, not the plugin's. */
static int status_of(const struct plugin_report *report, int r)
{
	if (r == OTADFU_OK)
		return report->counts[CONFORMANCE_FAILED] ? EXIT_STATUS_FAILED : EXIT_STATUS_DONE;
	return r == OTADFU_E_CONFIG || r == OTADFU_E_CANCELLED ? exit_status_of(r)
							       : EXIT_STATUS_MACHINE;
}

int plugin_check(struct context *context)
{
	const struct args *args = &context->args;
	struct plugin_report report = {
		.json = args_count(args, ARG_JSON) > 0,
		.quiet = args_count(args, ARG_QUIET) > 0,
	};
	const struct conformance_listener listener = {
		.on_finding = plugin_report_finding,
		.user = &report,
		.patterns = args_list(args, ARG_CASE),
	};
	bool live = args_count(args, ARG_PEER) > 0;
	AUTO_FREE char *path = NULL;
	struct failure why = { 0 };
	int r = interrupt_start(-1, &context->interrupt, &why);

	if (r == OTADFU_OK)
		r = find_file(context, args_text(args, ARG_CHECK), &path, &why);
	if (r == OTADFU_OK)
		r = check_file(context, path, &listener, &why);
	if (r == OTADFU_OK)
		plugin_report_totals(&report, path, live ? 0 : conformance_live_count());
	else
		report_failure(stderr, &why);
	return status_of(&report, r);
}
