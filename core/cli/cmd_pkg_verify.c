#include "command.h"
#include "context.h"
#include "exit_status.h"
#include "inspect_json.h"
#include "inspect_words.h"
#include "inspection.h"
#include "json_line.h"
#include "line.h"
#include "report.h"
#include "version.h"

#include <string.h>

/* Keys named on the command line are meant instead of the profile's. */
static int take_keys(const struct args *args, struct check_facts *facts, struct failure *why)
{
	size_t count = args_count(args, ARG_PUBLIC_KEY);

	if (count == 0)
		return OTADFU_OK;
	if (count > KEYRING_MAX)
		return failure_set(why, OTADFU_E_CONFIG, 0, "--key may be given %d times",
				   KEYRING_MAX);
	facts->public_keys = (struct keyring_paths){ 0 };
	memcpy(facts->public_keys.items, args_list(args, ARG_PUBLIC_KEY),
	       count * sizeof(facts->public_keys.items[0]));
	return OTADFU_OK;
}

static int take_installed(const struct args *args, struct check_facts *facts, struct failure *why)
{
	const char *text = args_text(args, ARG_INSTALLED_VERSION);

	if (!text)
		return OTADFU_OK;
	if (!version_to_number(text, &facts->installed_version))
		return failure_set(why, OTADFU_E_CONFIG, 0,
				   "--installed-version wants a whole number or x.y.z, not \"%s\"",
				   text);
	facts->has_installed_version = true;
	return OTADFU_OK;
}

/* Nobody shall take "nothing is wrong with it" for "it is ours". */
static void write_verdict(const struct inspection *inspection)
{
	bool is_checked = true;

	if (inspection_is_refused(inspection))
		return;
	for (size_t i = 0; i < inspection->count; i++)
		is_checked = is_checked && inspection->images[i].signature == SIGNATURE_GOOD;
	line_write(stdout, "Nothing is wrong with it%s.",
		   is_checked ? "" : "; who made it was not checked");
}

static int show(const struct context *context, const struct inspection *inspection)
{
	if (args_count(&context->args, ARG_JSON)) {
		json_line_write(stdout, inspect_json(inspection));
	} else {
		inspect_write_words(stdout, inspection);
		write_verdict(inspection);
	}
	return inspection_is_refused(inspection) ? EXIT_STATUS_REFUSED : EXIT_STATUS_DONE;
}

static int verify(struct context *context, struct failure *why)
{
	const char *path = args_text(&context->args, ARG_OPERAND);
	struct inspection inspection;
	struct check_facts facts;
	struct package *package;
	int r = context_read_profile(context, why);
	int status;

	if (r < 0)
		return exit_status_of(r);
	check_facts_from_profile(context->profile, &facts);
	r = take_keys(&context->args, &facts, why);
	if (r == OTADFU_OK)
		r = take_installed(&context->args, &facts, why);
	if (r == OTADFU_OK)
		r = package_open_zip(path, &package, why);
	if (r < 0)
		return exit_status_of(r);
	r = inspection_of_package(path, package, &facts, &inspection, why);
	status = r == OTADFU_OK ? show(context, &inspection) : exit_status_of(r);
	inspection_clear(&inspection);
	return status;
}

int cmd_pkg_verify(struct context *context)
{
	const char *path = args_text(&context->args, ARG_OPERAND);
	struct failure why = { 0 };
	int status;

	if (!path) {
		failure_set(&why, OTADFU_E_CONFIG, 0, "no package was named");
		return usage_error(context->command, &why);
	}
	status = verify(context, &why);
	if (why.code == OTADFU_OK)
		return status;
	if (args_count(&context->args, ARG_JSON))
		json_line_write(stdout, inspect_json_failure(path, &why));
	report_failure(stderr, &why);
	return status;
}
