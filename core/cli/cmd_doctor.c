#include "choices.h"
#include "cleanup.h"
#include "command.h"
#include "context.h"
#include "diagnosis.h"
#include "exit_status.h"
#include "line.h"
#include "report.h"
#include "seconds.h"

/* Better at its own address than in its bootloader, where a neighbour may be as well. */
static void find_heard(const struct scan_device *devices, size_t count, struct diagnosis *diagnosis)
{
	const struct otadfu_addr bootloader = target_neighbour(diagnosis->device, 1);

	for (size_t i = 0; i < count; i++) {
		bool is_it = target_same_addr(&devices[i].addr, diagnosis->device);

		if (!is_it && (diagnosis->is_heard || devices[i].mode != OTADFU_MODE_BOOTLOADER ||
			       !target_same_addr(&devices[i].addr, &bootloader)))
			continue;
		diagnosis->heard = devices[i];
		diagnosis->is_heard = true;
		if (is_it)
			return;
	}
}

/* Over what an update would use. */
static void listen_for_device(struct context *context, uint32_t seconds,
			      struct diagnosis *diagnosis)
{
	const struct otadfu_transport_ops *choice = diagnosis->doctor.choice;
	AUTO_FREE struct scan_device *devices = NULL;
	struct failure *why = &diagnosis->listening;
	size_t count = 0;
	int r = profile_set_text(&context->profile->transport, choice->name, "doctor");

	if (r < 0)
		failure_set(why, r, 0, "out of memory");
	else if (context_scan(context, seconds, &devices, &count, why) == OTADFU_OK)
		find_heard(devices, count, diagnosis);
}

static int judge(const struct diagnosis *diagnosis)
{
	const struct doctor *doctor = &diagnosis->doctor;

	if (diagnosis->listening.code == OTADFU_E_CANCELLED)
		return EXIT_STATUS_INTERRUPTED;
	if (!doctor->choice || doctor->device_is_blocked)
		return EXIT_STATUS_MACHINE;
	switch (diagnosis->listening.code) {
	case OTADFU_OK:
		return diagnosis->device && !diagnosis->is_heard ? EXIT_STATUS_FAILED
								 : EXIT_STATUS_DONE;
	case OTADFU_E_UNSUPPORTED: /* an address will do without */
		return EXIT_STATUS_DONE;
	case OTADFU_E_CONFIG:
		return EXIT_STATUS_USAGE;
	default:
		return EXIT_STATUS_MACHINE;
	}
}

static void tell(struct context *context, uint32_t seconds, struct diagnosis *diagnosis)
{
	const struct otadfu_transport_ops *choice = diagnosis->doctor.choice;
	bool json = args_count(&context->args, ARG_JSON) > 0;
	bool words = !json && !args_count(&context->args, ARG_QUIET);

	machine_look(&diagnosis->machine);
	if (words)
		diagnosis_write_machine(diagnosis, stdout);
	if (choice && choice->scan && diagnosis->device)
		diagnosis->seconds = seconds;
	if (words && diagnosis->seconds > 0)
		line_write(stdout, "Listening for %u s ...", (unsigned)seconds);
	if (choice && diagnosis->device)
		listen_for_device(context, seconds, diagnosis);
	diagnosis->exit_status = judge(diagnosis);
	if (words && diagnosis->device)
		diagnosis_write_device(diagnosis, stdout);
	if (json)
		diagnosis_write_object(diagnosis, stdout);
}

static int diagnose(struct context *context, uint32_t seconds, struct failure *why)
{
	const char *address = context->profile->match_address.value;
	struct diagnosis diagnosis = { .registry = context->registry };
	struct otadfu_addr device;
	struct doctor_job job = {
		.registry = context->registry,
		.profile = context->profile,
		.clock = context->clock,
		.log = context->log,
		.cancel_fd = interrupt_cancel_fd(context->interrupt),
	};
	int r = address ? target_parse_addr(address, &device, why) : OTADFU_OK;

	if (address)
		job.device = diagnosis.device = &device;
	if (r == OTADFU_OK)
		r = doctor_examine(&job, &diagnosis.doctor, why);
	if (r < 0)
		return exit_status_of(r);
	choices_explain(context->registry, context->profile, context->log);
	tell(context, seconds, &diagnosis);
	doctor_clear(&diagnosis.doctor);
	return diagnosis.exit_status;
}

int cmd_doctor(struct context *context)
{
	struct failure why = { 0 };
	uint32_t seconds = 0;
	int status, r;

	if (seconds_to_listen(&context->args, &seconds, &why) < 0)
		return usage_error(context->command, &why);
	r = context_prepare_radio(context, &why);
	status = r == OTADFU_OK ? diagnose(context, seconds, &why) : exit_status_of(r);
	if (why.code != OTADFU_OK)
		report_failure(stderr, &why);
	return status;
}
