/* The firmware that the command line names, on its way in: read, its part chosen, judged. */
#ifndef OTADFU_CLI_INTAKE_H
#define OTADFU_CLI_INTAKE_H

#include "args.h"
#include "check.h"
#include "log.h"
#include "package.h"
#include "profile.h"

/* On the command line: exactly one firmware is named, with all that belongs to it. */
int intake_check_words(const struct args *args, struct failure *why);

/*
 * Opens the firmware and drops the images that profile's part leaves out. OTADFU_E_CONFIG for a
 * file that cannot be read, OTADFU_E_PACKAGE for one that is no package. Caller frees *ret_package.
 */
int intake_open(const struct args *args, const struct profile *profile,
		struct package **ret_package, struct failure *why);

/*
 * Judges it by itself and by what profile says of the device. Warnings go to log. What must not be
 * sent is OTADFU_E_PACKAGE, with a hint; under --force it is one more warning.
 */
int intake_judge(const struct args *args, const struct profile *profile,
		 const struct package *package, struct log *log, struct failure *why);

#endif
