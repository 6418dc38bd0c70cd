/* One package on its way to one device: what `update` and `recover` have in common. */
#ifndef OTADFU_CLI_DELIVERY_H
#define OTADFU_CLI_DELIVERY_H

#include "context.h"
#include "package.h"
#include "report.h"

struct delivery {
	struct context *context;
	struct report *report;
	struct package *package; /* NULL until it is prepared */
	uint64_t wait_ms;        /* as of struct session_job */
	struct session_result result;
};

/* On the command line: one firmware, and at most one device. */
int delivery_check_words(const struct args *args, struct failure *why);

/*
 * What is done to a prepared package: fills delivery->result, or returns why nothing was begun.
 * package and plugins, with all that was chosen, are there and good.
 */
typedef int delivery_fn(struct delivery *delivery, struct failure *why);

/*
 * From the profile to the report's last word. check_device says whether the profile names the
 * device as it must. Returns the exit status.
 */
int delivery_run(struct context *context, uint64_t wait_ms,
		 int (*check_device)(const struct profile *profile, struct failure *why),
		 delivery_fn *deliver);

/* The session with the device that the profile now names. */
void delivery_send(struct delivery *delivery);

#endif
