#include "choices.h"
#include "command.h"
#include "context.h"
#include "exit_status.h"
#include "intake.h"
#include "report.h"
#include "terminal.h"

#include <string.h>
#include <time.h>
#include <unistd.h>

static uint64_t now_real_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000u + (uint64_t)now.tv_nsec / 1000000u;
}

/* Where the protocol is left to the probe, the session compares. */
static int check_package_kind(const struct context *context, const struct package *package,
			      struct failure *why)
{
	const char *name = context->profile->protocol.value;

	if (!name || package_is_taken(package, registry_protocol(context->registry, name)->caps))
		return OTADFU_OK;
	if (args_count(&context->args, ARG_FORCE)) {
		log_write(context->log, OTADFU_LOG_WARN, NULL, NULL,
			  "a %s package for protocol %s (forced)", package_world_name(package),
			  name);
		return OTADFU_OK;
	}
	failure_hint(why, "the package made for this device, or leave the protocol to the probe");
	return failure_set(why, OTADFU_E_PACKAGE, 0,
			   "this is a %s package, and protocol %s (%s) does not take it",
			   package_world_name(package), name, context->profile->protocol.origin);
}

/* Everything that can be found wrong before a radio is used. */
static int prepare(struct context *context, struct package **ret_package, struct failure *why)
{
	int r = context_read_profile(context, why);

	if (r == OTADFU_OK)
		r = choices_check_device(context->profile, why);
	if (r == OTADFU_OK)
		r = intake_open(&context->args, context->profile, ret_package, why);
	if (r == OTADFU_OK)
		r = intake_judge(&context->args, context->profile, *ret_package, context->log, why);
	if (r == OTADFU_OK)
		r = context_load_plugins(context, why);
	if (r == OTADFU_OK)
		r = choices_check(context->registry, context->profile, why);
	if (r == OTADFU_OK)
		r = check_package_kind(context, *ret_package, why);
	return r;
}

/* As far as the command line tells: a profile may not have been read. */
static void name_device(const struct args *args, struct session_result *result)
{
	const char *address = args_text(args, ARG_ADDRESS);
	const char *name = args_text(args, ARG_NAME);
	struct otadfu_addr addr;

	if (address && target_parse_addr(address, &addr, NULL) == OTADFU_OK)
		target_format_addr(&addr, result->device);
	else if (name)
		snprintf(result->device, sizeof(result->device), "%s", name);
}

/* The result of an update that never reached a session. */
static void describe_refusal(const struct args *args, const struct package *package,
			     const struct failure *why, struct session_result *ret_result)
{
	int exit_status = exit_status_of(why->code);
	bool refused = exit_status == EXIT_STATUS_USAGE || exit_status == EXIT_STATUS_REFUSED;

	*ret_result = (struct session_result){
		.status = refused ? SESSION_REFUSED_BY_HOST : SESSION_FAILED,
		.exit_status = exit_status,
		.failure = *why,
	};
	for (size_t i = 0; package && i < package->count; i++)
		ret_result->bytes += package->images[i].data_len;
	name_device(args, ret_result);
}

static void run_session(struct context *context, const struct package *package,
			struct report *report, struct session_result *ret_result)
{
	const struct session_job job = {
		.registry = context->registry,
		.profile = context->profile,
		.package = package,
		.clock = context->clock,
		.log = context->log,
		.cancel_fd = interrupt_cancel_fd(context->interrupt),
		.dry_run = args_count(&context->args, ARG_DRY_RUN) > 0,
		.force = args_count(&context->args, ARG_FORCE) > 0,
		.on_event = report_event,
		.user = report,
	};

	choices_explain(context->registry, context->profile, context->log);
	session_run(&job, ret_result);
}

static struct report_settings choose_report(const struct args *args)
{
	enum report_style style = REPORT_LINES;

	if (args_count(args, ARG_JSON))
		style = REPORT_JSON;
	else if (terminal_is_capable(STDOUT_FILENO))
		style = REPORT_TERMINAL;
	return (struct report_settings){
		.style = style,
		.quiet = args_count(args, ARG_QUIET) > 0,
		.out = stdout,
		.err = stderr,
		.now_ms = now_real_ms,
	};
}

static int update(struct context *context, struct report *report, int terminal_fd)
{
	struct package *package = NULL;
	struct session_result result;
	struct failure why = { 0 };
	int r = interrupt_start(terminal_fd, &context->interrupt, &why);
	int status;

	if (r == OTADFU_OK)
		r = prepare(context, &package, &why);
	if (r == OTADFU_OK)
		run_session(context, package, report, &result);
	else
		describe_refusal(&context->args, package, &why, &result);
	status = report_finish(report, &result, package);
	package_free(package);
	return status;
}

int cmd_update(struct context *context)
{
	struct report_settings settings = choose_report(&context->args);
	bool draws = settings.style == REPORT_TERMINAL;
	struct failure why = { 0 };
	struct report *report;
	int status;

	if (intake_check_words(&context->args, &why) < 0 ||
	    choices_check_words(&context->args, &why) < 0)
		return usage_error(context->command, &why);
	report = report_new(&settings);
	if (!report)
		return EXIT_STATUS_FAILED;
	if (draws)
		log_set_guard(context->log, report_log_guard(report));
	status = update(context, report, draws ? STDOUT_FILENO : -1);
	log_set_guard(context->log, NULL);
	report_free(report);
	return status;
}
