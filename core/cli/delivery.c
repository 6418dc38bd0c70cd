#include "delivery.h"

#include "choices.h"
#include "exit_status.h"
#include "intake.h"
#include "terminal.h"

#include <stdio.h>
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

/* Asked before anything is sent what could only be answered after it. */
static int check_proof(const struct context *context, const struct package *package,
		       struct failure *why)
{
	const struct profile *profile = context->profile;
	char expected[SESSION_FIRMWARE_MAX];

	if (profile->verify.value == VERIFY_VERSION)
		return session_expected_version(profile, package, expected, why);
	if (args_count(&context->args, ARG_EXPECT_VERSION) == 0)
		return OTADFU_OK;
	return failure_set(why, OTADFU_E_CONFIG, 0,
			   "--expect-version goes with --verify version: nothing else reads it");
}

/* Everything that can be found wrong before a radio is used. */
static int prepare(struct delivery *delivery,
		   int (*check_device)(const struct profile *profile, struct failure *why),
		   struct failure *why)
{
	struct context *context = delivery->context;
	int r = context_read_profile(context, why);

	if (r == OTADFU_OK)
		r = check_device(context->profile, why);
	if (r == OTADFU_OK)
		r = intake_open(&context->args, context->profile, &delivery->package, why);
	if (r == OTADFU_OK)
		r = intake_judge(&context->args, context->profile, delivery->package, context->log,
				 why);
	if (r == OTADFU_OK)
		r = check_proof(context, delivery->package, why);
	if (r == OTADFU_OK)
		r = context_load_plugins(context, why);
	if (r == OTADFU_OK)
		r = choices_check(context->registry, context->profile, why);
	if (r == OTADFU_OK)
		r = check_package_kind(context, delivery->package, why);
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

static enum session_status status_of(int exit_status)
{
	switch (exit_status) {
	case EXIT_STATUS_USAGE:
	case EXIT_STATUS_REFUSED:
		return SESSION_REFUSED_BY_HOST;
	case EXIT_STATUS_INTERRUPTED:
		return SESSION_CANCELLED;
	default:
		return SESSION_FAILED;
	}
}

/* The result of an update that never reached a session. */
static void describe_refusal(struct delivery *delivery, const struct failure *why)
{
	const struct package *package = delivery->package;
	int exit_status = exit_status_of(why->code);

	delivery->result = (struct session_result){
		.status = status_of(exit_status),
		.exit_status = exit_status,
		.failure = *why,
	};
	for (size_t i = 0; package && i < package->count; i++)
		delivery->result.bytes += package->images[i].data_len;
	name_device(&delivery->context->args, &delivery->result);
}

void delivery_send(struct delivery *delivery)
{
	struct context *context = delivery->context;
	const struct session_job job = {
		.registry = context->registry,
		.profile = context->profile,
		.package = delivery->package,
		.clock = context->clock,
		.log = context->log,
		.cancel_fd = interrupt_cancel_fd(context->interrupt),
		.dry_run = args_count(&context->args, ARG_DRY_RUN) > 0,
		.force = args_count(&context->args, ARG_FORCE) > 0,
		.wait_ms = delivery->wait_ms,
		.on_event = report_event,
		.user = delivery->report,
	};

	choices_explain(context->registry, context->profile, context->log);
	session_run(&job, &delivery->result);
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

int delivery_check_words(const struct args *args, struct failure *why)
{
	int r = intake_check_words(args, why);

	return r < 0 ? r : choices_check_words(args, why);
}

/* terminal_fd: where a bar is drawn; -1: nowhere. */
static int work(struct delivery *delivery, int terminal_fd,
		int (*check_device)(const struct profile *profile, struct failure *why),
		delivery_fn *deliver)
{
	struct failure why = { 0 };
	int r = interrupt_start(terminal_fd, &delivery->context->interrupt, &why);
	int status;

	if (r == OTADFU_OK)
		r = prepare(delivery, check_device, &why);
	if (r == OTADFU_OK)
		r = deliver(delivery, &why);
	if (r < 0)
		describe_refusal(delivery, &why);
	status = report_finish(delivery->report, &delivery->result, delivery->package);
	package_free(delivery->package);
	return status;
}

int delivery_run(struct context *context, uint64_t wait_ms,
		 int (*check_device)(const struct profile *profile, struct failure *why),
		 delivery_fn *deliver)
{
	struct report_settings settings = choose_report(&context->args);
	struct delivery delivery = { .context = context,
				     .report = report_new(&settings),
				     .wait_ms = wait_ms };
	bool draws = settings.style == REPORT_TERMINAL;
	int status;

	if (!delivery.report)
		return EXIT_STATUS_FAILED;
	if (draws)
		log_set_guard(context->log, report_log_guard(delivery.report));
	status = work(&delivery, draws ? STDOUT_FILENO : -1, check_device, deliver);
	log_set_guard(context->log, NULL);
	report_free(delivery.report);
	return status;
}
