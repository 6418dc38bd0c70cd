#include "plugin_case.h"

#include "cleanup.h"
#include "file.h"
#include "loader.h"
#include "sharedlib.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define SYMBOL_FAMILY "otadfu_plugin_v"

enum { FILE_MAX = 256 * 1024 * 1024 };

static bool fail(struct conformance_finding *finding, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static bool fail(struct conformance_finding *finding, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(finding->text, sizeof(finding->text), format, args);
	va_end(args);
	return false;
}

/* --- exports --- */

/* Names of the compiler, the linker and the sanitizers begin with an underscore. */
static bool may_export(const char *name)
{
	return *name == '_' || strncmp(name, SYMBOL_FAMILY, strlen(SYMBOL_FAMILY)) == 0;
}

static bool check_exports(const struct registry_plugin *plugin, struct conformance_finding *finding)
{
	struct sharedlib_symbol symbol;
	AUTO_FREE uint8_t *bytes = NULL;
	struct failure why = { 0 };
	struct sharedlib lib;
	const char *damage;
	size_t index = 0;
	size_t len;

	if (file_read(plugin->path, FILE_MAX, OTADFU_E_CONFIG, &bytes, &len, &why) < 0)
		return fail(finding, "%.300s", why.text);
	damage = sharedlib_parse(&lib, bytes, len);
	if (damage)
		return fail(finding, "%s", damage);
	while (sharedlib_next_export(&lib, &index, &symbol)) {
		if (!may_export(symbol.name))
			return fail(finding,
				    "it exports %.100s too; build it with -fvisibility=hidden",
				    symbol.name);
	}
	return true;
}

/* --- texts --- */

static bool is_one_line(const char *text)
{
	if (!text || *text == '\0')
		return false;
	for (; *text != '\0'; text++) {
		if (iscntrl((unsigned char)*text))
			return false;
	}
	return true;
}

static bool check_line(struct conformance_finding *finding, const char *what, const char *name,
		       const char *text)
{
	return is_one_line(text) || fail(finding, "the %s of %s is not one line", what, name);
}

static bool check_texts(const struct registry_plugin *plugin, struct conformance_finding *finding)
{
	if (!check_line(finding, "version", plugin->name, plugin->version) ||
	    !check_line(finding, "vendor", plugin->name, plugin->vendor))
		return false;
	for (size_t i = 0; plugin->transports[i]; i++) {
		if (!check_line(finding, "summary", plugin->transports[i]->name,
				plugin->transports[i]->summary))
			return false;
	}
	for (size_t i = 0; plugin->protocols[i]; i++) {
		if (!check_line(finding, "summary", plugin->protocols[i]->name,
				plugin->protocols[i]->summary))
			return false;
	}
	return true;
}

/* --- options: the loader has refused what cannot work, here is what cannot be meant --- */

static bool check_option(struct conformance_finding *finding, const struct otadfu_option *option)
{
	bool is_choice = option->kind == OTADFU_OPT_CHOICE;
	const char *choices = option->choices;

	if (!check_line(finding, "help", option->key, option->help))
		return false;
	if (!is_choice && choices)
		return fail(finding, "option %s has choices and is not a CHOICE", option->key);
	if (is_choice && (!strchr(choices, '|') || strstr(choices, "||") || *choices == '|' ||
			  choices[strlen(choices) - 1] == '|'))
		return fail(finding,
			    "option %s: its choices \"%.80s\" are not words with | between",
			    option->key, choices);
	return true;
}

static bool check_list(struct conformance_finding *finding,
		       const struct otadfu_option *const *options, size_t *count)
{
	for (; options && *options; options++, (*count)++) {
		if (!check_option(finding, *options))
			return false;
	}
	return true;
}

static bool check_options(const struct registry_plugin *plugin, struct conformance_finding *finding)
{
	size_t count = 0;

	for (size_t i = 0; plugin->transports[i]; i++) {
		if (!check_list(finding, plugin->transports[i]->options, &count))
			return false;
	}
	for (size_t i = 0; plugin->protocols[i]; i++) {
		if (!check_list(finding, plugin->protocols[i]->options, &count))
			return false;
	}
	snprintf(finding->text, sizeof(finding->text), "%zu", count);
	return true;
}

/* --- capabilities --- */

static bool check_transport(struct conformance_finding *finding,
			    const struct otadfu_transport_ops *ops)
{
	static const uint32_t known = OTADFU_TCAP_MTU_EXCHANGE | OTADFU_TCAP_PACED_WRITE_CMD |
				      OTADFU_TCAP_PARALLEL_CONNECT | OTADFU_TCAP_SCAN_AND_CONNECT;

	if (ops->caps & ~known)
		return fail(finding, "%s claims unknown capabilities %X", ops->name,
			    ops->caps & ~known);
	if (ops->caps & OTADFU_TCAP_SCAN_AND_CONNECT && !ops->scan)
		return fail(finding, "%s claims SCAN_AND_CONNECT and has no scan", ops->name);
	if (ops->link->reserved != 0)
		return fail(finding, "%s: a reserved member is not zero", ops->name);
	return true;
}

static bool check_protocol(struct conformance_finding *finding,
			   const struct otadfu_protocol_ops *ops)
{
	static const uint32_t known = OTADFU_PCAP_LEGACY_PACKAGE | OTADFU_PCAP_SECURE_PACKAGE;

	if (ops->caps & ~known)
		return fail(finding, "%s claims unknown capabilities %X", ops->name,
			    ops->caps & ~known);
	if (ops->reserved != 0)
		return fail(finding, "%s: a reserved member is not zero", ops->name);
	return true;
}

static bool check_caps(const struct registry_plugin *plugin, struct conformance_finding *finding)
{
	for (size_t i = 0; plugin->transports[i]; i++) {
		if (!check_transport(finding, plugin->transports[i]))
			return false;
	}
	for (size_t i = 0; plugin->protocols[i]; i++) {
		if (!check_protocol(finding, plugin->protocols[i]))
			return false;
	}
	return true;
}

/* --- the cases --- */

static const struct plugin_case {
	const char *name;
	const char *contract;
	bool (*run)(const struct registry_plugin *plugin, struct conformance_finding *finding);
} plugin_cases[PLUGIN_CASES] = {
	{ "loads", "the loader takes the file and its tables", NULL },
	{ "exports", "a plugin exports otadfu_plugin_v1 and nothing else", check_exports },
	{ "texts", "version, vendor and summary are one line each", check_texts },
	{ "options", "options have help, and choices that can be chosen", check_options },
	{ "caps", "capabilities are known and not contradicted by the tables", check_caps },
};

const char *plugin_case_name(size_t index)
{
	return plugin_cases[index].name;
}

int conformance_load(const struct conformance_listener *listener, const char *path,
		     bool secure_mode, struct registry *registry)
{
	struct conformance_finding finding = { .name = plugin_cases[0].name,
					       .contract = plugin_cases[0].contract };
	struct failure why = { 0 };
	int r = loader_load_file(path, secure_mode, true, registry, &why);

	if (r < 0) {
		finding.verdict = CONFORMANCE_FAILED;
		snprintf(finding.text, sizeof(finding.text), "%.200s%s%.150s", why.text,
			 *why.hint ? "; try: " : "", why.hint);
	}
	/* Without it there is nothing else to tell. */
	if (r < 0 || conformance_is_wanted(listener, finding.name))
		listener->on_finding(listener->user, &finding);
	return r;
}

void conformance_check_plugin(const struct conformance_listener *listener,
			      const struct registry_plugin *plugin)
{
	for (size_t i = 1; i < PLUGIN_CASES; i++) {
		struct conformance_finding finding = { .name = plugin_cases[i].name,
						       .contract = plugin_cases[i].contract };

		if (!conformance_is_wanted(listener, finding.name))
			continue;
		if (!plugin_cases[i].run(plugin, &finding))
			finding.verdict = CONFORMANCE_FAILED;
		listener->on_finding(listener->user, &finding);
	}
}
