#include "host.h"

#include "clock.h"
#include "log.h"

#include <otadfu/abi.h>
#include <poll.h>
#include <stdio.h>

struct call *call_of(struct otadfu_ctx *ctx)
{
	return (struct call *)ctx;
}

static int effective_cancel_fd(const struct task *task)
{
	return task->cancel_masked ? -1 : task->cancel_fd;
}

bool task_is_cancelled(const struct task *task)
{
	struct pollfd watched = { .fd = effective_cancel_fd(task), .events = POLLIN };

	return watched.fd >= 0 && poll(&watched, 1, 0) > 0;
}

int task_wait(const struct task *task, uint64_t deadline_ms)
{
	return clock_wait(task->clock, deadline_ms, effective_cancel_fd(task));
}

uint64_t task_now_ms(const struct task *task)
{
	return clock_now_ms(task->clock);
}

static void host_log(struct otadfu_ctx *ctx, uint32_t level, const char *text)
{
	struct call *call = call_of(ctx);
	const char *device = call->task->device;

	log_write(call->task->log, level, device[0] != '\0' ? device : NULL, call->plugin, "%s",
		  text);
}

static int host_fail(struct otadfu_ctx *ctx, int code, int32_t detail, const char *text)
{
	struct call *call = call_of(ctx);

	return failure_set(&call->failure, code, detail, "%s", text);
}

static int32_t host_detail(struct otadfu_ctx *ctx)
{
	const struct call *call = call_of(ctx);

	return call->link_failure ? call->link_failure->detail : call->failure.detail;
}

static void host_event(struct otadfu_ctx *ctx, const struct otadfu_event *event)
{
	struct task *task = call_of(ctx)->task;

	if (task->on_event)
		task->on_event(task->user, event);
}

static uint64_t host_now_ms(struct otadfu_ctx *ctx)
{
	return task_now_ms(call_of(ctx)->task);
}

static int host_sleep_ms(struct otadfu_ctx *ctx, uint32_t ms)
{
	const struct task *task = call_of(ctx)->task;

	return task_wait(task, task_now_ms(task) + ms);
}

static int host_use_virtual_clock(struct otadfu_ctx *ctx)
{
	return clock_make_virtual(call_of(ctx)->task->clock);
}

static int host_cancel_fd(struct otadfu_ctx *ctx)
{
	return effective_cancel_fd(call_of(ctx)->task);
}

static const char *host_option_str(struct otadfu_ctx *ctx, const char *key)
{
	return options_str(call_of(ctx)->options, key);
}

static int64_t host_option_int(struct otadfu_ctx *ctx, const char *key)
{
	return options_int(call_of(ctx)->options, key);
}

static const struct otadfu_host host_table = {
	.size = sizeof(host_table),
	.abi_version = OTADFU_ABI_VERSION,
	.log = host_log,
	.fail = host_fail,
	.detail = host_detail,
	.event = host_event,
	.now_ms = host_now_ms,
	.sleep_ms = host_sleep_ms,
	.use_virtual_clock = host_use_virtual_clock,
	.cancel_fd = host_cancel_fd,
	.option_str = host_option_str,
	.option_int = host_option_int,
};

void call_begin(struct call *call, struct task *task, const char *plugin,
		const struct options *options)
{
	*call = (struct call){
		.ctx = { .size = sizeof(call->ctx), .host = &host_table },
		.task = task,
		.plugin = plugin,
		.options = options,
	};
}

int call_explain(const struct call *call, int code, struct failure *why)
{
	const struct failure *said = &call->failure;

	/* A protocol that passes on what its link returned has no record of its own. */
	if (said->code == OTADFU_OK && call->link_failure && call->link_failure->code == code)
		said = call->link_failure;
	if (said->code != OTADFU_OK)
		*why = *said;
	else
		snprintf(why->text, sizeof(why->text), "%s", error_text(code));
	why->code = code;
	if (why->plugin[0] == '\0')
		snprintf(why->plugin, sizeof(why->plugin), "%s", call->plugin);
	return code;
}
