/* A package on its way out: judged, written, told of. */
#ifndef OTADFU_CLI_PACKING_H
#define OTADFU_CLI_PACKING_H

#include "context.h"
#include "package.h"

/*
 * Judges package as `update` would, with what the profile requires of the device, and writes it to
 * path, where nothing is replaced without --overwrite. Warnings go to the log, a line for each
 * image to standard output; with --json what `inspect --json` would say of the file. package is
 * taken over. OTADFU_E_PACKAGE, and nothing written, for one that would not be sent.
 */
int packing_finish(struct context *context, struct package *package, const char *path,
		   struct failure *why);

#endif
