/* What `otadfu doctor` has found out, and how it is told. */
#ifndef OTADFU_CLI_DIAGNOSIS_H
#define OTADFU_CLI_DIAGNOSIS_H

#include "doctor.h"
#include "machine.h"
#include "scan.h"

#include <stdio.h>

struct diagnosis {
	struct machine machine;
	const struct registry *registry;
	struct doctor doctor;

	/* Of the device that was asked about. */
	const struct otadfu_addr *device; /* NULL: none was */
	uint32_t seconds;                 /* listened for so long; 0: it could not be tried */
	struct failure listening;         /* why it was not listened for, or not to the end */
	bool is_heard;
	struct scan_device heard; /* it, or its bootloader one address on */

	int exit_status;
};

/* For people: the machine, its findings and transports; then, when it has been listened for, the
 * device. */
void diagnosis_write_machine(const struct diagnosis *diagnosis, FILE *out);
void diagnosis_write_device(const struct diagnosis *diagnosis, FILE *out);

/* For programs: all of it, in one object on one line. */
void diagnosis_write_object(const struct diagnosis *diagnosis, FILE *out);

#endif
