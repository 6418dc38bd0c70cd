/* The services a plugin may ask of its host, for one line of work. */
#ifndef OTADFU_ENGINE_HOST_H
#define OTADFU_ENGINE_HOST_H

#include "error.h"
#include "options.h"
#include "target.h"

#include <otadfu/host.h>
#include <stdbool.h>

struct clock;
struct gatt;
struct log;

typedef void task_event_fn(void *user, const struct otadfu_event *event);

/* One line of work on one thread. Pointers are borrowed. */
struct task {
	struct clock *clock;
	struct log *log;
	int cancel_fd;
	bool cancel_masked;           /* abort runs: nothing may interrupt it */
	char device[TARGET_NAME_MAX]; /* for the log; empty: none yet */
	task_event_fn *on_event;
	void *user;
};

bool task_is_cancelled(const struct task *task);

/* Waits until then; OTADFU_E_CANCELLED as soon as the task is cancelled. */
int task_wait(const struct task *task, uint64_t deadline_ms);
uint64_t task_now_ms(const struct task *task);

/*
 * One call into a plugin: the ctx it gets, in the name of which options are looked up, and the
 * record of its failure.
 */
struct call {
	struct otadfu_ctx ctx; /* first: the host finds the call by its ctx */
	struct task *task;
	const char *plugin;
	const struct options *options;
	struct gatt *gatt;                  /* of a protocol's call, as the next */
	const struct failure *link_failure; /* of its last verb; code 0: it succeeded */
	struct failure failure;
};

void call_begin(struct call *call, struct task *task, const char *plugin,
		const struct options *options);

/*
 * Copies to *why what the plugin said of the failure it returned, or the code in words where it
 * said nothing, and returns code.
 */
int call_explain(const struct call *call, int code, struct failure *why);

struct call *call_of(struct otadfu_ctx *ctx);

#endif
