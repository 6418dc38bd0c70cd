#include "choices.h"
#include "command.h"
#include "delivery.h"
#include "seconds.h"

static int deliver(struct delivery *delivery, struct failure *why)
{
	(void)why;
	delivery_send(delivery);
	return OTADFU_OK;
}

int cmd_update(struct context *context)
{
	struct failure why = { 0 };
	uint64_t wait_ms = 0;

	if (delivery_check_words(&context->args, &why) < 0 ||
	    seconds_to_wait(&context->args, &wait_ms, &why) < 0)
		return usage_error(context->command, &why);
	return delivery_run(context, wait_ms, choices_check_device, deliver);
}
