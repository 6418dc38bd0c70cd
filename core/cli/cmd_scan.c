#include "choices.h"
#include "cleanup.h"
#include "command.h"
#include "context.h"
#include "device_list.h"
#include "exit_status.h"
#include "report.h"
#include "seconds.h"

#include <stdio.h>

static void write_table(const struct scan_device *devices, size_t count)
{
	size_t marked = 0;

	device_list_write_table(devices, count);
	for (size_t i = 0; i < count; i++)
		marked += devices[i].protocol != NULL;
	printf("%zu device%s seen%s\n", count, count == 1 ? "" : "s",
	       marked > 0 ? "; * can be updated" : "");
}

static int scan(struct context *context, uint32_t seconds, struct failure *why)
{
	AUTO_FREE struct scan_device *devices = NULL;
	size_t count = 0;
	int r;

	choices_explain(context->registry, context->profile, context->log);
	r = context_scan(context, seconds, &devices, &count, why);
	if (r < 0)
		return r;
	if (args_count(&context->args, ARG_JSON))
		device_list_write_objects(devices, count);
	else
		write_table(devices, count);
	return OTADFU_OK;
}

int cmd_scan(struct context *context)
{
	struct failure why = { 0 };
	uint32_t seconds = 0;
	int r;

	if (seconds_to_listen(&context->args, &seconds, &why) < 0)
		return usage_error(context->command, &why);
	r = context_prepare_radio(context, &why);
	if (r == OTADFU_OK)
		r = scan(context, seconds, &why);
	if (r < 0)
		report_failure(stderr, &why);
	return exit_status_of(r);
}
