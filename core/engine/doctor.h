/* What this machine has and lacks for each transport, found by looking alone. */
#ifndef OTADFU_ENGINE_DOCTOR_H
#define OTADFU_ENGINE_DOCTOR_H

#include "error.h"
#include "profile.h"
#include "registry.h"

struct clock;
struct log;

/* One thing that was found, by however many transports. Strings are owned. */
struct doctor_finding {
	char *subject;
	char *text;
	char *remedy; /* NULL: nothing to be done */
	bool hinders;
	bool is_of_device; /* told by the chosen transport, and only when asked about the device */
};

enum doctor_verdict { DOCTOR_WORKS = 1, DOCTOR_FAILS, DOCTOR_SILENT };

struct doctor_transport {
	const struct otadfu_transport_ops *ops;
	enum doctor_verdict verdict; /* SILENT: it cannot tell */
	struct failure why;          /* of FAILS */
};

struct doctor {
	struct doctor_finding *findings;
	size_t finding_count;
	struct doctor_transport *transports;
	size_t transport_count;
	/* The named one unless it fails; else the first of auto.h that would work. NULL: none. */
	const struct otadfu_transport_ops *choice;
	bool device_is_blocked; /* a finding of the device hinders, or the choice fails with it */
};

struct doctor_job {
	const struct registry *registry;
	const struct profile *profile; /* its transport, where it names one, alone is examined */
	struct clock *clock;
	struct log *log;
	int cancel_fd;
	const struct otadfu_addr *device; /* NULL: none in particular */
};

/*
 * OTADFU_OK however bad it looks; CANCELLED, NOMEM, or CONFIG for options that are wrong. Needs
 * doctor_clear after success only.
 */
int doctor_examine(const struct doctor_job *job, struct doctor *ret_doctor, struct failure *why);
void doctor_clear(struct doctor *doctor);

#endif
