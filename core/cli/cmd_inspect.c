#include "command.h"
#include "context.h"
#include "exit_status.h"
#include "inspect_json.h"
#include "inspect_words.h"
#include "json_line.h"
#include "report.h"

static int show(const struct context *context, const struct inspection *inspection)
{
	if (args_count(&context->args, ARG_JSON))
		json_line_write(stdout, inspect_json(inspection));
	else
		inspect_write_words(stdout, inspection);
	return inspection_is_refused(inspection) ? EXIT_STATUS_REFUSED : EXIT_STATUS_DONE;
}

static int inspect(struct context *context, struct failure *why)
{
	const char *path = args_text(&context->args, ARG_OPERAND);
	const char *range_text = args_text(&context->args, ARG_RANGE);
	struct ihex_range range = { 0 };
	struct inspection inspection = { 0 };
	struct check_facts facts;
	int r = context_read_profile(context, why);
	int status;

	if (r == OTADFU_OK && range_text)
		r = ihex_parse_range(range_text, &range, why);
	if (r < 0)
		return exit_status_of(r);
	check_facts_from_profile(context->profile, &facts);
	r = inspection_read(path, &range, &facts, &inspection, why);
	status = r == OTADFU_OK ? show(context, &inspection) : exit_status_of(r);
	inspection_clear(&inspection);
	return status;
}

int cmd_inspect(struct context *context)
{
	struct failure why = { 0 };
	int status;

	if (args_count(&context->args, ARG_OPERAND) != 1) {
		failure_set(&why, OTADFU_E_CONFIG, 0, "no file was named");
		return usage_error(context->command, &why);
	}
	status = inspect(context, &why);
	if (why.code == OTADFU_OK)
		return status;
	if (args_count(&context->args, ARG_JSON))
		json_line_write(stdout,
				inspect_json_failure(args_text(&context->args, ARG_OPERAND), &why));
	report_failure(stderr, &why);
	return status;
}
